#include "core/london_clock.hpp"

#include "core/result.hpp"

#define USE_OS_TZDB 1  // as the Debian library was built
#include <date/tz.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

namespace headroom {
namespace {

constexpr std::int64_t always_before = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t always_after = std::numeric_limits<std::int64_t>::max();
constexpr int first_year_by_rule = 2037;  // the compiled tz files list transitions only up to here
constexpr int last_year = 2201;

std::int64_t unix_seconds(std::chrono::sys_seconds instant) { return instant.time_since_epoch().count(); }

std::int64_t last_sunday_at_one(int year, std::chrono::month month) {
    const std::chrono::year_month_weekday_last day{std::chrono::year{year}, month,
                                                   std::chrono::weekday_last{std::chrono::Sunday}};
    return unix_seconds(std::chrono::sys_days{day} + std::chrono::hours{1});
}

std::vector<LondonSpan> load_spans() {
    using namespace std::chrono;
    const sys_seconds start = sys_days{year{1970} / January / 1};
    const sys_seconds by_rule = sys_days{year{first_year_by_rule} / January / 1};

    std::vector<LondonSpan> spans;
    const date::time_zone* zone = nullptr;
    try {
        zone = date::locate_zone("Europe/London");
    } catch (const std::exception&) {
        HEADROOM_ASSERT(false && "no Europe/London in the system's tz database; install the package tzdata");
    }
    for (sys_seconds at = start; at < by_rule;) {
        const date::sys_info info = zone->get_info(at);
        const sys_seconds end = std::min<sys_seconds>(info.end, by_rule);
        spans.push_back({unix_seconds(at), unix_seconds(end), info.offset.count()});
        at = end;
    }
    for (int y = first_year_by_rule; y <= last_year; ++y) {
        const std::int64_t summer = last_sunday_at_one(y, March);
        const std::int64_t winter = last_sunday_at_one(y, October);
        spans.back().end_s = summer;  // winter runs on over the new year
        spans.push_back({summer, winter, 3600});
        spans.push_back({winter, always_after, 0});
    }
    spans.front().begin_s = always_before;
    return spans;
}

}  // namespace

const LondonSpan& london_span(std::int64_t unix_s) {
    static const std::vector<LondonSpan> spans = load_spans();
    thread_local const LondonSpan* last = spans.data();
    if (unix_s < last->begin_s || unix_s >= last->end_s) {
        const auto next = std::upper_bound(spans.begin(), spans.end(), unix_s,
                                           [](std::int64_t s, const LondonSpan& span) { return s < span.begin_s; });
        last = &*std::prev(next);
    }
    return *last;
}

}  // namespace headroom
