#include "scenario/asset_set.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace headroom::scenario {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Two assets of a set, the members of the first replaced by `members`.
std::string file_with(const std::string& members) {
    return R"({"format":"headroom-assets/1","name":"t","source":"test","places":["Town"],"assets":[)"
           R"({"id":"S-1","type":"substation","lat":51.5,"lon":-0.1,"capacity_kw":1000)" +
           members + R"(},{"id":"F-1","type":"feeder","lat":51.5,"lon":-0.1,"capacity_kw":400}]})";
}

TEST(BuiltInAssets, AreALondonOfMarkedSubstationsFeedersHubsAndFarms) {
    const AssetSet& london = built_in_assets();

    EXPECT_TRUE(london.illustrative);
    EXPECT_THAT(london.source, HasSubstr("illustrative"));
    EXPECT_GE(london.assets.size(), 60U);
    EXPECT_LE(london.assets.size(), 120U);
    std::map<AssetType, int> counts;
    int tied = 0;
    for (const Asset& asset : london.assets) {
        counts[asset.type] += 1;
        tied += asset.open_points.empty() ? 0 : 1;
        EXPECT_TRUE(asset.illustrative) << asset.id;
        EXPECT_EQ(asset.source, london.source);
        EXPECT_THAT(asset.places, Contains("London"));
        // Inside the M25.
        EXPECT_GT(asset.lat, 51.25) << asset.id;
        EXPECT_LT(asset.lat, 51.72) << asset.id;
        EXPECT_GT(asset.lon, -0.55) << asset.id;
        EXPECT_LT(asset.lon, 0.30) << asset.id;
        EXPECT_GE(asset.flood_zone, 1) << asset.id;
        EXPECT_LE(asset.peak_kw, asset.capacity_kw * 1.02) << asset.id;
    }
    for (const AssetType type : {AssetType::substation, AssetType::feeder, AssetType::ev_hub,
                                 AssetType::solar_farm, AssetType::battery}) {
        EXPECT_GE(counts[type], 5) << to_string(type);
    }
    EXPECT_GE(tied, 40);
}

TEST(BuiltInAssets, OpenPointsLeadBothWays) {
    const AssetSet& london = built_in_assets();
    for (const Asset& asset : london.assets) {
        for (const OpenPoint& point : asset.open_points) {
            const auto other = std::find_if(london.assets.begin(), london.assets.end(),
                                            [&](const Asset& one) { return one.id == point.to; });
            ASSERT_NE(other, london.assets.end());
            EXPECT_THAT(other->open_points, Contains(OpenPoint{asset.id, point.move_kw})) << asset.id;
        }
    }
}

TEST(BuiltInAssets, ComeBackFromTheirOwnText) {
    const AssetSet& london = built_in_assets();
    const Result<AssetSet> again = read_asset_set(write_asset_set(london), "again.json");
    ASSERT_TRUE(again.has_value()) << again.error().message;
    EXPECT_EQ(*again, london);
}

TEST(ReadAssetSet, TakesPlacesAndSourceOfTheFileForAssetsThatNameNone) {
    const Result<AssetSet> set = read_asset_set(file_with(R"(,"feeds":["F-1"],"places":["Hill"])"), "t.json");
    ASSERT_TRUE(set.has_value()) << set.error().message;
    EXPECT_THAT(set->assets[0].places, ElementsAre("Hill"));
    EXPECT_THAT(set->assets[1].places, ElementsAre("Town"));
    EXPECT_EQ(set->assets[1].source, "test");
    EXPECT_FALSE(set->assets[1].illustrative);
}

TEST(ReadAssetSet, NamesWhatDoesNotFitByItsPointer) {
    for (const auto& [members, pointer] : std::map<std::string, std::string>{
             {R"(,"flood_zone":4)", "/assets/0/flood_zone"},
             {R"(,"flod_zone":3)", "/assets/0/flod_zone"},
             {R"(,"feeds":["F-2"])", "/assets/0/feeds/0"},
             {R"(,"open_points":[{"to":"S-1","move_kw":1}])", "/assets/0/open_points/0/to"},
             {R"(,"criticality":"urgent")", "/assets/0/criticality"},
             {R"(,"history":{"start":"2026-01-01T00:10:00Z","load_kw":[1]})", "/assets/0/history/start"},
             {R"(,"history":{"start":"2026-01-01T00:00:00Z","load_kw":[1,2],"temperature_c":[1]})",
              "/assets/0/history/temperature_c"}}) {
        const Result<AssetSet> set = read_asset_set(file_with(members), "t.json");
        ASSERT_FALSE(set.has_value()) << members;
        EXPECT_EQ(set.error().pointer, pointer) << set.error().message;
        EXPECT_THAT(set.error().message, HasSubstr("t.json"));
    }
}

TEST(ReadAssetSet, NothingFeedsItself) {
    std::string text = file_with(R"(,"feeds":["F-1"])");
    text.replace(text.rfind("400"), 3, R"(400,"feeds":["S-1"])");
    const Result<AssetSet> set = read_asset_set(text, "t.json");
    ASSERT_FALSE(set.has_value());
    EXPECT_THAT(set.error().message, HasSubstr("circle"));
}

TEST(ReadAssetSet, CapacityIsAboveNothingAndIdsStandOnce) {
    std::string text = file_with("");
    text.replace(text.find("1000"), 4, "0");
    EXPECT_EQ(read_asset_set(text, "t.json").error().pointer, "/assets/0/capacity_kw");
    text = file_with("");
    text.replace(text.find("S-1"), 3, "F-1");
    EXPECT_EQ(read_asset_set(text, "t.json").error().pointer, "/assets/1/id");
}

TEST(AssetsAt, APlaceIsNamedAsPeopleDo) {
    const std::size_t all = built_in_assets().assets.size();
    for (const char* name : {"London", "london", " Greater  London", "LONDON, UK", "inner-london, England"}) {
        EXPECT_EQ(assets_at(built_in_assets(), name).size(), all) << name;
    }
    EXPECT_THAT(assets_at(built_in_assets(), "Londonderry"), IsEmpty());
    EXPECT_THAT(assets_at(built_in_assets(), ""), IsEmpty());
    EXPECT_THAT(places_of(built_in_assets()), ElementsAre("London", "Greater London", "Inner London"));
}

TEST(AssetsAt, WhatLiesElsewhereIsNotLinkedTo) {
    const Result<AssetSet> set = read_asset_set(
        file_with(R"(,"feeds":["F-1"],"open_points":[{"to":"F-1","move_kw":5}],"places":["Hill"])"),
        "t.json");
    ASSERT_TRUE(set.has_value());
    const std::vector<Asset> hill = assets_at(*set, "Hill");
    ASSERT_EQ(hill.size(), 1U);
    EXPECT_THAT(hill[0].feeds, IsEmpty());
    EXPECT_THAT(hill[0].open_points, IsEmpty());
}

}  // namespace
}  // namespace headroom::scenario
