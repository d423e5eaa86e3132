#include "app/replay_readings.hpp"

#include "app/replay_first_pass.hpp"
#include "app/replay_overloads.hpp"
#include "unit/app/noon.hpp"
#include "unit/telemetry/csv_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <sstream>

namespace headroom::app {
namespace {

using telemetry::at;
using telemetry::TemporaryFolder;
using test::noon;
using ::testing::HasSubstr;

/// Ten-minute readings of one point from noon, against a limit of 100 kW.
std::vector<ReplayOverload> overloads_of(const std::vector<double>& loads_kw,
                                         grid::Direction direction = grid::Direction::import_) {
    ReplayOverloads overloads;
    overloads.watch(0, {.asset = "F-1", .direction = direction, .value = 100.0}, minutes{10});
    UtcTime start = noon;
    for (const double kw : loads_kw) {
        if (std::isfinite(kw)) {
            overloads.take({.value = kw, .interval_start = start, .interval_end = start, .point = 0});
        }
        start += minutes{10};
    }
    return overloads.finish();
}
constexpr double missing = std::numeric_limits<double>::quiet_NaN();

TEST(ReplayOverloads, TellsEvenASingleReadingOverTheLimit) {
    const auto found = overloads_of({90, 106, 90, 90});
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].feeder, "F-1");
    EXPECT_EQ(found[0].measured.start, noon + minutes{10});
    EXPECT_EQ(found[0].measured.end, noon + minutes{20});
    EXPECT_EQ(found[0].measured.peak_load, Watts{106'000});
    EXPECT_EQ(found[0].measured.energy_over, WattHours{1'000});  // 6 kW for ten minutes
    EXPECT_EQ(found[0].measured.level, risk::Level::high);
}

TEST(ReplayOverloads, ALoadAtTheLimitIsWithinIt) {
    EXPECT_TRUE(overloads_of({100, 100, 100}).empty());
}

TEST(ReplayOverloads, JoinsAcrossOneReadingWithinTheLimitOrMissing) {
    EXPECT_EQ(overloads_of({106, 90, 112}).size(), 1U);
    EXPECT_EQ(overloads_of({106, missing, 112}).size(), 1U);
    const auto joined = overloads_of({106, 90, 112});
    EXPECT_EQ(joined[0].measured.end - joined[0].measured.start, minutes{30});
    EXPECT_EQ(joined[0].measured.energy_over, WattHours{3'000});  // (6 + 12) kW for ten minutes each
    EXPECT_EQ(overloads_of({106, 90, 90, 112}).size(), 2U);
    EXPECT_EQ(overloads_of({106, missing, missing, 112}).size(), 2U);
}

TEST(ReplayOverloads, ComparesExportWithItsSignTurned) {
    const auto found = overloads_of({106, -106, -99}, grid::Direction::export_);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].measured.start, noon + minutes{10});
    EXPECT_EQ(found[0].measured.peak_load, Watts{106'000});
}

TEST(ReplayOverloads, PutsTheWorstFirst) {
    const auto found = overloads_of({101, 90, 90, 121, 90, 90, 103});
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[0].measured.peak_load, Watts{121'000});
    EXPECT_EQ(found[1].measured.peak_load, Watts{103'000});
    EXPECT_EQ(found[2].measured.peak_load, Watts{101'000});
}

TEST(ReplayFirstPass, AskForOrderOnlyWhenItCannotHoldAll) {
    telemetry::PointRegistry registry;
    const auto point = registry.intern({"F-1", grid::Quantity::p_kw, grid::Phase::sum});
    const auto reading = [point](int minute) {
        const UtcTime time = noon + minutes{minute};
        return telemetry::Reading{.value = 1.0, .interval_start = time, .interval_end = time, .point = point};
    };
    ReplayFirstPass small(2, true);
    ASSERT_TRUE(small.take({reading(5), reading(0)}, registry, "f.csv"));
    EXPECT_TRUE(small.is_held());
    EXPECT_EQ(small.sorted()[0].interval_start, noon);

    ReplayFirstPass ordered(2, true);
    ASSERT_TRUE(ordered.take({reading(0), reading(5), reading(10)}, registry, "f.csv"));
    EXPECT_FALSE(ordered.is_held());
    ASSERT_NE(ordered.history(point), nullptr);
    EXPECT_EQ(ordered.history(point)->size(), 3U);

    ReplayFirstPass mixed(2, true);
    const auto refused = mixed.take({reading(0), reading(10), reading(5)}, registry, "f.csv");
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("sort it by time"));
}

constexpr std::string_view grid_csv =
    "type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh\n"
    "substation,S-1,,,,,,,,\n"
    "feeder,F-1,S-1,,,,300,,,\n";

/// Half-hours of one feeder: 250 kW, but 310 and 340 kW in the third and fourth.
std::string own_file() {
    std::string text = "feeder_id,timestamp,kw\n";
    const double kw[] = {250, 251, 310, 340, 252, 253, 254};
    for (int i = 0; i < 7; ++i) {
        text += "F-1," + format_utc(noon + minutes{30} * i) + "," + std::to_string(kw[i]) + "\n";
    }
    return text;
}

json::Value replay(ReplayOptions options) {
    const Result<json::Object> answer = replay_readings(options);
    EXPECT_TRUE(answer.has_value()) << answer.error().message;
    return answer ? json::Value(*answer) : json::Value();
}

TEST(ReplayReadings, FindsTheOverloadAgainstTheGridsLimit) {
    const TemporaryFolder folder;
    const json::Value answer =
        replay({.file = folder.write("r.csv", own_file()), .grid = folder.write("grid.csv", grid_csv)});

    EXPECT_EQ(answer.text("/format"), "own");
    EXPECT_EQ(answer.integer("/readings"), 7);
    EXPECT_EQ(answer.integer("/accepted"), 7);
    EXPECT_EQ(answer.integer("/feeders"), 1);
    EXPECT_EQ(answer.text("/limits_from"), "grid");
    EXPECT_EQ(answer.at("/overloads")->as_array()->size(), 1U);
    EXPECT_EQ(answer.text("/overloads/0/feeder_id"), "F-1");
    EXPECT_EQ(answer.text("/overloads/0/phase"), "sum");
    EXPECT_EQ(answer.text("/overloads/0/start"), "2026-11-20T13:00:00.000Z");
    EXPECT_EQ(answer.text("/overloads/0/end"), "2026-11-20T14:00:00.000Z");
    EXPECT_EQ(answer.number("/overloads/0/limit_kw"), 300.0);
    EXPECT_EQ(answer.number("/overloads/0/peak_kw"), 340.0);
    EXPECT_EQ(answer.number("/overloads/0/energy_kwh"), 25.0);  // (10 + 40) kW for half an hour each
    EXPECT_EQ(answer.text("/overloads/0/level"), "high");
    EXPECT_EQ(answer.integer("/decisions/live_raised"), 1);
    EXPECT_TRUE(answer.at("/data_quality")->as_array()->empty());
    EXPECT_GE(answer.number("/seconds", -1.0), 0.0);
}

TEST(ReplayReadings, SaysThatPercentileLimitsAreUnverified) {
    const TemporaryFolder folder;
    const json::Value answer = replay({.file = folder.write("r.csv", own_file()), .rating_percentile = 80.0});

    EXPECT_EQ(answer.text("/limits_from"),
              "percentile 80 of the readings (unverified: never good enough for act)");
    // The sixth of seven values is 310 kW, so only 340 kW is over.
    EXPECT_EQ(answer.at("/overloads")->as_array()->size(), 1U);
    EXPECT_EQ(answer.number("/overloads/0/limit_kw"), 310.0);
    EXPECT_EQ(answer.text("/overloads/0/start"), "2026-11-20T13:30:00.000Z");
}

TEST(ReplayReadings, GivesTheSameForAPackedFileAndForOneOutOfOrder) {
    const TemporaryFolder folder;
    std::string backwards = "feeder_id,timestamp,kw\n";
    std::vector<std::string> rows;
    std::istringstream lines(own_file());
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line)) {
        rows.push_back(line);
    }
    for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
        backwards += *row + "\n";
    }
    const auto grid = folder.write("grid.csv", grid_csv);
    const auto overloads = [&](const std::string& bytes, std::uint64_t held) {
        return json::write(
            *replay({.file = folder.write("r.csv", bytes), .grid = grid, .readings_held_max = held})
                 .at("/overloads"));
    };
    const std::string expected = overloads(own_file(), 100);
    EXPECT_THAT(expected, HasSubstr("340"));
    EXPECT_EQ(overloads(telemetry::gzipped(own_file()), 100), expected);
    EXPECT_EQ(overloads(backwards, 100), expected);
    EXPECT_EQ(overloads(own_file(), 3), expected) << "read twice instead of held";
}

TEST(ReplayReadings, CountsEveryReadingOnce) {
    const TemporaryFolder folder;
    const std::string text = own_file() +
                             "F-1,2026-11-20T12:00:00Z,250\n"  // again
                             "F-1,2026-11-20T12:30:00Z,9\n"    // another value
                             "F-9,2026-11-20T12:00:00Z,1\n"    // not in the grid
                             "F-1,2026-11-20T18:00:00Z,nan\n"
                             "F-1,2026-11-20T18:30:00,1\n";  // no zone
    const json::Value answer =
        replay({.file = folder.write("r.csv", text), .grid = folder.write("grid.csv", grid_csv)});

    EXPECT_EQ(answer.integer("/readings"), 12);
    EXPECT_EQ(answer.integer("/accepted"), 7);
    EXPECT_EQ(answer.integer("/duplicates"), 1);
    EXPECT_EQ(answer.integer("/conflicts"), 1);
    EXPECT_EQ(answer.integer("/quarantined/unknown_point"), 1);
    EXPECT_EQ(answer.integer("/quarantined/not_finite"), 1);
    EXPECT_EQ(answer.integer("/quarantined/no_zone"), 1);
    EXPECT_EQ(answer.at("/errors")->as_array()->size(), 3U);
    EXPECT_EQ(answer.integer("/errors/0/line"), 11);
    EXPECT_EQ(answer.number("/overloads/0/energy_kwh"), 25.0) << "as without them";
}

TEST(ReplayReadings, TakesAFileOfNothingButItsHeader) {
    const TemporaryFolder folder;
    const json::Value answer = replay({.file = folder.write("r.csv", "feeder,ts,kw\n")});
    EXPECT_EQ(answer.integer("/readings", -1), 0);
    EXPECT_TRUE(answer.at("/from")->is_null());
    EXPECT_TRUE(answer.at("/overloads")->as_array()->empty());
}

TEST(ReplayReadings, TellsProgress) {
    const TemporaryFolder folder;
    std::uint64_t last = 0;
    replay({.file = folder.write("r.csv", own_file()), .progress = [&last](std::uint64_t n) { last = n; }});
    EXPECT_EQ(last, 7U);
}

TEST(ReplayReadings, RefusesWhatItCannotRun) {
    const TemporaryFolder folder;
    const auto message = [](const ReplayOptions& options) {
        const Result<json::Object> answer = replay_readings(options);
        return answer ? std::string() : answer.error().message;
    };
    const auto readings = folder.write("r.csv", own_file());
    EXPECT_THAT(message({.file = readings, .rating_percentile = 0.0}), HasSubstr("percentile 0"));
    EXPECT_THAT(message({.file = folder.path() / "none.csv"}), HasSubstr("none.csv"));
    EXPECT_THAT(message({.file = folder.write("odd.csv", "a,b\n1,2\n")}), HasSubstr("expected one of"));
    EXPECT_THAT(message({.file = readings, .grid = folder.write("bad.csv", "type\n")}), HasSubstr("bad.csv"));
}

std::optional<json::Value> replay_shared(const std::string& name) {
    const std::filesystem::path file = std::filesystem::path(HEADROOM_SOURCE_DIR) / "../shared/data" / name;
    if (!std::filesystem::exists(file)) {
        return std::nullopt;
    }
    return replay({.file = file});
}

TEST(ReplaySharedData, FindsTheElevenSubstationsWhoseBusbarIsOff) {
    const auto answer = replay_shared("lv_gb/lv_feeders_10min.csv.gz");
    if (!answer) {
        GTEST_SKIP() << "no shared data";
    }
    EXPECT_EQ(answer->integer("/readings"), 481'880);
    EXPECT_EQ(answer->integer("/accepted"), 481'880);
    EXPECT_EQ(answer->integer("/feeders"), 130);
    std::set<std::string> off;
    for (const json::Value& finding : *answer->at("/data_quality")->as_array()) {
        if (finding.text("/kind") == "balance") {
            off.insert(finding.text("/point_id"));
        }
    }
    EXPECT_EQ(off, (std::set<std::string>{"721448", "721747", "722039", "722486", "722578", "722712",
                                          "723003", "723577", "724025", "730719", "730870"}));
    EXPECT_GT(answer->at("/overloads")->as_array()->size(), 1000U);
    EXPECT_GT(answer->integer("/decisions/live_raised"), 100);
}

TEST(ReplaySharedData, SeesTheSpikeOfThePrimary) {
    const auto answer = replay_shared("stentaway/demand_pv.csv.gz");
    if (!answer) {
        GTEST_SKIP() << "no shared data";
    }
    EXPECT_EQ(answer->integer("/accepted"), 58'060);
    EXPECT_EQ(answer->text("/overloads/0/feeder_id"), "stentaway");
    EXPECT_EQ(answer->text("/overloads/0/level"), "critical");
}

}  // namespace
}  // namespace headroom::app
