#pragma once

#include "desk/feeders.hpp"
#include "desk/parts.hpp"

#include <string>

namespace headroom::desk {

/// `{topic:"layout", version, feeder_ids}`: what the positions in the arrays of `feeders_message` mean.
[[nodiscard]] std::string layout_message(const Parts& parts, const FeederDesk& feeders);
/// `{topic:"feeders", version, at, load_kw, limit_kw, phase, stale, expected_share, covered}`, arrays and
/// texts in the layout's order. `covered`: 0 no need is expected, 1 a need that contracts do not cover, 2 one
/// that they do.
[[nodiscard]] std::string feeders_message(const Parts& parts, FeederDesk& feeders);
/// `{topic:"header", …}` with the members of `GET /api/v1/status`.
[[nodiscard]] std::string header_message(const Parts& parts, const Mode& mode, FeederDesk& feeders);

}  // namespace headroom::desk
