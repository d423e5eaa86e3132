#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace headroom::trust {

/// What an incident is about: decides what is done with the readings and what an operator is told.
enum class IncidentKind : std::uint8_t {
    tampering,           ///< a meter says other than what flows, since some moment
    commissioning,       ///< a meter was connected or set up wrongly, from the start
    masking,             ///< readings too low against forecast and neighbours when the limit is near
    baseline_inflation,  ///< more import than usual in the hours that a baseline is made from
    flat_delivery,       ///< a delivery too even, or too exact, to be measured
    communication,       ///< repeated or missing readings: the way, not the meter
};
inline constexpr std::size_t incident_kinds = 6;

[[nodiscard]] constexpr std::string_view to_string(IncidentKind kind) {
    constexpr std::array<std::string_view, incident_kinds> words{
        "tampering", "commissioning", "masking", "baseline_inflation", "flat_delivery", "communication"};
    return words[static_cast<std::size_t>(kind)];
}

[[nodiscard]] constexpr std::optional<IncidentKind> parse_incident_kind(std::string_view text) {
    for (std::size_t i = 0; i < incident_kinds; ++i) {
        if (to_string(static_cast<IncidentKind>(i)) == text) {
            return static_cast<IncidentKind>(i);
        }
    }
    return std::nullopt;
}

}  // namespace headroom::trust
