#include "core/log.hpp"
#include "monitor/shard.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace headroom::monitor {
namespace {

/// An event whose point sends nothing more is let go so long after its window.
constexpr milliseconds silent_event_max{hours{2}};
/// An armed event begins at once when its limit is exceeded so long before its window.
constexpr milliseconds begun_early_max{hours{12}};

void count_below(std::uint16_t& below, bool is_below) {
    constexpr std::uint16_t most = std::numeric_limits<std::uint16_t>::max();
    below = is_below ? static_cast<std::uint16_t>(below + (below < most ? 1 : 0)) : std::uint16_t{0};
}

}  // namespace

RecentWatts* Shard::recent(std::uint32_t local, HotPoint& point) {
    return window_ > inline_recent ? long_recent_.at(local) : point.recent.data();
}

/// The last readings, as many as the live rule looks at; a gap breaks them off.
void Shard::remember(std::uint32_t local, HotPoint& point, std::uint32_t at_ms, std::int64_t load_w,
                     bool is_correction) {
    RecentWatts* list = recent(local, point);
    constexpr auto fresh_ms = static_cast<std::uint32_t>(risk::live_fresh_for.count());
    std::size_t count = point.recent_count;
    if (is_correction && count > 0) {
        list[count - 1].w = static_cast<std::int32_t>(load_w);
        return;
    }
    std::size_t stale = 0;
    while (stale < count && at_ms - list[stale].at_ms > fresh_ms) {
        stale += 1;
    }
    stale = std::max(stale, count == window_ ? std::size_t{1} : std::size_t{0});
    if (stale > 0) {
        std::copy(list + stale, list + count, list);
        count -= stale;
    }
    list[count] = {static_cast<std::int32_t>(load_w), at_ms};
    point.recent_count = static_cast<std::uint8_t>(count + 1);
}

/// Live: the newest reading against the limit.
void Shard::look_now(Item item, HotPoint& point, const telemetry::Reading& reading, bool is_correction) {
    const std::int64_t load_w = whole_watts(reading.value);
    remember(item.local, point, static_cast<std::uint32_t>(reading.interval_start.time_since_epoch().count()),
             load_w, is_correction);
    if (point.has(has_import_limit)) {
        count_below(point.below, load_w < point.clear_w);
        if (load_w > point.limit_w) {
            over_limit(item, limited_of(item.local, grid::Direction::import_), point);
        }
    }
    if (point.has(has_cold_limit)) {
        look_now_export(item, point, load_w);
    }
}

void Shard::look_now_export(Item item, HotPoint& point, std::int64_t load_w) {
    const std::uint32_t index = limited_of(item.local, grid::Direction::export_);
    if (index == none || limits_[index].limit_w == 0) {
        return;
    }
    Limited& limited = limits_[index];
    count_below(limited.below, -load_w < limited.clear_w);
    if (-load_w > limited.limit_w) {
        over_limit(item, index, point);
    }
}

void Shard::over_limit(Item item, std::uint32_t index, HotPoint& point) {
    Limited& limited = limits_[index];
    if (limited.has_open) {
        for (const OpenEvent& open : open_[index]) {
            // An event whose window is not over deals with it; one that is armed for later is told to begin.
            // What lies farther ahead is another day's trouble and says nothing of now.
            if (context_.now < open.end && open.start - context_.now <= begun_early_max) {
                if (context_.now < open.start) {
                    found.breached.push_back({item.position, open.event});
                }
                return;
            }
        }
    }
    if (limited.is_candidate) {
        return;
    }
    risk::RiskInput input = question(limited);
    const RecentWatts* list = recent(item.local, point);
    // Times are kept modulo 2^32 ms; none is older than an hour.
    const RecentWatts& newest = list[point.recent_count - 1];
    for (std::size_t i = 0; i < point.recent_count; ++i) {
        const milliseconds before{newest.at_ms - list[i].at_ms};
        input.recent.push_back({UtcTime{milliseconds{point.newest_start}} - before, list[i].w});
    }
    ask(item.position, index, std::move(input));
}

risk::RiskInput Shard::question(const Limited& limited) const {
    risk::RiskInput input;
    input.limit = context_.network->limits()[limited.chosen];
    input.feeder = input.limit.asset;
    input.limit_w = limited.limit_w;
    input.now = context_.now;
    input.rules = context_.options.rules;
    const HotPoint& point = hot(limited.local);
    if (point.readings > 0) {
        input.source = context_.registry->source(point.source);
    }
    const auto index = static_cast<std::size_t>(&limited - limits_.data());
    input.forecast_start = UtcTime{};
    if (limited.forecast_start != features::no_period) {
        input.forecast_start = features::period_start(limited.forecast_start);
        for (std::int32_t period = limited.forecast_start;; ++period) {
            const auto row = forecasts_.at(index, period);
            if (!row) {
                break;
            }
            input.forecast_w.emplace_back(row->begin(), row->end());
        }
    }
    return input;
}

void Shard::ask(std::uint32_t position, std::uint32_t index, risk::RiskInput input) {
    Result<std::optional<risk::Overload>> overload = risk::assess(input);
    if (!overload) {
        log::error("a limit could not be judged",
                   {{"limit", input.limit.key()}, {"error", overload.error().message}});
        return;
    }
    if (!*overload) {
        return;
    }
    limits_[index].is_candidate = true;
    found.candidates.push_back(
        {position,
         {.shard = index_,
          .limited = index,
          .raised = {.overload = std::move(**overload),
                     .input = std::move(input),
                     .forecast_method = std::string(forecast::to_string(limits_[index].method)),
                     .forecast_model = limits_[index].method == forecast::Method::ensemble && context_.live
                                           ? context_.live->id()
                                           : std::string()}}});
}

const std::vector<OpenEvent>* Shard::open_of(std::uint32_t limited) const {
    const auto found_open = open_.find(limited);
    return found_open == open_.end() ? nullptr : &found_open->second;
}

void Shard::add_open(std::uint32_t limited, OpenEvent event) {
    std::vector<OpenEvent>& list = open_[limited];
    limits_[limited].has_open = true;
    const auto known = std::find_if(list.begin(), list.end(),
                                    [&](const OpenEvent& one) { return one.event == event.event; });
    if (known == list.end()) {
        list.push_back(std::move(event));
    } else {
        *known = std::move(event);
    }
}

/// A window that has passed is over once the load has stayed under the clear level.
void Shard::end_windows() {
    for (auto list = open_.begin(); list != open_.end();) {
        Limited& limited = limits_[list->first];
        const std::uint16_t below = limited.is_export ? limited.below : hot(limited.local).below;
        std::erase_if(list->second, [&](const OpenEvent& open) {
            const bool is_waited_for = limited.limit_w > 0 && below < context_.options.rules.clear_readings &&
                                       context_.now < open.end + silent_event_max;
            if (context_.now < open.end || is_waited_for) {
                return false;
            }
            found.cleared.push_back({limited.order, open.event});
            return true;
        });
        limited.has_open = !list->second.empty();
        list = limited.has_open ? std::next(list) : open_.erase(list);
    }
}

}  // namespace headroom::monitor
