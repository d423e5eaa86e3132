#include "agents/key_registry.hpp"
#include "beckn/ack.hpp"
#include "beckn/registry_message.hpp"
#include "beckn/signature_identity.hpp"
#include "beckn/signature_verify.hpp"
#include "core/log.hpp"

#include <utility>

namespace headroom::agents {

using beckn::ErrorCode;
using beckn::PublishedKey;

namespace {

constexpr std::int64_t deadline_ms = 5'000;
constexpr milliseconds skew = seconds{5};
constexpr std::size_t challenge_max = 16UL * 1024;

net::ClientRequest post(std::string url, std::string body) {
    net::ClientRequest request;
    request.method = "POST";
    request.url = std::move(url);
    request.headers.add("Content-Type", "application/json");
    request.body = std::move(body);
    request.deadline_ms = deadline_ms;
    request.max_response_bytes = beckn::registry_answer_max;
    return request;
}

}  // namespace

KeySubscriber::KeySubscriber(Parts parts, std::string registry_url, PublishedKey registry)
    : parts_(std::move(parts)), registry_url_(std::move(registry_url)), registry_(std::move(registry)) {}

Awaitable<Result<PublishedKey>> KeySubscriber::ask_registry(net::HttpClient& http, std::string registry_url) {
    net::ClientRequest request = post(registry_url + "/lookup", R"({"type":"REGISTRY"})");
    const Result<net::ClientResponse> answer = co_await http.send(std::move(request));
    if (!answer) {
        co_return answer.error();
    }
    const Result<std::vector<PublishedKey>> found =
        answer->status == 200
            ? beckn::read_subscriptions(answer->body)
            : Result<std::vector<PublishedKey>>(
                  Error{Errc::unavailable, "the registry answered " + std::to_string(answer->status), ""});
    if (!found) {
        co_return found.error();
    }
    if (found->size() != 1 || !found->front().encryption) {
        co_return Error{Errc::not_found, "the registry does not tell its own keys", ""};
    }
    co_return found->front();
}

Awaitable<Result<void>> KeySubscriber::subscribe(PublishedKey self, std::string nonce) {
    const beckn::SubscribeRequest asked{.key = std::move(self), .nonce = std::move(nonce)};
    net::ClientRequest request = post(registry_url_ + "/subscribe", beckn::write_subscribe_request(asked));
    request.headers.add("Authorization",
                        beckn::sign(beckn::rules_of(beckn::SignatureProfile::beckn006), parts_.signer,
                                    parts_.wall.now(), registry_signature_lasts, request.body));
    const Result<net::ClientResponse> answer = co_await parts_.http.send(std::move(request));
    if (!answer) {
        co_return answer.error();
    }
    const Result<json::Value> body = json::parse(answer->body, {.bytes = challenge_max, .depth = 8});
    if (answer->status == 200 && body && body->text("/status") == "UNDER_SUBSCRIPTION") {
        co_return Result<void>{};
    }
    const std::string reason = body ? body->text("/error/message") : std::string();
    co_return Error{answer->status == 401 ? Errc::denied : Errc::invalid,
                    "the registry answered " + std::to_string(answer->status) +
                        (reason.empty() ? std::string() : ": " + reason.substr(0, 256)),
                    body ? body->text("/error/paths") : std::string()};
}

Awaitable<net::Response> KeySubscriber::on_subscribe(net::Request request) {
    const beckn::KeyFinder keys = [this](const beckn::KeyId& id) -> beckn::KeyCandidates {
        const bool is_registry = id.subscriber == registry_.subscriber && id.key == registry_.key;
        return {.current = is_registry ? &registry_ : nullptr};
    };
    beckn::SignatureRules rules = beckn::rules_of(beckn::SignatureProfile::beckn006);
    rules.skew = skew;
    const beckn::SignatureVerdict verdict =
        beckn::verify(rules, {.authorization = request.headers.get("Authorization"), .body = request.body},
                      keys, parts_.wall.now());
    if (!verdict.is_good()) {
        // Whoever could have us decrypt what he likes would have our encryption key.
        log::warn("a challenge was refused", {{"reason", verdict.why.substr(0, 256)}});
        const beckn::SignatureRefusal told = beckn::refusal_of(verdict, parts_.signer.subscriber);
        net::Response response{.status = told.status,
                               .content_type = "application/json",
                               .body = beckn::write_nack(told.error),
                               .headers = {}};
        response.headers.set(told.header_name, told.header_value);
        co_return response;
    }
    const Result<json::Value> body = json::parse(request.body, {.bytes = challenge_max, .depth = 8});
    const Result<std::string> answer =
        body && registry_.encryption
            ? parts_.encryption.decrypt(body->text("/challenge"), *registry_.encryption)
            : Result<std::string>(Error{Errc::invalid, "there is no challenge", "/challenge"});
    if (!answer) {
        co_return net::Response{
            .status = 400,
            .content_type = "application/json",
            .body = beckn::write_nack(beckn::make_error(ErrorCode::sch_schema_validation_failed,
                                                        answer.error().message, "/challenge")),
            .headers = {}};
    }
    co_return net::json_response(200, json::Object{{"answer", *answer}});
}

Awaitable<Result<PublishedKey>> KeySubscriber::look_up(beckn::KeyId id) {
    net::ClientRequest request = post(registry_url_ + "/lookup", beckn::lookup_request(id));
    const Result<net::ClientResponse> answer = co_await parts_.http.send(std::move(request));
    if (!answer) {
        co_return answer.error();
    }
    const Result<std::vector<PublishedKey>> found = beckn::read_subscriptions(answer->body);
    if (!found) {
        co_return found.error();
    }
    co_return beckn::pick_key(*found, id);
}

}  // namespace headroom::agents
