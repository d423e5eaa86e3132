#pragma once

#include "core/time.hpp"

namespace headroom::telemetry {

/// The hour of the readings that are decoded and judged.
inline const UtcTime noon = parse_utc("2026-11-20T12:00:00Z").value();

/// When batches are decoded: what is later than it has not happened yet.
inline const UtcTime now = parse_utc("2026-11-20T17:00:00Z").value();

}  // namespace headroom::telemetry
