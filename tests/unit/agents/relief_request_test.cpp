#include "agents/relief_request.hpp"

#include "agents/event_record.hpp"

#include <gmock/gmock.h>

namespace headroom::agents {
namespace {

using testing::HasSubstr;

const UtcTime requested_at = parse_utc("2027-01-14T17:10:00Z").value();

grid::Network one_feeder() {
    return grid::read_grid_csv(
               "type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh\n"
               "substation,SS-1,,South,51.5,-0.1,500,secondary,,\n"
               "feeder,F-1,SS-1,One,51.5,-0.1,300,domestic,,\n",
               "grid.csv")
        .value();
}

std::optional<double> load_of_limit(const risk::Overload& at) {
    return at.limit.phase == grid::Phase::l2 ? 99.0 : 40.0;
}

ReliefRequest wanted() {
    return {
        .feeder = "F-1", .only_class = grid::DerClass::battery, .power = Watts{12'000}, .from = requested_at};
}

TEST(ReliefRequest, StandsAtTheLimitThatIsNearestToBeingExceeded) {
    const Result<risk::Overload> overload = overload_for(wanted(), one_feeder(), requested_at, load_of_limit);
    ASSERT_TRUE(overload.has_value()) << overload.error().message;
    EXPECT_EQ(overload->cause, risk::Cause::person);
    EXPECT_EQ(overload->limit.phase, grid::Phase::l2);
    EXPECT_EQ(overload->peak_load, Watts{99'000});
    EXPECT_EQ(overload->start, parse_utc("2027-01-14T17:00:00Z").value());
    EXPECT_EQ(overload->end, parse_utc("2027-01-14T18:00:00Z").value());
    EXPECT_EQ(overload->need.w, (std::vector<std::int64_t>{12'000, 12'000}));
    EXPECT_EQ(overload->energy_over, WattHours{12'000});
    // It crosses the log like any other.
    const Result<risk::Overload> read = risk::overload_from_json(risk::to_json(*overload));
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(read->cause, risk::Cause::person);
}

TEST(ReliefRequest, TheSameInTheSameHalfHourIsTheSameEvent) {
    const grid::Network grid = one_feeder();
    const EventId first = overload_for(wanted(), grid, requested_at, load_of_limit)->event;
    EXPECT_EQ(overload_for(wanted(), grid, requested_at + minutes{5}, load_of_limit)->event, first);
    EXPECT_NE(overload_for(wanted(), grid, requested_at + minutes{30}, load_of_limit)->event, first);
    ReliefRequest more = wanted();
    more.power = Watts{13'000};
    EXPECT_NE(overload_for(more, grid, requested_at, load_of_limit)->event, first);
    ReliefRequest others = wanted();
    others.only_class = std::nullopt;
    EXPECT_NE(overload_for(others, grid, requested_at, load_of_limit)->event, first);
}

TEST(ReliefRequest, WhatCannotBeIsRefusedWithTheMember) {
    ReliefRequest nowhere = wanted();
    nowhere.feeder = "F-9";
    EXPECT_EQ(overload_for(nowhere, one_feeder(), requested_at, load_of_limit).error().code, Errc::not_found);
    ReliefRequest nothing = wanted();
    nothing.power = Watts{0};
    EXPECT_EQ(overload_for(nothing, one_feeder(), requested_at, load_of_limit).error().pointer,
              "/required_kw");
    ReliefRequest forever = wanted();
    forever.half_hours = 49;
    EXPECT_EQ(overload_for(forever, one_feeder(), requested_at, load_of_limit).error().pointer,
              "/half_hours");
}

TEST(ReliefRequest, TheClassOutlivesARestart) {
    EventRecord record;
    record.overload = *overload_for(wanted(), one_feeder(), requested_at, load_of_limit);
    record.only_class = grid::DerClass::battery;
    EXPECT_EQ(event_record_from_json(to_json(record))->only_class, grid::DerClass::battery);
    record.only_class = std::nullopt;
    EXPECT_EQ(to_json(record).get("only_class"), nullptr) << "records of before keep their bytes";
}

}  // namespace
}  // namespace headroom::agents
