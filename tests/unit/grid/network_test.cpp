#include "grid/network.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace headroom::grid {
namespace {

Substation substation(std::string id, std::string parent = "") {
    Substation made;
    made.id = SubstationId{std::move(id)};
    made.parent = std::move(parent);
    return made;
}
Feeder feeder(std::string id, std::string parent) {
    Feeder made;
    made.id = FeederId{std::move(id)};
    made.parent = std::move(parent);
    return made;
}
Der der(std::string id, std::string on) {
    Der made;
    made.id = DerId{std::move(id)};
    made.feeder = FeederId{std::move(on)};
    return made;
}
Limit limit(std::string asset, double value, Phase phase = Phase::sum) {
    Limit made;
    made.asset = std::move(asset);
    made.value = value;
    made.phase = phase;
    return made;
}

/// P ─ HV-1 ─ S-1 ─ F-1, F-2;  P ─ S-2 ─ F-3
Network small_network() {
    Network network;
    for (const auto& added : {network.add(substation("P")), network.add(feeder("HV-1", "P")),
                              network.add(substation("S-1", "HV-1")), network.add(substation("S-2", "P")),
                              network.add(feeder("F-1", "S-1")), network.add(feeder("F-3", "S-2")),
                              network.add(feeder("F-2", "S-1"))}) {
        EXPECT_TRUE(added.has_value()) << added.error().message;
    }
    return network;
}

std::vector<std::string> ids(const std::vector<const Feeder*>& feeders) {
    std::vector<std::string> out;
    for (const Feeder* each : feeders) {
        out.push_back(each->id.value);
    }
    return out;
}

TEST(Network, FindsElementsById) {
    Network network = small_network();
    ASSERT_TRUE(network.add(der("D-1", "F-1")));
    EXPECT_EQ(network.feeder("F-1")->parent, "S-1");
    EXPECT_EQ(network.substation("S-1")->parent, "HV-1");
    EXPECT_EQ(network.der("D-1")->feeder.value, "F-1");
    EXPECT_EQ(network.feeder("S-1"), nullptr);
    EXPECT_EQ(network.der("D-2"), nullptr);
}

TEST(Network, FindsFeedersThroughTheTreeInTheOrderOfImport) {
    const Network network = small_network();
    EXPECT_EQ(ids(network.feeders_below("P")), (std::vector<std::string>{"HV-1", "F-1", "F-3", "F-2"}));
    EXPECT_EQ(ids(network.feeders_below("S-1")), (std::vector<std::string>{"F-1", "F-2"}));
    EXPECT_TRUE(network.feeders_below("F-1").empty());
    EXPECT_TRUE(network.feeders_below("unknown").empty());
}

TEST(Network, KnowsWhichFeedersAreBelowASubstation) {
    const Network network = small_network();
    EXPECT_TRUE(network.is_below("F-1", "S-1"));
    EXPECT_TRUE(network.is_below("F-1", "P"));
    EXPECT_FALSE(network.is_below("F-1", "S-2"));
    EXPECT_FALSE(network.is_below("F-1", "HV-1"));  // a feeder, not a substation
    EXPECT_FALSE(network.is_below("F-9", "P"));
    EXPECT_FALSE(network.is_below("F-1", ""));
}

TEST(Network, AFeederThatSuppliesSubstationsIsHighVoltageAndSuppliesWhatIsBelow) {
    const Network network = small_network();
    EXPECT_EQ(network.feeder("HV-1")->level, VoltageLevel::hv);
    EXPECT_EQ(network.feeder("F-1")->level, VoltageLevel::lv);
    EXPECT_EQ(ids(network.feeders_below("HV-1")), (std::vector<std::string>{"F-1", "F-2"}));
    EXPECT_TRUE(network.is_supplied_by("F-1", "HV-1"));
    EXPECT_TRUE(network.is_supplied_by("F-1", "P"));
    EXPECT_TRUE(network.is_supplied_by("HV-1", "P"));
    EXPECT_FALSE(network.is_supplied_by("F-3", "HV-1"));
    EXPECT_FALSE(network.is_supplied_by("HV-1", "HV-1"));
    EXPECT_FALSE(network.is_supplied_by("F-9", "HV-1"));
    EXPECT_EQ(network.path_to_top("F-1"), (std::vector<std::string_view>{"F-1", "S-1", "HV-1", "P"}));
    EXPECT_TRUE(network.path_to_top("F-9").empty());
}

TEST(Network, ListsDersInTheOrderOfImport) {
    Network network = small_network();
    for (const char* id : {"D-3", "D-1", "D-2"}) {
        ASSERT_TRUE(network.add(der(id, "F-1")));
    }
    const std::vector<const Der*> ders = network.ders_on("F-1");
    ASSERT_EQ(ders.size(), 3U);
    EXPECT_EQ(ders[0]->id.value, "D-3");
    EXPECT_EQ(ders[2]->id.value, "D-2");
    EXPECT_TRUE(network.ders_on("F-2").empty());
}

TEST(Network, RefusesRepeatedIdsAcrossAllKinds) {
    Network network = small_network();
    EXPECT_EQ(network.add(feeder("F-1", "S-1")).error().code, Errc::conflict);
    EXPECT_EQ(network.add(feeder("S-1", "P")).error().message, "the id S-1 is taken by a substation");
    EXPECT_EQ(network.add(der("F-1", "F-1")).error().message, "the id F-1 is taken by a feeder");
    EXPECT_EQ(network.feeders().size(), 4U);
}

TEST(Network, RefusesParentsThatAreNotThere) {
    Network network = small_network();
    EXPECT_EQ(network.add(feeder("F-4", "S-9")).error().code, Errc::not_found);
    EXPECT_EQ(network.add(feeder("F-4", "F-1")).error().code, Errc::not_found);  // leaves no feeder
    EXPECT_EQ(network.add(substation("S-4", "S-9")).error().code, Errc::not_found);
    EXPECT_EQ(network.add(der("D-4", "S-1")).error().code, Errc::not_found);
    EXPECT_EQ(network.add(der("D-4", "")).error().code, Errc::not_found);
}

TEST(Network, RefusesIdsOfAnotherForm) {
    Network network;
    EXPECT_EQ(network.add(substation("")).error().code, Errc::invalid);
    EXPECT_EQ(network.add(substation("a/b")).error().code, Errc::invalid);
}

TEST(Network, HoldsSeveralLimitsOfAnAsset) {
    Network network = small_network();
    ASSERT_TRUE(network.add(limit("F-1", 300.0)));
    ASSERT_TRUE(network.add(limit("F-1", 100.0, Phase::l1)));
    ASSERT_TRUE(network.add(limit("S-1", 500.0)));
    const std::vector<const Limit*> limits = network.limits_of("F-1");
    ASSERT_EQ(limits.size(), 2U);
    EXPECT_EQ(limits[0]->key(), "F-1/p_kw/sum/import/continuous");
    EXPECT_EQ(limits[1]->key(), "F-1/p_kw/L1/import/continuous");
    EXPECT_EQ(limits[0]->unit(), "kW");
    EXPECT_FALSE(limits[0]->is_verified());
}

TEST(Network, KeepsLimitsToTheThousandth) {
    Network network = small_network();
    ASSERT_TRUE(network.add(limit("F-1", 400.0 / 3.0)));
    EXPECT_EQ(network.limits().front().value, 133.333);
}

TEST(Network, RefusesLimitsThatBoundNothing) {
    Network network = small_network();
    EXPECT_EQ(network.add(limit("F-9", 1.0)).error().code, Errc::not_found);
    for (const double value :
         {0.0, -1.0, 0.0004, std::numeric_limits<double>::infinity(), std::nan(""), 2e9}) {
        EXPECT_EQ(network.add(limit("F-1", value)).error().code, Errc::invalid) << value;
    }
    EXPECT_TRUE(network.limits().empty());
    EXPECT_TRUE(network.limits_of("F-1").empty());
}

TEST(Network, RefusesTheSameLimitTwiceButNotForAnotherSeason) {
    Network network = small_network();
    ASSERT_TRUE(network.add(limit("F-1", 300.0)));
    EXPECT_EQ(network.add(limit("F-1", 310.0)).error().code, Errc::conflict);
    Limit winter = limit("F-1", 330.0);
    winter.season = Season::winter;
    EXPECT_TRUE(network.add(winter));
}

TEST(Network, AnEmergencyLimitSaysForHowLong) {
    Network network = small_network();
    Limit emergency = limit("F-1", 400.0);
    emergency.kind = LimitKind::emergency;
    EXPECT_EQ(network.add(emergency).error().code, Errc::invalid);
    emergency.emergency_minutes = 30;
    EXPECT_TRUE(network.add(emergency));
    emergency.emergency_minutes = 120;
    EXPECT_TRUE(network.add(emergency));
    Limit continuous = limit("F-1", 300.0);
    continuous.emergency_minutes = 5;
    EXPECT_EQ(network.add(continuous).error().code, Errc::invalid);
}

TEST(Network, ReadsItsWordsBack) {
    for (const LimitKind kind :
         {LimitKind::continuous, LimitKind::cyclic, LimitKind::emergency, LimitKind::fuse,
          LimitKind::protection, LimitKind::voltage, LimitKind::contract}) {
        EXPECT_EQ(parse_limit_kind(to_string(kind)), kind);
    }
    for (const Season season : {Season::all, Season::summer, Season::winter, Season::spring_autumn}) {
        EXPECT_EQ(parse_season(to_string(season)), season);
    }
    for (const DerClass der_class :
         {DerClass::battery, DerClass::ev_charger, DerClass::heat_pump, DerClass::hvac, DerClass::generator,
          DerClass::compute, DerClass::other}) {
        EXPECT_EQ(parse_der_class(to_string(der_class)), der_class);
    }
    EXPECT_FALSE(parse_der_class("Battery").has_value());
}

}  // namespace
}  // namespace headroom::grid
