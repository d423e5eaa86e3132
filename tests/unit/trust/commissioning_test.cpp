#include "trust/commissioning.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace headroom::trust {
namespace {

const std::vector<std::string> names{"A", "B"};

/// A day of two feeders with unlike phases; `alter` connects something wrongly.
std::vector<CommissioningFault> faults_of(const std::function<void(BalanceSample&)>& alter) {
    std::vector<BalanceSample> samples;
    for (int t = 0; t < 48; ++t) {
        const double shape = 1.0 + 0.4 * std::sin(0.13 * t);
        BalanceSample sample{.busbar_kw = {0, 0, 0}, .feeders_kw = {10, 14 * shape, 6, 20 * shape, 8, 12}};
        for (std::size_t i = 0; i < 6; ++i) {
            sample.busbar_kw[i % 3] += sample.feeders_kw[i];
        }
        alter(sample);
        samples.push_back(std::move(sample));
    }
    return find_commissioning_faults(samples, names);
}

void expect_one(const std::vector<CommissioningFault>& faults, CommissioningKind kind,
                const std::string& meter, const std::string& proposal) {
    ASSERT_EQ(faults.size(), 1U);
    EXPECT_EQ(to_string(faults[0].kind), to_string(kind));
    EXPECT_EQ(faults[0].meter, meter);
    EXPECT_EQ(faults[0].proposal, proposal);
    EXPECT_GT(faults[0].before_kw, 1.0);
    EXPECT_LT(faults[0].after_kw, 0.1);
}

TEST(Commissioning, AnEvenBalanceHasNoFault) {
    EXPECT_TRUE(faults_of([](BalanceSample&) {}).empty());
    EXPECT_TRUE(faults_of([](BalanceSample& sample) { sample.busbar_kw[0] += 0.4; }).empty());
}

TEST(Commissioning, ReversedTransformersAreTold) {
    expect_one(faults_of([](BalanceSample& s) {
                   for (std::size_t p = 3; p < 6; ++p) {
                       s.feeders_kw[p] *= -1;
                   }
               }),
               CommissioningKind::reversed, "B", "turn the sign of all phases");
    expect_one(faults_of([](BalanceSample& s) { s.feeders_kw[1] *= -1; }), CommissioningKind::reversed, "A",
               "turn the sign of phase 2");
    expect_one(faults_of([](BalanceSample& s) {
                   for (double& kw : s.busbar_kw) {
                       kw *= -1;
                   }
               }),
               CommissioningKind::reversed, "the busbar", "turn the sign of all phases");
}

TEST(Commissioning, AWrongUnitIsTold) {
    expect_one(faults_of([](BalanceSample& s) {
                   for (std::size_t p = 0; p < 3; ++p) {
                       s.feeders_kw[p] *= 1000;
                   }
               }),
               CommissioningKind::unit, "A", "divide by 1000: it reads in W");
}

TEST(Commissioning, SwappedPhasesAreTold) {
    expect_one(faults_of([](BalanceSample& s) { std::swap(s.feeders_kw[3], s.feeders_kw[4]); }),
               CommissioningKind::phase_order, "B", "take its phases in the order 2, 1, 3");
}

TEST(Commissioning, WhatReadsNothingIsMissing) {
    expect_one(faults_of([](BalanceSample& s) { s.busbar_kw.assign(3, 0.0); }), CommissioningKind::missing,
               "the busbar", "let the sum of the feeders stand in for it");
    expect_one(faults_of([](BalanceSample& s) {
                   for (std::size_t p = 0; p < 3; ++p) {
                       s.feeders_kw[p] = 0.0;
                   }
               }),
               CommissioningKind::missing, "A",
               "let what the other feeders leave of the busbar stand in for it");
}

TEST(Commissioning, TwoFaultsAreToldOneAfterTheOther) {
    const auto faults = faults_of([](BalanceSample& s) {
        s.feeders_kw[3] *= -1;
        for (std::size_t p = 0; p < 3; ++p) {
            s.feeders_kw[p] *= 1000;
        }
    });
    ASSERT_EQ(faults.size(), 2U);
    EXPECT_EQ(faults[0].meter, "A");
    EXPECT_EQ(faults[1].meter, "B");
    EXPECT_EQ(faults[1].proposal, "turn the sign of phase 1");
    EXPECT_LT(faults[1].after_kw, 0.1);
}

TEST(Commissioning, WhatNothingExplainsIsSaid) {
    const auto faults = faults_of([](BalanceSample& s) { s.feeders_kw[0] += 9.0; });
    ASSERT_EQ(faults.size(), 1U);
    EXPECT_EQ(faults[0].kind, CommissioningKind::unexplained);
    EXPECT_TRUE(faults[0].meter.empty());
}

TEST(Commissioning, AHandfulOfReadingsTellsNothing) {
    const std::vector<BalanceSample> few(11, {.busbar_kw = {9}, .feeders_kw = {1, 1}});
    EXPECT_TRUE(find_commissioning_faults(few, names).empty());
}

}  // namespace
}  // namespace headroom::trust
