#include "agents/key_resolver.hpp"
#include "agents/market.hpp"
#include "unit/agents/market_steps.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

// A search through a gateway: it goes out once, and providers that nobody has configured answer themselves.

namespace headroom::agents::market_test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

class MarketGateway : public ::testing::Test {
  protected:
    void SetUp() override {
        published = {provider_in_registry(0), provider_in_registry(1)};
        published.push_back({.subscriber = "gateway.example",
                             .key = "g1",
                             .signing = world.gateway_key.public_key(),
                             .url = world.url + "/mock-bpp/gateway",
                             .type = beckn::ParticipantType::gateway});
        buyer = {.subscriber = world.options.subscriber_id,
                 .key = world.options.key_id,
                 .signing = world.buyer_key.public_key(),
                 .type = beckn::ParticipantType::bap};
        world.gateway = std::make_unique<SearchGateway>(SearchGateway::Parts{
            .executor = world.executor(),
            .wall = world.wall,
            .http = *world.http,
            .signer = {"gateway.example", "g1", world.gateway_key},
            .keys = [this](const beckn::KeyId& id) -> beckn::KeyCandidates {
                return {.current = id.subscriber == buyer.subscriber ? &buyer : nullptr};
            },
            .providers =
                [this](std::string_view domain) {
                    EXPECT_EQ(domain, world.options.domain);
                    return std::vector<beckn::PublishedKey>{provider_in_registry(0), provider_in_registry(1)};
                }});
        begin();
    }

    /// The market knows the gateway only, and that by its name: all keys are the registry's.
    void begin() {
        std::vector<std::unique_ptr<KeySource>> sources;
        sources.push_back(std::make_unique<Registry>(published, asked));
        world.keys = std::make_unique<KeyResolver>(world.wall, std::move(sources));
        world.adjust_peers = [this](std::vector<MarketPeer>& peers) {
            peers = {{.id = "gateway",
                      .url = world.url + "/mock-bpp/gateway",
                      .subscriber_id = "gateway.example",
                      .key_id = {}}};
            peers.front().goods = PeerGoods::search;
            peers.front().has_key = false;
            peers.front().signature = beckn::rules_of(beckn::SignatureProfile::beckn006);
        };
        world.market = world.make_market();
    }

    [[nodiscard]] beckn::PublishedKey provider_in_registry(std::size_t number) const {
        const sim::ProviderAddress address = world.providers->addresses().at(number);
        return {.subscriber = address.subscriber_id,
                .key = address.key_id,
                .signing = address.public_key,
                .url = address.url,
                .type = beckn::ParticipantType::bpp};
    }

    /// Answers to the search that have come in, taken or refused.
    [[nodiscard]] std::int64_t answers_seen() const {
        std::int64_t seen = 0;
        for (const MessageTrace& trace : world.market->trace(overload_on_lv1().event)) {
            seen += trace.action == "on_search" ? 1 : 0;
        }
        for (const std::string& type : world.entry_types()) {
            seen += type.starts_with("beckn.received on_search refused") ? 1 : 0;
        }
        return seen;
    }

    /// A search whose window closes once so many answers have come.
    SearchResult search(std::int64_t answers) {
        const std::int64_t before = answers_seen();
        world.clock_may_move = false;
        const auto found = world.start(world.market->search(overload_on_lv1()));
        world.run_until([&] { return answers_seen() >= before + answers; });
        world.clock_may_move = true;
        world.run_until([&] { return found->has_value(); });
        EXPECT_TRUE(found->value().has_value());
        return std::move(found->value().value());
    }

    [[nodiscard]] static std::vector<std::string> providers_of(const SearchResult& result) {
        std::vector<std::string> names;
        for (const flex::Offer& offer : result.offers) {
            if (names.empty() || names.back() != offer.provider) {
                names.push_back(offer.provider);
            }
        }
        return names;
    }

    MarketWorld world{{provider("tesla"), provider("chargepoint")}};
    std::vector<beckn::PublishedKey> published;
    beckn::PublishedKey buyer;
    int asked = 0;
};

TEST_F(MarketGateway, OneSearchIsAnsweredByManyThatNobodyConfigured) {
    const SearchResult result = search(2);
    EXPECT_THAT(world.requests_to("gateway"), ElementsAre("search"));
    EXPECT_THAT(providers_of(result), ElementsAre("chargepoint.example", "tesla.example"));
    EXPECT_THAT(result.offers, SizeIs(4));
    ASSERT_THAT(result.answers, SizeIs(3));
    for (const SearchAnswer& answer : result.answers) {
        EXPECT_TRUE(answer.answered) << answer.provider << ": " << answer.fault;
    }
    // Both answers came under the search's message id, and both are evidence.
    const Result<std::string> lines = world.await(world.market->capture(overload_on_lv1().event));
    ASSERT_TRUE(lines.has_value());
    std::size_t callbacks = 0;
    for (std::size_t at = lines->find(R"("action":"on_search")"); at != std::string::npos;
         at = lines->find(R"("action":"on_search")", at + 1)) {
        ++callbacks;
    }
    EXPECT_GE(callbacks, 2U);
    // The search names no provider, and the providers had it with the buyer's own bytes.
    std::vector<std::string> bodies;
    for (const auto& [who, action, body] : world.received) {
        bodies.push_back(body);
        EXPECT_EQ(body.find("bpp_id"), std::string::npos) << who;
    }
    ASSERT_THAT(bodies, SizeIs(3));
    EXPECT_EQ(bodies[1], bodies[0]);
    EXPECT_EQ(bodies[2], bodies[0]);
}

TEST_F(MarketGateway, WhoWasFoundIsAContractPartyAlsoAfterARestart) {
    const SearchResult result = search(2);
    flex::Contract contract = MarketWorld::wanted("tesla");
    contract.provider = "tesla.example";
    const auto offer = std::find_if(result.offers.begin(), result.offers.end(),
                                    [](const flex::Offer& one) { return one.provider == "tesla.example"; });
    ASSERT_NE(offer, result.offers.end());
    contract.lines.front().offer = *offer;
    contract = world.make_contract(std::move(contract));
    EXPECT_EQ(contract.state, flex::ContractState::active) << contract.failure;
    EXPECT_THAT(world.requests_to("gateway"), SizeIs(1)) << "orders go straight to the provider";

    world.kill_and_restart_market();
    const Result<flex::Contract> seen = world.await(world.market->status(contract));
    ASSERT_TRUE(seen.has_value()) << seen.error().message;
    EXPECT_EQ(seen->state, flex::ContractState::active);
    // It is asked through the gateway, not once more by itself.
    const std::size_t before = world.requests_to("tesla").size();
    EXPECT_THAT(search(2).offers, SizeIs(4 - 1)) << "one item is sold";
    EXPECT_EQ(world.requests_to("tesla").size(), before + 1);
}

TEST_F(MarketGateway, WhoIsInNoRegistryIsNotHeard) {
    published.erase(published.begin());
    EXPECT_THAT(providers_of(search(2)), ElementsAre("chargepoint.example"));
}

TEST_F(MarketGateway, WhoIsRegisteredAsSomethingElseIsNotHeard) {
    published[0].type = beckn::ParticipantType::bap;
    EXPECT_THAT(providers_of(search(2)), ElementsAre("chargepoint.example"));
}

TEST_F(MarketGateway, AnotherKeyThanTheRegisteredOneIsNotHeard) {
    published[0].signing = published[1].signing;
    EXPECT_THAT(providers_of(search(2)), ElementsAre("chargepoint.example"));
}

TEST_F(MarketGateway, AnAddressThatIsNotRegisteredIsRefusedByName) {
    published[0].url = "http://127.0.0.1:9/elsewhere";
    EXPECT_THAT(providers_of(search(2)), ElementsAre("chargepoint.example"));
    world.run_until([this] { return world.is_quiet(); });
    EXPECT_THAT(world.entry_types(), Contains(HasSubstr("bpp_uri is not where the signer is registered")));
}

TEST_F(MarketGateway, WithoutASearchStrangersMakeNobodyAsk) {
    flex::Contract contract = MarketWorld::wanted("tesla");
    const std::string body =
        world.message(beckn::Action::on_search, contract, make_uuid("m"), beckn::Catalog{});
    EXPECT_EQ(world.callback("on_search", body, MarketWorld::signer_of("tesla")).status, 401);
    EXPECT_EQ(asked, 0);
}

TEST_F(MarketGateway, ASignatureOfTheGatewayThatDoesNotHoldRefusesTheAnswer) {
    static_cast<void>(search(2));
    const std::string body = world.message(beckn::Action::on_search, MarketWorld::wanted("tesla"),
                                           make_uuid("m"), beckn::Catalog{});
    net::Request request;
    request.method = "POST";
    request.body = body;
    request.headers.add("Authorization", beckn::make_authorization(MarketWorld::signer_of("tesla"),
                                                                   world.wall.now(), seconds{30}, body));
    request.headers.add("X-Gateway-Authorization",
                        beckn::make_authorization({"gateway.example", "g1", world.buyer_key},
                                                  world.wall.now(), seconds{30}, body));
    const net::Response answer = world.await(world.market->on_callback("on_search", std::move(request)));
    EXPECT_EQ(answer.status, 401);
    EXPECT_THAT(std::string(answer.headers.get("Proxy-Authenticate")), StartsWith("Signature realm="));
    EXPECT_EQ(answer.headers.get("WWW-Authenticate"), "");
}

TEST_F(MarketGateway, TheSameSearchAgainGoesNoFurther) {
    static_cast<void>(search(2));
    const std::string body = std::get<2>(world.received.front());
    const auto ask = [&](const std::string& bytes, const Ed25519KeyPair& key) {
        net::Request request;
        request.method = "POST";
        request.body = bytes;
        request.headers.add("Authorization", beckn::make_authorization({buyer.subscriber, buyer.key, key},
                                                                       world.wall.now(), seconds{30}, bytes));
        return world.await(world.gateway->on_search(std::move(request)));
    };
    EXPECT_THAT(ask(body, world.buyer_key).body, HasSubstr(R"("ACK")"));
    std::string changed = body;
    changed.replace(changed.find("LV-1"), 4, "LV-2");
    EXPECT_THAT(ask(changed, world.buyer_key).body, HasSubstr("another message came under this id"));
    EXPECT_EQ(ask(body, world.gateway_key).status, 401);
    EXPECT_EQ(world.gateway->open(), 0U);
    EXPECT_THAT(world.requests_to("tesla"), SizeIs(1));
}

TEST_F(MarketGateway, AProviderRefusesAGatewayThatIsNoneAndTellsSo) {
    static_cast<void>(search(2));
    const std::string body = std::get<2>(world.received.front());
    const beckn::Signer own{buyer.subscriber, buyer.key, world.buyer_key};
    const auto ask = [&](const beckn::Signer& gateway) {
        net::Request request;
        request.method = "POST";
        request.body = body;
        request.headers.add("Authorization",
                            beckn::make_authorization(own, world.wall.now(), seconds{30}, body));
        request.headers.add("X-Gateway-Authorization",
                            beckn::make_authorization(gateway, world.wall.now(), seconds{30}, body));
        return world.await(world.providers->handle("tesla", "search", std::move(request)));
    };
    EXPECT_EQ(ask({"gateway.example", "g1", world.gateway_key}).status, 200);
    for (const beckn::Signer& none : {own, beckn::Signer{"gateway.example", "g1", world.buyer_key},
                                      beckn::Signer{"other.example", "g1", world.gateway_key}}) {
        const net::Response answer = ask(none);
        EXPECT_EQ(answer.status, 401) << none.subscriber;
        EXPECT_NE(answer.headers.get("Proxy-Authenticate"), "") << none.subscriber;
    }
}

TEST_F(MarketGateway, NobodyAnswersAndNobodyWaitsForever) {
    world.gateway.reset();  // its address now answers 404
    const auto found = world.await(world.market->search(overload_on_lv1()));
    ASSERT_TRUE(found.has_value());
    EXPECT_THAT(found->offers, IsEmpty());
    ASSERT_THAT(found->answers, SizeIs(1));
    EXPECT_FALSE(found->answers.front().answered);
}

}  // namespace
}  // namespace headroom::agents::market_test
