#include "sim/provider_near.hpp"

#include <gtest/gtest.h>

#include <set>

namespace headroom::sim {
namespace {

const UtcTime five = parse_utc("2027-01-14T17:00:00Z").value();

std::set<std::string> ids(const std::vector<flex::Offer>& offers) {
    std::set<std::string> out;
    for (const flex::Offer& offer : offers) {
        out.insert(offer.id);
    }
    return out;
}

TEST(ProviderNear, DistancesAreThoseOfTheGlobe) {
    // Greenwich to Heathrow's runway is a little over 30 km.
    EXPECT_NEAR(kilometres_between({51.4779, -0.0015}, {51.4700, -0.4543}), 31.4, 0.2);
    EXPECT_DOUBLE_EQ(kilometres_between({51.5, -0.1}, {51.5, -0.1}), 0.0);
}

TEST(ProviderNear, OffersWhatIsCloseAndWhatIsMobileAtTheAssetThatWasAsked) {
    const auto list = std::make_shared<const ProviderList>(
        read_provider_list(built_in_provider_list(), "built-in").value());
    const Catalogue near = catalogue_near(list, [](const std::string& asset) -> std::optional<GeoPoint> {
        if (asset == "CAMDEN") {
            return GeoPoint{51.539, -0.1426};
        }
        if (asset == "FAR") {
            return GeoPoint{57.48, -4.22};
        }
        return std::nullopt;
    });
    const std::vector<flex::Offer> offers = near("tesla-vpp", "CAMDEN", five, five + hours{1});
    ASSERT_FALSE(offers.empty());
    for (const flex::Offer& offer : offers) {
        EXPECT_EQ(offer.feeder, "CAMDEN");
        EXPECT_EQ(offer.der_class, grid::DerClass::battery);
    }
    EXPECT_TRUE(ids(offers).size() < 12) << "not every pool of the city is near";
    EXPECT_TRUE(near("tesla-vpp", "FAR", five, five + hours{1}).empty());
    EXPECT_FALSE(near("mobile-generation", "FAR", five, five + hours{1}).empty()) << "it drives there";
    EXPECT_TRUE(near("tesla-vpp", "NOWHERE", five, five + hours{1}).empty());
}

}  // namespace
}  // namespace headroom::sim
