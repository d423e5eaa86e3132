#include "forecast/series_panel.hpp"

#include "core/csv.hpp"
#include "core/time.hpp"
#include "forecast/series_table.hpp"
#include "forecast/slots.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <unordered_map>

namespace headroom::forecast {
namespace {

/// The most common distance between neighbouring times of one series.
std::int64_t common_step(std::span<const SeriesFile> files) {
    std::map<std::int64_t, std::size_t> steps;
    std::unordered_map<std::string, std::int64_t> last;
    for (const SeriesFile& file : files) {
        for (const SeriesRow& row : file.rows) {
            const auto [at, is_new] =
                last.try_emplace(file.names[static_cast<std::size_t>(row.series)], row.unix_s);
            if (!is_new && row.unix_s > at->second) {
                ++steps[row.unix_s - at->second];
            }
            at->second = row.unix_s;
        }
    }
    const auto most = std::ranges::max_element(steps, {}, [](const auto& entry) { return entry.second; });
    return most == steps.end() ? 0 : most->first;
}

}  // namespace

Result<SeriesFile> read_series_file(const std::filesystem::path& file) {
    SeriesFile out;
    std::unordered_map<std::string, std::int32_t> numbers;
    TableTimes times;
    std::size_t series_column = 0;
    std::size_t time_column = 0;
    std::size_t value_column = 0;
    const auto header = [&](std::span<const std::string_view> names) -> Result<void> {
        for (const auto& [name, column] :
             {std::pair<std::string_view, std::size_t*>{"series", &series_column},
              {"timestamp", &time_column},
              {"value", &value_column}}) {
            const auto found = std::ranges::find(names, name);
            if (found == names.end()) {
                return Error{Errc::invalid, "column " + std::string(name) + " is missing"};
            }
            *column = static_cast<std::size_t>(found - names.begin());
        }
        return {};
    };
    const auto row = [&](std::span<const std::string_view> fields) -> Result<void> {
        const std::string_view value_text = trim_blanks(fields[value_column]);
        if (value_text.empty()) {
            return {};
        }
        if (fields[series_column].empty()) {
            return Error{Errc::invalid, "column series is empty"};
        }
        const Result<std::int64_t> at = times.read(fields[time_column]);
        if (!at) {
            return Error{Errc::invalid, "column timestamp: " + at.error().message};
        }
        const std::optional<double> value = parse_csv_number(value_text);
        if (!value) {
            return Error{Errc::invalid,
                         "column value: \"" + std::string(value_text.substr(0, 40)) + "\" is not a number"};
        }
        const auto [number, is_new] = numbers.try_emplace(std::string(fields[series_column]),
                                                          static_cast<std::int32_t>(out.names.size()));
        if (is_new) {
            out.names.emplace_back(fields[series_column]);
        }
        out.rows.push_back({number->second, *at, *value});
        return {};
    };
    if (const Result<void> read = read_table(file, header, row); !read) {
        return read.error();
    }
    return out;
}

Result<Panel> make_panel(std::span<const SeriesFile> files) {
    Panel panel;
    panel.step_s = common_step(files);
    if (panel.step_s <= 0) {
        return Error{Errc::invalid, "no series has two readings"};
    }
    if (seconds_per_day % panel.step_s != 0) {
        return Error{Errc::invalid, "readings are " + std::to_string(panel.step_s) +
                                        " s apart, which does not divide a day"};
    }
    std::unordered_map<std::string, std::size_t> numbers;
    struct Span {
        std::int64_t first = std::numeric_limits<std::int64_t>::max();
        std::int64_t last = std::numeric_limits<std::int64_t>::min();
    };
    std::vector<Span> spans;
    const auto number_of = [&](const SeriesFile& file, const SeriesRow& row) -> std::size_t {
        return numbers.at(file.names[static_cast<std::size_t>(row.series)]);
    };
    for (const SeriesFile& file : files) {
        for (const std::string& name : file.names) {
            if (numbers.try_emplace(name, panel.series.size()).second) {
                panel.series.push_back({.name = name, .load = {}});
                spans.emplace_back();
            }
        }
        for (const SeriesRow& row : file.rows) {
            Span& span = spans[number_of(file, row)];
            const std::int64_t slot = floor_divide(row.unix_s, panel.step_s);
            span.first = std::min(span.first, slot);
            span.last = std::max(span.last, slot);
        }
    }
    for (std::size_t i = 0; i < spans.size(); ++i) {
        if (spans[i].last - spans[i].first >= slots_max) {
            return Error{Errc::invalid, "series " + panel.series[i].name + " spans more than " +
                                            std::to_string(slots_max) + " steps"};
        }
        panel.series[i].load.first = spans[i].first;
        panel.series[i].load.values.assign(static_cast<std::size_t>(spans[i].last - spans[i].first + 1),
                                           unknown_value);
    }
    for (const SeriesFile& file : files) {
        for (const SeriesRow& row : file.rows) {
            GridSeries& load = panel.series[number_of(file, row)].load;
            load.values[static_cast<std::size_t>(floor_divide(row.unix_s, panel.step_s) - load.first)] =
                row.value;
        }
    }
    return panel;
}

}  // namespace headroom::forecast
