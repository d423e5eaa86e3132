#pragma once

#include "agents/event_facts.hpp"
#include "agents/event_rules.hpp"
#include "agents/flex_orchestration.hpp"
#include "unit/agents/dispatch_world.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace headroom::agents::test {

inline EventRecord event_record(const std::string& id, EventState state) {
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
class OrchestrationRoom {
  public:
    explicit OrchestrationRoom(const Folder& folder, audit::FileOps* files = nullptr)
        : world(folder, {}, evening, files) {
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
        views.stale_reason = [this](const std::string&) { return stale; };
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
    ~OrchestrationRoom() { world.settle(); }

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

    std::optional<std::string> stale;  ///< why the readings do not count, of every feeder
    DispatchWorld world;
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

}  // namespace headroom::agents::test
