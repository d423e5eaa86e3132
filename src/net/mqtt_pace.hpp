#pragma once

#include "core/time.hpp"

namespace headroom::net {

/// How long the end of a connection waits for its last bytes to leave.
inline constexpr auto goodbye_time = milliseconds{500};
/// Packets that are read in a row before anything else is looked at.
inline constexpr int packets_per_turn = 256;

}  // namespace headroom::net
