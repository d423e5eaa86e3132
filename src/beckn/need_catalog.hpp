#pragma once

#include "beckn/need_board.hpp"

#include <string_view>

namespace headroom::beckn {

/// Every need that bids are taken for at `now` (domain time), as it is discovered and published; on one
/// feeder when it is named. Without needs when there is none.
[[nodiscard]] Catalog open_needs(const NeedBoard& board, std::string_view feeder, UtcTime now);

}  // namespace headroom::beckn
