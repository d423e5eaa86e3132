#include "agents/market_impl.hpp"
#include "core/log.hpp"

#include <algorithm>
#include <utility>

namespace headroom::agents {

using beckn::Action;
using beckn::OutboxState;

namespace {

/// A provider that kept silent so often in a row is still asked, but no longer waited for.
constexpr std::int64_t silent_searches_max = 3;

}  // namespace

/// Ends the wait for one provider.
void Market::Impl::settle(SearchRun& run, std::size_t index, bool answered, std::string fault) {
    if (run.settled[index] || run.closed) {
        return;
    }
    run.settled[index] = true;
    SearchAnswer& answer = run.result.answers[index];
    answer.answered = answered;
    answer.fault = clean_text(fault);
    answer.latency_ms = milliseconds_between(run.sent[index], steady_now());
    peer_states_[answer.provider].silent_searches = 0;
    if (run.waited[index]) {
        --run.waited_for;
    }
    const bool is_awaited_no_more = run.waited[index] && run.waited_for == 0;
    if (is_awaited_no_more || (options_.enough_ppm > 0 && covers(run, options_.enough_ppm))) {
        end_wait(run);
    }
    parts_.in_flight.end(run.tokens[index]);
}

void Market::Impl::end_wait(SearchRun& run) {
    if (!run.done->is_set()) {
        parts_.in_flight.begin(run.busy);  // the clock stands still until the search has gone on
        run.done->set(true);
    }
}

Awaitable<void> Market::Impl::send_search(std::shared_ptr<SearchRun> run, std::size_t index,
                                          std::shared_ptr<Outgoing> out) {
    auto self = shared_from_this();
    const std::string sending = "market/sending/" + out->entry.message_id;
    parts_.in_flight.begin(sending);
    auto is_settled = [run, index] { return run->closed || run->settled[index]; };
    co_await deliver(out, std::move(is_settled));
    std::vector<audit::Draft> late;
    note_delivery(*out, run->closed ? late : run->drafts);
    note_all(std::move(late));
    if (run->closed) {
        post({sent_record(*out, -1)});  // its ACK was overtaken by the answers
    }
    const OutboxState state = out->entry.state;
    if (state == OutboxState::refused || state == OutboxState::unreachable || state == OutboxState::closed) {
        const std::string why = beckn::describe(out->entry.error);
        if (state == OutboxState::unreachable) {
            note_failure(*out->peer, why);
        } else {
            note_success(*out->peer);
        }
        log::warn(
            "a provider is left out: it is not reached or it refused",
            {{"provider", out->peer->id},
             {"url", out->peer->url},
             {"why", clean_text(why)},
             {"remedy", "see that it runs and that beckn.providers names its url; the others are asked"}});
        settle(*run, index, false, why);
    }
    parts_.in_flight.end(sending);
}

Awaitable<Result<SearchResult>> Market::Impl::search(risk::Overload overload,
                                                     std::vector<std::string> feeders_below) {
    auto self = shared_from_this();
    auto run = std::make_shared<SearchRun>();
    if (overload.need.w.empty()) {
        co_return Error{Errc::invalid, "the need of event " + overload.event.value + " has no half-hours",
                        ""};
    }
    beckn::SearchIntent intent;
    intent.feeder = overload.feeder;
    intent.phase = overload.limit.phase;
    intent.turn_up = overload.limit.direction == grid::Direction::export_;
    intent.need_w = {.start = overload.need.start, .step = period_length, .values = overload.need.w};
    run->overload = std::move(overload);
    run->feeders_below = std::move(feeders_below);
    co_return co_await ask_all(std::move(run), std::move(intent));
}

Awaitable<Result<SearchResult>> Market::Impl::search_windows(EventId event, UtcTime from) {
    auto self = shared_from_this();
    auto run = std::make_shared<SearchRun>();
    run->goods = PeerGoods::computing;
    run->overload.event = std::move(event);
    run->overload.start = from;
    beckn::SearchIntent intent;
    intent.turn_up = true;  // power is taken
    intent.text = "compute energy windows";
    co_return co_await ask_all(std::move(run), std::move(intent));
}

/// Sends the intent to every provider of what is wanted, and waits for the answers.
Awaitable<Result<SearchResult>> Market::Impl::ask_all(std::shared_ptr<SearchRun> run,
                                                      beckn::SearchIntent intent) {
    auto self = shared_from_this();
    std::vector<const MarketPeer*> peers;
    for (const MarketPeer& peer : peers_) {
        const bool is_asked = peer.goods == run->goods || peer.goods == PeerGoods::search;
        if (is_asked && !peer.is_found) {
            peers.push_back(&peer);
        }
    }
    if (peers.empty()) {
        co_return run->result;
    }
    const EventId event = run->overload.event;
    const std::string transaction = make_uuid("search/" + event.value);
    const std::string round = std::to_string(epoch_) + "." + std::to_string(++search_rounds_[event.value]);
    const UtcTime deadline = parts_.clock.now() + options_.search_window;
    run->done = std::make_unique<Slot<bool>>(parts_.executor, parts_.clock);

    const std::string busy = "market/search/" + event.value + "/" + round;
    run->busy = busy;
    parts_.in_flight.begin(busy);
    std::vector<std::shared_ptr<Outgoing>> requests;
    store::Batch batch;
    const bool all_silent = std::all_of(peers.begin(), peers.end(), [this](const MarketPeer* peer) {
        return peer_states_[peer->id].silent_searches >= silent_searches_max;
    });
    if (const auto late = late_catalogs_.find(transaction); late != late_catalogs_.end()) {
        run->late = std::move(late->second);
        late_catalogs_.erase(late);
    }
    std::vector<bool> may;
    for (const MarketPeer* peer : peers) {
        may.push_back(may_ask(*peer));
    }
    // When all are left alone, all are asked: better a slow answer than none.
    const bool is_nobody_left = std::find(may.begin(), may.end(), true) == may.end();
    std::vector<SearchAnswer> left_alone;
    for (std::size_t i = 0; i < peers.size(); ++i) {
        const MarketPeer& peer = *peers[i];
        if (!may[i] && !is_nobody_left) {
            left_alone.push_back({.provider = peer.id, .fault = why_left_alone(peer)});
            continue;
        }
        auto out = std::make_shared<Outgoing>();
        out->entry.message_id = make_uuid(transaction + "/search/" + peer.id + "/" + round);
        out->entry.transaction_id = transaction;
        out->entry.peer = peer.id;
        out->event = event;
        out->peer = &peer;
        Result<std::string> bytes =
            beckn::encode({.version = peer.wire,
                           .context = context_for(Action::search, peer, transaction, out->entry.message_id),
                           .message = intent,
                           .error = {}});
        if (!bytes) {
            left_alone.push_back({.provider = peer.id, .fault = bytes.error().message});
            continue;
        }
        set_bytes(*out, std::move(bytes).value());
        sign(*out);
        batch.puts.push_back(sent_record(*out, -1));
        run->result.answers.push_back(
            {.provider = peer.id, .answered = false, .fault = "", .latency_ms = 0.0});
        run->sent.push_back(steady_now());
        run->tokens.push_back(beckn::flight_token(out->entry.message_id, Action::search));
        run->settled.push_back(false);
        run->waited.push_back(all_silent || peer_states_[peer.id].silent_searches < silent_searches_max);
        run->waited_for += run->waited.back() ? 1U : 0U;
        requests.push_back(std::move(out));
    }
    const Result<void> kept = co_await parts_.journal.records().keep(std::move(batch));
    if (!kept) {
        parts_.in_flight.end(busy);
        co_return kept.error();
    }
    for (std::size_t i = 0; i < requests.size(); ++i) {
        const std::shared_ptr<Outgoing>& out = requests[i];
        const std::string& id = out->entry.message_id;
        run->sent[i] = steady_now();
        sent_[id] = {run->sent[i], event, &run->records, &run->drafts};
        const bool asks_many = out->peer->goods == PeerGoods::search;
        const bool is_gateway = asks_many && !is_discovery(*out->peer);
        correlator_.open(
            {id, Action::search, transaction, is_gateway ? std::string() : out->peer->subscriber_id, {}});
        note_signature(*out);
        awaiting_[id] = [this, run, i, asks_many, is_gateway](const Callback& callback) {
            if (run->closed || run->settled[i]) {
                return false;
            }
            if (is_gateway) {
                take_found(*run, i, callback);
            } else if (asks_many) {
                take_discovered(*run, i, callback);
            } else {
                take_catalog(*run, i, callback);
            }
            return true;
        };
        if (!is_gateway) {  // nobody knows when the last of its answers has come
            parts_.in_flight.begin(run->tokens[i]);
        }
        spawn(parts_.executor, send_search(run, i, out));
    }
    parts_.in_flight.end(busy);
    if (!requests.empty()) {
        co_await run->done->wait(deadline);
    }
    parts_.in_flight.begin(busy);
    run->closed = true;
    for (std::size_t i = 0; i < requests.size(); ++i) {
        const std::string& id = requests[i]->entry.message_id;
        awaiting_.erase(id);
        sent_.erase(id);
        correlator_.close(id);
        if (!run->settled[i] && !run->result.answers[i].answered) {
            run->result.answers[i].fault = "no answer within the window";
            run->result.answers[i].latency_ms = milliseconds_between(run->sent[i], steady_now());
            ++peer_states_[requests[i]->entry.peer].silent_searches;
        }
        const bool is_answered = run->result.answers[i].answered;
        const beckn::OutboxEvent end =
            is_answered ? beckn::OutboxEvent::callback : beckn::OutboxEvent::deadline;
        requests[i]->entry = beckn::step(std::move(requests[i]->entry), end, {}, {}).first;
        run->records.push_back(sent_record(*requests[i], -1));
    }
    post(std::move(run->records));
    for (SearchAnswer& answer : left_alone) {
        run->result.answers.push_back(std::move(answer));
    }
    for (auto& [provider, answer] : run->found) {
        run->result.answers.push_back(std::move(answer));
    }
    take_late(*run);
    std::vector<flex::Offer>& offers = run->result.offers;
    std::stable_sort(offers.begin(), offers.end(), [](const flex::Offer& a, const flex::Offer& b) {
        return std::tie(a.provider, a.id) < std::tie(b.provider, b.id);
    });
    if (!run->found.empty()) {  // who was asked both ways has offered the same twice
        const auto is_same = [](const auto& a, const auto& b) {
            return a.provider == b.provider && a.id == b.id;
        };
        offers.erase(std::unique(offers.begin(), offers.end(), is_same), offers.end());
    }
    std::vector<flex::ComputeWindow>& windows = run->result.windows;
    std::stable_sort(windows.begin(), windows.end(),
                     [](const flex::ComputeWindow& a, const flex::ComputeWindow& b) {
                         return std::tie(a.provider, a.id) < std::tie(b.provider, b.id);
                     });
    note_all(std::move(run->drafts));
    for (const std::string& token : run->tokens) {
        parts_.in_flight.end(token);
    }
    parts_.in_flight.end(busy);
    co_return std::move(run->result);
}

}  // namespace headroom::agents
