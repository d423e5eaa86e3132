#include "beckn/decimal.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace headroom::beckn {
namespace {

TEST(Decimal, WritesWholeUnitsWithoutNeedlessZeros) {
    EXPECT_EQ(format_decimal(12'500, 3), "12.5");
    EXPECT_EQ(format_decimal(7'000, 3), "7");
    EXPECT_EQ(format_decimal(1, 3), "0.001");
    EXPECT_EQ(format_decimal(0, 6), "0");
    EXPECT_EQ(format_decimal(-50, 2), "-0.5");
    EXPECT_EQ(format_decimal(250'000'000, gbp_per_kwh_decimals), "0.25");
}

TEST(Decimal, ReadsBackExactlyWhatItWrote) {
    for (const std::int64_t value :
         {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, std::int64_t{999'999'999},
          std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
        for (const int decimals : {0, 3, 6, 9, 18}) {
            const Result<std::int64_t> back = parse_decimal(format_decimal(value, decimals), decimals);
            ASSERT_TRUE(back.has_value()) << format_decimal(value, decimals);
            EXPECT_EQ(*back, value);
        }
    }
}

TEST(Decimal, RefusesWhatItCannotHoldExactly) {
    EXPECT_FALSE(parse_decimal("0.0001", 3).has_value());  // a tenth of a watt
    EXPECT_TRUE(parse_decimal("0.0010", 3).has_value());
    EXPECT_FALSE(parse_decimal("9223372036854775808", 0).has_value());
    EXPECT_FALSE(parse_decimal("99999999999999999999999999", 0).has_value());
}

TEST(Decimal, RefusesWhatIsNoDecimalNumber) {
    for (const char* text :
         {"", "-", "+", ".", "1.", "1e3", "0x10", " 1", "1 ", "1,5", "nan", "1.2.3", "--1"}) {
        EXPECT_FALSE(parse_decimal(text, 3).has_value()) << text;
    }
    EXPECT_EQ(parse_decimal("+.5", 3).value(), 500);
}

TEST(Duration, WritesAndReadsIso8601) {
    EXPECT_EQ(format_duration(minutes{30}), "PT30M");
    EXPECT_EQ(format_duration(milliseconds{0}), "PT0S");
    EXPECT_EQ(format_duration(milliseconds{90'500}), "PT1M30.5S");
    EXPECT_EQ(format_duration(hours{25}), "PT25H");
    EXPECT_EQ(parse_duration("PT30M").value(), minutes{30});
    EXPECT_EQ(parse_duration("P1DT2H").value(), hours{26});
    EXPECT_EQ(parse_duration("P2W").value(), hours{336});
    EXPECT_EQ(parse_duration("PT1.25S").value(), milliseconds{1250});
}

TEST(Duration, RefusesLengthsThatAreNotFixedOrNotSane) {
    for (const char* text : {"", "P", "PT", "30M", "P1M", "P1Y", "PT1H1H", "PT5M1H", "P1DT", "PT-5M",
                             "PT1.5H", "P9999W", "PT99999999999999999999S"}) {
        EXPECT_FALSE(parse_duration(text).has_value()) << text;
    }
}

}  // namespace
}  // namespace headroom::beckn
