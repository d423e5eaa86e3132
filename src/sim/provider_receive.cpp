#include "beckn/ack.hpp"
#include "core/log.hpp"
#include "sim/provider_impl.hpp"

#include <utility>

// From bytes to an acknowledged request.
namespace headroom::sim {

using beckn::Action;
using beckn::ErrorCode;

namespace {

constexpr std::size_t sends_kept_max = 100'000;

net::Response json_text(int status, std::string body) {
    return net::Response{
        .status = status, .content_type = "application/json", .body = std::move(body), .headers = {}};
}

net::Response nack(const beckn::MessageError& error) {
    return json_text(200, beckn::write_nack(error));
}

Awaitable<void> pause(milliseconds length) {
    asio::steady_timer timer(co_await asio::this_coro::executor, length);
    auto token = asio::as_tuple(asio::use_awaitable);
    co_await timer.async_wait(token);
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

/// Whoever cannot be known is told no more than that; `subscriber` is who signed.
std::optional<net::Response> ProviderSim::Impl::refuse_stranger(const net::Request& request,
                                                                const Counter* own,
                                                                std::string& subscriber) const {
    if (options_.is_open) {
        return std::nullopt;
    }
    const beckn::KeyLookup keys = [this](std::string_view id,
                                         std::string_view key) -> std::optional<Ed25519PublicKey> {
        for (const KnownBuyer& buyer : options_.buyers) {
            if (buyer.subscriber_id == id && buyer.key_id == key) {
                return buyer.public_key;
            }
        }
        return std::nullopt;
    };
    const Result<beckn::VerifiedSender> sender = beckn::verify_authorization(
        request.headers.get("Authorization"), request.body, keys, parts_.wall.now(), options_.skew);
    if (sender) {
        subscriber = sender->subscriber;
        return std::nullopt;
    }
    log::debug("a simulated provider refused a signature", {{"reason", sender.error().message}});
    net::Response response = json_text(
        401,
        beckn::write_nack(beckn::make_error(ErrorCode::aut_signature_invalid, "the signature was refused")));
    response.headers.set("WWW-Authenticate",
                         beckn::challenge(own != nullptr ? own->desk.spec().subscriber_id : "mock-bpp"));
    return response;
}

std::optional<net::Response> ProviderSim::Impl::refuse_message(const beckn::Envelope& request, Action wanted,
                                                               const std::string& subscriber) const {
    const beckn::Context& context = request.context;
    if (context.action != wanted) {
        return nack(beckn::make_error(ErrorCode::ctx_action_mismatch,
                                      "the path says " + std::string(beckn::to_string(wanted)),
                                      "/context/action"));
    }
    if (!options_.is_open && context.bap_id != subscriber) {
        return nack(beckn::make_error(ErrorCode::aut_unauthorized_action, "the signer is not bap_id",
                                      "/context/bap_id"));
    }
    if (!may_reach(context)) {
        return nack(beckn::make_error(ErrorCode::aut_unauthorized_action,
                                      "bap_uri is not where this buyer is registered", "/context/bap_uri"));
    }
    if (context.timestamp + context.ttl.value_or(options_.ttl) < parts_.wall.now()) {
        return nack(
            beckn::make_error(ErrorCode::ctx_ttl_expired, "the message is too old", "/context/timestamp"));
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
    std::string subscriber;
    if (std::optional<net::Response> refusal = refuse_stranger(request, own, subscriber)) {
        co_return std::move(*refusal);
    }
    const beckn::Decoded decoded = beckn::decode(request.body);
    if (!decoded.envelope) {
        const std::string pointer = decoded.faults.empty() ? "" : decoded.faults.front().pointer;
        co_return nack(
            beckn::make_error(ErrorCode::sch_schema_validation_failed, decoded.describe_faults(), pointer));
    }
    const auto envelope = std::make_shared<const beckn::Envelope>(*decoded.envelope);
    if (std::optional<net::Response> refusal = refuse_message(*envelope, *wanted, subscriber)) {
        co_return std::move(*refusal);
    }
    const std::vector<Counter*> called = targets(provider, *envelope);
    if (called.empty()) {
        co_return nack(
            beckn::make_error(ErrorCode::biz_provider_not_found, "no such provider", "/context/bpp_id"));
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
                          .is_silent = false};
        if (fails_this_send(received, FaultKind::server_error)) {
            response = net::problem(503, "Simulated fault", "this send fails, as drawn");
            continue;
        }
        response = acknowledge(received, digest);
        const beckn::AckKind kind = beckn::read_ack(response.status, response.body).kind;
        if (kind != beckn::AckKind::accepted && kind != beckn::AckKind::closed) {
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
    co_return called.size() > 1 ? json_text(200, beckn::write_ack()) : std::move(response);
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
    const int status = says_202 ? 202 : says_409 ? 409 : 200;
    inbox_.forget_before(parts_.wall.now());
    const beckn::Inbox::Seen seen = inbox_.judge(sender, context.action, context.message_id, digest);
    if (seen.verdict == beckn::InboxVerdict::conflict) {
        return nack(beckn::make_error(ErrorCode::ctx_message_id_duplicate,
                                      "another message came under this id", "/context/message_id"));
    }
    if (seen.verdict == beckn::InboxVerdict::repeat) {
        received.is_repeat = true;
        return json_text(seen.entry->accepted ? status : 200, seen.entry->answer);
    }
    const bool refuses = spec.faults.nack || received.drawn.has(FaultKind::nack);
    std::string body = refuses ? beckn::write_nack(beckn::make_error(ErrorCode::biz_generic_error,
                                                                     "this provider takes no orders now"))
                               : beckn::write_ack();
    inbox_.remember(sender, context.action, context.message_id,
                    {.digest = digest,
                     .accepted = !refuses,
                     .answer = body,
                     .keep_until = parts_.wall.now() + options_.ttl + options_.skew + hours{1}});
    return json_text(refuses ? 200 : status, std::move(body));
}

}  // namespace headroom::sim
