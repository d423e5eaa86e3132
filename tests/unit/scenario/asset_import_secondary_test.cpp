#include "scenario/asset_import_secondary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace headroom::scenario {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const feeds::Provenance provenance{.source = "ukpn",
                                   .url = "https://ukpn.example",
                                   .fetched = parse_utc("2026-11-29T09:00:00Z").value(),
                                   .status = 200,
                                   .sha256 = {},
                                   .licence = "CC BY 4.0"};

std::vector<feeds::ukpn::SecondarySite> sites() {
    return {{.id = "LPN-S1",
             .name = "High St",
             .rating_kva = 500.0,
             .utilisation_low = 0.6,
             .utilisation_high = 0.8,
             .lat = 51.5,
             .lon = -0.1},
            {.id = "LPN-S2", .rating_kva = 315.0},
            {.id = "LPN-S3", .lat = 51.5, .lon = -0.1}};
}

TEST(SecondaryImport, SitesCarryTheirRatingAndFeedersTheirPeak) {
    AssetSet set{.name = "ukpn", .title = "t", .source = "s", .assets = {}, .notes = {}};
    const std::vector<feeds::ukpn::LvFeeder> feeders{
        {.substation = "LPN-S1", .feeder = "1", .peak_kw = 57.66, .meters = 61},
        {.substation = "LPN-S1", .feeder = "2", .peak_kw = 400.0, .meters = 200},
        {.substation = "LPN-S2", .feeder = "1", .peak_kw = 10.0, .meters = 8},
        {.substation = "LPN-S1", .feeder = "1", .peak_kw = 57.66, .meters = 61}};
    add_secondary(set, sites(), feeders, provenance);
    ASSERT_EQ(set.assets.size(), 3U);
    const Asset& site = set.assets[0];
    EXPECT_EQ(site.id, "LPN-S1");
    EXPECT_EQ(site.type, AssetType::substation);
    EXPECT_DOUBLE_EQ(site.capacity_kw, 485.0) << "500 kVA at the power factor of a peak";
    EXPECT_DOUBLE_EQ(site.peak_kw, 388.0) << "the top of its band";
    EXPECT_EQ(site.thermal, ThermalKind::onan);
    EXPECT_FALSE(site.illustrative);
    EXPECT_THAT(site.source, HasSubstr("2026-11-29, CC BY 4.0"));
    EXPECT_THAT(site.feeds, ElementsAre("LPN-S1.lv1", "LPN-S1.lv2"));
    const Asset& feeder = set.assets[1];
    EXPECT_EQ(feeder.type, AssetType::feeder);
    EXPECT_NEAR(feeder.capacity_kw, 267.7, 0.1) << "230 V, 400 A, three phases";
    EXPECT_DOUBLE_EQ(feeder.peak_kw, 57.66);
    EXPECT_TRUE(feeder.illustrative) << "its rating is not published";
    EXPECT_THAT(feeder.source, HasSubstr("assumed"));
    EXPECT_DOUBLE_EQ(set.assets[2].capacity_kw, 400.0) << "what it carried it can carry";
    // Left out: no place, no rating, a feeder of a site that is not here, and one that stands twice.
    EXPECT_THAT(set.notes, ElementsAre(HasSubstr("LPN-S2 has no place"), HasSubstr("LPN-S3 has no rating"),
                                       HasSubstr("the substation is not here"), HasSubstr("stands twice")));
}

TEST(SecondaryImport, TheSetIsReadBackAsItWasWritten) {
    AssetSet set{.name = "ukpn", .title = "t", .source = "s", .assets = {}, .notes = {}};
    const std::vector<feeds::ukpn::LvFeeder> feeders{
        {.substation = "LPN-S1", .feeder = "1", .peak_kw = 57.66, .meters = 61}};
    add_secondary(set, sites(), feeders, provenance);
    const Result<AssetSet> read = read_asset_set(write_asset_set(set), "ukpn.json");
    ASSERT_TRUE(read.has_value()) << read.error().message << read.error().pointer;
    EXPECT_EQ(read->assets, set.assets);
    EXPECT_EQ(assets_at(*read, "UK Power Networks").size(), 2U);
}

}  // namespace
}  // namespace headroom::scenario
