#include "beckn/ack.hpp"
#include "beckn/key_hosts.hpp"
#include "core/log.hpp"
#include "sim/provider_impl.hpp"

#include <utility>

// Out over the wire: a callback is signed anew for each send, its bytes stay.
namespace headroom::sim {

namespace {

constexpr int sends_max = 3;
constexpr milliseconds resend_after{100};

}  // namespace

std::string ProviderSim::Impl::callback_url(const beckn::Context& context, beckn::WireVersion version) const {
    std::string base = context.bap_uri;
    while (base.ends_with('/')) {
        base.pop_back();
    }
    for (const auto& [from, to] : options_.reach) {
        if (base.starts_with(from)) {
            base.replace(0, from.size(), to);
            break;
        }
    }
    return base + "/" + std::string(beckn::to_string(beckn::callback_of(context.action), version));
}

beckn::SignatureRules ProviderSim::Impl::callback_rules(beckn::WireVersion version) {
    return beckn::rules_of(beckn::is_v2(version) ? beckn::SignatureProfile::nfh004
                                                 : beckn::SignatureProfile::beckn006);
}

/// A buyer with a registered address gets its callbacks there and nowhere else.
bool ProviderSim::Impl::may_reach(const beckn::Context& context) const {
    for (const KnownBuyer& buyer : options_.buyers) {
        if (buyer.subscriber_id == context.bap_id && !buyer.url.empty()) {
            return beckn::is_below(context.bap_uri, buyer.url);
        }
    }
    return true;
}

/// True when the buyer took it.
Awaitable<bool> ProviderSim::Impl::send_once(Counter* counter, std::shared_ptr<const Delivery> delivery) {
    const beckn::Signer& signer = delivery->by_stranger ? counter->stranger : counter->signer;
    const beckn::SignatureRules rules = callback_rules(delivery->version);
    for (int send = 1; send <= sends_max; ++send) {
        net::ClientRequest request;
        request.method = "POST";
        request.url = delivery->url;
        request.headers.add("Content-Type", "application/json");
        request.headers.add("Authorization",
                            beckn::sign(rules, signer, parts_.wall.now() + delivery->clock_off, options_.ttl,
                                        delivery->bytes, delivery->request_authorization));
        request.body = delivery->bytes;
        request.max_response_bytes = beckn::ack_bytes_max;
        const Result<net::ClientResponse> response = co_await parts_.http.send(std::move(request));
        const beckn::Ack ack = response ? beckn::read_ack(response->status, response->body) : beckn::Ack{};
        if (ack.kind != beckn::AckKind::failed) {
            co_return ack.kind == beckn::AckKind::accepted || ack.kind == beckn::AckKind::closed;
        }
        if (send < sends_max) {
            asio::steady_timer timer(parts_.executor, resend_after * send);
            auto token = asio::as_tuple(asio::use_awaitable);
            co_await timer.async_wait(token);
        }
    }
    co_return false;
}

Awaitable<void> ProviderSim::Impl::deliver(Counter* counter, std::shared_ptr<const Delivery> delivery) {
    const auto self = shared_from_this();
    const bool is_taken = co_await send_once(counter, delivery);
    if (!is_taken && !delivery->token.empty()) {
        // The buyer will hear nothing more of this, so its clock may run to the deadline.
        parts_.in_flight.end(delivery->token);
    }
    if (delivery->twice) {
        static_cast<void>(co_await send_once(counter, delivery));
    }
}

}  // namespace headroom::sim
