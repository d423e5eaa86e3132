#pragma once

#include "core/time.hpp"

namespace headroom::risk {

/// The instant from which the questions of this room are asked.
inline const UtcTime noon = parse_utc("2026-11-20T12:00:00Z").value();

}  // namespace headroom::risk
