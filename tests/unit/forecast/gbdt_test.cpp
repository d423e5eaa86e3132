#include "forecast/gbdt.hpp"

#include "core/random.hpp"
#include "unit/forecast/periods.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

namespace headroom::forecast {
namespace {

constexpr std::size_t column_count = 12;

struct Sample {
    std::vector<float> rows;
    std::vector<float> targets;
    [[nodiscard]] GbdtRows view() const { return {.rows = rows, .targets = targets, .weights = {}}; }
};

/// A surface with steps, slopes and an interaction; one value in ten is missing.
Sample make_sample(std::size_t count, std::uint64_t seed) {
    const Random random(seed);
    Sample sample;
    for (std::size_t i = 0; i < count; ++i) {
        std::vector<float> row(column_count);
        for (std::size_t c = 0; c < column_count; ++c) {
            const double value = 4.0 * random.normal(i, c);
            row[c] = random.uniform(i, c, 1) < 0.1 ? unknown : static_cast<float>(value);
        }
        const auto at = [&](std::size_t c) { return std::isnan(row[c]) ? 0.5 : static_cast<double>(row[c]); };
        const double target =
            at(0) + (at(1) > 0.0 ? 3.0 : -1.0) * at(2) + 0.2 * at(3) * at(4) + 0.1 * random.normal(i, 99);
        sample.rows.insert(sample.rows.end(), row.begin(), row.end());
        sample.targets.push_back(static_cast<float>(target));
    }
    return sample;
}

double mean_square(const Trees& trees, const Sample& sample) {
    double sum = 0.0;
    for (std::size_t i = 0; i < sample.targets.size(); ++i) {
        const float answer = trees.predict(std::span(sample.rows).subspan(i * column_count, column_count));
        sum += std::pow(static_cast<double>(answer - sample.targets[i]), 2);
    }
    return sum / static_cast<double>(sample.targets.size());
}

TEST(GrowTrees, LearnsWhatHoldsOnRowsItHasNotSeen) {
    const Sample train = make_sample(2000, 1);
    const Sample unseen = make_sample(1000, 2);
    const auto fit = grow_trees(column_count, train.view(), {}, {.rounds_max = 80, .eta = 0.2});

    ASSERT_TRUE(fit.has_value()) << fit.error().message;
    EXPECT_EQ(fit->rounds, 80);
    EXPECT_LT(mean_square(fit->trees, unseen), 0.25 * mean_square(Trees{}, unseen));
}

// `grow_trees` itself refuses trees that answer otherwise than the library does, on rows with and without
// missing values; here the same trees meet rows at the very thresholds.
TEST(GrowTrees, BlocksAnswerBitForBitWhatSingleRowsAnswer) {
    const Sample train = make_sample(1000, 3);
    const auto fit = grow_trees(column_count, train.view(), {}, {.rounds_max = 40, .eta = 0.2});
    ASSERT_TRUE(fit.has_value()) << fit.error().message;

    Sample rows = make_sample(500, 4);
    for (const Trees::Node& node : fit->trees.nodes()) {
        if (node.left >= 0 && rows.rows.size() < 3000 * column_count) {
            std::vector<float> row(column_count, unknown);
            row[static_cast<std::size_t>(node.feature)] = node.value;
            rows.rows.insert(rows.rows.end(), row.begin(), row.end());
            row[static_cast<std::size_t>(node.feature)] =
                std::nextafter(node.value, -std::numeric_limits<float>::infinity());
            rows.rows.insert(rows.rows.end(), row.begin(), row.end());
        }
    }
    rows.rows.insert(rows.rows.end(), column_count, unknown);
    std::vector<float> block(rows.rows.size() / column_count);
    std::vector<float> portable(block.size());
    fit->trees.predict(rows.rows, block);
    fit->trees.predict_portably(rows.rows, portable);
    for (std::size_t i = 0; i < block.size(); ++i) {
        const float single = fit->trees.predict(std::span(rows.rows).subspan(i * column_count, column_count));
        EXPECT_EQ(std::bit_cast<std::uint32_t>(single), std::bit_cast<std::uint32_t>(block[i]));
        EXPECT_EQ(std::bit_cast<std::uint32_t>(single), std::bit_cast<std::uint32_t>(portable[i]));
    }
}

TEST(GrowTrees, SameRowsAndSeedGiveTheSameTrees) {
    const Sample train = make_sample(1500, 5);
    const GbdtOptions options{.rounds_max = 30, .seed = 11};
    const auto one = grow_trees(column_count, train.view(), {}, options);
    const auto other = grow_trees(column_count, train.view(), {}, options);
    GbdtOptions reseeded = options;
    reseeded.seed = 12;
    const auto third = grow_trees(column_count, train.view(), {}, reseeded);

    ASSERT_TRUE(one && other && third);
    EXPECT_EQ(one->trees.nodes(), other->trees.nodes());
    EXPECT_NE(one->trees.nodes(), third->trees.nodes());
}

TEST(GrowTrees, StopsOnceTheWatchedRowsNoLongerGain) {
    const Sample train = make_sample(200, 6);
    const Sample watch = make_sample(400, 7);
    const auto fit = grow_trees(column_count, train.view(), watch.view(),
                                {.rounds_max = 2000, .eta = 0.3, .min_child_weight = 1.0, .patience = 10});

    ASSERT_TRUE(fit.has_value()) << fit.error().message;
    EXPECT_LT(fit->rounds, 2000);
    EXPECT_EQ(fit->trees.roots().size(), static_cast<std::size_t>(fit->rounds));
    EXPECT_NEAR(fit->error_watched, std::sqrt(mean_square(fit->trees, watch)), 1e-3);
}

TEST(GrowTrees, RefusesWhatItCannotLearnFrom) {
    Sample sample = make_sample(10, 8);
    EXPECT_EQ(grow_trees(column_count + 1, sample.view(), {}, {}).error().code, Errc::invalid);
    sample.targets[3] = unknown;
    const auto fit = grow_trees(column_count, sample.view(), {}, {});
    ASSERT_FALSE(fit.has_value());
    EXPECT_EQ(fit.error().message, "a target of the trained rows is not finite");
}

TEST(GrowTrees, EndsWhenToldTo) {
    const Sample train = make_sample(300, 9);
    const auto fit = grow_trees(column_count, train.view(), {}, {.rounds_max = 50},
                                [](int done, int) { return done < 5; });
    ASSERT_FALSE(fit.has_value());
    EXPECT_EQ(fit.error().code, Errc::unavailable);
}

TEST(MakeTrees, OfAnyDepthAnswerAlikeInBlocksAndRowByRow) {
    // A lone leaf, then chains of splits to the right: one level, five, and one too deep to be filled up.
    for (const std::int32_t deepest : {0, 1, 5, 11}) {
        std::vector<Trees::Node> nodes;
        std::vector<std::int32_t> roots;
        for (std::int32_t depth = 0; depth <= deepest; depth += std::max(1, deepest)) {
            roots.push_back(static_cast<std::int32_t>(nodes.size()));
            for (std::int32_t level = 0; level < depth; ++level) {
                const auto left = static_cast<std::int32_t>(nodes.size()) + 1;
                nodes.push_back({static_cast<float>(level), left, level % 2, level % 3 == 0 ? 1 : 0});
                nodes.push_back({static_cast<float>(level) + 0.5F, -1, -1, 0});
                // The right child is the next split, or the last leaf, which stands next.
            }
            nodes.push_back({-1.25F, -1, -1, 0});
        }
        const Result<Trees> trees = Trees::make(2, 0.25F, roots, nodes);
        ASSERT_TRUE(trees.has_value()) << trees.error().message;
        std::vector<float> rows;
        for (int i = 0; i < 77; ++i) {
            rows.push_back(i % 7 == 0 ? unknown : static_cast<float>(i % 13) - 1.0F);
            rows.push_back(i % 5 == 0 ? unknown : static_cast<float>(i % 11) - 0.5F);
        }
        std::vector<float> block(77);
        trees->predict(rows, block);
        for (std::size_t i = 0; i < block.size(); ++i) {
            EXPECT_EQ(trees->predict(std::span(rows).subspan(2 * i, 2)), block[i]) << deepest;
        }
    }
}

TEST(MakeTrees, RefusesTreesThatLeadAstray) {
    const Trees::Node leaf{.value = 1.0F};
    const Trees::Node split{.value = 0.0F, .left = 1, .feature = 0, .missing_goes_left = 1};
    ASSERT_TRUE(Trees::make(1, 0.0F, {0}, {split, leaf, leaf}).has_value());

    EXPECT_EQ(Trees::make(1, 0.0F, {0}, {split, leaf}).error().message, "tree node 0 leads out of its tree");
    Trees::Node loop = split;
    loop.left = 0;
    EXPECT_FALSE(Trees::make(1, 0.0F, {0}, {loop, leaf, leaf}).has_value());
    EXPECT_FALSE(Trees::make(1, 0.0F, {0, 2}, {split, leaf, leaf}).has_value());
    Trees::Node wide = split;
    wide.feature = 1;
    EXPECT_EQ(Trees::make(1, 0.0F, {0}, {wide, leaf, leaf}).error().code, Errc::corrupt);
    EXPECT_FALSE(Trees::make(1, unknown, {}, {}).has_value());
}

}  // namespace
}  // namespace headroom::forecast
