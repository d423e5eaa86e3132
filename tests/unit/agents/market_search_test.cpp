#include "agents/market.hpp"

#include "unit/agents/market_steps.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// What comes of a search.

namespace headroom::agents::market_test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(MarketSearch, AsksEveryProviderAndSortsTheOffers) {
    MarketWorld world({provider("tesla"), provider("chargepoint")});
    const SearchResult found = world.search();
    ASSERT_THAT(found.offers, SizeIs(4));
    EXPECT_EQ(found.offers[0].id, "chargepoint-1");
    EXPECT_EQ(found.offers[0].provider, "chargepoint");
    EXPECT_EQ(found.offers[3].id, "tesla-2");
    EXPECT_TRUE(found.answers[0].answered);
    EXPECT_TRUE(found.answers[1].answered);
    EXPECT_GT(found.answers[0].latency_ms, 0.0);
    // All answered, so nobody waited for the window to end.
    EXPECT_EQ(world.clock().now(), evening);
}

TEST(MarketSearch, ASilentProviderCostsTheWindowAndNothingElse) {
    MarketWorld world({provider("tesla"), provider("silent", {.never_answers = true})});
    const SearchResult found = world.search();
    EXPECT_THAT(found.offers, SizeIs(2));
    EXPECT_FALSE(found.answers[1].answered);
    EXPECT_THAT(found.answers[1].fault, HasSubstr("window"));
    EXPECT_EQ(world.clock().now(), evening + world.options.search_window);
}

TEST(MarketSearch, AProviderThatKeepsSilentIsNoLongerWaitedFor) {
    MarketWorld world({provider("tesla"), provider("silent", {.never_answers = true})});
    for (int i = 0; i < 3; ++i) {
        world.search();
    }
    const UtcTime before = world.clock().now();
    EXPECT_THAT(world.search().offers, SizeIs(2));
    EXPECT_EQ(world.clock().now(), before);
    EXPECT_THAT(world.requests_to("silent"), SizeIs(4));  // but asked
}

TEST(MarketSearch, GarbageAndForeignSignaturesAreNotUsed) {
    MarketWorld world({provider("garbage", {.garbage = true}), provider("stranger", {.wrong_key = true}),
                       provider("tesla")});
    const SearchResult found = world.search();
    EXPECT_THAT(found.offers, SizeIs(2));
    EXPECT_EQ(found.offers[0].provider, "tesla");
    EXPECT_FALSE(found.answers[0].answered);
    EXPECT_THAT(found.answers[0].fault, HasSubstr("SCH_SCHEMA_VALIDATION_FAILED"));
    EXPECT_FALSE(found.answers[1].answered);
    world.run_until([&world] { return world.is_quiet(); });
    EXPECT_THAT(world.entry_types(), Contains(HasSubstr("beckn.received on_search refused")));
}

TEST(MarketSearch, NackAndServerFaultsEndTheWaitAtOnce) {
    MarketWorld world(
        {provider("nack", {.nack = true}), provider("down", {.http_status = 503}), provider("tesla")});
    const SearchResult found = world.search();
    EXPECT_THAT(found.offers, SizeIs(2));
    EXPECT_THAT(found.answers[0].fault, HasSubstr("40000"));
    EXPECT_THAT(found.answers[1].fault, HasSubstr("503"));
    EXPECT_THAT(world.requests_to("down"), SizeIs(3));
    EXPECT_EQ(world.clock().now(), evening);
}

TEST(MarketSearch, AnAnswerThatComesTwiceCountsOnce) {
    MarketWorld world({provider("twice", {.answers_twice = true})});
    EXPECT_THAT(world.search().offers, SizeIs(2));
    world.run_until([&world] { return world.is_quiet(); });
    std::vector<std::string> outcomes;
    for (const MessageTrace& message : world.market->trace(overload_on_lv1().event)) {
        outcomes.push_back(message.action + " " + message.outcome);
    }
    EXPECT_THAT(outcomes, Contains("on_search ACK"));
}

TEST(MarketSearch, ACatalogAfterItsWindowServesTheNextRoundAndNoLater) {
    MarketWorld world({provider("slow")});
    world.intercept = [&world](const std::string&, const std::string&) -> std::optional<net::Response> {
        nothing_will_follow(world);
        return ack();
    };
    EXPECT_THAT(world.search().offers, IsEmpty());
    const std::string search = body_of(world, "search");
    const std::string late = catalog_for(world, "slow", search, message_id_of(search));
    EXPECT_THAT(world.callback("on_search", late, MarketWorld::signer_of("slow")).body, HasSubstr("\"ACK\""));
    const SearchResult second = world.search();
    EXPECT_THAT(second.offers, SizeIs(2));
    EXPECT_FALSE(second.answers[0].answered);
    EXPECT_THAT(second.answers[0].fault, HasSubstr("late answer"));
    EXPECT_THAT(world.search().offers, IsEmpty());
}

TEST(MarketSearch, ALateCatalogIsNotNeededWhereOthersOfferEnough) {
    MarketWorld world({provider("slow"), provider("tesla")});
    world.intercept = [&world](const std::string& who, const std::string&) -> std::optional<net::Response> {
        if (who != "slow") {
            return std::nullopt;
        }
        nothing_will_follow(world);
        return ack();
    };
    EXPECT_THAT(world.search().offers, SizeIs(2));
    const std::string search = body_of(world, "search");
    const std::string late = catalog_for(world, "slow", search, message_id_of(search));
    world.callback("on_search", late, MarketWorld::signer_of("slow"));
    EXPECT_THAT(world.search().offers, SizeIs(2));  // 12 kW of tesla's for 10 kW
}

TEST(MarketSearch, EndsOnceThereIsEnough) {
    MarketOptions options;
    options.enough_ppm = 1'000'000;
    MarketWorld world({provider("silent", {.never_answers = true}), provider("tesla")}, options);
    EXPECT_THAT(world.search().offers, SizeIs(2));  // 12 kW of 10 kW
    EXPECT_EQ(world.clock().now(), evening);
    options.enough_ppm = 2'000'000;
    MarketWorld choosy({provider("silent", {.never_answers = true}), provider("tesla")}, options);
    EXPECT_THAT(choosy.search().offers, SizeIs(2));
    EXPECT_EQ(choosy.clock().now(), evening + choosy.options.search_window);
}

TEST(MarketSearch, KeepsTheGoodItemsOfABadCatalogAndPointsAtTheOthers) {
    MarketWorld world({provider("tesla")});
    take_over(world, "search");
    const auto found = world.start(world.market->search(overload_on_lv1()));
    world.run_until([&world] { return !world.received.empty(); });
    const std::string search = body_of(world, "search");
    std::string body = catalog_for(world, "tesla", search, message_id_of(search));
    const std::string good = "\"value\":\"battery\"";
    const std::size_t second = body.find(good, body.find(good) + 1);
    ASSERT_NE(second, std::string::npos) << body;
    body.replace(second, good.size(), "\"value\":\"teapot\"");
    EXPECT_THAT(world.callback("on_search", body, MarketWorld::signer_of("tesla")).body,
                HasSubstr("\"ACK\""));
    world.run_until([&found] { return found->has_value(); });
    const SearchResult& result = (*found)->value();
    ASSERT_THAT(result.offers, SizeIs(1));
    EXPECT_EQ(result.offers[0].id, "tesla-1");
    EXPECT_THAT(result.answers[0].fault, HasSubstr("/message/catalog/providers/0/items/1"));
}

}  // namespace
}  // namespace headroom::agents::market_test
