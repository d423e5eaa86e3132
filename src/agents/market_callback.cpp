#include "agents/market_impl.hpp"
#include "beckn/key_hosts.hpp"
#include "beckn/nack.hpp"
#include "core/log.hpp"
#include "net/json_text.hpp"

#include <algorithm>
#include <utility>

namespace headroom::agents {

using beckn::Action;
using beckn::ErrorCode;
using beckn::MatchKind;

namespace {

std::optional<Action> callback_action(std::string_view text) {
    const std::optional<Action> action = beckn::parse_action(text);
    return action && beckn::is_callback(*action) ? action : std::nullopt;
}

}  // namespace

std::optional<beckn::MessageError> Market::Impl::check(const beckn::Envelope& envelope, Action action,
                                                       const MarketPeer& peer, UtcTime now) const {
    const beckn::Context& context = envelope.context;
    if (context.action != action) {
        return beckn::differing(
            beckn::make_error(ErrorCode::ctx_action_mismatch,
                              "the message is " + std::string(beckn::to_string(context.action)),
                              "/context/action"),
            beckn::to_string(action, envelope.version), beckn::to_string(context.action, envelope.version));
    }
    // A discovery service speaks for many, and need not say for whom.
    const bool may_be_nameless = context.bpp_id.empty() && is_discovery(peer);
    if (context.bpp_id != peer.subscriber_id && !may_be_nameless) {
        return beckn::differing(beckn::make_error(ErrorCode::aut_unauthorized_action,
                                                  "the signer is not bpp_id", "/context/bpp_id"),
                                peer.subscriber_id, context.bpp_id);
    }
    if (peer.is_found && !beckn::is_below(context.bpp_uri, peer.url)) {
        return beckn::differing(
            beckn::make_error(ErrorCode::aut_unauthorized_action,
                              "bpp_uri is not where the signer is registered", "/context/bpp_uri"),
            peer.url, context.bpp_uri);
    }
    if (context.bap_id != options_.subscriber_id) {
        return beckn::differing(
            beckn::make_error(ErrorCode::ctx_invalid_field, "bap_id is not ours", "/context/bap_id"),
            options_.subscriber_id, context.bap_id);
    }
    if (context.timestamp > now + options_.skew) {
        return beckn::differing(beckn::make_error(ErrorCode::ctx_invalid_field,
                                                  "the timestamp lies in the future", "/context/timestamp"),
                                "at most " + format_utc(now + options_.skew), format_utc(context.timestamp));
    }
    return std::nullopt;
}

std::optional<net::Response> Market::Impl::open(const net::Request& request, Received& received,
                                                Callback& callback) {
    const std::optional<Action> action = callback_action(received.action);
    if (!action) {
        return net::problem(404, "Not Found", "no such callback");
    }
    if (request.body.size() > options_.body_max) {
        return net::problem(413, "Content Too Large",
                            "a callback may have " + std::to_string(options_.body_max) + " bytes");
    }
    received.raw = request.body;
    received.digest = sha256(received.raw);
    beckn::SignatureVerdict& verdict = *received.verdict;
    received.peer = verdict.is_good() ? find_or_learn(verdict.sender) : nullptr;
    if (verdict.is_good() && received.peer == nullptr) {
        verdict.broken = beckn::TrustRule::identity;
        verdict.why = verdict.sender.subscriber + " is registered as no provider that can be called";
    }
    if (received.peer == nullptr) {
        return refuse_sender(received, verdict);
    }
    received.signature_ends = verdict.sender.expires;
    received.public_key = key_of(verdict, *received.peer);
    received.version = received.peer->wire;
    beckn::Decoded decoded = beckn::decode(received.raw, {.bytes = options_.body_max});
    if (!decoded.envelope) {
        return answer_garbage(received, *action, decoded);
    }
    received.transaction = decoded.envelope->context.transaction_id;
    received.message_id = decoded.envelope->context.message_id;
    received.version = decoded.envelope->version;
    if (const auto sent = sent_.find(received.message_id); sent != sent_.end()) {
        received.latency_us = microseconds_since(sent->second.at);
        received.event = sent->second.event;
    }
    callback.peer = received.peer;
    callback.faults = decoded.describe_faults();
    callback.envelope = std::move(*decoded.envelope);
    if (const auto run = runs_.find(received.transaction); run != runs_.end()) {
        received.event = run->second->saga.contract.event;
    }
    const beckn::Context& context = callback.envelope.context;
    watch_clock(*received.peer, received.at, context.timestamp);
    callback.is_expired = context.ttl && context.timestamp + *context.ttl + options_.skew < received.at;
    if (const auto wrong = check(callback.envelope, *action, *received.peer, received.at)) {
        return nack(received, *wrong);
    }
    if (callback.is_expired && options_.strict_ttl) {
        return nack(received,
                    beckn::differing(beckn::make_error(ErrorCode::ctx_ttl_expired,
                                                       "the message came after its ttl", "/context/ttl"),
                                     "until " + format_utc(context.timestamp + *context.ttl),
                                     format_utc(received.at)));
    }
    const beckn::Inbox::Seen seen =
        inbox_.judge(received.peer->subscriber_id, *action, received.message_id, received.digest);
    if (seen.verdict == beckn::InboxVerdict::repeat) {
        add_trace(received.event,
                  MessageTrace{.action = received.action,
                               .provider = received.peer->id,
                               .latency_ms = static_cast<double>(received.latency_us) / 1000.0,
                               .signature_ok = true,
                               .outcome = "repeat, no effect",
                               .at = received.at});
        return net::json_text(seen.entry->http_status, seen.entry->answer);
    }
    if (seen.verdict == beckn::InboxVerdict::conflict) {
        return nack(
            received,
            beckn::differing(beckn::make_error(ErrorCode::ctx_message_id_duplicate,
                                               "another message came under this id", "/context/message_id"),
                             "SHA-256 " + to_hex(seen.entry->digest), "SHA-256 " + to_hex(received.digest)));
    }
    return std::nullopt;
}

/// A message that no open request asked for, about a contract of ours.
std::optional<beckn::MessageError> Market::Impl::take_unasked(const std::shared_ptr<Run>& run,
                                                              const Callback& callback, bool is_late) {
    const Action action = callback.envelope.context.action;
    if (callback.envelope.error) {
        return std::nullopt;  // the request it refuses is settled already
    }
    if ((is_late || callback.is_expired) && (action == Action::on_select || action == Action::on_init)) {
        return std::nullopt;  // a quote after its deadline drives nothing
    }
    if (!std::holds_alternative<beckn::Order>(callback.envelope.message)) {
        return std::nullopt;  // tracking, support, rating: kept as evidence, the contract stays as it is
    }
    auto [saga, effects] = beckn::step(run->saga, event_of(callback), now(), rules());
    if (effects.refuse) {
        return effects.refuse;
    }
    const bool was_active = run->saga.step == beckn::SagaStep::active;
    run->saga = std::move(saga);
    save(*run);
    if ((effects.done || effects.send) && run->waiter) {
        run->waiter->set(Reply{});
        return std::nullopt;
    }
    if (effects.send) {
        spawn(parts_.executor, drive_alone(run, *effects.send));
        return std::nullopt;
    }
    if (effects.tell) {
        const bool is_obligation = action == Action::on_confirm && !was_active;
        if (is_obligation && !unsolicited) {
            spawn(parts_.executor, give_back(run->saga.contract));
        } else {
            tell(*run);
        }
    }
    return std::nullopt;
}

beckn::Match Market::Impl::match(const Callback& callback, const Received& received) const {
    beckn::SignedFor signed_for;
    if (!received.signed_for.empty() && received.signed_for != received.kept_request) {
        signed_for = [&received](const std::string& authorization) {
            return authorization == received.signed_for;
        };
    }
    return correlator_.match(callback.envelope.context, callback.peer->subscriber_id, signed_for);
}

Awaitable<std::optional<beckn::MessageError>> Market::Impl::take(std::shared_ptr<Callback> callback,
                                                                 std::shared_ptr<Received> received) {
    auto self = shared_from_this();
    const beckn::Context& context = callback->envelope.context;
    const bool is_discovered = context.action == Action::on_search && is_discovery(*callback->peer);
    if (is_discovered) {
        co_await learn_discovered(callback);
    }
    const beckn::Match match = this->match(*callback, *received);
    received->match = std::string(beckn::to_string(match.kind));
    received->answers = match.message_id;
    const bool chooses = context.action == Action::on_search || context.action == Action::on_select ||
                         context.action == Action::on_init;
    const bool is_too_late = callback->is_expired && chooses;  // must not drive a selection
    if (match.kind == MatchKind::mismatch) {
        co_return beckn::make_error(ErrorCode::ctx_invalid_field,
                                    "the message id belongs to another transaction, action or party",
                                    "/context/message_id");
    }
    if ((match.kind == MatchKind::exact || match.kind == MatchKind::weak) && !is_too_late) {
        const auto waiting = awaiting_.find(match.message_id);
        if (waiting != awaiting_.end() && waiting->second(*callback)) {
            co_return std::nullopt;
        }
    }
    if (context.action == Action::on_search) {
        if (match.kind == MatchKind::none) {
            co_return beckn::make_error(ErrorCode::ctx_transaction_id_unknown, "nothing was searched for",
                                        "/context/transaction_id");
        }
        if (!is_discovered) {  // the next round asks the service for what stands then
            keep_for_next_round(*callback);
        }
        co_return std::nullopt;
    }
    const Result<std::shared_ptr<Run>> found = co_await find_run(context.transaction_id);
    if (!found) {
        log::error("a conversation could not be read", {{"error", found.error().message}});
        co_return beckn::make_error(ErrorCode::net_internal_error, "try again later");
    }
    const std::shared_ptr<Run> run = *found;
    if (!run || run->peer == nullptr || run->peer->subscriber_id != callback->peer->subscriber_id) {
        co_return beckn::make_error(ErrorCode::ctx_transaction_id_unknown, "the transaction is not known",
                                    "/context/transaction_id");
    }
    received->event = run->saga.contract.event;
    std::optional<beckn::MessageError> wrong = take_unasked(run, *callback, match.kind != MatchKind::none);
    forget_if_over(*run);
    co_return wrong;
}

Awaitable<net::Response> Market::Impl::on_callback(std::string action, net::Request request) {
    auto self = shared_from_this();
    const std::string token = "market/callback/" + std::to_string(++unsolicited_count_);
    parts_.in_flight.begin(token);
    auto received = std::make_shared<Received>();
    auto callback = std::make_shared<Callback>();
    const std::optional<Action> word = callback_action(action);
    received->action = word ? std::string(beckn::to_string(*word)) : std::move(action);
    received->at = parts_.wall.now();
    received->authorization = std::string(request.headers.get("Authorization"));
    received->gateway_authorization = std::string(request.headers.get("X-Gateway-Authorization"));
    inbox_.forget_before(received->at);
    const bool is_small = request.body.size() <= options_.body_max;
    if (is_small && is_of_peer(received->authorization) && beckn::is_bound(received->authorization)) {
        received->kept_request =
            co_await kept_authorization(std::make_shared<const std::string>(request.body));
    }
    if (word && is_small) {
        co_await verify_sender(request, *received);
    }
    std::optional<net::Response> early = open(request, *received, *callback);
    if (early) {
        parts_.in_flight.end(token);
        co_return std::move(*early);
    }
    const std::optional<beckn::MessageError> wrong = co_await take(callback, received);
    received->outcome = wrong ? "NACK " + beckn::describe(*wrong) : "ACK";
    set_answer(*received, wrong ? &*wrong : nullptr);
    const bool may_succeed_later =
        wrong && wrong->message.starts_with(beckn::to_string(ErrorCode::net_internal_error));
    if (may_succeed_later) {
        write_down(*received);
        parts_.in_flight.end(token);
        co_return net::json_text(received->status, received->answer);
    }
    remember(*received, callback->envelope.context.action, !wrong);
    write_down(*received);
    parts_.in_flight.end(token);
    net::Response response = net::json_text(received->status, received->answer);
    if (std::string signature = answer_signature(*received); !signature.empty()) {
        response.headers.set("Signature", std::move(signature));
    }
    co_return response;
}

}  // namespace headroom::agents
