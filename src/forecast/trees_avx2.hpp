#pragma once

#include <cstddef>
#include <cstdint>

namespace headroom::forecast {

/// A tree filled up to its depth, so that children need no index: those of node i are 2i + 1 and 2i + 2. What
/// stands below a leaf answers like it.
struct FlatTree {
    const float* thresholds = nullptr;      // 2^depth − 1 nodes, and readable eight further
    const std::int32_t* columns = nullptr;  // twice the column, plus one where a missing value goes left
    const float* leaves = nullptr;          // 2^depth
    std::int32_t depth = 0;
};
/// Deeper trees are not filled up: they would be larger than the caches.
inline constexpr std::int32_t flat_depth_max = 8;

/// Whether this processor can run `add_leaves_avx2`.
[[nodiscard]] bool has_avx2();
/// Adds the tree's leaf to each row's sum, eight rows at a time; the bits of Trees::predict. Answers how many
/// rows were done: the last seven may be left. Precondition: has_avx2().
std::size_t add_leaves_avx2(const FlatTree& tree, const float* rows, std::size_t columns, float* sums,
                            std::size_t count);

}  // namespace headroom::forecast
