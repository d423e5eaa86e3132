#include "trust/state_estimation.hpp"
#include "core/random.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace headroom::trust {
namespace {

Matrix matrix(const std::vector<std::vector<double>>& rows) {
    Matrix m(rows.size(), rows.front().size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        for (std::size_t j = 0; j < rows[i].size(); ++j) {
            m.at(i, j) = rows[i][j];
        }
    }
    return m;
}

/// Four meters read one load, one of them twice as exact as the others.
StateEstimator four_meters() {
    return StateEstimator::make(matrix({{1}, {1}, {1}, {1}}), {1.0, 1.0, 1.0, 0.5}).value();
}

TEST(Cholesky, SolvesAndRefuses) {
    const Cholesky factor = Cholesky::of(matrix({{4, 2}, {2, 3}})).value();
    const std::vector<double> x = factor.solve(std::vector<double>{8, 7});
    EXPECT_NEAR(x[0], 1.25, 1e-12);  // 4·1.25 + 2·1.5 = 8, 2·1.25 + 3·1.5 = 7
    EXPECT_NEAR(x[1], 1.5, 1e-12);
    EXPECT_NEAR(factor.quadratic(std::vector<double>{8, 7}), 8 * 1.25 + 7 * 1.5, 1e-12);
    EXPECT_FALSE(Cholesky::of(matrix({{1, 1}, {1, 1}})).has_value());
    EXPECT_FALSE(Cholesky::of(matrix({{1, 2, 3}, {1, 2, 3}})).has_value());
}

TEST(StateEstimator, WeighsMetersByTheirAccuracy) {
    const StateEstimate estimate = four_meters().estimate(std::vector<double>{1, 2, 3, 9}).value();
    EXPECT_NEAR(estimate.state[0], (1 + 2 + 3 + 4 * 9) / 7.0, 1e-12);
    EXPECT_EQ(estimate.degrees, 3U);
    // 5² + 4² + 3² + (3 / 0.5)²
    EXPECT_NEAR(estimate.objective, 25 + 16 + 9 + 36, 1e-9);
    // Residual variances: 1 − 1/7 of the three, 1 − 4/7 of the fourth.
    EXPECT_NEAR(estimate.largest, 6.0 / std::sqrt(3.0 / 7.0), 1e-9);
    EXPECT_EQ(estimate.largest_meter, 3U);
}

TEST(StateEstimator, LeavesOutWhatIsMissingAsLongAsTheStateIsDetermined) {
    const StateEstimator estimator = four_meters();
    const double none = std::nan("");
    const StateEstimate estimate = estimator.estimate(std::vector<double>{1, none, 3, none}).value();
    EXPECT_NEAR(estimate.state[0], 2.0, 1e-12);
    EXPECT_EQ(estimate.degrees, 1U);
    EXPECT_FALSE(estimator.estimate(std::vector<double>(4, none)).has_value());
    EXPECT_FALSE(estimator.estimate(std::vector<double>{1, 2}).has_value());
}

TEST(StateEstimator, RefusesWhatDeterminesNothing) {
    EXPECT_FALSE(StateEstimator::make(matrix({{1, 0}, {2, 0}, {3, 0}}), {1, 1, 1}).has_value());
    EXPECT_FALSE(StateEstimator::make(matrix({{1}, {1}}), {1, 0}).has_value());
    EXPECT_FALSE(StateEstimator::make(matrix({{1}, {1}}), {1}).has_value());
    EXPECT_FALSE(StateEstimator::make(matrix({{1}, {std::nan("")}}), {1, 1}).has_value());
}

/// Two loads behind one busbar, every one metered twice.
StateEstimator busbar() {
    return StateEstimator::make(matrix({{1, 1}, {1, 1}, {1, 0}, {1, 0}, {0, 1}, {0, 1}}),
                                std::vector<double>(6, 0.1))
        .value();
}

TEST(StateEstimator, FindsTheMeterWithAGrossErrorAndDoesWithoutIt) {
    const StateVerdict verdict =
        busbar().judge(std::vector<double>{5.02, 4.97, 2.05, 3.9, 2.96, 3.03}, BadDataRules{}).value();
    EXPECT_TRUE(verdict.is_bad);
    EXPECT_TRUE(verdict.is_clean);
    ASSERT_EQ(verdict.suspects.size(), 1U);
    EXPECT_EQ(verdict.suspects[0], 3U);
    EXPECT_NEAR(verdict.clean.state[0], 2.0, 0.06);
    EXPECT_NEAR(verdict.clean.state[1], 3.0, 0.06);
}

TEST(StateEstimator, CannotSeeAnAttackThatAgreesWithTheModel) {
    const std::vector<double> honest{5.02, 4.97, 2.05, 1.98, 2.96, 3.03};
    std::vector<double> altered = honest;
    const std::vector<double> a = busbar().measurements_of(std::vector<double>{1.5, -0.5});
    for (std::size_t m = 0; m < a.size(); ++m) {
        altered[m] += a[m];
    }
    const StateVerdict before = busbar().judge(honest, BadDataRules{}).value();
    const StateVerdict after = busbar().judge(altered, BadDataRules{}).value();
    EXPECT_FALSE(after.is_bad);
    EXPECT_NEAR(after.first.objective, before.first.objective, 1e-9);
}

TEST(StateEstimator, NoiseAloneIsCalledBadAboutAsOftenAsTheRulesSay) {
    const Random random(5);
    const StateEstimator estimator = busbar();
    int bad = 0;
    constexpr int samples = 20'000;
    for (int i = 0; i < samples; ++i) {
        std::vector<double> z = estimator.measurements_of(std::vector<double>{2.0, 3.0});
        for (std::size_t m = 0; m < z.size(); ++m) {
            z[m] += 0.1 * random.normal(m, static_cast<std::uint64_t>(i));
        }
        bad += estimator.judge(z, BadDataRules{.tail = 0.01, .normalised_max = 10.0})->is_bad ? 1 : 0;
    }
    EXPECT_NEAR(static_cast<double>(bad) / samples, 0.01, 0.003);
}

TEST(LearnSigma, ComesOutAsTheNoiseThatWasPutIn) {
    const Random random(6);
    const Matrix h = matrix({{1, 1}, {1, 1}, {1, 0}, {1, 0}, {0, 1}, {0, 1}});
    std::vector<std::vector<double>> samples;
    for (std::uint64_t i = 0; i < 2'000; ++i) {
        std::vector<double> z{5, 5, 2, 2, 3, 3};
        for (std::size_t m = 0; m < z.size(); ++m) {
            z[m] += 0.25 * random.normal(m, i);
        }
        samples.push_back(std::move(z));
    }
    EXPECT_NEAR(learn_sigma(h, samples).value(), 0.25, 0.01);
    EXPECT_FALSE(learn_sigma(matrix({{1, 0}, {0, 1}}), std::vector<std::vector<double>>{{1, 2}}).has_value());
}

}  // namespace
}  // namespace headroom::trust
