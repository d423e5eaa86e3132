#include "scenario/backtest.hpp"

#include "core/json_object.hpp"
#include "grid/season.hpp"
#include "scenario/history_model.hpp"
#include "scenario/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

namespace headroom::scenario {
namespace {

constexpr std::size_t known_min = 44;

struct PastDay {
    std::size_t first = 0;  ///< its first half-hour in the history
    UtcTime date{};
    double mean_c = 0.0;
    double peak_kw = 0.0;
};

/// Whole UTC days that are known well enough, and the day before each is in the history too.
std::vector<PastDay> days_of(const History& history) {
    std::vector<PastDay> days;
    const UtcTime midnight{std::chrono::ceil<std::chrono::days>(history.start)};
    auto first = static_cast<std::size_t>((midnight - history.start) / period_length);
    for (; first + day_periods <= history.load_kw.size(); first += day_periods) {
        PastDay day{.first = first,
                    .date = history.start + static_cast<std::int64_t>(first) * period_length,
                    .mean_c = 0.0,
                    .peak_kw = -std::numeric_limits<double>::infinity()};
        std::size_t loads = 0;
        std::size_t temperatures = 0;
        for (std::size_t i = first; i < first + day_periods; ++i) {
            if (history.load_kw[i]) {
                ++loads;
                day.peak_kw = std::max(day.peak_kw, *history.load_kw[i]);
            }
            if (i < history.temperature_c.size() && history.temperature_c[i]) {
                ++temperatures;
                day.mean_c += *history.temperature_c[i];
            }
        }
        if (first >= day_periods && loads >= known_min && temperatures >= known_min && day.peak_kw > 0.0) {
            day.mean_c /= static_cast<double>(temperatures);
            days.push_back(day);
        }
    }
    return days;
}

/// The weather of the day and of the day before it.
BaseWeather weather_of(const History& history, const PastDay& day) {
    BaseWeather weather{.source = "the weather that came", .licence = {}, .as_of = {}, .steps = {}};
    for (std::size_t i = day.first - day_periods; i <= day.first + day_periods + 2; ++i) {
        if (i >= history.temperature_c.size()) {
            break;
        }
        const std::size_t before = i == 0 ? 0 : i - 1;
        weather.steps.push_back(
            {.at = history.start + static_cast<std::int64_t>(i) * period_length,
             .temperature_c = history.temperature_c[i],
             .wind_m_per_s = i < history.wind_m_per_s.size() ? history.wind_m_per_s[i] : std::nullopt,
             // A step's sunshine is that of the time before it, the history's that of its half-hour.
             .radiation_w_per_m2 = before < history.radiation_w_per_m2.size()
                                       ? history.radiation_w_per_m2[before]
                                       : std::nullopt});
    }
    return weather;
}

Result<double> projected_peak(const History& learnt, const History& whole, const PastDay& day) {
    Asset asset;
    asset.id = "tested";
    asset.type = AssetType::substation;
    asset.lat = 52.0;
    asset.capacity_kw = asset_kw_max;
    asset.history = learnt;
    Scenario scenario;
    scenario.place = "tested";
    scenario.start = day.date - hours{24};
    scenario.hours = 48;
    const Result<RunResult> result = run(scenario, std::span(&asset, 1), weather_of(whole, day), 0);
    if (!result) {
        return result.error();
    }
    const std::span<const float> load = result->curves.of(result->curves.load_kw, 0);
    return static_cast<double>(*std::max_element(load.begin() + day_periods, load.end()));
}

/// The past that may be learnt from to project the day.
History without(const History& history, const PastDay& day, const BacktestOptions& options) {
    History learnt = history;
    std::size_t first = 0;
    std::size_t end = learnt.load_kw.size();
    if (options.train_until) {
        const std::int64_t until = (*options.train_until - history.start) / period_length;
        first = static_cast<std::size_t>(std::max<std::int64_t>(0, until));
    } else {
        const std::size_t margin = options.margin_days * day_periods;
        first = day.first - std::min(day.first, margin);
        end = std::min(end, day.first + day_periods + margin);
    }
    for (std::size_t i = first; i < end; ++i) {
        learnt.load_kw[i].reset();
    }
    return learnt;
}

/// Mean daily peak of the learnt days in the day's season; of all learnt days when there are none.
double season_mean_peak(const std::vector<PastDay>& all, const History& learnt, const PastDay& tested) {
    std::array<double, 2> sums{};
    std::array<double, 2> counts{};
    for (const PastDay& day : all) {
        if (learnt.load_kw[day.first + day_periods / 2]) {
            const std::size_t in_season = grid::season_at(day.date) == grid::season_at(tested.date) ? 1 : 0;
            sums[in_season] += day.peak_kw;
            counts[in_season] += 1.0;
        }
    }
    return counts[1] > 0.0 ? sums[1] / counts[1] : (sums[0] + sums[1]) / std::max(1.0, counts[0] + counts[1]);
}

double error_of(double projected_kw, double actual_kw) {
    return 100.0 * std::abs(projected_kw - actual_kw) / actual_kw;
}

double mean_error(const std::vector<BacktestDay>& days, double BacktestDay::*guess,
                  std::optional<bool> is_hot) {
    double sum = 0.0;
    std::size_t count = 0;
    for (const BacktestDay& day : days) {
        if (!is_hot || day.is_hot == *is_hot) {
            sum += error_of(day.*guess, day.actual_peak_kw);
            ++count;
        }
    }
    return count == 0 ? 0.0 : sum / static_cast<double>(count);
}

}  // namespace

Result<BacktestReport> backtest(const std::string& name, const History& history,
                                const BacktestOptions& options) {
    const std::vector<PastDay> all = days_of(history);
    std::vector<PastDay> candidates;
    std::ranges::copy_if(all, std::back_inserter(candidates), [&](const PastDay& day) {
        return !options.train_until || day.date >= *options.train_until;
    });
    if (options.days == 0 || candidates.size() < 2 * options.days) {
        return Error{Errc::invalid, fmt::format("'{}' has {} days to test, fewer than 2 × {}", name,
                                                candidates.size(), options.days)};
    }
    std::ranges::stable_sort(candidates, {}, &PastDay::mean_c);
    std::vector<PastDay> tested(candidates.begin(),
                                candidates.begin() + static_cast<std::ptrdiff_t>(options.days));
    tested.insert(tested.end(), candidates.end() - static_cast<std::ptrdiff_t>(options.days),
                  candidates.end());

    BacktestReport report{.name = name, .split = {}, .days = {}};
    report.split = options.train_until
                       ? "learnt before " + format_utc(*options.train_until).substr(0, 10) + ", tested after"
                       : fmt::format("each tested day and {} days around it left out of the learning",
                                     options.margin_days);
    for (std::size_t i = 0; i < tested.size(); ++i) {
        const PastDay& day = tested[i];
        const History learnt = without(history, day, options);
        const Result<HistoryModel> can_learn = HistoryModel::fit(learnt);
        if (!can_learn) {
            return Error{Errc::invalid, "'" + name + "': " + can_learn.error().message};
        }
        const Result<double> peak = projected_peak(learnt, history, day);
        if (!peak) {
            return peak.error();
        }
        report.days.push_back({.date = day.date,
                               .is_hot = i >= options.days,
                               .mean_temperature_c = day.mean_c,
                               .actual_peak_kw = day.peak_kw,
                               .projected_peak_kw = *peak,
                               .season_mean_peak_kw = season_mean_peak(all, learnt, day)});
    }
    report.hot_error_percent = mean_error(report.days, &BacktestDay::projected_peak_kw, true);
    report.cold_error_percent = mean_error(report.days, &BacktestDay::projected_peak_kw, false);
    report.error_percent = mean_error(report.days, &BacktestDay::projected_peak_kw, {});
    report.season_mean_error_percent = mean_error(report.days, &BacktestDay::season_mean_peak_kw, {});
    return report;
}

json::Object to_json(const BacktestReport& report) {
    json::Array days;
    for (const BacktestDay& day : report.days) {
        days.push_back(json::object({{"date", format_utc(day.date).substr(0, 10)},
                                     {"kind", day.is_hot ? "hot" : "cold"},
                                     {"mean_temperature_c", day.mean_temperature_c},
                                     {"actual_peak_kw", day.actual_peak_kw},
                                     {"projected_peak_kw", day.projected_peak_kw},
                                     {"season_mean_peak_kw", day.season_mean_peak_kw}}));
    }
    return json::object({{"name", report.name},
                         {"split", report.split},
                         {"hot_error_percent", report.hot_error_percent},
                         {"cold_error_percent", report.cold_error_percent},
                         {"error_percent", report.error_percent},
                         {"season_mean_error_percent", report.season_mean_error_percent},
                         {"days", std::move(days)}});
}

}  // namespace headroom::scenario
