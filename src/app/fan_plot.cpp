#include "app/fan_plot.hpp"

#include "core/time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace headroom::app {
namespace {

constexpr std::size_t columns_max = 96;
constexpr int plot_lines = 14;

/// 20 17:30
std::string short_time(std::int64_t unix_s) {
    const std::string text = format_utc(UtcTime{std::chrono::seconds{unix_s}});
    return text.substr(8, 2) + " " + text.substr(11, 5);
}

}  // namespace

std::string fan_plot(const forecast::EnsembleForecast& forecast) {
    std::string out = forecast.series + ", from " + short_time(forecast.origin_s) + " UTC\n";
    if (forecast.steps.empty()) {
        return out + "  nothing to show: " + forecast.reason + "\n";
    }
    const std::size_t every = (forecast.steps.size() + columns_max - 1) / columns_max;
    double low = forecast.steps.front().load.front();
    double high = low;
    for (const auto& step : forecast.steps) {
        low = std::min(low, step.load.front());
        high = std::max(high, step.load.back());
    }
    const double unit = high > low ? (high - low) / (plot_lines - 1) : 1.0;
    const auto line_of = [&](double load) { return static_cast<int>(std::lround((load - low) / unit)); };
    for (int line = plot_lines - 1; line >= 0; --line) {
        out += fmt::format("{:>9.4g} ", low + unit * line);
        for (std::size_t i = 0; i < forecast.steps.size(); i += every) {
            const forecast::QuantileValues& load = forecast.steps[i].load;
            if (line == line_of(load[3])) {
                out += "●";
            } else if (line >= line_of(load[2]) && line <= line_of(load[4])) {
                out += "▓";
            } else {
                out += line >= line_of(load.front()) && line <= line_of(load.back()) ? "░" : " ";
            }
        }
        out += "\n";
    }
    const std::size_t columns = (forecast.steps.size() + every - 1) / every;
    const std::string first = short_time(forecast.steps.front().target_s);
    const std::string last = short_time(forecast.steps.back().target_s);
    const std::size_t gap = columns > first.size() + last.size() ? columns - first.size() - last.size() : 1;
    return out + std::string(10, ' ') + first + std::string(gap, ' ') + last + "\n";
}

}  // namespace headroom::app
