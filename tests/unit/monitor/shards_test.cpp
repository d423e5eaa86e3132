// What comes out of the monitor does not depend on how many shards and threads it has.

#include "core/random.hpp"
#include "monitor/monitor.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace headroom::monitor {
namespace {

using telemetry::PointRef;
using telemetry::Reading;

const UtcTime start = parse_utc("2026-11-20T12:00:00Z").value();
constexpr int sharded_feeders = 300;
constexpr int rounds = 40;

grid::Network sharded_network(int count) {
    grid::Network network;
    EXPECT_TRUE(network.add(grid::Substation{.id = {"S-1"}, .name = "S-1"}));
    for (int i = 0; i < count; ++i) {
        const std::string id = fmt::format("F-{:04}", i);
        EXPECT_TRUE(network.add(grid::Feeder{.id = {id}, .parent = "S-1", .name = id}));
        for (const grid::Phase phase :
             {grid::Phase::l1, grid::Phase::l2, grid::Phase::l3, grid::Phase::sum}) {
            EXPECT_TRUE(network.add(grid::Limit{.asset = id,
                                                .phase = phase,
                                                .value = phase == grid::Phase::sum ? 300.0 : 100.0,
                                                .source = "test",
                                                .verified_by = "test"}));
        }
        if (i % 7 == 0) {
            EXPECT_TRUE(network.add(grid::Limit{.asset = id,
                                                .phase = grid::Phase::l2,
                                                .direction = grid::Direction::export_,
                                                .value = 60.0,
                                                .source = "test",
                                                .verified_by = "test"}));
        }
    }
    return network;
}

/// A round of readings of all feeders in a made-up order: some late, some told twice or differently, some
/// missing, absurd, stuck, or over an interval; loads near their limits.
std::vector<Reading> round_of(const telemetry::PointRegistry& registry, std::uint64_t round) {
    const Random random(17);
    std::vector<Reading> readings;
    for (int i = 0; i < sharded_feeders; ++i) {
        const std::string id = fmt::format("F-{:04}", i);
        for (const grid::Phase phase :
             {grid::Phase::l1, grid::Phase::l2, grid::Phase::l3, grid::Phase::sum}) {
            const auto entity = static_cast<std::uint64_t>(i * 4 + static_cast<int>(phase));
            const double chance = random.uniform(entity, 5 * round);
            const double scale = phase == grid::Phase::sum ? 3.0 : 1.0;
            const UtcTime at = start + minutes{static_cast<int>(round)} +
                               (i % 3 == 0 ? milliseconds{1000 * (i % 20)} : milliseconds{0});
            Reading reading{.value = scale * (50.0 + 60.0 * random.uniform(entity, 5 * round + 1) -
                                              (i % 7 == 0 && phase == grid::Phase::l2 ? 120.0 : 0.0)),
                            .interval_start = at,
                            .interval_end = i % 5 == 0 ? at + minutes{1} : at,
                            .seq = i % 2 == 0 ? round * 10 + 1 : 0,
                            .point = registry.find(id, grid::Quantity::p_kw, phase)};
            if (chance < 0.05) {
                continue;  // missing
            }
            if (chance < 0.08) {
                reading.interval_start -= minutes{3};  // late
                reading.interval_end -= minutes{3};
            } else if (chance < 0.09) {
                reading.value = 1e9;
            } else if (chance < 0.10) {
                reading.interval_start -= hours{5};
                reading.interval_end -= hours{5};
            } else if (chance < 0.11) {
                reading.point = 9'999'999;
            } else if (chance < 0.13) {
                readings.push_back(reading);  // told twice
            } else if (chance < 0.16) {
                readings.push_back(reading);
                reading.value += 7.5;  // told differently, for the even feeders as a correction
                reading.seq += reading.seq == 0 ? 0U : 1U;
            }
            readings.push_back(reading);
        }
    }
    for (std::size_t i = readings.size() - 1; i > 0; --i) {
        const auto other =
            static_cast<std::size_t>(random.uniform(i, 5 * round + 2) * static_cast<double>(i + 1));
        std::swap(readings[i], readings[other]);
    }
    return readings;
}

/// All that leaves the monitor, as text.
std::string run(std::size_t shards, std::int64_t live_window = 3) {
    const grid::Network network = sharded_network(sharded_feeders);
    telemetry::PointRegistry registry;
    registry.intern_source("test");
    MonitorOptions options;
    options.shards = shards;
    options.rules.live_window = live_window;
    Monitor monitor(network, registry, options);
    std::string out;
    std::vector<std::uint32_t> used;
    for (std::uint64_t round = 0; round < rounds; ++round) {
        const UtcTime now = start + minutes{static_cast<int>(round)} + seconds{30};
        std::vector<Reading> batch;
        for (int copy = 0; copy < 4; ++copy) {  // large enough for the threads
            const std::vector<Reading> more = round_of(registry, round);
            batch.insert(batch.end(), more.begin(), more.end());
        }
        used.clear();
        const IngestCount count = monitor.ingest(batch, now, &used);
        monitor.tick(now);
        out += fmt::format("{} {} {}", count.accepted, count.duplicates, count.conflicts);
        std::uint64_t total = count.accepted + count.duplicates + count.conflicts;
        for (const std::uint64_t quarantined : count.quarantined) {
            out += fmt::format(" {}", quarantined);
            total += quarantined;
        }
        EXPECT_EQ(total, batch.size()) << "every reading is counted once";
        for (const std::uint32_t position : used) {
            out += fmt::format(",{}", position);
        }
        for (const RaisedOverload& raised : monitor.take_overloads()) {
            out += json::write(risk::to_json(raised.overload)) + json::write(risk::to_json(raised.input));
        }
        for (const trust::Verdict& verdict : monitor.take_verdicts()) {
            out += fmt::format("{} {} {} {}\n", verdict.point, format_utc(verdict.at),
                               trust::to_string(verdict.doubt), verdict.detail);
        }
        for (const store::SeriesBlock& block : monitor.take_rollups()) {
            out += fmt::format("{} {} {}\n", block.key, format_utc(block.start), block.values[0]);
        }
        for (const EventId& event : monitor.take_cleared()) {
            out += event.value;
        }
    }
    for (PointRef point = 0; point < registry.size(); ++point) {
        const PointView view = monitor.view(point);
        out += fmt::format("{} {} {}\n", view.load_kw, format_utc(view.at), view.readings);
        if (const auto forecast = monitor.forecast(point)) {
            for (const forecast::QuantileRow& row : forecast->load_w) {
                out += fmt::format("{},", fmt::join(row, ","));
            }
        }
    }
    return out;
}

TEST(Shards, AnyNumberOfThemGivesTheSameBitForBit) {
    const std::string one = run(1);
    EXPECT_NE(one.find("ev-2026"), std::string::npos) << "something is raised";
    EXPECT_NE(one.find("replaces it"), std::string::npos) << "something is corrected";
    EXPECT_TRUE(run(2) == one);
    EXPECT_TRUE(run(5) == one);
}

TEST(Shards, ALongerLiveWindowIsKeptApartAndSeesTheSameReadings) {
    const std::string one = run(1, 5);
    EXPECT_TRUE(run(3, 5) == one);
    EXPECT_FALSE(run(1, 3) == one);
}

}  // namespace
}  // namespace headroom::monitor
