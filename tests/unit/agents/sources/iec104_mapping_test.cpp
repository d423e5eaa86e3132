#include "agents/sources/iec104_mapping.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headroom::agents {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

bool is_feeder(std::string_view id) {
    return id.starts_with("F-");
}

Result<std::map<std::string, Iec104Mapping>> read(std::string_view text, telemetry::PointRegistry& registry) {
    return read_iec104_mapping(text, "map.csv", is_feeder, registry);
}

TEST(Iec104Mapping, ReadsEveryColumn) {
    telemetry::PointRegistry registry;
    const auto mappings = read(
        "station,common_address,object_address,point_id,quantity,phase,scale,offset,deadband_class\n"
        "north,3,4001,F-1,i_a,L2,0.1,-5,change\n",
        registry);
    ASSERT_TRUE(mappings.has_value());
    const Iec104Object* object = mappings->at("north").find(3, 4001);
    ASSERT_NE(object, nullptr);
    EXPECT_EQ(registry.key(object->point).text(), "F-1/i_a/L2");
    EXPECT_EQ(object->scale, 0.1);
    EXPECT_EQ(object->offset, -5.0);
    EXPECT_EQ(object->deadband_class, DeadbandClass::change);
}

TEST(Iec104Mapping, LeftOutColumnsHaveTheirUsualValues) {
    telemetry::PointRegistry registry;
    const auto mappings = read("point_id,station,object_address,common_address\nF-1,north,7,3\n", registry);
    ASSERT_TRUE(mappings.has_value());
    const Iec104Object* object = mappings->at("north").find(3, 7);
    ASSERT_NE(object, nullptr);
    EXPECT_EQ(registry.key(object->point).text(), "F-1/p_kw/sum");
    EXPECT_EQ(object->scale, 1.0);
    EXPECT_EQ(object->offset, 0.0);
    EXPECT_EQ(object->deadband_class, DeadbandClass::cyclic);
}

TEST(Iec104Mapping, FindsByBothAddressesWithinAStation) {
    telemetry::PointRegistry registry;
    const auto mappings = read(
        "station,common_address,object_address,point_id\n"
        "north,2,9,F-3\nnorth,1,9,F-2\nnorth,1,5,F-1\nsouth,1,5,F-9\n",
        registry);
    ASSERT_TRUE(mappings.has_value());
    const Iec104Mapping& north = mappings->at("north");
    EXPECT_EQ(registry.key(north.find(1, 9)->point).point_id, "F-2");
    EXPECT_EQ(registry.key(north.find(2, 9)->point).point_id, "F-3");
    EXPECT_EQ(registry.key(mappings->at("south").find(1, 5)->point).point_id, "F-9");
    EXPECT_EQ(north.find(2, 5), nullptr);
    EXPECT_EQ(north.find(1, 10), nullptr);
    EXPECT_THAT(north.common_addresses(), ElementsAre(1, 2));
}

TEST(Iec104Mapping, TellsEveryFaultWithItsPlace) {
    telemetry::PointRegistry registry;
    const auto mappings = read(
        "station,common_address,object_address,point_id,quantity,phase,scale,deadband_class\n"
        "no rth,0,16777216,X-1,kw,L9,0,often\n"
        "north,1,1.5,F-1,,,,\n",
        registry);
    ASSERT_FALSE(mappings.has_value());
    EXPECT_EQ(mappings.error().code, Errc::invalid);
    for (const char* part :
         {"map.csv: line 2, column station", "column common_address: \"0\" is no number from 1",
          "column object_address", "column point_id: \"X-1\" is not in the grid", "column quantity",
          "column phase", "column scale: is 0", "column deadband_class",
          "line 3, column object_address: 1.5 is no whole number"}) {
        EXPECT_THAT(mappings.error().message, HasSubstr(part));
    }
    EXPECT_EQ(registry.size(), 0U);
}

TEST(Iec104Mapping, RefusesOneAddressOrOnePointTwice) {
    telemetry::PointRegistry registry;
    const std::string header = "station,common_address,object_address,point_id\n";
    EXPECT_THAT(read(header + "north,1,1,F-1\nnorth,1,1,F-2\n", registry).error().message,
                HasSubstr("1/1 of north stands twice"));
    EXPECT_THAT(read(header + "north,1,1,F-1\nsouth,1,2,F-1\n", registry).error().message,
                HasSubstr("F-1/p_kw/sum is measured by two objects"));
}

TEST(Iec104Mapping, RefusesAFileOfAnotherForm) {
    telemetry::PointRegistry registry;
    EXPECT_THAT(read("", registry).error().message, HasSubstr("the file is empty"));
    EXPECT_THAT(read("station,common_address,object_address,colour\n", registry).error().message,
                HasSubstr("the column \"colour\" is not known here; the column point_id is missing"));
    EXPECT_THAT(read("station,common_address,object_address,point_id\nnorth,1\n", registry).error().message,
                HasSubstr("line 2 has 2 fields and not 4"));
}

TEST(Iec104Mapping, TellsTwentyFaultsAndCountsTheRest) {
    telemetry::PointRegistry registry;
    std::string text = "station,common_address,object_address,point_id\n";
    for (int i = 0; i < 25; ++i) {
        text += "north,1," + std::to_string(i) + ",X\n";
    }
    EXPECT_THAT(read(text, registry).error().message, HasSubstr("; and 5 more"));
}

}  // namespace
}  // namespace headroom::agents
