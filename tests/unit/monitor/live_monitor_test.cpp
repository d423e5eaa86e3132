#include "core/random.hpp"
#include "forecast/ensemble.hpp"
#include "monitor/monitor.hpp"
#include "unit/monitor/noon.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <memory>
#include <numbers>
#include <string>
#include <vector>

namespace headroom::monitor {
namespace {

using telemetry::PointRef;

constexpr int block_feeders = 70;  // more than a block

grid::Network network_of_feeders() {
    grid::Network network;
    EXPECT_TRUE(network.add(grid::Substation{.id = {"S-1"}, .name = "S-1"}));
    for (int i = 0; i < block_feeders; ++i) {
        const std::string id = "F-" + std::to_string(i);
        EXPECT_TRUE(network.add(grid::Feeder{.id = {id}, .parent = "S-1", .name = id}));
        EXPECT_TRUE(network.add(grid::Limit{.asset = id,
                                            .phase = grid::Phase::sum,
                                            .value = i == 3 ? 105.0 : 500.0,
                                            .source = "grid file",
                                            .verified_by = "test"}));
    }
    return network;
}

/// A daily wave between 50 and 110 kW, highest at 18:00, with noise.
std::vector<float> wave(int feeder, UtcTime from, int periods) {
    const Random random(3);
    std::vector<float> kw;
    for (int i = 0; i < periods; ++i) {
        const std::int64_t period = features::period_index(from) + i;
        const double angle = 2.0 * std::numbers::pi * static_cast<double>(period % 48 - 24) / 48.0;
        const double noise =
            random.normal(static_cast<std::uint64_t>(feeder), static_cast<std::uint64_t>(period));
        kw.push_back(static_cast<float>(80.0 + 30.0 * std::sin(angle) + noise));
    }
    return kw;
}

std::shared_ptr<const forecast::LiveModel> model() {
    static const auto made = [] {
        forecast::Panel panel{.step_s = 1800, .series = {}};
        for (const int feeder : {0, 1}) {
            forecast::Panel::Series& series = panel.series.emplace_back();
            series.name = "F-" + std::to_string(feeder) + "/p_kw/sum";
            const UtcTime from = noon - hours{24 * 50};
            series.load.first = features::period_index(from);
            for (const float kw : wave(feeder, from, 50 * 48)) {
                series.load.values.push_back(forecast::snapped_kw(static_cast<double>(kw)));
            }
        }
        forecast::TrainEnsembleOptions options;
        options.learn.trees = {.rounds_max = 30, .depth_max = 3, .eta = 0.2, .bins = 32};
        options.learn.width_trees = {.rounds_max = 6, .depth_max = 2, .eta = 0.3, .bins = 32};
        options.leads_s = {1800, 4 * 3600, 12 * 3600};
        return std::make_shared<const forecast::LiveModel>(
            *forecast::LiveModel::make(*forecast::train_ensemble(panel, {}, options, nullptr), "m-1"));
    }();
    return made;
}

class LiveMonitorTest : public testing::Test {
  protected:
    std::unique_ptr<Monitor> warm_monitor(std::size_t shards, std::size_t half_hours = 1400) {
        auto monitor = std::make_unique<Monitor>(
            network, registry, MonitorOptions{.rules = {}, .shards = shards, .half_hours = half_hours});
        for (int i = 0; i < block_feeders; ++i) {
            const UtcTime from = noon - hours{24 * 30};
            monitor->warm(point(i), {.key = {},
                                     .start = from,
                                     .step = period_length,
                                     .values = i == 5 ? std::vector<float>{} : wave(i, from, 30 * 48)});
        }
        return monitor;
    }
    [[nodiscard]] PointRef point(int feeder) const {
        return registry.find("F-" + std::to_string(feeder), grid::Quantity::p_kw, grid::Phase::sum);
    }
    /// Half-hours of readings of every feeder, a tick a minute.
    void run(Monitor& monitor, UtcTime from, int periods, double added_kw = 0.0) {
        const std::uint16_t source = registry.intern_source("test");
        for (int i = 0; i < periods; ++i) {
            const UtcTime start = from + i * period_length;
            std::vector<telemetry::Reading> batch;
            for (int feeder = 0; feeder < block_feeders; ++feeder) {
                batch.push_back({.value = static_cast<double>(wave(feeder, start, 1)[0]) + added_kw,
                                 .interval_start = start,
                                 .interval_end = start + period_length,
                                 .point = point(feeder),
                                 .source = source});
            }
            monitor.ingest(batch, start + period_length);
            for (int m = 0; m < 6; ++m) {
                monitor.tick(start + period_length + minutes{m});
            }
        }
    }

    telemetry::PointRegistry registry;
    grid::Network network = network_of_feeders();
};

TEST_F(LiveMonitorTest, ServesTheEnsembleAndSaysWhichAndWhyNot) {
    const auto simple = warm_monitor(1);
    simple->train(noon);
    simple->tick(noon);
    EXPECT_EQ(simple->forecast(point(0))->method, forecast::Method::ridge);
    EXPECT_EQ(simple->forecast(point(0))->reason, "no ensemble has been trained yet");

    const auto monitor = warm_monitor(1);
    monitor->train(noon);
    ASSERT_TRUE(monitor->serve(model()));
    for (int m = 0; m < 6; ++m) {
        monitor->tick(noon + minutes{m});
    }
    const std::optional<forecast::LoadForecast> forecast = monitor->forecast(point(69));
    ASSERT_TRUE(forecast);
    EXPECT_EQ(forecast->method, forecast::Method::ensemble) << forecast->reason;
    EXPECT_EQ(forecast->model, "m-1");
    EXPECT_TRUE(forecast->reason.empty());
    ASSERT_EQ(forecast->load_w.size(), 13U);
    EXPECT_NEAR(forecast->load_w[12][3], 110'000, 8'000) << "the wave is highest at 18:00";
    EXPECT_EQ(monitor->forecast(point(5))->method, forecast::Method::none);
    EXPECT_TRUE(monitor->forecast(point(5))->reason.starts_with("fewer than two days of the past are known"));

    const std::vector<RaisedOverload> raised = monitor->take_overloads();
    ASSERT_EQ(raised.size(), 1U);
    EXPECT_EQ(raised[0].overload.feeder, "F-3");
    EXPECT_EQ(raised[0].forecast_method, "ensemble");
    EXPECT_EQ(raised[0].forecast_model, "m-1");

    ASSERT_TRUE(monitor->serve(nullptr));
    monitor->tick(noon + minutes{6});
    EXPECT_EQ(monitor->forecast(point(0))->method, forecast::Method::ridge);
}

TEST_F(LiveMonitorTest, AForecastMadeAtOnceReachesTwoDaysAndBeginsAsTheServedOneDoes) {
    const auto monitor = warm_monitor(1);
    ASSERT_TRUE(monitor->serve(model()));
    for (int m = 0; m < 6; ++m) {
        monitor->tick(noon + minutes{m});
    }
    const auto ahead = monitor->forecast_ahead(point(7), noon + minutes{6}, 96);
    ASSERT_TRUE(ahead);
    ASSERT_EQ(ahead->load_w.size(), 96U);
    EXPECT_EQ(ahead->method, forecast::Method::ensemble);
    const auto served = monitor->forecast(point(7));
    EXPECT_TRUE(std::equal(served->load_w.begin(), served->load_w.end(), ahead->load_w.begin()));
    // A substation has no limit here and no past; it is told so.
    const PointRef substation = registry.find("S-1", grid::Quantity::p_kw, grid::Phase::sum);
    const auto empty = monitor->forecast_ahead(substation, noon, 96);
    EXPECT_TRUE(!empty || empty->method == forecast::Method::none);
}

TEST_F(LiveMonitorTest, FollowsErrorsAlikeForAnyNumberOfShards) {
    std::vector<std::vector<forecast::QuantileRow>> said;
    for (const std::size_t shards : {1U, 3U}) {
        const auto monitor = warm_monitor(shards);
        ASSERT_TRUE(monitor->serve(model()));
        monitor->tick(noon);
        const std::vector<forecast::QuantileRow> before = monitor->forecast(point(2))->load_w;
        run(*monitor, noon, 48, 4.0);
        const std::vector<forecast::QuantileRow> after = monitor->forecast(point(2))->load_w;
        EXPECT_NE(before, after);
        said.push_back(after);
    }
    EXPECT_EQ(said[0], said[1]);
}

TEST_F(LiveMonitorTest, ASnapshotKeepsWhatTheErrorsTaught) {
    const auto monitor = warm_monitor(2);
    ASSERT_TRUE(monitor->serve(model()));
    monitor->tick(noon);
    run(*monitor, noon, 40, 4.0);
    const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / "live.snapshot";
    ASSERT_TRUE(monitor->save(file, {}));

    telemetry::PointRegistry own_registry;
    Monitor again(network, own_registry, {.rules = {}, .shards = 1, .half_hours = 1400});
    ASSERT_TRUE(again.serve(model()));
    const Result<SnapshotInfo> restored = again.restore(file);
    ASSERT_TRUE(restored) << restored.error().message;
    run(*monitor, noon + 40 * period_length, 4, 4.0);
    const std::uint16_t source = own_registry.intern_source("test");
    for (int i = 40; i < 44; ++i) {
        const UtcTime start = noon + i * period_length;
        std::vector<telemetry::Reading> batch;
        for (int feeder = 0; feeder < block_feeders; ++feeder) {
            batch.push_back({.value = static_cast<double>(wave(feeder, start, 1)[0]) + 4.0,
                             .interval_start = start,
                             .interval_end = start + period_length,
                             .point = own_registry.find("F-" + std::to_string(feeder), grid::Quantity::p_kw,
                                                        grid::Phase::sum),
                             .source = source});
        }
        again.ingest(batch, start + period_length);
        for (int m = 0; m < 6; ++m) {
            again.tick(start + period_length + minutes{m});
        }
    }
    const PointRef two = own_registry.find("F-2", grid::Quantity::p_kw, grid::Phase::sum);
    EXPECT_EQ(again.forecast(two)->load_w, monitor->forecast(point(2))->load_w);

    // Another model: what was followed is left out, nothing else.
    telemetry::PointRegistry third_registry;
    Monitor other(network, third_registry, {.rules = {}, .shards = 1, .half_hours = 1400});
    EXPECT_TRUE(other.restore(file));
    std::filesystem::remove(file);
}

TEST_F(LiveMonitorTest, RefusesAModelThatLooksFartherBackThanIsKept) {
    const auto monitor = warm_monitor(1, 768);
    const Result<void> served = monitor->serve(model());
    ASSERT_FALSE(served);
    EXPECT_EQ(served.error().code, Errc::unsupported);
}

}  // namespace
}  // namespace headroom::monitor
