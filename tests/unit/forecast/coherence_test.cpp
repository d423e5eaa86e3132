#include "forecast/coherence.hpp"

#include "core/random.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>

namespace headroom::forecast {
namespace {

constexpr QuantileValues rounded_normal{-1.6449, -1.2816, -0.6745, 0.0, 0.6745, 1.2816, 1.6449};

QuantileValues around(double median, double deviation) {
    QuantileValues out{};
    for (std::size_t q = 0; q < out.size(); ++q) {
        out[q] = median + deviation * rounded_normal[q];
    }
    return out;
}

TEST(Reconcile, SharesWhatIsMissingByVariance) {
    // 30 of 20 + 4: six are missing; of the variances 1 + 3 + 2 the parts bear 3 and 2 sixths.
    const Reconciled moved = reconcile(30.0, 1.0, std::vector{20.0, 4.0}, std::vector{3.0, 2.0});
    EXPECT_DOUBLE_EQ(moved.parts[0], 23.0);
    EXPECT_DOUBLE_EQ(moved.parts[1], 6.0);
    EXPECT_DOUBLE_EQ(moved.total, 29.0);
    EXPECT_DOUBLE_EQ(reconcile(30.0, 0.0, std::vector{20.0, 4.0}, std::vector{0.0, 0.0}).total, 24.0);
}

TEST(QuantilesOfSum, GoFromIndependentToTogether) {
    const std::vector parts{around(10.0, 3.0), around(20.0, 4.0)};
    EXPECT_NEAR(quantiles_of_sum(parts, 0.0)[5], 30.0 + 5.0 * 1.2816, 1e-9);
    EXPECT_NEAR(quantiles_of_sum(parts, 1.0)[5], 30.0 + 7.0 * 1.2816, 1e-9);
    EXPECT_NEAR(quantiles_of_sum(parts, 0.5)[1], 30.0 - std::sqrt(37.0) * 1.2816, 1e-9);
    EXPECT_TRUE(std::ranges::is_sorted(quantiles_of_sum(parts, 0.3)));
}

TEST(ErrorCorrelation, FindsWhatIsShared) {
    const Random random(3);
    ErrorCorrelation half;
    ErrorCorrelation none;
    for (std::uint64_t i = 0; i < 20'000; ++i) {
        const double shared = random.normal(i, 0);
        half.add(std::vector{shared + random.normal(i, 1), 5.0 * (shared + random.normal(i, 2)),
                             i % 3 == 0 ? std::nan("") : 0.1 * (shared + random.normal(i, 3))});
        none.add(std::vector{random.normal(i, 4), random.normal(i, 5)});
    }
    EXPECT_NEAR(half.mean(), 0.5, 0.03);
    EXPECT_NEAR(none.mean(), 0.0, 0.02);
    EXPECT_NEAR(ErrorCorrelation{}.mean(), ErrorCorrelation::prior, 1e-12);
}

/// Two feeders and, if wanted, their substation, an hour ahead; the substation is told better.
struct FeedersAndStation {
    Panel panel{.step_s = 3600, .series = {{"A", {}}, {"B", {}}}};
    std::vector<BacktestRow> rows;
    explicit FeedersAndStation(bool has_station, std::int64_t turned = 1000) {
        const Random random(6);
        if (has_station) {
            panel.series.push_back({"S", {}});
        }
        for (std::int64_t i = 0; i < 400; ++i) {
            const auto step = static_cast<std::uint64_t>(i);
            const double of_a = 10.0 + random.normal(0, step) + (i >= turned ? 50.0 : 0.0);
            const double of_b = 40.0 + 2.0 * random.normal(1, step);
            const double shared = random.normal(2, step);
            panel.series[0].load.values.push_back(of_a + shared);
            panel.series[1].load.values.push_back(of_b + shared);
            rows.push_back(
                {.series = 0, .origin_s = (i - 1) * 3600, .target_s = i * 3600, .load = around(10.0, 1.5)});
            rows.push_back(
                {.series = 1, .origin_s = (i - 1) * 3600, .target_s = i * 3600, .load = around(40.0, 2.2)});
            if (has_station) {
                panel.series[2].load.values.push_back(of_a + of_b + 2.0 * shared);
                rows.push_back(
                    {.series = 2,
                     .origin_s = (i - 1) * 3600,
                     .target_s = i * 3600,
                     .load = around(of_a + of_b + 2.0 * shared + 0.2 * random.normal(3, step), 0.2)});
            }
        }
    }
};

const Hierarchy one_station{.stations = {{.name = "S", .feeders = {"A", "B"}}}};

TEST(MakeCoherent, AddsUpAndLearnsFromABetterTotal) {
    const FeedersAndStation made(true);
    const Result<CoherentRows> out = make_coherent(made.panel, made.rows, one_station);
    ASSERT_TRUE(out.has_value()) << out.error().message;
    ASSERT_EQ(out->rows.size(), made.rows.size());
    EXPECT_EQ(out->instants, 400U);
    double before = 0.0;
    double after = 0.0;
    for (std::size_t i = 0; i < out->rows.size(); i += 3) {
        EXPECT_NEAR(out->rows[i].load[3] + out->rows[i + 1].load[3], out->rows[i + 2].load[3], 1e-9);
        for (std::size_t s = 0; s < 3; ++s) {
            EXPECT_TRUE(std::ranges::is_sorted(out->rows[i + s].load));
        }
        for (std::size_t s = 0; s < 2; ++s) {
            const double truth = made.panel.series[s].load.at(static_cast<std::int64_t>(i / 3));
            before += std::abs(made.rows[i + s].load[3] - truth);
            after += std::abs(out->rows[i + s].load[3] - truth);
        }
    }
    EXPECT_LT(after, 0.75 * before);
}

TEST(MakeCoherent, ASubstationWithoutReadingsIsTheSumOfItsFeeders) {
    const FeedersAndStation made(false);
    const Result<CoherentRows> out = make_coherent(made.panel, made.rows, one_station);
    ASSERT_TRUE(out.has_value());
    EXPECT_EQ(out->names, (std::vector<std::string>{"A", "B", "S"}));
    ASSERT_EQ(out->rows.size(), 1200U);
    double below = 0.0;
    for (std::size_t i = 200; i < 400; ++i) {
        const BacktestRow& station = out->rows[3 * i + 2];
        const auto slot = static_cast<std::int64_t>(i);
        EXPECT_EQ(station.load[3], 50.0);
        below += made.panel.series[0].load.at(slot) + made.panel.series[1].load.at(slot) <= station.load[5]
                     ? 1.0
                     : 0.0;
    }
    EXPECT_NEAR(below / 200.0, 0.9, 0.05);  // with independent errors it would be 0.83
}

TEST(MakeCoherent, KnowsNothingBehindTheOrigin) {
    const FeedersAndStation one(true);
    const FeedersAndStation other(true, 300);
    const Result<CoherentRows> before = make_coherent(one.panel, one.rows, one_station);
    FeedersAndStation mixed(true);
    mixed.panel = other.panel;
    const Result<CoherentRows> after = make_coherent(mixed.panel, mixed.rows, one_station);
    ASSERT_TRUE(before && after);
    for (std::size_t i = 0; i <= 3 * 300; ++i) {
        EXPECT_EQ(before->rows[i].load, after->rows[i].load);
    }
    EXPECT_NE(before->rows[3 * 350].load, after->rows[3 * 350].load);
}

TEST(MakeCoherent, NamesAFeederThatIsNotThere) {
    const FeedersAndStation made(false);
    EXPECT_EQ(make_coherent(made.panel, made.rows, {.stations = {{"S", {"A", "C"}}}}).error().message,
              "feeder C of substation S is not in the readings");
}

TEST(ReadHierarchy, RefusesFeedersBelowTwoSubstations) {
    const std::filesystem::path file =
        std::filesystem::temp_directory_path() / ("hierarchy_" + std::to_string(::getpid()) + ".csv");
    std::ofstream(file) << "substation,feeder\nS1,A\nS1,B\nS2,C\n";
    const Result<Hierarchy> read = read_hierarchy(file);
    ASSERT_TRUE(read.has_value()) << read.error().message;
    ASSERT_EQ(read->stations.size(), 2U);
    EXPECT_EQ(read->stations[0].feeders, (std::vector<std::string>{"A", "B"}));
    std::ofstream(file) << "substation,feeder\nS1,A\nS2,A\n";
    EXPECT_NE(read_hierarchy(file).error().message.find("line 3: column feeder: A is below two substations"),
              std::string::npos);
    std::ofstream(file) << "substation,feeder\nS1,A\nA,B\n";
    EXPECT_NE(read_hierarchy(file).error().message.find("A is a feeder and a substation"), std::string::npos);
    std::filesystem::remove(file);
}

}  // namespace
}  // namespace headroom::forecast
