#include "agents/sources/iec104_switches.hpp"

#include "unit/agents/instants.hpp"

#include <gtest/gtest.h>

namespace headroom::agents {
namespace {

using namespace std::chrono_literals;
using grid::OperationalState;
using net::iec104::TypeId;
using test::noon;

class Iec104SwitchesTest : public ::testing::Test {
  protected:
    Iec104SwitchesTest() {
        telemetry::PointRegistry registry;
        const auto mappings = read_iec104_mapping(
            "station,common_address,object_address,point_id,quantity\n"
            "north,1,100,F-1,breaker\n"
            "north,1,101,F-1,tie\n"
            "north,1,102,F-2,tie\n"
            "north,1,200,F-1,p_kw\n",
            "map.csv", [](std::string_view) { return true; }, registry);
        EXPECT_TRUE(mappings.has_value());
        mapping_ = mappings->at("north");
    }
    std::vector<SwitchReport> read(TypeId type, std::uint32_t address, double value, std::uint8_t quality = 0,
                                   std::optional<net::iec104::TimeTag> time = {}) {
        net::iec104::Asdu asdu;
        asdu.header.type = static_cast<std::uint8_t>(type);
        asdu.header.common_address = 1;
        asdu.objects = {{.address = address, .value = value, .quality = quality, .time = time}};
        std::vector<SwitchReport> out;
        read_switches(asdu, "north", mapping_, {}, noon, out, counts_);
        return out;
    }
    /// What follows from a state of a switch, and is then the element's state.
    OperationalState state_after(std::uint32_t address, bool is_closed) {
        const auto reports = read(TypeId::double_point, address, is_closed ? 2.0 : 1.0);
        if (auto entry = states_.take(reports.at(0), now_)) {
            now_ = *entry;
        }
        return now_.state;
    }

    Iec104Mapping mapping_;
    Iec104Counts counts_;
    SwitchStates states_;
    grid::StateEntry now_;
};

TEST_F(Iec104SwitchesTest, ReadsSingleAndDoublePoints) {
    EXPECT_TRUE(read(TypeId::single_point, 100, 1.0).at(0).is_closed);
    EXPECT_FALSE(read(TypeId::single_point, 100, 0.0).at(0).is_closed);
    EXPECT_FALSE(read(TypeId::double_point, 102, 1.0).at(0).is_closed);
    const auto report =
        read(TypeId::double_point_time, 102, 2.0, 0, net::iec104::TimeTag{.face = noon - 2s}).at(0);
    EXPECT_TRUE(report.is_closed);
    EXPECT_EQ(report.element, "F-2");
    EXPECT_EQ(report.kind, SwitchKind::tie);
    EXPECT_EQ(report.at, noon - 2s);
    EXPECT_EQ(counts_.switches, 4U);
}

TEST_F(Iec104SwitchesTest, WhatIsNotSureSaysNothing) {
    EXPECT_TRUE(read(TypeId::double_point, 100, 0.0).empty()) << "between";
    EXPECT_TRUE(read(TypeId::double_point, 100, 3.0).empty()) << "faulty";
    EXPECT_TRUE(read(TypeId::single_point, 100, 0.0, net::iec104::quality_invalid).empty());
    EXPECT_TRUE(read(TypeId::single_point, 200, 0.0).empty()) << "the mapping has a measured value there";
    EXPECT_TRUE(read(TypeId::single_point, 999, 0.0).empty()) << "not in the mapping";
    EXPECT_EQ(counts_.undecided, 3U);
    EXPECT_EQ(counts_.switches, 0U);
}

TEST_F(Iec104SwitchesTest, TheGravestOfAnElementsSwitchesCounts) {
    EXPECT_EQ(state_after(100, true), OperationalState::normal);
    EXPECT_EQ(state_after(101, true), OperationalState::abnormal) << "fed from elsewhere";
    EXPECT_EQ(state_after(100, false), OperationalState::outage);
    EXPECT_EQ(now_.source, "iec104:north");
    EXPECT_EQ(now_.since, noon);
    EXPECT_EQ(state_after(101, false), OperationalState::outage);
    EXPECT_EQ(state_after(100, true), OperationalState::normal);
}

TEST_F(Iec104SwitchesTest, AnEngineersWordStands) {
    now_ = {.state = OperationalState::normal, .source = "desk", .held_by_engineer = true};
    EXPECT_EQ(state_after(100, false), OperationalState::normal);
    now_ = {.state = OperationalState::permit, .source = "desk"};
    EXPECT_EQ(state_after(100, true), OperationalState::permit);
    EXPECT_EQ(state_after(100, false), OperationalState::permit);
    now_ = {.state = OperationalState::normal, .source = "desk"};
    EXPECT_EQ(state_after(100, false), OperationalState::outage) << "normal is what a feed may change";
}

TEST(Iec104SwitchMapping, ASwitchHasNoPhaseOrScale) {
    telemetry::PointRegistry registry;
    const auto read = read_iec104_mapping(
        "station,common_address,object_address,point_id,quantity,phase,scale\n"
        "north,1,100,F-1,breaker,L1,2\n",
        "map.csv", [](std::string_view) { return true; }, registry);
    ASSERT_FALSE(read.has_value());
    EXPECT_NE(read.error().message.find("column phase: a switch has none"), std::string::npos)
        << read.error().message;
    EXPECT_EQ(registry.size(), 0U);
}

}  // namespace
}  // namespace headroom::agents
