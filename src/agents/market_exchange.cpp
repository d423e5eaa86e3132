#include "agents/market_impl.hpp"
#include "beckn/ack.hpp"
#include "core/async.hpp"
#include "core/gather.hpp"

#include <chrono>
#include <tuple>
#include <utility>

namespace headroom::agents {

using beckn::Action;
using beckn::OutboxEvent;
using beckn::OutboxState;

std::int64_t microseconds_since(SteadyTime from) {
    return std::chrono::duration_cast<std::chrono::microseconds>(steady_now() - from).count();
}

beckn::Context Market::Impl::context_for(Action action, const MarketPeer& peer, std::string transaction,
                                         std::string message_id) const {
    beckn::Context context;
    context.action = action;
    context.domain = options_.domain;
    context.country = options_.country;
    context.city = options_.city;
    context.bap_id = options_.subscriber_id;
    context.bap_uri = options_.callback_url;
    if (peer.goods != PeerGoods::search) {
        context.bpp_id = peer.subscriber_id;
        context.bpp_uri = peer.url;
    }
    context.transaction_id = std::move(transaction);
    context.message_id = std::move(message_id);
    context.timestamp = parts_.wall.now();
    context.ttl = options_.ttl;
    return context;
}

Awaitable<void> Market::Impl::deliver(std::shared_ptr<Outgoing> out, std::function<bool()> is_settled) {
    auto self = shared_from_this();
    const beckn::OutboxRules rules{.sends_max = options_.sends_max, .backoff = options_.resend_backoff};
    beckn::OutboxEffect effect;
    std::tie(out->entry, effect) = beckn::step(std::move(out->entry), OutboxEvent::start, {}, rules);
    out->sent = steady_now();
    while (effect.send) {
        if (effect.after > milliseconds{0}) {
            co_await pause(effect.after);
            if (is_settled()) {
                co_return;
            }
            if (parts_.wall.now() >= out->at + options_.ttl) {
                sign(*out);  // the bytes stay, their signature has aged
                note_signature(*out);
            }
        }
        net::ClientRequest request;
        request.method = "POST";
        request.url =
            out->peer->url + "/" + std::string(beckn::to_string(out->entry.action, out->peer->wire));
        request.headers.add("Content-Type", "application/json");
        request.headers.add("Authorization", out->authorization);
        request.body = out->entry.bytes;
        request.deadline_ms = options_.step_deadline.count();
        request.max_response_bytes = answer_max(*out);
        const Result<net::ClientResponse> response = co_await parts_.http.send(std::move(request));
        beckn::Ack ack;
        if (response) {
            ack = beckn::read_ack(response->status, response->body);
            out->answer_status = response->status;
            out->answer = response->body;
            judge_answer(*out, *response);
            if (ack.kind == beckn::AckKind::failed && ack.error.message.empty()) {
                ack.error.message = "HTTP " + std::to_string(response->status);
            }
            if (ack.kind == beckn::AckKind::accepted) {
                co_await take_at_once(out);
            }
        } else {
            ack.error.message = response.error().message;
        }
        std::tie(out->entry, effect) = beckn::step(std::move(out->entry), OutboxEvent::answer, ack, rules);
    }
}

/// What became of a request: for the log, the event's page and the evidence.
void Market::Impl::note_delivery(const Outgoing& out, std::vector<audit::Draft>& drafts) {
    const std::int64_t latency_us = microseconds_since(out.sent);
    const bool is_taken =
        out.entry.state == OutboxState::accepted || out.entry.state == OutboxState::answered;
    std::string outcome = is_taken ? "ACK" : std::string(beckn::to_string(out.entry.state));
    if (!is_taken) {
        outcome += ": " + beckn::describe(out.entry.error);
    }
    outcome = clean_text(outcome);
    add_trace(out.event, MessageTrace{.action = std::string(beckn::to_string(out.entry.action)),
                                      .provider = out.peer->id,
                                      .latency_ms = static_cast<double>(latency_us) / 1000.0,
                                      .signature_ok = true,
                                      .outcome = outcome,
                                      .at = out.at});
    drafts.push_back(sent_draft(out, std::move(outcome), latency_us));
}

/// A confirm that is refused now may have been taken when it was sent before: whether there is an order has
/// to be asked.
bool Market::Impl::may_have_been_taken(const Outgoing& out) {
    return out.entry.action == Action::confirm && (out.is_resumed || out.entry.sends > 1);
}

std::string Market::Impl::busy_token(const Run& run) {
    return "market/" + run.saga.contract.transaction.value;
}

/// A request of the saga without its bytes. Message ids follow from transaction, action and round, so a
/// restart finds what it kept.
std::shared_ptr<Market::Impl::Outgoing> Market::Impl::outgoing(const Run& run, Action action,
                                                               std::int64_t round) {
    const std::string& transaction = run.saga.contract.transaction.value;
    auto out = std::make_shared<Outgoing>();
    out->entry.message_id =
        make_uuid(transaction + "/" + std::string(beckn::to_string(action)) + "/" + std::to_string(round));
    out->entry.transaction_id = transaction;
    out->entry.action = action;
    out->entry.peer = run.peer->id;
    out->event = run.saga.contract.event;
    out->peer = run.peer;
    return out;
}

Result<std::shared_ptr<Market::Impl::Outgoing>> Market::Impl::prepare(Run& run, Action action) const {
    std::shared_ptr<Outgoing> out = outgoing(run, action, run.saga.rounds[action]);
    const beckn::Envelope envelope{
        .version = run.peer->wire,
        .context = context_for(action, *run.peer, out->entry.transaction_id, out->entry.message_id),
        .message = beckn::body_of(run.saga, action),
        .error = {}};
    Result<std::string> bytes = beckn::encode(envelope);
    if (!bytes) {
        return bytes.error();
    }
    set_bytes(*out, std::move(bytes).value());
    return out;
}

Awaitable<Result<std::shared_ptr<Market::Impl::Outgoing>>> Market::Impl::take_up(std::shared_ptr<Run> run,
                                                                                 Action action) {
    auto self = shared_from_this();
    std::shared_ptr<Outgoing> out = outgoing(*run, action, run->saga.rounds[action]);
    const Result<store::Record> kept =
        co_await parts_.journal.records().get("beckn_message", out->entry.message_id + ".out");
    if (!kept) {
        co_return kept.error();
    }
    const Result<json::Value> evidence = json::parse(kept->json);
    if (!evidence) {
        co_return Error{Errc::corrupt, "message " + kept->id + ": " + evidence.error().message, ""};
    }
    set_bytes(*out, evidence->text("/raw"));
    const beckn::Decoded decoded = beckn::decode(out->entry.bytes);
    if (!decoded.envelope || decoded.envelope->context.message_id != out->entry.message_id) {
        co_return Error{Errc::corrupt, "message " + kept->id + " is not the request it is kept as", ""};
    }
    // A confirm is repeated all the same, so that there is an order, and asked about when nothing is heard.
    if (action != Action::confirm && decoded.envelope->context.bap_uri != options_.callback_url) {
        co_return Error{Errc::conflict,
                        "request " + out->entry.message_id + " asks for its answer at " +
                            decoded.envelope->context.bap_uri + ", where we are not any more",
                        ""};
    }
    if (decoded.envelope->context.timestamp + options_.ttl < parts_.wall.now()) {
        co_return Error{Errc::timeout, "request " + out->entry.message_id + " is older than its ttl", ""};
    }
    sign(*out);
    out->is_resumed = true;
    co_return out;
}

/// Signs the request; it and the saga that made it survive this process before the first byte leaves.
Awaitable<Result<void>> Market::Impl::keep(std::shared_ptr<Run> run, std::shared_ptr<Outgoing> out) {
    auto self = shared_from_this();
    sign(*out);
    note_signature(*out);
    store::Batch batch;
    batch.puts = std::move(run->records);
    run->records.clear();
    batch.puts.push_back(sent_record(*out, -1));
    batch.puts.push_back(saga_record(run->saga));
    co_return co_await parts_.journal.records().keep(std::move(batch));
}

/// A confirm commits us to pay: its intent must survive the power as well.
Awaitable<Result<void>> Market::Impl::keep_power_durable(std::shared_ptr<Run> run,
                                                         std::shared_ptr<Outgoing> out) {
    auto self = shared_from_this();
    if (run->licence) {
        // Given long since in most cases: it was seen to while the provider was asked for its quote.
        const Result<void> licensed = co_await run->licence();
        if (!licensed) {
            co_return licensed.error();
        }
    }
    if (run->intent && run->intent->confirm->entry.message_id == out->entry.message_id) {
        Journal::Ticket entry = std::move(run->intent->entry);
        run->intent.reset();
        const Result<audit::Committed> intended = co_await parts_.journal.settled(std::move(entry));
        co_return intended ? Result<void>{} : Result<void>(intended.error());
    }
    std::vector<audit::Draft> drafts = std::move(run->drafts);
    run->drafts.clear();
    drafts.push_back(sent_draft(*out, "intent", 0));
    const Result<audit::Committed> committed = co_await parts_.journal.commit(std::move(drafts));
    if (!committed) {
        co_return committed.error();
    }
    co_return Result<void>{};
}

/// The disk works while the provider does. Which bytes are sent is in the entry that follows the confirm.
void Market::Impl::foresee_confirm(Run& run) {
    if (run.intent) {
        return;  // asked for its terms again: the confirm to come is the same
    }
    std::shared_ptr<Outgoing> confirm = outgoing(run, Action::confirm, run.saga.rounds[Action::confirm] + 1);
    std::vector<audit::Draft> drafts = std::move(run.drafts);
    run.drafts.clear();
    drafts.push_back(sent_draft(*confirm, "intent", 0));
    run.intent = ConfirmIntent{std::move(confirm), parts_.journal.begin(std::move(drafts))};
}

void Market::Impl::note_unused_intent(Run& run) const {
    if (run.intent) {
        run.drafts.push_back(sent_draft(*run.intent->confirm, "not sent", 0));
        run.intent.reset();
    }
}

beckn::SagaEvent Market::Impl::event_of(const Callback& callback) {
    const Action action = callback.envelope.context.action;
    if (callback.envelope.error) {
        return beckn::saga_event::Declined{beckn::request_of(action), *callback.envelope.error};
    }
    if (const auto* order = std::get_if<beckn::Order>(&callback.envelope.message)) {
        return beckn::saga_event::Answered{action, *order, callback.envelope.context.timestamp};
    }
    return beckn::saga_event::Declined{
        beckn::request_of(action),
        beckn::make_error(beckn::ErrorCode::sch_schema_validation_failed, "there is no order")};
}

/// One request and its callback. While it waits for nothing but the clock, only the flight token is held, so
/// that a simulated provider's silence lets virtual time pass.
Awaitable<Market::Impl::Reply> Market::Impl::exchange(std::shared_ptr<Run> run, Action action) {
    auto self = shared_from_this();
    const UtcTime deadline = parts_.clock.now() + options_.step_deadline;
    const Result<std::shared_ptr<Outgoing>> prepared = prepare(*run, action);
    if (!prepared) {
        co_return Reply{beckn::saga_event::Declined{
            action, beckn::make_error(beckn::ErrorCode::net_internal_error, prepared.error().message)}};
    }
    co_return co_await send_and_wait(run, *prepared, deadline);
}

Awaitable<Market::Impl::Reply> Market::Impl::send_and_wait(std::shared_ptr<Run> run,
                                                           std::shared_ptr<Outgoing> out, UtcTime deadline) {
    auto self = shared_from_this();
    const Action action = out->entry.action;
    const std::string message_id = out->entry.message_id;
    const std::string token = beckn::flight_token(message_id, action);
    auto slot = std::make_shared<Slot<Reply>>(parts_.executor, parts_.clock);
    run->waiter = slot;
    correlator_.open({message_id, action, out->entry.transaction_id, out->peer->subscriber_id, {}});
    if (out->is_resumed) {
        note_signature(*out);
    }
    awaiting_[message_id] = [slot](const Callback& callback) { return slot->set(Reply{event_of(callback)}); };
    parts_.in_flight.begin(token);

    Reply reply;
    bool is_kept = true;
    if (!out->is_resumed) {
        std::vector<Awaitable<Result<void>>> writes;
        if (action == Action::confirm) {
            writes.push_back(keep_power_durable(run, out));  // first: the disk works while we sign and write
        }
        writes.push_back(keep(run, out));
        const std::vector<Result<void>> kept = co_await gather(std::move(writes));
        for (const Result<void>& written : kept) {
            if (!written && is_kept) {
                is_kept = false;
                reply.event = beckn::saga_event::Declined{
                    action, beckn::make_error(beckn::ErrorCode::net_internal_error, written.error().message)};
            }
        }
    }
    if (is_kept) {
        sent_[message_id] = {steady_now(), out->event, &run->records, &run->drafts};
        if (action == Action::init) {
            foresee_confirm(*run);
        }
        auto is_settled = [this, slot, deadline] { return slot->is_set() || parts_.clock.now() >= deadline; };
        co_await deliver(out, std::move(is_settled));
        note_delivery(*out, run->drafts);
        const bool may_come = out->entry.state == OutboxState::accepted || slot->is_set();
        std::optional<Reply> heard;
        if (may_come) {
            parts_.in_flight.end(busy_token(*run));
            heard = co_await slot->wait(deadline);
            parts_.in_flight.begin(busy_token(*run));
        }
        const OutboxEvent end = heard ? OutboxEvent::callback : OutboxEvent::deadline;
        if (heard) {
            reply = std::move(*heard);
        } else if (out->entry.state == OutboxState::refused && !may_have_been_taken(*out)) {
            reply.event = beckn::saga_event::Declined{action, out->entry.error};
        } else {
            reply.event = beckn::saga_event::Unheard{action, beckn::describe(out->entry.error)};
        }
        note_outcome(*out, heard.has_value());
        out->entry = beckn::step(std::move(out->entry), end, {}, {}).first;
        run->records.push_back(sent_record(*out, microseconds_since(out->sent)));
    }
    run->waiter.reset();
    awaiting_.erase(message_id);
    sent_.erase(message_id);
    correlator_.close(message_id);
    parts_.in_flight.end(token);
    co_return reply;
}

}  // namespace headroom::agents
