// Features are the same online, offline and for any number of threads: a day with late, repeated, corrected
// and missing readings gives equal rows, bit for bit.

#include "core/random.hpp"
#include "forecast/live_covariates.hpp"
#include "monitor/monitor.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::monitor {
namespace {

using telemetry::PointRef;
using telemetry::Reading;

const UtcTime day = parse_utc("2026-10-24T12:00:00Z").value();  // clocks go back the next night
constexpr int slots = 288;                                      // five minutes each
constexpr milliseconds cadence = minutes{5};

grid::Network feeder_with_plants() {
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
    const grid::Network network = feeder_with_plants();
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
    const grid::Network network = feeder_with_plants();
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

/// A feeder that is read every five minutes from `day` on, and what was said of the weather in the first
/// half-hour.
class StreamColumns : public testing::Test {
  protected:
    void read(int from, int to) {
        for (int k = from; k < to; ++k) {
            const UtcTime at = day + cadence * k;
            const Reading reading{
                .value = 100.0 + k, .interval_start = at, .interval_end = at + cadence, .point = load};
            ASSERT_EQ(monitor.ingest(std::span(&reading, 1), at + cadence).accepted, 1U);
        }
    }
    void inform() {
        const std::int64_t now = features::period_index(day);
        forecast::CovariateBook book(now);
        book.note(*forecast::live_column("temperature_c"), now, now + 1, 7.5);
        book.note(*forecast::live_column("price_gbp_per_mwh"), now, now + 1, 81.0);
        book.note(*forecast::live_column("national_demand_mw"), now, now, 31'000.0);
        monitor.inform(book.table());
    }
    [[nodiscard]] float column(std::string_view name) const {
        const std::vector<float> row = monitor.stream_row(load);
        const std::size_t at = features::stream_count + *forecast::live_column(name);
        return at < row.size() ? row[at] : -1.0F;
    }
    [[nodiscard]] static std::vector<std::string> names() {
        std::vector<std::string> out;
        for (const forecast::LiveColumn& one : forecast::live_columns) {
            out.emplace_back(one.name);
        }
        return out;
    }
    /// Two kilowatts more when it is five degrees or warmer, one less when it is not.
    [[nodiscard]] static forecast::StreamModel warm_and_cold(std::span<const std::string> external) {
        const auto temperature =
            static_cast<std::int32_t>(features::stream_count + *forecast::live_column("temperature_c"));
        Result<forecast::Trees> trees =
            forecast::Trees::make(features::stream_count + forecast::live_columns.size(), 0.0F, {0},
                                  {{.value = 5.0F, .left = 1, .feature = temperature, .missing_goes_left = 1},
                                   {.value = -1.0F},
                                   {.value = 2.0F}});
        return {.schema_hash = features::stream_schema_hash(external, cadence),
                .cadence = cadence,
                .lead = cadence,
                .trees = std::move(*trees)};
    }

    grid::Network network = feeder_with_plants();
    telemetry::PointRegistry registry;
    Monitor monitor{network, registry, {}};
    PointRef load = registry.find("HAL", grid::Quantity::p_kw, grid::Phase::sum);
};

TEST_F(StreamColumns, StandBehindTheRowAsTheyWereKnownWhenItsHalfHourBegan) {
    registry.intern_source("test");
    read(0, 5);
    EXPECT_EQ(monitor.stream_row(load).size(), features::stream_count) << "nobody told of any weather";
    inform();
    ASSERT_EQ(monitor.stream_row(load).size(), features::stream_count + forecast::live_columns.size());
    EXPECT_TRUE(std::isnan(column("temperature_c"))) << "said of the next half-hour, and not before this one";
    EXPECT_TRUE(std::isnan(column("national_demand_mw"))) << "published within this one";
    read(5, 8);
    EXPECT_EQ(column("temperature_c"), 7.5F);
    EXPECT_EQ(column("price_gbp_per_mwh"), 81.0F);
    EXPECT_EQ(column("national_demand_mw"), 31'000.0F);
    EXPECT_TRUE(std::isnan(column("radiation_w_per_m2"))) << "unknown is no zero";
    read(8, 14);
    EXPECT_TRUE(std::isnan(column("temperature_c"))) << "of the third half-hour nothing was said";
}

TEST_F(StreamColumns, AreWhatAModelForThemIsAskedWith) {
    registry.intern_source("test");
    inform();
    ASSERT_TRUE(monitor.infer_each(warm_and_cold(names())));
    read(0, 8);
    EXPECT_EQ(monitor.view(load).next_kw, 109.0) << "warm: 107 and two more";
    read(8, 14);
    EXPECT_EQ(monitor.view(load).next_kw, 112.0) << "not known: the way of what is missing, one less";
}

TEST_F(StreamColumns, AModelForOtherColumnsIsRefused) {
    std::vector<std::string> other = names();
    other.back() = "price_eur_per_mwh";
    EXPECT_FALSE(monitor.infer_each(warm_and_cold(other)));
    EXPECT_FALSE(monitor.infer_each(warm_and_cold({}))) << "the trees compare columns that the schema lacks";
}

}  // namespace
}  // namespace headroom::monitor
