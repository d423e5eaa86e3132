// The walk over the limits: outlooks from what the series store keeps, and the events that they raise.
#include "agents/week_ahead.hpp"

#include "contract/store/temp_dir.hpp"
#include "store/series.hpp"
#include "unit/agents/week_room.hpp"

#include <gmock/gmock.h>

#include <set>

namespace headroom::agents {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using week_test::WeekRoom;

constexpr const char* point = "LV-1/p_kw/sum";

/// Six weeks of LV-1 that peak at 100 kW from 17:00 to 19:00 and else are 60 kW.
class WalkRoom {
  public:
    explicit WalkRoom(UtcTime now, std::vector<grid::Limit> limits, int days_stored = 42)
        : limits_(std::move(limits)), series(open_series(folder_)) {
        room.advance_to(now);
        for (grid::Limit& limit : limits_) {
            limit.asset = "LV-1";
            limit.source = "t";
            limit.verified_by = "t";
            HEADROOM_ASSERT(room.network.add(limit).has_value());
        }
        monitor.emplace(room.network, registry, monitor::MonitorOptions{.rules = {}, .half_hours = 96});
        store(days_stored);
        agent.emplace(WeekAhead::Parts{room.world.executor(), room.world.clock(), series, room.network,
                                       registry, *monitor, *room.orchestration},
                      WeekAheadOptions{.rules = {.is_on = true}, .risk = {}});
    }
    ~WalkRoom() { settle(); }

    static std::unique_ptr<headroom::store::Series> open_series(const headroom::store::TempDir& folder) {
        return headroom::store::open_sqlite_series(folder / "series.db").value();
    }
    void store(int days) {
        const UtcTime from = floor_period(room.world_now()) - hours{24 * days};
        std::vector<float> kw;
        for (int i = 0; i < days * 48; ++i) {
            const std::int64_t slot = (features::period_index(from) + i) % 48;
            const auto ripple = static_cast<float>(i % 7) * 0.1F;
            kw.push_back((slot >= 34 && slot < 38 ? 100.0F : 60.0F) + ripple);
        }
        std::vector<headroom::store::SeriesBlock> blocks;
        blocks.push_back({point, from, period_length, std::move(kw)});
        series.post(std::move(blocks));
    }
    void settle() {
        room.world.run_until([this] { return agent->idle() && series.idle() && room.world.is_quiet(); });
        room.settle();
    }
    /// One round over all assets.
    void walk() {
        for (int tick = 0; tick < 3; ++tick) {
            agent->tick();
            settle();
            room.advance_to(room.world_now() + minutes{25});
        }
    }
    [[nodiscard]] std::vector<UtcTime> starts() const {
        std::vector<UtcTime> out;
        for (const EventRecord& event : room.events()) {
            out.push_back(event.overload.start);
        }
        std::sort(out.begin(), out.end());
        return out;
    }

    WeekRoom room{"armed"};  // nothing is armed a week ahead by itself: events wait for a person

  private:
    std::vector<grid::Limit> limits_;
    headroom::store::TempDir folder_;

  public:
    telemetry::PointRegistry registry;
    SeriesStore series;
    std::optional<monitor::Monitor> monitor;
    std::optional<WeekAhead> agent;
};

/// Beside the 300 kW that the feeder may carry all year.
grid::Limit limit_of(double kw, grid::Season season = grid::Season::winter) {
    return {.asset = "", .phase = grid::Phase::sum, .season = season, .value = kw};
}

UtcTime instant(const char* text) {
    return parse_utc(text).value();
}

TEST(WeekAheadWalk, RaisesOneWindowADayFromTwoDaysOn) {
    WalkRoom walk(instant("2027-01-20T12:00:00Z"), {limit_of(90.0)});
    walk.walk();
    const std::vector<UtcTime> starts = walk.starts();
    EXPECT_THAT(starts, SizeIs(Ge(4U)));
    EXPECT_THAT(starts, Each(Ge(instant("2027-01-22T12:00:00Z"))));
    std::set<std::string> days;
    for (const UtcTime start : starts) {
        EXPECT_EQ(format_utc(start).substr(10, 6), "T17:00");
        days.insert(format_utc(start).substr(0, 10));
    }
    EXPECT_EQ(days.size(), starts.size());
    for (const EventRecord& event : walk.room.events()) {
        EXPECT_NE(event.moment(week_ahead_moment), nullptr);
        EXPECT_EQ(event.state, EventState::proposed);
    }
}

TEST(WeekAheadWalk, HoldsEachHalfHourAgainstTheLimitOfItsSeason) {
    // Winter ends with February: 120 kW until then, 90 from March on.
    WalkRoom walk(instant("2027-02-25T12:00:00Z"),
                  {limit_of(120.0, grid::Season::winter), limit_of(90.0, grid::Season::spring_autumn)});
    walk.walk();
    const std::vector<UtcTime> starts = walk.starts();
    ASSERT_THAT(starts, Not(IsEmpty()));
    EXPECT_THAT(starts, Each(Ge(instant("2027-03-01T00:00:00Z"))));
    for (const EventRecord& event : walk.room.events()) {
        EXPECT_EQ(event.overload.limit.season, grid::Season::spring_autumn);
    }
}

TEST(WeekAheadWalk, ALimitThatEndsWithItsSeasonRaisesNothingBehindIt) {
    WalkRoom walk(instant("2027-02-25T12:00:00Z"),
                  {limit_of(90.0, grid::Season::winter), limit_of(120.0, grid::Season::spring_autumn)});
    walk.walk();
    EXPECT_THAT(walk.starts(), ElementsAre(instant("2027-02-27T17:00:00Z"), instant("2027-02-28T17:00:00Z")));
}

TEST(WeekAheadWalk, SaysOfHowManyPointsNothingCanBeToldAndWhy) {
    WalkRoom walk(instant("2027-01-20T12:00:00Z"), {limit_of(90.0)}, 6);
    walk.agent->tick();
    walk.settle();
    EXPECT_THAT(walk.starts(), IsEmpty());
    const AgentStatus status = walk.agent->status();
    EXPECT_EQ(status.status, "active");
    const json::Value metrics(status.metrics);
    EXPECT_EQ(metrics.integer("/points"), 1);
    EXPECT_EQ(metrics.integer("/without_outlook"), 1);
    EXPECT_THAT(metrics.text("/without_because"), HasSubstr(point));
}

TEST(WeekAheadWalk, AnswersOutlooksOfPointsThatAreNotStoredWithAReason) {
    WalkRoom walk(instant("2027-01-20T12:00:00Z"), {limit_of(90.0)});
    const auto nowhere = walk.room.world.await(walk.agent->outlook("LV-9/p_kw/sum"));
    EXPECT_TRUE(nowhere->load_w.empty());
    EXPECT_EQ(nowhere->reason, "no half-hours of it are stored");
    const auto known = walk.room.world.await(walk.agent->outlook(point));
    EXPECT_FALSE(known->load_w.empty()) << known->reason;
    EXPECT_EQ(known->origin, features::period_index(instant("2027-01-20T12:00:00Z")));
}

TEST(WeekAheadWalk, BeginsNothingWhereTheRulesDoNotSaySo) {
    WalkRoom walk(instant("2027-01-20T12:00:00Z"), {limit_of(90.0)});
    walk.agent.emplace(
        WeekAhead::Parts{walk.room.world.executor(), walk.room.world.clock(), walk.series, walk.room.network,
                         walk.registry, *walk.monitor, *walk.room.orchestration},
        WeekAheadOptions{.rules = {}, .risk = {}});
    walk.walk();
    EXPECT_THAT(walk.starts(), IsEmpty());
    EXPECT_EQ(walk.agent->status().status, "idle");
}

}  // namespace
}  // namespace headroom::agents
