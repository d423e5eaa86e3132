#pragma once

#include "core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::contingency {

/// Why what has been learnt may not hold now.
enum class Doubt : std::uint8_t { weather, topology, residuals, several_over };
[[nodiscard]] std::string_view to_string(Doubt doubt);

struct DoubtReason {
    Doubt doubt = Doubt::weather;
    std::string detail;  ///< a sentence with the numbers
    bool operator==(const DoubtReason&) const = default;
};

/// What tells whether the system has seen such hours before. Whole numbers; what is not known is nothing, and
/// raises no doubt.
struct Conditions {
    std::optional<std::int64_t> outdoor_milli_c;     ///< expected, the furthest out in the hours ahead
    std::optional<std::int64_t> learnt_low_milli_c;  ///< the range that the models have learnt from
    std::optional<std::int64_t> learnt_high_milli_c;
    std::optional<UtcTime> network_changed_at;  ///< elements, limits or ties, last
    std::optional<UtcTime> learnt_until;        ///< what serves has learnt nothing later
    std::int64_t feeders_over_limit = 0;        ///< now
    std::int64_t feeders_over_at_once_max = 3;  ///< more is a situation of its own
    bool operator==(const Conditions&) const = default;
};

/// Doubts that hold for the whole network, in the order of `Doubt`. `residuals` are judged by element, by the
/// plan. Pure.
[[nodiscard]] std::vector<DoubtReason> doubts_of(const Conditions& conditions);

}  // namespace headroom::contingency
