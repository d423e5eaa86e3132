#include "forecast/explain.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace headroom::forecast {
namespace {

constexpr std::size_t path_max = 32;

/// One tree, walked along every leaf that some mixture of row and reference reaches.
class TreeWalk {
  public:
    TreeWalk(const Trees& trees, std::span<const float> row, std::span<const float> reference, double times,
             std::span<double> out)
        : trees_(trees), row_(row), reference_(reference), times_(times), out_(out) {}

    void walk(std::size_t at) {
        const Trees::Node& node = trees_.nodes()[at];
        if (node.left < 0) {
            share(static_cast<double>(node.value));
            return;
        }
        const auto feature = static_cast<std::size_t>(node.feature);
        const std::size_t of_row = child(node, row_[feature]);
        const std::size_t of_reference = child(node, reference_[feature]);
        if (of_row == of_reference) {
            walk(of_row);
            return;
        }
        // A column that was taken from one side further up stays with it.
        if (const auto known =
                std::ranges::find(path_.begin(), path_.begin() + length(), feature, &Step::feature);
            known != path_.begin() + length()) {
            walk(known->is_row ? of_row : of_reference);
            return;
        }
        HEADROOM_ASSERT(size_ < path_max);
        for (const bool is_row : {true, false}) {
            path_[size_++] = {feature, is_row};
            walk(is_row ? of_row : of_reference);
            --size_;
        }
    }

  private:
    struct Step {
        std::size_t feature = 0;
        bool is_row = false;
    };
    [[nodiscard]] std::ptrdiff_t length() const { return static_cast<std::ptrdiff_t>(size_); }
    static std::size_t child(const Trees::Node& node, float value) {
        const bool goes_left = std::isnan(value) ? node.missing_goes_left != 0 : value < node.value;
        return static_cast<std::size_t>(node.left + (goes_left ? 0 : 1));
    }
    /// A leaf that needs p columns of the row and q of the reference: each of the p gains (p−1)! q! / (p+q)!
    /// of it, each of the q loses p! (q−1)! / (p+q)!.
    void share(double leaf) {
        std::size_t of_row = 0;
        for (std::size_t i = 0; i < size_; ++i) {
            of_row += path_[i].is_row ? 1U : 0U;
        }
        double choose = 1.0;  // (p+q)! / (p! q!)
        for (std::size_t i = 1; i <= of_row; ++i) {
            choose *= static_cast<double>(size_ - of_row + i) / static_cast<double>(i);
        }
        for (std::size_t i = 0; i < size_; ++i) {
            const auto p = static_cast<double>(of_row);
            const auto q = static_cast<double>(size_ - of_row);
            out_[path_[i].feature] += times_ * leaf * (path_[i].is_row ? 1.0 / p : -1.0 / q) / choose;
        }
    }

    const Trees& trees_;
    std::span<const float> row_;
    std::span<const float> reference_;
    double times_;
    std::span<double> out_;
    std::array<Step, path_max> path_{};
    std::size_t size_ = 0;
};

}  // namespace

void add_tree_contributions(const Trees& trees, std::span<const float> row, std::span<const float> reference,
                            double times, std::span<double> out) {
    TreeWalk walk(trees, row, reference, times, out);
    for (const std::int32_t root : trees.roots()) {
        walk.walk(static_cast<std::size_t>(root));
    }
}

void add_linear_contributions(const LinearTerms& terms, const LinearModel& model, std::span<const float> row,
                              std::span<const float> reference, double times, std::span<double> out) {
    if (model.weights.empty()) {
        return;
    }
    const std::vector<ColumnKind>& kinds = terms.kinds();
    const auto hour = static_cast<std::size_t>(std::ranges::find(kinds, ColumnKind::hour) - kinds.begin());
    // Term by term, with the columns of one side and the hour of either.
    const auto expanded = [&](std::span<const float> columns, std::span<const float> clock) {
        std::vector<float> mixed(columns.begin(), columns.end());
        if (hour < mixed.size()) {
            mixed[hour] = clock[hour];
        }
        std::vector<double> all(terms.size());
        terms.expand(mixed, all);
        return all;
    };
    const std::vector<double> both = expanded(row, row);
    const std::vector<double> none = expanded(reference, reference);
    const std::vector<double> column_only = expanded(row, reference);
    const std::vector<double> hour_only = expanded(reference, row);
    std::size_t term = 0;
    for (std::size_t c = 0; c < kinds.size(); ++c) {
        for (const std::size_t end = term + terms_of(kinds[c]); term < end; ++term) {
            const double weight = times * model.weights[term];
            if (c == hour) {
                out[c] += weight * (both[term] - none[term]);
                continue;
            }
            out[c] += 0.5 * weight * (column_only[term] - none[term] + both[term] - hour_only[term]);
            if (hour < kinds.size()) {
                out[hour] += 0.5 * weight * (hour_only[term] - none[term] + both[term] - column_only[term]);
            }
        }
    }
}

}  // namespace headroom::forecast
