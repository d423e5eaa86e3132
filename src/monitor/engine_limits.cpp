#include "core/log.hpp"
#include "monitor/engine.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>
#include <utility>

namespace headroom::monitor {
namespace {

using features::period_index;

/// An event whose point sends nothing more is let go so long after its window.
constexpr milliseconds silent_event_max{hours{2}};
/// The forecasts of one interval are spread over so many ticks.
constexpr std::size_t tick_batches = 5;

std::int64_t watts(double kw) {
    return std::llround(kw * 1000.0);
}

/// The seasons of ratings: winter December to February, summer May to August. Source: ENA EREC P27.
grid::Season season_of(UtcTime now) {
    const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(now)};
    const auto month = static_cast<unsigned>(date.month());
    if (month == 12 || month <= 2) {
        return grid::Season::winter;
    }
    return month >= 5 && month <= 8 ? grid::Season::summer : grid::Season::spring_autumn;
}

}  // namespace

void Monitor::Engine::add_limits() {
    grow();
    std::map<std::pair<std::string, grid::Direction>, std::size_t> groups;
    for (const grid::Limit& limit : network_.limits()) {
        // Amperes and volts come with their own readings, later; an emergency limit is for people to use.
        if (limit.quantity != grid::Quantity::p_kw || limit.kind == grid::LimitKind::emergency) {
            continue;
        }
        const telemetry::PointRef point = registry_.intern({limit.asset, limit.quantity, limit.phase});
        grow();
        std::int32_t& index = points_[point].limits[static_cast<std::size_t>(limit.direction)];
        if (index == no_limit) {
            const auto [group, is_new] = groups.try_emplace({limit.asset, limit.direction}, groups_.size());
            if (is_new) {
                groups_.emplace_back();
            }
            index = static_cast<std::int32_t>(limits_.size());
            groups_[group->second].push_back(limits_.size());
            Limited& limited = limits_.emplace_back();
            limited.point = point;
            limited.group = group->second;
            limited.is_export = limit.direction == grid::Direction::export_;
            limited.recent.reserve(static_cast<std::size_t>(options_.rules.live_window) + 1);
        }
        limits_[static_cast<std::size_t>(index)].candidates.push_back(&limit);
    }
}

/// Of several limits of one point and direction the tightest of the season binds.
void Monitor::Engine::choose_limits(UtcTime now) {
    const grid::Season season = season_of(now);
    if (season_ == season) {
        return;
    }
    season_ = season;
    for (Limited& limited : limits_) {
        const grid::Limit* tightest = nullptr;
        for (const grid::Limit* candidate : limited.candidates) {
            const bool applies = candidate->season == grid::Season::all || candidate->season == season;
            if (applies && (tightest == nullptr || candidate->value < tightest->value)) {
                tightest = candidate;
            }
        }
        limited.limit_w = tightest == nullptr ? 0 : watts(tightest->value);
        if (tightest != nullptr) {
            limited.limit = *tightest;
            limited.clear_w = multiply_divide_half_even(limited.limit_w, options_.rules.clear_ppm, 1'000'000);
        }
    }
}

double Monitor::Engine::limit_kw(const Point& point) const {
    double kw = 0.0;
    for (const std::int32_t index : point.limits) {
        if (index != no_limit) {
            const Limited& limited = limits_[static_cast<std::size_t>(index)];
            kw = std::max(kw, limited.limit_w > 0 ? limited.limit.value : 0.0);
        }
    }
    return kw;
}

void Monitor::Engine::train(UtcTime now) {
    std::vector<std::vector<float>> memory;
    std::vector<features::HalfHours> histories;
    memory.reserve(limits_.size());
    for (const Limited& limited : limits_) {
        // A point with limits in both directions is learnt from once.
        if (points_[limited.point].limits[0] == no_limit ||
            &limits_[static_cast<std::size_t>(points_[limited.point].limits[0])] == &limited) {
            histories.push_back(
                features::straight(half_hours_[limited.point], period_index(now), memory.emplace_back()));
        }
    }
    if (auto model = forecast::train(histories, {.now = now})) {
        model_ = std::move(model);
    }
    for (Limited& limited : limits_) {
        limited.forecast_due = UtcTime::min();
    }
}

void Monitor::Engine::tick(UtcTime now) {
    choose_limits(now);
    const std::int64_t current = period_index(now);
    if (closed_ < current || any_dirty_) {
        close_periods(current);
    }
    for (std::size_t i = 0; i < limits_.size(); ++i) {
        Limited& limited = limits_[i];
        end_windows(limited, now);
        if (now < limited.forecast_due || limited.limit_w == 0) {
            continue;
        }
        // Spread over the interval, so that no tick carries all; the phases of a feeder stay together.
        const milliseconds offset = options_.forecast_every *
                                    static_cast<std::int64_t>(limited.group % tick_batches) /
                                    static_cast<std::int64_t>(tick_batches);
        limited.forecast_due = now + options_.forecast_every -
                               (limited.forecast_due == UtcTime::min() ? offset : milliseconds{0});
        look_ahead(i, now);
    }
    raise_candidates();
}

/// Live: the newest reading against the limit.
void Monitor::Engine::look_now(std::size_t index, const telemetry::Reading& reading, UtcTime now) {
    Limited& limited = limits_[index];
    if (limited.limit_w == 0) {
        return;
    }
    const std::int64_t load_w = watts(reading.value);
    if (!limited.recent.empty() &&
        limited.recent.front().at + risk::live_fresh_for < reading.interval_start) {
        std::erase_if(limited.recent, [&](const risk::RecentLoad& load) {
            return load.at + risk::live_fresh_for < reading.interval_start;  // a gap: not "in a row"
        });
    }
    if (std::cmp_greater_equal(limited.recent.size(), options_.rules.live_window)) {
        limited.recent.erase(limited.recent.begin());
    }
    limited.recent.push_back({reading.interval_start, load_w});
    const std::int64_t directed_w = limited.is_export ? -load_w : load_w;
    limited.below = directed_w < limited.clear_w ? limited.below + 1 : 0;
    if (directed_w <= limited.limit_w) {
        return;
    }
    for (const OpenEvent& open : limited.open) {
        // An event whose window is not over deals with it; one that is armed for later is told to begin.
        if (now < open.end) {
            if (now < open.start &&
                std::find(breached_.begin(), breached_.end(), open.event) == breached_.end()) {
                breached_.push_back(open.event);
            }
            return;
        }
    }
    if (limited.is_candidate) {
        return;
    }
    risk::RiskInput input = question(limited, now);
    input.recent = limited.recent;
    ask(index, std::move(input));
}

/// Ahead: the forecast against the limit.
void Monitor::Engine::look_ahead(std::size_t index, UtcTime now) {
    Limited& limited = limits_[index];
    const std::int64_t periods =
        std::clamp<std::int64_t>(options_.rules.forecast_horizon_periods + 1, 1, forecast::periods_max);
    if (ahead_.origin != period_index(now) || std::cmp_not_equal(ahead_.calendar.size(), periods)) {
        ahead_ = forecast::look_ahead(floor_period(now), periods);
    }
    forecast::forecast_load(model_ ? &*model_ : nullptr, ahead_,
                            features::straight(half_hours_[limited.point], ahead_.origin, scratch_),
                            limited.point, limited.forecast);
    const bool is_export = limited.limit.direction == grid::Direction::export_;
    const bool is_over =
        std::any_of(limited.forecast.load_w.begin(), limited.forecast.load_w.end(), [&](const auto& row) {
            return (is_export ? -row[forecast::quantile_count - 1 - alarm_] : row[alarm_]) > limited.limit_w;
        });
    if (!is_over || limited.is_candidate) {
        return;
    }
    risk::RiskInput input = question(limited, now);
    // What an open event covers is not asked about again, so that a later window behind it is seen.
    for (const OpenEvent& open : limited.open) {
        while (!input.forecast_w.empty() && input.forecast_start < open.end &&
               open.start <= input.forecast_start) {
            input.forecast_w.erase(input.forecast_w.begin());
            input.forecast_start += period_length;
        }
    }
    ask(index, std::move(input));
}

risk::RiskInput Monitor::Engine::question(const Limited& limited, UtcTime now) const {
    risk::RiskInput input;
    input.feeder = limited.limit.asset;
    input.limit = limited.limit;
    input.limit_w = limited.limit_w;
    input.now = now;
    input.rules = options_.rules;
    if (points_[limited.point].readings > 0) {
        input.source = registry_.source(points_[limited.point].source);
    }
    input.forecast_start = limited.forecast.start;
    for (const auto& row : limited.forecast.load_w) {
        input.forecast_w.emplace_back(row.begin(), row.end());
    }
    return input;
}

void Monitor::Engine::ask(std::size_t index, risk::RiskInput input) {
    const Limited& limited = limits_[index];
    Result<std::optional<risk::Overload>> overload = risk::assess(input);
    if (!overload) {
        log::error("a limit could not be judged",
                   {{"limit", limited.limit.key()}, {"error", overload.error().message}});
        return;
    }
    if (!*overload) {
        return;
    }
    limits_[index].is_candidate = true;
    candidates_.push_back(
        {.raised = {.overload = std::move(**overload),
                    .input = std::move(input),
                    .forecast_method = std::string(forecast::to_string(limited.forecast.method))},
         .limited = index});
}

/// Whether an open event of this limit has a window that overlaps or touches: windows that touch are one
/// trouble, which the open event watches and grows with.
bool Monitor::Engine::is_covered(const Limited& limited, UtcTime start, UtcTime end) const {
    return std::any_of(limited.open.begin(), limited.open.end(),
                       [&](const OpenEvent& open) { return start <= open.end && open.start <= end; });
}

/// Whether what the sum of the phases shows is dealt with on its phases already: loading is that of the worst
/// phase, and buying for the sum again would buy twice. Only where the sum may carry all its phases may.
bool Monitor::Engine::is_told_by_a_phase(const Limited& limited, UtcTime start, UtcTime end) const {
    if (limited.limit.phase != grid::Phase::sum) {
        return false;
    }
    std::int64_t phases_w = 0;
    bool is_open = false;
    for (const std::size_t other : groups_[limited.group]) {
        const Limited& phase = limits_[other];
        if (phase.limit_w > 0 && phase.limit.phase != grid::Phase::sum) {
            phases_w += phase.limit_w;
            is_open = is_open || is_covered(phase, start, end);
        }
    }
    return is_open && limited.limit_w >= phases_w - phases_w / 1000;
}

/// Events for what was found in this batch; the phases before the sum, which they may speak for.
void Monitor::Engine::raise_candidates() {
    for (const bool sums : {false, true}) {
        for (Candidate& candidate : candidates_) {
            const risk::Overload& overload = candidate.raised.overload;
            Limited& limited = limits_[candidate.limited];
            if ((overload.limit.phase == grid::Phase::sum) != sums ||
                is_covered(limited, overload.start, overload.end) ||
                is_told_by_a_phase(limited, overload.start, overload.end)) {
                continue;
            }
            limited.open.push_back({overload.event, overload.start, overload.end});
            raised_.push_back(std::move(candidate.raised));
        }
    }
    for (const Candidate& candidate : candidates_) {
        limits_[candidate.limited].is_candidate = false;
    }
    candidates_.clear();
}

/// A window that has passed is over once the load has stayed under the clear level.
void Monitor::Engine::end_windows(Limited& limited, UtcTime now) {
    std::erase_if(limited.open, [&](const OpenEvent& open) {
        if (now < open.end ||
            (limited.below < options_.rules.clear_readings && now < open.end + silent_event_max)) {
            return false;
        }
        cleared_.push_back(open.event);
        return true;
    });
}

void Monitor::Engine::adopt_open(const EventId& event, const grid::Limit& limit, UtcTime start, UtcTime end) {
    const telemetry::PointRef point = registry_.find(limit.asset, limit.quantity, limit.phase);
    if (point == telemetry::no_point || point >= points_.size()) {
        return;
    }
    const std::int32_t index = points_[point].limits[static_cast<std::size_t>(limit.direction)];
    if (index == no_limit) {
        return;
    }
    std::vector<OpenEvent>& open = limits_[static_cast<std::size_t>(index)].open;
    const auto known =
        std::find_if(open.begin(), open.end(), [&](const OpenEvent& one) { return one.event == event; });
    if (known == open.end()) {
        open.push_back({event, start, end});
    } else {
        known->start = start;
        known->end = end;
    }
}

std::vector<RaisedOverload> Monitor::Engine::take_overloads() {
    const auto is_worse = [](const risk::Overload& a, const risk::Overload& b) {
        return std::tuple(static_cast<double>(a.peak_load.value) * b.limit.value, b.limit.phase, b.start) >
               std::tuple(static_cast<double>(b.peak_load.value) * a.limit.value, a.limit.phase, a.start);
    };
    std::stable_sort(raised_.begin(), raised_.end(), [&](const RaisedOverload& a, const RaisedOverload& b) {
        return a.overload.feeder == b.overload.feeder ? is_worse(a.overload, b.overload)
                                                      : a.overload.feeder < b.overload.feeder;
    });
    return std::exchange(raised_, {});
}
std::vector<EventId> Monitor::Engine::take_cleared() {
    return std::exchange(cleared_, {});
}
std::vector<EventId> Monitor::Engine::take_breached() {
    return std::exchange(breached_, {});
}
std::vector<trust::Verdict> Monitor::Engine::take_verdicts() {
    return std::exchange(verdicts_, {});
}
std::vector<store::SeriesBlock> Monitor::Engine::take_rollups() {
    return std::exchange(rollups_, {});
}

const forecast::LoadForecast* Monitor::Engine::forecast_of(telemetry::PointRef ref) const {
    if (ref >= points_.size()) {
        return nullptr;
    }
    for (const std::int32_t index : points_[ref].limits) {
        if (index != no_limit) {
            const forecast::LoadForecast& found = limits_[static_cast<std::size_t>(index)].forecast;
            return found.point == telemetry::no_point ? nullptr : &found;
        }
    }
    return nullptr;
}

}  // namespace headroom::monitor
