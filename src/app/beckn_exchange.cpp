#include "app/beckn_exchange.hpp"

#include "beckn/nack.hpp"
#include "beckn/post.hpp"
#include "beckn/signature_identity.hpp"
#include "core/json.hpp"
#include "net/json_text.hpp"

#include <chrono>
#include <utility>

namespace headroom::app {
namespace {

constexpr std::size_t callback_max = 16UL << 20U;

net::Response http_answer(beckn::AckAnswer said) {
    return net::json_text(said.http_status, std::move(said.body));
}

/// Checkers call the dialects by these names.
std::string_view checker_name(beckn::WireVersion version) {
    return version == beckn::WireVersion::v09 ? "0.9.3" : beckn::to_string(version);
}

bool is_whole(const std::vector<ReceivedCallback>& callbacks) {
    if (callbacks.empty()) {
        return false;
    }
    const auto* order = std::get_if<beckn::Order>(&callbacks.back().envelope.message);
    if (order == nullptr || order->performance.empty() || !order->performance.front().page) {
        return true;
    }
    return order->performance.front().page->is_last;
}

}  // namespace

beckn::SignatureRules usual_rules(beckn::WireVersion version) {
    return beckn::rules_of(beckn::is_v2(version) ? beckn::SignatureProfile::nfh004
                                                 : beckn::SignatureProfile::beckn006);
}

BecknExchange::BecknExchange(asio::io_context& context, ExchangeOptions options)
    : context_(context),
      options_(std::move(options)),
      signer_{options_.subscriber_id, options_.key_id, options_.key},
      rules_(usual_rules(options_.wire)),
      wall_(make_system_wall_clock()),
      http_(context.get_executor(), {.allow_private = options_.allow_private}),
      server_(context) {
    auto handler = [this](net::Request request) -> Awaitable<net::Response> {
        return take(std::move(request));
    };
    net::RouteOptions route;
    route.max_body = callback_max;
    server_.route("POST", "/beckn/catalog/{action}", handler, route);
    server_.route("POST", "/beckn/{action}", std::move(handler), std::move(route));
}

Result<void> BecknExchange::listen() {
    const Result<void> bound = server_.listen(options_.host, options_.port);
    if (bound) {
        address_ = "http://" + options_.host + ":" + std::to_string(server_.port()) + "/beckn";
    }
    return bound;
}

void BecknExchange::keep(std::string_view action, const std::string& raw, const std::string& authorization,
                         const Ed25519PublicKey& key, const std::string& request_authorization) {
    json::Object line{{"action", action}, {"version", checker_name(options_.wire)}};
    if (const Result<json::Value> body = json::parse(raw)) {
        line.set("body", *body);
    }
    const auto now = std::chrono::floor<seconds>(wall_->now().time_since_epoch());
    line.set("received_at", std::int64_t{now.count()});
    line.set("headers", json::Object{{"authorization", authorization}});
    if (!request_authorization.empty() && beckn::is_bound(authorization)) {
        line.set("request_signature", request_authorization);
    }
    line.set("raw", raw);
    line.set("public_key", to_base64(key));
    lines_.push_back(json::write(std::move(line)));
}

beckn::KeyFinder BecknExchange::keys_of(const Correspondent& peer) {
    const beckn::PublishedKey published{
        .subscriber = peer.subscriber_id, .key = peer.key_id, .signing = peer.public_key};
    return [published](const beckn::KeyId& id) -> beckn::KeyCandidates {
        const bool is_its =
            id.subscriber == published.subscriber && (published.key.empty() || id.key == published.key);
        return {.current = is_its ? &published : nullptr};
    };
}

std::string BecknExchange::trust_fault_of(const Open& open, const beckn::Envelope& envelope,
                                          const net::Request& request) const {
    const Correspondent& peer = open.peer;
    const beckn::SignedMessage message{.authorization = request.headers.get("Authorization"),
                                       .body = request.body,
                                       .request_authorization = open.authorization};
    const beckn::SignatureVerdict verdict = beckn::verify(rules_, message, keys_of(peer), wall_->now());
    if (!verdict.is_good()) {
        return verdict.why;
    }
    return beckn::check_identity(envelope.context, peer.subscriber_id).value_or("");
}

Awaitable<net::Response> BecknExchange::take(net::Request request) {
    beckn::CodecLimits limits;
    limits.bytes = callback_max;
    const beckn::Decoded decoded = beckn::decode(request.body, limits);
    if (!decoded.envelope) {
        const beckn::Remains about = beckn::remains_of(request.body);
        const beckn::WireVersion version = about.version.value_or(options_.wire);
        co_return http_answer(beckn::nack_answer(version,
                                                 {about.transaction_id, about.message_id, wall_->now()},
                                                 beckn::unreadable(version, decoded, request.body)));
    }
    const beckn::Context& context = decoded.envelope->context;
    const beckn::AckSubject subject{context.transaction_id, context.message_id, wall_->now()};
    const auto found = open_.find(context.message_id);
    if (found == open_.end() || !beckn::is_callback(context.action)) {
        co_return http_answer(beckn::nack_answer(
            decoded.envelope->version, subject,
            beckn::make_error(beckn::ErrorCode::ctx_transaction_id_unknown,
                              "nothing was asked under this message id", "/context/message_id")));
    }
    Open& open = found->second;
    const std::string authorization(request.headers.get("Authorization"));
    keep(beckn::to_string(context.action, decoded.envelope->version), request.body, authorization,
         open.peer.public_key, open.authorization);
    open.callbacks.push_back(
        {*decoded.envelope, request.body, trust_fault_of(open, *decoded.envelope, request)});
    open.wake->cancel();
    co_return http_answer(beckn::ack_answer(decoded.envelope->version, subject));
}

void BecknExchange::take_at_once(Open& open, const std::string& message_id,
                                 const net::ClientResponse& response) {
    beckn::Decoded decoded = beckn::decode(response.body, {.bytes = callback_max});
    if (!decoded.envelope || !beckn::is_callback(decoded.envelope->context.action) ||
        decoded.envelope->context.message_id != message_id) {
        return;
    }
    const std::string signature(response.headers.get("Signature"));
    const beckn::SignatureVerdict verdict = beckn::verify_ack(
        rules_, signature, response.body, open.authorization, keys_of(open.peer), wall_->now());
    std::string fault =
        verdict.is_good()
            ? beckn::check_identity(decoded.envelope->context, open.peer.subscriber_id).value_or("")
            : verdict.why;
    keep(beckn::to_string(decoded.envelope->context.action, decoded.envelope->version), response.body,
         signature, open.peer.public_key, open.authorization);
    open.callbacks.push_back({std::move(*decoded.envelope), response.body, std::move(fault)});
}

Awaitable<void> BecknExchange::wait_for_callbacks(std::string message_id) {
    Open& open = open_.at(message_id);
    open.wake->expires_after(options_.wait);
    const SteadyTime deadline = open.wake->expiry();
    while (!is_whole(open.callbacks) && steady_now() < deadline) {
        auto token = asio::as_tuple(asio::use_awaitable);
        co_await open.wake->async_wait(token);
    }
}

Awaitable<Result<ExchangeResult>> BecknExchange::ask(Correspondent peer, beckn::Action action,
                                                     beckn::Body body, std::string transaction,
                                                     std::string message_id) {
    const std::string word(beckn::to_string(action, options_.wire));
    beckn::Envelope envelope{
        .version = options_.wire, .context = {}, .message = std::move(body), .error = {}};
    beckn::Context& context = envelope.context;
    context.action = action;
    context.domain = options_.domain;
    context.country = "GBR";
    context.city = "std:020";
    // Who publishes stands where providers stand, and the service opposite.
    const bool is_publishing = action == beckn::Action::catalog_publish;
    (is_publishing ? context.bpp_id : context.bap_id) = options_.subscriber_id;
    (is_publishing ? context.bpp_uri : context.bap_uri) =
        options_.public_url.empty() ? address_ : options_.public_url;
    (is_publishing ? context.bap_id : context.bpp_id) = peer.subscriber_id;
    (is_publishing ? context.bap_uri : context.bpp_uri) =
        peer.public_url.empty() ? peer.url : peer.public_url;
    context.transaction_id = std::move(transaction);
    context.message_id = message_id;
    context.timestamp = std::chrono::floor<seconds>(wall_->now());
    context.ttl = options_.ttl;
    Result<std::string> bytes = beckn::encode(envelope);
    if (!bytes) {
        co_return bytes.error();
    }
    Open& open = open_[message_id];
    open.peer = peer;
    open.authorization = beckn::sign(rules_, signer_, wall_->now(), options_.ttl, *bytes);
    open.wake = std::make_unique<asio::steady_timer>(context_.get_executor());
    keep(word, *bytes, open.authorization, signer_.key.public_key(), {});

    net::ClientRequest request =
        beckn::post_of(peer.url + "/" + word, open.authorization, *bytes, options_.wait.count());
    request.max_response_bytes = callback_max;
    const Result<net::ClientResponse> response = co_await http_.send(std::move(request));
    if (!response) {
        open_.erase(message_id);
        co_return response.error();
    }
    ExchangeResult result{beckn::read_ack(response->status, response->body), {}, std::move(*bytes)};
    if (result.ack.kind == beckn::AckKind::accepted) {
        take_at_once(open, message_id, *response);
    }
    if (result.ack.kind == beckn::AckKind::accepted && open.callbacks.empty()) {
        co_await wait_for_callbacks(message_id);
    }
    result.callbacks = std::move(open_.at(message_id).callbacks);
    open_.erase(message_id);
    co_return result;
}

}  // namespace headroom::app
