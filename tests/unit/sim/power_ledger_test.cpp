#include "sim/power_ledger.hpp"

#include "unit/sim/evening.hpp"

#include <gtest/gtest.h>

#include <random>

namespace headroom::sim {
namespace {

using test::evening;

flex::IntervalGrid grid(UtcTime start, std::vector<std::int64_t> watts, milliseconds step = period_length) {
    return {.start = start, .step = step, .values = std::move(watts)};
}

TEST(PowerLedger, LeavesWhatNobodyHolds) {
    PowerLedger ledger;
    ledger.hold("t1", {{"BAT-1", grid(evening, {4000, 1000})}}, std::nullopt);
    const UtcTime second = evening + minutes{30};
    EXPECT_EQ(ledger.left("BAT-1", Watts{6000}, evening, second), Watts{2000});
    EXPECT_EQ(ledger.left("BAT-1", Watts{6000}, second, second + minutes{30}), Watts{5000});
    EXPECT_EQ(ledger.left("BAT-1", Watts{6000}, evening, second + minutes{30}), Watts{2000});
    EXPECT_EQ(ledger.left("BAT-1", Watts{6000}, evening - hours{1}, evening), Watts{6000});
    EXPECT_EQ(ledger.left("BAT-2", Watts{6000}, evening, second), Watts{6000});
    // What one holds oneself may be confirmed.
    EXPECT_EQ(ledger.left("BAT-1", Watts{6000}, evening, second, "t1"), Watts{6000});
    EXPECT_EQ(ledger.left("BAT-1", Watts{3000}, evening, second), Watts{0});
}

TEST(PowerLedger, AGridThatTouchesAHalfHourHoldsAllOfIt) {
    PowerLedger ledger;
    ledger.hold("t1", {{"BAT-1", grid(evening + minutes{20}, {2000, 3000}, minutes{15})}}, std::nullopt);
    EXPECT_EQ(ledger.sold("BAT-1", evening), Watts{2000});                // 17:50 to 18:05 touches it
    EXPECT_EQ(ledger.sold("BAT-1", evening + minutes{30}), Watts{3000});  // and this one, with 18:05 to 18:20
    EXPECT_EQ(ledger.sold("BAT-1", evening + minutes{60}), Watts{0});
}

TEST(PowerLedger, ReleasesAndExpires) {
    PowerLedger ledger;
    ledger.hold("quoted", {{"BAT-1", grid(evening, {4000})}}, evening - minutes{5});
    ledger.expire(evening - minutes{6});
    EXPECT_EQ(ledger.sold("BAT-1", evening), Watts{4000});
    // Confirmed in time: the quote's end no longer counts.
    ledger.hold("quoted", {{"BAT-1", grid(evening, {3000})}}, std::nullopt);
    ledger.expire(evening);
    EXPECT_EQ(ledger.sold("BAT-1", evening), Watts{3000});
    ledger.hold("other", {{"BAT-1", grid(evening, {1000})}}, evening + minutes{5});
    ledger.expire(evening + minutes{5});
    EXPECT_EQ(ledger.sold("BAT-1", evening), Watts{3000});
    ledger.release("quoted");
    ledger.release("quoted");
    EXPECT_EQ(ledger.sold("BAT-1", evening), Watts{0});
    EXPECT_EQ(ledger.holders(), 0U);
}

/// Whatever is bought, given back and let expire in whatever order: a buyer who asks first is never refused
/// what is left, and no half-hour is ever sold beyond its power.
TEST(PowerLedger, NeverSellsBeyondThePower) {
    PowerLedger ledger;
    std::mt19937_64 random(7);
    constexpr std::int64_t power = 10'000;
    for (int i = 0; i < 5000; ++i) {
        const std::string transaction = "t" + std::to_string(random() % 40);
        const UtcTime start = evening + minutes{static_cast<std::int64_t>(random() % 20) * 10};
        if (random() % 3 == 0) {
            ledger.release(transaction);
            continue;
        }
        flex::IntervalGrid wanted = grid(start, {}, minutes{20});
        for (std::size_t slot = 0; slot < 1 + random() % 6; ++slot) {
            wanted.values.push_back(static_cast<std::int64_t>(random() % 6000));
        }
        bool fits = true;
        for (std::size_t slot = 0; slot < wanted.values.size(); ++slot) {
            fits = fits && wanted.values[slot] <= ledger
                                                      .left("BAT-1", Watts{power}, wanted.time_of(slot),
                                                            wanted.time_of(slot + 1), transaction)
                                                      .value;
        }
        if (fits) {
            ledger.hold(transaction, {{"BAT-1", wanted}},
                        random() % 2 == 0 ? std::optional(evening + minutes{i}) : std::nullopt);
        }
        ledger.expire(evening + minutes{i - 50});
        for (int half_hour = -1; half_hour < 12; ++half_hour) {
            const Watts sold = ledger.sold("BAT-1", evening + minutes{30 * half_hour});
            ASSERT_LE(sold.value, power);
            ASSERT_GE(sold.value, 0);
        }
    }
}

}  // namespace
}  // namespace headroom::sim
