#include "forecast/trees.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

namespace headroom::forecast {
namespace {

// Rows that walk one tree before the next is taken: its nodes stay in the nearest cache.
constexpr std::size_t block_rows = 64;
// Rows that go down a tree in step, without a branch: the processor has work while one of them waits.
constexpr std::size_t rows_in_step = 8;

Error corrupt_node(std::size_t node, const std::string& why) {
    return Error{Errc::corrupt, "tree node " + std::to_string(node) + " " + why};
}

}  // namespace

Result<Trees> Trees::make(std::size_t features, float base, std::vector<std::int32_t> roots,
                          std::vector<Node> nodes) {
    if (!std::isfinite(base)) {
        return Error{Errc::corrupt, "the trees' base value is not finite"};
    }
    if (roots.empty() != nodes.empty() || (!roots.empty() && roots.front() != 0)) {
        return Error{Errc::corrupt, "the trees' nodes and roots do not belong together"};
    }
    for (std::size_t tree = 0; tree < roots.size(); ++tree) {
        const auto begin = static_cast<std::size_t>(roots[tree]);
        const std::size_t end =
            tree + 1 < roots.size() ? static_cast<std::size_t>(roots[tree + 1]) : nodes.size();
        if (roots[tree] < 0 || end <= begin || end > nodes.size()) {
            return Error{Errc::corrupt, "the root of tree " + std::to_string(tree) + " is out of order"};
        }
        for (std::size_t i = begin; i < end; ++i) {
            const Node& node = nodes[i];
            if (!std::isfinite(node.value)) {
                return corrupt_node(i, "holds a value that is not finite");
            }
            if (node.left < 0) {
                continue;
            }
            const auto left = static_cast<std::size_t>(node.left);
            if (left <= i || left + 1 >= end) {
                return corrupt_node(i, "leads out of its tree");
            }
            if (node.feature < 0 || static_cast<std::size_t>(node.feature) >= features) {
                return corrupt_node(
                    i, "compares column " + std::to_string(node.feature) + " of " + std::to_string(features));
            }
        }
    }
    Trees trees;
    trees.features_ = features;
    trees.base_ = base;
    std::vector<std::int32_t> depths(nodes.size(), 0);  // children stand behind their parents
    for (std::size_t tree = 0; tree < roots.size(); ++tree) {
        const std::size_t end =
            tree + 1 < roots.size() ? static_cast<std::size_t>(roots[tree + 1]) : nodes.size();
        std::int32_t deepest = 0;
        for (auto i = static_cast<std::size_t>(roots[tree]); i < end; ++i) {
            deepest = std::max(deepest, depths[i]);
            if (nodes[i].left >= 0) {
                const auto left = static_cast<std::size_t>(nodes[i].left);
                depths[left] = std::max(depths[left], depths[i] + 1);
                depths[left + 1] = std::max(depths[left + 1], depths[i] + 1);
            }
        }
        trees.depths_.push_back(deepest);
    }
    trees.roots_ = std::move(roots);
    trees.nodes_ = std::move(nodes);
    trees.flatten();
    return trees;
}

void Trees::flatten() {
    if (std::any_of(depths_.begin(), depths_.end(),
                    [](std::int32_t depth) { return depth > flat_depth_max; })) {
        return;
    }
    constexpr std::size_t readable_behind = 16;
    for (std::size_t tree = 0; tree < roots_.size(); ++tree) {
        const std::size_t leaves = std::size_t{1} << static_cast<unsigned>(depths_[tree]);
        flat_.push_back({.nodes = flat_thresholds_.size(), .leaves = flat_leaves_.size()});
        flat_thresholds_.resize(flat_thresholds_.size() + leaves - 1);
        flat_columns_.resize(flat_thresholds_.size());
        flat_leaves_.resize(flat_leaves_.size() + leaves);
        flatten(tree, flat_.back().nodes, flat_.back().leaves);
    }
    flat_thresholds_.resize(flat_thresholds_.size() + readable_behind);
    flat_columns_.resize(flat_thresholds_.size());
}

/// Level by level: `level` holds what of the tree stands in each of its places.
void Trees::flatten(std::size_t tree, std::size_t from, std::size_t leaves_from) {
    std::vector<std::int32_t> level{roots_[tree]};
    std::size_t at = from;
    for (std::int32_t depth = 0; depth < depths_[tree]; ++depth) {
        std::vector<std::int32_t> below;
        below.reserve(2 * level.size());
        for (const std::int32_t index : level) {
            const Node& node = nodes_[static_cast<std::size_t>(index)];
            const bool is_leaf = node.left < 0;
            flat_thresholds_[at] = is_leaf ? 0.0F : node.value;
            flat_columns_[at] = is_leaf ? 0 : 2 * node.feature + (node.missing_goes_left != 0 ? 1 : 0);
            ++at;
            below.push_back(is_leaf ? index : node.left);
            below.push_back(is_leaf ? index : node.left + 1);
        }
        level = std::move(below);
    }
    for (std::size_t i = 0; i < level.size(); ++i) {
        flat_leaves_[leaves_from + i] = nodes_[static_cast<std::size_t>(level[i])].value;
    }
}

FlatTree Trees::flat(std::size_t tree) const {
    return {.thresholds = flat_thresholds_.data() + flat_[tree].nodes,
            .columns = flat_columns_.data() + flat_[tree].nodes,
            .leaves = flat_leaves_.data() + flat_[tree].leaves,
            .depth = depths_[tree]};
}

float Trees::leaf(std::int32_t root, const float* row) const {
    const Node* const nodes = nodes_.data();
    const Node* node = nodes + root;
    while (node->left >= 0) {
        const float value = row[node->feature];
        const bool goes_left = std::isnan(value) ? node->missing_goes_left != 0 : value < node->value;
        node = nodes + node->left + (goes_left ? 0 : 1);
    }
    return node->value;
}

/// Adds a tree's leaves to the sums of `rows_in_step` rows. Who has arrived at a leaf stays there.
void Trees::add_leaves(std::size_t tree, const float* rows, float* sums) const {
    const Node* const nodes = nodes_.data();
    std::array<std::int32_t, rows_in_step> at;
    at.fill(roots_[tree]);
    for (std::int32_t level = 0; level < depths_[tree]; ++level) {
        for (std::size_t i = 0; i < rows_in_step; ++i) {
            const Node& node = nodes[at[i]];
            const float value = rows[i * features_ + static_cast<std::size_t>(std::max(node.feature, 0))];
            const int is_left =
                static_cast<int>(value < node.value) |
                (static_cast<int>(std::isnan(value)) & static_cast<int>(node.missing_goes_left != 0));
            const std::int32_t child = node.left + 1 - is_left;
            at[i] = node.left < 0 ? at[i] : child;
        }
    }
    for (std::size_t i = 0; i < rows_in_step; ++i) {
        sums[i] += nodes[at[i]].value;
    }
}

float Trees::predict(std::span<const float> row) const {
    HEADROOM_ASSERT(row.size() == features_ || roots_.empty());
    float sum = base_;
    for (const std::int32_t root : roots_) {
        sum += leaf(root, row.data());
    }
    return sum;
}

void Trees::predict(std::span<const float> rows, std::span<float> out) const {
    add_all(!flat_.empty() && has_avx2(), rows, out);
}

void Trees::predict_portably(std::span<const float> rows, std::span<float> out) const {
    add_all(false, rows, out);
}

void Trees::add_all(bool is_vectorised, std::span<const float> rows, std::span<float> out) const {
    HEADROOM_ASSERT(rows.size() == out.size() * features_ || roots_.empty());
    std::ranges::fill(out, base_);
    for (std::size_t begin = 0; begin < out.size(); begin += block_rows) {
        const std::size_t end = std::min(begin + block_rows, out.size());
        for (std::size_t tree = 0; tree < roots_.size(); ++tree) {
            std::size_t i = begin;
            if (is_vectorised) {
                i += add_leaves_avx2(flat(tree), rows.data() + i * features_, features_, out.data() + i,
                                     end - i);
            }
            for (; i + rows_in_step <= end; i += rows_in_step) {
                add_leaves(tree, rows.data() + i * features_, out.data() + i);
            }
            for (; i < end; ++i) {
                out[i] += leaf(roots_[tree], rows.data() + i * features_);
            }
        }
    }
}

}  // namespace headroom::forecast
