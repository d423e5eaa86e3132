#pragma once

#include "core/reflect_json.hpp"

#include <cstdint>

namespace headroom {

/// How the state of all points is kept and worked on, on this machine.
struct MonitorSettings {
    std::int64_t shards = 0;
    std::int64_t horizons_per_refresh = 0;
    std::int64_t half_hours = 768;
};

template <>
struct Fields<MonitorSettings> {
    static constexpr std::string_view name = "MonitorSettings";
    static constexpr auto table = field_table(
        field(
            "shards", &MonitorSettings::shards,
            "Threads that watch the points, each its own part of them; 0 is one less than the processors, at "
            "least one. What is found is the same for any number.",
            {.minimum = 0, .maximum = 63, .required = false}),
        field(
            "horizons_per_refresh", &MonitorSettings::horizons_per_refresh,
            "Horizons of a forecast made anew at a refresh; 0 is all of them, for up to some ten thousand "
            "points. With 1, forecasts 1, 2, 4, 8 and 13 half-hours ahead are at most 10, 20, 40, 80 and 80 "
            "minutes old.",
            {.minimum = 0, .maximum = 7, .required = false}),
        field(
            "half_hours", &MonitorSettings::half_hours,
            "Half-hourly means kept of every point: 768 are sixteen days in 3 KiB. Where memory is short, 96 "
            "are two days and 54 the day before; the load of a week ago is then unknown.",
            {.minimum = 54, .maximum = 4'096, .required = false}));
};

}  // namespace headroom
