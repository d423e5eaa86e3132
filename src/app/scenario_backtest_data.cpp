#include "app/scenario_backtest_data.hpp"

#include "forecast/series_table.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <span>
#include <string_view>

namespace headroom::app {
namespace {

constexpr std::int64_t half_hour_s = 1800;
constexpr double kw_per_mw = 1000.0;

std::optional<double> finite_number(std::string_view text) {
    double value = 0.0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    return fault == std::errc{} && end == text.data() + text.size() && std::isfinite(value)
               ? std::optional(value)
               : std::nullopt;
}

/// Sums of what fell into each half-hour.
struct Means {
    std::map<std::int64_t, std::pair<double, int>> sums;
    void add(std::int64_t half_hour, double value) {
        auto& [sum, count] = sums[half_hour];
        sum += value;
        ++count;
    }
    [[nodiscard]] std::optional<double> at(std::int64_t half_hour) const {
        const auto found = sums.find(half_hour);
        return found == sums.end() ? std::nullopt : std::optional(found->second.first / found->second.second);
    }
};

/// Reads a table and gives each row's time (in half-hours) and its numbers, by the heading's columns.
class Columns {
  public:
    using Take = std::function<void(std::int64_t unix_s, const std::vector<std::optional<double>>& values)>;

    static Result<void> read(const std::filesystem::path& file, const std::vector<std::string>& names,
                             const Take& take) {
        std::vector<std::size_t> places;
        forecast::TableTimes times;
        std::vector<std::optional<double>> values(names.size());
        const auto header = [&](std::span<const std::string_view> fields) -> Result<void> {
            for (const std::string& name : names) {
                const auto found = std::ranges::find(fields, std::string_view(name));
                if (found == fields.end()) {
                    return Error{Errc::invalid, "there is no column '" + name + "'"};
                }
                places.push_back(static_cast<std::size_t>(found - fields.begin()));
            }
            return {};
        };
        const auto row = [&](std::span<const std::string_view> fields) -> Result<void> {
            const Result<std::int64_t> at = times.read(fields[0]);
            if (!at) {
                return at.error();
            }
            for (std::size_t i = 0; i < places.size(); ++i) {
                values[i] = finite_number(fields[places[i]]);
            }
            take(*at, values);
            return {};
        };
        return forecast::read_table(file, header, row);
    }
};

scenario::History history_of(const Means& load, const Means& temperature, const Means& radiation,
                             const Means& wind, std::string source) {
    scenario::History history;
    history.source = std::move(source);
    if (load.sums.empty()) {
        return history;
    }
    const std::int64_t first = load.sums.begin()->first;
    const std::int64_t last = load.sums.rbegin()->first;
    history.start = UtcTime{seconds{first * half_hour_s}};
    for (std::int64_t at = first; at <= last; ++at) {
        history.load_kw.push_back(load.at(at));
        history.temperature_c.push_back(temperature.at(at));
        if (!wind.sums.empty()) {
            history.wind_m_per_s.push_back(wind.at(at));
        }
        std::optional<double> sun = radiation.at(at);
        history.radiation_w_per_m2.push_back(sun ? std::optional(std::clamp(*sun, 0.0, 1500.0)) : sun);
    }
    return history;
}

/// Values at full hours go on in straight lines to the half-hours.
void bridge_hours(Means& hourly) {
    Means out = hourly;
    for (auto it = hourly.sums.begin(); it != hourly.sums.end(); ++it) {
        const auto next = std::next(it);
        if (next != hourly.sums.end() && next->first == it->first + 2) {
            out.add(it->first + 1,
                    0.5 * (it->second.first / it->second.second + next->second.first / next->second.second));
        }
    }
    hourly = std::move(out);
}

Result<BacktestCase> read_stentaway(const std::filesystem::path& folder) {
    Means load;
    Means temperature;
    Means radiation;
    if (const Result<void> read = Columns::read(folder / "demand_pv.csv.gz", {"demand_mw"},
                                                [&](std::int64_t unix_s, const auto& values) {
                                                    if (values[0]) {
                                                        load.add(unix_s / half_hour_s,
                                                                 *values[0] * kw_per_mw);
                                                    }
                                                });
        !read) {
        return read.error();
    }
    std::vector<std::string> names;
    for (const char* kind : {"temp_location", "solar_location"}) {
        for (int point = 1; point <= 6; ++point) {
            names.push_back(kind + std::to_string(point));
        }
    }
    if (const Result<void> read =
            Columns::read(folder / "weather.csv.gz", names,
                          [&](std::int64_t unix_s, const auto& values) {
                              for (std::size_t i = 0; i < values.size(); ++i) {
                                  if (values[i]) {
                                      (i < 6 ? temperature : radiation).add(unix_s / half_hour_s, *values[i]);
                                  }
                              }
                          });
        !read) {
        return read.error();
    }
    bridge_hours(temperature);
    bridge_hours(radiation);
    using namespace std::chrono;
    return BacktestCase{
        "stentaway", history_of(load, temperature, radiation, {}, "WPD / NGED open data, reanalysis weather"),
        UtcTime{sys_days{2019y / January / 1}}};
}

Result<BacktestCase> read_nl_feeder(const std::filesystem::path& file) {
    Means load;
    Means temperature;
    Means radiation;
    Means wind;
    constexpr double seconds_an_hour = 3600.0;
    if (const Result<void> read = Columns::read(file, {"load", "temp", "radiation", "windspeed"},
                                                [&](std::int64_t unix_s, const auto& values) {
                                                    const std::int64_t half_hour = unix_s / half_hour_s;
                                                    if (values[0]) {
                                                        load.add(half_hour, *values[0] * kw_per_mw);
                                                    }
                                                    if (values[1]) {
                                                        temperature.add(half_hour, *values[1]);
                                                    }
                                                    if (values[2]) {
                                                        radiation.add(half_hour,
                                                                      *values[2] / seconds_an_hour);
                                                    }
                                                    if (values[3]) {
                                                        wind.add(half_hour, *values[3]);
                                                    }
                                                });
        !read) {
        return read.error();
    }
    using namespace std::chrono;
    std::string name = file.filename().string();
    name = "nl_feeders " + name.substr(0, name.find('.'));
    return BacktestCase{name,
                        history_of(load, temperature, radiation, wind, "Alliander, OpenSTEF example data"),
                        UtcTime{sys_days{2021y / January / 1}}};
}

}  // namespace

Result<std::vector<BacktestCase>> read_backtest_cases(const std::filesystem::path& dir) {
    std::vector<BacktestCase> cases;
    std::vector<std::filesystem::path> feeders;
    std::error_code fault;
    for (const auto& entry : std::filesystem::directory_iterator(dir / "nl_feeders", fault)) {
        if (entry.path().filename().string().starts_with("pid_")) {
            feeders.push_back(entry.path());
        }
    }
    std::ranges::sort(feeders);
    if (std::filesystem::exists(dir / "stentaway" / "demand_pv.csv.gz", fault)) {
        Result<BacktestCase> read = read_stentaway(dir / "stentaway");
        if (!read) {
            return read.error();
        }
        cases.push_back(std::move(*read));
    }
    for (const std::filesystem::path& file : feeders) {
        Result<BacktestCase> read = read_nl_feeder(file);
        if (!read) {
            return read.error();
        }
        cases.push_back(std::move(*read));
    }
    if (cases.empty()) {
        return Error{Errc::not_found, dir.string() + " holds neither stentaway/demand_pv.csv.gz nor " +
                                          "nl_feeders/pid_*.csv.gz"};
    }
    return cases;
}

}  // namespace headroom::app
