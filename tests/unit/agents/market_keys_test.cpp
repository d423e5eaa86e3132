#include "agents/key_resolver.hpp"
#include "agents/market.hpp"
#include "unit/agents/market_steps.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headroom::agents::market_test {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class MarketKeys : public ::testing::Test {
  protected:
    /// The market knows its providers' names and addresses; their keys only through the registry.
    void begin() {
        std::vector<std::unique_ptr<KeySource>> sources;
        sources.push_back(std::make_unique<Registry>(published, asked));
        world.keys = std::make_unique<KeyResolver>(world.wall, std::move(sources));
        world.adjust_peer = [](MarketPeer& peer) {
            peer.has_key = false;
            peer.public_key = {};
            peer.key_id.clear();
        };
        world.market = world.make_market();
    }
    [[nodiscard]] beckn::PublishedKey key_of(std::size_t provider) const {
        const sim::ProviderAddress address = world.providers->addresses().at(provider);
        return {.subscriber = address.subscriber_id, .key = address.key_id, .signing = address.public_key};
    }

    MarketWorld world{{provider("tesla"), provider("chargepoint")}};
    std::vector<beckn::PublishedKey> published;
    int asked = 0;
};

TEST_F(MarketKeys, AProviderIsBelievedByTheKeyThatTheRegistryHas) {
    published = {key_of(0)};
    begin();
    EXPECT_THAT(world.search().offers, SizeIs(2)) << "the other one's key is in no registry";
    EXPECT_EQ(asked, 2);
    EXPECT_THAT(world.search().offers, SizeIs(2));
    EXPECT_LE(asked, 3)
        << "a key that was answered is kept, one that is missing is not asked for at every message";
}

TEST_F(MarketKeys, AnotherKeyUnderTheSameNameIsRefused) {
    published = {key_of(0)};
    published[0].signing = key_of(1).signing;
    begin();
    EXPECT_THAT(world.search().offers, IsEmpty());
}

TEST_F(MarketKeys, AKeyThatWasReplacedInTheRegistryIsTakenUp) {
    published = {key_of(0)};
    const Ed25519PublicKey right = published[0].signing;
    published[0].signing = key_of(1).signing;
    begin();
    EXPECT_THAT(world.search().offers, IsEmpty());
    published[0].signing = right;
    world.wall.set(world.wall.now() + hours{1});
    EXPECT_THAT(world.search().offers, SizeIs(2));
}

TEST_F(MarketKeys, StrangersMakeNobodyAsk) {
    published = {key_of(0)};
    begin();
    net::Request request;
    request.method = "POST";
    request.body = "{}";
    request.headers.set("Authorization",
                        R"(Signature keyId="stranger.example|k1|ed25519",algorithm="ed25519",created="1",)"
                        R"(expires="2",headers="(created) (expires) digest",signature="AAAA")");
    const net::Response answer = world.await(world.market->on_callback("on_search", std::move(request)));
    EXPECT_EQ(answer.status, 401);
    EXPECT_EQ(asked, 0);
}

}  // namespace
}  // namespace headroom::agents::market_test
