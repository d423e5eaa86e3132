#include "app/scenario_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>

namespace headroom::app {
namespace {

constexpr std::size_t line_columns = 24;
constexpr std::size_t name_columns = 34;

std::string title_of(const scenario::Scenario& scenario) {
    const std::string name = scenario.title.empty() ? scenario.id : scenario.title;
    return fmt::format("{}: {}, {}, {} for {} h", name, scenario.place, scenario::to_string(scenario.event),
                       format_utc(scenario.start).substr(0, 16) + "Z", scenario.hours);
}

/// "13 Jul 16:30"
std::string when(UtcTime time) {
    static constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::string text = format_utc(time);
    const auto month = static_cast<std::size_t>((text[5] - '0') * 10 + text[6] - '1');
    return fmt::format("{} {} {}", text.substr(8, 2), months[month], text.substr(11, 5));
}

/// At most so many characters; those of names take one column each.
std::string fitted(const std::string& name, std::size_t columns) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const bool begins = (static_cast<unsigned char>(name[i]) & 0xC0U) != 0x80U;
        if (begins && count++ == columns) {
            return name.substr(0, i);
        }
    }
    return name + std::string(columns - std::min(columns, count), ' ');
}

std::string counts_text(const std::map<std::string, std::int64_t>& counts) {
    return fmt::format("{} critical, {} high, {} medium, {} low", counts.at("CRITICAL"), counts.at("HIGH"),
                       counts.at("MEDIUM"), counts.at("LOW"));
}

std::string weather_text(const scenario::EventWeather& weather) {
    if (weather.temperature_c.empty()) {
        return {};
    }
    const auto [low, high] = std::minmax_element(weather.temperature_c.begin(), weather.temperature_c.end());
    double rain = 0.0;
    for (const double mm : weather.rain_mm) {
        rain += mm;
    }
    return fmt::format("{:.1f} to {:.1f} °C{}", *low, *high,
                       rain >= 0.05 ? fmt::format(", {:.0f} mm of rain", rain) : std::string());
}

std::string loading_text(const std::optional<double>& percent) {
    return percent ? fmt::format("{:7.1f}", *percent) : std::string("      –");
}

std::string level_text(const std::string& level) {
    return level.empty() ? "–" : level;
}

}  // namespace

std::string loading_line(std::span<const float> load_kw, std::span<const float> rating_kw,
                         std::size_t columns) {
    static constexpr std::array<const char*, 9> marks{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    const std::size_t count = std::min(load_kw.size(), rating_kw.size());
    const std::size_t width = std::min(columns, count);
    std::string out;
    for (std::size_t column = 0; column < width; ++column) {
        double highest = 0.0;
        for (std::size_t i = column * count / width; i < (column + 1) * count / width; ++i) {
            highest = std::max(highest, rating_kw[i] > 0.0F ? std::abs(static_cast<double>(load_kw[i])) /
                                                                  static_cast<double>(rating_kw[i])
                                                            : 0.0);
        }
        const auto mark = highest > 1.0 ? 8U : static_cast<std::size_t>(std::ceil(highest * 7.0));
        out += marks[std::min<std::size_t>(mark, 8)];
    }
    return out;
}

std::string result_text(const desk::FinishedRun& run, std::size_t lines) {
    const scenario::RunResult& result = run.result;
    std::string out = title_of(result.scenario) + "\n";
    if (result.hypothetical) {
        out += "hypothetical: " + result.hypothetical_reason + "\n";
    }
    std::string sources;
    for (const std::string& source : result.data_sources) {
        sources += (sources.empty() ? "" : "; ") + source;
    }
    out += fmt::format("{} assets, {}; seed {}, {:.0f} ms\nfrom: {}\n{}\n\n", run.input.assets.size(),
                       weather_text(result.weather), result.seed, run.elapsed_ms, sources,
                       counts_text(desk::risk_counts(result)));
    std::unordered_map<std::string_view, std::size_t> where;
    for (std::size_t i = 0; i < run.input.assets.size(); ++i) {
        where.emplace(run.input.assets[i].id, i);
    }
    out += fmt::format("{:9} {} {:>9} {:>9}  {:12} {:>6}  {}\n", "level", fitted("asset", name_columns),
                       "loading %", "peak kW", "at (UTC)", "over h", "loading over time");
    for (std::size_t i = 0; i < std::min(lines, result.risks.size()); ++i) {
        const scenario::Risk& risk = result.risks[i];
        const std::size_t asset = where.at(risk.asset_id);
        out +=
            fmt::format("{:9} {} {:9.1f} {:9.0f}  {:12} {:6.1f}  {}\n", scenario::to_string(risk.risk_level),
                        fitted(run.input.assets[asset].name, name_columns), risk.loading_percent,
                        risk.projected_peak_kw, when(risk.peak_time), risk.over_hours,
                        loading_line(result.curves.of(result.curves.load_kw, asset),
                                     result.curves.of(result.curves.rating_kw, asset), line_columns));
    }
    if (result.risks.size() > lines) {
        out += fmt::format("and {} more (--lines)\n", result.risks.size() - lines);
    }
    return out;
}

std::string diff_text(const desk::ScenarioDiffAnswer& diff, const desk::FinishedRun& run,
                      const desk::FinishedRun& other, std::size_t lines) {
    std::string out =
        fmt::format("A  {}\nB  {}\n\n", title_of(run.result.scenario), title_of(other.result.scenario));
    const auto row = [&](const char* what, const std::string& a, const std::string& b) {
        out += fmt::format("{:22} {:>34} {:>34}\n", what, a, b);
    };
    row("", "A", "B");
    row("weather", weather_text(run.result.weather), weather_text(other.result.weather));
    row("risks", counts_text(diff.sums.risks), counts_text(diff.other_sums.risks));
    row("highest loading", fmt::format("{:.1f} %", diff.sums.loading_percent_max),
        fmt::format("{:.1f} %", diff.other_sums.loading_percent_max));
    row("energy over ratings", fmt::format("{:.0f} kWh", diff.sums.energy_over_kwh),
        fmt::format("{:.0f} kWh", diff.other_sums.energy_over_kwh));
    row("without supply", fmt::format("{:.0f} kWh", diff.sums.unserved_kwh),
        fmt::format("{:.0f} kWh", diff.other_sums.unserved_kwh));
    out += fmt::format("\n{} {:>7} {:>7} {:>7}  {:9} {:9}\n", fitted("asset (loading %)", name_columns), "A",
                       "B", "B-A", "A", "B");
    for (std::size_t i = 0; i < std::min(lines, diff.assets.size()); ++i) {
        const desk::ScenarioDiffLine& line = diff.assets[i];
        out +=
            fmt::format("{} {} {} {:+7.1f}  {:9} {:9}\n", fitted(line.name, name_columns),
                        loading_text(line.loading_percent), loading_text(line.other_loading_percent),
                        line.change_percent, level_text(line.risk_level), level_text(line.other_risk_level));
    }
    return out;
}

}  // namespace headroom::app
