#include "agents/contingency.hpp"

#include "agents/contingency_sweep.hpp"
#include "unit/agents/dispatch_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace headroom::agents {
namespace {

using test::evening;
using ::testing::HasSubstr;

/// Two feeders that meet at a remote-controlled switch, without a market: what is asked for finds no offers,
/// which is enough to see what was asked.
class ContingencyTest : public testing::Test {
  protected:
    ContingencyTest() : world_(folder_) {
        network_ = grid::read_grid_csv(
                       "type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh\n"
                       "substation,S-1,,,,,800,secondary,,\n"
                       "substation,S-2,,,,,800,secondary,,\n"
                       "feeder,F-1,S-1,Mill Lane,,,150,domestic,,\n"
                       "feeder,F-2,S-2,High Street,,,150,domestic,,\n"
                       "der,D-1,F-2,,,,40,battery,L1,\n"
                       "tie,T-1,F-1|F-2,,,,100,remote:1,,\n",
                       "grid.csv")
                       .value();
        std::string seed(32, '\3');
        http_ = std::make_unique<net::HttpClient>(world_.context.get_executor(), net::ClientSettings{});
        market_ = std::make_unique<Market>(
            Market::Parts{world_.context.get_executor(), world_.clock, world_.wall, world_.in_flight, *http_,
                          *world_.journal, Ed25519KeyPair::from_secret(seed).value(), nullptr},
            MarketOptions{}, std::vector<MarketPeer>{});
        monitor_ = std::make_unique<monitor::Monitor>(network_, registry_, monitor::MonitorOptions{});
        OrchestrationOptions options;
        options.authority = grid::AuthorityLevel::act;
        FlexOrchestration::Views views;
        views.der_load_kw = [](const std::string&) { return std::nullopt; };
        views.limit_load_kw = [](const risk::Overload&) { return std::nullopt; };
        views.limit_period_mean_kw = [](const risk::Overload&, UtcTime) { return std::nullopt; };
        views.stale_reason = [](const std::string&) { return std::nullopt; };
        orchestration_ = std::make_unique<FlexOrchestration>(
            FlexOrchestration::Parts{world_.context.get_executor(), world_.clock, *world_.journal, *market_,
                                     *world_.agent, network_, std::move(views), nullptr},
            options);
        world_.journal->on_entry([this](const audit::Entry& entry) { entries_.push_back(entry); });
        shelf_ = make_shelf();
        run(recover());
        read("F-1", {30.0, 10.0, 10.0});
        read("F-2", {40.0, 10.0, 10.0});
    }
    ~ContingencyTest() override { world_.settle(); }

    std::unique_ptr<Contingency> make_shelf() {
        return std::make_unique<Contingency>(Contingency::Parts{.executor = world_.context.get_executor(),
                                                                .clock = world_.clock,
                                                                .journal = *world_.journal,
                                                                .orchestration = *orchestration_,
                                                                .network = network_,
                                                                .registry = registry_,
                                                                .monitor = *monitor_,
                                                                .learnt_until = {},
                                                                .stale_reason = {}},
                                             ContingencyOptions{.slice = 2});
    }
    /// Another process takes up what this one left.
    void restart() {
        shelf_.reset();
        shelf_ = make_shelf();
        run(take_up());
    }
    Awaitable<void> take_up() {
        const Result<void> taken = co_await shelf_->recover();
        EXPECT_TRUE(taken.has_value()) << (taken ? "" : taken.error().message);
    }

    Awaitable<void> recover() { static_cast<void>(co_await orchestration_->recover()); }

    void run(Awaitable<void> work) {
        spawn(world_.context.get_executor(), std::move(work));
        world_.settle();
    }

    /// What each phase carries.
    void read(const std::string& feeder, const std::array<double, 3>& kw) {
        std::vector<telemetry::Reading> readings;
        for (const grid::Phase phase : grid::live_phases) {
            readings.push_back({.value = kw[contingency::phase_place(phase)],
                                .interval_start = world_.clock.now(),
                                .interval_end = world_.clock.now(),
                                .seq = 0,
                                .point = registry_.find(feeder, grid::Quantity::p_kw, phase),
                                .source = registry_.intern_source("test"),
                                .quality = telemetry::Quality::measured});
        }
        EXPECT_EQ(monitor_->ingest(readings, world_.clock.now()).accepted, 3U);
    }

    void sweep() {
        shelf_->tick();
        world_.settle();
    }

    void set(const std::string& element, grid::OperationalState state) { run(set_state(element, state)); }
    Awaitable<void> set_state(std::string element, grid::OperationalState state) {
        grid::StateEntry entry{.state = state, .since = world_.clock.now(), .source = "test"};
        Caller caller{.id = "scada", .kind = "system", .role = "engineer", .ip = {}, .reason = "it tripped"};
        const Result<void> done =
            co_await orchestration_->set_state(std::move(element), std::move(entry), std::move(caller));
        EXPECT_TRUE(done.has_value());
    }

    [[nodiscard]] std::vector<audit::Entry> of(const std::string& type) const {
        std::vector<audit::Entry> found;
        std::copy_if(entries_.begin(), entries_.end(), std::back_inserter(found),
                     [&](const audit::Entry& entry) { return entry.type == type; });
        return found;
    }

    test::Folder folder_;
    test::DispatchWorld world_;
    grid::Network network_;
    telemetry::PointRegistry registry_;
    std::unique_ptr<net::HttpClient> http_;
    std::unique_ptr<Market> market_;
    std::unique_ptr<monitor::Monitor> monitor_;
    std::unique_ptr<FlexOrchestration> orchestration_;
    std::unique_ptr<Contingency> shelf_;
    std::vector<audit::Entry> entries_;
};

TEST_F(ContingencyTest, ASweepMakesAPlanForEveryElementAndTellsWhatChanged) {
    EXPECT_FALSE(shelf_->as_of());
    sweep();
    ASSERT_TRUE(shelf_->as_of());
    const contingency::ShelfPlan* plan = shelf_->shelf().plan("F-1");
    ASSERT_NE(plan, nullptr);
    EXPECT_EQ(plan->cover, contingency::Cover::covered) << plan->reason;
    EXPECT_EQ(plan->interrupted_peak_w, 50'000);
    ASSERT_EQ(plan->orders.size(), 1U) << plan->reason;
    EXPECT_EQ(plan->orders[0].feeder, "F-2");
    const std::vector<audit::Entry> told = of("shelf.plan");
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(json::Value(told[0].body).integer("/changed"), 4);
    sweep();
    EXPECT_EQ(of("shelf.plan").size(), 1U);  // nothing changed
    EXPECT_EQ(shelf_->cost().planned, 0U);
}

TEST_F(ContingencyTest, ALossBeginsTheOrdersOfItsPlanAtOnce) {
    sweep();
    set("F-1", grid::OperationalState::outage);
    ASSERT_EQ(shelf_->uses().size(), 1U);
    const ShelfUse& use = shelf_->uses().front();
    EXPECT_EQ(use.carried_out, "act") << use.detail;
    EXPECT_EQ(use.source, "scada");
    ASSERT_EQ(use.events.size(), 1U);
    EXPECT_GE(use.started_us, 0);
    const std::optional<EventRecord> event = orchestration_->event(use.events.front());
    ASSERT_TRUE(event);
    EXPECT_EQ(event->overload.feeder, "F-2");
    EXPECT_EQ(event->overload.limit.phase, grid::Phase::l1);
    EXPECT_EQ(event->overload.source, "shelf");
    EXPECT_EQ(event->overload.start, evening);
    EXPECT_EQ(event->overload.need.w.size(), contingency::shelf_periods);
    EXPECT_NEAR(static_cast<double>(event->overload.peak_over.value), 20'000.0, 50.0);
    const std::vector<audit::Entry> used = of("shelf.used");
    ASSERT_EQ(used.size(), 1U);
    const json::Value body(used[0].body);
    EXPECT_EQ(body.text("/element"), "F-1");
    EXPECT_EQ(body.text("/plan_sha256"), contingency::plan_sha256(use.plan));
    EXPECT_EQ(body.text("/plan/switching/0/tie"), "T-1");  // recommended, and nothing more
    const auto place = [&](const std::string& type) {
        return std::find_if(entries_.begin(), entries_.end(),
                            [&](const audit::Entry& entry) { return entry.type == type; });
    };
    EXPECT_LT(place("state.change"), place("shelf.used"));
    EXPECT_LT(place("shelf.used"), place("constraint.raised"));
}

TEST_F(ContingencyTest, TheSameOutageToldAgainIsNoSecondLoss) {
    sweep();
    set("F-1", grid::OperationalState::outage);
    set("F-1", grid::OperationalState::outage);
    EXPECT_EQ(shelf_->uses().size(), 1U);
    set("F-1", grid::OperationalState::isolated);
    EXPECT_EQ(shelf_->uses().size(), 1U);
    world_.advance(minutes{5});
    sweep();
    EXPECT_FALSE(shelf_->shelf().plan("F-1")->is_energised);
}

TEST_F(ContingencyTest, WhatAnEventOfTheShelfFollowsFromIsInTheLog) {
    sweep();
    set("F-1", grid::OperationalState::outage);
    const std::vector<audit::Entry> raised = of("constraint.raised");
    ASSERT_EQ(raised.size(), 1U);
    const json::Value body(raised[0].body);
    EXPECT_EQ(body.text("/decision"), "shelf.order");
    const Result<contingency::ShelfCall> call = contingency::shelf_call_from_json(*body.get("input"));
    ASSERT_TRUE(call.has_value());
    EXPECT_EQ(call->plan_sha256, shelf_->uses().front().plan_sha256);
    EXPECT_EQ(risk::to_json(*contingency::overload_of(*call)), *body.get("overload"));
    const std::vector<audit::Entry> used = of("shelf.used");
    ASSERT_EQ(used.size(), 1U);
    EXPECT_EQ(used[0].corr, raised[0].corr);
    EXPECT_EQ(json::Value(used[0].body).text("/events/0"), raised[0].corr);
}

TEST_F(ContingencyTest, WhatAUsedPlanWasMadeFromIsInTheLogUnderItsEvent) {
    sweep();
    set("F-1", grid::OperationalState::outage);
    const std::vector<audit::Entry> kept = of("shelf.evidence");
    ASSERT_EQ(kept.size(), 1U);
    EXPECT_EQ(kept[0].corr, of("constraint.raised").at(0).corr);
    const json::Value body(kept[0].body);
    EXPECT_EQ(body.text("/decision"), "shelf.plan");
    EXPECT_EQ(body.text("/plan_sha256"), shelf_->uses().front().plan_sha256);
    const Result<std::string> blob = world_.journal->get_blob(body.text("/input_blob/sha256"));
    ASSERT_TRUE(blob.has_value()) << blob.error().message;
    const Result<contingency::ShelfInput> input = contingency::shelf_input_from_json(*json::parse(*blob));
    ASSERT_TRUE(input.has_value()) << input.error().message << input.error().pointer;
    const Result<contingency::ShelfPlan> again = contingency::plan_loss(*input);
    ASSERT_TRUE(again.has_value()) << again.error().message;
    EXPECT_EQ(contingency::plan_sha256(*again), body.text("/plan_sha256"));
}

TEST_F(ContingencyTest, APlanThatWaitsForAPersonIsKeptUnderItsElement) {
    shelf_->set_weather(-12'000, -5'000, 30'000);
    sweep();
    set("F-1", grid::OperationalState::outage);
    ASSERT_EQ(shelf_->uses().front().carried_out, "propose");
    ASSERT_EQ(of("shelf.evidence").size(), 1U);
    EXPECT_EQ(of("shelf.evidence").front().corr, "F-1");
}

TEST_F(ContingencyTest, AUseThatWaitsForAPersonWaitsAfterARestartToo) {
    shelf_->set_weather(-12'000, -5'000, 30'000);
    sweep();
    set("F-1", grid::OperationalState::outage);
    ASSERT_EQ(shelf_->uses().size(), 1U);
    const ShelfUse before = shelf_->uses().front();
    restart();
    ASSERT_EQ(shelf_->uses().size(), 1U);
    const ShelfUse& after = shelf_->uses().front();
    EXPECT_EQ(after.carried_out, "propose");
    EXPECT_EQ(after.detail, before.detail);
    EXPECT_EQ(after.at, before.at);
    EXPECT_EQ(contingency::plan_sha256(after.plan), before.plan_sha256);
    EXPECT_EQ(after.plan.rank_weight, before.plan.rank_weight);

    std::optional<Result<ShelfUse>> done;
    const auto carry_out = [&]() -> Awaitable<void> {
        Caller caller{.id = "j.patel", .kind = "user", .role = "operator", .ip = {}, .reason = "go on"};
        done = co_await shelf_->carry_out("F-1", std::move(caller));
    };
    run(carry_out());
    ASSERT_TRUE(done->has_value()) << done->error().message;
    EXPECT_EQ((*done)->events.size(), 1U);
    EXPECT_EQ(orchestration_->events().size(), 1U);
    restart();
    ASSERT_EQ(shelf_->uses().size(), 1U);  // one use, as it stands
    EXPECT_EQ(shelf_->uses().front().carried_out, "act");
    EXPECT_EQ(shelf_->uses().front().events, (*done)->events);
    EXPECT_EQ(contingency::plan_sha256(shelf_->uses().front().plan), before.plan_sha256);
}

TEST_F(ContingencyTest, OutsideItsExperienceNothingGoesWithoutAPerson) {
    shelf_->set_weather(-12'000, -5'000, 30'000);
    sweep();
    set("F-1", grid::OperationalState::outage);
    ASSERT_EQ(shelf_->uses().size(), 1U);
    EXPECT_EQ(shelf_->uses().front().carried_out, "propose");
    EXPECT_THAT(shelf_->uses().front().detail, HasSubstr("somebody must choose"));
    EXPECT_TRUE(shelf_->uses().front().events.empty());
    EXPECT_TRUE(orchestration_->events().empty());
    EXPECT_GE(shelf_->uses().front().plan.pathways.size(), 2U);
    ASSERT_EQ(of("alarm.raised").size(), 1U);

    std::optional<Result<ShelfUse>> done;
    const auto carry_out = [&](std::string element, std::string reason) -> Awaitable<void> {
        Caller caller{
            .id = "j.patel", .kind = "user", .role = "operator", .ip = {}, .reason = std::move(reason)};
        done = co_await shelf_->carry_out(std::move(element), std::move(caller));
    };
    run(carry_out("F-1", ""));
    EXPECT_EQ(done->error().code, Errc::invalid);
    run(carry_out("F-2", "why not"));
    EXPECT_EQ(done->error().code, Errc::not_found);
    run(carry_out("F-1", "the forecast is right"));
    ASSERT_TRUE(done->has_value()) << done->error().message;
    EXPECT_EQ((*done)->events.size(), 1U);
    EXPECT_EQ(orchestration_->events().size(), 1U);
    EXPECT_EQ(of("shelf.used").size(), 2U);
    EXPECT_EQ(of("shelf.used").back().actor.id, "j.patel");
    run(carry_out("F-1", "again"));
    EXPECT_EQ(done->error().code, Errc::conflict);
}

TEST_F(ContingencyTest, WithoutAPlanALossIsWrittenDownAllTheSame) {
    set("F-1", grid::OperationalState::outage);  // before the first sweep
    ASSERT_EQ(shelf_->uses().size(), 1U);
    EXPECT_EQ(shelf_->uses().front().carried_out, "shadow");
    EXPECT_EQ(of("shelf.used").size(), 1U);
    EXPECT_EQ(of("alarm.raised").size(), 1U);
}

TEST_F(ContingencyTest, AnotherNetworkMakesEverythingAnew) {
    sweep();
    network_ = grid::read_grid_csv(
                   "type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh\n"
                   "substation,S-1,,,,,800,secondary,,\n"
                   "feeder,F-1,S-1,Mill Lane,,,150,domestic,,\n",
                   "grid.csv")
                   .value();
    shelf_->rebuild();
    EXPECT_FALSE(shelf_->as_of());
    EXPECT_EQ(shelf_->shelf().plan("F-2"), nullptr);
    sweep();
    EXPECT_EQ(shelf_->shelf().plan("F-1")->cover, contingency::Cover::uncovered);
}

TEST(LastingPower, IsWhatAStoreKeepsUpAndAConsumerTakes) {
    grid::Der der{.id = {"D"}, .der_class = grid::DerClass::battery, .turn_down_max = Watts{10'000}};
    EXPECT_EQ(lasting_power_w(der, 1.0), 10'000);
    der.energy = WattHours{12'000};
    EXPECT_EQ(lasting_power_w(der, std::nullopt), 2'000);
    der.energy = {};
    der.der_class = grid::DerClass::ev_charger;
    EXPECT_EQ(lasting_power_w(der, 3.2), 3'200);
    EXPECT_EQ(lasting_power_w(der, -1.0), 0);
    EXPECT_EQ(lasting_power_w(der, std::nullopt), 10'000);
    der.notice = milliseconds{61'000};
    EXPECT_EQ(notice_minutes(der), 2);
    der.ramp_w_per_s = 50;  // 200 s
    EXPECT_EQ(notice_minutes(der), 5);
}

}  // namespace
}  // namespace headroom::agents
