#pragma once

#include "core/time.hpp"

namespace headroom::monitor {

/// When the monitors of these tests begin.
inline const UtcTime noon = parse_utc("2026-11-20T12:00:00Z").value();

}  // namespace headroom::monitor
