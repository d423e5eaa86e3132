#include "contract/store/temp_dir.hpp"
#include "core/random.hpp"
#include "store/series.hpp"
#include "store/sqlite.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

namespace headroom::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const UtcTime midnight{std::chrono::sys_days{std::chrono::year{2026} / 11 / 20}};
constexpr float unknown = std::numeric_limits<float>::quiet_NaN();
const std::string key = "F-1/p_kw/L1";

std::unique_ptr<Series> open_series(const std::filesystem::path& file) {
    Result<std::unique_ptr<Series>> opened = open_sqlite_series(file);
    EXPECT_TRUE(opened.has_value()) << opened.error().message;
    return opened ? std::move(*opened) : nullptr;
}

void settle(Series& series, UtcTime now, const SeriesRetention& retention = {}) {
    for (int i = 0; i < 10'000; ++i) {
        const Result<bool> more = series.upkeep(now, retention);
        ASSERT_TRUE(more.has_value()) << more.error().message;
        if (!*more) {
            return;
        }
    }
    FAIL() << "upkeep never ends";
}

/// The layout of version 1, as the first releases wrote it.
constexpr std::array<sqlite::Migration, 1> first_layout{{{1, R"sql(
CREATE TABLE series(key_id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, step_ms INTEGER NOT NULL) STRICT;
CREATE TABLE days(
    key_id INTEGER NOT NULL,
    day INTEGER NOT NULL,
    step_ms INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY(key_id, day, step_ms)) STRICT, WITHOUT ROWID;
CREATE INDEX days_by_day ON days(day);
)sql"}}};

TEST(SqliteSeries, OpensAFileOfTheFirstLayoutAndRollsItUp) {
    const TempDir dir;
    const std::int64_t day = midnight.time_since_epoch().count() / 86'400'000;
    {
        const auto old =
            sqlite::Database::open(dir / "series.db", sqlite::FileKind{0x48445331, first_layout});
        ASSERT_TRUE(old.has_value());
        std::vector<float> values(48, 2.0F);
        values[40] = 77.0F;
        ASSERT_TRUE((*old)->run("INSERT INTO series VALUES(1, 'F-1/p_kw/L1', 1800000)"));
        ASSERT_TRUE((*old)
                        ->query("INSERT INTO days VALUES(1, ?1, 1800000, ?2)")
                        .bind(day)
                        .bind_blob({reinterpret_cast<const char*>(values.data()), values.size() * 4})
                        .run());
    }
    const auto series = open_series(dir / "series.db");
    EXPECT_TRUE(std::filesystem::exists(dir / "series.db.bak-1"));
    const auto peak = [&] {
        const Result<SeriesSummary> got = series->summarise(key, midnight, midnight + hours{24}, hours{24});
        return got ? got->max.at(0) : unknown;
    };
    EXPECT_EQ(series->read(key, midnight + hours{20}, midnight + hours{21})->values,
              (std::vector<float>{77.0F, 2.0F}));
    EXPECT_EQ(peak(), 77.0F);
    settle(*series, midnight + hours{48});
    EXPECT_EQ(peak(), 77.0F);
    ASSERT_TRUE(series->write({{key, midnight, period_length, {5.0F}}}));
    EXPECT_EQ(series->read(key, midnight, midnight + minutes{30})->values, (std::vector<float>{5.0F}));
}

/// Whatever is written in whatever order, a chart of any step has the extremes of all that was written.
TEST(SqliteSeries, NoPeakIsLostWhateverTheStep) {
    const Random random(42);
    for (std::uint64_t round = 0; round < 6; ++round) {
        const TempDir dir;
        const auto series = open_series(dir / "series.db");
        const milliseconds base =
            std::array<milliseconds, 3>{seconds{20}, minutes{1}, minutes{30}}[round % 3];
        const auto per_day = static_cast<std::size_t>(hours{24} / base);
        std::vector<float> truth(per_day * 3, unknown);
        for (std::uint64_t write = 0; write < 60; ++write) {
            const std::uint64_t kind = random.below(4, round, write, 1);
            const std::size_t length =
                kind == 0 ? 1 + random.below(per_day, round, write, 2) : 1 + random.below(4, round, write, 2);
            const std::size_t at = random.below(truth.size() - length + 1, round, write, 3);
            SeriesBlock block{key, midnight + base * static_cast<std::int64_t>(at), base, {}};
            for (std::size_t i = 0; i < length; ++i) {
                const bool is_unknown = random.below(10, round, write * 10'000 + i, 4) == 0;
                block.values.push_back(
                    is_unknown ? unknown
                               : static_cast<float>(random.normal(round, write * 10'000 + i, 5)) * 100.0F);
                truth[at + i] = block.values.back();
            }
            ASSERT_TRUE(series->write({block}));
            if (kind == 1) {
                ASSERT_TRUE(series->upkeep(midnight + hours{24 * (write % 5)}, {}).has_value());
            }
        }
        for (const std::int64_t step_s : {20, 60, 420, 1'800, 5'400, 6'000, 86'400, 172'800}) {
            const Result<SeriesSummary> got =
                series->summarise(key, midnight, midnight + hours{72}, seconds{step_s});
            ASSERT_TRUE(got.has_value()) << got.error().message;
            for (std::size_t i = 0; i < got->mean.size(); ++i) {
                float low = std::numeric_limits<float>::infinity();
                float high = -low;
                float last = unknown;
                std::uint32_t count = 0;
                const UtcTime begin = got->start + got->step * static_cast<std::int64_t>(i);
                const UtcTime end = begin + got->step;
                const std::int64_t first =
                    std::max<std::int64_t>(0, (begin - midnight + base - milliseconds{1}) / base);
                for (auto v = static_cast<std::size_t>(first);
                     v < truth.size() && midnight + base * static_cast<std::int64_t>(v) < end; ++v) {
                    if (!std::isnan(truth[v])) {
                        low = std::min(low, truth[v]);
                        high = std::max(high, truth[v]);
                        last = truth[v];
                        ++count;
                    }
                }
                ASSERT_EQ(got->count[i], count) << "round " << round << " step " << step_s << " at " << i;
                if (count > 0) {
                    ASSERT_EQ(got->min[i], low) << "round " << round << " step " << step_s << " at " << i;
                    ASSERT_EQ(got->max[i], high) << "round " << round << " step " << step_s << " at " << i;
                    ASSERT_EQ(got->last[i], last) << "round " << round << " step " << step_s << " at " << i;
                } else {
                    ASSERT_TRUE(std::isnan(got->max[i]));
                }
            }
        }
    }
}

TEST(SqliteSeries, WhatIsTooOldGoesLevelByLevelAndPeaksStay) {
    const TempDir dir;
    const auto series = open_series(dir / "series.db");
    std::vector<float> values(1'440, 1.0F);
    values[700] = 42.0F;
    ASSERT_TRUE(series->write({{"m", midnight, minutes{1}, values}, {"h", midnight, period_length, {3.0F}}}));
    const SeriesRetention retention{.raw = std::chrono::days{1},
                                    .minute = std::chrono::days{2},
                                    .half_hour = std::chrono::days{100},
                                    .day = std::chrono::days{1'000},
                                    .measurements = std::chrono::days{5}};
    settle(*series, midnight + hours{24 * 2 + 1}, retention);
    EXPECT_EQ(series->read("m", midnight, midnight + minutes{1})->values, (std::vector<float>{1.0F}));

    settle(*series, midnight + hours{24 * 10}, retention);
    EXPECT_TRUE(std::isnan(series->read("m", midnight, midnight + minutes{1})->values.at(0)));
    EXPECT_EQ(series->read("h", midnight, midnight + minutes{30})->values, (std::vector<float>{3.0F}));
    const Result<SeriesSummary> coarser = series->summarise("m", midnight, midnight + hours{24}, minutes{10});
    ASSERT_TRUE(coarser.has_value());
    EXPECT_EQ(coarser->step, minutes{30});
    EXPECT_EQ(coarser->max.at(23), 42.0F);

    settle(*series, midnight + hours{24 * 300}, retention);
    const Result<SeriesSummary> days = series->summarise("m", midnight, midnight + hours{24}, minutes{30});
    ASSERT_TRUE(days.has_value());
    EXPECT_EQ(days->step, hours{24});
    EXPECT_THAT(days->max, ElementsAre(42.0F));
    EXPECT_TRUE(std::isnan(series->read("h", midnight, midnight + minutes{30})->values.at(0)));
}

TEST(SqliteSeries, MeasurementsAreDroppedAfterTheirDays) {
    const TempDir dir;
    const auto series = open_series(dir / "series.db");
    const auto trade = [](UtcTime at) {
        return Measurement{.name = "trades", .tags = {}, .fields = {{"price", 1.0}}, .at = at};
    };
    ASSERT_TRUE(series->record({trade(midnight), trade(midnight + hours{24 * 8})}));
    settle(*series, midnight + hours{24 * 10}, {.measurements = std::chrono::days{5}});
    EXPECT_THAT(*series->recorded("trades", midnight, midnight + hours{24 * 30}, 10),
                ElementsAre(trade(midnight + hours{24 * 8})));
}

TEST(SqliteSeries, ManySeriesOfOneInstantAreWrittenAsTilesAndPackedLater) {
    const TempDir dir;
    const auto series = open_series(dir / "series.db");
    for (int step = 0; step < 3; ++step) {
        std::vector<SeriesBlock> blocks;
        for (int i = 0; i < 3'000; ++i) {
            blocks.push_back({"F-" + std::to_string(i),
                              midnight + step * period_length,
                              period_length,
                              {static_cast<float>(i + step)}});
        }
        ASSERT_TRUE(series->write(blocks));
    }
    const auto all_there = [&] {
        for (const int i : {0, 1'023, 1'024, 2'999}) {
            const Result<SeriesBlock> got =
                series->read("F-" + std::to_string(i), midnight, midnight + minutes{90});
            const auto value = static_cast<float>(i);
            ASSERT_TRUE(got.has_value());
            EXPECT_THAT(got->values, ElementsAre(value, value + 1.0F, value + 2.0F));
        }
    };
    all_there();
    // Not before the day is over and late values have had their time.
    settle(*series, midnight + hours{26});
    const auto rows = [&](const std::string& table) {
        const auto other = sqlite::Database::open(dir / "other.db", sqlite::FileKind{1, first_layout});
        const std::string attach = "ATTACH '" + (dir / "series.db").string() + "' AS s";
        EXPECT_TRUE((*other)->run(attach.c_str()));
        return (*other)->integer(("SELECT count(*) FROM s." + table).c_str()).value();
    };
    EXPECT_EQ(rows("tiles"), 9);
    EXPECT_EQ(rows("days"), 0);
    settle(*series, midnight + hours{27});
    EXPECT_EQ(rows("tiles"), 0);
    EXPECT_EQ(rows("days"), 3'000);
    all_there();
    EXPECT_EQ(series->summarise("F-7", midnight, midnight + hours{24}, hours{24})->max.at(0), 9.0F);
}

TEST(SqliteSeries, SeesKeysOfAnotherHandle) {
    const TempDir dir;
    const auto one = open_series(dir / "series.db");
    const auto other = open_series(dir / "series.db");
    ASSERT_TRUE(one->write({{"a", midnight, period_length, {1.0F}}}));
    ASSERT_TRUE(other->write({{"b", midnight, period_length, {2.0F}}}));
    ASSERT_TRUE(one->write({{"b", midnight + minutes{30}, period_length, {3.0F}}}));
    EXPECT_THAT(other->read("b", midnight, midnight + hours{1})->values, ElementsAre(2.0F, 3.0F));
    EXPECT_THAT(*one->keys(), ElementsAre("a", "b"));
    EXPECT_TRUE(one->flush());
}

TEST(SqliteSeries, ADamagedRowIsCorrupt) {
    const TempDir dir;
    const auto series = open_series(dir / "series.db");
    ASSERT_TRUE(series->write({{key, midnight, period_length, std::vector<float>(48, 1.0F)}}));
    {
        const auto other = sqlite::Database::open(dir / "other.db", sqlite::FileKind{1, first_layout});
        ASSERT_TRUE((*other)->run(("ATTACH '" + (dir / "series.db").string() + "' AS s").c_str()));
        ASSERT_TRUE((*other)->run("UPDATE s.days SET data = x'00'"));
    }
    const Result<SeriesBlock> got = series->read(key, midnight, midnight + hours{24});
    ASSERT_FALSE(got.has_value());
    EXPECT_EQ(got.error().code, Errc::corrupt);
    EXPECT_THAT(got.error().message, HasSubstr("has 1 bytes"));
}

}  // namespace
}  // namespace headroom::store
