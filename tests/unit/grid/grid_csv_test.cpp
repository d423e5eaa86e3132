#include "grid/network.hpp"

#include "unit/grid/samples.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace headroom::grid {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Network read(const std::string& text) {
    Result<Network> network = read_grid_csv(text, "grid.csv");
    EXPECT_TRUE(network.has_value()) << network.error().message;
    return network ? std::move(*network) : Network{};
}
Network read_rows(const std::string& rows) {
    return read(std::string(grid_csv_header) + rows);
}
std::string fault(const std::string& text) {
    const Result<Network> network = read_grid_csv(text, "grid.csv");
    EXPECT_FALSE(network.has_value());
    if (network) {
        return "";
    }
    EXPECT_EQ(network.error().code, Errc::invalid);
    return network.error().message;
}
std::string fault_of_rows(const std::string& rows) {
    return fault(std::string(grid_csv_header) + rows);
}

TEST(ReadGridCsv, ReadsElementsAndTheirTree) {
    const Network network = read_rows(
        "substation,S-1,,\"Abbey Road, north\",51.5,-0.17,500,secondary,,\n"
        "feeder,F-1,S-1,Abbey 1,51.51,-0.18,300,domestic,,\n"
        "der,D-1,F-1,Kerb charger,51.52,-0.19,22,ev_charger,L2,\n"
        "der,D-2,F-1,Powerwall,,,5.5,battery,sum,13.5\n");
    ASSERT_EQ(network.substations().size(), 1U);
    EXPECT_EQ(network.substations()[0].name, "Abbey Road, north");
    EXPECT_EQ(network.substations()[0].lat, 51.5);
    EXPECT_EQ(network.substations()[0].rating, 500.0_kW);
    EXPECT_EQ(network.feeder("F-1")->lon, -0.18);
    EXPECT_EQ(network.feeder("F-1")->kind, "domestic");
    EXPECT_EQ(network.feeder("F-1")->source_ref, "");

    const Der& charger = *network.der("D-1");
    EXPECT_EQ(charger.der_class, DerClass::ev_charger);
    EXPECT_EQ(charger.phase, Phase::l2);
    EXPECT_EQ(charger.turn_down_max, 22'000_W);
    EXPECT_EQ(charger.turn_up_max, 0_W);
    EXPECT_EQ(charger.energy, 0_Wh);

    const Der& battery = *network.der("D-2");
    EXPECT_EQ(battery.turn_down_max, 5'500_W);
    EXPECT_EQ(battery.turn_up_max, 5'500_W);
    EXPECT_EQ(battery.energy, 13'500_Wh);
    EXPECT_EQ(battery.phase, Phase::sum);
}

TEST(ReadGridCsv, MakesLimitsOfAFeedersRating) {
    const Network network = read_rows("feeder,F-1,,,,,300,,,\n");
    const std::vector<const Limit*> limits = network.limits_of("F-1");
    ASSERT_EQ(limits.size(), 4U);
    const Phase phases[] = {Phase::l1, Phase::l2, Phase::l3, Phase::sum};
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_EQ(limits[i]->phase, phases[i]);
        EXPECT_EQ(limits[i]->value, i == 3 ? 300.0 : 100.0);
        EXPECT_EQ(limits[i]->kind, LimitKind::continuous);
        EXPECT_EQ(limits[i]->direction, Direction::import_);
        EXPECT_EQ(limits[i]->verified_by, "grid file grid.csv");
    }
}

TEST(ReadGridCsv, ASinglePhaseFeederIsLimitedOnItsPhase) {
    const Network network = read_rows("feeder,F-1,,,,,300,,L2,\n");
    const std::vector<const Limit*> limits = network.limits_of("F-1");
    ASSERT_EQ(limits.size(), 2U);
    EXPECT_EQ(limits[0]->phase, Phase::l2);
    EXPECT_EQ(limits[0]->value, 300.0);
    EXPECT_EQ(limits[1]->phase, Phase::sum);
    EXPECT_EQ(limits[1]->value, 300.0);
}

TEST(ReadGridCsv, AnUnknownRatingIsNoLimit) {
    EXPECT_TRUE(read_rows("feeder,F-1,,,,,,,,\n").limits().empty());
    EXPECT_TRUE(read_rows("feeder,F-1,,,,,0,,,\n").limits().empty());
    EXPECT_TRUE(read_rows("substation,S-1,,,,,500,,,\n").limits().empty());
}

TEST(ReadGridCsv, TakesRowsInAnyOrder) {
    const Network network = read_rows(
        "der,D-1,F-1,,,,7,ev_charger,L1,\nfeeder,F-1,S-1,,,,300,,,\nsubstation,S-1,HV,,,,,,,\n"
        "feeder,HV,P,,,,4000,,,\nsubstation,P,,,,,,primary,,\n");
    EXPECT_TRUE(network.is_below("F-1", "P"));
    EXPECT_EQ(network.ders_on("F-1").size(), 1U);
}

TEST(ReadGridCsv, TakesColumnsInAnyOrderAndOtherLineEnds) {
    const Network network = read(
        "\xEF\xBB\xBFid,type,rating_kw,parent_id,energy_kwh,phase,kind,lon,lat,name\r\n"
        "F-1,feeder,300,,,,domestic,-0.1,51.5,\"a \"\"quoted\"\" name\"\r\n");
    EXPECT_EQ(network.feeder("F-1")->rating, 300.0_kW);
    EXPECT_EQ(network.feeder("F-1")->lat, 51.5);
    EXPECT_EQ(network.feeder("F-1")->name, "a \"quoted\" name");
}

TEST(ReadGridCsv, MapsForeignNamesToIdsAndKeepsThem) {
    const Network network = read_rows(
        "substation,Abbey Rd/1,,,,,,,,\nfeeder,Abbey Rd/1 F2,Abbey Rd/1,,,,300,,,\n"
        "der,Zoë's EV,Abbey Rd/1 F2,,,,7,ev_charger,,\n");
    ASSERT_NE(network.feeder("Abbey-Rd-1-F2"), nullptr);
    EXPECT_EQ(network.feeder("Abbey-Rd-1-F2")->source_ref, "Abbey Rd/1 F2");
    EXPECT_EQ(network.feeder("Abbey-Rd-1-F2")->parent, "Abbey-Rd-1");
    EXPECT_EQ(network.ders()[0].source_ref, "Zoë's EV");
    EXPECT_EQ(network.limits_of("Abbey-Rd-1-F2").size(), 4U);
}

TEST(ReadGridCsv, NamesLineAndColumnOfEachFault) {
    const std::string message = fault_of_rows(
        "pole,X,,,,,,,,\n"
        "feeder,,,,,,,,,\n"
        "feeder,F-1,,,91,0,,,,\n"
        "feeder,F-2,,,51,,,,,\n"
        "feeder,F-3,,,,,abc,,,\n"
        "feeder,F-4,,,,,-5,,,\n"
        "feeder,F-5,,,,,nan,,,\n"
        "der,D-1,F-1,,,,5,toaster,,\n"
        "der,D-2,F-1,,,,5,battery,L4,\n"
        "der,D-3,,,,,,battery,,-1\n"
        "substation,S-1,,,,,,,L1,5\n");
    for (const char* part : {"grid.csv: line 2, column type: 'pole' is not substation, feeder, der or tie",
                             "line 3, column id: is empty", "line 4, column lat: '91' is not from -90 to 90",
                             "line 5, column lon: is empty, while the other half of the place is given",
                             "line 6, column rating_kw: 'abc' is not a number",
                             "line 7, column rating_kw: '-5' is not from 0 to 10000000",
                             "line 8, column rating_kw: 'nan' is not a number",
                             "line 9, column kind: 'toaster' is not battery, ev_charger",
                             "line 10, column phase: 'L4' is not L1, L2, L3 or sum",
                             "line 11, column energy_kwh: '-1' is not from 0",
                             "line 11, column rating_kw: is empty, and a DER needs one",
                             "line 11, column parent_id: is empty, and a DER sits on a feeder",
                             "line 12, column energy_kwh: belongs to a DER only",
                             "line 12, column phase: belongs to a feeder or DER only"}) {
        EXPECT_THAT(message, HasSubstr(part));
    }
}

TEST(ReadGridCsv, NamesColumnsThatAreNotKnownRepeatedOrMissing) {
    EXPECT_EQ(fault("type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh,colour\n"),
              "grid.csv: line 1: the column 'colour' is not known here");
    EXPECT_EQ(fault("type,id,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh\n"),
              "grid.csv: line 1: the column id stands twice");
    EXPECT_EQ(fault("type,id,parent_id,name,lat,lon,kind,phase,energy_kwh\n"),
              "grid.csv: line 1: the column rating_kw is missing");
    EXPECT_EQ(fault(""), "grid.csv: the file is empty");
}

TEST(ReadGridCsv, RefusesRowsOfAnotherWidthAndBrokenQuotes) {
    EXPECT_EQ(fault_of_rows("feeder,F-1,,,,,300,,\n"), "grid.csv: line 2: 9 fields, the header has 10");
    EXPECT_THAT(fault_of_rows("feeder,F-1,,\"open,,,300,,,\n"),
                HasSubstr("line 2, field 4: the quoted field"));
}

TEST(ReadGridCsv, RefusesParentsThatAreMissingOfTheWrongTypeOrTheirOwn) {
    EXPECT_EQ(fault_of_rows("feeder,F-1,S-9,,,,,,,\n"),
              "grid.csv: line 2, column parent_id: there is no 'S-9' in this file");
    EXPECT_EQ(fault_of_rows("substation,S-1,,,,,,,,\nder,D-1,S-1,,,,5,battery,,\n"),
              "grid.csv: line 3, column parent_id: 'S-1' (line 2) is no feeder");
    EXPECT_EQ(fault_of_rows("feeder,F-1,,,,,,,,\nfeeder,F-2,F-1,,,,,,,\n"),
              "grid.csv: line 3, column parent_id: 'F-1' (line 2) is no substation");
    EXPECT_EQ(fault_of_rows("substation,S-1,S-1,,,,,,,\n"),
              "grid.csv: line 2, column parent_id: leads in a ring back to itself");
}

TEST(ReadGridCsv, TellsARingOnceAndNotWhatHangsBelowIt) {
    const std::string message = fault_of_rows(
        "feeder,F-1,B,,,,,,,\nsubstation,A,B,,,,,,,\nsubstation,B,C,,,,,,,\nsubstation,C,A,,,,,,,\n"
        "feeder,F-2,S-9,,,,,,,\nder,D-1,F-2,,,,5,battery,,\n");
    EXPECT_THAT(message, HasSubstr("line 3, column parent_id: leads in a ring"));
    EXPECT_THAT(message, HasSubstr("line 4, column parent_id: leads in a ring"));
    EXPECT_THAT(message, HasSubstr("line 5, column parent_id: leads in a ring"));
    EXPECT_THAT(message, HasSubstr("line 6, column parent_id: there is no 'S-9'"));
    EXPECT_THAT(message, Not(HasSubstr("line 2")));
    EXPECT_THAT(message, Not(HasSubstr("line 7")));
}

TEST(ReadGridCsv, RefusesRepeatedIdsAndNamesThatBecomeTheSameId) {
    EXPECT_EQ(fault_of_rows("feeder,F-1,,,,,,,,\nfeeder,F-1,,,,,,,,\n"),
              "grid.csv: line 3, column id: 'F-1' stands on line 2 already");
    EXPECT_EQ(fault_of_rows("feeder,F 1,,,,,,,,\nfeeder,F/1,,,,,,,,\n"),
              "grid.csv: line 3, column id: the id F-1 is taken by a feeder");
}

TEST(ReadGridCsv, TellsTwentyFaultsAndCountsTheRest) {
    std::string rows;
    for (int i = 0; i < 25; ++i) {
        rows += "feeder,F-" + std::to_string(i) + ",,,,,x,,,\n";
    }
    const std::string message = fault_of_rows(rows);
    EXPECT_THAT(message, HasSubstr("line 21, column rating_kw"));
    EXPECT_THAT(message, Not(HasSubstr("line 22")));
    EXPECT_THAT(message, HasSubstr("; and 5 more"));
}

TEST(ReadGridCsv, RefusesTextThatWouldHarmALogOrAScreen) {
    EXPECT_EQ(fault_of_rows("feeder,F-1,,\"two\nlines\",,,,,,\n"),
              "grid.csv: line 2, column name: holds a control character");
    EXPECT_EQ(fault_of_rows("feeder,F-1,,\xFF,,,,,,\n"), "grid.csv: line 2, column name: is no UTF-8");
    EXPECT_EQ(fault_of_rows("feeder,F-1,," + std::string(257, 'x') + ",,,,,,\n"),
              "grid.csv: line 2, column name: longer than 256 bytes");
    EXPECT_THAT(fault_of_rows("\"po\nle\",F-1,,,,,,,,\n"), HasSubstr("'po?le'"));
}

TEST(ReadGridCsv, AHeaderAloneIsAnEmptyNetwork) {
    EXPECT_TRUE(read(std::string(grid_csv_header)).feeders().empty());
}

}  // namespace
}  // namespace headroom::grid
