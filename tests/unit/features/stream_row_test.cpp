#include "features/stream_row.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace headroom::features {
namespace {

std::size_t stream_column(std::string_view name) {
    return static_cast<std::size_t>(std::find(stream_names.begin(), stream_names.end(), name) -
                                    stream_names.begin());
}

struct Row : testing::Test {
    Row() { ring.restart(slot - 49); }
    float of(std::string_view name) {
        past.load = &ring;
        past.slot = slot;
        past.cadence = minutes{1};
        past.half_hours = &halves;
        values.resize(stream_count + past.external.size());
        make_stream_row(past, hour, values);
        return values.at(stream_column(name));
    }
    // Noon UTC on a summer day: 13:00 in London.
    const std::int64_t slot = parse_utc("2026-07-01T12:00:00Z")->time_since_epoch() / minutes{1};
    std::array<float, ring_size> memory{};
    std::int64_t newest = 0;
    ReadingRing ring{memory, newest};
    OwnHalfHours half_memory;
    HalfHourRing halves = half_memory.ring();
    LocalHour hour;
    StreamPast past;
    std::vector<float> values;
};

TEST_F(Row, LagsAreSlotsAndUnknownOnesStayUnknown) {
    ring.write(slot - 12, 12.0F);
    ring.write(slot - 1, 1.0F);
    ring.write(slot, 5.0F);
    EXPECT_EQ(of("load_kw"), 5.0F);
    EXPECT_EQ(of("load_kw_lag_1"), 1.0F);
    EXPECT_TRUE(std::isnan(of("load_kw_lag_2")));
    EXPECT_EQ(of("load_kw_lag_12"), 12.0F);
    EXPECT_EQ(of("mean_kw"), 6.0F);
    EXPECT_TRUE(std::isnan(of("slope_kw_min")));
    EXPECT_TRUE(std::isnan(of("load_kw_yesterday")));
    EXPECT_TRUE(std::isnan(of("penetration")));
}

TEST_F(Row, OneReadingHasNoSpread) {
    ring.write(slot, 5.0F);
    EXPECT_TRUE(std::isnan(of("std_kw")));
    EXPECT_TRUE(std::isnan(of("gradient_kw_min")));
}

TEST_F(Row, TheGradientTakesTheTrueTimeOverAGapOfUpToThreeSlots) {
    ring.write(slot - 3, 2.0F);
    ring.write(slot, 8.0F);
    EXPECT_EQ(of("gradient_kw_min"), 2.0F);
    ring.restart(slot - 49);
    ring.write(slot - 4, 2.0F);
    ring.write(slot, 8.0F);
    EXPECT_TRUE(std::isnan(of("gradient_kw_min")));
}

TEST_F(Row, TheSlopeIsThatOfTheStraightLine) {
    for (int i = 0; i < 4; ++i) {
        ring.write(slot - 3 + i, 10.0F + 2.5F * static_cast<float>(i));
    }
    EXPECT_FLOAT_EQ(of("slope_kw_min"), 2.5F);
}

TEST_F(Row, PenetrationIsTheShareOfTheGrossLoad) {
    ring.write(slot, 60.0F);
    past.has_solar = true;
    past.solar_kw = 30.0;
    EXPECT_FLOAT_EQ(of("penetration"), 30.0F / 90.0F);
    past.has_wind = true;
    EXPECT_TRUE(std::isnan(of("penetration"))) << "wind is metered, but not known now";
    past.wind_kw = 10.0;
    EXPECT_FLOAT_EQ(of("penetration"), 0.4F);
    past.rating_kw = 6000.0;
    EXPECT_TRUE(std::isnan(of("penetration"))) << "100 kW of gross load are next to nothing there";
}

TEST_F(Row, TheHourIsLocalAndTheDayBeforeIsUtc) {
    ring.write(slot, 5.0F);
    EXPECT_NEAR(of("hour_sin"), std::sin(2.0 * 3.14159265358979 * 13.0 / 24.0), 1e-6);
    EXPECT_NEAR(of("hour_cos"), std::cos(2.0 * 3.14159265358979 * 13.0 / 24.0), 1e-6);
    const std::int64_t period = period_index(parse_utc("2026-07-01T12:00:00Z").value());
    halves.set(period - periods_per_week, 7.0F);
    halves.set(period - periods_per_day, 9.0F);
    EXPECT_EQ(of("load_kw_yesterday"), 9.0F);
    EXPECT_EQ(of("load_kw_last_week"), 7.0F);
}

TEST_F(Row, ExternalColumnsStandBehindTheOthers) {
    ring.write(slot, 5.0F);
    const std::array<float, 2> weather{11.5F, std::nanf("")};
    past.external = weather;
    EXPECT_EQ(of("load_kw"), 5.0F);
    EXPECT_EQ(values.at(stream_count), 11.5F);
    EXPECT_TRUE(std::isnan(values.at(stream_count + 1)));
}

TEST(StreamSchema, ChangesWithNamesAndCadence) {
    const std::vector<std::string> weather{"temp_c"};
    const std::string plain = stream_schema_hash({}, minutes{1});
    EXPECT_EQ(plain, stream_schema_hash({}, minutes{1}));
    EXPECT_NE(plain, stream_schema_hash(weather, minutes{1}));
    EXPECT_NE(plain, stream_schema_hash({}, minutes{5}));
}

}  // namespace
}  // namespace headroom::features
