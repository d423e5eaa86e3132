#include "scenario/asset_import.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headroom::scenario {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

AssetSet read(const std::string& text, const std::string& name = "london_assets.json") {
    Result<AssetSet> set = read_asset_set(text, name);
    EXPECT_TRUE(set.has_value()) << set.error().message;
    return set ? std::move(*set) : AssetSet{};
}

/// As the prototypes of this kind of system list their assets, extra members included.
constexpr const char* prototype = R"([
  {"id": "sub_001", "name": "Camden Primary", "type": "substation", "lat": 51.539, "lon": -0.142,
   "capacity_kw": 50000, "criticality": "high", "feeds": ["ev_001", "Camden homes"], "flood_zone": "3a",
   "installed": "1974", "operator": {"name": "somebody"}},
  {"id": "ev_001", "name": "King's Cross EV Hub", "type": "ev_hub", "lat": 51.53, "lon": -0.123,
   "criticality": "MEDIUM", "num_charging_stations": 24, "flood_zone": 1},
  {"id": "solar 1", "name": "Roof", "type": "solar_farm", "lat": 51.5, "lon": -0.02,
   "surface_area_m2": 5000, "flood_zone": false, "criticality": "low"},
  {"id": "lido", "name": "Lido", "type": "swimming pool", "lat": 51.5, "lon": -0.02, "capacity_kw": 90}
])";

TEST(ImportAssets, TakesThePrototypesShapeUnchanged) {
    const AssetSet set = read(prototype);

    ASSERT_EQ(set.assets.size(), 4U);
    const Asset& camden = set.assets[0];
    EXPECT_EQ(camden.type, AssetType::substation);
    EXPECT_EQ(camden.criticality, Criticality::high);
    EXPECT_EQ(camden.flood_zone, 3);
    EXPECT_THAT(camden.feeds, ElementsAre("ev_001"));
    EXPECT_THAT(camden.places, ElementsAre("london"));  // by the file's name
    EXPECT_FALSE(camden.illustrative);
    EXPECT_EQ(set.assets[1].num_charging_stations, 24);
    EXPECT_DOUBLE_EQ(set.assets[1].capacity_kw, 24 * 22.0);
    EXPECT_EQ(set.assets[2].id, "solar-1");
    EXPECT_EQ(set.assets[2].source_ref, "solar 1");
    EXPECT_DOUBLE_EQ(set.assets[2].capacity_kw, 1000.0);
    EXPECT_EQ(set.assets[2].flood_zone, 1);
    EXPECT_EQ(set.assets[3].type, AssetType::other);
    EXPECT_THAT(set.notes, UnorderedElementsAre(HasSubstr("Camden homes"), HasSubstr("22 kW"),
                                                HasSubstr("200 W"), HasSubstr("swimming pool")));
}

TEST(ImportAssets, TakesListsByKindAndPlacesInOtherWords) {
    const AssetSet set = read(R"({"location": "Leeds",
      "substations": [{"asset_id": "A", "location": {"latitude": 53.8, "longitude": -1.5}, "capacity_mva": 24}],
      "ev_hubs": [{"id": 7, "coordinates": [53.81, -1.52], "rating_kw": 300, "charger_kw": 50}],
      "version": 3, "tags": ["a"]})");
    ASSERT_EQ(set.assets.size(), 2U);
    EXPECT_EQ(set.assets[0].type, AssetType::substation);
    EXPECT_DOUBLE_EQ(set.assets[0].capacity_kw, 24'000.0);
    EXPECT_DOUBLE_EQ(set.assets[0].lat, 53.8);
    EXPECT_EQ(set.assets[1].id, "7");
    EXPECT_EQ(set.assets[1].type, AssetType::ev_hub);
    EXPECT_THAT(set.assets[1].places, ElementsAre("Leeds"));
}

TEST(ImportAssets, TakesGeoJson) {
    const AssetSet set = read(R"({"type": "FeatureCollection", "name": "Hull", "features": [
      {"type": "Feature", "geometry": {"type": "Point", "coordinates": [-0.33, 53.74]},
       "properties": {"id": "H1", "type": "feeder", "capacity_kw": 500}}]})");
    ASSERT_EQ(set.assets.size(), 1U);
    EXPECT_DOUBLE_EQ(set.assets[0].lat, 53.74);
    EXPECT_DOUBLE_EQ(set.assets[0].lon, -0.33);
    EXPECT_THAT(set.assets[0].places, ElementsAre("Hull"));
}

TEST(ImportAssets, NamesWhatDoesNotFitByItsPlaceInTheFile) {
    for (
        const auto& [text, pointer] : std::vector<std::pair<std::string, std::string>>{
            {"[]", ""},
            {"{}", ""},
            {"3", ""},
            {R"([{"name":"a","capacity_kw":1}])", "/0/lat"},
            {R"([{"lat":1,"lon":1,"capacity_kw":1}])", "/0/id"},
            {R"([{"id":"a","lat":1,"lon":1}])", "/0/capacity_kw"},
            {R"([{"id":"a","lat":1,"lon":1,"capacity_kw":-4}])", "/0/capacity_kw"},
            {R"([{"id":"a","lat":1,"lon":1,"capacity_kw":4,"flood_zone":"river"}])", "/0/flood_zone"},
            {R"([{"id":"a","lat":1,"lon":1,"capacity_kw":4,"surface_area_m2":-1}])", "/0/surface_area_m2"},
            {R"({"feeders":[{"id":"a","lat":1,"lon":1,"capacity_kw":4},{"id":"a","lat":1,"lon":1,"capacity_kw":4}]})",
             "/feeders/1/id"},
            {R"([{"id":"a","lat":1,"lon":1,"capacity_kw":4,"feeds":["b"]},{"id":"b","lat":1,"lon":1,"capacity_kw":4,"feeds":["a"]}])",
             "/0/feeds"}}) {
        const Result<AssetSet> set = read_asset_set(text, "x.json");
        ASSERT_FALSE(set.has_value()) << text;
        EXPECT_EQ(set.error().pointer, pointer) << set.error().message;
    }
}

TEST(AssetsOfSites, RatingsComeWithTheSeasonAndTheSource) {
    const std::vector<feeds::ukpn::PrimarySite> sites{
        {.id = "LPN-S 1",
         .name = "Bankside B",
         .kind = "Primary Substation",
         .rating_summer_mva = 40.0,
         .rating_winter_mva = 48.0,
         .peak_summer_mw = 31.5,
         .peak_winter_mw = 29.0,
         .lat = 51.5,
         .lon = -0.1},
        {.id = "LPN-S2", .name = "No rating", .kind = "", .lat = 51.5, .lon = -0.1},
        {.id = "LPN-S3", .name = "Nowhere", .kind = "", .rating_summer_mva = 40.0}};
    const AssetSet set = assets_of_sites(
        sites,
        {.source = "ukpn", .fetched = parse_utc("2026-07-01T00:00:00Z").value(), .licence = "CC BY 4.0"});

    ASSERT_EQ(set.assets.size(), 1U);
    EXPECT_EQ(set.assets[0].id, "LPN-S-1");
    EXPECT_EQ(set.assets[0].source_ref, "LPN-S 1");
    EXPECT_DOUBLE_EQ(set.assets[0].ratings.summer_kw, 38'800.0);
    EXPECT_DOUBLE_EQ(set.assets[0].capacity_kw, 46'560.0);
    EXPECT_DOUBLE_EQ(set.assets[0].peak_kw, 31'500.0);
    EXPECT_THAT(set.assets[0].source, HasSubstr("2026-07-01, CC BY 4.0"));
    EXPECT_THAT(set.notes, ElementsAre("No rating has no rating", "Nowhere has no place"));
}

TEST(AssetsOfNetwork, ElementsFeedEachOtherAndTheirDersStandTogether) {
    const Result<grid::Network> network = grid::read_grid_csv(
        "type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh\n"
        "substation,S-1,,Town,51.5,-0.1,800,secondary,,\n"
        "feeder,F-1,S-1,High Street,51.5,-0.1,300,commercial,,\n"
        "feeder,F-2,S-1,Lane,51.5,-0.1,,domestic,,\n"
        "der,B-1,F-1,,51.5,-0.1,6,battery,sum,12\n"
        "der,B-2,F-1,,51.5,-0.1,4,battery,sum,8\n",
        "grid.csv");
    ASSERT_TRUE(network.has_value()) << network.error().message;
    History history{.start = parse_utc("2026-07-01T00:00:00Z").value(), .load_kw = {1.0, 2.0}};
    const AssetSet set = assets_of_network(*network, {{"F-1", history}});

    ASSERT_EQ(set.assets.size(), 3U);
    EXPECT_THAT(set.assets[0].feeds, ElementsAre("F-1"));
    EXPECT_EQ(set.assets[1].id, "F-1");
    EXPECT_EQ(set.assets[1].history, history);
    EXPECT_GT(set.assets[1].mix.commercial, 0.5);
    EXPECT_THAT(set.assets[1].feeds, ElementsAre("F-1.batteries"));
    EXPECT_EQ(set.assets[2].type, AssetType::battery);
    EXPECT_DOUBLE_EQ(set.assets[2].capacity_kw, 10.0);
    EXPECT_DOUBLE_EQ(set.assets[2].energy_kwh, 20.0);
    EXPECT_THAT(set.notes, ElementsAre("F-2 has no rating"));
    EXPECT_EQ(assets_at(set, own_network_place).size(), 3U);
    std::vector<Fault> faults;
    check_assets(set.assets, "/assets", faults);
    EXPECT_THAT(faults, IsEmpty());
}

}  // namespace
}  // namespace headroom::scenario
