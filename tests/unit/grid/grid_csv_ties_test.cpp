#include "grid/network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace headroom::grid {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string tree =
    "type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh\n"
    "substation,S-1,,,,,500,secondary,,\n"
    "feeder,F-1,S-1,,,,300,domestic,,\n"
    "feeder,F-2,S-1,,,,300,domestic,,\n"
    "der,D-1,F-1,,,,22,ev_charger,L2,\n";

Result<Network> with(const std::string& rows) {
    return read_grid_csv(tree + rows, "grid.csv");
}
std::string fault_of(const std::string& rows) {
    const Result<Network> network = with(rows);
    EXPECT_FALSE(network.has_value());
    return network ? "" : network.error().message;
}

TEST(GridCsvTies, AreReadWithTheirEndsAndTime) {
    const Result<Network> network = with(
        "tie,T-1,F-1|F-2,Link box,51.5,-0.1,120,manual:45,,\n"
        "tie,T-2, S-1 | F-2 ,,,,80.5,remote,,\n"
        "tie,T-3,F-1|F-2,,,,1,manual,,\n"
        "tie,T 4,F-2|F-1,,,,1,remote : 0,,\n");
    ASSERT_TRUE(network.has_value()) << network.error().message;
    ASSERT_EQ(network->ties().size(), 4U);
    const Tie& box = *network->tie("T-1");
    EXPECT_THAT(box.ends, ElementsAre("F-1", "F-2"));
    EXPECT_EQ(box.name, "Link box");
    EXPECT_EQ(box.rating, 120.0_kW);
    EXPECT_EQ(box.switching, minutes{45});
    EXPECT_FALSE(box.is_remote);
    EXPECT_EQ(box.lat, 51.5);
    EXPECT_EQ(box.other_end("F-2"), "F-1");
    EXPECT_EQ(box.other_end("S-1"), "");
    EXPECT_THAT(network->tie("T-2")->ends, ElementsAre("S-1", "F-2"));
    EXPECT_TRUE(network->tie("T-2")->is_remote);
    EXPECT_EQ(network->tie("T-2")->switching, tie_switching_remote);
    EXPECT_EQ(network->tie("T-3")->switching, tie_switching_manual);
    EXPECT_EQ(network->tie("T-4")->switching, minutes{0});
    EXPECT_EQ(network->tie("T-4")->source_ref, "T 4");
    EXPECT_EQ(network->ties_at("F-1").size(), 3U);
    EXPECT_EQ(network->ties_at("S-1").size(), 1U);
    EXPECT_TRUE(network->ties_at("D-1").empty());
}

TEST(GridCsvTies, MayStandBeforeTheirEnds) {
    const Result<Network> network = read_grid_csv(
        "type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh\n"
        "tie,T-1,F-1|F-2,,,,120,remote,,\n"
        "feeder,F-1,,,,,300,,,\n"
        "feeder,F-2,,,,,300,,,\n",
        "grid.csv");
    ASSERT_TRUE(network.has_value()) << network.error().message;
    EXPECT_EQ(network->ties().size(), 1U);
}

TEST(GridCsvTies, FaultsNameLineAndColumn) {
    EXPECT_THAT(fault_of("tie,T-1,F-1,,,,120,remote,,\n"),
                HasSubstr("line 6, column parent_id: 'F-1' does not name the two ends of a tie as A|B"));
    EXPECT_THAT(fault_of("tie,T-1,F-1|F-2|F-3,,,,120,remote,,\n"), HasSubstr("line 6, column parent_id"));
    EXPECT_THAT(fault_of("tie,T-1,F-1|,,,,120,remote,,\n"), HasSubstr("line 6, column parent_id"));
    EXPECT_THAT(fault_of("tie,T-1,F-1|F-1,,,,120,remote,,\n"), HasSubstr("joins an element with itself"));
    EXPECT_THAT(fault_of("tie,T-1,F-1|F-9,,,,120,remote,,\n"),
                HasSubstr("line 6, column parent_id: there is no 'F-9' in this file"));
    EXPECT_THAT(fault_of("tie,T-1,F-1|D-1,,,,120,remote,,\n"),
                HasSubstr("'D-1' (line 5) is no feeder or substation"));
    EXPECT_THAT(fault_of("tie,T-1,F-1|F-2,,,,,remote,,\n"), HasSubstr("line 6, column rating_kw"));
    EXPECT_THAT(fault_of("tie,T-1,F-1|F-2,,,,0,remote,,\n"), HasSubstr("line 6, column rating_kw"));
    EXPECT_THAT(fault_of("tie,T-1,F-1|F-2,,,,120,soon,,\n"), HasSubstr("line 6, column kind: 'soon'"));
    EXPECT_THAT(fault_of("tie,T-1,F-1|F-2,,,,120,manual:2000,,\n"), HasSubstr("line 6, column kind"));
    EXPECT_THAT(fault_of("tie,T-1,F-1|F-2,,,,120,manual:1.5,,\n"), HasSubstr("line 6, column kind"));
    EXPECT_THAT(fault_of("tie,T-1,F-1|F-2,,,,120,remote,L1,\n"), HasSubstr("line 6, column phase"));
    EXPECT_THAT(fault_of("tie,T-1,F-1|F-2,,,,120,remote,,5\n"), HasSubstr("line 6, column energy_kwh"));
    EXPECT_THAT(fault_of("tie,F-1,F-1|F-2,,,,120,remote,,\n"), HasSubstr("line 6, column id"));
    EXPECT_THAT(fault_of("tie,T-1,F-1|F-2,,,,120,remote,,\nder,D-2,T-1,,,,3,other,,\n"),
                HasSubstr("line 7, column parent_id: 'T-1' (line 6) is no feeder"));
}

TEST(NetworkTies, RefuseWhatIsOutOfBounds) {
    Result<Network> network = with("");
    ASSERT_TRUE(network.has_value());
    Tie tie{.id = {"T-1"}, .ends = {"F-1", "F-2"}, .rating = 10.0_kW, .switching = minutes{5}};
    ASSERT_TRUE(network->add(tie));
    EXPECT_EQ(network->add(tie).error().code, Errc::conflict);
    tie.id = {"T-2"};
    tie.ends = {"F-1", "F-1"};
    EXPECT_EQ(network->add(tie).error().code, Errc::invalid);
    tie.ends = {"F-1", "D-1"};
    EXPECT_EQ(network->add(tie).error().code, Errc::not_found);
    tie.ends = {"F-1", "S-1"};
    tie.rating = Kilowatts{0.0};
    EXPECT_EQ(network->add(tie).error().code, Errc::invalid);
    tie.rating = 5.0_kW;
    tie.switching = minutes{-1};
    EXPECT_EQ(network->add(tie).error().code, Errc::invalid);
    Feeder taken{.id = {"T-1"}};
    EXPECT_EQ(network->add(taken).error().code, Errc::conflict);
}

}  // namespace
}  // namespace headroom::grid
