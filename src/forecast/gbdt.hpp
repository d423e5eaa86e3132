#pragma once

#include "core/result.hpp"
#include "forecast/trees.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

namespace headroom::forecast {

/// How trees are grown. Names and meaning are those of the boosting library's parameters.
struct GbdtOptions {
    int rounds_max = 300;
    int depth_max = 6;
    double eta = 0.05;
    double min_child_weight = 10.0;
    double subsample = 0.8;        ///< of the rows, a tree
    double columns_by_tree = 0.6;  ///< of the columns, a tree
    double lambda = 2.0;           ///< penalty on the square of a leaf
    int bins = 256;                ///< a column is cut into at most so many steps
    int patience = 30;             ///< rounds without gain on the watched rows that end the growing
    std::uint32_t seed = 7;
};

/// Rows with what they should have answered. Shape of `rows`: targets.size() × features, one behind the
/// other.
struct GbdtRows {
    std::span<const float> rows;
    std::span<const float> targets;
    std::span<const float> weights;  ///< one a row, or empty for all alike
};

struct GbdtFit {
    Trees trees;
    int rounds = 0;            ///< trees kept
    double error_watched = 0;  ///< root mean square on the watched rows with that many; NaN without such rows
};

/// Told after every round: how many are done of `rounds_max`. Answers whether to go on.
using GbdtProgress = std::function<bool(int done, int of)>;

/// Grows trees on squared error (XGBoost 1.7, histogram method, one thread). With `watch` not empty the
/// growing ends once its error has not fallen for `patience` rounds, and the trees behind the best round are
/// cut off. The same rows, options and library give the same trees bit for bit. The trees are checked against
/// the library on rows of the training before they are handed out.
/// Errors: `invalid` for shapes that do not fit or a target that is not finite; `unsupported` when the
/// library refuses; `unavailable` when `progress` said no.
[[nodiscard]] Result<GbdtFit> grow_trees(std::size_t features, const GbdtRows& train, const GbdtRows& watch,
                                         const GbdtOptions& options, const GbdtProgress& progress = nullptr);

}  // namespace headroom::forecast
