// Features are the same online, offline and for any number of threads: a day with late, repeated, corrected
// and missing readings gives equal rows, bit for bit.

#include "core/random.hpp"
#include "monitor/monitor.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <map>
#include <vector>

namespace headroom::monitor {
namespace {

using telemetry::PointRef;
using telemetry::Reading;

const UtcTime day = parse_utc("2026-10-24T12:00:00Z").value();  // clocks go back the next night
constexpr int slots = 288;                                      // five minutes each
constexpr milliseconds cadence = minutes{5};

grid::Network one_feeder() {
    grid::Network network;
    EXPECT_TRUE(network.add(grid::Substation{.id = {"S-1"}, .name = "S-1"}));
    for (const char* id : {"HAL", "HAL-solar", "HAL-wind"}) {
        EXPECT_TRUE(network.add(grid::Feeder{.id = {id}, .parent = "S-1", .name = id}));
    }
    EXPECT_TRUE(network.add(grid::Limit{.asset = "HAL", .value = 500.0, .source = "test"}));
    return network;
}

/// Readings of load, solar and wind in the order of their arrival, and when each arrives.
struct Arrival {
    Reading reading;
    UtcTime at{};
};
std::vector<Arrival> day_of(const telemetry::PointRegistry& registry) {
    const Random random(5);
    std::vector<Arrival> out;
    for (std::uint64_t place = 0; place < 3; ++place) {
        const char* id = place == 0 ? "HAL" : place == 1 ? "HAL-solar" : "HAL-wind";
        const PointRef point = registry.find(id, grid::Quantity::p_kw, grid::Phase::sum);
        for (int k = 0; k < slots; ++k) {
            const auto step = static_cast<std::uint64_t>(k);
            const double chance = random.uniform(place, step, 1);
            if (chance < 0.05) {
                continue;
            }
            const UtcTime from = day + cadence * k;
            const double kw = (place == 0 ? 200.0 : -40.0) * (1.0 + random.uniform(place, step, 2));
            const Reading reading{.value = kw,
                                  .interval_start = from,
                                  .interval_end = from + cadence,
                                  .seq = step * 2 + 1,
                                  .point = point};
            const milliseconds late = chance < 0.15 && k > 2 ? cadence * 3 + minutes{1} : milliseconds{0};
            out.push_back({reading, from + cadence + late});
            if (chance > 0.9) {
                out.push_back({reading, from + cadence + minutes{2}});  // told twice
            } else if (chance > 0.85) {
                Reading corrected = reading;
                corrected.value *= 1.1;
                corrected.seq = step * 2 + 2;
                out.push_back({corrected, from + cadence + minutes{3}});
            }
        }
    }
    std::stable_sort(out.begin(), out.end(), [](const Arrival& a, const Arrival& b) { return a.at < b.at; });
    return out;
}

std::vector<std::uint32_t> bits_of(const std::vector<float>& row) {
    std::vector<std::uint32_t> bits;
    for (const float value : row) {
        // Not a number has several forms; which one is of no meaning.
        bits.push_back(std::isnan(value) ? 0x7fc00000U : std::bit_cast<std::uint32_t>(value));
    }
    return bits;
}

/// The rows of HAL at the end of every slot, with batches of `together` slots' arrivals.
std::map<std::int64_t, std::vector<std::uint32_t>> rows_of(std::size_t shards, int together) {
    const grid::Network network = one_feeder();
    telemetry::PointRegistry registry;
    registry.intern_source("test");
    MonitorOptions options;
    options.shards = shards;
    Monitor monitor(network, registry, options);
    const PointRef load = registry.find("HAL", grid::Quantity::p_kw, grid::Phase::sum);
    const std::vector<Arrival> arrivals = day_of(registry);
    std::map<std::int64_t, std::vector<std::uint32_t>> rows;
    std::size_t next = 0;
    for (int k = together; k <= slots; k += together) {
        const UtcTime now = day + cadence * k + minutes{4};
        std::vector<Reading> batch;
        for (; next < arrivals.size() && arrivals[next].at <= now; ++next) {
            batch.push_back(arrivals[next].reading);
        }
        monitor.ingest(batch, now);
        monitor.tick(now);
        rows[k] = bits_of(monitor.stream_row(load));
    }
    return rows;
}

TEST(StreamRows, AreEqualForAnyNumberOfShardsAndSizeOfBatches) {
    const auto one = rows_of(1, 1);
    EXPECT_EQ(rows_of(4, 1), one);
    const auto hourly = rows_of(1, 12);
    for (const auto& [k, row] : hourly) {
        EXPECT_EQ(row, one.at(k)) << "slot " << k;
    }
}

TEST(StreamRows, AreEqualToThoseMadeFromWhatWasKnownThen) {
    const auto online = rows_of(1, 1);
    const grid::Network network = one_feeder();
    telemetry::PointRegistry registry;
    const Monitor names(network, registry, {});
    const std::vector<Arrival> arrivals = day_of(registry);
    features::LocalHour hour;
    int compared = 0;
    for (int k = 1; k <= slots; ++k) {
        // The newest word on every slot, by the source's number, as a table of the day would have it.
        const UtcTime now = day + cadence * k + minutes{4};
        std::map<PointRef, std::map<std::int64_t, Reading>> table;
        for (const Arrival& arrival : arrivals) {
            if (arrival.at <= now) {
                Reading& known =
                    table[arrival.reading.point][arrival.reading.interval_start.time_since_epoch() / cadence];
                if (known.seq <= arrival.reading.seq) {
                    known = arrival.reading;
                }
            }
        }
        const auto& load = table[registry.find("HAL", grid::Quantity::p_kw, grid::Phase::sum)];
        if (load.empty()) {
            continue;
        }
        std::array<float, features::ring_size> memory{};
        std::int64_t newest = 0;
        features::ReadingRing ring(memory, newest);
        ring.restart(load.begin()->first);
        for (const auto& [slot, reading] : load) {
            ring.write(slot, static_cast<float>(reading.value));
        }
        features::StreamPast past{.load = &ring, .slot = newest, .cadence = cadence, .rating_kw = 500.0};
        const auto generated = [&](const char* id, bool& is_metered) {
            const auto& readings = table[registry.find(id, grid::Quantity::p_kw, grid::Phase::sum)];
            is_metered = true;
            const auto found = readings.find(newest);
            return found == readings.end() ? std::numeric_limits<double>::quiet_NaN()
                                           : -static_cast<double>(static_cast<float>(found->second.value));
        };
        past.solar_kw = generated("HAL-solar", past.has_solar);
        past.wind_kw = generated("HAL-wind", past.has_wind);
        std::vector<float> row(features::stream_count);
        features::make_stream_row(past, hour, row);
        const std::vector<std::uint32_t> offline = bits_of(row);
        // The half-hours of the day before are not in this day.
        ASSERT_EQ(online.at(k), offline) << "slot " << k;
        compared += 1;
    }
    EXPECT_GT(compared, 200);
}

}  // namespace
}  // namespace headroom::monitor
