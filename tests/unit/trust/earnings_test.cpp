#include "trust/earnings.hpp"

#include "core/random.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <vector>

namespace headroom::trust {
namespace {

const Random half_hour_noise(3);

/// A day of 10 kW with an evening of 20 kW, each half-hour off by 4 %.
DeliveryDay ordinary(std::uint64_t number) {
    DeliveryDay day;
    for (std::size_t i = 0; i < 48; ++i) {
        const double kw = i >= 32 && i < 42 ? 20.0 : 10.0;
        day.load_kw.push_back(kw * (1.0 + 0.04 * half_hour_noise.normal(number, i, 1)));
    }
    return day;
}

std::vector<DeliveryDay> earlier_days() {
    std::vector<DeliveryDay> days;
    for (std::uint64_t number = 0; number < 10; ++number) {
        days.push_back(ordinary(number));
    }
    return days;
}

/// Told at 15:00, delivered from 17:00 to 19:00, the two hours before move the baseline.
constexpr DeliveryWindow window{.told = 30, .start = 34, .end = 38, .baseline_kw = 20.0, .adjusted_from = 30};

DeliveryDay changed(double before, double within) {
    DeliveryDay day = ordinary(99);
    for (std::size_t i = 30; i < 34; ++i) {
        day.load_kw[i] *= before;
    }
    for (std::size_t i = 34; i < 38; ++i) {
        day.load_kw[i] *= within;
    }
    return day;
}

TEST(BaselineInflation, RaisedOnceTheEventWasKnownAndBackToUsualIsFound) {
    DeliveryWindow paid = window;
    paid.baseline_kw = 32.0;  // adjusted upwards by what was raised
    const auto found = find_baseline_inflation("D-1", changed(1.6, 1.0), earlier_days(), paid);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->meter, "D-1");
    EXPECT_GT(found->statistic, 3.0);
    EXPECT_NE(found->detail.find("10 earlier days"), std::string::npos) << found->detail;
}

TEST(BaselineInflation, ARealDeliveryIsNone) {
    EXPECT_FALSE(find_baseline_inflation("D-1", changed(1.0, 0.5), earlier_days(), window));
    // Pre-heating: more before, and much less than usual in the window.
    DeliveryWindow paid = window;
    paid.baseline_kw = 24.0;
    EXPECT_FALSE(find_baseline_inflation("D-1", changed(1.3, 0.4), earlier_days(), paid));
}

TEST(BaselineInflation, NothingIsSaidWithoutGrounds) {
    const std::vector<DeliveryDay> few{ordinary(1), ordinary(2)};
    EXPECT_FALSE(find_baseline_inflation("D-1", changed(1.6, 1.0), few, window));
    DeliveryWindow at_once = window;
    at_once.told = 34;  // told as it begins: nothing could be raised
    EXPECT_FALSE(find_baseline_inflation("D-1", changed(1.6, 1.0), earlier_days(), at_once));
    DeliveryWindow unpaid = window;
    unpaid.baseline_kw = 5.0;
    EXPECT_FALSE(find_baseline_inflation("D-1", changed(1.6, 1.0), earlier_days(), unpaid));
    DeliveryWindow beyond = window;
    beyond.end = 60;
    EXPECT_FALSE(find_baseline_inflation("D-1", changed(1.6, 1.0), earlier_days(), beyond));
}

TEST(BaselineInflation, HonestDaysAreSeldomAccused) {
    int accused = 0;
    for (std::uint64_t number = 100; number < 600; ++number) {
        std::vector<DeliveryDay> earlier;
        for (std::uint64_t back = 1; back <= 10; ++back) {
            earlier.push_back(ordinary(number * 20 + back));
        }
        DeliveryDay day = ordinary(number * 20);
        for (std::size_t i = 34; i < 38; ++i) {
            day.load_kw[i] *= 0.7;
        }
        accused += find_baseline_inflation("D-1", day, earlier, window) ? 1 : 0;
    }
    EXPECT_EQ(accused, 0);
}

std::vector<double> noisy(std::size_t count, double kw, double share, std::uint64_t seed) {
    std::vector<double> out;
    for (std::size_t i = 0; i < count; ++i) {
        out.push_back(kw * (1.0 + share * half_hour_noise.normal(seed, i, 2)));
    }
    return out;
}

TEST(FlatDelivery, ALineWhereAMeterUsedToBeIsFound) {
    const auto found =
        find_flat_delivery("D-1", noisy(60, 20.0, 0.05, 1), std::vector<double>(30, 12.0), std::nan(""));
    ASSERT_TRUE(found);
    EXPECT_GT(found->confidence, 0.5);
    std::vector<double> slope;
    for (int i = 0; i < 30; ++i) {
        slope.push_back(12.0 + 0.1 * i);
    }
    EXPECT_TRUE(find_flat_delivery("D-1", noisy(60, 20.0, 0.05, 1), slope, std::nan(""))) << "a ruler too";
}

TEST(FlatDelivery, TheInstructionToTheWattIsFound) {
    std::vector<double> exact;
    for (int i = 0; i < 30; ++i) {
        exact.push_back(i % 2 == 0 ? 12.004 : 11.996);
    }
    const auto found = find_flat_delivery("D-1", noisy(60, 20.0, 0.05, 1), exact, 12.0);
    ASSERT_TRUE(found);
    EXPECT_NE(found->detail.find("of what was asked"), std::string::npos) << found->detail;
}

TEST(FlatDelivery, ANoisyDeliveryAndABatteryAreNone) {
    EXPECT_FALSE(find_flat_delivery("D-1", noisy(60, 20.0, 0.05, 1), noisy(30, 12.0, 0.05, 2), 12.0));
    EXPECT_FALSE(find_flat_delivery("D-1", noisy(60, 20.0, 0.001, 1), std::vector<double>(30, 12.0), 12.0))
        << "even by nature";
    EXPECT_FALSE(find_flat_delivery("D-1", noisy(60, 20.0, 0.05, 1), std::vector<double>(3, 12.0), 12.0))
        << "too few readings";
}

}  // namespace
}  // namespace headroom::trust
