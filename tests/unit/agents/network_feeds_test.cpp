#include "agents/network_feeds.hpp"

#include <gmock/gmock.h>

namespace headroom::agents {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const UtcTime now = parse_utc("2027-01-14T17:00:00Z").value();

grid::Network network() {
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
    restored.restored = now - minutes{5};
    feeds::ukpn::LiveFault placeless = fault("INCD-4", 0, 0);
    placeless.lat = std::nullopt;
    const std::vector<FaultAtElement> found =
        faults_at(network(),
                  {fault("INCD-1", 51.5300, -0.1700), fault("INCD-2", 51.6, -0.3), restored, placeless}, now);
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].element, "P-1");
    EXPECT_EQ(found[0].reference, "INCD-1");
    EXPECT_THAT(found[0].detail, HasSubstr("120 customers"));
}

TEST(NetworkFeeds, AnElementIsAbnormalWhileItsCutLastsAndOnlyByTheFeed) {
    grid::OperationalStates states;
    const std::vector<FaultAtElement> cut{{"P-1", "INCD-1", "power cut INCD-1"}};
    std::vector<StateChange> changes = changes_by_faults(states, cut, now);
    ASSERT_THAT(changes, SizeIs(1));
    EXPECT_EQ(changes[0].entry.state, grid::OperationalState::abnormal);
    EXPECT_THAT(changes[0].entry.source, HasSubstr("INCD-1"));
    states.set("P-1", changes[0].entry);
    EXPECT_THAT(changes_by_faults(states, cut, now), IsEmpty()) << "told once";

    changes = changes_by_faults(states, {}, now + minutes{30});
    ASSERT_THAT(changes, SizeIs(1));
    EXPECT_EQ(changes[0].entry.state, grid::OperationalState::normal);

    grid::StateEntry person{.state = grid::OperationalState::abnormal, .since = now, .source = "desk"};
    person.person = "engineer-1";
    states.set("P-1", person);
    EXPECT_THAT(changes_by_faults(states, {}, now), IsEmpty()) << "what a person set is his to take back";
    states.set("P-1", {.state = grid::OperationalState::isolated, .since = now, .source = "desk"});
    EXPECT_THAT(changes_by_faults(states, cut, now), IsEmpty()) << "isolated stays isolated";
}

TEST(NetworkFeeds, PublishedRatingsFillOnlyWhatNobodyStated) {
    const std::vector<grid::Limit> limits =
        ratings_from(network(), {site("UK-77", "LODGE ROAD"), site("P-2", "Bow")}, now);
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
    EXPECT_THAT(ratings_from(network(), {elsewhere}, now), IsEmpty()) << "another of the same name";
}

/// The shell around it: what a good answer, and none, make of a network.
class NetworkFeedsShell : public testing::Test {
  protected:
    NetworkFeeds make() {
        return NetworkFeeds(
            {context.get_executor(), clock, *wall, net, states,
             [this](std::string element, grid::StateEntry entry, Caller caller) -> Awaitable<Result<void>> {
                 states.set(element, std::move(entry));
                 callers.push_back(caller);
                 co_return Result<void>{};
             },
             [this](grid::Network adopted) { net = std::move(adopted); }, [this] { return faults; },
             [this] { return sites; }},
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
    VirtualClock clock{now};
    std::unique_ptr<WallClock> wall = make_system_wall_clock();
    grid::Network net = network();
    grid::OperationalStates states;
    std::vector<Caller> callers;
    Result<std::vector<feeds::ukpn::LiveFault>> faults{std::vector<feeds::ukpn::LiveFault>{}};
    Result<std::vector<feeds::ukpn::PrimarySite>> sites{std::vector<feeds::ukpn::PrimarySite>{}};
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

TEST_F(NetworkFeedsShell, AFeedThatIsDownChangesNothing) {
    states.set("P-1", {.state = grid::OperationalState::abnormal,
                       .since = now,
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
