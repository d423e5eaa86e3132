#include "beckn/ack.hpp"
#include "beckn/nack.hpp"
#include "core/async.hpp"
#include "core/log.hpp"
#include "net/json_text.hpp"
#include "sim/provider_impl.hpp"

#include <utility>

// From bytes to an acknowledged request.
namespace headroom::sim {

using beckn::Action;
using beckn::ErrorCode;

namespace {

constexpr std::size_t sends_kept_max = 100'000;

std::string signer_of(const beckn::VerifiedSender& sender) {
    return sender.key.empty() ? std::string() : beckn::key_of_sender(sender.subscriber, sender.key);
}

}  // namespace

std::string ProviderSim::Impl::Received::key() const {
    return std::string(beckn::to_string(context().action)) + "/" + context().message_id;
}

std::vector<ProviderSim::Impl::Counter*> ProviderSim::Impl::targets(const std::string& provider,
                                                                    const beckn::Envelope& request) {
    std::vector<Counter*> found;
    if (provider.empty() && request.context.action == Action::search && request.context.bpp_id.empty()) {
        for (const std::unique_ptr<Counter>& counter : counters_) {
            found.push_back(counter.get());
        }
        return found;
    }
    Counter* counter = provider.empty() ? find_subscriber(request.context.bpp_id) : find(provider);
    const bool is_addressed =
        counter != nullptr &&
        (request.context.bpp_id.empty() || request.context.bpp_id == counter->desk.spec().subscriber_id);
    if (is_addressed) {
        found.push_back(counter);
    }
    return found;
}

net::Response ProviderSim::Impl::nack(beckn::WireVersion version, const beckn::AckSubject& subject,
                                      beckn::MessageError error, const std::string& signer) const {
    error.key_id = signer;
    beckn::AckAnswer answer = beckn::nack_answer(version, subject, error);
    return net::json_text(answer.http_status, std::move(answer.body));
}

net::Response ProviderSim::Impl::nack(const beckn::Envelope& request, beckn::MessageError error,
                                      const std::string& signer) const {
    const beckn::Context& context = request.context;
    return nack(request.version, {context.transaction_id, context.message_id, parts_.wall.now()},
                std::move(error), signer);
}

/// 2.0 wants to know from whom an answer is.
void ProviderSim::Impl::sign_answer(const Received& received, net::Response& response) const {
    const std::string signature =
        beckn::sign_ack(callback_rules(received.envelope->version), received.counter->signer,
                        parts_.wall.now(), response.body, received.authorization);
    if (!signature.empty()) {
        response.headers.set("Signature", signature);
    }
}

/// What is answered to a message that does not say its dialect.
beckn::WireVersion ProviderSim::Impl::usual_dialect(const Counter* own) const {
    if (own == nullptr && counters_.empty()) {
        return beckn::WireVersion::v11;
    }
    return own != nullptr ? own->desk.spec().wire : counters_.front()->desk.spec().wire;
}

/// Whoever cannot be known is told no more than that; `sender` is who signed.
std::optional<net::Response> ProviderSim::Impl::refuse_stranger(const net::Request& request,
                                                                const Counter* own,
                                                                beckn::VerifiedSender& sender) const {
    if (options_.is_open) {
        return std::nullopt;
    }
    beckn::PublishedKey found[2];  // the gateway's and the buyer's
    std::size_t looked_for = 0;
    const beckn::KeyFinder keys = [&](const beckn::KeyId& id) -> beckn::KeyCandidates {
        for (const auto& [known, type] : {std::pair(&options_.buyers, beckn::ParticipantType::bap),
                                          std::pair(&options_.gateways, beckn::ParticipantType::gateway)}) {
            for (const KnownBuyer& one : *known) {
                if (one.subscriber_id == id.subscriber && one.key_id == id.key) {
                    beckn::PublishedKey& key = found[looked_for++ % 2];
                    key = {
                        .subscriber = id.subscriber, .key = id.key, .signing = one.public_key, .type = type};
                    return {.current = &key};
                }
            }
        }
        return {};
    };
    beckn::SignatureRules rules = beckn::rules_of(beckn::SignatureProfile::beckn006);
    rules.skew = options_.skew;
    const beckn::SignatureVerdict verdict =
        beckn::verify(rules,
                      {.authorization = request.headers.get("Authorization"),
                       .body = request.body,
                       .gateway_authorization = request.headers.get("X-Gateway-Authorization")},
                      keys, parts_.wall.now());
    if (verdict.is_good()) {
        sender = verdict.sender;
        return std::nullopt;
    }
    log::debug("a simulated provider refused a signature", {{"reason", verdict.why}});
    const beckn::SignatureRefusal told =
        beckn::refusal_of(verdict, own != nullptr ? own->desk.spec().subscriber_id : "mock-bpp");
    net::Response response = net::json_text(told.status, beckn::write_nack(told.error));
    response.headers.set(told.header_name, told.header_value);
    return response;
}

std::optional<net::Response> ProviderSim::Impl::refuse_message(const beckn::Envelope& request, Action wanted,
                                                               const beckn::VerifiedSender& sender) const {
    const beckn::Context& context = request.context;
    const std::string signer = signer_of(sender);
    if (context.action != wanted) {
        return nack(request,
                    beckn::differing(beckn::make_error(ErrorCode::ctx_action_mismatch,
                                                       "the path names another action", "/context/action"),
                                     beckn::to_string(wanted, request.version),
                                     beckn::to_string(context.action, request.version)),
                    signer);
    }
    if (!options_.is_open && context.bap_id != sender.subscriber) {
        return nack(request,
                    beckn::differing(beckn::make_error(ErrorCode::aut_unauthorized_action,
                                                       "the signer is not bap_id", "/context/bap_id"),
                                     sender.subscriber, context.bap_id),
                    signer);
    }
    if (!may_reach(context)) {
        return nack(request,
                    beckn::make_error(ErrorCode::aut_unauthorized_action,
                                      "bap_uri is not where this buyer is registered", "/context/bap_uri"),
                    signer);
    }
    if (context.timestamp + context.ttl.value_or(options_.ttl) < parts_.wall.now()) {
        return nack(request,
                    beckn::differing(beckn::make_error(ErrorCode::ctx_ttl_expired, "the message is too old",
                                                       "/context/timestamp"),
                                     "at most its ttl old", format_utc(context.timestamp)),
                    signer);
    }
    return std::nullopt;
}

Awaitable<net::Response> ProviderSim::Impl::handle(std::string provider, std::string action,
                                                   net::Request request) {
    const auto self = shared_from_this();
    const std::optional<Action> wanted = beckn::parse_action(action);
    Counter* own = provider.empty() ? nullptr : find(provider);
    if (!wanted || beckn::is_callback(*wanted) || *wanted == Action::catalog_publish ||
        (!provider.empty() && own == nullptr)) {
        co_return net::problem(404, "Not Found", "no provider serves /" + provider + "/" + action);
    }
    if (own != nullptr && own->desk.spec().faults.http_status > 0) {
        co_return net::problem(own->desk.spec().faults.http_status, "Simulated fault", "as configured");
    }
    beckn::VerifiedSender sender;
    if (std::optional<net::Response> refusal = refuse_stranger(request, own, sender)) {
        co_return std::move(*refusal);
    }
    beckn::Decoded decoded = beckn::decode(request.body);
    if (!decoded.envelope) {
        const beckn::Remains remains = beckn::remains_of(request.body);
        const beckn::WireVersion version = remains.version.value_or(usual_dialect(own));
        co_return nack(version, {remains.transaction_id, remains.message_id, parts_.wall.now()},
                       beckn::unreadable(version, decoded, request.body), signer_of(sender));
    }
    const auto envelope = std::make_shared<const beckn::Envelope>(std::move(*decoded.envelope));
    if (std::optional<net::Response> refusal = refuse_message(*envelope, *wanted, sender)) {
        co_return std::move(*refusal);
    }
    const std::vector<Counter*> called = targets(provider, *envelope);
    if (called.empty()) {
        co_return nack(
            *envelope,
            beckn::make_error(ErrorCode::biz_provider_not_found, "no such provider", "/context/bpp_id"),
            signer_of(sender));
    }
    const Sha256 digest = sha256(request.body);
    net::Response response;
    milliseconds hang{0};
    for (Counter* counter : called) {
        const ProviderSpec& spec = counter->desk.spec();
        Received received{.counter = counter,
                          .envelope = envelope,
                          .drawn = draw_faults(spec.faults.rules, options_.fault_seed.value_or(options_.seed),
                                               spec.id, envelope->context.transaction_id, *wanted),
                          .is_repeat = false,
                          .authorization = std::string(request.headers.get("Authorization")),
                          .signer = signer_of(sender),
                          .is_silent = false,
                          .is_taken = false};
        if (fails_this_send(received, FaultKind::server_error)) {
            response = net::problem(503, "Simulated fault", "this send fails, as drawn");
            continue;
        }
        response = acknowledge(received, digest);
        if (!received.is_taken) {
            continue;
        }
        if (fails_this_send(received, FaultKind::timeout)) {
            hang = spec.faults.sizes.hang;
        }
        spawn(parts_.executor, answer(std::move(received)));
    }
    if (hang > milliseconds{0}) {
        co_await pause(hang);
    }
    if (called.size() > 1) {
        const beckn::Context& context = envelope->context;
        beckn::AckAnswer answer = beckn::ack_answer(
            envelope->version, {context.transaction_id, context.message_id, parts_.wall.now()});
        co_return net::json_text(answer.http_status, std::move(answer.body));
    }
    co_return std::move(response);
}

/// Whether a drawn fault of the first sends meets this one: so many times, then no more.
bool ProviderSim::Impl::fails_this_send(Received& received, FaultKind kind) {
    if (!received.drawn.has(kind)) {
        return false;
    }
    std::map<std::string, std::int64_t>& sends = received.counter->sends;
    if (sends.size() >= sends_kept_max) {
        sends.clear();
    }
    const std::int64_t failing =
        received.drawn.between(kind, 1, received.counter->desk.spec().faults.sizes.sends_failed_max);
    std::int64_t& count = sends[std::string(to_string(kind)) + "/" + received.key()];
    count += 1;
    return count <= failing;
}

/// The synchronous answer: the same bytes again get the same one.
net::Response ProviderSim::Impl::acknowledge(Received& received, const Sha256& digest) {
    const beckn::Context& context = received.context();
    const ProviderSpec& spec = received.counter->desk.spec();
    const std::string sender = context.bap_id + "/" + spec.id;
    const bool says_202 = received.drawn.has(FaultKind::no_callback_202);
    const bool says_409 = received.drawn.has(FaultKind::no_callback_409);
    received.is_silent = says_202 || says_409;
    inbox_.forget_before(parts_.wall.now());
    const beckn::Inbox::Seen seen = inbox_.judge(sender, context.action, context.message_id, digest);
    if (seen.verdict == beckn::InboxVerdict::conflict) {
        return nack(
            *received.envelope,
            beckn::differing(beckn::make_error(ErrorCode::ctx_message_id_duplicate,
                                               "another message came under this id", "/context/message_id"),
                             "SHA-256 " + to_hex(seen.entry->digest), "SHA-256 " + to_hex(digest)),
            received.signer);
    }
    const beckn::WireVersion version = received.envelope->version;
    const beckn::AckSubject subject{context.transaction_id, context.message_id, parts_.wall.now()};
    const bool refuses = seen.verdict == beckn::InboxVerdict::repeat
                             ? !seen.entry->accepted
                             : spec.faults.nack || received.drawn.has(FaultKind::nack);
    beckn::AckAnswer answer =
        refuses ? beckn::nack_answer(
                      version, subject,
                      beckn::make_error(ErrorCode::biz_generic_error, "this provider takes no orders now"))
                : beckn::ack_answer(version, subject);
    received.is_taken = !refuses;
    if (!refuses && received.is_silent) {
        answer.http_status = says_202 ? 202 : 409;
    }
    if (seen.verdict == beckn::InboxVerdict::repeat) {
        received.is_repeat = true;
        answer.body = seen.entry->answer;
    } else {
        inbox_.remember(sender, context.action, context.message_id,
                        {.digest = digest,
                         .accepted = !refuses,
                         .answer = answer.body,
                         .keep_until = parts_.wall.now() + options_.ttl + options_.skew + hours{1}});
    }
    net::Response response = net::json_text(answer.http_status, std::move(answer.body));
    sign_answer(received, response);
    return response;
}

}  // namespace headroom::sim
