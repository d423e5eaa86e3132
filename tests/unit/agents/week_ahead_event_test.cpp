// What an outlook showed: armed for days ahead, then kept, topped up, released or used, as the newest
// forecast says.
#include "unit/agents/week_room.hpp"

#include <gmock/gmock.h>

namespace headroom::agents {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using week_test::thursday_evening;
using week_test::WeekRoom;
using week_test::window;

TEST(WeekAheadEvent, IsMarkedAsWhatItIsAndArmedUnderAnAuthorityOfItsOwn) {
    WeekRoom room;
    room.raise(105'000);
    const EventRecord armed = room.event();
    EXPECT_EQ(armed.state, EventState::armed);
    EXPECT_NE(armed.moment("seen_week_ahead"), nullptr);
    EXPECT_EQ(armed.overload.cause, risk::Cause::forecast);
    EXPECT_EQ(armed.overload.start, window);
    EXPECT_EQ(armed.approved_by, "envelope ahead");
    EXPECT_GE(armed.contracted.value, 5'000);
    const json::Value raised(room.entries("constraint.raised").at(0).body);
    EXPECT_EQ(raised.text("/horizon"), "week_ahead");
    EXPECT_EQ(raised.text("/forecast_method"), "outlook");
    EXPECT_THAT(raised.text("/event_after/note"), HasSubstr("armed for at most"));
    EXPECT_TRUE(room.entries("dispatch.order.intent").empty());
}

TEST(WeekAheadEvent, IsPutBeforeAPersonWhereNoEnvelopeNamesIt) {
    WeekRoom room("armed");
    room.raise(105'000);
    const EventRecord waits = room.event();
    EXPECT_EQ(waits.state, EventState::proposed);
    EXPECT_EQ(waits.authority, "propose");
    EXPECT_TRUE(room.orchestration->waits_for_approval(waits.id()));
    // Nobody says anything: it is weighed and asked anew, not given up.
    room.advance_to(thursday_evening + hours{30});
    EXPECT_EQ(room.event().state, EventState::proposed);
    EXPECT_TRUE(room.orchestration->waits_for_approval(waits.id()));
    EXPECT_GE(room.event().reviews, 1);
    EXPECT_TRUE(room.approve(room.event()).has_value());
    room.rest();
    EXPECT_EQ(room.event().state, EventState::armed);
}

TEST(WeekAheadEvent, IsOneForEachWindowOfAFeeder) {
    WeekRoom room;
    room.raise(105'000);
    room.raise(107'000);
    EXPECT_EQ(room.events().size(), 1U);
}

TEST(WeekAheadEvent, IsToppedUpWhenTheNeedGrowsAndKeptWhenItShrinks) {
    WeekRoom room;
    room.raise(105'000);
    const std::int64_t at_first = room.event().contracted.value;
    room.outlook_w = 111'000;
    room.advance_to(thursday_evening + hours{25});
    const EventRecord more = room.event();
    EXPECT_EQ(more.state, EventState::armed);
    EXPECT_GT(more.contracted.value, at_first);
    EXPECT_GE(more.contracted.value, 11'000);
    const std::vector<audit::Entry> states = room.entries("event.state");
    const auto judged = std::find_if(states.begin(), states.end(), [](const audit::Entry& entry) {
        return json::Value(entry.body).text("/decision") == "risk.raise";
    });
    ASSERT_NE(judged, states.end());
    const risk::RiskInput input = risk::risk_input_from_json(*judged->body.find("input")).value();
    EXPECT_EQ(risk::to_json(**risk::assess(input)), *judged->body.find("overload"));

    room.outlook_w = 104'000;
    room.advance_to(thursday_evening + hours{50});
    EXPECT_EQ(room.event().state, EventState::armed);
    EXPECT_EQ(room.event().contracted.value, more.contracted.value);
}

TEST(WeekAheadEvent, IsReleasedWhenTheLiveForecastSaysItIsNotNeeded) {
    WeekRoom room;
    room.raise(105'000);
    room.live_w = 90'000;
    room.advance_to(window - hours{50});
    EXPECT_EQ(room.event().state, EventState::armed);
    room.advance_to(window - hours{46});
    const EventRecord released = room.event();
    EXPECT_EQ(released.state, EventState::cancelled);
    EXPECT_EQ(released.outcome, "cleared");
    EXPECT_THAT(released.note, HasSubstr("released"));
    EXPECT_THAT(room.world.requests_to("tesla"), Contains("cancel"));
    EXPECT_TRUE(room.entries("dispatch.order.intent").empty());
    EXPECT_FALSE(released.assignments.empty());  // so that being armed is settled

    // What comes back after that is another event; what an outlook says again at once is not.
    room.outlook_w = 0;
    RaisedEvent live;
    live.input = room.question(120'000);
    live.input.rules.forecast_horizon_periods = 200;
    live.overload = **risk::assess(live.input);
    live.forecast_method = "ensemble";
    EXPECT_EQ(live.overload.event, released.id());
    EXPECT_TRUE(room.world.await(room.orchestration->raise(std::move(live))).has_value());
    room.rest();
    EXPECT_EQ(room.events().size(), 2U);
}

TEST(WeekAheadEvent, IsFiredOnceALiveForecastConfirmsIt) {
    WeekRoom room;
    room.raise(105'000);
    room.live_w = 106'000;
    room.advance_to(window - minutes{1});
    const EventRecord fired = room.event();
    EXPECT_TRUE(fired.state == EventState::notified || fired.state == EventState::active)
        << to_string(fired.state) << " " << fired.note;
    EXPECT_FALSE(room.entries("order.activated").empty());
}

TEST(WeekAheadEvent, IsNeverUsedOnTheWordOfAnOutlookAlone) {
    WeekRoom room;
    room.raise(105'000);
    room.advance_to(window + minutes{10});
    const EventRecord released = room.event();
    EXPECT_EQ(released.state, EventState::cancelled);
    EXPECT_EQ(released.outcome, "unconfirmed");
    EXPECT_THAT(room.alarms(), Contains("unconfirmed"));
    EXPECT_TRUE(room.entries("order.activated").empty());
    EXPECT_TRUE(room.entries("dispatch.order.intent").empty());
}

TEST(WeekAheadEvent, GoesOnWhereAKilledProcessLeftIt) {
    WeekRoom room;
    room.raise(105'000);
    EXPECT_EQ(room.event().state, EventState::armed);
    room.world.kill_and_restart_market();
    room.kill();
    room.start();
    const EventRecord taken_up = room.event();
    EXPECT_EQ(taken_up.state, EventState::armed);
    EXPECT_NE(taken_up.moment("seen_week_ahead"), nullptr);
    room.live_w = 90'000;
    room.advance_to(window - hours{46});
    EXPECT_EQ(room.event().state, EventState::cancelled);
    EXPECT_EQ(room.event().outcome, "cleared");
}

}  // namespace
}  // namespace headroom::agents
