// What is known of the past is known after a restart too.
#include "agents/event_facts.hpp"
#include "agents/event_rules.hpp"
#include "agents/flex_orchestration.hpp"
#include "unit/agents/dispatch_world.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

namespace headroom::agents {
namespace {

using test::evening;

EventRecord event_record(const std::string& id, EventState state) {
    EventRecord record;
    record.overload.event = EventId{id};
    record.overload.feeder = "F-1";
    record.overload.limit = {.asset = "F-1", .value = 150.0, .verified_by = "grid file"};
    record.overload.cause = risk::Cause::forecast;
    record.overload.detected_at = evening - hours{1};
    record.overload.start = evening + hours{3};
    record.overload.end = evening + hours{4};
    record.overload.need = {record.overload.start, {10'000, 10'000}};
    record.state = state;
    return record;
}

/// A process that takes up what another left in the folder.
class Room {
  public:
    explicit Room(const test::Folder& folder) : world(folder) {
        network = grid::read_grid_csv(
                      "type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh\n"
                      "substation,S-1,,,,,800,secondary,,\n"
                      "feeder,F-1,S-1,Mill Lane,,,150,domestic,,\n"
                      "der,D-1,F-1,,,,40,battery,L1,\n",
                      "grid.csv")
                      .value();
        const auto executor = world.context.get_executor();
        http = std::make_unique<net::HttpClient>(executor, net::ClientSettings{});
        market = std::make_unique<Market>(
            Market::Parts{executor, world.clock, world.wall, world.in_flight, *http, *world.journal,
                          Ed25519KeyPair::from_secret(std::string(32, '\3')).value(), nullptr},
            MarketOptions{}, std::vector<MarketPeer>{});
        FlexOrchestration::Views views;
        views.der_load_kw = [](const std::string&) { return std::nullopt; };
        views.limit_load_kw = [](const risk::Overload&) { return std::nullopt; };
        views.limit_period_mean_kw = [](const risk::Overload&, UtcTime) { return std::nullopt; };
        views.stale_reason = [](const std::string&) { return std::nullopt; };
        orchestration = std::make_unique<FlexOrchestration>(
            FlexOrchestration::Parts{executor, world.clock, *world.journal, *market, *world.agent, network,
                                     std::move(views), nullptr},
            OrchestrationOptions{.authority = grid::AuthorityLevel::act});
        orchestration->set_rules(
            {std::make_shared<const flex::RuleBook>(
                 flex::read_rules(
                     "id = \"t\"\nversion = 1\n[[rules]]\nid = \"YEAR\"\naction = \"budget\"\ngbp = "
                     "9.0\nper = \"year\"\nreason = \"x\"\n[[rules]]\nid = \"DAY\"\naction = "
                     "\"starts_at_most\"\nstarts = 3\nper = \"day\"\nreason = \"x\"\n",
                     "rules.toml")
                     .value()),
             {}});
    }
    ~Room() { world.settle(); }

    void put(const std::string& kind, const std::string& id, const std::string& corr,
             const json::Value& json) {
        store::Batch batch;
        batch.puts.push_back({.kind = kind, .id = id, .corr = corr, .state = "", .json = json::write(json)});
        ASSERT_TRUE(world.records->direct().write(batch).has_value());
    }
    void recover() {
        spawn(world.context.get_executor(), take_up());
        world.settle();
        ASSERT_TRUE(orchestration->is_recovered());
    }
    [[nodiscard]] flex::EventFacts facts() const {
        flex::PlanInput input;
        input.overload = event_record("ev-20270114-next0000", EventState::proposed).overload;
        input.offers.resize(1);
        input.offers[0].provider = "pool";
        input.offers[0].der = "D-1";
        input.offers[0].reliability_ppm = 900'000;
        return orchestration->judged(input).facts;
    }

    test::DispatchWorld world;
    grid::Network network;
    std::unique_ptr<net::HttpClient> http;
    std::unique_ptr<Market> market;
    std::unique_ptr<FlexOrchestration> orchestration;

  private:
    Awaitable<void> take_up() {
        const auto taken = co_await orchestration->recover();
        EXPECT_TRUE(taken.has_value()) << (taken ? "" : taken.error().message + " " + taken.error().pointer);
    }
};

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
    Room room(folder);
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
    Room room(folder);
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

}  // namespace
}  // namespace headroom::agents
