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
constexpr int last_year = 2201;

std::int64_t unix_seconds(std::chrono::sys_seconds instant) {
    return instant.time_since_epoch().count();
}

std::int64_t last_sunday_at_one(int year, std::chrono::month month) {
    const std::chrono::year_month_weekday_last day{std::chrono::year{year}, month,
                                                   std::chrono::weekday_last{std::chrono::Sunday}};
    return unix_seconds(std::chrono::sys_days{day} + std::chrono::hours{1});
}

std::vector<LondonSpan> load_spans() {
    using namespace std::chrono;
    std::vector<LondonSpan> spans;
    const date::time_zone* zone = nullptr;
    try {
        zone = date::locate_zone("Europe/London");
    } catch (const std::exception&) {
        HEADROOM_ASSERT(false && "no Europe/London in the system's tz database; install the package tzdata");
    }
    // From 1972 the clock was turned twice a year; a longer span says that the database lists nothing
    // further.
    const sys_seconds regular = sys_days{year{1972} / January / 1};
    sys_seconds at = sys_days{year{1970} / January / 1};
    for (;;) {
        const date::sys_info info = zone->get_info(at);
        spans.push_back({unix_seconds(at), always_after, info.offset.count()});
        if (at >= regular && info.end - at > days{400}) {
            break;
        }
        spans.back().end_s = unix_seconds(info.end);
        at = info.end;
    }
    HEADROOM_ASSERT(spans.back().offset_s == 0);  // the last listed transition leads into a winter
    const int last_listed = static_cast<int>(year_month_day{floor<days>(at)}.year());
    for (int y = last_listed + 1; y <= last_year; ++y) {
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
        const auto next =
            std::upper_bound(spans.begin(), spans.end(), unix_s,
                             [](std::int64_t s, const LondonSpan& span) { return s < span.begin_s; });
        last = &*std::prev(next);
    }
    return *last;
}

}  // namespace headroom
