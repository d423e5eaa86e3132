#include "app/iec104_stations.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include <unistd.h>

namespace headroom::app {
namespace {

using ::testing::HasSubstr;

class Iec104StationsTest : public ::testing::Test {
  protected:
    Iec104StationsTest()
        : path_(std::filesystem::temp_directory_path() /
                ("headroom-mapping-" + std::to_string(::getpid()) + ".csv")) {
        const auto network = grid::read_grid_csv(
            "type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh\n"
            "substation,SS-1,,South,51,0,500,secondary,,\nfeeder,F-1,SS-1,One,51,0,100,domestic,,\n",
            "grid.csv");
        EXPECT_TRUE(network.has_value());
        network_ = *network;
        settings_.mapping_file = path_.string();
        settings_.t1_s = 9;
        settings_.stations = {
            {.id = {"north"}, .host = "h", .utc_offset_min = 60, .untimed_quality = "measured"}};
    }
    ~Iec104StationsTest() override { std::filesystem::remove(path_); }
    Result<std::vector<agents::Iec104Station>> read(const std::string& rows) {
        std::ofstream(path_) << "station,common_address,object_address,point_id\n" << rows;
        return iec104_stations(settings_, network_, registry_);
    }

    std::filesystem::path path_;
    grid::Network network_;
    telemetry::PointRegistry registry_;
    Iec104SourceSettings settings_;
};

TEST_F(Iec104StationsTest, BringsSettingsAndMappingTogether) {
    const auto stations = read("north,1,10,F-1\nnorth,1,11,SS-1\n");
    ASSERT_TRUE(stations.has_value());
    ASSERT_EQ(stations->size(), 1U);
    EXPECT_EQ(stations->front().link.rules.t1, seconds{9});
    EXPECT_EQ(stations->front().utc_offset, hours{1});
    EXPECT_EQ(stations->front().untimed, telemetry::Quality::measured);
    EXPECT_EQ(stations->front().mapping.objects().size(), 2U);
}

TEST_F(Iec104StationsTest, TellsWhatIsMissing) {
    EXPECT_THAT(read("").error().message, HasSubstr("maps nothing of station north"));
    EXPECT_THAT(read("north,1,1,F-1\nwest,1,1,SS-1\n").error().message,
                HasSubstr("maps objects of station west, which iec104.stations does not name"));
    EXPECT_THAT(read("north,1,1,F-9\n").error().message, HasSubstr("\"F-9\" is not in the grid"));
    settings_.mapping_file = "/nowhere/map.csv";
    EXPECT_THAT(iec104_stations(settings_, network_, registry_).error().message,
                HasSubstr("iec104.mapping_file"));
}

TEST_F(Iec104StationsTest, NoStationsNeedNoFile) {
    settings_ = {};
    EXPECT_TRUE(iec104_stations(settings_, network_, registry_)->empty());
}

}  // namespace
}  // namespace headroom::app
