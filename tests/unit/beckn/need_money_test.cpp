// Orders of published needs stay within the operator's budgets.
#include "beckn/need_money.hpp"
#include "need_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headroom::beckn {
namespace {

using need_test::auction;
using need_test::evening;
using need_test::fixed_need;
using need_test::grid;
using need_test::NeedWorld;
using ::testing::HasSubstr;

SpendLimit left(std::int64_t micro) {
    return {.micro = micro, .rule = "YEAR", .detail = "so much is left"};
}

std::vector<std::vector<flex::BidStep>> flat(std::int64_t watts, std::int64_t price) {
    return {{{watts, price}}, {{watts, price}}};
}

TEST(NeedMoney, AConfirmBeyondTheBudgetIsRefusedNamingTheRule) {
    NeedWorld world;
    world.feed(need_event::Publish{fixed_need()});
    world.board.money["need-1"].in_all = left(13'499'999);
    // 45 kWh at 0.30 GBP are 13.50 GBP.
    world.say("a.example", "t1", Action::select, NeedWorld::fixed_offer("need-1", 50'000, 40'000, "m1"));
    world.say("a.example", "t1", Action::init, NeedWorld::fixed_offer("need-1", 50'000, 40'000, "m1"));
    const NeedOutcome over =
        world.say("a.example", "t1", Action::confirm, NeedWorld::fixed_offer("need-1", 50'000, 40'000, "m1"));
    ASSERT_TRUE(over.refuse);
    EXPECT_EQ(over.refuse->code, "BIZ_QUANTITY_UNAVAILABLE");
    EXPECT_THAT(over.refuse->message, HasSubstr("rule YEAR: so much is left"));
    EXPECT_EQ(world.order("t1").step, NeedStep::inited) << "a smaller one may follow";

    world.board.money["need-1"].in_all = left(13'500'000);
    const NeedOutcome within =
        world.say("a.example", "t1", Action::confirm, NeedWorld::fixed_offer("need-1", 50'000, 40'000, "m1"));
    EXPECT_FALSE(within.refuse);
    EXPECT_EQ(world.order("t1").step, NeedStep::contracted);
}

TEST(NeedMoney, AnUpdateMayCostNoMoreThanIsLeftOnTopOfIt) {
    NeedWorld world;
    world.feed(need_event::Publish{fixed_need()});
    world.agree("a.example", "t1", NeedWorld::fixed_offer("need-1", 20'000, 20'000, "m1"));
    world.board.money["need-1"].in_all = left(1'500'000);  // the 6 GBP of the order are spent already
    const auto update = [&](std::int64_t watts) {
        UpdateRequest request{.order = NeedWorld::fixed_offer("need-1", watts, watts, "m1")};
        request.order.id = world.order("t1").order.id;
        return world.say("a.example", "t1", Action::update, std::move(request));
    };
    const NeedOutcome over = update(25'004);
    ASSERT_TRUE(over.refuse);
    EXPECT_THAT(over.refuse->message, HasSubstr("rule YEAR"));
    EXPECT_FALSE(update(25'000).refuse);  // 1.50 GBP more
    EXPECT_EQ(world.order("t1").awarded_w, grid({25'000, 25'000}));
}

TEST(NeedMoney, AClearingBuysAsMuchAsTheBudgetPays) {
    NeedWorld world;
    world.feed(need_event::Publish{auction()});
    world.agree("a.example", "t1", NeedWorld::offer("need-2", flat(40'000, 200'000'000), {"m1"}, true));
    world.agree("b.example", "t2", NeedWorld::offer("need-2", flat(40'000, 300'000'000), {"m2"}, true));
    world.board.money["need-2"].in_all = left(8'000'000);
    world.now = evening - hours{1};
    const NeedOutcome cleared = world.feed(need_event::Tick{});
    std::int64_t cost = 0;
    for (const char* transaction : {"t1", "t2"}) {
        if (world.order(transaction).awarded_w) {
            cost += contract_of(*world.board.need("need-2"), world.order(transaction)).quoted.value;
        }
    }
    EXPECT_LE(cost, 8'000'000);
    EXPECT_GT(cost, 6'600'000) << "the next watt of the first slot raises the price of all of it to 0.30 GBP";
    ASSERT_FALSE(cleared.news.empty());
    EXPECT_THAT(cleared.news.front().why, HasSubstr("rule YEAR: so much is left"));
    EXPECT_FALSE(world.board.still_wanted(*world.board.need("need-2")).values.front() == 0);
}

TEST(NeedMoney, TwoNeedsThatCloseTogetherShareOneBudget) {
    NeedWorld world;
    for (const char* id : {"need-2", "need-3"}) {
        world.feed(need_event::Publish{auction(id)});
        world.board.money[id].in_all = left(12'000'000);
    }
    world.agree("a.example", "t1", NeedWorld::offer("need-2", flat(40'000, 200'000'000), {"m1"}, true));
    world.agree("b.example", "t2", NeedWorld::offer("need-3", flat(40'000, 300'000'000), {"m2"}, true));
    world.now = evening - hours{1};
    world.feed(need_event::Tick{});
    std::int64_t cost = 0;
    for (const auto& [transaction, order] : world.board.orders) {
        cost += order.awarded_w ? contract_of(*world.board.need(order.need), order).quoted.value : 0;
    }
    EXPECT_LE(cost, 12'000'000);  // 8 GBP and 12 GBP are wanted
    EXPECT_GT(cost, 11'000'000);
}

TEST(NeedMoney, WhomARuleBansGetsNothingAndIsTold) {
    NeedWorld world;
    world.feed(need_event::Publish{auction()});
    world.agree("a.example", "t1", NeedWorld::offer("need-2", flat(40'000, 200'000'000), {"m1"}, true));
    world.agree("b.example", "t2",
                NeedWorld::offer("need-2", {{{60'000, 300'000'000}}, {{40'000, 300'000'000}}}, {"m2"}, true));
    world.board.money["need-2"].refused["a.example"] = "rule NEVER: because";
    world.now = evening - hours{1};
    world.feed(need_event::Tick{});
    EXPECT_EQ(world.order("t1").step, NeedStep::cancelled);
    EXPECT_EQ(world.order("t1").order.cancellation, "rule NEVER: because");
    EXPECT_EQ(world.order("t2").awarded_w, grid({60'000, 40'000}));
}

TEST(NeedMoney, AMeterThatARuleBansIsNamedWithTheRule) {
    NeedWorld world;
    world.feed(need_event::Publish{fixed_need()});
    world.board.money["need-1"].meters["a.example"]["m1"].refused = "rule KIND: no heat pumps here";
    world.say("a.example", "t1", Action::select, NeedWorld::fixed_offer("need-1", 20'000, 20'000, "m1"));
    world.say("a.example", "t1", Action::init, NeedWorld::fixed_offer("need-1", 20'000, 20'000, "m1"));
    const NeedOutcome banned =
        world.say("a.example", "t1", Action::confirm, NeedWorld::fixed_offer("need-1", 20'000, 20'000, "m1"));
    ASSERT_TRUE(banned.refuse);
    EXPECT_THAT(banned.refuse->message, HasSubstr("meter m1, rule KIND: no heat pumps here"));
    EXPECT_FALSE(
        world.say("a.example", "t1", Action::confirm, NeedWorld::fixed_offer("need-1", 20'000, 20'000, "m2"))
            .refuse)
        << "another meter of his may deliver";
    UpdateRequest request{.order = NeedWorld::fixed_offer("need-1", 20'000, 20'000, "m1")};
    request.order.id = world.order("t1").order.id;
    const NeedOutcome changed = world.say("a.example", "t1", Action::update, std::move(request));
    ASSERT_TRUE(changed.refuse) << "nor may it take the other's place";
    EXPECT_THAT(changed.refuse->message, HasSubstr("rule KIND"));
}

TEST(NeedMoney, HoursWithinANeedBindItsSlots) {
    NeedWorld world;
    world.feed(need_event::Publish{fixed_need()});
    MeterRule& rule = world.board.money["need-1"].meters["a.example"][""];
    rule.closed = {false, true};
    rule.hours = "rule NIGHT: only from 07:00 to 17:30";
    world.say("a.example", "t1", Action::select, NeedWorld::fixed_offer("need-1", 20'000, 20'000, "m1"));
    world.say("a.example", "t1", Action::init, NeedWorld::fixed_offer("need-1", 20'000, 20'000, "m1"));
    const NeedOutcome late =
        world.say("a.example", "t1", Action::confirm, NeedWorld::fixed_offer("need-1", 20'000, 20'000, "m1"));
    ASSERT_TRUE(late.refuse);
    EXPECT_THAT(late.refuse->message, HasSubstr("slot 2, rule NIGHT"));
    EXPECT_FALSE(
        world.say("a.example", "t1", Action::confirm, NeedWorld::fixed_offer("need-1", 20'000, 0, "m1"))
            .refuse);
}

TEST(NeedMoney, AClearingLeavesOutWhoseMeterIsBannedByThen) {
    NeedWorld world;
    world.feed(need_event::Publish{auction()});
    world.agree("a.example", "t1", NeedWorld::offer("need-2", flat(40'000, 200'000'000), {"m1"}, true));
    world.agree("b.example", "t2",
                NeedWorld::offer("need-2", {{{60'000, 300'000'000}}, {{40'000, 300'000'000}}}, {"m2"}, true));
    world.board.money["need-2"].meters["a.example"]["m1"].refused = "rule HOSPITAL: never";
    world.now = evening - hours{1};
    world.feed(need_event::Tick{});
    EXPECT_EQ(world.order("t1").step, NeedStep::cancelled);
    EXPECT_EQ(world.order("t1").order.cancellation, "meter m1, rule HOSPITAL: never");
    EXPECT_EQ(world.order("t2").awarded_w, grid({60'000, 40'000}));
}

TEST(NeedMoney, ASellersOwnBudgetLeavesTheOthersTheirs) {
    const std::vector<StandingBid> bids{{"a", evening, flat(40'000, 200'000'000)},
                                        {"b", evening, flat(60'000, 300'000'000)}};
    NeedMoney money;
    money.by_peer["a.example"] = left(1'000'000);
    const std::map<std::string, std::string> peers{{"a", "a.example"}, {"b", "b.example"}};
    const ClearingWithin within = clear_within(grid({60'000, 40'000}), bids, peers, money);
    EXPECT_FALSE(within.clearing.awards_w.contains("a"));
    EXPECT_EQ(within.clearing.awards_w.at("b"), grid({60'000, 40'000}));
    EXPECT_THAT(within.refused.at("a"), HasSubstr("rule YEAR"));
    const ClearingWithin free = clear_within(grid({60'000, 40'000}), bids, peers, {});
    EXPECT_EQ(free.clearing.cleared_w, clear(grid({60'000, 40'000}), bids).cleared_w);
    EXPECT_EQ(free.clearing.awards_w, clear(grid({60'000, 40'000}), bids).awards_w);
    EXPECT_TRUE(free.held_back.empty());
}

}  // namespace
}  // namespace headroom::beckn
