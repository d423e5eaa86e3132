#include "agents/sources/iec104_readings.hpp"

#include "unit/agents/instants.hpp"

#include <gtest/gtest.h>

namespace headroom::agents {
namespace {

using namespace std::chrono_literals;
using net::iec104::Asdu;
using net::iec104::InformationObject;
using net::iec104::TimeTag;
using net::iec104::TypeId;
using telemetry::Quality;
using telemetry::Quarantine;
using test::noon;

class Iec104ReadingsTest : public ::testing::Test {
  protected:
    Iec104ReadingsTest()
        : point_(registry_.intern({"F-1", grid::Quantity::p_kw, grid::Phase::sum})),
          mapping_(
              {{.common_address = 1, .object_address = 10, .point = point_, .scale = -0.5, .offset = 3.0}}) {
        rules_.source = registry_.intern_source("north");
    }

    std::vector<telemetry::Reading> read(TypeId type, const InformationObject& object) {
        Asdu asdu;
        asdu.header.type = static_cast<std::uint8_t>(type);
        asdu.header.common_address = 1;
        asdu.header.is_test = is_test_;
        asdu.objects = {object};
        std::vector<telemetry::Reading> readings;
        read_iec104(asdu, mapping_, rules_, noon, readings, report_, counts_);
        return readings;
    }
    std::uint64_t quarantined(Quarantine reason) const {
        return report_.quarantined[static_cast<std::size_t>(reason)];
    }

    telemetry::PointRegistry registry_;
    telemetry::PointRef point_;
    Iec104Mapping mapping_;
    Iec104Rules rules_;
    telemetry::DecodeReport report_;
    Iec104Counts counts_;
    bool is_test_ = false;
};

TEST_F(Iec104ReadingsTest, ATimeTaggedValueIsAnInstantOfItsOwnTime) {
    const auto readings =
        read(TypeId::short_float_time, {.address = 10, .value = 100.0, .time = TimeTag{.face = noon - 2s}});
    ASSERT_EQ(readings.size(), 1U);
    EXPECT_EQ(readings[0].value, -47.0);  // 100 × -0.5 + 3
    EXPECT_EQ(readings[0].interval_start, noon - 2s);
    EXPECT_EQ(readings[0].interval_end, noon - 2s);
    EXPECT_EQ(readings[0].point, point_);
    EXPECT_EQ(readings[0].source, rules_.source);
    EXPECT_EQ(readings[0].quality, Quality::measured);
    EXPECT_EQ(counts_.untimed, 0U);
}

TEST_F(Iec104ReadingsTest, WithoutATagTheTimeOfArrivalIsTakenAndCalledAnEstimate) {
    const auto readings = read(TypeId::scaled, {.address = 10, .value = 2.0});
    ASSERT_EQ(readings.size(), 1U);
    EXPECT_EQ(readings[0].interval_end, noon);
    EXPECT_EQ(readings[0].quality, Quality::estimated);
    EXPECT_EQ(counts_.untimed, 1U);
    EXPECT_EQ(counts_.bad_times, 0U);

    rules_.untimed = Quality::measured;
    EXPECT_EQ(read(TypeId::scaled, {.address = 10, .value = 2.0})[0].quality, Quality::measured);
}

TEST_F(Iec104ReadingsTest, AClockThatTheStationDoesNotTrustIsNotUsed) {
    for (const TimeTag& tag :
         {TimeTag{.face = noon - 1h, .is_invalid = true}, TimeTag{.face = std::nullopt}}) {
        const auto readings = read(TypeId::scaled_time, {.address = 10, .value = 2.0, .time = tag});
        ASSERT_EQ(readings.size(), 1U);
        EXPECT_EQ(readings[0].interval_end, noon);
        EXPECT_EQ(readings[0].quality, Quality::estimated);
    }
    EXPECT_EQ(counts_.bad_times, 2U);
}

TEST_F(Iec104ReadingsTest, QualityDecidesWhetherAndAsWhatAValueIsUsed) {
    const auto quality = [this](std::uint8_t bits) -> std::optional<Quality> {
        const auto readings =
            read(TypeId::normalised_time,
                 {.address = 10, .value = 0.5, .quality = bits, .time = TimeTag{.face = noon}});
        return readings.empty() ? std::nullopt : std::optional(readings[0].quality);
    };
    EXPECT_EQ(quality(0), Quality::measured);
    EXPECT_EQ(quality(net::iec104::quality_substituted), Quality::substituted);
    EXPECT_EQ(quality(net::iec104::quality_overflow), Quality::estimated);
    EXPECT_EQ(quality(net::iec104::quality_substituted | net::iec104::quality_overflow),
              Quality::substituted);
    EXPECT_EQ(quality(net::iec104::quality_invalid), std::nullopt);
    EXPECT_EQ(quality(net::iec104::quality_not_topical), std::nullopt);
    EXPECT_EQ(quality(net::iec104::quality_blocked | net::iec104::quality_substituted), std::nullopt);
    EXPECT_EQ(quarantined(Quarantine::bad_quality), 3U);
    EXPECT_EQ(report_.errors[0].detail, "common address 1, object 10 is marked IV");
    EXPECT_EQ(report_.errors[0].pointer, "/1/10");
}

TEST_F(Iec104ReadingsTest, AnObjectThatNobodyMappedIsQuarantinedWithItsAddresses) {
    EXPECT_TRUE(read(TypeId::short_float, {.address = 11, .value = 1.0}).empty());
    EXPECT_EQ(quarantined(Quarantine::unknown_point), 1U);
    EXPECT_EQ(report_.errors.at(0).detail, "common address 1, object 11 is not in the mapping");
}

TEST_F(Iec104ReadingsTest, StatesAndTestsMakeNoReadings) {
    EXPECT_TRUE(read(TypeId::double_point_time, {.address = 10, .value = 2.0}).empty());
    EXPECT_EQ(counts_.states, 1U);
    EXPECT_TRUE(read(TypeId::interrogation, {.address = 0, .value = 20.0}).empty());
    is_test_ = true;
    EXPECT_TRUE(read(TypeId::short_float, {.address = 10, .value = 1.0}).empty());
    EXPECT_EQ(counts_.tests, 1U);
    EXPECT_EQ(counts_.objects, 1U);
    EXPECT_EQ(report_.quarantined_total(), 0U);
}

TEST_F(Iec104ReadingsTest, SummerTimeAndOffsetLeadBackToUtc) {
    EXPECT_EQ(instant_of({.face = noon}, 0ms), noon);
    EXPECT_EQ(instant_of({.face = noon, .is_summer_time = true}, 0ms), noon - 1h);
    EXPECT_EQ(instant_of({.face = noon, .is_summer_time = true}, 1h), noon - 2h);
    EXPECT_EQ(instant_of({.face = noon}, -5h), noon + 5h);
    // The hour that comes twice when clocks go back is told apart by the bit alone.
    EXPECT_EQ(*instant_of({.face = noon}, 0ms) - *instant_of({.face = noon, .is_summer_time = true}, 0ms),
              1h);
}

}  // namespace
}  // namespace headroom::agents
