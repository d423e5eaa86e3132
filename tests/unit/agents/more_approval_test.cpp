// More than an envelope allows is needed while an event is under way: a person is asked beside it.
#include "unit/agents/week_room.hpp"

#include <gmock/gmock.h>

namespace headroom::agents {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using week_test::thursday_evening;
using week_test::WeekRoom;
using week_test::window;

/// Armed under an envelope that is revoked before the need grows by the power of a second battery.
class GrownNeed {
  public:
    GrownNeed() {
        room.raise(105'000);
        at_first = room.event();
        EXPECT_EQ(at_first.state, EventState::armed);
        revoke("ahead");
        room.outlook_w = 111'000;
        room.advance_to(thursday_evening + hours{25});
    }
    void revoke(const std::string& id) {
        EXPECT_TRUE(room.world.await(room.orchestration->revoke(id, WeekRoom::operator_who("no longer")))
                        .has_value());
    }
    [[nodiscard]] bool waits() const { return room.orchestration->waits_for_approval(at_first.id()); }
    [[nodiscard]] std::int64_t contracted_w() const { return room.event().contracted.value; }

    WeekRoom room;
    EventRecord at_first;
};

TEST(MoreApproval, APlanForMoreWaitsForAPersonWhileTheEventGoesOn) {
    GrownNeed grown;
    const EventRecord asked = grown.room.event();
    EXPECT_EQ(asked.state, EventState::armed);
    EXPECT_EQ(asked.authority, "propose");
    EXPECT_NE(asked.plan_sha256, grown.at_first.plan_sha256);
    EXPECT_TRUE(asked.more_until.has_value());
    EXPECT_TRUE(grown.waits());
    EXPECT_EQ(asked.contracted.value, grown.at_first.contracted.value);
    const std::vector<audit::Entry> alarms = grown.room.entries("alarm.raised");
    ASSERT_FALSE(alarms.empty());
    EXPECT_THAT(json::Value(alarms.back().body).text("/detail"), HasSubstr("waits for approval"));

    ASSERT_TRUE(grown.room.approve(asked).has_value());
    grown.room.rest();
    EXPECT_FALSE(grown.waits());
    EXPECT_EQ(grown.room.event().state, EventState::armed);
    EXPECT_EQ(grown.room.event().approved_by, "ops");
    EXPECT_GE(grown.contracted_w(), 11'000);
    const std::vector<audit::Entry> approvals = grown.room.entries("dispatch.approve");
    ASSERT_EQ(approvals.size(), 2U);
    EXPECT_EQ(approvals.back().actor.id, "ops");
    EXPECT_EQ(json::Value(approvals.back().body).text("/plan_sha256"), asked.plan_sha256);

    // The window comes, and what was armed is used, both of it.
    grown.room.live_w = 111'000;
    grown.room.advance_to(window - minutes{1});
    EXPECT_EQ(grown.room.entries("order.activated").size(), 2U);
}

TEST(MoreApproval, WhatIsBoughtStandsWhenThePersonSaysNo) {
    GrownNeed grown;
    const EventRecord asked = grown.room.event();
    ASSERT_TRUE(grown.room.reject(asked).has_value());
    grown.room.rest();
    EXPECT_FALSE(grown.waits());
    EXPECT_EQ(grown.room.event().state, EventState::armed);
    EXPECT_EQ(grown.contracted_w(), grown.at_first.contracted.value);
    EXPECT_EQ(grown.room.entries("dispatch.reject").size(), 1U);
    const Result<void> late = grown.room.approve(asked);
    ASSERT_FALSE(late.has_value());
    EXPECT_EQ(late.error().code, Errc::conflict);
}

TEST(MoreApproval, ACancelEndsTheEventAndNotOnlyTheQuestion) {
    GrownNeed grown;
    ASSERT_TRUE(grown.room.world
                    .await(grown.room.orchestration->cancel(grown.at_first.id(),
                                                            WeekRoom::operator_who("not needed")))
                    .has_value());
    grown.room.rest();
    EXPECT_FALSE(grown.waits());
    EXPECT_EQ(grown.room.event().state, EventState::cancelled);
    EXPECT_THAT(grown.room.world.requests_to("tesla"), Contains("cancel"));
}

TEST(MoreApproval, IsAskedAnewInTheNextReviewWhenNobodyAnswers) {
    GrownNeed grown;
    const EventRecord asked = grown.room.event();
    grown.room.outlook_w = 111'500;
    grown.room.advance_to(*asked.more_until + hours{1});
    EXPECT_TRUE(grown.waits());
    const EventRecord again = grown.room.event();
    EXPECT_GT(*again.more_until, *asked.more_until);
    EXPECT_GT(again.round, asked.round);
    const Result<void> old = grown.room.approve(asked);
    EXPECT_EQ(old.has_value(), asked.plan_sha256 == again.plan_sha256);
    grown.room.rest();
}

TEST(MoreApproval, AKilledProcessAsksStillAndBuysNothingThatWasNotApproved) {
    GrownNeed grown;
    const EventRecord asked = grown.room.event();
    grown.room.world.kill_and_restart_market();
    grown.room.kill();
    grown.room.start();
    EXPECT_TRUE(grown.waits());
    EXPECT_EQ(grown.room.event().more_until, asked.more_until);
    EXPECT_EQ(grown.contracted_w(), grown.at_first.contracted.value);
    ASSERT_TRUE(grown.room.approve(asked).has_value());
    grown.room.rest();
    EXPECT_GE(grown.contracted_w(), 11'000);
}

TEST(MoreApproval, WhatWasApprovedAndNotBoughtIsBoughtAfterARestart) {
    GrownNeed grown;
    const EventRecord asked = grown.room.event();
    // Killed as soon as the approval stands in the log.
    grown.room.world.intercept = [](const std::string&, const std::string&) -> std::optional<net::Response> {
        return net::Response{.status = 503};
    };
    ASSERT_TRUE(grown.room.approve(asked).has_value());
    grown.room.world.run_until([&] { return grown.room.entries("dispatch.approve").size() == 2; });
    EXPECT_EQ(grown.contracted_w(), grown.at_first.contracted.value);
    grown.room.world.intercept = nullptr;
    grown.room.world.kill_and_restart_market();
    grown.room.kill();
    grown.room.start();
    grown.room.rest();
    EXPECT_FALSE(grown.waits());
    EXPECT_FALSE(grown.room.event().more_until.has_value());
    EXPECT_GE(grown.contracted_w(), 11'000);
    EXPECT_EQ(grown.room.event().transactions.size(), 2U);
}

TEST(MoreApproval, AProcessKilledBehindAPlanForAPersonDoesNotCarryItOut) {
    GrownNeed grown;
    EventRecord between = grown.room.event();
    between.state = EventState::approved;  // as it stands while contracts are made
    between.more_until.reset();
    store::Batch batch;
    batch.puts.push_back({.kind = "event",
                          .id = between.id().value,
                          .corr = between.id().value,
                          .state = "approved",
                          .json = json::write(to_json(between))});
    ASSERT_TRUE(grown.room.world.records->direct().write(batch).has_value());
    grown.room.world.kill_and_restart_market();
    grown.room.kill();
    grown.room.start();
    grown.room.rest();
    EXPECT_EQ(grown.room.event().state, EventState::armed);
    EXPECT_EQ(grown.contracted_w(), grown.at_first.contracted.value);
    EXPECT_EQ(grown.room.entries("dispatch.approve").size(), 1U);
    EXPECT_TRUE(grown.waits());  // for a plan of its own making
}

/// The first plan is allowed; while its provider is asked the envelope goes, and he refuses.
class NothingCame {
  public:
    NothingCame() {
        room.world.intercept = [this](const std::string&,
                                      const std::string& action) -> std::optional<net::Response> {
            if (action != "init" || is_revoked) {
                return std::nullopt;
            }
            is_revoked = true;
            spawn(room.world.executor(), revoke());
            return net::Response{.status = 400};
        };
        room.raise(105'000);
    }
    Awaitable<void> revoke() {
        const Result<void> done =
            co_await room.orchestration->revoke("ahead", WeekRoom::operator_who("no longer"));
        EXPECT_TRUE(done.has_value());
    }

    WeekRoom room;
    bool is_revoked = false;
};

TEST(MoreApproval, WhenNothingCameOfAPlanTheNextWaitsForAPersonInsteadOfGivingUp) {
    NothingCame nothing;
    const EventRecord asked = nothing.room.event();
    EXPECT_EQ(asked.state, EventState::proposed) << asked.note;
    EXPECT_EQ(asked.approved_by, "");
    EXPECT_EQ(asked.authority, "propose");
    EXPECT_EQ(asked.round, 2);
    EXPECT_TRUE(nothing.room.orchestration->waits_for_approval(asked.id()));
    EXPECT_THAT(nothing.room.alarms(), Not(Contains("shortfall")));
    ASSERT_TRUE(nothing.room.approve(asked).has_value());
    nothing.room.rest();
    EXPECT_EQ(nothing.room.event().state, EventState::armed);
    EXPECT_EQ(nothing.room.event().approved_by, "ops");
    EXPECT_GE(nothing.room.event().contracted.value, 5'000);
}

TEST(MoreApproval, ARejectedSecondPlanEndsTheEvent) {
    NothingCame nothing;
    const EventRecord asked = nothing.room.event();
    ASSERT_TRUE(nothing.room.reject(asked).has_value());
    nothing.room.rest();
    EXPECT_EQ(nothing.room.event().state, EventState::cancelled);
    EXPECT_EQ(nothing.room.event().outcome, "rejected");
}

}  // namespace
}  // namespace headroom::agents
