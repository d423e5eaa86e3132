#include "agents/key_registry.hpp"

#include "agents/challenge_answers.hpp"
#include "agents/key_resolver.hpp"
#include "beckn/registry_message.hpp"
#include "unit/agents/instants.hpp"
#include "unit/agents/signers.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace headroom::agents {
namespace {

using beckn::KeyId;
using beckn::PublishedKey;
using beckn::Signer;
using beckn::SubscriptionStatus;
using beckn::X25519KeyPair;
using test::noon;
using test::signer_of;

X25519KeyPair encryption_of(char letter) {
    return X25519KeyPair::from_secret(std::string(32, letter)).value();
}

/// A registry and a participant, each behind a port of its own.
class KeyRegistryTest : public ::testing::Test {
  protected:
    KeyRegistryTest() : wall_(noon), registry_server_(context_), own_server_(context_) {
        net::ClientSettings settings;
        settings.allow_private = {"127.0.0.1:*"};
        http_ = std::make_unique<net::HttpClient>(context_.get_executor(), std::move(settings));
        own_server_.route("POST", "/beckn/on_subscribe",
                          [this](net::Request request) -> Awaitable<net::Response> {
                              ++challenges_;
                              if (answers_) {
                                  co_return co_await answers_->on_subscribe(std::move(request));
                              }
                              co_return co_await subscriber_->on_subscribe(std::move(request));
                          });
        EXPECT_TRUE(own_server_.listen("127.0.0.1", 0).has_value());
    }

    void open_registry(KeyRegistryOptions options) {
        registry_ = std::make_unique<KeyRegistry>(
            KeyRegistry::Parts{context_.get_executor(), wall_, *http_, signer_of('r', "registry.example"),
                               encryption_of('R')},
            std::move(options));
        registry_->on_change([this](const std::vector<PublishedKey>& all) { kept_ = all; });
        registry_->mount(registry_server_, "/reg");
        EXPECT_TRUE(registry_server_.listen("127.0.0.1", 0).has_value());
    }
    void open_registry() { open_registry({.allow = {"127.0.0.1:*"}}); }

    [[nodiscard]] std::string registry_url() const {
        return "http://127.0.0.1:" + std::to_string(registry_server_.port()) + "/reg";
    }

    void be(const Signer& signer, const PublishedKey& trusted) {
        subscriber_ = std::make_unique<KeySubscriber>(
            KeySubscriber::Parts{wall_, *http_, signer, encryption_of('E')}, registry_url(), trusted);
    }
    PublishedKey key_of(const Signer& signer) {
        return {.subscriber = signer.subscriber,
                .key = signer.key_id,
                .signing = signer.key.public_key(),
                .encryption = encryption_of('E').public_key(),
                .url = "http://127.0.0.1:" + std::to_string(own_server_.port()) + "/beckn",
                .type = beckn::ParticipantType::bap,
                .domain = "deg:flexibility"};
    }

    bool wait_for(const std::function<bool()>& condition) {
        const SteadyTime deadline = steady_now() + std::chrono::seconds{20};
        while (!condition() && steady_now() < deadline) {
            context_.restart();
            context_.run_for(std::chrono::milliseconds{5});
        }
        return condition();
    }
    template <class T>
    T wait(Awaitable<T> work) {
        std::optional<T> value;
        spawn(context_.get_executor(), keep(std::move(work), value));
        HEADROOM_ASSERT(wait_for([&] { return value.has_value(); }));
        return std::move(*value);
    }

    asio::io_context context_;
    ManualWallClock wall_;
    net::HttpServer registry_server_;
    net::HttpServer own_server_;
    std::unique_ptr<net::HttpClient> http_;
    std::unique_ptr<KeyRegistry> registry_;
    std::unique_ptr<KeySubscriber> subscriber_;
    std::unique_ptr<ChallengeAnswers> answers_;  // in the subscriber's place, when there is one
    std::vector<PublishedKey> kept_;
    int challenges_ = 0;

  private:
    template <class T>
    static Awaitable<void> keep(Awaitable<T> work, std::optional<T>& value) {
        value.emplace(co_await std::move(work));
    }
};

TEST_F(KeyRegistryTest, AParticipantSubscribesAndIsFound) {
    open_registry();
    const PublishedKey registry = wait(KeySubscriber::ask_registry(*http_, registry_url())).value();
    EXPECT_EQ(registry, registry_->self());
    const Signer own = signer_of('a', "a.example");
    be(own, registry);
    const Result<void> asked = wait(subscriber_->subscribe(key_of(own), "n1"));
    ASSERT_TRUE(asked.has_value()) << asked.error().message;
    ASSERT_TRUE(wait_for([&] { return !kept_.empty(); }));
    const PublishedKey found = wait(subscriber_->look_up({"a.example", "k1", "ed25519"})).value();
    EXPECT_EQ(found, key_of(own));

    // Everybody else now finds the key through the registry.
    std::vector<std::unique_ptr<KeySource>> sources;
    sources.push_back(make_lookup_keys({.url = registry_url()}, *http_, wall_, std::nullopt));
    KeyResolver resolver(wall_, std::move(sources));
    const auto rules = beckn::rules_of(beckn::SignatureProfile::beckn006);
    const std::string header = beckn::sign(rules, own, noon, seconds{30}, "{}");
    EXPECT_TRUE(wait(resolver.verify(rules, {.authorization = header, .body = "{}"})).is_good());
}

TEST_F(KeyRegistryTest, AServerAnswersTheChallengeThatSomebodyElseAskedFor) {
    open_registry();
    const Signer own = signer_of('a', "a.example");
    answers_ = std::make_unique<ChallengeAnswers>(
        KeySubscriber::Parts{wall_, *http_, own, encryption_of('E')}, registry_url());
    be(own, registry_->self());
    ASSERT_TRUE(wait(subscriber_->subscribe(key_of(own), "n1")).has_value());
    ASSERT_TRUE(wait_for([&] { return !kept_.empty(); }));
    EXPECT_EQ(challenges_, 1);
    EXPECT_EQ(wait(subscriber_->look_up({"a.example", "k1", "ed25519"})).value(), key_of(own));
}

TEST_F(KeyRegistryTest, AChallengeThatTheRegistryHasNotSignedIsNotRead) {
    open_registry();
    const Signer own = signer_of('a', "a.example");
    ChallengeAnswers answers({wall_, *http_, own, encryption_of('E')}, registry_url());
    const auto ask = [&] {
        net::Request request;
        request.body = R"({"status":"UNDER_SUBSCRIPTION","challenge":"AAAA"})";
        request.headers.add("Authorization",
                            beckn::sign(beckn::rules_of(beckn::SignatureProfile::beckn006),
                                        signer_of('x', "registry.example"), noon, seconds{30}, request.body));
        return wait(answers.on_subscribe(std::move(request))).status;
    };
    EXPECT_EQ(ask(), 401);
    EXPECT_EQ(ask(), 401);
}

TEST_F(KeyRegistryTest, ARegistryThatIsNotReachedIsSaidToBeUnknown) {
    ChallengeAnswers answers({wall_, *http_, signer_of('a', "a.example"), encryption_of('E')},
                             "http://127.0.0.1:1/reg");
    net::Request request;
    EXPECT_EQ(wait(answers.on_subscribe(std::move(request))).status, 503);
}

TEST_F(KeyRegistryTest, ANewKeyIsTakenWhenTheOldOneSignsForIt) {
    open_registry();
    const Signer first = signer_of('a', "a.example");
    be(first, registry_->self());
    ASSERT_TRUE(wait(subscriber_->subscribe(key_of(first), "n1")).has_value());
    ASSERT_TRUE(wait_for([&] { return kept_.size() == 1; }));
    const Signer second = signer_of('b', "a.example", "k2");
    // Its own signature is not enough: anybody could come with a new key.
    be(second, registry_->self());
    EXPECT_EQ(wait(subscriber_->subscribe(key_of(second), "n2")).error().code, Errc::denied);
    be(first, registry_->self());
    ASSERT_TRUE(wait(subscriber_->subscribe(key_of(second), "n3")).has_value());
    ASSERT_TRUE(wait_for([&] { return kept_.size() == 2; }));
    EXPECT_EQ(wait(subscriber_->look_up({"a.example", "k1", "ed25519"})).value().valid_until,
              noon + minutes{10});
}

TEST_F(KeyRegistryTest, WhoCannotReadTheChallengeIsNotSubscribed) {
    open_registry();
    const Signer own = signer_of('a', "a.example");
    be(own, registry_->self());
    PublishedKey other = key_of(own);
    other.encryption = encryption_of('X').public_key();  // not the one that answers
    ASSERT_TRUE(wait(subscriber_->subscribe(other, "n1")).has_value());
    ASSERT_TRUE(wait_for([&] { return challenges_ == 1; }));
    EXPECT_EQ(wait(subscriber_->look_up({"a.example", "k1", "ed25519"})).error().code, Errc::not_found);
    EXPECT_TRUE(kept_.empty());
}

TEST_F(KeyRegistryTest, OnlyTheRegistryHasUsDecrypt) {
    open_registry();
    const Signer own = signer_of('a', "a.example");
    PublishedKey impostor = registry_->self();
    impostor.signing = signer_of('i', "").key.public_key();
    be(own, impostor);  // so the true registry's signature does not verify
    ASSERT_TRUE(wait(subscriber_->subscribe(key_of(own), "n1")).has_value());
    ASSERT_TRUE(wait_for([&] { return challenges_ == 1; }));
    EXPECT_TRUE(kept_.empty());
    net::Request request;
    request.body = R"({"challenge":"AAAA"})";
    const net::Response response = wait(subscriber_->on_subscribe(std::move(request)));
    EXPECT_EQ(response.status, 401);
    EXPECT_FALSE(response.headers.get("WWW-Authenticate").empty());
}

TEST_F(KeyRegistryTest, AnAddressThatIsNotAllowedIsNotCalled) {
    open_registry({.allow = {"127.0.0.1:1"}});
    const Signer own = signer_of('a', "a.example");
    be(own, registry_->self());
    const Result<void> asked = wait(subscriber_->subscribe(key_of(own), "n1"));
    ASSERT_FALSE(asked.has_value());
    EXPECT_EQ(asked.error().pointer, "/url");
    EXPECT_EQ(challenges_, 0);
}

TEST_F(KeyRegistryTest, SignedLookupsAreForSubscribersOnly) {
    open_registry({.allow = {"127.0.0.1:*"}, .needs_signed_lookups = true});
    const Signer own = signer_of('a', "a.example");
    be(own, registry_->self());
    ASSERT_TRUE(wait(subscriber_->subscribe(key_of(own), "n1")).has_value());
    ASSERT_TRUE(wait_for([&] { return kept_.size() == 1; }));
    const auto unsigned_source = make_lookup_keys({.url = registry_url()}, *http_, wall_, std::nullopt);
    EXPECT_EQ(wait(unsigned_source->fetch({"a.example", "k1", "ed25519"})).error().code, Errc::unavailable);
    const auto signed_source = make_lookup_keys({.url = registry_url()}, *http_, wall_, own);
    EXPECT_TRUE(wait(signed_source->fetch({"a.example", "k1", "ed25519"})).has_value());
}

/// What a stranger is told must not say which rule he broke.
TEST_F(KeyRegistryTest, RefusalsOfSignaturesAreAllTheSame) {
    open_registry();
    const Signer own = signer_of('a', "a.example");
    const std::string body = beckn::write_subscribe_request({key_of(own), "n1"});
    const auto rules = beckn::rules_of(beckn::SignatureProfile::beckn006);
    const std::string good = beckn::sign(rules, own, noon, seconds{30}, body);
    std::vector<std::string> headers{
        "",
        "nonsense",
        beckn::sign(rules, own, noon - hours{1}, seconds{30}, body),
        beckn::sign(rules, own, noon + hours{1}, seconds{30}, body),
        beckn::sign(rules, signer_of('x', "a.example"), noon, seconds{30}, body),
        beckn::sign(rules, signer_of('x', "who.example"), noon, seconds{30}, body)};
    std::set<std::string> answers;
    for (const std::string& header : headers) {
        net::ClientRequest request;
        request.method = "POST";
        request.url = registry_url() + "/subscribe";
        request.headers.add("Authorization", header);
        request.body = body;
        const net::ClientResponse response = wait(http_->send(std::move(request))).value();
        answers.insert(std::to_string(response.status) + " " +
                       std::string(response.headers.get("WWW-Authenticate")) + " " + response.body);
    }
    EXPECT_EQ(answers.size(), 1U);
    EXPECT_TRUE(answers.begin()->starts_with("401 Signature realm=\"registry.example\""));
}

}  // namespace
}  // namespace headroom::agents
