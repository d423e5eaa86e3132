#include "agents/market_impl.hpp"
#include "agents/need_market_impl.hpp"
#include "beckn/nack.hpp"
#include "core/log.hpp"
#include "net/json_text.hpp"

#include <algorithm>
#include <utility>

// From an aggregator's bytes to an acknowledged request.
namespace headroom::agents {

using beckn::Action;
using beckn::ErrorCode;
using beckn::MessageError;

namespace {

std::optional<Action> request_action(std::string_view text) {
    const std::optional<Action> action = beckn::parse_action(text);
    const bool is_served = action && !beckn::is_callback(*action) && *action != Action::catalog_publish;
    return is_served ? action : std::nullopt;
}

MessageError wrong_dialect(beckn::WireVersion version) {
    MessageError error = beckn::make_error(version, ErrorCode::ctx_version_unsupported,
                                           "this dialect has no words for a buyer's needs",
                                           beckn::is_v2(version) ? "/context" : "/context/version");
    error.expected = "2.0.0 with bapId";
    error.got = std::string(beckn::to_string(version));
    return error;
}

}  // namespace

bool NeedMarket::Impl::may_note_refusal(UtcTime now) {
    if (now >= refusal_window_ + refusal_window) {
        refusal_window_ = now;
        refusals_noted_ = 0;
    }
    return ++refusals_noted_ <= refusals_noted_max;
}

beckn::KeyFinder NeedMarket::Impl::key_finder() const {
    return [this](const beckn::KeyId& id) -> beckn::KeyCandidates {
        if (parts_.keys != nullptr) {
            beckn::KeyCandidates found = parts_.keys->finder()(id);
            if (found.current != nullptr) {
                return found;
            }
        }
        for (const KnownAggregator& known : aggregators) {
            if (known.subscriber_id == id.subscriber && (known.key_id.empty() || known.key_id == id.key)) {
                beckn::PublishedKey& key = known_keys_[id.subscriber + "|" + id.key];
                key = {.subscriber = id.subscriber,
                       .key = id.key,
                       .signing = known.public_key,
                       .url = known.url};
                return {.current = &key};
            }
        }
        return {};
    };
}

Awaitable<beckn::SignatureVerdict> NeedMarket::Impl::verify(const net::Request& request) {
    auto self = shared_from_this();
    const beckn::SignedMessage message{.authorization = request.headers.get("Authorization"),
                                       .body = request.body,
                                       .digest = request.headers.get("Digest")};
    std::vector<beckn::KeyId> ids = beckn::key_ids_of(message);
    if (parts_.keys != nullptr && !ids.empty()) {
        std::vector<beckn::KeyId> wanted = ids;
        co_await parts_.keys->prepare(std::move(wanted));
    }
    beckn::SignatureVerdict verdict =
        beckn::verify(options_.signature, message, key_finder(), parts_.wall.now());
    if (!verdict.is_good() && verdict.may_be_stale_key() && parts_.keys != nullptr && !ids.empty()) {
        const bool is_renewed = co_await parts_.keys->renew(std::move(ids));
        if (is_renewed) {
            verdict = beckn::verify(options_.signature, message, key_finder(), parts_.wall.now());
        }
    }
    co_return verdict;
}

/// Every refusal of a sender looks the same from outside; what was wrong stands in our own log.
net::Response NeedMarket::Impl::refuse_sender(Received& received, const std::string& why) {
    beckn::AckAnswer answer =
        beckn::nack_answer(beckn::WireVersion::v2_lts, {{}, {}, parts_.wall.now()},
                           beckn::make_error(beckn::WireVersion::v2_lts, ErrorCode::aut_signature_invalid,
                                             "the signature was refused"));
    if (may_note_refusal(received.record.at)) {
        log::warn("an aggregator's message was refused",
                  {{"action", received.record.action}, {"reason", clean_text(why)}});
        received.record.is_good = false;
        received.record.outcome = "refused: " + clean_text(why);
        received.record.answer_status = answer.http_status;
        received.record.answer = answer.body;
        parts_.journal.records().note(
            {.puts = {to_record(received.record)}, .removes = {}, .applied_seq = {}});
        parts_.journal.note(to_draft(received.record));
    }
    net::Response response = net::json_text(answer.http_status, std::move(answer.body));
    response.headers.set("WWW-Authenticate", beckn::challenge(options_.subscriber_id));
    return response;
}

net::Response NeedMarket::Impl::signed_answer(Received& received) const {
    net::Response response = net::json_text(received.record.answer_status, received.record.answer);
    const std::string signature = beckn::sign_ack(options_.signature, signer_, parts_.wall.now(),
                                                  received.record.answer, received.record.authorization);
    if (beckn::is_v2(received.version) && !signature.empty()) {
        received.record.answer_signature = signature;
        response.headers.set("Signature", signature);
    }
    return response;
}

/// `is_remembered`: the same bytes get the same answer again.
net::Response NeedMarket::Impl::nack(Received& received, const MessageError& error, bool is_remembered) {
    MessageError told = error;
    told.key_id = received.key;
    beckn::AckAnswer answer = beckn::nack_answer(
        received.version, {received.record.transaction, received.record.message_id, parts_.wall.now()}, told);
    received.record.outcome = "NACK " + clean_text(beckn::describe(error));
    received.record.answer_status = answer.http_status;
    received.record.answer = std::move(answer.body);
    net::Response response = signed_answer(received);
    std::vector<store::Record> puts;
    if (is_remembered) {
        beckn::InboxEntry entry = entry_of(received, false);
        puts.push_back(inbox_record(received, entry));
        inbox_.remember(received.record.peer, received.action, received.record.message_id, std::move(entry));
    }
    if (is_remembered || may_note_refusal(received.record.at)) {
        puts.push_back(to_record(received.record));
        parts_.journal.records().note({.puts = std::move(puts), .removes = {}, .applied_seq = {}});
        parts_.journal.note(to_draft(received.record));
    }
    return response;
}

net::Response NeedMarket::Impl::ack(Received& received) {
    beckn::AckAnswer answer = beckn::ack_answer(
        received.version, {received.record.transaction, received.record.message_id, parts_.wall.now()});
    received.record.outcome = "ACK";
    received.record.answer_status = answer.http_status;
    received.record.answer = std::move(answer.body);
    return signed_answer(received);
}

std::optional<MessageError> NeedMarket::Impl::check(const Received& received) const {
    const beckn::Context& context = received.envelope->context;
    const beckn::WireVersion version = received.version;
    const auto wrong = [version](ErrorCode code, std::string_view sentence, std::string pointer,
                                 std::string expected, std::string got) {
        MessageError error = beckn::make_error(version, code, sentence, std::move(pointer));
        error.expected = std::move(expected);
        error.got = std::move(got);
        return error;
    };
    if (version != beckn::WireVersion::v2_lts) {
        return wrong_dialect(version);
    }
    if (context.action != received.action) {
        return wrong(ErrorCode::ctx_action_mismatch, "the path names another action", "/context/action",
                     std::string(beckn::to_string(received.action, version)),
                     std::string(beckn::to_string(context.action, version)));
    }
    if (context.bap_id != received.record.peer) {
        return wrong(ErrorCode::aut_unauthorized_action, "the signer is not bapId", "/context/bapId",
                     received.record.peer, context.bap_id);
    }
    const bool may_be_for_all = received.action == Action::search && context.bpp_id.empty();
    if (!may_be_for_all && context.bpp_id != options_.subscriber_id) {
        return wrong(ErrorCode::ctx_invalid_field, "bppId is not ours", "/context/bppId",
                     options_.subscriber_id, context.bpp_id);
    }
    if (context.timestamp > received.record.at + options_.skew) {
        return wrong(ErrorCode::ctx_invalid_field, "the timestamp lies in the future", "/context/timestamp",
                     format_utc(received.record.at), format_utc(context.timestamp));
    }
    if (context.timestamp + context.ttl.value_or(options_.ttl) + options_.skew < received.record.at) {
        return wrong(ErrorCode::ctx_ttl_expired, "the message came after its ttl", "/context/ttl",
                     format_utc(received.record.at), format_utc(context.timestamp));
    }
    if (!may_reach(context)) {
        return wrong(ErrorCode::aut_unauthorized_action, "bapUri is not where this sender is registered",
                     "/context/bapUri", {}, context.bap_uri);
    }
    return std::nullopt;
}

/// Verifies, reads and checks; answers the response when it ends there.
Awaitable<std::optional<net::Response>> NeedMarket::Impl::open(const net::Request& request,
                                                               Received& received) {
    auto self = shared_from_this();
    if (request.body.size() > options_.body_max) {
        co_return net::problem(413, "Content Too Large",
                               "a message may have " + std::to_string(options_.body_max) + " bytes");
    }
    MessageRecord& record = received.record;
    record.raw = request.body;
    received.digest = sha256(record.raw);
    const beckn::SignatureVerdict verdict = co_await verify(request);
    if (!verdict.is_good()) {
        co_return refuse_sender(received, verdict.why);
    }
    record.peer = verdict.sender.subscriber;
    received.signature_ends = verdict.sender.expires;
    received.key = beckn::key_of_sender(verdict.sender.subscriber, verdict.sender.key);
    if (const beckn::KeyCandidates key =
            key_finder()(beckn::KeyId{.subscriber = verdict.sender.subscriber, .key = verdict.sender.key});
        key.current != nullptr) {
        record.public_key =
            verdict.by_former_key && key.former != nullptr ? key.former->signing : key.current->signing;
    }
    const beckn::Remains remains = beckn::remains_of(record.raw);
    received.version = remains.version.value_or(beckn::WireVersion::v2_lts);
    record.transaction = remains.transaction_id;
    record.message_id = remains.message_id;
    if (received.version != beckn::WireVersion::v2_lts) {
        co_return nack(received, wrong_dialect(received.version), false);
    }
    beckn::Decoded decoded = beckn::decode(record.raw, {.bytes = options_.body_max});
    if (!decoded.envelope) {
        co_return nack(received, beckn::unreadable(received.version, decoded, record.raw), false);
    }
    received.envelope = std::move(*decoded.envelope);
    record.transaction = received.envelope->context.transaction_id;
    record.message_id = received.envelope->context.message_id;
    if (const beckn::NeedOrder* order = board.order_of(record.transaction); order != nullptr) {
        record.event = order->need;
    }
    if (const auto wrong = check(received)) {
        co_return nack(received, *wrong, false);
    }
    co_return std::nullopt;
}

/// What a new request makes of the board.
Awaitable<net::Response> NeedMarket::Impl::take(std::shared_ptr<Received> received) {
    auto self = shared_from_this();
    const Turns::Turn turn = co_await turns_.take("board");
    MessageRecord& record = received->record;
    inbox_.forget_before(record.at);
    const beckn::Inbox::Seen seen =
        inbox_.judge(record.peer, received->action, record.message_id, received->digest);
    if (seen.verdict == beckn::InboxVerdict::repeat) {
        record.answer_status = seen.entry->http_status;
        record.answer = seen.entry->answer;
        co_return signed_answer(*received);
    }
    if (seen.verdict == beckn::InboxVerdict::conflict) {
        co_return nack(
            *received,
            beckn::differing(beckn::make_error(received->version, ErrorCode::ctx_message_id_duplicate,
                                               "another message came under this id", "/context/messageId"),
                             "SHA-256 " + to_hex(seen.entry->digest), "SHA-256 " + to_hex(received->digest)),
            false);
    }
    beckn::NeedEvent event = beckn::need_event::Received{*received->envelope};
    const std::shared_ptr<const beckn::NeedOutcome> outcome = step(event);
    if (outcome->refuse) {
        const bool may_succeed_later = outcome->refuse->code == beckn::to_string(ErrorCode::net_overloaded);
        co_return nack(*received, *outcome->refuse, !may_succeed_later);
    }
    if (record.event.empty() && !outcome->orders.empty()) {
        record.event = outcome->orders.front().need;
    }
    owed_[record.message_id] = record.authorization;
    Callbacks callbacks = prepare(*outcome);
    net::Response response = ack(*received);
    auto kept = std::make_shared<std::vector<store::Record>>();
    beckn::InboxEntry entry = entry_of(*received, true);
    kept->push_back(inbox_record(*received, entry));
    kept->push_back(to_record(record));
    for (const auto& out : callbacks) {
        kept->push_back(to_record(record_of(*out)));
    }
    audit::Actor actor;
    actor.kind = "peer";
    actor.id = record.peer;
    const Result<void> settled =
        co_await settle(outcome, std::move(actor), record.action + " by the aggregator", kept);
    const bool is_held =
        std::any_of(outcome->orders.begin(), outcome->orders.end(),
                    [&](const beckn::NeedOrder& order) { return order.held_confirm == record.message_id; });
    if (!settled || !is_held) {
        owed_.erase(record.message_id);
    }
    if (!settled) {
        co_return nack(*received,
                       beckn::make_error(received->version, ErrorCode::net_internal_error, "try again later"),
                       false);
    }
    inbox_.remember(record.peer, received->action, record.message_id, std::move(entry));
    parts_.journal.note(to_draft(record));
    if (is_held) {
        // Nothing more will come of it before the gate closes, so that a simulated clock may go on.
        parts_.in_flight.end(beckn::flight_token(record.message_id, received->action));
    }
    send_all(callbacks);
    co_return response;
}

Awaitable<net::Response> NeedMarket::Impl::on_request(std::string action, net::Request request) {
    auto self = shared_from_this();
    const std::optional<Action> word = request_action(action);
    if (!word || options_.subscriber_id.empty()) {
        co_return net::problem(404, "Not Found",
                               word ? "this server has no name in a network" : "no such request");
    }
    const std::string token = "needs/request/" + std::to_string(++requests_);
    parts_.in_flight.begin(token);
    ++busy_;
    auto received = std::make_shared<Received>();
    received->action = *word;
    received->record.action = std::string(beckn::to_string(*word));
    received->record.is_in = true;
    received->record.at = parts_.wall.now();
    received->record.authorization = std::string(request.headers.get("Authorization"));
    std::optional<net::Response> early = co_await open(request, *received);
    net::Response response;
    if (early) {
        response = std::move(*early);
    } else {
        response = co_await take(received);
    }
    --busy_;
    parts_.in_flight.end(token);
    co_return response;
}

}  // namespace headroom::agents
