#include "telemetry/reading.hpp"

#include <algorithm>
#include <array>

namespace headroom::telemetry {
namespace {

constexpr std::array<std::string_view, 3> qualities{"measured", "estimated", "substituted"};
constexpr std::array<std::string_view, quarantine_reasons> reasons{
    "unknown_point", "not_finite", "out_of_range", "no_zone",    "bad_time",
    "future",        "too_late",   "malformed",    "bad_quality"};

}  // namespace

std::string_view to_string(Quality quality) {
    return qualities[static_cast<std::size_t>(quality)];
}

std::optional<Quality> parse_quality(std::string_view text) {
    const auto found = std::find(qualities.begin(), qualities.end(), text);
    return found == qualities.end() ? std::nullopt
                                    : std::optional(static_cast<Quality>(found - qualities.begin()));
}

std::string_view to_string(Quarantine reason) {
    return reasons[static_cast<std::size_t>(reason)];
}

}  // namespace headroom::telemetry
