#include "agents/market.hpp"

#include "unit/agents/market_steps.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// What a market does with what an earlier process left behind.

namespace headroom::agents::market_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

/// A contract that goes on until the provider has done what `silent` asks of it and its answer is lost. The
/// clock stands still, so that nobody runs into a deadline.
std::shared_ptr<std::optional<Result<flex::Contract>>> begin_without_answer_to(MarketWorld& world,
                                                                               std::string silent) {
    world.intercept = [&world, silent](const std::string&,
                                       const std::string& action) -> std::optional<net::Response> {
        EXPECT_TRUE(world.providers->set_faults("tesla", {.never_answers = action == silent}).has_value());
        return std::nullopt;
    };
    world.clock_may_move = false;
    auto lost = world.start(world.market->contract(MarketWorld::wanted("tesla")));
    world.run_until([&world, &silent] {
        const std::vector<std::string> asked = world.requests_to("tesla");
        const bool is_done = silent != "confirm" || !world.providers->orders().empty();
        return !asked.empty() && asked.back() == silent && is_done && world.providers->idle();
    });
    return lost;
}

TEST(MarketRestart, GoesOnWithTheSameBytesWhenConfirmWasOut) {
    MarketWorld world({provider("tesla")});
    // The provider makes the order, but its answer meets a dead process.
    const auto lost = begin_without_answer_to(world, "confirm");
    const std::string order_id = world.providers->orders()[0].order_id;
    world.kill_and_restart_market();
    EXPECT_FALSE(lost->has_value());

    world.intercept = {};
    EXPECT_TRUE(world.providers->set_faults("tesla", {}).has_value());
    world.clock_may_move = true;
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    EXPECT_EQ(contract.state, flex::ContractState::active) << contract.failure;
    EXPECT_EQ(contract.order_id, order_id);
    EXPECT_THAT(world.requests_to("tesla"), ElementsAre("select", "init", "confirm", "confirm"));
    EXPECT_EQ(std::get<2>(world.received[2]), std::get<2>(world.received[3]));
    EXPECT_THAT(world.providers->orders(), SizeIs(1));
}

TEST(MarketRestart, AsksForTheStatusOfAConfirmThatIsTooOldToRepeat) {
    MarketWorld world({provider("tesla")});
    const auto lost = begin_without_answer_to(world, "confirm");
    world.kill_and_restart_market();
    world.wall.set(world.wall.now() + minutes{10});
    world.clock_may_move = true;
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    EXPECT_EQ(contract.state, flex::ContractState::active) << contract.failure;
    EXPECT_THAT(world.requests_to("tesla"), ElementsAre("select", "init", "confirm", "status"));
}

TEST(MarketRestart, WhatNobodyIsBoundByIsAskedForAnewWhereOurAddressHasChanged) {
    MarketWorld world({provider("tesla")});
    const auto lost = begin_without_answer_to(world, "init");
    world.options.callback_url = world.url + "/moved";  // another port, say: what was asked names the old one
    world.kill_and_restart_market();

    world.intercept = {};
    EXPECT_TRUE(world.providers->set_faults("tesla", {}).has_value());
    world.clock_may_move = true;
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    EXPECT_EQ(contract.state, flex::ContractState::active) << contract.failure;
    EXPECT_THAT(world.requests_to("tesla"), ElementsAre("select", "init", "init", "confirm"));
    EXPECT_THAT(std::get<2>(world.received[1]), HasSubstr(world.url + "/beckn"));
    EXPECT_THAT(std::get<2>(world.received[2]), HasSubstr(world.url + "/moved"));
}

TEST(MarketRestart, AConfirmIsRepeatedAndAskedAboutWhereOurAddressHasChanged) {
    MarketWorld world({provider("tesla")});
    const auto lost = begin_without_answer_to(world, "confirm");
    world.options.callback_url = world.url + "/moved";
    world.kill_and_restart_market();

    world.intercept = {};
    EXPECT_TRUE(world.providers->set_faults("tesla", {}).has_value());
    world.clock_may_move = true;
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    EXPECT_EQ(contract.state, flex::ContractState::active) << contract.failure;
    EXPECT_EQ(world.requests_to("tesla").back(), "status");
    EXPECT_THAT(world.providers->orders(), SizeIs(1));
}

TEST(MarketRestart, OtherLinesThanAskedForBeforeTheConfirmAreAskedForAnew) {
    MarketWorld world({provider("tesla")});
    const auto lost = begin_without_answer_to(world, "init");
    world.kill_and_restart_market();

    // The plan behind it had not reached the disk; decided again, it comes out smaller.
    world.intercept = {};
    EXPECT_TRUE(world.providers->set_faults("tesla", {}).has_value());
    world.clock_may_move = true;
    flex::Contract smaller = MarketWorld::wanted("tesla");
    flex::PlanLine& line = smaller.lines.front();
    line.power_w.values = {5000, 3000};
    line.energy = beckn::energy_of_grid(line.power_w);
    line.cost = beckn::price_of(line.offer, line.power_w);
    const flex::Contract contract = world.make_contract(std::move(smaller));
    EXPECT_EQ(contract.state, flex::ContractState::active) << contract.failure;
    EXPECT_THAT(contract.lines.at(0).power_w.values, ElementsAre(5000, 3000));
    EXPECT_THAT(world.requests_to("tesla"), ElementsAre("select", "init", "select", "init", "confirm"));
    EXPECT_THAT(world.providers->orders(), SizeIs(1));
}

TEST(MarketRestart, AnActiveContractIsNotAskedForAgain) {
    MarketWorld world({provider("tesla")});
    const flex::Contract before = world.make_contract(MarketWorld::wanted("tesla"));
    world.kill_and_restart_market();
    const flex::Contract after = world.make_contract(MarketWorld::wanted("tesla"));
    EXPECT_EQ(after.order_id, before.order_id);
    EXPECT_EQ(after.state, flex::ContractState::active);
    EXPECT_THAT(world.requests_to("tesla"), SizeIs(3));
    const Result<flex::Contract> activated = world.await(world.market->activate(after));
    ASSERT_TRUE(activated.has_value()) << activated.error().message;
    EXPECT_EQ(activated->state, flex::ContractState::activated);
    EXPECT_THAT(world.market->trace(overload_on_lv1().event), Not(IsEmpty()));
    // A second search in the new process does not repeat message ids of the first.
    EXPECT_THAT(world.search().offers, SizeIs(1));  // the other is sold
}

TEST(MarketRestart, AFailedContractStaysFailed) {
    MarketWorld world({provider("tesla", {.nack = true})});
    world.make_contract(MarketWorld::wanted("tesla"));
    EXPECT_TRUE(world.providers->set_faults("tesla", {}).has_value());
    world.kill_and_restart_market();
    EXPECT_EQ(world.make_contract(MarketWorld::wanted("tesla")).state, flex::ContractState::failed);
    EXPECT_THAT(world.requests_to("tesla"), SizeIs(1));
}

TEST(MarketRestart, AConfirmThatNobodyTakesUpIsBroughtToItsEnd) {
    MarketWorld world({provider("tesla")});
    const auto lost = begin_without_answer_to(world, "confirm");
    world.intercept = {};
    EXPECT_TRUE(world.providers->set_faults("tesla", {}).has_value());
    world.kill_and_restart_market();
    world.clock_may_move = true;
    world.run_until([&world] { return !world.told.empty(); });
    EXPECT_EQ(world.told[0].state, flex::ContractState::active);
    EXPECT_EQ(world.told[0].order_id, world.providers->orders()[0].order_id);
    EXPECT_THAT(world.providers->orders(), SizeIs(1));
}

TEST(MarketRestart, AsksHowContractsStandThatMayHaveChangedMeanwhile) {
    MarketWorld world({provider("tesla")});
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    // Its own cancellation meets nobody: the process is dead.
    EXPECT_TRUE(world.providers->set_faults("tesla", {.wrong_key = true}).has_value());
    static_cast<void>(
        world.await(world.providers->cancel_on_its_own("tesla", contract.transaction.value, "empty")));
    EXPECT_TRUE(world.providers->set_faults("tesla", {}).has_value());
    EXPECT_THAT(world.told, IsEmpty());
    world.kill_and_restart_market();
    world.run_until([&world] { return !world.told.empty(); });
    EXPECT_EQ(world.told[0].state, flex::ContractState::cancelled);
}

}  // namespace
}  // namespace headroom::agents::market_test
