// What is known of the past is known after a restart too.
#include "agents/event_facts.hpp"
#include "agents/event_rules.hpp"
#include "agents/flex_orchestration.hpp"
#include "unit/agents/orchestration_world.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

namespace headroom::agents {
namespace {

using test::evening;
using test::event_record;
using test::OrchestrationRoom;

EventRecord settled_event() {
    EventRecord record = event_record("ev-20270114-aaaaaaaa", EventState::completed);
    record.overload.start = evening - hours{2};
    record.overload.end = evening - hours{1};
    record.overload.need.start = record.overload.start;
    record.assignments.push_back({.der = "D-1",
                                  .provider = "pool",
                                  .power_w = {evening - hours{2}, period_length, {10'000, 10'000}},
                                  .state = "released",
                                  .delivered_ppm = 400'000});
    record.statement = "st-1";
    record.statement_total = MicroPounds{1'500'000};
    record.confirmations = {{"pool", evening - hours{2}, minutes{3}}};
    return record;
}

TEST(OrchestrationRecover, WhatRulesCountAndWhatWasLearntOfProvidersIsThere) {
    const test::Folder folder;
    OrchestrationRoom room(folder);
    room.put("event", "ev-20270114-aaaaaaaa", "ev-20270114-aaaaaaaa", to_json(settled_event()));
    flex::Contract bought{.transaction = TransactionId{"T-1"},
                          .event = EventId{"buy-20270114-bbbbbbbb"},
                          .provider = "pool",
                          .state = flex::ContractState::active};
    flex::PlanLine line;
    line.offer.id = "OFF-9";
    line.offer.der = "D-9";
    line.offer.power = Watts{5'000};
    line.offer.available_from = evening;
    line.offer.available_until = evening + hours{1};
    line.energy = WattHours{2'500};
    line.offer.provider = "pool";
    line.offer.feeder = "P-LODGE";
    line.power_w = {evening, period_length, {5'000}};
    line.cost = MicroPounds{250'000};
    bought.lines.push_back(line);
    room.put("contract", "T-1", "buy-20270114-bbbbbbbb", flex::to_json(bought));
    EXPECT_TRUE(room.facts().latencies.empty());

    room.recover();
    const flex::EventFacts facts = room.facts();
    ASSERT_EQ(facts.latencies.size(), 1U);
    EXPECT_DOUBLE_EQ(facts.latencies[0].minutes, 9.0);  // the mean and four times half of it
    ASSERT_EQ(facts.responses.size(), 1U);
    EXPECT_EQ(facts.responses[0].reliability_ppm, 854'545);  // (10 x 0.9 + 0.4) of 11
    ASSERT_EQ(facts.rules.spent.size(), 1U);
    EXPECT_EQ(facts.rules.spent[0].micro_gbp, 1'750'000);
    ASSERT_EQ(facts.rules.starts.size(), 2U);
    EXPECT_EQ(facts.rules.starts[0].der_id, "D-1");
    EXPECT_EQ(facts.rules.starts[1].der_id, "D-9");
    // The same as at the door of plans that are handed in.
    EXPECT_EQ(room.orchestration->rule_facts("F-1").spent.at(0).micro_gbp, 1'750'000);
}

TEST(OrchestrationRecover, AnEventThatWaitsForItsReviewGoesOnWaiting) {
    const test::Folder folder;
    OrchestrationRoom room(folder);
    EventRecord waiting = event_record("ev-20270114-cccccccc", EventState::proposed);
    waiting.round = 2;
    waiting.reviews = 2;
    waiting.review_at = evening + hours{1};
    room.put("event", waiting.id().value, waiting.id().value, to_json(waiting));
    room.recover();
    const auto now = [&room, &waiting] { return room.orchestration->event(waiting.id()).value(); };
    EXPECT_EQ(now().state, EventState::proposed);
    EXPECT_EQ(now().round, 2);
    EXPECT_EQ(now().review_at, evening + hours{1});
    room.world.advance(minutes{50});
    EXPECT_EQ(now().round, 2);
    room.world.advance(minutes{11});
    EXPECT_EQ(now().round, 3);  // decided anew: there is no market here
    EXPECT_EQ(now().state, EventState::failed);
}

TEST(OrchestrationRecover, WhatNobodyHasDecidedWaitsUntilItsFeederIsHeardOfAgain) {
    for (const bool is_heard : {true, false}) {
        const test::Folder folder;
        OrchestrationRoom room(folder);
        room.stale = "feeder F-1 has no readings";  // none since the start of this process
        const EventRecord proposed = event_record("ev-20270114-dddddddd", EventState::proposed);
        room.put("event", proposed.id().value, proposed.id().value, to_json(proposed));
        room.recover();
        const auto now = [&room, &proposed] { return room.orchestration->event(proposed.id()).value(); };
        room.world.advance(minutes{1});
        EXPECT_EQ(now().round, proposed.round);
        EXPECT_EQ(now().state, EventState::proposed);
        if (is_heard) {
            room.stale.reset();
            room.world.advance(seconds{16});
        } else {
            room.world.advance(seconds{61});  // and not for ever
        }
        EXPECT_EQ(now().round, proposed.round + 1);
        EXPECT_EQ(now().state, EventState::failed);  // there is no market here
    }
}

}  // namespace
}  // namespace headroom::agents
