// What an outlook showed: armed for days ahead, then kept, topped up, released or used, as the newest
// forecast says.
#include "agents/event_rules.hpp"
#include "agents/flex_orchestration.hpp"
#include "risk/week_ahead.hpp"
#include "unit/agents/dispatch_world.hpp"
#include "unit/agents/market_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace headroom::agents {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

const UtcTime thursday_evening = market_test::evening;        // Thursday, 14 January 2027, 17:00
const UtcTime window = thursday_evening + hours{5 * 24 + 1};  // five days ahead, 18:00 to 19:00
constexpr std::int64_t limit_w = 100'000;

/// A control room whose outlooks and forecasts the test writes, with a provider of two batteries.
class WeekRoom {
  public:
    explicit WeekRoom(const std::string& product = "week_ahead")
        : world({market_test::provider("tesla")}), channel_(world.executor()), product_(product) {
        network_ = grid::read_grid_csv(
                       "type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh\n"
                       "substation,S-1,,,,,800,secondary,,\n"
                       "feeder,LV-1,S-1,Mill Lane,,,300,domestic,,\n"
                       "der,DER-tesla-1,LV-1,,,,12,battery,L2,\n"
                       "der,DER-tesla-2,LV-1,,,,12,battery,L2,\n",
                       "grid.csv")
                       .value();
        start();
    }
    ~WeekRoom() {
        world.run_until([this] { return world.is_quiet(); });
        kill();
    }
    /// As a killed process leaves it: its coroutines never go on, and nothing of it ends in order.
    void kill() {
        static std::vector<FlexOrchestration*> killed;
        killed.push_back(orchestration.release());
    }

    /// A process over what a former one left.
    void start() {
        dispatch_ =
            std::make_unique<DispatchAgent>(DispatchAgent::Parts{world.executor(), world.clock(), world.wall,
                                                                 world.in_flight, *world.journal, channel_},
                                            DispatchOptions{});
        FlexOrchestration::Views views;
        views.der_load_kw = [](const std::string&) { return std::optional(0.0); };
        views.limit_load_kw = [](const risk::Overload&) { return std::optional(60.0); };
        views.limit_period_mean_kw = [](const risk::Overload&, UtcTime) { return std::optional(60.0); };
        views.stale_reason = [](const std::string&) { return std::nullopt; };
        orchestration = std::make_unique<FlexOrchestration>(
            FlexOrchestration::Parts{world.executor(), world.clock(), *world.journal, *world.market,
                                     *dispatch_, network_, std::move(views), nullptr},
            OrchestrationOptions{.authority = grid::AuthorityLevel::act});
        auto book = std::make_shared<flex::RuleBook>();
        book->id = "t";
        book->arming.is_on = true;
        book->probability = 0.0;
        EventRules rules{book, [this](const risk::Overload& overload) { return forecast_at(overload); }};
        rules.week_ahead = {.is_on = true};
        orchestration->set_rules(std::move(rules));
        EXPECT_TRUE(world.await(orchestration->recover()).has_value());
        if (orchestration->envelopes().empty()) {
            grid::AuthorityEnvelope envelope{.id = "ahead",
                                             .product = product_,
                                             .power_max = Watts{100'000},
                                             .cost_max = MicroPounds{100'000'000},
                                             .from = thursday_evening - hours{1},
                                             .until = thursday_evening + hours{24 * 30},
                                             .granted_by = "ops"};
            Caller caller;
            caller.id = "ops";
            caller.kind = "user";
            caller.reason = "agreed";
            EXPECT_TRUE(
                world.await(orchestration->grant(std::move(envelope), std::move(caller))).has_value());
            grid::AuthorityEnvelope near{.id = "near",
                                         .power_max = Watts{100'000},
                                         .cost_max = MicroPounds{100'000'000},
                                         .from = thursday_evening - hours{1},
                                         .until = thursday_evening + hours{24 * 30},
                                         .granted_by = "ops"};
            Caller again;
            again.id = "ops";
            again.kind = "user";
            again.reason = "agreed";
            EXPECT_TRUE(world.await(orchestration->grant(std::move(near), std::move(again))).has_value());
        }
    }

    /// 100 kW on L2; the load in the window, at every quantile alike.
    [[nodiscard]] risk::RiskInput question(std::int64_t load_w) const {
        risk::RiskInput input;
        input.feeder = "LV-1";
        input.limit = {.asset = "LV-1",
                       .phase = grid::Phase::l2,
                       .value = static_cast<double>(limit_w) / 1000.0,
                       .verified_by = "grid file"};
        input.limit_w = limit_w;
        input.now = world_now();
        input.forecast_start = window - hours{1};
        input.forecast_w.assign(6, std::vector<std::int64_t>(7, 50'000));
        input.forecast_w[2].assign(7, load_w);
        input.forecast_w[3].assign(7, load_w);
        return input;
    }
    void raise(std::int64_t load_w) {
        outlook_w = load_w;
        std::vector<risk::ForeseenOverload> found = risk::foreseen_overloads(question(load_w)).value();
        for (risk::ForeseenOverload& each : found) {
            RaisedEvent raised{.overload = std::move(each.overload),
                               .input = std::move(each.input),
                               .forecast_method = risk::outlook_method,
                               .forecast_model = {},
                               .received = {}};
            EXPECT_TRUE(world.await(orchestration->raise(std::move(raised))).has_value());
        }
        rest();
    }
    [[nodiscard]] UtcTime world_now() const {
        return const_cast<market_test::MarketWorld&>(world).clock().now();
    }
    void advance_to(UtcTime to) {
        while (world.clock().next_timer() <= to) {
            world.clock().advance_to(std::max(world.clock().now(), world.clock().next_timer()));
            settle();
        }
        world.clock().advance_to(to);
        settle();
    }
    /// Everything that the market may need a moment for.
    void rest() {
        settle();
        advance_to(world.clock().now() + minutes{2});
    }
    /// Runs what can run without the clock moving.
    void settle() {
        world.clock_may_move = false;
        for (int quiet = 0; quiet < 5; quiet = world.is_quiet() ? quiet + 1 : 0) {
            int turns = 0;
            world.run_until([&turns] { return ++turns > 3; });
        }
        world.clock_may_move = true;
    }

    [[nodiscard]] std::vector<EventRecord> events() const { return orchestration->events(); }
    [[nodiscard]] EventRecord event() const {
        const std::vector<EventRecord> all = events();
        EXPECT_EQ(all.size(), 1U);
        return all.empty() ? EventRecord{} : all.front();
    }
    [[nodiscard]] std::vector<audit::Entry> entries(const std::string& type) const {
        std::vector<audit::Entry> out;
        for (std::uint64_t seq = 0; seq < world.log->durable_size(); ++seq) {
            audit::Entry entry = world.log->read(seq).value();
            if (entry.type == type) {
                out.push_back(std::move(entry));
            }
        }
        return out;
    }
    [[nodiscard]] std::vector<std::string> alarms() const {
        std::vector<std::string> out;
        for (const audit::Entry& entry : entries("alarm.raised")) {
            out.push_back(json::Value(entry.body).text("/kind"));
        }
        return out;
    }

    market_test::MarketWorld world;
    std::int64_t outlook_w = 0;          // in the window; 0: no outlook is kept
    std::optional<std::int64_t> live_w;  // of the live forecast, once it reaches the window
    std::unique_ptr<FlexOrchestration> orchestration;

  private:
    LimitForecast forecast_at(const risk::Overload& overload) const {
        LimitForecast out;
        const bool is_live = live_w && overload.need.start + period_length * std::ssize(overload.need.w) <=
                                           floor_period(world_now()) + hours{48};
        if (!is_live && outlook_w == 0) {
            return out;
        }
        out.is_outlook = !is_live;
        for (std::size_t slot = 0; slot < overload.need.w.size(); ++slot) {
            const UtcTime at = overload.need.start + period_length * static_cast<std::int64_t>(slot);
            const std::int64_t load = at < window || at >= window + hours{1} ? 50'000
                                      : is_live                              ? *live_w
                                                                             : outlook_w;
            out.median_w.push_back(load);
            out.upper_w.push_back(load);
            out.rows_w.emplace_back(7, load);
        }
        return out;
    }

    grid::Network network_;
    test::FakeChannel channel_;
    std::string product_;
    std::unique_ptr<DispatchAgent> dispatch_;
};

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
    Caller caller;
    caller.id = "ops";
    caller.kind = "user";
    caller.reason = "yes";
    EXPECT_TRUE(
        room.world.await(room.orchestration->approve(waits.id(), room.event().plan_sha256, std::move(caller)))
            .has_value());
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
