#include "agents/dispatch.hpp"
#include "dispatch_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headroom::agents::test {
namespace {

using dispatch::Ack;
using dispatch::AckResult;
using dispatch::Instruction;
using dispatch::InstructionState;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Dispatch : public ::testing::Test {
  protected:
    Folder folder_;
};

TEST_F(Dispatch, AnInstructionIsWrittenDownSentAndAcknowledged) {
    DispatchWorld world(folder_);
    world.channel.on_send = [&world](const Instruction& instruction) {
        // The intent is durable and projected before the transport sees anything.
        EXPECT_THAT(world.entry_types(), ElementsAre("dispatch.order.intent"));
        EXPECT_EQ(world.log->read(1)->body.find("order")->as_string()[0], instruction.id.value);
        EXPECT_FALSE(world.in_flight.idle());
        return Result<void>{};
    };
    const std::vector<DispatchOutcome> outcomes = world.instruct({order("bess-1")});

    ASSERT_THAT(outcomes, SizeIs(1));
    const Instruction& instruction = outcomes[0].instruction;
    EXPECT_EQ(instruction.state, InstructionState::acked);
    EXPECT_EQ(instruction.id.value.size(), 26U);
    EXPECT_EQ(instruction.fence, 1U);
    EXPECT_EQ(instruction.ack_by, evening + seconds{5});
    EXPECT_GE(outcomes[0].acked, outcomes[0].sent);
    EXPECT_GT(outcomes[0].sent, SteadyTime{});
    EXPECT_TRUE(world.in_flight.idle());
    EXPECT_EQ(world.record_state(instruction.id), "acked");
    EXPECT_THAT(world.entry_types(),
                ElementsAre("dispatch.order.intent", "dispatch.order.sent", "dispatch.order.ack"));

    const json::Value intent(world.last_entry("dispatch.order.intent").body);
    EXPECT_EQ(intent.text("/der"), "bess-1");
    EXPECT_EQ(intent.integer("/setpoint_w"), -100'000);
    EXPECT_EQ(intent.integer("/fence"), 1);
    EXPECT_EQ(intent.text("/protocol"), "fake");
    EXPECT_EQ(intent.text("/guard_rules"), "guard-default@1");
    const auto question = dispatch::guard::guard_question_from_json(*intent.get("guard"));
    ASSERT_TRUE(question.has_value());
    EXPECT_TRUE(dispatch::guard::check({}, *question).allowed);  // the answer can be given again from the log
    const audit::Entry ack = world.last_entry("dispatch.order.ack");
    EXPECT_EQ(ack.actor.id, "bess-1");
    EXPECT_EQ(ack.actor.kind, "device");
    EXPECT_EQ(ack.corr, "ev-20270114-abcdefgh");
    EXPECT_EQ(ack.caus, instruction.id.value);
}

TEST_F(Dispatch, IntentsOfOneCallAreOneGroupAndOutcomesKeepTheirOrder) {
    DispatchWorld world(folder_);
    world.channel.on_send = [&world](const Instruction&) {
        EXPECT_GE(world.log->durable_size(), 4U);
        return Result<void>{};
    };
    world.channel.on_order = [](const Instruction& told) -> std::optional<Ack> {
        return told.der == "b" ? Ack{told.id, told.der, AckResult::refused, "local_override", evening}
                               : Ack{told.id, told.der, AckResult::accepted, "", evening};
    };
    const std::vector<DispatchOutcome> outcomes = world.instruct({order("a"), order("b"), order("c")});
    ASSERT_THAT(outcomes, SizeIs(3));
    EXPECT_EQ(outcomes[0].instruction.der, "a");
    EXPECT_EQ(outcomes[0].instruction.state, InstructionState::acked);
    EXPECT_EQ(outcomes[1].instruction.state, InstructionState::nacked);
    EXPECT_EQ(outcomes[1].detail, "local_override");
    EXPECT_EQ(outcomes[2].instruction.state, InstructionState::acked);
    const std::vector<std::string> types = world.entry_types();
    EXPECT_THAT(std::vector<std::string>(types.begin(), types.begin() + 3),
                ElementsAre("dispatch.order.intent", "dispatch.order.intent", "dispatch.order.intent"));
    EXPECT_EQ(world.log->read(1)->ts, world.log->read(3)->ts);
    EXPECT_EQ(world.record_state(outcomes[1].instruction.id), "nacked");
}

TEST_F(Dispatch, WhatTheGuardRefusesIsAlarmedAndNotSent) {
    DispatchOptions options;
    options.guard.protected_ders = {"hospital"};
    DispatchWorld world(folder_, options);
    const std::vector<DispatchOutcome> outcomes = world.instruct({order("hospital"), order("bess-1")});
    ASSERT_THAT(outcomes, SizeIs(2));
    EXPECT_EQ(outcomes[0].instruction.state, InstructionState::cancelled);
    EXPECT_EQ(outcomes[0].detail, "protected_der: hospital is a protected site");
    EXPECT_EQ(outcomes[1].instruction.state, InstructionState::acked);
    ASSERT_THAT(world.channel.sent, SizeIs(1));
    const audit::Entry refused = world.last_entry("guard.refused");
    EXPECT_EQ(refused.outcome, "denied");
    EXPECT_EQ(json::Value(refused.body).text("/rule"), "protected_der");
}

TEST_F(Dispatch, ASilentDeviceIsAskedOnceMoreAndThenTimesOut) {
    DispatchWorld world(folder_);
    world.channel.on_order = FakeChannel::silence;
    const auto result = world.start(world.agent->instruct({order("bess-1")}));
    ASSERT_THAT(world.channel.sent, SizeIs(1));
    EXPECT_THAT(world.in_flight.tokens(), ElementsAre("ack/" + world.channel.sent[0].id.value));

    world.advance(milliseconds{2'499});
    EXPECT_THAT(world.channel.sent, SizeIs(1));
    world.advance(milliseconds{1});
    ASSERT_THAT(world.channel.sent, SizeIs(2));
    EXPECT_EQ(world.channel.sent[1].id, world.channel.sent[0].id);
    EXPECT_EQ(world.channel.sent[1].attempt, 2);
    EXPECT_EQ(world.channel.sent[1].expires, world.channel.sent[0].expires);
    world.advance(milliseconds{2'499});
    EXPECT_FALSE(result->has_value());
    world.advance(milliseconds{1});

    ASSERT_TRUE(result->has_value());
    const DispatchOutcome& outcome = (*result)->value().front();
    EXPECT_EQ(outcome.instruction.state, InstructionState::timeout);
    EXPECT_EQ(outcome.detail, "bess-1 has not answered");
    EXPECT_TRUE(world.in_flight.idle());
    EXPECT_EQ(world.record_state(outcome.instruction.id), "timeout");
    EXPECT_THAT(world.entry_types(), ElementsAre("dispatch.order.intent", "dispatch.order.sent",
                                                 "dispatch.order.sent", "dispatch.order.timeout"));
}

TEST_F(Dispatch, AnAnswerToTheSecondAttemptCounts) {
    DispatchWorld world(folder_);
    world.channel.on_order = [](const Instruction& told) {
        return told.attempt == 2 ? FakeChannel::accept(told) : std::nullopt;
    };
    const auto result = world.start(world.agent->instruct({order("bess-1")}));
    world.advance(milliseconds{2'500});
    ASSERT_TRUE(result->has_value());
    EXPECT_EQ((*result)->value().front().instruction.state, InstructionState::acked);
    EXPECT_EQ((*result)->value().front().instruction.attempt, 2);
}

TEST_F(Dispatch, AnAnswerMayOvertakeTheTransport) {
    DispatchWorld world(folder_);
    world.channel.on_order = FakeChannel::silence;
    world.channel.on_send = [&world](const Instruction& told) {
        world.channel.answer(*FakeChannel::accept(told));
        return Result<void>{};
    };
    EXPECT_EQ(world.instruct({order("bess-1")}).front().instruction.state, InstructionState::acked);
}

TEST_F(Dispatch, AnotherDeviceCannotAnswer) {
    DispatchWorld world(folder_);
    world.channel.on_order = [](const Instruction& told) -> std::optional<Ack> {
        return Ack{told.id, "somebody-else", AckResult::accepted, "", evening};
    };
    const auto result = world.start(world.agent->instruct({order("bess-1")}));
    EXPECT_FALSE(result->has_value());
    world.advance(seconds{5});
    EXPECT_EQ((*result)->value().front().instruction.state, InstructionState::timeout);
}

TEST_F(Dispatch, WithoutAControlPathItTriesAgainHalfWay) {
    DispatchWorld world(folder_);
    world.channel.on_send = [](const Instruction& told) {
        return told.attempt == 1 ? Result<void>(Error{Errc::unavailable, "the broker is away"})
                                 : Result<void>{};
    };
    const auto result = world.start(world.agent->instruct({order("bess-1")}));
    EXPECT_TRUE(world.in_flight.idle());  // nobody will answer: the virtual clock may go on
    world.advance(milliseconds{2'500});
    ASSERT_TRUE(result->has_value());
    EXPECT_EQ((*result)->value().front().instruction.state, InstructionState::acked);
}

TEST_F(Dispatch, WithoutAControlPathAtAllItTimesOutAndSaysWhy) {
    DispatchWorld world(folder_);
    world.channel.on_send = [](const Instruction&) {
        return Result<void>(Error{Errc::unavailable, "the broker is away"});
    };
    const auto result = world.start(world.agent->instruct({order("bess-1")}));
    world.advance(seconds{5});
    ASSERT_TRUE(result->has_value());
    EXPECT_EQ((*result)->value().front().instruction.state, InstructionState::timeout);
    EXPECT_EQ((*result)->value().front().detail, "the broker is away");
    EXPECT_EQ((*result)->value().front().sent, SteadyTime{});
}

TEST_F(Dispatch, WhatTheTransportRefusesIsANack) {
    DispatchWorld world(folder_);
    world.channel.on_send = [](const Instruction&) {
        return Result<void>(Error{Errc::denied, "not authorised (135)"});
    };
    const DispatchOutcome outcome = world.instruct({order("bess-1")}).front();
    EXPECT_EQ(outcome.instruction.state, InstructionState::nacked);
    EXPECT_EQ(outcome.detail, "not authorised (135)");
    EXPECT_EQ(json::Value(world.last_entry("dispatch.order.nack").body).text("/reason"), "transport");
}

TEST_F(Dispatch, AnInstructionThatExpiresBeforeItsDeadlineIsExpired) {
    DispatchWorld world(folder_);
    world.channel.on_order = FakeChannel::silence;
    DispatchOrder brief = order("bess-1");
    brief.instruction.expires = evening + seconds{2};
    const auto result = world.start(world.agent->instruct({brief}));
    world.advance(seconds{2});
    ASSERT_TRUE(result->has_value());
    EXPECT_EQ((*result)->value().front().instruction.state, InstructionState::expired);
    EXPECT_EQ(world.entry_types().back(), "dispatch.order.expired");
}

TEST_F(Dispatch, ALateAnswerIsKeptAsEvidenceOnly) {
    DispatchWorld world(folder_);
    world.channel.on_order = FakeChannel::silence;
    const auto result = world.start(world.agent->instruct({order("bess-1")}));
    world.advance(seconds{5});
    const Instruction instruction = (*result)->value().front().instruction;
    world.channel.answer(*FakeChannel::accept(instruction));
    world.settle();
    EXPECT_EQ(world.record_state(instruction.id), "timeout");
    EXPECT_EQ(json::Value(world.last_entry("dispatch.order.timeout").body).text("/late_result"), "accepted");
}

TEST_F(Dispatch, WithoutADurableIntentNothingIsSentButReleasesAre) {
    DispatchWorld world(folder_);
    world.instruct({order("bess-1")});
    ASSERT_TRUE(world.log->seal_and_close().has_value());
    world.channel.sent.clear();

    const auto refused = world.start(world.agent->instruct({order("bess-2")}));
    ASSERT_TRUE(refused->has_value());
    ASSERT_FALSE((*refused)->has_value());
    EXPECT_EQ((*refused)->error().code, Errc::unavailable);
    EXPECT_THAT(world.channel.sent, IsEmpty());

    const auto released =
        world.start(world.agent->release(EventId{"ev-20270114-abcdefgh"}, {order("bess-1")}));
    ASSERT_TRUE(released->has_value() && (*released)->has_value());
    ASSERT_THAT(world.channel.sent, SizeIs(1));
    EXPECT_EQ(world.channel.sent[0].kind, dispatch::InstructionKind::release);
    EXPECT_EQ((*released)->value().front().instruction.state, InstructionState::acked);
}

TEST_F(Dispatch, StopAllHoldsBackEverythingButReleases) {
    DispatchWorld world(folder_);
    world.agent->set_stop("S-1", true);
    EXPECT_TRUE(world.agent->is_stopped("S-1"));
    EXPECT_FALSE(world.agent->is_stopped("S-2"));
    const DispatchOutcome refused = world.instruct({order("bess-1")}).front();
    EXPECT_EQ(refused.instruction.state, InstructionState::cancelled);
    EXPECT_THAT(refused.detail, HasSubstr("stop-all is in force"));

    DispatchOrder elsewhere = order("bess-2");
    elsewhere.guard.feeder = "LV-900";
    elsewhere.guard.substation = "S-9";
    EXPECT_EQ(world.instruct({elsewhere}).front().instruction.state, InstructionState::acked);

    world.agent->set_stop("", true);
    EXPECT_TRUE(world.agent->is_stopped("S-9"));
    EXPECT_EQ(world.instruct({elsewhere}).front().instruction.state, InstructionState::cancelled);
    const auto released = world.start(world.agent->release(EventId{"ev-1"}, {order("bess-1")}));
    EXPECT_EQ((*released)->value().front().instruction.state, InstructionState::acked);

    world.agent->set_stop("", false);
    world.agent->set_stop("S-1", false);
    EXPECT_EQ(world.instruct({order("bess-3")}).front().instruction.state, InstructionState::acked);
}

TEST_F(Dispatch, StopAllKeepsTheSecondAttemptBack) {
    DispatchWorld world(folder_);
    world.channel.on_order = FakeChannel::silence;
    const auto result = world.start(world.agent->instruct({order("bess-1")}));
    world.agent->set_stop("LV-017", true);
    world.advance(milliseconds{2'500});
    ASSERT_TRUE(result->has_value());
    EXPECT_THAT(world.channel.sent, SizeIs(1));
    EXPECT_EQ((*result)->value().front().instruction.state, InstructionState::cancelled);
    EXPECT_EQ(world.entry_types().back(), "dispatch.order.cancel");
}

TEST_F(Dispatch, CountsWhatItHasSentForTheGuard) {
    DispatchWorld world(folder_);
    EXPECT_EQ(world.instruct({order("a", 300'000)}).front().instruction.state, InstructionState::acked);
    const DispatchOutcome second = world.instruct({order("b", 300'000)}).front();
    EXPECT_EQ(second.instruction.state, InstructionState::cancelled);
    EXPECT_THAT(second.detail, HasSubstr("feeder LV-017 would change by 600000 W within a minute"));

    DispatchOrder renewal = order("a", 300'000);
    renewal.guard.is_renewal = true;
    EXPECT_EQ(world.instruct({renewal}).front().instruction.state, InstructionState::acked);

    world.advance(seconds{60});
    EXPECT_EQ(world.instruct({order("b", 300'000, world.clock.now())}).front().instruction.state,
              InstructionState::acked);
}

TEST_F(Dispatch, CountsWithinOneCallToo) {
    DispatchWorld world(folder_);
    const std::vector<DispatchOutcome> outcomes =
        world.instruct({order("a", 300'000), order("b", 200'000), order("c", 1)});
    EXPECT_EQ(outcomes[0].instruction.state, InstructionState::acked);
    EXPECT_EQ(outcomes[1].instruction.state, InstructionState::acked);
    EXPECT_EQ(outcomes[2].instruction.state, InstructionState::cancelled);
}

TEST_F(Dispatch, LimitsStartsPerDerAndDayAcrossARestart) {
    DispatchOptions options;
    options.guard.starts_per_der_per_day_max = 2;
    {
        DispatchWorld world(folder_, options);
        EXPECT_EQ(world.instruct({order("a", 1'000)}).front().instruction.state, InstructionState::acked);
        DispatchOrder other = order("a", 1'000);
        other.instruction.event = EventId{"ev-20270114-zzzzzzzz"};
        EXPECT_EQ(world.instruct({other}).front().instruction.state, InstructionState::acked);
    }
    DispatchWorld world(folder_, options, evening + minutes{2});
    ASSERT_TRUE((*world.start(world.agent->recover()))->has_value());
    const DispatchOutcome third = world.instruct({order("a", 1'000, world.clock.now())}).front();
    EXPECT_THAT(third.detail, HasSubstr("a would start for the 3th time today"));
    DispatchOrder tomorrow = order("a", 1'000, evening + hours{24});
    EXPECT_EQ(world.instruct({tomorrow}).front().instruction.state, InstructionState::acked);
}

TEST_F(Dispatch, ARestartSendsWhatNobodyAnsweredUnderTheSameId) {
    std::vector<Instruction> before;
    {
        DispatchWorld world(folder_);
        world.channel.on_order = [](const Instruction& told) {
            return told.der == "answered" ? FakeChannel::accept(told) : std::nullopt;
        };
        DispatchOrder brief = order("brief", 1'000);
        brief.instruction.expires = evening + minutes{1};
        const auto result =
            world.start(world.agent->instruct({order("answered", 1'000), order("open", 1'000), brief}));
        EXPECT_FALSE(result->has_value());
        before = world.channel.sent;
        ASSERT_THAT(before, SizeIs(3));
        world.agent.reset();
    }
    DispatchWorld world(folder_, {}, evening + minutes{2});
    world.channel.on_order = [](const Instruction& told) -> std::optional<Ack> {
        return Ack{told.id, told.der, AckResult::duplicate, "", evening};
    };
    const auto result = world.start(world.agent->recover());
    ASSERT_TRUE(result->has_value() && (*result)->has_value());
    ASSERT_THAT(world.channel.sent, SizeIs(1));
    EXPECT_EQ(world.channel.sent[0].id, before[1].id);
    EXPECT_EQ(world.channel.sent[0].fence, before[1].fence);  // the same order, content and all
    EXPECT_EQ(world.channel.sent[0].attempt, 2);
    EXPECT_EQ(world.record_state(before[0].id), "acked");
    EXPECT_EQ(world.record_state(before[1].id), "acked");
    EXPECT_EQ(world.record_state(before[2].id), "expired");
    ASSERT_THAT((*result)->value(), SizeIs(2));
    EXPECT_EQ(world.instruct({order("next", 1'000, world.clock.now())}).front().instruction.fence, 2U);
}

TEST_F(Dispatch, ARestartUnderAStopSendsNothing) {
    {
        DispatchWorld world(folder_);
        world.channel.on_order = FakeChannel::silence;
        world.start(world.agent->instruct({order("open", 1'000)}));
        store::Batch batch;
        batch.puts.push_back({.kind = "stop", .id = "LV-300", .corr = "", .state = "stopped", .json = "{}"});
        ASSERT_TRUE(world.records->direct().write(batch).has_value());
        world.agent.reset();
    }
    DispatchWorld world(folder_, {}, evening + minutes{1});
    const auto result = world.start(world.agent->recover());
    ASSERT_TRUE(result->has_value() && (*result)->has_value());
    EXPECT_THAT(world.channel.sent, IsEmpty());
    EXPECT_EQ((*result)->value().front().instruction.state, InstructionState::cancelled);
    EXPECT_TRUE(world.agent->is_stopped("LV-300"));
}

TEST_F(Dispatch, OneIdIsOneInstruction) {
    DispatchWorld world(folder_);
    DispatchOrder first = order("a", 1'000);
    first.instruction.id = make_instruction_id(evening, "x");
    DispatchOrder second = order("b", 2'000);
    second.instruction.id = first.instruction.id;
    const std::vector<DispatchOutcome> outcomes = world.instruct({first, second});
    EXPECT_EQ(outcomes[0].instruction.id, first.instruction.id);
    EXPECT_NE(outcomes[1].instruction.id, first.instruction.id);
    EXPECT_EQ(outcomes[1].instruction.state, InstructionState::acked);
}

TEST_F(Dispatch, HandsMeasurementsOn) {
    DispatchWorld world(folder_);
    std::vector<std::string> heard;
    world.agent->on_measurement(
        [&heard](const dispatch::DeviceMeasurement& measurement) { heard.push_back(measurement.der); });
    world.channel.handlers().on_measurement({.der = "bess-1"});
    EXPECT_THAT(heard, ElementsAre("bess-1"));
    world.agent.reset();
    EXPECT_FALSE(world.channel.handlers().on_ack);  // nothing points at an agent that has gone
}

}  // namespace
}  // namespace headroom::agents::test
