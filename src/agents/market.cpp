#include "agents/market.hpp"

#include "agents/market_impl.hpp"

#include <iterator>
#include <utility>

namespace headroom::agents {
namespace {

constexpr std::size_t traced_events_max = 2000;
constexpr std::size_t runs_at_start = 4096;

}  // namespace

Market::Market(Parts parts, MarketOptions options, std::vector<MarketPeer> peers)
    : impl_(std::make_shared<Impl>(std::move(parts), std::move(options), std::move(peers))) {}

Market::~Market() = default;

Awaitable<Result<SearchResult>> Market::search(risk::Overload overload,
                                               std::vector<std::string> feeders_below) {
    return impl_->search(std::move(overload), std::move(feeders_below));
}
Awaitable<Result<SearchResult>> Market::search_windows(EventId event, UtcTime from) {
    return impl_->search_windows(std::move(event), from);
}

Awaitable<Result<flex::Contract>> Market::contract(flex::Contract wanted, Licence licence) {
    return impl_->contract(std::move(wanted), std::move(licence));
}

Awaitable<Result<flex::Contract>> Market::activate(flex::Contract contract) {
    return impl_->ask(std::move(contract), beckn::saga_event::Activate{});
}

Awaitable<Result<flex::Contract>> Market::status(flex::Contract contract) {
    return impl_->ask(std::move(contract), beckn::saga_event::AskStatus{});
}

Awaitable<Result<flex::Contract>> Market::cancel(flex::Contract contract, std::string reason) {
    return impl_->ask(std::move(contract), beckn::saga_event::Cancel{clean_text(reason)});
}

Awaitable<net::Response> Market::on_callback(std::string action, net::Request request) {
    return impl_->on_callback(std::move(action), std::move(request));
}

net::Response Market::health() const {
    return impl_->health();
}

Awaitable<Result<void>> Market::recover() {
    return impl_->recover();
}

void Market::on_unsolicited(std::function<void(flex::Contract)> handler) {
    impl_->unsolicited = std::move(handler);
}

std::vector<MessageTrace> Market::trace(const EventId& event) const {
    return impl_->trace(event);
}

Awaitable<Result<std::string>> Market::capture(EventId event) {
    return impl_->capture(std::move(event));
}

Market::Impl::Impl(Parts parts, MarketOptions options, std::vector<MarketPeer> peers)
    : parts_(std::move(parts)),
      options_(std::move(options)),
      peers_(std::make_move_iterator(peers.begin()), std::make_move_iterator(peers.end())),
      signer_{options_.subscriber_id, options_.key_id, parts_.key},
      correlator_(options_.weak_correlation),
      public_key_base64_(to_base64(signer_.key.public_key())) {
    // Room beforehand: a table that grows in the middle of an event sorts all it has anew.
    traces_.reserve(traced_events_max);
    search_rounds_.reserve(traced_events_max);
    runs_.reserve(runs_at_start);
    for (const MarketPeer& peer : peers_) {
        keys_[peer.id] = {.subscriber = peer.subscriber_id,
                          .key = peer.key_id,
                          .signing = peer.public_key,
                          .url = peer.url,
                          .type = peer.goods == PeerGoods::search ? beckn::ParticipantType::gateway
                                                                  : beckn::ParticipantType::unknown};
    }
}

std::vector<MessageTrace> Market::Impl::trace(const EventId& event) const {
    const auto found = traces_.find(event.value);
    return found == traces_.end() ? std::vector<MessageTrace>{} : found->second;
}

void Market::Impl::add_trace(const EventId& event, MessageTrace trace) {
    constexpr std::size_t messages_max = 500;
    if (event.empty()) {
        return;
    }
    const auto [found, is_new] = traces_.try_emplace(event.value);
    if (is_new) {
        trace_order_.push_back(event.value);
        if (trace_order_.size() > traced_events_max) {
            traces_.erase(trace_order_.front());
            search_rounds_.erase(trace_order_.front());
            trace_order_.pop_front();
        }
    }
    if (found->second.size() < messages_max) {
        found->second.push_back(std::move(trace));
    }
}

}  // namespace headroom::agents
