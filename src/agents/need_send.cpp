#include "agents/need_market_impl.hpp"
#include "beckn/key_hosts.hpp"
#include "beckn/post.hpp"
#include "core/async.hpp"
#include "core/log.hpp"

#include <tuple>
#include <utility>

// Callbacks, out over the wire: their bytes stay until they are taken, a signature that has aged is made
// anew.
namespace headroom::agents {

using beckn::Action;
using beckn::OutboxEvent;
using beckn::OutboxState;

/// Only where the sender is registered, or to a host that the operator named: an address in a message makes
/// no host callable.
bool NeedMarket::Impl::may_reach(const beckn::Context& request) const {
    for (const KnownAggregator& known : aggregators) {
        if (known.subscriber_id == request.bap_id) {
            return beckn::is_below(request.bap_uri, known.url);
        }
    }
    // Where an order was made with him before, the address was looked at then.
    if (const beckn::NeedOrder* order = board.order_of(request.transaction_id);
        order != nullptr && order->peer == request.bap_id && order->context.bap_uri == request.bap_uri) {
        return true;
    }
    beckn::KeyHosts named;
    for (const std::string& host : options_.hosts) {
        named.allow(host);
    }
    return named.check(request.bap_uri).has_value() ||
           (parts_.keys != nullptr && parts_.keys->hosts().check(request.bap_uri).has_value());
}

std::optional<std::string> NeedMarket::Impl::callback_url(const beckn::Context& request,
                                                          Action action) const {
    if (!may_reach(request)) {
        return std::nullopt;
    }
    std::string base = request.bap_uri;
    while (base.ends_with('/')) {
        base.pop_back();
    }
    for (const auto& [from, to] : options_.reach) {
        if (base.starts_with(from)) {
            base.replace(0, from.size(), to);
            break;
        }
    }
    return base + "/" + std::string(beckn::to_string(action, beckn::WireVersion::v2_lts));
}

void NeedMarket::Impl::sign(Outgoing& out) const {
    out.at = parts_.wall.now();
    out.authorization =
        beckn::sign(options_.signature, signer_, out.at, options_.ttl, out.entry.bytes, out.request_signed);
}

NeedMarket::Impl::Callbacks NeedMarket::Impl::prepare(const beckn::NeedOutcome& outcome) {
    Callbacks callbacks;
    for (const beckn::NeedCallback& callback : outcome.callbacks) {
        beckn::Envelope envelope{.version = beckn::WireVersion::v2_lts,
                                 .context = callback.request,
                                 .message = callback.message,
                                 .error = callback.error};
        beckn::Context& context = envelope.context;
        context.action = beckn::callback_of(context.action);
        context.bpp_id = options_.subscriber_id;
        context.bpp_uri = options_.url;
        context.timestamp = parts_.wall.now();
        context.ttl = options_.ttl;
        context.request_digest.clear();
        if (callback.is_unasked) {
            // The wall clock keeps the id fresh over restarts.
            context.message_id = make_uuid(callback.transaction + "/own/" + format_utc(context.timestamp) +
                                           "/" + std::to_string(++own_messages_));
        }
        std::optional<std::string> url = callback_url(callback.request, context.action);
        Result<std::string> bytes = beckn::encode(envelope);
        if (!bytes || !url) {
            log::error("an aggregator cannot be told",
                       {{"transaction", callback.transaction},
                        {"error", bytes ? "its address is not allowed any more" : bytes.error().message}});
            continue;
        }
        auto out = std::make_shared<Outgoing>();
        out->entry.message_id = context.message_id;
        out->entry.transaction_id = context.transaction_id;
        out->entry.action = context.action;
        out->entry.peer = context.bap_id;
        out->entry.bytes = std::move(*bytes);
        out->action = context.action;
        out->url = std::move(*url);
        if (const auto* order = std::get_if<beckn::Order>(&callback.message);
            order != nullptr && !order->needs.empty()) {
            out->event = order->needs.front().resource;
        }
        if (!callback.is_unasked) {
            out->request_token = beckn::flight_token(context.message_id, context.action);
            const auto owed = owed_.find(context.message_id);
            out->request_signed = owed == owed_.end() ? std::string() : owed->second;
        }
        sign(*out);
        callbacks.push_back(std::move(out));
    }
    return callbacks;
}

void NeedMarket::Impl::send_all(const Callbacks& callbacks) {
    for (const std::shared_ptr<Outgoing>& out : callbacks) {
        ++busy_;
        parts_.in_flight.begin("needs/callback/" + out->entry.message_id);
        spawn(parts_.executor, deliver(out));
    }
}

Awaitable<void> NeedMarket::Impl::deliver(std::shared_ptr<Outgoing> out) {
    auto self = shared_from_this();
    const beckn::OutboxRules rules{.sends_max = options_.sends_max, .backoff = options_.resend_backoff};
    const SteadyTime begun = steady_now();
    beckn::OutboxEffect effect;
    std::tie(out->entry, effect) = beckn::step(std::move(out->entry), OutboxEvent::start, {}, rules);
    while (effect.send) {
        if (effect.after > milliseconds{0}) {
            co_await pause(effect.after);
            if (parts_.wall.now() >= out->at + options_.ttl) {
                sign(*out);
            }
        }
        net::ClientRequest request =
            beckn::post_of(out->url, out->authorization, out->entry.bytes, options_.send_deadline.count());
        const Result<net::ClientResponse> response = co_await parts_.http.send(std::move(request));
        if (response) {
            out->answer_status = response->status;
            out->answer = response->body;
            out->answer_signature = std::string(response->headers.get("Signature"));
        }
        const beckn::Ack ack = beckn::ack_of(response);
        std::tie(out->entry, effect) = beckn::step(std::move(out->entry), OutboxEvent::answer, ack, rules);
    }
    const bool is_taken =
        out->entry.state == OutboxState::accepted || out->entry.state == OutboxState::closed;
    if (!is_taken) {
        log::warn("an aggregator did not take a callback; it may ask by status",
                  {{"aggregator", out->entry.peer},
                   {"action", beckn::to_string(out->action)},
                   {"transaction", out->entry.transaction_id},
                   {"error", beckn::describe(out->entry.error)}});
        if (!out->request_token.empty()) {
            parts_.in_flight.end(out->request_token);  // he will hear nothing more of it
        }
    }
    MessageRecord record = record_of(*out);
    record.latency_us = std::chrono::duration_cast<std::chrono::microseconds>(steady_now() - begun).count();
    parts_.journal.records().note({.puts = {to_record(record)}, .removes = {}, .applied_seq = {}});
    parts_.journal.note(to_draft(record));
    --busy_;
    parts_.in_flight.end("needs/callback/" + out->entry.message_id);
}

}  // namespace headroom::agents
