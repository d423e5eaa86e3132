#include "agents/key_registry.hpp"

#include "beckn/ack.hpp"
#include "beckn/registry_message.hpp"
#include "beckn/signature_identity.hpp"
#include "beckn/signature_verify.hpp"
#include "core/log.hpp"
#include "net/json_text.hpp"

#include <optional>
#include <utility>

namespace headroom::agents {

using beckn::ErrorCode;
using beckn::PublishedKey;
using beckn::SubscribeRequest;

namespace {

constexpr std::size_t request_max = 16UL * 1024;
constexpr std::size_t answer_max = 16UL * 1024;
constexpr std::size_t challenge_bytes = 32;
constexpr std::int64_t challenge_deadline_ms = 5'000;

net::Response malformed(const Error& error) {
    return net::json_text(400, beckn::write_nack(beckn::make_error(ErrorCode::sch_schema_validation_failed,
                                                                   error.message, error.pointer)));
}

}  // namespace

class KeyRegistry::Impl : public std::enable_shared_from_this<KeyRegistry::Impl> {
  public:
    Impl(Parts parts, KeyRegistryOptions options, std::vector<PublishedKey> known)
        : parts_(std::move(parts)), options_(std::move(options)), book_(std::move(known), options_.rules) {
        for (const std::string& target : options_.allow) {
            hosts_.allow(target);
        }
    }

    [[nodiscard]] PublishedKey self() const {
        return {.subscriber = parts_.signer.subscriber,
                .key = parts_.signer.key_id,
                .signing = parts_.signer.key.public_key(),
                .encryption = parts_.encryption.public_key()};
    }

    Awaitable<net::Response> lookup(net::Request request) {
        if (options_.needs_signed_lookups) {
            const beckn::KeyFinder keys = [this](const beckn::KeyId& id) { return book_.find(id); };
            if (std::optional<net::Response> refused = refuse(request, keys)) {
                co_return std::move(*refused);
            }
        }
        const Result<json::Value> filter = json::parse(request.body, {.bytes = request_max, .depth = 8});
        if (!filter || !filter->is_object()) {
            co_return malformed(filter ? Error{Errc::invalid, "the filter is no object", ""}
                                       : filter.error());
        }
        json::Array found;
        for (const PublishedKey& key : book_.lookup(*filter, parts_.wall.now())) {
            found.push_back(beckn::to_json(key));
        }
        const std::string subscriber = filter->text("/subscriber_id");
        if (subscriber == parts_.signer.subscriber || filter->text("/type") == "REGISTRY") {
            found.push_back(beckn::to_json(self()));
        }
        co_return net::json_response(200, std::move(found));
    }

    Awaitable<net::Response> subscribe(net::Request request) {
        const Result<SubscribeRequest> asked = beckn::read_subscribe_request(request.body);
        if (!asked) {
            co_return malformed(asked.error());
        }
        const UtcTime now = parts_.wall.now();
        if (std::optional<net::Response> refused = refuse(request, book_.keys_for(*asked, now))) {
            co_return std::move(*refused);
        }
        if (asked->key.subscriber == parts_.signer.subscriber) {
            co_return malformed(Error{Errc::invalid, "the id is the registry's own", "/subscriber_id"});
        }
        if (const Result<void> callable = hosts_.check(asked->key.url); !callable) {
            co_return malformed(Error{Errc::invalid, callable.error().message, "/url"});
        }
        const std::string secret = random_bytes(challenge_bytes);
        std::string challenge = to_base64(std::string_view(secret));
        if (const Result<void> begun = book_.begin(*asked, challenge, now); !begun) {
            if (begun.error().code == Errc::unavailable) {
                co_return net::problem_of(begun.error());
            }
            co_return malformed(begun.error());
        }
        spawn(parts_.executor, challenge_subscriber(shared_from_this(), asked->key, std::move(challenge)));
        co_return net::json_text(200, R"({"status":"UNDER_SUBSCRIPTION"})");
    }

    void list(PublishedKey key) { book_.put(std::move(key)); }

    [[nodiscard]] beckn::KeyFinder keys() {
        return [self = shared_from_this()](const beckn::KeyId& id) { return self->book_.find(id); };
    }

    [[nodiscard]] std::vector<PublishedKey> providers(std::string_view domain) const {
        const json::Value filter(json::Object{{"type", "BPP"}, {"domain", std::string(domain)}});
        std::vector<PublishedKey> found = book_.lookup(filter, parts_.wall.now());
        std::erase_if(found, [](const PublishedKey& key) {
            return key.status != beckn::SubscriptionStatus::subscribed;
        });
        return found;
    }

    std::function<void(const std::vector<PublishedKey>&)> changed;

  private:
    /// The constant answer to a signature that is refused, whatever is wrong with it.
    std::optional<net::Response> refuse(const net::Request& request, const beckn::KeyFinder& keys) {
        beckn::SignatureRules rules = beckn::rules_of(beckn::SignatureProfile::beckn006);
        rules.skew = options_.skew;
        const beckn::SignatureVerdict verdict =
            beckn::verify(rules,
                          {.authorization = request.headers.get("Authorization"),
                           .body = request.body,
                           .digest = request.headers.get("Digest")},
                          keys, parts_.wall.now());
        if (verdict.is_good()) {
            return std::nullopt;
        }
        log::warn("the registry refused a signature",
                  {{"rule", std::string(to_string(verdict.broken))}, {"reason", verdict.why.substr(0, 256)}});
        const beckn::SignatureRefusal told = beckn::refusal_of(verdict, parts_.signer.subscriber);
        net::Response response = net::json_text(told.status, beckn::write_nack(told.error));
        response.headers.set(told.header_name, told.header_value);
        return response;
    }

    static Awaitable<void> challenge_subscriber(std::shared_ptr<Impl> impl, PublishedKey key,
                                                std::string challenge) {
        const Result<std::string> answer = co_await impl->ask(key, std::move(challenge));
        const Result<void> confirmed = impl->book_.confirm(
            key.subscriber, key.key, answer ? *answer : std::string(), impl->parts_.wall.now());
        if (!confirmed) {
            log::warn("a subscription failed",
                      {{"subscriber", key.subscriber},
                       {"reason", answer ? confirmed.error().message : answer.error().message}});
            co_return;
        }
        log::info("a participant is subscribed", {{"subscriber", key.subscriber}, {"key", key.key}});
        if (impl->changed) {
            impl->changed(impl->book_.all());
        }
    }

    Awaitable<Result<std::string>> ask(PublishedKey key, std::string challenge) {
        const Result<std::string> sealed = parts_.encryption.encrypt(challenge, *key.encryption);
        if (!sealed) {
            co_return sealed.error();
        }
        net::ClientRequest request;
        request.method = "POST";
        request.url = key.url + "/on_subscribe";
        request.headers.add("Content-Type", "application/json");
        request.body = json::write(json::Object{
            {"subscriber_id", key.subscriber}, {"status", "UNDER_SUBSCRIPTION"}, {"challenge", *sealed}});
        request.headers.add("Authorization",
                            beckn::sign(beckn::rules_of(beckn::SignatureProfile::beckn006), parts_.signer,
                                        parts_.wall.now(), registry_signature_lasts, request.body));
        request.deadline_ms = challenge_deadline_ms;
        request.max_response_bytes = answer_max;
        const Result<net::ClientResponse> response = co_await parts_.http.send(std::move(request));
        if (!response) {
            co_return response.error();
        }
        const Result<json::Value> body = json::parse(response->body, {.bytes = answer_max, .depth = 8});
        if (response->status != 200 || !body) {
            co_return Error{
                Errc::invalid,
                "/on_subscribe answered " + std::to_string(response->status) + " without an answer", ""};
        }
        co_return body->text("/answer");
    }

    Parts parts_;
    KeyRegistryOptions options_;
    beckn::RegistryBook book_;
    beckn::KeyHosts hosts_;
};

KeyRegistry::KeyRegistry(Parts parts, KeyRegistryOptions options, std::vector<PublishedKey> known)
    : impl_(std::make_shared<Impl>(std::move(parts), std::move(options), std::move(known))) {}

KeyRegistry::~KeyRegistry() = default;

void KeyRegistry::mount(net::HttpServer& server, const std::string& prefix) {
    const auto impl = impl_;
    const net::RouteOptions options{.role = "peer", .max_body = request_max};
    server.route(
        "POST", prefix + "/lookup",
        [impl](net::Request request) -> Awaitable<net::Response> { return impl->lookup(std::move(request)); },
        options);
    server.route(
        "POST", prefix + "/subscribe",
        [impl](net::Request request) -> Awaitable<net::Response> {
            return impl->subscribe(std::move(request));
        },
        options);
}

void KeyRegistry::on_change(std::function<void(const std::vector<PublishedKey>&)> action) {
    impl_->changed = std::move(action);
}

PublishedKey KeyRegistry::self() const {
    return impl_->self();
}

void KeyRegistry::list(PublishedKey key) {
    impl_->list(std::move(key));
}

beckn::KeyFinder KeyRegistry::keys() const {
    return impl_->keys();
}

std::vector<PublishedKey> KeyRegistry::providers(std::string_view domain) const {
    return impl_->providers(domain);
}

}  // namespace headroom::agents
