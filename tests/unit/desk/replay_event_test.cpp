#include "desk/replay_event.hpp"

#include "core/digest.hpp"
#include "desk/desk.hpp"
#include "risk/assess.hpp"

#include <gtest/gtest.h>

namespace headroom::desk {
namespace {

risk::RiskInput live_excess() {
    risk::RiskInput input;
    input.feeder = "F1";
    input.limit = {
        .asset = "F1", .phase = grid::Phase::l1, .value = 60.0, .source = "test", .verified_by = "test"};
    input.limit_w = 60'000;
    input.now = *parse_utc("2027-01-14T17:10:00Z");
    input.recent = {{*parse_utc("2027-01-14T17:08:00Z"), 63'000},
                    {*parse_utc("2027-01-14T17:09:00Z"), 64'000}};
    input.source = "test";
    return input;
}

audit::Entry raised(const risk::RiskInput& recorded_input, const risk::RiskInput& judged) {
    const Result<std::optional<risk::Overload>> overload = risk::assess(judged);
    EXPECT_TRUE(overload && overload->has_value());
    audit::Entry entry;
    entry.seq = 4;
    entry.type = "constraint.raised";
    entry.body = json::Object{{"decision", "risk.raise"},
                              {"input", risk::to_json(recorded_input)},
                              {"overload", risk::to_json(**overload)}};
    return entry;
}

Result<std::string> no_blob(const std::string& sha256) {
    return Error{Errc::not_found, "no blob " + sha256};
}

TEST(ReplayDecisions, TheSameInputGivesTheSameBytes) {
    const auto decisions = replay_decisions({raised(live_excess(), live_excess())}, no_blob);
    ASSERT_TRUE(decisions) << decisions.error().message;
    ASSERT_EQ(decisions->size(), 1U);
    EXPECT_TRUE(decisions->front().same);
    EXPECT_EQ(decisions->front().recorded_sha256, decisions->front().replayed_sha256);
}

TEST(ReplayDecisions, AnInputThatWasTamperedWithShows) {
    risk::RiskInput other = live_excess();
    other.recent.back().w += 1;
    const auto decisions = replay_decisions({raised(other, live_excess())}, no_blob);
    ASSERT_TRUE(decisions) << decisions.error().message;
    EXPECT_FALSE(decisions->front().same);
}

TEST(ReplayDecisions, ADecisionWithoutItsInputIsCorrupt) {
    audit::Entry entry = raised(live_excess(), live_excess());
    entry.body.erase("input");
    const auto decisions = replay_decisions({entry}, no_blob);
    ASSERT_FALSE(decisions);
    EXPECT_EQ(decisions.error().code, Errc::corrupt);
}

TEST(ReplayDecisions, EntriesWithoutADecisionArePassedOver) {
    audit::Entry entry;
    entry.type = "beckn.sent";
    entry.body = json::Object{{"action", "search"}};
    const auto decisions = replay_decisions({entry}, no_blob);
    ASSERT_TRUE(decisions);
    EXPECT_TRUE(decisions->empty());
}

TEST(DescribeEntry, SaysWhatHappenedAndNothingForWhatTellsNothing) {
    EXPECT_EQ(describe(raised(live_excess(), live_excess())).substr(0, 22), "Overload live on F1 L1");
    audit::Entry tick;
    tick.type = "clock.tick";
    EXPECT_EQ(describe(tick), "");
}

}  // namespace
}  // namespace headroom::desk
