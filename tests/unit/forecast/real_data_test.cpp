// Checks against measured loads, where the shared data folder stands beside the sources. What is asserted is
// what a forecast must earn: less error than the seasonal naive, and quantiles that hold on days it has not
// seen.

#include "core/csv.hpp"
#include "forecast/forecaster.hpp"
#include "telemetry/file_reader.hpp"
#include "unit/forecast/periods.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <vector>

namespace headroom::forecast {
namespace {

using features::HalfHours;
using features::period_index;
using features::period_start;

const std::filesystem::path shared_data = std::filesystem::path(HEADROOM_SOURCE_DIR) / "../shared/data";

struct Series {
    std::int64_t first = 0;
    std::vector<float> kw;
    [[nodiscard]] HalfHours all() const { return {.first = first, .kw = kw}; }
    [[nodiscard]] HalfHours before(std::int64_t period) const {
        const auto count = std::clamp<std::int64_t>(period - first, 0, static_cast<std::int64_t>(kw.size()));
        return {.first = first, .kw = std::span(kw).first(static_cast<std::size_t>(count))};
    }
};

/// Half-hour means of whatever rows `take` makes of the file: (series, time, kW).
using Take =
    std::function<void(const CsvRow&, const std::function<void(const std::string&, UtcTime, double)>&)>;

std::vector<Series> read_half_hours(const std::filesystem::path& file, const Take& take) {
    std::map<std::string, std::map<std::int64_t, std::pair<double, int>>> sums;
    CsvChunkReader rows;
    const auto drain = [&] {
        while (const std::optional<CsvRow> row = rows.next()) {
            if (row->line > 1) {
                take(*row, [&](const std::string& series, UtcTime at, double kw) {
                    auto& [sum, count] = sums[series][period_index(at)];
                    sum += kw;
                    count += 1;
                });
            }
        }
    };
    Result<telemetry::FileReader> reader = telemetry::FileReader::open(file);
    EXPECT_TRUE(reader.has_value()) << file;
    std::vector<char> piece(telemetry::file_chunk_bytes);
    while (reader) {
        const Result<std::size_t> read = reader->read(piece);
        EXPECT_TRUE(read.has_value()) << file;
        if (!read || *read == 0) {
            break;
        }
        rows.feed({piece.data(), *read});
        drain();
    }
    rows.finish();
    drain();
    std::vector<Series> out;
    for (const auto& [name, periods] : sums) {
        Series series{.first = periods.begin()->first, .kw = {}};
        series.kw.assign(static_cast<std::size_t>(periods.rbegin()->first - series.first + 1), unknown);
        for (const auto& [period, sum] : periods) {
            series.kw[static_cast<std::size_t>(period - series.first)] =
                static_cast<float>(sum.first / sum.second);
        }
        out.push_back(std::move(series));
    }
    return out;
}

struct Score {
    double ridge_kw = 0.0;  ///< mean absolute error, every series weighing the same
    double naive_kw = 0.0;
    double below_p90 = 0.0;
    double below_p10 = 0.0;
    std::size_t count = 0;
};

/// Forecasts `lead` half-hours ahead (1 = the half-hour at hand) for every half-hour behind `days_known` days
/// of each series.
Score score(const std::vector<Series>& series, const std::function<std::int64_t(const Series&)>& split_of,
            std::int64_t lead) {
    std::vector<HalfHours> known;
    for (const Series& one : series) {
        known.push_back(one.before(split_of(one)));
    }
    const std::optional<ForecastModel> model = train(known, {.now = UtcTime{}});
    EXPECT_TRUE(model.has_value());
    Score total;
    LoadForecast out;
    std::size_t scored = 0;
    for (const Series& one : series) {
        double ridge = 0.0;
        double naive = 0.0;
        std::size_t count = 0;
        const std::int64_t end = one.all().end();
        for (std::int64_t target = split_of(one) + lead; model && target < end; ++target) {
            const std::int64_t origin = target - lead + 1;
            const auto truth = static_cast<double>(one.all().at(target));
            if (std::isnan(truth)) {
                continue;
            }
            HalfHours past = one.before(origin);
            const std::size_t window = std::min<std::size_t>(past.kw.size(), 16 * 48);
            past = {.first = past.end() - static_cast<std::int64_t>(window), .kw = past.kw.last(window)};
            const Ahead ahead = look_ahead(period_start(origin), lead);
            forecast_load(&*model, ahead, past, 0, out);
            const double simple = seasonal_naive(past, origin, target, ahead.calendar.back());
            if (out.method != Method::ridge || std::isnan(simple)) {
                continue;
            }
            const auto& row = out.load_w.back();
            ridge += std::abs(truth - row[3] / 1000.0);
            naive += std::abs(truth - simple);
            total.below_p90 += truth * 1000.0 <= row[5] ? 1.0 : 0.0;
            total.below_p10 += truth * 1000.0 <= row[1] ? 1.0 : 0.0;
            count += 1;
        }
        if (count > 0) {
            total.ridge_kw += ridge / static_cast<double>(count);
            total.naive_kw += naive / static_cast<double>(count);
            total.count += count;
            scored += 1;
        }
    }
    EXPECT_GT(scored, 0U);
    total.ridge_kw /= static_cast<double>(scored);
    total.naive_kw /= static_cast<double>(scored);
    total.below_p90 /= static_cast<double>(total.count);
    total.below_p10 /= static_cast<double>(total.count);
    return total;
}

void expect_earned(const char* name, std::int64_t lead, const Score& score) {
    std::cout << name << ", " << lead << " half-hours ahead: MAE ridge " << score.ridge_kw
              << " kW, seasonal naive " << score.naive_kw << " kW (ratio " << score.ridge_kw / score.naive_kw
              << "), below P90 " << score.below_p90 << ", below P10 " << score.below_p10 << ", "
              << score.count << " forecasts\n";
    EXPECT_LT(score.ridge_kw, score.naive_kw);
    EXPECT_GT(score.below_p90, 0.82);
    EXPECT_LT(score.below_p90, 0.97);
    EXPECT_GT(score.below_p10, 0.03);
    EXPECT_LT(score.below_p10, 0.18);
}

TEST(ForecastOnRealData, RidgeBeatsTheSeasonalNaiveOnLowVoltageFeeders) {
    const std::filesystem::path file = shared_data / "lv_gb/lv_feeders_10min.csv.gz";
    if (!std::filesystem::exists(file)) {
        GTEST_SKIP() << "no shared data here";
    }
    // Feeders with their phases; busbars (feeder 0) are left out.
    const std::vector<Series> series = read_half_hours(file, [](const CsvRow& row, const auto& add) {
        const Result<UtcTime> at = parse_utc_assumed(row.fields[0]);
        const std::optional<double> kw = parse_csv_number(row.fields[4]);
        if (row.fields[2] != "0" && at && kw) {
            add(std::string(row.fields[1]) + "-" + std::string(row.fields[2]) + std::string(row.fields[3]),
                *at, *kw);
        }
    });
    EXPECT_GT(series.size(), 300U);
    const auto split = [](const Series& one) { return one.all().end() - 2 * 48; };  // the last two days
    for (const std::int64_t lead : {1, 2, 24, 48}) {
        expect_earned("lv_gb", lead, score(series, split, lead));
    }
}

TEST(ForecastOnRealData, RidgeBeatsTheSeasonalNaiveOnAPrimarySubstation) {
    const std::filesystem::path file = shared_data / "stentaway/demand_pv.csv.gz";
    if (!std::filesystem::exists(file)) {
        GTEST_SKIP() << "no shared data here";
    }
    const std::vector<Series> series = read_half_hours(file, [](const CsvRow& row, const auto& add) {
        const Result<UtcTime> at = parse_utc_assumed(row.fields[0]);
        const std::optional<double> mw = parse_csv_number(row.fields[1]);
        // Zeros and spikes stand in the file; trust keeps them out of what is learnt from.
        if (at && mw && *mw > 0.2 && *mw < 6.0) {
            add("stentaway", *at, *mw * 1000.0);
        }
    });
    ASSERT_EQ(series.size(), 1U);
    const std::int64_t year = period_index(parse_utc("2019-01-01T00:00:00Z").value());
    for (const std::int64_t lead : {1, 2, 24, 48}) {
        expect_earned("stentaway", lead,
                      score(
                          series, [year](const Series&) { return year; }, lead));
    }
}

}  // namespace
}  // namespace headroom::forecast
