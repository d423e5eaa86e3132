#pragma once

#include <cstddef>

namespace headroom::flex {

// How much stands beside a plan: other ways to buy, and DERs that would stand in.

/// Distinct purchases that are set side by side, where there are so many.
inline constexpr std::size_t purchases_least = 3;
/// DERs that are named to stand in for one that fails.
inline constexpr std::size_t stand_ins_most = 5;

}  // namespace headroom::flex
