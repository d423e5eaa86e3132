#include "sim/provider_file.hpp"

#include "unit/sim/evening.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headroom::sim {
namespace {

using test::evening;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr const char* small = R"(
title = "One of each"
[[provider]]
id = "vpp"
name = "A pool"
[[provider.der]]
id = "BAT-1"
kind = "battery"
feeder = "F-1"
direction = "both"
capacity_kw = 12.5
energy_kwh = 25
response_s = 1.5
from = "16:00"
until = "01:00"
price_gbp_per_kwh = 0.25
reliability = 0.97
[[provider.der]]
id = "GEN-1"
kind = "generator"
feeder = "*"
capacity_kw = 200
price_gbp_per_kwh = 0.5
[[provider.window]]
id = "W-1"
grid_area = "North Scotland"
grid_zone = "GB-NSCO"
from = "22:00"
until = "06:00"
capacity_mw = 12.5
price_gbp_per_kwh = 0.071
carbon_g_per_kwh = 18
renewable_percent = 96
)";

std::shared_ptr<const ProviderList> list_of(const char* toml) {
    Result<ProviderList> list = read_provider_list(toml, "list.toml");
    EXPECT_TRUE(list.has_value()) << list.error().message;
    return std::make_shared<const ProviderList>(std::move(*list));
}

TEST(ProviderFile, OffersItsDersOnTheirFeedersInTheirHours) {
    const auto list = list_of(small);
    const Catalogue catalogue = catalogue_of(list);
    const auto offers = catalogue("vpp", "F-1", evening, evening + hours{1});
    ASSERT_THAT(offers, SizeIs(3));
    EXPECT_EQ(offers[0].id, "of-BAT-1");
    EXPECT_EQ(offers[0].power, Watts{12'500});
    EXPECT_EQ(offers[0].notice, milliseconds{1'500});
    EXPECT_EQ(offers[0].utilisation, MicroPoundsPerMwh{250'000'000});
    EXPECT_EQ(offers[0].reliability_ppm, 970'000);
    EXPECT_TRUE(offers[1].turn_up);
    EXPECT_EQ(offers[2].feeder, "F-1") << "what can be taken anywhere is offered where it is asked for";
    EXPECT_THAT(catalogue("vpp", "F-2", evening, evening + hours{1}), SizeIs(1));
    EXPECT_THAT(catalogue("other", "F-1", evening, evening + hours{1}), SizeIs(0));
    // Over midnight, and at noon not at all.
    const UtcTime midnight = parse_utc("2027-01-15T00:00:00Z").value();
    EXPECT_EQ(catalogue("vpp", "F-1", midnight, midnight + hours{3})[0].available_until, midnight + hours{1});
    const UtcTime noon = midnight + hours{12};
    EXPECT_THAT(catalogue("vpp", "F-1", noon, noon + hours{1}), SizeIs(1));
}

TEST(ProviderFile, GivesTheNextOccurrenceOfEachWindow) {
    const WindowCatalogue windows = windows_of(list_of(small));
    const auto tonight = windows("vpp", evening);
    ASSERT_THAT(tonight, SizeIs(1));
    EXPECT_EQ(tonight[0].id, "W-1-20270114");
    EXPECT_EQ(tonight[0].start, parse_utc("2027-01-14T22:00:00Z").value());
    EXPECT_EQ(tonight[0].end, parse_utc("2027-01-15T06:00:00Z").value());
    EXPECT_EQ(tonight[0].capacity_w, 12'500'000);
    EXPECT_EQ(tonight[0].renewable_ppm, 960'000);
    EXPECT_EQ(tonight[0].price_per_mwh_micro, 71'000'000);
    EXPECT_EQ(windows("vpp", tonight[0].end - minutes{1})[0].id, "W-1-20270114") << "it is not over yet";
    EXPECT_EQ(windows("vpp", tonight[0].end)[0].id, "W-1-20270115");
}

TEST(ProviderFile, TheBuiltInCatalogueHasTheNamedProvidersAndEightWindows) {
    const Result<ProviderList> list = read_provider_list(built_in_provider_list(), "built-in");
    ASSERT_TRUE(list.has_value()) << list.error().message;
    std::vector<std::string> names;
    std::size_t windows = 0;
    for (const ListedProvider& provider : list->providers) {
        names.push_back(provider.name);
        windows += provider.windows.size();
        for (const ListedDer& der : provider.ders) {
            EXPECT_TRUE(der.lat != 0.0 && der.lon != 0.0 && der.power > Watts{0}) << der.id;
            EXPECT_GT(der.price.value, 0) << der.id;
            EXPECT_LT(der.reliability_ppm, 1'000'000) << der.id;
            EXPECT_GT(der.response, milliseconds{0}) << der.id;
        }
    }
    EXPECT_THAT(names, ElementsAre("Tesla Virtual Power Plant", "ChargePoint Network",
                                   "Honeywell Smart Grid Solutions", "Mobile Generation Pool",
                                   "GB Compute Energy Windows"));
    EXPECT_EQ(windows, 8U);
}

TEST(ProviderFile, FaultsNameLineAndKey) {
    const std::string text(small);
    const auto wrong = [&text](const std::string& from, const std::string& to) {
        std::string changed = text;
        changed.replace(changed.find(from), from.size(), to);
        const Result<ProviderList> list = read_provider_list(changed, "list.toml");
        return list ? std::string("no fault") : list.error().message;
    };
    EXPECT_THAT(wrong("\"battery\"", "\"bottery\""), HasSubstr("list.toml:8"));
    EXPECT_THAT(wrong("12.5", "-1"), HasSubstr("capacity_kw"));
    EXPECT_THAT(wrong("\"16:00\"", "\"25:00\""), HasSubstr("HH:MM"));
    EXPECT_THAT(wrong("\"GEN-1\"", "\"BAT-1\""), HasSubstr("twice"));
    EXPECT_THAT(wrong("capacity_kw = 200", "capacity = 200"), HasSubstr("capacity"));
    EXPECT_THAT(wrong("id = \"vpp\"", "id = \"a b\""), HasSubstr("letters"));
    EXPECT_FALSE(read_provider_list("", "empty.toml").has_value());
}

}  // namespace
}  // namespace headroom::sim
