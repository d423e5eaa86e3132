#include "agents/series_recorder.hpp"

#include "unit/agents/instants.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace headroom::agents {
namespace {

using store::Measurement;
using test::noon;
using ::testing::Contains;
using ::testing::Pair;

audit::Entry entry(std::string type, json::Object body, std::string outcome = "ok") {
    audit::Entry made;
    made.seq = 7;
    made.type = std::move(type);
    made.body = std::move(body);
    made.corr = "ev-20261120-abcdefgh";
    made.outcome = std::move(outcome);
    return made;
}

Measurement must(const audit::Entry& one) {
    std::optional<Measurement> made = measurement_of(one, noon);
    EXPECT_TRUE(made.has_value());
    if (!made) {
        return {};
    }
    EXPECT_TRUE(check(*made).has_value());
    EXPECT_EQ(made->at, noon);
    EXPECT_THAT(made->fields, Contains(Pair("seq", Measurement::Value{std::int64_t{7}})));
    EXPECT_THAT(made->fields,
                Contains(Pair("event", Measurement::Value{std::string("ev-20261120-abcdefgh")})));
    return *made;
}

TEST(SeriesRecorder, AnOverload) {
    const Measurement made =
        must(entry("constraint.raised",
                   {{"overload", json::Object{{"feeder", "F-1"},
                                              {"limit", json::Object{{"phase", "L1"}, {"quantity", "p_kw"}}},
                                              {"cause", "forecast"},
                                              {"peak_over_w", 1'500}}}}));
    EXPECT_EQ(made.name, "overloads");
    EXPECT_THAT(made.tags, Contains(Pair("feeder", "F-1")));
    EXPECT_THAT(made.tags, Contains(Pair("phase", "L1")));
    EXPECT_THAT(made.fields, Contains(Pair("peak_over_w", Measurement::Value{std::int64_t{1'500}})));
}

TEST(SeriesRecorder, AnAction) {
    const Measurement made = must(entry(
        "dispatch.order.intent",
        {{"feeder", "F-1"}, {"der", "D-1"}, {"kind", "limit"}, {"order", "i-1"}, {"setpoint_w", -200}}));
    EXPECT_EQ(made.name, "actions");
    EXPECT_THAT(made.tags, Contains(Pair("result", "intent")));
    EXPECT_THAT(made.fields, Contains(Pair("setpoint_w", Measurement::Value{std::int64_t{-200}})));
    EXPECT_THAT(must(entry("dispatch.order.nack", {{"der", "D-1"}}, "denied")).tags,
                Contains(Pair("result", "nack")));
}

TEST(SeriesRecorder, ATrade) {
    const Measurement made =
        must(entry("order.contracted", {{"provider", "P-1"},
                                        {"order_id", "o-1"},
                                        {"contract_after", json::Object{{"quoted_micro_pounds", 25}}}}));
    EXPECT_EQ(made.name, "trades");
    EXPECT_THAT(made.tags, Contains(Pair("provider", "P-1")));
    EXPECT_THAT(made.fields, Contains(Pair("quoted_micro_pounds", Measurement::Value{std::int64_t{25}})));
    EXPECT_THAT(must(entry("settlement.record", {{"statement", json::Object{{"total_pence", 123}}}})).fields,
                Contains(Pair("total_pence", Measurement::Value{std::int64_t{123}})));
}

TEST(SeriesRecorder, NothingElse) {
    EXPECT_FALSE(measurement_of(entry("clock.tick", {}), noon).has_value());
}

}  // namespace
}  // namespace headroom::agents
