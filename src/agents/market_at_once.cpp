#include "agents/market_impl.hpp"
#include "beckn/codec.hpp"
#include "core/log.hpp"

#include <chrono>
#include <utility>

// Peers that answer at once: the callback stands in the synchronous answer. 2.0.0-rc1 has it for discover.

namespace headroom::agents {

namespace {

constexpr std::size_t ack_max = 64UL * 1024;

/// Whether it is worth reading as a message: an acknowledgement has no context.
bool may_be_message(std::string_view answer) {
    return answer.find("\"context\"") != std::string_view::npos &&
           answer.find("\"message\"") != std::string_view::npos;
}

}  // namespace

std::size_t Market::Impl::answer_max(const Outgoing& out) const {
    const bool may_hold_catalogs = out.entry.action == beckn::Action::search && beckn::is_v2(out.peer->wire);
    return may_hold_catalogs ? options_.body_max : ack_max;
}

/// Whose signature an answer has; keys that are not at hand come from the registry.
Awaitable<beckn::SignatureVerdict> Market::Impl::verify_answer(std::shared_ptr<const Outgoing> out) {
    auto self = shared_from_this();
    if (parts_.keys != nullptr) {
        std::vector<beckn::KeyId> ids = beckn::key_ids_of({.authorization = out->answer_signature});
        std::erase_if(ids, [&](const beckn::KeyId& id) { return id.subscriber != out->peer->subscriber_id; });
        co_await parts_.keys->prepare(std::move(ids));
    }
    beckn::SignatureVerdict verdict =
        beckn::verify_ack(signature_rules(out->peer), out->answer_signature, out->answer, out->authorization,
                          key_finder(), parts_.wall.now());
    if (verdict.is_good() && verdict.sender.subscriber != out->peer->subscriber_id) {
        verdict.broken = beckn::TrustRule::identity;
        verdict.why = verdict.sender.subscriber + " signed the answer of " + out->peer->subscriber_id;
    }
    co_return verdict;
}

/// It counts as the callback would, and only when its own signature holds: an ordinary acknowledgement starts
/// nothing, so one that is not signed is taken all the same, but this answer drives decisions.
Awaitable<void> Market::Impl::take_at_once(std::shared_ptr<Outgoing> out) {
    auto self = shared_from_this();
    if (!may_be_message(out->answer)) {
        co_return;
    }
    beckn::Decoded decoded = beckn::decode(out->answer, {.bytes = options_.body_max});
    if (!decoded.envelope || !beckn::is_callback(decoded.envelope->context.action)) {
        co_return;
    }
    const beckn::SignatureVerdict verdict = co_await verify_answer(out);
    if (!verdict.is_good()) {
        log::warn("a provider answered at once, without a signature that holds: not used",
                  {{"provider", out->peer->id},
                   {"action", beckn::to_string(out->entry.action)},
                   {"why", clean_text(verdict.why)}});
        co_return;
    }
    auto callback = std::make_shared<Callback>();
    callback->peer = out->peer;
    callback->faults = decoded.describe_faults();
    callback->envelope = std::move(*decoded.envelope);
    const beckn::Context& context = callback->envelope.context;
    auto received = std::make_shared<Received>();
    received->action = std::string(beckn::to_string(context.action));
    received->raw = out->answer;
    received->digest = sha256(received->raw);
    received->authorization = out->answer_signature;
    received->at = parts_.wall.now();
    received->peer = out->peer;
    received->transaction = context.transaction_id;
    received->message_id = context.message_id;
    received->event = out->event;
    received->latency_us =
        std::chrono::duration_cast<std::chrono::microseconds>(steady_now() - out->sent).count();
    received->signature_ends = verdict.sender.expires;
    received->version = callback->envelope.version;
    received->verdict = verdict;
    received->signed_for = out->authorization;
    received->public_key = key_of(verdict, *out->peer);
    callback->is_expired = context.ttl && context.timestamp + *context.ttl + options_.skew < received->at;
    const beckn::Action wanted = beckn::callback_of(out->entry.action);
    std::optional<beckn::MessageError> wrong = check(callback->envelope, wanted, *out->peer, received->at);
    if (!wrong && context.message_id != out->entry.message_id) {
        wrong = beckn::make_error(beckn::ErrorCode::ctx_invalid_field, "the answer is for another message",
                                  "/context/message_id");
    }
    const beckn::Inbox::Seen seen =
        inbox_.judge(out->peer->subscriber_id, wanted, context.message_id, received->digest);
    if (!wrong && seen.verdict != beckn::InboxVerdict::fresh) {
        co_return;  // its callback was here already
    }
    if (!wrong) {
        wrong = co_await take(callback, received);
    }
    received->outcome = wrong ? "NACK " + beckn::describe(*wrong) : "ACK";
    if (!wrong) {
        set_answer(*received, nullptr);  // what the same bytes get that come as a callback later
        remember(*received, wanted, true);
    }
    received->status = 0;  // nothing was answered to an answer
    received->answer.clear();
    write_down(*received);
}

}  // namespace headroom::agents
