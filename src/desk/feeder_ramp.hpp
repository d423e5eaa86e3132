#pragma once

#include "desk/series.hpp"

namespace headroom::desk {

/// How fast a point's load will change, told from its newest streaming row by the model that was learnt from
/// readings as far apart; with the reason where there is no such model, or the newest reading is doubted or
/// too old.
[[nodiscard]] RampAnswer ramp_of(const Parts& parts, telemetry::PointRef point);

}  // namespace headroom::desk
