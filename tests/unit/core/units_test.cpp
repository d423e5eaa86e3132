#include "core/units.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace headroom {
namespace {

constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t smallest = std::numeric_limits<std::int64_t>::min();

TEST(DivideHalfEven, RoundsHalvesToTheEvenNeighbour) {
    EXPECT_EQ(divide_half_even(5, 2), 2);
    EXPECT_EQ(divide_half_even(7, 2), 4);
    EXPECT_EQ(divide_half_even(-5, 2), -2);
    EXPECT_EQ(divide_half_even(-7, 2), -4);
    EXPECT_EQ(divide_half_even(1, 2), 0);
    EXPECT_EQ(divide_half_even(-1, 2), 0);
    EXPECT_EQ(divide_half_even(3, 2), 2);
}

TEST(DivideHalfEven, RoundsOthersToTheNearest) {
    EXPECT_EQ(divide_half_even(10, 3), 3);
    EXPECT_EQ(divide_half_even(11, 3), 4);
    EXPECT_EQ(divide_half_even(-10, 3), -3);
    EXPECT_EQ(divide_half_even(-11, 3), -4);
    EXPECT_EQ(divide_half_even(0, 7), 0);
}

TEST(DivideHalfEven, IsExactAtTheEndsOfTheRange) {
    EXPECT_EQ(divide_half_even(largest, 1), largest);
    EXPECT_EQ(divide_half_even(smallest, 1), smallest);
    EXPECT_EQ(divide_half_even(largest, largest), 1);
    EXPECT_EQ(divide_half_even(smallest, largest), -1);
    EXPECT_EQ(divide_half_even(largest, 2), (largest / 2) + 1);  // …807 / 2 = …903.5, and 904 is even
}

TEST(MultiplyDivideHalfEven, KeepsTheWholeProduct) {
    EXPECT_EQ(multiply_divide_half_even(largest, largest, largest), largest);
    EXPECT_EQ(multiply_divide_half_even(smallest, largest, largest), smallest);
    EXPECT_EQ(multiply_divide_half_even(3, 5, 2), 8);    // 7.5
    EXPECT_EQ(multiply_divide_half_even(-3, 3, 2), -4);  // -4.5
}

TEST(UnitsDeathTest, RefuseADivisorThatIsNotPositive) {
    EXPECT_DEATH((void)divide_half_even(1, 0), "denominator > 0");
    EXPECT_DEATH((void)multiply_divide_half_even(largest, 2, 1), "int64_t");
}

TEST(ToWatts, RoundsToTheNearestWattHalvesToEven) {
    EXPECT_EQ(to_watts(1.2345_kW), 1234_W);  // 1234.5
    EXPECT_EQ(to_watts(Kilowatts{-0.0006}), Watts{-1});
    EXPECT_EQ(to_watts(12.5_kW), 12'500_W);
    EXPECT_EQ(to_watt_hours(0.0025_kWh), 2_Wh);
    EXPECT_EQ(to_kilowatts(1'500_W), 1.5_kW);
    EXPECT_EQ(to_kilowatt_hours(250_Wh), 0.25_kWh);
}

TEST(EnergyOf, IsPowerTimesTime) {
    EXPECT_EQ(energy_of(250'000_W, std::chrono::minutes{30}), 125'000_Wh);
    EXPECT_EQ(energy_of(Watts{-1}, std::chrono::minutes{30}), 0_Wh);  // -0.5 to even
    EXPECT_EQ(energy_of(3_W, std::chrono::minutes{30}), 2_Wh);        // 1.5 to even
    EXPECT_EQ(20.0_kW * std::chrono::minutes{30}, 10.0_kWh);
}

TEST(CostOf, IsEnergyTimesPriceToTheMicroPound) {
    // 125 kWh at 240 pounds per MWh are 30 pounds.
    EXPECT_EQ(cost_of(125'000_Wh, MicroPoundsPerMwh{240'000'000}), MicroPounds{30'000'000});
    // 3.25 MWh at 87.21 are 283.4325 pounds.
    EXPECT_EQ(cost_of(3'250'000_Wh, MicroPoundsPerMwh{87'210'000}), MicroPounds{283'432'500});
    // 0.2105 MWh at 98.53 are 20.740565 pounds.
    EXPECT_EQ(cost_of(210'500_Wh, MicroPoundsPerMwh{98'530'000}), MicroPounds{20'740'565});
    EXPECT_EQ(cost_of(WattHours{-210'500}, MicroPoundsPerMwh{98'530'000}), MicroPounds{-20'740'565});
}

TEST(RoundToPence, RoundsALineOnceHalvesToEven) {
    EXPECT_EQ(round_to_pence(MicroPounds{20'740'565}), 2'074);
    EXPECT_EQ(round_to_pence(MicroPounds{6'375'000}), 638);
    EXPECT_EQ(round_to_pence(MicroPounds{6'365'000}), 636);
    EXPECT_EQ(round_to_pence(MicroPounds{-6'365'000}), -636);
    EXPECT_EQ(round_to_pence(MicroPounds{283'432'500}), 28'343);
}

}  // namespace
}  // namespace headroom
