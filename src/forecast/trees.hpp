#pragma once

#include "core/result.hpp"
#include "forecast/trees_avx2.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace headroom::forecast {

/// Boosted regression trees, flattened for reading: the sum of one leaf a tree and a base value.
///
/// Answers what the library that trained them answers, bit for bit: the same comparisons in single precision,
/// the leaves added in the order of the trees. A value that is not a number takes each node's default
/// direction. Immutable once made; callable from any thread.
class Trees {
  public:
    /// A node of a tree. The right child stands behind the left one.
    struct Node {
        float value = 0.0F;         ///< of a split: the row goes left when below it; of a leaf: what it adds
        std::int32_t left = -1;     ///< index of the left child in `nodes`; −1 at a leaf
        std::int32_t feature = -1;  ///< column of the row that is compared; −1 at a leaf
        std::int32_t missing_goes_left = 0;  ///< 1 or 0
        bool operator==(const Node&) const = default;
    };

    /// No tree at all: every row is answered with zero.
    Trees() = default;
    /// Takes trees that were read from outside. `roots` are indices into `nodes`, ascending from 0; a tree's
    /// nodes stand between its root and the next, children behind their parents.
    /// Errors: `corrupt` naming the node that leads out of its tree, compares a column that a row of
    /// `features` does not have, or holds a value that is not finite.
    [[nodiscard]] static Result<Trees> make(std::size_t features, float base, std::vector<std::int32_t> roots,
                                            std::vector<Node> nodes);

    /// The sum for one row. Precondition: as many columns as `features()`.
    [[nodiscard]] float predict(std::span<const float> row) const;
    /// The sums of many rows, standing one behind the other; the same bits as row by row, in less time.
    /// Precondition: rows.size() = out.size() × features().
    void predict(std::span<const float> rows, std::span<float> out) const;
    /// The same without what only some processors can do, for tests and benches.
    void predict_portably(std::span<const float> rows, std::span<float> out) const;

    [[nodiscard]] std::size_t features() const { return features_; }
    [[nodiscard]] float base() const { return base_; }
    [[nodiscard]] const std::vector<std::int32_t>& roots() const { return roots_; }
    [[nodiscard]] const std::vector<Node>& nodes() const { return nodes_; }

  private:
    [[nodiscard]] float leaf(std::int32_t root, const float* row) const;
    void add_leaves(std::size_t tree, const float* rows, float* sums) const;
    void add_all(bool is_vectorised, std::span<const float> rows, std::span<float> out) const;
    void flatten();
    void flatten(std::size_t tree, std::size_t from, std::size_t leaves_from);
    [[nodiscard]] FlatTree flat(std::size_t tree) const;

    std::size_t features_ = 0;
    float base_ = 0.0F;
    std::vector<std::int32_t> roots_;
    std::vector<std::int32_t> depths_;  // by tree: splits on the longest way to a leaf
    std::vector<Node> nodes_;

    // The same trees filled up to their depth, where none is too deep for that.
    struct FlatPlace {
        std::size_t nodes = 0;
        std::size_t leaves = 0;
    };
    std::vector<FlatPlace> flat_;
    std::vector<float> flat_thresholds_;
    std::vector<std::int32_t> flat_columns_;
    std::vector<float> flat_leaves_;
};

}  // namespace headroom::forecast
