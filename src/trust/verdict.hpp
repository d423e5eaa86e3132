#pragma once

#include "core/time.hpp"
#include "telemetry/reading.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace headroom::trust {

enum class Doubt : std::uint8_t { none, range, stuck, spike, gap, duplicate, conflict, late, sign, balance };
inline constexpr std::size_t doubt_count = 10;
[[nodiscard]] std::string_view to_string(Doubt doubt);

/// What we think of a reading or of a point's recent data. A distrusted reading never triggers a dispatch
/// alone and never enters lags or training.
struct Verdict {
    telemetry::PointRef point = telemetry::no_point;
    UtcTime at{};
    Doubt doubt = Doubt::none;
    bool usable = true;  ///< may enter features and risk
    std::string detail;  ///< a sentence with the numbers; empty for `none`
};

}  // namespace headroom::trust
