#include "forecast/explain.hpp"

#include "core/random.hpp"
#include "forecast/gbdt.hpp"
#include "unit/forecast/hourly_panel.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <numbers>

namespace headroom::forecast {
namespace {

double sum(std::span<const double> values) {
    double out = 0.0;
    for (const double value : values) {
        out += value;
    }
    return out;
}

/// Columns 0 and 1 both needed for 6, column 0 alone gives 1: by hand, Shapley values 3.5 and 2.5.
TEST(AddTreeContributions, AreShapleyValues) {
    using Node = Trees::Node;
    const std::vector<Node> nodes{Node{.value = 0.5F, .left = 1, .feature = 0}, Node{.value = 0.0F},
                                  Node{.value = 0.5F, .left = 3, .feature = 1}, Node{.value = 1.0F},
                                  Node{.value = 6.0F}};
    const Trees trees = *Trees::make(2, 0.0F, {0}, nodes);
    std::array<double, 2> out{};
    add_tree_contributions(trees, std::array{1.0F, 1.0F}, std::array{0.0F, 0.0F}, 1.0, out);
    EXPECT_DOUBLE_EQ(out[0], 3.5);
    EXPECT_DOUBLE_EQ(out[1], 2.5);
}

TEST(AddTreeContributions, SumToTheDifferenceAlsoWhereSomethingIsUnknown) {
    const Random random(3);
    std::vector<float> rows;
    std::vector<float> targets;
    for (std::uint64_t i = 0; i < 600; ++i) {
        for (std::uint64_t c = 0; c < 5; ++c) {
            rows.push_back(random.uniform(i, 9, c) < 0.1 ? std::numeric_limits<float>::quiet_NaN()
                                                         : static_cast<float>(random.normal(i, c)));
        }
        targets.push_back(static_cast<float>(random.normal(i, 7)));
    }
    const Trees trees = grow_trees(5, {.rows = rows, .targets = targets, .weights = {}}, {},
                                   {.rounds_max = 20, .depth_max = 5, .min_child_weight = 1.0})
                            ->trees;
    const std::span<const float> reference = std::span(rows).first(5);
    for (std::size_t i = 1; i < 50; ++i) {
        const std::span<const float> row = std::span(rows).subspan(5 * i, 5);
        std::array<double, 5> out{};
        add_tree_contributions(trees, row, reference, 2.0, out);
        EXPECT_NEAR(sum(out), 2.0 * static_cast<double>(trees.predict(row) - trees.predict(reference)), 1e-4);
    }
}

const Ensemble& explained_ensemble() {
    static const Ensemble ensemble = [] {
        TrainEnsembleOptions options;
        options.learn.trees = {.rounds_max = 10, .depth_max = 3, .eta = 0.3, .bins = 32};
        options.learn.width_trees = {.rounds_max = 5, .depth_max = 2, .eta = 0.3, .bins = 32};
        options.learn.own_rows_min = 200;
        options.leads_s = {3600, 24 * 3600};
        return *train_ensemble(hourly_panel(30), {}, options, nullptr);
    }();
    return ensemble;
}

TEST(Explain, SumsToTheMedianThatIsServed) {
    const Panel panel = hourly_panel(29);
    const std::int64_t newest_s = (panel.series[0].load.end() - 1) * 3600;
    for (const std::int64_t hours : {1, 7, 24}) {
        const Result<Explanation> why =
            explain(explained_ensemble(), panel, {}, "F1", newest_s + hours * 3600);
        ASSERT_TRUE(why.has_value()) << why.error().message;
        const auto served = forecast_ensemble(explained_ensemble(), panel, {}, hours * 3600);
        EXPECT_EQ(why->median, served->at(1).steps.back().load[3]);
        double total = why->base + why->usual + why->correction + why->rounding;
        for (const Explanation::Contribution& part : why->contributions) {
            total += part.load;
        }
        EXPECT_NEAR(total, why->median, 1e-9 * std::abs(why->median));
        EXPECT_NEAR(why->rounding, 0.0, 1e-4);
        double weights = 0.0;
        double change = 0.0;
        for (const Explanation::Part& part : why->parts) {
            weights += part.weight;
            change += part.weight * part.change;
        }
        EXPECT_NEAR(weights, 1.0, 1e-12);
        EXPECT_NEAR(why->base + change + why->correction, why->median, 1e-9 * std::abs(why->median));
        EXPECT_EQ(why->parts.size(), member_count);
    }
}

TEST(Explain, SaysWhatCannotBeExplained) {
    const Panel panel = hourly_panel(29);
    const std::int64_t newest_s = (panel.series[0].load.end() - 1) * 3600;
    EXPECT_EQ(explain(explained_ensemble(), panel, {}, "F9", newest_s + 3600).error().code, Errc::not_found);
    EXPECT_EQ(explain(explained_ensemble(), panel, {}, "F0", newest_s).error().code, Errc::invalid);
    EXPECT_EQ(explain(explained_ensemble(), panel, {}, "F0", newest_s + 49 * 3600).error().code,
              Errc::invalid);
}

}  // namespace
}  // namespace headroom::forecast
