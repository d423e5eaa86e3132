#include "settlement/payment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

namespace headroom::settlement::test {
namespace {

using ::testing::ElementsAre;

PaymentCurve grace() {
    PaymentCurve curve;
    curve.id = "grace_multiplier";
    return curve;
}

/// The factor at `ratio_bp` ten-thousandths, as ten-thousandths; it must come out exactly.
std::int64_t factor_bp(const PaymentCurve& curve, std::int64_t ratio_bp) {
    const Share share = factor_at(curve, WattHours{ratio_bp * 3}, WattHours{30'000});
    EXPECT_EQ(share.numerator * 10'000 % share.denominator, 0) << ratio_bp;
    return share.numerator * 10'000 / share.denominator;
}

TEST(Rounding, LinesGoToThePennyHalfToEven) {
    EXPECT_EQ(round_to_pence(MicroPounds{20'740'565}), 2074);
    EXPECT_EQ(round_to_pence(MicroPounds{6'375'000}), 638);
    EXPECT_EQ(round_to_pence(MicroPounds{6'365'000}), 636);  // half up would give 637
    EXPECT_EQ(round_to_pence(MicroPounds{-6'365'000}), -636);
}

TEST(Rounding, EnergyGoesToFourDecimalsOfAMwhHalfToEven) {
    EXPECT_EQ(to_mwh_e4(WattHours{108'000}), 1080);  // 0.1080 MWh
    EXPECT_EQ(to_mwh_e4(WattHours{102'550}), 1026);
    EXPECT_EQ(to_mwh_e4(WattHours{102'450}), 1024);
    EXPECT_EQ(to_mwh_e4(WattHours{-102'450}), -1024);
}

TEST(Signs, BscFlowsArePositiveForExport) {
    EXPECT_EQ(to_cva(396'000_Wh), WattHours{-396'000});
    // Deviation of example A: metered minus baseline, export positive.
    EXPECT_EQ(to_cva(396'000_Wh) - to_cva(504'000_Wh), 108'000_Wh);
}

TEST(Availability, PaysPowerTimesTimeTimesPrice) {
    const MicroPounds amount = availability_of(250'000_W, hours{3}, MicroPounds{8'500'000});
    EXPECT_EQ(amount, MicroPounds{6'375'000});
    EXPECT_EQ(round_to_pence(amount), 638);
}

TEST(GraceMultiplier, FollowsItsVectors) {
    const std::vector<std::pair<std::int64_t, std::int64_t>> vectors{
        {12'000, 10'000}, {9'700, 10'000}, {9'500, 10'000}, {9'400, 9'700}, {9'000, 8'500}, {8'000, 5'500},
        {7'000, 2'500},   {6'500, 1'000},  {6'200, 100},    {6'100, 0},     {0, 0},         {-1'000, 0}};
    for (const auto& [ratio, factor] : vectors) {
        EXPECT_EQ(factor_bp(grace(), ratio), factor) << ratio;
    }
}

TEST(GraceMultiplier, IsZeroExactlyAtItsRoot) {
    // 0.61666… = 37/60
    EXPECT_EQ(factor_at(grace(), WattHours{37}, WattHours{60}).numerator, 0);
    EXPECT_GT(factor_at(grace(), WattHours{37'001}, WattHours{60'000}).numerator, 0);
}

TEST(GraceMultiplier, PaysExampleAOnTheInstructedBasis) {
    const MicroPoundsPerMwh price{240'000'000};
    ASSERT_EQ(basis_of(grace()), PaymentBasis::instructed);
    const Share first = factor_at(grace(), 120'000_Wh, 125'000_Wh);   // r = 0.960
    const Share second = factor_at(grace(), 114'500_Wh, 125'000_Wh);  // r = 0.916 → 0.898
    EXPECT_EQ(utilisation_of(125'000_Wh, price, first), MicroPounds{30'000'000});
    EXPECT_EQ(utilisation_of(125'000_Wh, price, second), MicroPounds{26'940'000});
}

TEST(Linear, PaysExampleAOnTheDeliveredBasis) {
    const PaymentCurve linear;
    const MicroPoundsPerMwh price{240'000'000};
    ASSERT_EQ(basis_of(linear), PaymentBasis::delivered);
    EXPECT_EQ(utilisation_of(120'000_Wh, price, factor_at(linear, 120'000_Wh, 125'000_Wh)),
              MicroPounds{28'800'000});
    EXPECT_EQ(utilisation_of(114'500_Wh, price, factor_at(linear, 114'500_Wh, 125'000_Wh)),
              MicroPounds{27'480'000});
}

TEST(Sliding, InterpolatesTheContractsTable) {
    PaymentCurve curve;
    curve.id = "sliding_50_100";
    curve.points = {{5'000, 2'000}, {7'500, 5'000}, {10'000, 10'000}};
    ASSERT_TRUE(check_curve(curve).has_value());
    EXPECT_EQ(basis_of(curve), PaymentBasis::delivered);
    EXPECT_EQ(factor_bp(curve, 4'999), 0);
    EXPECT_EQ(factor_bp(curve, 5'000), 2'000);
    EXPECT_EQ(factor_bp(curve, 6'250), 3'500);
    EXPECT_EQ(factor_bp(curve, 7'500), 5'000);
    EXPECT_EQ(factor_bp(curve, 9'000), 8'000);
    EXPECT_EQ(factor_bp(curve, 13'000), 10'000);
}

TEST(Dfs2024, HasItsStepsAndItsOwnCap) {
    PaymentCurve curve;
    curve.id = "dfs_2024_proposed";
    EXPECT_EQ(factor_bp(curve, 2'499), 0);
    EXPECT_EQ(factor_bp(curve, 3'750), 5'000);
    EXPECT_EQ(factor_bp(curve, 5'000), 10'000);
    EXPECT_EQ(factor_bp(curve, 12'000), 10'000);
    EXPECT_EQ(delivery_cap_ppm(curve, 1'000'000), 1'200'000);
    EXPECT_EQ(delivery_cap_ppm(PaymentCurve{}, 1'000'000), 1'000'000);
}

TEST(Curves, AreCheckedBeforeTheyPay) {
    PaymentCurve curve;
    curve.id = "generous";
    EXPECT_EQ(check_curve(curve).error().code, Errc::invalid);
    curve.id = "sliding_50_100";
    EXPECT_FALSE(check_curve(curve).has_value());  // no table
    curve.points = {{4'000, 0}};
    EXPECT_FALSE(check_curve(curve).has_value());  // below one half nothing is paid
    curve.points = {{6'000, 0}, {6'000, 10'000}};
    EXPECT_FALSE(check_curve(curve).has_value());
    curve.points = {{6'000, 20'000}};
    EXPECT_FALSE(check_curve(curve).has_value());
    PaymentCurve steep = grace();
    steep.multiplier_bp = -1;
    EXPECT_FALSE(check_curve(steep).has_value());
}

TEST(Curves, StayExactAtTheirLargest) {
    const Share share = factor_at(grace(), WattHours{period_wh_max - 10'000'001}, WattHours{period_wh_max});
    const MicroPounds amount = utilisation_of(WattHours{period_wh_max}, MicroPoundsPerMwh{price_max}, share);
    // r = 0.89999999: 1 - 3 × (0.95 - r) = 0.84999997 of 100 MWh at 100,000 GBP.
    EXPECT_EQ(amount, MicroPounds{8'499'999'700'000});
}

TEST(SupplierCompensation, IsVolumeTimesReferencePrice) {
    const MicroPounds pot = cost_of(3'250'000_Wh, MicroPoundsPerMwh{87'210'000});
    EXPECT_EQ(pot, MicroPounds{283'432'500});
    EXPECT_EQ(round_to_pence(pot), 28343);
    const MicroPounds example = cost_of(210'500_Wh, MicroPoundsPerMwh{98'530'000});
    EXPECT_EQ(example, MicroPounds{20'740'565});
    EXPECT_EQ(round_to_pence(example), 2074);
}

TEST(SplitPence, AlwaysSumsToThePot) {
    EXPECT_THAT(split_pence(28343, {50, 30, 20}), ElementsAre(14171, 8503, 5669));
    EXPECT_THAT(split_pence(1, {1, 1, 1}), ElementsAre(1, 0, 0));  // ties to the lower index
    EXPECT_THAT(split_pence(2, {1, 1, 1}), ElementsAre(1, 1, 0));
    EXPECT_THAT(split_pence(0, {1, 2}), ElementsAre(0, 0));
    EXPECT_THAT(split_pence(-28343, {50, 30, 20}), ElementsAre(-14171, -8503, -5669));
    EXPECT_THAT(split_pence(7, {0, 5}), ElementsAre(0, 7));
    for (std::int64_t pot = 0; pot < 200; ++pot) {
        const std::vector<std::int64_t> shares = split_pence(pot, {7, 11, 13, 17, 3});
        EXPECT_EQ(std::accumulate(shares.begin(), shares.end(), std::int64_t{0}), pot);
    }
}

TEST(Imbalance, IsPaidAtTheSystemPrice) {
    // Example A's trader sold 0.1 MWh in each period at 142.00 and delivered 0.1080 and 0.1025.
    EXPECT_EQ(cost_of(200'000_Wh, MicroPoundsPerMwh{142'000'000}), MicroPounds{28'400'000});
    EXPECT_EQ(cost_of(8'000_Wh + 2'500_Wh, MicroPoundsPerMwh{118'500'000}), MicroPounds{1'244'250});
}

}  // namespace
}  // namespace headroom::settlement::test
