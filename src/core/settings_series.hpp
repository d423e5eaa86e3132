#pragma once

#include "core/settings_services.hpp"

#include <cstdint>
#include <string>

namespace headroom {

/// How long histories are kept, and how much may wait for their store.
struct SeriesSettings {
    std::int64_t minute_days = 14;
    std::int64_t half_hour_days = 800;
    std::int64_t day_days = 36'500;
    std::int64_t measurement_days = 800;
    std::int64_t minute_points = 5'000;
    std::int64_t queued_max = 4'000'000;
};

/// An InfluxDB that gets a copy of everything that is stored.
struct InfluxSettings {
    std::string url;
    std::string database = "headroom";
    std::string user;
    std::string password;
    std::string password_file;
    std::string org;
    std::string bucket;
    std::string token;
    std::string token_file;
    std::int64_t batch_lines = 5'000;
    std::int64_t queued_lines_max = 2'000'000;
};

namespace settings_detail {

constexpr FieldOptions secret() {
    return {.maximum = secret_length_max, .required = false, .secret = true};
}

}  // namespace settings_detail

template <>
struct Fields<SeriesSettings> {
    static constexpr std::string_view name = "SeriesSettings";
    static constexpr auto table = field_table(
        field("minute_days", &SeriesSettings::minute_days, "How long minutes are kept.",
              {.unit = "d", .minimum = 1, .maximum = 36'500, .required = false}),
        field("half_hour_days", &SeriesSettings::half_hour_days,
              "How long half-hours are kept; forecasts and baselines look back 16 days.",
              {.unit = "d", .minimum = 17, .maximum = 36'500, .required = false}),
        field("day_days", &SeriesSettings::day_days, "How long the extremes and means of days are kept.",
              {.unit = "d", .minimum = 17, .maximum = 36'500, .required = false}),
        field(
            "measurement_days", &SeriesSettings::measurement_days,
            "How long overloads, actions and trades are kept beside the loads; the audit log keeps them for "
            "good.",
            {.unit = "d", .minimum = 1, .maximum = 36'500, .required = false}),
        field("minute_points", &SeriesSettings::minute_points,
              "Points of which minutes are stored, feeders first; 0 stores half-hours alone.",
              {.minimum = 0, .maximum = 20'480, .required = false}),
        field(
            "queued_max", &SeriesSettings::queued_max,
            "Values that may wait while the store takes none; beyond it the oldest are dropped and counted.",
            {.minimum = 10'000, .maximum = 100'000'000, .required = false}));
};
template <>
struct Fields<InfluxSettings> {
    static constexpr std::string_view name = "InfluxSettings";
    static constexpr auto table = field_table(
        field("url", &InfluxSettings::url, "InfluxDB that gets a copy of every series; empty for none.",
              {.maximum = 2'048, .required = false, .example = "\"http://127.0.0.1:8086\""}),
        field("database", &InfluxSettings::database, "Database of an InfluxDB 1.x.",
              {.minimum = 1, .maximum = 255, .required = false}),
        field("user", &InfluxSettings::user, "Its user, where it asks for one.",
              {.maximum = 255, .required = false}),
        field("password", &InfluxSettings::password, "That user's password.", settings_detail::secret()),
        field("password_file", &InfluxSettings::password_file,
              "File that holds password, instead of the password itself.", settings_detail::secret_file()),
        field("org", &InfluxSettings::org, "Organisation of an InfluxDB 2.x.",
              {.maximum = 255, .required = false}),
        field("bucket", &InfluxSettings::bucket,
              "Bucket of an InfluxDB 2.x; when it is set, the 2.x API is spoken.",
              {.maximum = 255, .required = false}),
        field("token", &InfluxSettings::token, "Token of an InfluxDB 2.x.", settings_detail::secret()),
        field("token_file", &InfluxSettings::token_file,
              "File that holds token, instead of the token itself.", settings_detail::secret_file()),
        field("batch_lines", &InfluxSettings::batch_lines, "Lines sent in one request.",
              {.minimum = 1, .maximum = 100'000, .required = false}),
        field("queued_lines_max", &InfluxSettings::queued_lines_max,
              "Lines that may wait while it is away; beyond it the oldest are dropped and counted.",
              {.minimum = 10'000, .maximum = 50'000'000, .required = false}));
};

}  // namespace headroom
