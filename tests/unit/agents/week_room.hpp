#pragma once

#include "agents/event_rules.hpp"
#include "agents/flex_orchestration.hpp"
#include "risk/week_ahead.hpp"
#include "unit/agents/dispatch_world.hpp"
#include "unit/agents/market_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace headroom::agents::week_test {

inline const UtcTime thursday_evening = market_test::evening;        // Thursday, 14 January 2027, 17:00
inline const UtcTime window = thursday_evening + hours{5 * 24 + 1};  // five days ahead, 18:00 to 19:00
inline constexpr std::int64_t limit_w = 100'000;

/// A control room whose outlooks and forecasts the test writes, with a provider of two batteries.
class WeekRoom {
  public:
    explicit WeekRoom(const std::string& product = "week_ahead")
        : world({market_test::provider("tesla")}), channel_(world.executor()), product_(product) {
        network = grid::read_grid_csv(
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
                                     *dispatch_, network, std::move(views), nullptr},
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
            grant("ahead", product_, Watts{100'000});
            grant("near", "", Watts{100'000});
        }
    }
    /// An envelope of that name and product; every product when it is empty.
    void grant(const std::string& id, const std::string& product, Watts power_max) {
        grid::AuthorityEnvelope envelope{.id = id,
                                         .product = product,
                                         .power_max = power_max,
                                         .cost_max = MicroPounds{100'000'000},
                                         .from = thursday_evening - hours{1},
                                         .until = thursday_evening + hours{24 * 30},
                                         .granted_by = "ops"};
        EXPECT_TRUE(
            world.await(orchestration->grant(std::move(envelope), operator_who("agreed"))).has_value());
    }
    [[nodiscard]] static Caller operator_who(const std::string& says) {
        Caller caller;
        caller.id = "ops";
        caller.kind = "user";
        caller.reason = says;
        return caller;
    }
    [[nodiscard]] Result<void> reject(const EventRecord& waits) {
        return world.await(orchestration->reject(waits.id(), waits.plan_sha256, operator_who("no")));
    }
    [[nodiscard]] Result<void> approve(const EventRecord& waits) {
        return world.await(orchestration->approve(waits.id(), waits.plan_sha256, operator_who("yes")));
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
    grid::Network network;
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

    test::FakeChannel channel_;
    std::string product_;
    std::unique_ptr<DispatchAgent> dispatch_;
};

}  // namespace headroom::agents::week_test
