#pragma once

#include "core/settings_services.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace headroom {

/// Whose clock and holidays the load lives by.
enum class ForecastRegion { gb, nl };
[[nodiscard]] constexpr std::string_view to_string(ForecastRegion region) {
    return region == ForecastRegion::nl ? "nl" : "gb";
}

/// The learnt forecasts of the control room.
struct ForecastSettings {
    std::string model;
    bool train = true;
    std::int64_t retrain_hour = 2;
    std::int64_t history_days = 120;
    std::int64_t train_points_max = 400;
    ForecastRegion region = ForecastRegion::gb;
};

template <>
struct EnumValues<ForecastRegion> {
    static constexpr std::array all{ForecastRegion::gb, ForecastRegion::nl};
};

template <>
struct Fields<ForecastSettings> {
    using T = ForecastSettings;
    static constexpr std::string_view name = "ForecastSettings";
    static constexpr auto table = field_table(
        field("model", &T::model,
              "Model file (headroom train) that serves from the start; empty takes the champion of the data "
              "directory.",
              {.maximum = 4'096, .required = false, .example = "\"feeders.model\""}),
        field("train", &T::train,
              "Models are learnt anew at night, and at the first start once there is enough history; one "
              "serves only when it wins on days it has not seen.",
              {.required = false}),
        field("retrain_hour", &T::retrain_hour, "Local hour at which a night's learning begins.",
              {.unit = "h", .minimum = 0, .maximum = 23, .required = false}),
        field("history_days", &T::history_days, "So far back it looks.",
              {.unit = "d", .minimum = 30, .maximum = 800, .required = false}),
        field("train_points_max", &T::train_points_max,
              "Points with a limit that are learnt from, evenly chosen; all others are served too.",
              {.minimum = 1, .maximum = 10'000, .required = false}),
        field("region", &T::region, "Whose clock and holidays the load lives by: gb or nl.",
              {.required = false}));
};

}  // namespace headroom
