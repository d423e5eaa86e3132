#include "agents/network_feeds.hpp"

#include "unit/agents/instants.hpp"

#include <gmock/gmock.h>

namespace headroom::agents {
namespace {

using test::evening;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

grid::Network two_placed_primaries() {
    return grid::read_grid_csv(
               "type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh\n"
               "substation,P-1,,Lodge Road,51.5290,-0.1690,,primary,,\n"
               "substation,P-2,,Bow,51.5280,-0.0170,12000,primary,,\n"
               "feeder,F-1,P-1,One,51.5290,-0.1690,300,domestic,,\n",
               "grid.csv")
        .value();
}

feeds::ukpn::LiveFault fault(const std::string& reference, double lat, double lon) {
    feeds::ukpn::LiveFault out;
    out.reference = reference;
    out.kind = "Unplanned";
    out.customers = 120;
    out.lat = lat;
    out.lon = lon;
    return out;
}

feeds::ukpn::PrimarySite site(const std::string& id, const std::string& name) {
    feeds::ukpn::PrimarySite out;
    out.id = id;
    out.name = name;
    out.rating_summer_mva = 23.5;
    out.rating_winter_mva = 27.0;
    out.lat = 51.5291;
    out.lon = -0.1688;
    return out;
}

TEST(NetworkFeeds, ACutConcernsTheNearestSubstationAndNobodyFarAway) {
    feeds::ukpn::LiveFault restored = fault("INCD-3", 51.5281, -0.0171);
    restored.restored = evening - minutes{5};
    feeds::ukpn::LiveFault placeless = fault("INCD-4", 0, 0);
    placeless.lat = std::nullopt;
    const std::vector<FaultAtElement> found = faults_at(
        two_placed_primaries(),
        {fault("INCD-1", 51.5300, -0.1700), fault("INCD-2", 51.6, -0.3), restored, placeless}, evening);
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].element, "P-1");
    EXPECT_EQ(found[0].reference, "INCD-1");
    EXPECT_THAT(found[0].detail, HasSubstr("120 customers"));
}

TEST(NetworkFeeds, AnElementIsAbnormalWhileItsCutLastsAndOnlyByTheFeed) {
    grid::OperationalStates states;
    const std::vector<FaultAtElement> cut{{"P-1", "INCD-1", "power cut INCD-1"}};
    std::vector<StateChange> changes = changes_by_faults(states, cut, evening);
    ASSERT_THAT(changes, SizeIs(1));
    EXPECT_EQ(changes[0].entry.state, grid::OperationalState::abnormal);
    EXPECT_THAT(changes[0].entry.source, HasSubstr("INCD-1"));
    states.set("P-1", changes[0].entry);
    EXPECT_THAT(changes_by_faults(states, cut, evening), IsEmpty()) << "told once";

    changes = changes_by_faults(states, {}, evening + minutes{30});
    ASSERT_THAT(changes, SizeIs(1));
    EXPECT_EQ(changes[0].entry.state, grid::OperationalState::normal);

    grid::StateEntry person{.state = grid::OperationalState::abnormal, .since = evening, .source = "desk"};
    person.person = "engineer-1";
    states.set("P-1", person);
    EXPECT_THAT(changes_by_faults(states, {}, evening), IsEmpty()) << "what a person set is his to take back";
    states.set("P-1", {.state = grid::OperationalState::isolated, .since = evening, .source = "desk"});
    EXPECT_THAT(changes_by_faults(states, cut, evening), IsEmpty()) << "isolated stays isolated";
}

TEST(NetworkFeeds, PublishedRatingsFillOnlyWhatNobodyStated) {
    const std::vector<grid::Limit> limits =
        ratings_from(two_placed_primaries(), {site("UK-77", "LODGE ROAD"), site("P-2", "Bow")}, evening);
    ASSERT_THAT(limits, SizeIs(2)) << "P-2 has a rating of its own";
    EXPECT_EQ(limits[0].asset, "P-1");
    EXPECT_EQ(limits[0].quantity, grid::Quantity::s_kva);
    EXPECT_EQ(limits[0].season, grid::Season::summer);
    EXPECT_DOUBLE_EQ(limits[0].value, 23'500.0);
    EXPECT_DOUBLE_EQ(limits[1].value, 27'000.0);
    EXPECT_EQ(limits[0].source, "ukpn grid-and-primary-sites 2027-01-14");
    EXPECT_FALSE(limits[0].is_verified()) << "never good enough to act on";

    feeds::ukpn::PrimarySite elsewhere = site("UK-78", "Lodge Road");
    elsewhere.lat = 52.0;
    EXPECT_THAT(ratings_from(two_placed_primaries(), {elsewhere}, evening), IsEmpty())
        << "another of the same name";
}

/// The shell around it: what a good answer, and none, make of a network.
class NetworkFeedsShell : public testing::Test {
  protected:
    template <class T>
    Result<NetworkRecords<T>> records(const Result<std::vector<T>>& values) const {
        if (!values) {
            return values.error();
        }
        return NetworkRecords<T>{.values = *values,
                                 .origin = {.source = "ukpn",
                                            .url = "https://ukpn.example/records",
                                            .fetched = wall->now() - minutes{7},
                                            .status = 200,
                                            .sha256 = {},
                                            .licence = "CC BY 4.0"}};
    }
    NetworkFeeds make() {
        return NetworkFeeds(
            {context.get_executor(), clock, *wall, net, states,
             [this](std::string element, grid::StateEntry entry, Caller caller) -> Awaitable<Result<void>> {
                 states.set(element, std::move(entry));
                 callers.push_back(caller);
                 co_return Result<void>{};
             },
             [this](grid::Network adopted) { net = std::move(adopted); }, [this] { return records(faults); },
             [this] { return records(sites); },
             [this](UtcTime from) {
                 asked_from.push_back(from);
                 return records(dispatches);
             },
             [this](std::vector<store::SeriesBlock> blocks) { kept = std::move(blocks); }},
            hours{1});
    }
    void run_round(NetworkFeeds& feeds) {
        bool done = false;
        const auto round = [](NetworkFeeds& each, bool& is_done) -> Awaitable<void> {
            co_await each.round();
            is_done = true;
        };
        spawn(context.get_executor(), round(feeds, done));
        const SteadyTime give_up = steady_now() + std::chrono::seconds{10};
        while (!done && steady_now() < give_up) {
            context.restart();
            context.run_one_for(std::chrono::milliseconds{1});
        }
        ASSERT_TRUE(done);
    }

    asio::io_context context;
    VirtualClock clock{evening};
    std::unique_ptr<WallClock> wall = make_system_wall_clock();
    grid::Network net = two_placed_primaries();
    grid::OperationalStates states;
    std::vector<Caller> callers;
    Result<std::vector<feeds::ukpn::LiveFault>> faults{std::vector<feeds::ukpn::LiveFault>{}};
    Result<std::vector<feeds::ukpn::PrimarySite>> sites{std::vector<feeds::ukpn::PrimarySite>{}};
    Result<std::vector<feeds::ukpn::FlexibilityDispatch>> dispatches{
        std::vector<feeds::ukpn::FlexibilityDispatch>{}};
    std::vector<UtcTime> asked_from;
    std::vector<store::SeriesBlock> kept;
};

TEST_F(NetworkFeedsShell, AnswersBecomeStatesAndLimits) {
    faults = std::vector{fault("INCD-1", 51.5290, -0.1690)};
    sites = std::vector{site("UK-77", "Lodge Road")};
    NetworkFeeds feeds = make();
    run_round(feeds);
    EXPECT_EQ(states.of("P-1").state, grid::OperationalState::abnormal);
    ASSERT_THAT(callers, SizeIs(1));
    EXPECT_EQ(callers[0].id, fault_feed);
    EXPECT_FALSE(callers[0].reason.empty());
    EXPECT_THAT(net.limits_of("P-1"), SizeIs(2));
    run_round(feeds);
    EXPECT_THAT(net.limits_of("P-1"), SizeIs(2)) << "filled once";
    EXPECT_EQ(feeds.standing()[0].records, 1);
    EXPECT_EQ(feeds.standing()[1].effects, 2);
}

TEST_F(NetworkFeedsShell, DispatchesAreAskedForTwiceADayAndKeptByHalfHours) {
    const UtcTime today{std::chrono::floor<std::chrono::days>(wall->now())};
    const UtcTime start = today - std::chrono::days{10} + hours{17};
    feeds::ukpn::FlexibilityDispatch bought;
    bought.unit = "EV-1";
    bought.zone = "Bow";
    bought.kind = "demand_turn_down";
    bought.start = start;
    bought.end = start + hours{1};
    bought.requested_mw = 0.25;
    dispatches = std::vector{bought};
    NetworkFeeds feeds = make();
    run_round(feeds);
    EXPECT_THAT(asked_from, testing::ElementsAre(today - std::chrono::days{120}));
    ASSERT_THAT(kept, SizeIs(1));
    EXPECT_EQ(kept[0].key, "P-2/p_kw/sum/dispatched");
    EXPECT_EQ(kept[0].start, today - std::chrono::days{120});
    ASSERT_THAT(kept[0].values, SizeIs((110 * 48) + 36)) << "to the newest half-hour that is published";
    EXPECT_EQ(kept[0].values.back(), 250.0F);
    EXPECT_EQ(kept[0].values.front(), 0.0F);
    const FeedStanding standing = feeds.standing()[2];
    EXPECT_EQ(standing.id, "ukpn_dispatches");
    EXPECT_EQ(standing.effects, 2);
    EXPECT_EQ(standing.url, "https://ukpn.example/records");
    EXPECT_EQ(standing.licence, "CC BY 4.0");
    EXPECT_LE(standing.answered.value(), wall->now() - minutes{7});

    dispatches = Error{Errc::unavailable, "nobody answers"};
    run_round(feeds);
    EXPECT_THAT(asked_from, SizeIs(1)) << "the dataset grows once a month";
    EXPECT_EQ(feeds.standing()[2].fault, "");
}

TEST_F(NetworkFeedsShell, DispatchesThatNobodyTellsChangeNothingAndAreAskedForAgain) {
    dispatches = Error{Errc::unavailable, "nobody answers"};
    NetworkFeeds feeds = make();
    run_round(feeds);
    run_round(feeds);
    EXPECT_THAT(asked_from, SizeIs(2));
    EXPECT_THAT(kept, IsEmpty());
    EXPECT_EQ(feeds.standing()[2].fault, "nobody answers");
}

TEST_F(NetworkFeedsShell, AFeedThatIsDownChangesNothing) {
    states.set("P-1", {.state = grid::OperationalState::abnormal,
                       .since = evening,
                       .source = std::string(fault_feed) + " INCD-1"});
    faults = Error{Errc::unavailable, "nobody answers"};
    sites = Error{Errc::unavailable, "nobody answers"};
    NetworkFeeds feeds = make();
    run_round(feeds);
    EXPECT_EQ(states.of("P-1").state, grid::OperationalState::abnormal);
    EXPECT_TRUE(callers.empty());
    EXPECT_EQ(feeds.standing()[0].fault, "nobody answers");
    EXPECT_FALSE(feeds.standing()[0].answered.has_value());
}

}  // namespace
}  // namespace headroom::agents
