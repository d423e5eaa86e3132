#include "scenario/event_weather.hpp"

#include "core/random.hpp"
#include "feeds/climatology.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <numbers>
#include <utility>

namespace headroom::scenario {
namespace {

// Peaks: a day of the July 2022 or August 2020 kind in the south east; a February 2018 or December 2010
// night; a day of July 2021's flash floods; a named storm. Seasons: the Met Office's heat-health and
// cold-health seasons and the months of most named storms. Roundings are our own.
constexpr EventFigures normal_figures{};
constexpr EventFigures heatwave_figures{.temperature_max_c = 35.0,
                                        .temperature_min_c = 19.0,
                                        .nights_build_up_k = 2.5,
                                        .clear_share = 0.9,
                                        .first_month = 5,
                                        .last_month = 9};
constexpr EventFigures cold_snap_figures{.temperature_max_c = 1.0,
                                         .temperature_min_c = -6.0,
                                         .nights_build_up_k = -2.0,
                                         .first_month = 11,
                                         .last_month = 3};
constexpr EventFigures flood_figures{
    .total_rainfall_mm = 80.0, .rainfall_max_mm_per_h = 25.0, .cloud_factor = 0.3};
constexpr EventFigures storm_figures{.total_rainfall_mm = 25.0,
                                     .rainfall_max_mm_per_h = 6.0,
                                     .wind_max_m_per_s = 26.0,
                                     .cloud_factor = 0.4,
                                     .first_month = 9,
                                     .last_month = 4};
constexpr EventFigures ev_surge_figures{.ev_factor = 1.8};

constexpr std::array<std::string_view, 12> month_names{"January",   "February", "March",    "April",
                                                       "May",       "June",     "July",     "August",
                                                       "September", "October",  "November", "December"};

unsigned month_of(UtcTime at) {
    const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(at)};
    return static_cast<unsigned>(day.month());
}

/// The base weather at half-hours, by straight lines between its steps; the climatology where there are none
/// within an hour and a half.
class BaseLine {
  public:
    BaseLine(const BaseWeather& base, double lat, double lon) : base_(base), lat_(lat), lon_(lon) {}

    void add(UtcTime at, ScenarioWeather& out) {
        while (next_ < base_.steps.size() && base_.steps[next_].at < at) {
            ++next_;
        }
        typical_ = feeds::climatology::typical_hour(lat_, lon_, at);
        out.event.temperature_c.push_back(
            value(at, &feeds::WeatherStep::temperature_c, typical_.temperature_c.value_or(10.0)));
        // A service's radiation is the mean of the hour before: the half-hour's middle lies in it.
        out.event.radiation_w_per_m2.push_back(std::max(
            0.0, value(at + minutes{45}, &feeds::WeatherStep::radiation_w_per_m2, typical_radiation(at))));
        out.event.wind_m_per_s.push_back(value(at, &feeds::WeatherStep::wind_m_per_s, 4.0));
        out.event.rain_mm.push_back(rain(at));
        out.has_climatology = out.has_climatology || missed_;
    }

  private:
    using Member = std::optional<double> feeds::WeatherStep::*;
    static constexpr milliseconds reach = minutes{90};

    [[nodiscard]] double typical_radiation(UtcTime at) const {
        return feeds::climatology::typical_hour(lat_, lon_, at + minutes{45})
            .radiation_w_per_m2.value_or(0.0);
    }

    double value(UtcTime at, Member member, double otherwise) {
        const feeds::WeatherStep* before = nullptr;
        const feeds::WeatherStep* after = nullptr;
        for (std::size_t i = next_ >= 3 ? next_ - 3 : 0; i < base_.steps.size(); ++i) {
            const feeds::WeatherStep& step = base_.steps[i];
            if (step.at > at + reach) {
                break;
            }
            if (!(step.*member).has_value() || step.at < at - reach) {
                continue;
            }
            (step.at <= at ? before : after) = &step;
            if (step.at >= at) {
                after = &step;
                break;
            }
        }
        if (before == nullptr || after == nullptr) {
            const feeds::WeatherStep* one = before != nullptr ? before : after;
            missed_ = missed_ || one == nullptr;
            return one != nullptr ? *(one->*member) : otherwise;
        }
        const double from = *(before->*member);
        const auto span = static_cast<double>((after->at - before->at).count());
        const double along = span > 0.0 ? static_cast<double>((at - before->at).count()) / span : 0.0;
        return from + (*(after->*member) - from) * along;
    }

    /// What falls in the half-hour: its share of the step that holds it.
    [[nodiscard]] double rain(UtcTime at) const {
        for (std::size_t i = next_; i < base_.steps.size() && base_.steps[i].at <= at + reach; ++i) {
            const feeds::WeatherStep& step = base_.steps[i];
            if (step.at <= at || !step.precipitation_mm) {
                continue;
            }
            const milliseconds length =
                i > 0 ? std::clamp<milliseconds>(step.at - base_.steps[i - 1].at, minutes{30}, hours{1})
                      : milliseconds{hours{1}};
            return *step.precipitation_mm * static_cast<double>(milliseconds{minutes{30}}.count()) /
                   static_cast<double>(length.count());
        }
        return 0.0;
    }

    const BaseWeather& base_;
    double lat_;
    double lon_;
    std::size_t next_ = 0;
    feeds::WeatherStep typical_;
    bool missed_ = false;
};

/// Lowest and highest of a day under the event: what a lever says; else the event's own, or the base day's
/// where that is the more extreme already.
std::pair<double, double> day_bounds(const Levers& levers, const EventFigures& figures, double base_min,
                                     double base_max) {
    const auto more_extreme = [&](std::optional<double> stated, double base) {
        return !stated                         ? base
               : figures.nights_build_up_k < 0 ? std::min(*stated, base)
                                               : std::max(*stated, base);
    };
    const double top = levers.temperature_max_c.value_or(more_extreme(figures.temperature_max_c, base_max));
    const double bottom =
        levers.temperature_min_c.value_or(more_extreme(figures.temperature_min_c, base_min));
    return levers.temperature_min_c && !levers.temperature_max_c ? std::pair(bottom, std::max(top, bottom))
                                                                 : std::pair(std::min(bottom, top), top);
}

/// Stretches each day's temperatures to what the event says, keeping where in the day they stand.
void stretch_days(const Levers& levers, const EventFigures& figures, std::vector<double>& air_c) {
    for (std::size_t first = 0; first < air_c.size(); first += day_periods) {
        const auto begin = air_c.begin() + static_cast<std::ptrdiff_t>(first);
        const auto [low, high] = std::minmax_element(begin, begin + day_periods);
        const double base_min = *low;
        const double span = std::max(*high - base_min, 0.1);
        const auto [bottom, top] = day_bounds(levers, figures, base_min, *high);
        for (std::size_t i = first; i < first + day_periods; ++i) {
            const double days_in = static_cast<double>(i) / static_cast<double>(day_periods);
            const double built = figures.nights_build_up_k * (1.0 - std::exp(-days_in / 2.0));
            const double night = std::min(bottom + built, top);
            const double phase = (air_c[i] - base_min) / span;
            air_c[i] = night + phase * (top - night) + levers.temperature_offset_k;
        }
    }
}

/// Puts the event's rain into the first day: its wettest hour somewhere in the middle, as the seed says, the
/// rest evenly around it.
void rain_down(const Scenario& scenario, const EventFigures& figures, std::uint64_t seed,
               std::vector<double>& rain_mm) {
    const Levers& levers = scenario.levers;
    const std::optional<double> total =
        levers.total_rainfall_mm ? levers.total_rainfall_mm : figures.total_rainfall_mm;
    const std::optional<double> hourly =
        levers.rainfall_max_mm_per_h ? levers.rainfall_max_mm_per_h : figures.rainfall_max_mm_per_h;
    if (!total && !hourly) {
        return;
    }
    constexpr double usual_share_of_wettest_hour = 0.3;
    const double depth_mm = total.value_or(*hourly / usual_share_of_wettest_hour);
    const auto length = std::min<std::size_t>(day_periods, static_cast<std::size_t>(scenario.hours) * 2);
    const double least_burst_mm = depth_mm * 2.0 / static_cast<double>(length);
    const double burst_mm =
        std::max(std::min(hourly.value_or(depth_mm * usual_share_of_wettest_hour), depth_mm), least_burst_mm);
    const double where = 0.35 + 0.3 * Random(seed).uniform(Random::key("rain"), 0);
    const auto at = std::min(static_cast<std::size_t>(where * static_cast<double>(length)), length - 2);
    const double rest_mm = length > 2 ? (depth_mm - burst_mm) / static_cast<double>(length - 2) : 0.0;
    std::fill_n(rain_mm.begin(), length, rest_mm);
    rain_mm[at] = rain_mm[at + 1] = burst_mm / 2.0;
}

/// Raises the wind of the first day to the event's strongest, as a gale that comes and goes.
void blow(const Scenario& scenario, const EventFigures& figures, std::vector<double>& wind) {
    const std::optional<double> strongest =
        scenario.levers.wind_max_m_per_s ? scenario.levers.wind_max_m_per_s : figures.wind_max_m_per_s;
    if (!strongest) {
        return;
    }
    const auto length = std::min<std::size_t>(day_periods, static_cast<std::size_t>(scenario.hours) * 2);
    for (std::size_t i = 0; i < length; ++i) {
        const double along = (static_cast<double>(i) + 0.5) / static_cast<double>(length);
        const double gale = *strongest * std::sin(std::numbers::pi * along);
        wind[i] = std::clamp(wind[i], gale, *strongest);
    }
    wind[length / 2] = *strongest;
}

/// Clouds of rain and gales, the open sky of a heatwave (Haurwitz 1945, as in the climatology).
void shine(const Scenario& scenario, const EventFigures& figures, double lat, double lon,
           std::vector<double>& radiation) {
    for (std::size_t i = 0; i < radiation.size(); ++i) {
        const UtcTime middle = scenario.start + static_cast<std::int64_t>(i) * period_length + minutes{15};
        const double sine = feeds::climatology::sine_of_sun_height(lat, lon, middle);
        const double clear_sky = sine > 0.0 ? 1098.0 * sine * std::exp(-0.057 / sine) : 0.0;
        radiation[i] = std::max(radiation[i] * figures.cloud_factor, clear_sky * figures.clear_share);
    }
}

std::vector<double> day_mean(const std::vector<double>& air_c) {
    std::vector<double> out(air_c.size());
    double mean = 0.0;
    for (std::size_t i = 0; i < day_periods; ++i) {
        mean += air_c[i] / static_cast<double>(day_periods);
    }
    const double share = 1.0 / static_cast<double>(day_periods);
    for (std::size_t i = 0; i < air_c.size(); ++i) {
        mean += (air_c[i] - mean) * share;
        out[i] = mean;
    }
    return out;
}

double wettest(const std::vector<double>& rain_mm, std::size_t length) {
    double sum = 0.0;
    double most = 0.0;
    for (std::size_t i = 0; i < rain_mm.size(); ++i) {
        sum += rain_mm[i] - (i >= length ? rain_mm[i - length] : 0.0);
        most = std::max(most, sum);
    }
    return most;
}

}  // namespace

const EventFigures& event_figures(Event event) {
    switch (event) {
        case Event::heatwave:
            return heatwave_figures;
        case Event::cold_snap:
            return cold_snap_figures;
        case Event::flood:
            return flood_figures;
        case Event::storm:
            return storm_figures;
        case Event::ev_surge:
            return ev_surge_figures;
        case Event::normal:
        case Event::loss_of_element:
            break;
    }
    return normal_figures;
}

bool is_out_of_season(Event event, UtcTime start) {
    const EventFigures& figures = event_figures(event);
    const unsigned month = month_of(start);
    return figures.first_month <= figures.last_month
               ? month < figures.first_month || month > figures.last_month
               : month < figures.first_month && month > figures.last_month;
}

std::string season_words(Event event) {
    const EventFigures& figures = event_figures(event);
    return "a " + std::string(to_string(event)) + " comes from " +
           std::string(month_names[figures.first_month - 1]) + " to " +
           std::string(month_names[figures.last_month - 1]);
}

std::vector<double> felt_temperature(const std::vector<double>& air_c) {
    constexpr double of_now = 0.6;
    std::vector<double> out = day_mean(air_c);
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = of_now * air_c[i] + (1.0 - of_now) * out[i];
    }
    return out;
}

ScenarioWeather impose_event(const Scenario& scenario, const BaseWeather& base, double lat, double lon,
                             std::uint64_t seed) {
    const EventFigures& figures = event_figures(scenario.event);
    const auto days = static_cast<std::size_t>((scenario.hours + 23) / 24);
    ScenarioWeather out;
    BaseLine line(base, lat, lon);
    for (std::size_t i = 0; i < days * day_periods; ++i) {
        line.add(scenario.start + static_cast<std::int64_t>(i) * period_length, out);
    }
    stretch_days(scenario.levers, figures, out.event.temperature_c);
    rain_down(scenario, figures, seed, out.event.rain_mm);
    blow(scenario, figures, out.event.wind_m_per_s);
    shine(scenario, figures, lat, lon, out.event.radiation_w_per_m2);
    out.felt_c = felt_temperature(out.event.temperature_c);
    out.day_mean_c = day_mean(out.event.temperature_c);
    out.rain_day_max_mm = wettest(out.event.rain_mm, day_periods);
    out.rain_hour_max_mm = wettest(out.event.rain_mm, 2);
    out.wind_max_m_per_s = *std::max_element(out.event.wind_m_per_s.begin(), out.event.wind_m_per_s.end());
    return out;
}

}  // namespace headroom::scenario
