#include "agents/feed_dispatches.hpp"

#include "features/half_hour_ring.hpp"
#include "unit/agents/instants.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <cmath>
#include <limits>

namespace headroom::agents {
namespace {

using feeds::ukpn::FlexibilityDispatch;
using test::evening;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

const std::int64_t evening_period = features::period_index(evening);
const std::int64_t first_period = evening_period - 48;
const std::int64_t current_period = evening_period + 480;

/// A grid substation over a primary one with two feeders; two substations bear the same name.
grid::Network primaries_with_one_name() {
    return grid::read_grid_csv(
               "type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh\n"
               "substation,G-1,,City Road Grid,51.53,-0.10,60000,grid,,\n"
               "substation,P-1,G-1,Trowse Grid 33,51.53,-0.10,24000,primary,,\n"
               "feeder,F-1,P-1,One,51.53,-0.10,3000,domestic,,\n"
               "feeder,F-2,P-1,Two,51.53,-0.10,3000,domestic,,\n"
               "substation,P-2,G-1,Park,51.53,-0.10,24000,primary,,\n"
               "substation,P-3,G-1,Park,51.53,-0.10,24000,primary,,\n"
               "substation,P-4,G-1,Bow,51.53,-0.10,,primary,,\n",
               "grid.csv")
        .value();
}

FlexibilityDispatch bought(const std::string& zone, double mw, UtcTime start = evening,
                           milliseconds length = hours{1}) {
    FlexibilityDispatch out;
    out.unit = "EV-LPN-42";
    out.zone = zone;
    out.product = "Day-Ahead";
    out.kind = "demand_turn_down";
    out.start = start;
    out.end = start + length;
    out.requested_mw = mw;
    return out;
}

DispatchedLoad laid(const std::vector<FlexibilityDispatch>& dispatches) {
    return dispatched_load(primaries_with_one_name(), dispatches, first_period, current_period);
}

TEST(DispatchedLoad, IsMissingAtTheZoneAndAtWhatSuppliesItAndNowhereElse) {
    const DispatchedLoad load = laid({bought("trowse grid 33", 0.25)});
    EXPECT_EQ(load.concerns, 1);
    ASSERT_THAT(load.kw, SizeIs(2)) << "which feeder it acted on is not published";
    EXPECT_THAT(load.kw.at("P-1"), ElementsAre(Pair(evening_period, 250.0), Pair(evening_period + 1, 250.0)));
    EXPECT_EQ(load.kw.at("G-1"), load.kw.at("P-1"));
    EXPECT_EQ(load.end, evening_period + 2);
    const DispatchedLoad feeder = laid({bought("F-1", 0.1)});
    EXPECT_THAT(feeder.kw, SizeIs(3)) << "the feeder, its substation and the grid substation";
}

TEST(DispatchedLoad, CountsPartsOfHalfHoursAndTheSenseOfEachKind) {
    FlexibilityDispatch up = bought("P-1", 1.0, evening + minutes{15}, minutes{30});
    up.kind = "demand_turn_up";
    FlexibilityDispatch generation = bought("P-1", 0.2);
    generation.kind = "generation_turn_up";
    EXPECT_THAT(laid({up}).kw.at("P-1"),
                ElementsAre(Pair(evening_period, -500.0), Pair(evening_period + 1, -500.0)));
    EXPECT_THAT(laid({up, generation}).kw.at("P-1"),
                ElementsAre(Pair(evening_period, -300.0), Pair(evening_period + 1, -300.0)));
    generation.kind = "generation_turn_down";
    EXPECT_THAT(laid({generation}).kw.at("P-1"),
                ElementsAre(Pair(evening_period, -200.0), Pair(evening_period + 1, -200.0)));
}

TEST(DispatchedLoad, ARecordThatComesTwiceCountsOnce) {
    FlexibilityDispatch other = bought("P-1", 0.25);
    other.unit = "EV-LPN-43";
    const DispatchedLoad load = laid({bought("P-1", 0.25), bought("P-1", 0.25), other});
    EXPECT_EQ(load.concerns, 2);
    EXPECT_DOUBLE_EQ(load.kw.at("P-1").at(evening_period), 500.0);
}

TEST(DispatchedLoad, ZonesOfOthersAndOfTwoOfANameConcernNobody) {
    const DispatchedLoad load = laid({bought("Ipswich", 0.25), bought("Park", 0.25), bought("", 0.25)});
    EXPECT_THAT(load.kw, IsEmpty());
    EXPECT_EQ(load.concerns, 0);
    EXPECT_EQ(load.end, evening_period + 2) << "what is published elsewhere says how far the dataset goes";
}

TEST(DispatchedLoad, MoreThanTheElementCarriesIsNotBelieved) {
    const DispatchedLoad load = laid({bought("P-1", 9'000.0), bought("Bow", 0.25)});
    EXPECT_THAT(load.kw, IsEmpty());
    ASSERT_THAT(load.not_believed, SizeIs(2));
    EXPECT_THAT(load.not_believed[0].why, HasSubstr("more than P-1 carries, 24000 kW"));
    EXPECT_THAT(load.not_believed[1].why, HasSubstr("no rating"));
}

TEST(DispatchedLoad, ReachesNeitherIntoTheFutureNorBehindItsWindow) {
    const DispatchedLoad load = laid({bought("P-1", 0.25, evening - hours{24} - minutes{30}, hours{1}),
                                      bought("P-1", 0.5, evening + hours{24 * 10} - minutes{30}, hours{1})});
    EXPECT_THAT(load.kw.at("P-1"), ElementsAre(Pair(first_period, 250.0), Pair(current_period - 1, 500.0)));
    EXPECT_EQ(load.end, current_period);
    const store::SeriesBlock block = dispatched_block(load, "P-1");
    EXPECT_EQ(block.key, "P-1/p_kw/sum/dispatched");
    ASSERT_THAT(block.values, SizeIs(static_cast<std::size_t>(current_period - first_period)));
    EXPECT_EQ(block.values.front(), 250.0F);
    EXPECT_EQ(block.values[1], 0.0F);
    EXPECT_THAT(dispatched_block(load, "G-2").values, testing::Each(0.0F)) << "what was taken back";
}

/// The hour that comes twice on 25 October has four half-hours of its own.
TEST(DispatchedLoad, TheClockThatGoesBackLosesNothing) {
    const UtcTime before = parse_utc("2026-10-25T00:00:00Z").value();
    const std::int64_t at = features::period_index(before);
    const DispatchedLoad load =
        dispatched_load(primaries_with_one_name(), {bought("P-1", 0.25, before, hours{2})}, at - 48, at + 48);
    EXPECT_THAT(load.kw.at("P-1"),
                ElementsAre(Pair(at, 250.0), Pair(at + 1, 250.0), Pair(at + 2, 250.0), Pair(at + 3, 250.0)));
}

TEST(NaturalLoad, IsTheMeteredLoadWhereNothingIsPublished) {
    EXPECT_EQ(natural_load_kw(100.0, 25.0), 125.0);
    EXPECT_EQ(natural_load_kw(100.0, -25.0), 75.0);
    EXPECT_EQ(natural_load_kw(100.0, std::numeric_limits<double>::quiet_NaN()), 100.0);
}

}  // namespace
}  // namespace headroom::agents
