#pragma once

#include "core/units.hpp"

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>

namespace headroom::desk {

/// Decided and settled amounts as the doors show them.
[[nodiscard]] inline double kw_of(std::int64_t watts) {
    return static_cast<double>(watts) / 1000.0;
}
[[nodiscard]] inline double kw_of(Watts power) {
    return kw_of(power.value);
}
[[nodiscard]] inline double kwh_of(std::int64_t watt_hours) {
    return static_cast<double>(watt_hours) / 1000.0;
}
[[nodiscard]] inline double gbp_of(std::int64_t micro_pounds) {
    return static_cast<double>(micro_pounds) / 1e6;
}
/// To the nearest watt.
[[nodiscard]] inline double rounded_kw(double kw) {
    return std::round(kw * 1000.0) / 1000.0;
}
/// A measured value to the nearest watt; nothing when it is not known.
[[nodiscard]] inline std::optional<double> known_kw(double kw) {
    return std::isfinite(kw) ? std::optional(rounded_kw(kw)) : std::nullopt;
}
/// "12.34": money of a statement, never a binary float.
[[nodiscard]] inline std::string gbp_text_of_pence(std::int64_t pence) {
    const std::uint64_t size = static_cast<std::uint64_t>(pence < 0 ? -pence : pence);
    const std::string rest = std::to_string(size % 100);
    return (pence < 0 ? "-" : "") + std::to_string(size / 100) + "." + (rest.size() < 2 ? "0" : "") + rest;
}
/// "12.345678": micro-pounds.
[[nodiscard]] inline std::string gbp_text_of_micro(std::int64_t micro) {
    const std::uint64_t size = static_cast<std::uint64_t>(micro < 0 ? -micro : micro);
    const std::string rest = std::to_string(size % 1'000'000);
    return (micro < 0 ? "-" : "") + std::to_string(size / 1'000'000) + "." +
           std::string(6 - rest.size(), '0') + rest;
}

}  // namespace headroom::desk
