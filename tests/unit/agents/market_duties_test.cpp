#include "agents/market.hpp"

#include "core/json.hpp"
#include "unit/agents/market_steps.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Owed cancels, changes that nobody asked for, and providers that are left alone.

namespace headroom::agents::market_test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(MarketBreaker, ABrokenProviderIsLeftAloneAndTriedAgain) {
    MarketWorld world({provider("down", {.http_status = 503}), provider("tesla")});
    for (int i = 0; i < 5; ++i) {
        world.search();
    }
    const std::size_t asked = world.requests_to("down").size();
    EXPECT_EQ(asked, 15U);  // three sends each
    const SearchResult without = world.search();
    EXPECT_EQ(world.requests_to("down").size(), asked);
    ASSERT_THAT(without.answers, SizeIs(2));
    EXPECT_EQ(without.answers[1].provider, "down");
    EXPECT_THAT(without.answers[1].fault, HasSubstr("left alone"));
    EXPECT_EQ(peer_health(world, "down").text("/breaker"), "open");
    EXPECT_EQ(peer_health(world, "tesla").text("/breaker"), "closed");
    // New business is refused at once; nothing is sent.
    EXPECT_THAT(world.make_contract(MarketWorld::wanted("down")).failure, HasSubstr("left alone"));
    EXPECT_EQ(world.requests_to("down").size(), asked);

    EXPECT_TRUE(world.providers->set_faults("down", {}).has_value());
    world.clock().advance_to(world.clock().now() + world.options.breaker.open_for);
    EXPECT_THAT(world.search().offers, SizeIs(4));
    EXPECT_EQ(peer_health(world, "down").text("/breaker"), "closed");
}

TEST(MarketBreaker, WhoHoldsAnOrderIsSpokenToAllTheSame) {
    MarketWorld world({provider("tesla")});
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    EXPECT_TRUE(world.providers->set_faults("tesla", {.http_status = 503}).has_value());
    for (int i = 0; i < 5; ++i) {
        world.search();
    }
    EXPECT_EQ(peer_health(world, "tesla").text("/breaker"), "open");
    EXPECT_TRUE(world.providers->set_faults("tesla", {}).has_value());
    const Result<flex::Contract> cancelled = world.await(world.market->cancel(contract, "not needed"));
    ASSERT_TRUE(cancelled.has_value()) << cancelled.error().message;
    EXPECT_EQ(cancelled->state, flex::ContractState::cancelled);
}

TEST(MarketSaga, AnUnansweredCancelIsSentUntilItIsAnswered) {
    MarketWorld world({provider("tesla")});
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    EXPECT_TRUE(world.providers->set_faults("tesla", {.http_status = 503}).has_value());
    world.clock_may_move = false;
    EXPECT_FALSE(world.await(world.market->cancel(contract, "not needed")).has_value());
    EXPECT_EQ(json::parse(world.market->health().body).value().integer("/cancels_owed"), 1);
    world.kill_and_restart_market();  // the duty outlives the process
    EXPECT_TRUE(world.providers->set_faults("tesla", {}).has_value());
    world.clock_may_move = true;
    world.run_until([&world] { return !world.told.empty(); });
    EXPECT_EQ(world.told[0].state, flex::ContractState::cancelled);
    EXPECT_EQ(world.providers->orders()[0].status, "CANCELLED");
    EXPECT_EQ(json::parse(world.market->health().body).value().integer("/cancels_owed"), 0);
}

TEST(MarketSaga, AnUnknownOrderIsAlarmedAndItsCancelGoesOn) {
    MarketWorld world({provider("tesla")});
    const auto silence = [&world](bool is_silent) {
        world.intercept = [&world, is_silent](const std::string&,
                                              const std::string& action) -> std::optional<net::Response> {
            const bool binds = action == "confirm" || action == "status" || action == "cancel";
            EXPECT_TRUE(
                world.providers->set_faults("tesla", {.never_answers = is_silent && binds}).has_value());
            return std::nullopt;
        };
    };
    silence(true);
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    EXPECT_EQ(contract.state, flex::ContractState::unknown);
    silence(false);
    world.run_until([&world] { return !world.told.empty() && world.is_quiet(); });
    EXPECT_EQ(world.told[0].state, flex::ContractState::cancelled);
    EXPECT_THAT(alarms(world), Contains("order_unknown"));
    EXPECT_EQ(world.providers->orders()[0].status, "CANCELLED");
}

TEST(MarketSaga, AnIllegalTransitionIsRefusedAndChangesNothing) {
    MarketWorld world({provider("tesla")});
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    const std::string body =
        world.message(beckn::Action::on_select, contract, make_uuid("out of place"), quoted(contract));
    EXPECT_THAT(world.callback("on_select", body, MarketWorld::signer_of("tesla")).body,
                HasSubstr("BIZ_INVALID_STATE_TRANSITION"));
    EXPECT_EQ(world.make_contract(MarketWorld::wanted("tesla")).state, flex::ContractState::active);
    EXPECT_THAT(world.told, IsEmpty());
}

TEST(MarketSaga, AProvidersOwnUpdateIsTold) {
    MarketWorld world({provider("tesla")});
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    beckn::Order order = MarketWorld::committed(contract);
    order.lines[0].power_w.values = {2000, 3000};
    const std::string body =
        world.message(beckn::Action::on_update, contract, make_uuid("their own update"), order);
    EXPECT_THAT(world.callback("on_update", body, MarketWorld::signer_of("tesla")).body,
                HasSubstr("\"ACK\""));
    ASSERT_THAT(world.told, SizeIs(1));
    EXPECT_THAT(world.told[0].lines.at(0).power_w.values, ElementsAre(2000, 3000));
}

TEST(MarketSaga, NoCallbackWillFollowEndsTheWaitAtOnce) {
    for (const int status : {202, 409}) {
        MarketWorld world({provider("tesla")});
        world.intercept = [status](const std::string&,
                                   const std::string& action) -> std::optional<net::Response> {
            return action == "init" ? std::optional(ack(status)) : std::nullopt;
        };
        const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
        EXPECT_EQ(contract.state, flex::ContractState::failed) << status;
        EXPECT_EQ(world.clock().now(), evening) << status;
    }
}

}  // namespace
}  // namespace headroom::agents::market_test
