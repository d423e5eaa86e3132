#include "core/csv.hpp"
#include "core/small_letters.hpp"
#include "forecast/series_panel.hpp"
#include "forecast/series_table.hpp"
#include "forecast/slots.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

namespace headroom::forecast {
namespace {

constexpr std::int64_t hold_s_max = 3 * 3600;

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

/// series_name.csv.gz → series_name
std::string stem_of(const std::filesystem::path& file) {
    std::string name = file.filename().string();
    for (const std::string_view end : {".gz", ".csv"}) {
        if (name.ends_with(end)) {
            name.resize(name.size() - end.size());
        }
    }
    return name;
}

/// A table's values, by column and series (−1: for all), by time.
struct Points {
    std::map<std::string, std::map<int, std::map<std::int64_t, double>>> by_column;
};

Result<void> read_points(const std::filesystem::path& file, const Panel& panel, Points& points) {
    int series = -1;
    std::map<std::string, int, std::less<>> names;
    for (std::size_t i = 0; i < panel.series.size(); ++i) {
        names[panel.series[i].name] = static_cast<int>(i);
    }
    if (const auto own = names.find(stem_of(file)); own != names.end()) {
        series = own->second;
    }
    std::optional<std::size_t> time_column;
    std::optional<std::size_t> series_column;
    std::vector<std::string> columns;
    TableTimes times;
    const auto header = [&](std::span<const std::string_view> fields) -> Result<void> {
        for (std::size_t i = 0; i < fields.size(); ++i) {
            columns.emplace_back(trim_blanks(fields[i]));
            const std::string name = small_letters(columns.back());
            if (!time_column && (has(name, "time") || has(name, "date"))) {
                time_column = i;
            } else if (name == "series") {
                series_column = i;
            }
        }
        return time_column ? Result<void>()
                           : Error{Errc::invalid, "no column of times (its name contains time or date)"};
    };
    const auto row = [&](std::span<const std::string_view> fields) -> Result<void> {
        const Result<std::int64_t> at = times.read(fields[*time_column]);
        if (!at) {
            return Error{Errc::invalid, "column " + columns[*time_column] + ": " + at.error().message};
        }
        int of = series;
        if (series_column) {
            const auto found = names.find(fields[*series_column]);
            if (found == names.end()) {
                return {};  // of a point that is not forecast here
            }
            of = found->second;
        }
        for (std::size_t i = 0; i < fields.size(); ++i) {
            const std::string_view text = trim_blanks(fields[i]);
            if (i == *time_column || i == series_column || text.empty()) {
                continue;
            }
            const std::optional<double> value = parse_csv_number(text);
            if (!value) {
                return Error{Errc::invalid, "column " + columns[i] + ": \"" +
                                                std::string(text.substr(0, 40)) + "\" is not a number"};
            }
            points.by_column[columns[i]][of][*at] = *value;
        }
        return {};
    };
    return read_table(file, header, row);
}

bool never_changes(const std::map<int, std::map<std::int64_t, double>>& by_series) {
    return std::ranges::all_of(by_series, [](const auto& entry) {
        return std::ranges::all_of(entry.second, [&entry](const auto& point) {
            return point.second == entry.second.begin()->second;
        });
    });
}

GridSeries on_grid(const std::map<std::int64_t, double>& points, std::int64_t step_s, bool is_drawn) {
    GridSeries grid;
    if (points.empty()) {
        return grid;
    }
    grid.first = floor_divide(points.begin()->first, step_s);
    const std::int64_t end = floor_divide(points.rbegin()->first, step_s) + 1;
    if (end - grid.first > slots_max) {
        return grid;
    }
    grid.values.assign(static_cast<std::size_t>(end - grid.first), unknown_value);
    for (std::size_t i = 0; i < grid.values.size(); ++i) {
        const std::int64_t at = (grid.first + static_cast<std::int64_t>(i)) * step_s;
        const auto after = points.lower_bound(at);
        if (after != points.end() && after->first < at + step_s && (is_drawn || after->first == at)) {
            grid.values[i] = after->second;
            continue;
        }
        if (after == points.begin()) {
            continue;
        }
        const auto before = std::prev(after);
        if (is_drawn && after != points.end() && after->first - before->first <= hold_s_max) {
            const double share =
                static_cast<double>(at - before->first) / static_cast<double>(after->first - before->first);
            grid.values[i] = before->second + share * (after->second - before->second);
        } else if (!is_drawn && at - before->first <= hold_s_max / 3) {
            grid.values[i] = before->second;
        }
    }
    return grid;
}

/// Whether a column is the series' own load under another name.
bool repeats_load(const std::map<std::int64_t, double>& points, const GridSeries& load, std::int64_t step_s) {
    std::size_t both = 0;
    std::size_t same = 0;
    for (const auto& [at, value] : points) {
        const double known = load.at(floor_divide(at, step_s));
        if (!std::isnan(known)) {
            ++both;
            same += std::abs(known - value) <= 1e-6 * (1.0 + std::abs(known)) ? 1U : 0U;
        }
    }
    return both > 0 && same * 10 > both * 9;
}

}  // namespace

Family guess_family(std::string_view column) {
    const std::string name = small_letters(column);
    if (name.starts_with("temp")) {
        return Family::temperature;
    }
    if (has(name, "radiation") || has(name, "irradiance") || has(name, "ghi") ||
        name.starts_with("solar_loc") || name == "solar") {
        return Family::radiation;
    }
    return has(name, "windspeed") || has(name, "wind_speed") ? Family::wind : Family::other;
}

Knowledge guess_knowledge(std::string_view column) {
    const std::string name = small_letters(column);
    if (name == "apx" || has(name, "price")) {
        return Knowledge::day_ahead;
    }
    for (const std::string_view metered : {"_mw", "_kw", "_wm2", "panel", "load", "demand", "power"}) {
        if (has(name, metered)) {
            return Knowledge::measured;
        }
    }
    for (const std::string_view forecast :
         {"temp", "radiation", "ghi", "solar_loc", "wind", "cloud", "pressure", "humid", "rain", "precip",
          "snow", "clearsky", "mxld", "sjv", "profile", "forecast", "dew"}) {
        if (has(name, forecast)) {
            return Knowledge::ahead;
        }
    }
    return Knowledge::measured;
}

Result<std::vector<Covariate>> read_covariates(std::span<const std::filesystem::path> files,
                                               const Panel& panel, const CovariateChoice& choice) {
    Points points;
    for (const std::filesystem::path& file : files) {
        if (const Result<void> read = read_points(file, panel, points); !read) {
            return read.error();
        }
    }
    for (const std::vector<std::string>* names : {&choice.ahead, &choice.measured}) {
        for (const std::string& name : *names) {
            if (!points.by_column.contains(name)) {
                return Error{Errc::invalid, "no covariate column is named " + name};
            }
        }
    }
    std::vector<Covariate> out;
    for (const auto& [name, by_series] : points.by_column) {
        if (never_changes(by_series)) {
            continue;
        }
        Covariate covariate{.name = name,
                            .knowledge = guess_knowledge(name),
                            .family = guess_family(name),
                            .by_series = std::vector<GridSeries>(panel.series.size())};
        if (std::ranges::find(choice.ahead, name) != choice.ahead.end()) {
            covariate.knowledge = Knowledge::ahead;
        } else if (std::ranges::find(choice.measured, name) != choice.measured.end()) {
            covariate.knowledge = Knowledge::measured;
        }
        std::size_t served = 0;
        for (std::size_t i = 0; i < panel.series.size(); ++i) {
            auto found = by_series.find(static_cast<int>(i));
            found = found == by_series.end() ? by_series.find(-1) : found;
            if (found != by_series.end() &&
                !repeats_load(found->second, panel.series[i].load, panel.step_s)) {
                covariate.by_series[i] =
                    on_grid(found->second, panel.step_s, covariate.knowledge == Knowledge::ahead);
                ++served;
            }
        }
        if (served > 0) {
            out.push_back(std::move(covariate));
        }
    }
    return out;
}

}  // namespace headroom::forecast
