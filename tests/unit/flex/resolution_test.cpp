#include "flex/resolution.hpp"

#include <gtest/gtest.h>

namespace headroom::flex::test {
namespace {

TEST(CoarsestUnit, IsTheCoarsestOfWhichThereAreEnough) {
    EXPECT_EQ(coarsest_unit(1'000, 40'000, 2'000), 10);  // 4,000 of them; of 100 W there are 400
    EXPECT_EQ(coarsest_unit(1'000, 9'000'000, 2'000), 1'000);
    EXPECT_EQ(coarsest_unit(25, 20'000, 2'000), 5);
    EXPECT_EQ(coarsest_unit(7, 20'000, 2'000), 7);
    EXPECT_EQ(coarsest_unit(7, 10'000, 2'000), 1);
}

// As long as the unit is a whole number of watts.
TEST(CoarsestUnit, OfTenTimesAsMuchIsTenTimesAsLarge) {
    for (const std::int64_t common : {1, 5, 40, 1'000, 5'000, 20'000}) {
        for (const std::int64_t most : {5'000, 12'340, 50'000, 400'000}) {
            EXPECT_EQ(coarsest_unit(10 * common, 10 * most, 2'000), 10 * coarsest_unit(common, most, 2'000))
                << common << " of " << most;
        }
    }
}

TEST(CoarsestUnit, IsOneWhereThereIsNone) {
    EXPECT_EQ(coarsest_unit(0, 0, 2'000), 1);
    EXPECT_EQ(coarsest_unit(1, 100, 2'000), 1);
    EXPECT_EQ(coarsest_unit(100, 0, 2'000), 1);
}

}  // namespace
}  // namespace headroom::flex::test
