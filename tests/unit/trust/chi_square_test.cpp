#include "trust/chi_square.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace headroom::trust {
namespace {

// Values of the printed tables: Abramowitz and Stegun, table 26.8.
TEST(ChiSquare, CriticalValuesAreThoseOfTheTables) {
    EXPECT_NEAR(chi_square_critical(0.05, 1), 3.8415, 5e-5);
    EXPECT_NEAR(chi_square_critical(0.05, 10), 18.3070, 5e-5);
    EXPECT_NEAR(chi_square_critical(0.01, 21), 38.9322, 5e-5);
    EXPECT_NEAR(chi_square_critical(0.001, 13), 34.5282, 5e-5);
    EXPECT_NEAR(chi_square_critical(0.995, 100), 67.3276, 5e-5);
    EXPECT_NEAR(chi_square_critical(0.5, 2), 1.386294, 5e-6);
}

TEST(ChiSquare, TwoDegreesAreAnExponential) {
    for (const double x : {0.1, 1.0, 5.0, 40.0}) {
        EXPECT_NEAR(chi_square_tail(x, 2), std::exp(-x / 2), 1e-13);
    }
}

TEST(ChiSquare, TheTailIsWholeAtZeroAndUndoesTheCriticalValue) {
    EXPECT_EQ(chi_square_tail(0.0, 7), 1.0);
    for (const double tail : {0.9, 0.1, 1e-4, 1e-9}) {
        EXPECT_NEAR(chi_square_tail(chi_square_critical(tail, 21), 21) / tail, 1.0, 1e-8);
    }
}

}  // namespace
}  // namespace headroom::trust
