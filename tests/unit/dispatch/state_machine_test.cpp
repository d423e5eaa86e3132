#include "dispatch/state_machine.hpp"
#include "dispatch_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace headroom::dispatch::test {
namespace {

using State = InstructionState;

Instruction in_state(State state) {
    Instruction made = instruction();
    made.state = state;
    return made;
}

State after(State from, const Event& event, UtcTime now = five) {
    const Result<Step> stepped = step(in_state(from), event, now);
    EXPECT_TRUE(stepped.has_value()) << (stepped ? "" : stepped.error().message);
    return stepped ? stepped->instruction.state : State::planned;
}

TEST(StateMachine, GoesTheStraightWay) {
    EXPECT_EQ(after(State::planned, IntentDurable{}), State::intent);
    EXPECT_EQ(after(State::intent, TransportTook{}), State::sent);
    EXPECT_EQ(after(State::sent, Acknowledged{}), State::acked);
    EXPECT_EQ(after(State::acked, Measured{.moved = 90'000_W}), State::active);
    EXPECT_EQ(after(State::active, Expiry{}, five + minutes{5}), State::ended);
}

TEST(StateMachine, ADuplicateIsAsGoodAsAnAcceptance) {
    EXPECT_EQ(after(State::sent, Acknowledged{AckResult::duplicate}), State::acked);
    EXPECT_EQ(after(State::acked, Acknowledged{AckResult::duplicate}), State::acked);
    EXPECT_EQ(after(State::active, Acknowledged{}), State::active);
}

TEST(StateMachine, AnAckMayOvertakeTheBroker) {
    EXPECT_EQ(after(State::intent, Acknowledged{}), State::acked);
    EXPECT_EQ(after(State::acked, TransportTook{}), State::acked);
}

TEST(StateMachine, RefusalsEndIt) {
    EXPECT_EQ(after(State::intent, TransportRefused{}), State::nacked);
    EXPECT_EQ(after(State::sent, Acknowledged{AckResult::refused}), State::nacked);
}

TEST(StateMachine, TimesOutAtItsDeadlineNotBefore) {
    const Instruction sent = in_state(State::sent);
    EXPECT_FALSE(step(sent, AckDeadline{}, sent.ack_by - milliseconds{1}).has_value());
    EXPECT_EQ(after(State::sent, AckDeadline{}, sent.ack_by), State::timeout);
}

TEST(StateMachine, IsSentAgainOnce) {
    const Result<Step> again = step(in_state(State::sent), SentAgain{}, five);
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->instruction.attempt, 2);
    EXPECT_EQ(again->instruction.state, State::sent);
    EXPECT_EQ(step(again->instruction, SentAgain{}, five).error().code, Errc::conflict);
}

TEST(StateMachine, HalfOfTheStepMakesItActive) {
    EXPECT_EQ(after(State::acked, Measured{.moved = 89'999_W, .since_start = seconds{10}}), State::acked);
    EXPECT_EQ(after(State::acked, Measured{.moved = 90'000_W, .since_start = seconds{10}}), State::active);
}

TEST(StateMachine, SaysWhenTheMeterDoesNotFollow) {
    const auto measured = [](milliseconds since, milliseconds ramp) {
        return step(in_state(State::acked), Measured{.moved = 1'000_W, .since_start = since, .ramp = ramp},
                    five)
            .value()
            .not_following;
    };
    EXPECT_FALSE(measured(seconds{60}, seconds{60}));
    EXPECT_TRUE(measured(seconds{61}, seconds{60}));
    EXPECT_FALSE(measured(seconds{61}, seconds{300}));
}

TEST(StateMachine, ExpiryEndsWhatRanAndVoidsWhatDidNot) {
    const UtcTime end = five + minutes{5};
    EXPECT_EQ(after(State::acked, Expiry{}, end), State::ended);
    EXPECT_EQ(after(State::sent, Expiry{}, end), State::expired);
    EXPECT_EQ(after(State::unknown, Expiry{}, end), State::expired);
    EXPECT_FALSE(step(in_state(State::sent), Expiry{}, end - milliseconds{1}).has_value());
}

TEST(StateMachine, AfterARestartItIsUnknownUntilSomebodyAnswers) {
    EXPECT_EQ(after(State::intent, Restarted{}), State::unknown);
    EXPECT_EQ(after(State::sent, Restarted{}), State::unknown);
    EXPECT_EQ(after(State::unknown, TransportTook{}), State::sent);
    EXPECT_EQ(after(State::unknown, Acknowledged{AckResult::duplicate}), State::acked);
}

TEST(StateMachine, CancelAndReplaceEndIt) {
    for (const State from : {State::intent, State::sent, State::acked, State::active, State::unknown}) {
        EXPECT_EQ(after(from, Cancelled{}), State::cancelled);
        EXPECT_EQ(after(from, Superseded{}), State::superseded);
    }
}

TEST(StateMachine, NothingFollowsTheEnd) {
    const std::vector<Event> events{IntentDurable{}, TransportTook{}, TransportRefused{}, SentAgain{},
                                    Acknowledged{},  AckDeadline{},   Expiry{},           Measured{},
                                    Cancelled{},     Superseded{},    Restarted{}};
    for (const State from :
         {State::ended, State::nacked, State::timeout, State::expired, State::cancelled, State::superseded}) {
        EXPECT_TRUE(is_final(from));
        for (const Event& event : events) {
            const Result<Step> stepped = step(in_state(from), event, five + hours{1});
            ASSERT_FALSE(stepped.has_value()) << to_string(from) << " " << event.index();
            EXPECT_EQ(stepped.error().code, Errc::conflict);
            EXPECT_THAT(stepped.error().message,
                        ::testing::HasSubstr("01JD3ZK6V3V9Q6T8W2M4N5P7R9 for bess-77 is " +
                                             std::string(to_string(from))));
        }
    }
}

TEST(StateMachine, OtherStepsOutOfTurnAreConflicts) {
    EXPECT_FALSE(step(in_state(State::planned), TransportTook{}, five).has_value());
    EXPECT_FALSE(step(in_state(State::planned), Acknowledged{}, five).has_value());
    EXPECT_FALSE(step(in_state(State::sent), IntentDurable{}, five).has_value());
    EXPECT_FALSE(step(in_state(State::sent), Measured{}, five).has_value());
    EXPECT_FALSE(step(in_state(State::acked), AckDeadline{}, five).has_value());
    EXPECT_FALSE(step(in_state(State::active), Restarted{}, five).has_value());
}

}  // namespace
}  // namespace headroom::dispatch::test
