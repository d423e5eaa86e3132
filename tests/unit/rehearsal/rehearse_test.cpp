#include "rehearsal/rehearsal.hpp"
#include "rehearsal/report.hpp"
#include "unit/rehearsal/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headroom::rehearsal {
namespace {

using testing::HasSubstr;

constexpr std::int64_t first_half_hour = 48 * 20'600;  // a midnight in May 2026

RehearsalInput two_feeders(const grid::Network& network) {
    RehearsalInput input;
    input.network = &network;
    input.limits.push_back(watched("F-1", days_of_load(24, 80.0, 108.0), first_half_hour));
    input.limits.push_back(watched("F-2", days_of_load(24, 60.0, 70.0), first_half_hour));
    return input;
}

RehearsalOptions quick() {
    RehearsalOptions options;
    options.warm_up_days = 6.0;
    options.learn.trees.rounds_max = 8;
    options.learn.width_trees.rounds_max = 4;
    return options;
}

TEST(Rehearse, FindsEveryOverloadBehindTheWarmUp) {
    const grid::Network network = network_of_feeders(3);
    const Result<Rehearsal> out = rehearse(two_feeders(network), quick(), {});
    ASSERT_TRUE(out) << out.error().message;
    EXPECT_EQ(out->first, first_half_hour + 6 * 48);
    EXPECT_EQ(out->overloads.size(), 6U);  // every third day of eighteen, on F-1 alone
    for (const OverloadOutcome& overload : out->overloads) {
        EXPECT_EQ(out->limits[overload.limit].watched.limit.asset, "F-1");
    }
    EXPECT_EQ(out->forecasts, 2U * 18 * 48);
    EXPECT_EQ(out->feeders.front().feeder, "F-1");
    ASSERT_EQ(out->unmonitored.size(), 1U);
    EXPECT_EQ(out->unmonitored[0].feeder, "F-3");
    EXPECT_NE(out->all.fit, Fit::act);
}

TEST(Rehearse, NothingLaterThanItsOriginReachesADecision) {
    const grid::Network network = network_of_feeders(2);
    const Result<Rehearsal> plain = rehearse(two_feeders(network), quick(), {});
    RehearsalInput changed = two_feeders(network);
    constexpr std::size_t from = 18 * 48;  // nonsense from this day on
    for (WatchedLimit& limit : changed.limits) {
        for (std::size_t i = from; i < limit.load_kw.values.size(); ++i) {
            limit.load_kw.values[i] = 500.0 - limit.load_kw.values[i];
        }
    }
    const Result<Rehearsal> other = rehearse(std::move(changed), quick(), {});
    ASSERT_TRUE(plain && other);
    for (std::size_t l = 0; l < 2; ++l) {
        for (std::size_t k = 0; k + 6 * 48 < from; ++k) {
            EXPECT_EQ(plain->limits[l].foretold_kw[k], other->limits[l].foretold_kw[k]) << l << " " << k;
        }
    }
}

TEST(Rehearse, TheSameSeedGivesTheSameReport) {
    const grid::Network network = network_of_feeders(2);
    const Result<Rehearsal> one = rehearse(two_feeders(network), quick(), {});
    const Result<Rehearsal> two = rehearse(two_feeders(network), quick(), {});
    ASSERT_TRUE(one && two);
    EXPECT_EQ(report_html(*one, {}), report_html(*two, {}));
}

TEST(Rehearse, TooFewReadingsAreRefused) {
    const grid::Network network = network_of_feeders(1);
    RehearsalInput input;
    input.network = &network;
    input.limits.push_back(watched("F-1", days_of_load(3, 80.0, 108.0), first_half_hour));
    const Result<Rehearsal> out = rehearse(std::move(input), {}, {});
    ASSERT_FALSE(out);
    EXPECT_THAT(out.error().message, HasSubstr("four days"));
}

TEST(Report, NamesAreTextAndNothingIsFetched) {
    const grid::Network network = network_of_feeders(2);
    RehearsalInput input = two_feeders(network);
    input.limits[0].limit.asset = "<script>alert(1)</script>";
    const Result<Rehearsal> out = rehearse(std::move(input), quick(), {});
    ASSERT_TRUE(out);
    const std::string html =
        report_html(*out, {.files = {"a&b.csv"}, .limits_from = "test", .offers_from = "none"});
    EXPECT_EQ(html.find("<script"), std::string::npos);
    EXPECT_EQ(html.find("http"), std::string::npos);
    EXPECT_NE(html.find("a&amp;b.csv"), std::string::npos);
    EXPECT_NE(html.find("Fit for: shadow"), std::string::npos);
    const json::Object object = report_json(*out, {});
    EXPECT_EQ(object.find("overload_list")->as_array()->size(), out->overloads.size());
    EXPECT_EQ(object.find("alarm_list")->as_array()->size(), out->alarms.size());
}

}  // namespace
}  // namespace headroom::rehearsal
