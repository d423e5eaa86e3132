#include "risk/week_ahead.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace headroom::risk {
namespace {

const UtcTime monday = parse_utc("2027-01-11T09:00:00Z").value();

/// 100 kW; rows of `median_kw`, P90 ten above it, from two days ahead.
RiskInput seen(const std::vector<std::int64_t>& median_kw, grid::Phase phase = grid::Phase::sum) {
    RiskInput input;
    input.feeder = "F-1";
    input.limit = {.asset = "F-1", .phase = phase, .value = 100.0, .verified_by = "grid file"};
    input.limit_w = 100'000;
    input.now = monday;
    input.forecast_start = monday + hours{48};
    for (const std::int64_t kw : median_kw) {
        input.forecast_w.push_back({(kw - 15) * 1000, (kw - 10) * 1000, (kw - 5) * 1000, kw * 1000,
                                    (kw + 5) * 1000, (kw + 10) * 1000, (kw + 15) * 1000});
    }
    return input;
}

TEST(ForeseenOverloads, FindsEveryWindowHoweverFarAhead) {
    std::vector<std::int64_t> loads(240, 50);
    loads[10] = 95;
    loads[11] = 110;
    loads[200] = 91;
    const Result<std::vector<ForeseenOverload>> found = foreseen_overloads(seen(loads));
    ASSERT_TRUE(found.has_value());
    ASSERT_EQ(found->size(), 2U);
    const Overload& first = (*found)[0].overload;
    EXPECT_EQ(first.cause, Cause::forecast);
    EXPECT_EQ(first.start, monday + hours{53});
    EXPECT_EQ(first.end, monday + hours{54});
    EXPECT_EQ(first.need.w, (std::vector<std::int64_t>{5'000, 20'000}));  // at P90
    EXPECT_EQ((*found)[1].overload.start, monday + hours{148});
}

TEST(ForeseenOverloads, KeepsEnoughOfTheQuestionToComeToTheSameAnswer) {
    std::vector<std::int64_t> loads(240, 50);
    loads[100] = 120;
    loads[101] = 93;
    const std::vector<ForeseenOverload> found = foreseen_overloads(seen(loads)).value();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].input.forecast_w.size(), 6U);
    const Result<RiskInput> read = risk_input_from_json(to_json(found[0].input));
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(to_json(**assess(*read)), to_json(found[0].overload));
}

TEST(ForeseenOverloads, IsEmptyWhereThereIsHeadroomOrNothingIsKnown) {
    EXPECT_TRUE(foreseen_overloads(seen(std::vector<std::int64_t>(240, 80)))->empty());
    EXPECT_TRUE(foreseen_overloads(seen({}))->empty());
}

TEST(OneAWindow, TakesTheWorstOfAFeederAndThePhaseBeforeTheSum) {
    std::vector<std::int64_t> mild(240, 50);
    mild[20] = 101;
    std::vector<std::int64_t> bad(240, 50);
    bad[20] = 120;
    bad[21] = 120;
    std::vector<std::int64_t> other_day(240, 50);
    other_day[100] = 130;
    std::vector<ForeseenOverload> all;
    for (const auto& [loads, phase] :
         {std::pair(bad, grid::Phase::sum), std::pair(mild, grid::Phase::l1), std::pair(bad, grid::Phase::l2),
          std::pair(other_day, grid::Phase::sum)}) {
        std::vector<ForeseenOverload> found = foreseen_overloads(seen(loads, phase)).value();
        for (ForeseenOverload& each : found) {
            all.push_back(std::move(each));
        }
    }
    const std::vector<ForeseenOverload> kept = one_a_window(std::move(all));
    ASSERT_EQ(kept.size(), 2U);
    EXPECT_EQ(kept[0].overload.limit.phase, grid::Phase::l2);
    EXPECT_EQ(kept[1].overload.start, monday + hours{98});
}

}  // namespace
}  // namespace headroom::risk
