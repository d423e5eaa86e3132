// Monte Carlo: DERs fail at their rates, and the need is covered as often as was asked.
#include "core/random.hpp"
#include "flex/schedule_plan.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace headroom::flex::test {
namespace {

constexpr std::int64_t plans = 10;
constexpr std::int64_t deliveries = 120;  // of each plan: 1,200 events in all

PlanRequest event(std::uint64_t seed, double probability) {
    const Random random(seed);
    PlanRequest request;
    request.seed = static_cast<std::int64_t>(seed);
    request.now = UtcTime{hours{490'000}};
    request.need.feeder_id = "F-" + std::to_string(seed);
    request.need.start = *request.now + hours{1};
    double fleet_kw = 0.0;
    for (std::uint64_t i = 0; i < 80; ++i) {
        PlanDer der;
        der.der_id = "D" + std::to_string(i);
        der.max_kw = std::round(20.0 + 60.0 * random.uniform(i, 1)) / 10.0;
        der.min_kw = random.uniform(i, 2) < 0.3 ? der.max_kw : 0.0;
        der.price_gbp_per_kwh = std::round(100.0 + 250.0 * random.uniform(i, 3)) / 1000.0;
        der.activation_gbp = std::round(20.0 * random.uniform(i, 4)) / 100.0;
        der.reliability = std::round(80.0 + 19.0 * random.uniform(i, 5)) / 100.0;
        der.max_duration_minutes = random.uniform(i, 6) < 0.3 ? 60.0 : 240.0;
        fleet_kw += der.max_kw;
        request.ders.push_back(der);
    }
    for (std::uint64_t t = 0; t < 3; ++t) {
        request.need.required_kw.push_back(std::round(fleet_kw * (0.2 + 0.2 * random.uniform(1'000, t))));
    }
    request.shortfall_gbp_per_kwh = 20.0;
    request.probability = probability;
    return request;
}

/// Whether one drawn delivery of the plan covers the whole need, reckoned from the answer alone.
bool is_prevented(const PlanRequest& request, const SchedulePlan& plan, std::uint64_t draw) {
    const Random random(987'654'321 + static_cast<std::uint64_t>(request.seed));
    std::vector<double> relief_kw(request.need.required_kw.size(), 0.0);
    for (const PlanAction& action : plan.actions) {
        for (const PlanDer& der : request.ders) {
            if (der.der_id == action.der_id &&
                random.uniform(Random::key(der.der_id), draw) < der.reliability) {
                for (std::size_t t = 0; t < relief_kw.size(); ++t) {
                    relief_kw[t] += action.kw[t];
                }
            }
        }
    }
    for (std::size_t t = 0; t < relief_kw.size(); ++t) {
        if (relief_kw[t] < request.need.required_kw[t] - 0.01) {
            return false;
        }
    }
    return true;
}

/// What greedy-by-price costs once it buys so much more that it is as certain.
double greedy_cost(const PlanRequest& request, double certainty) {
    const PreparedPlan prepared = prepare_plan(request);
    for (double factor = 1.0; factor < 2.0; factor += 0.01) {
        ScheduleProblem more = prepared.problem;
        for (std::int64_t& target : more.target_w) {
            target = std::llround(static_cast<double>(target) * factor);
        }
        const Schedule schedule = schedule_by_price(more);
        if (certainty_of(request, prepared, schedule, 1'500, 99) >= certainty) {
            return static_cast<double>(schedule.cost.value) / 1e6;
        }
    }
    return std::numeric_limits<double>::infinity();
}

class Certainty : public ::testing::TestWithParam<double> {};

TEST_P(Certainty, IsWhatWasAskedForWithinTwoPoints) {
    std::int64_t prevented = 0;
    double ours = 0.0;
    double greedy = 0.0;
    for (std::int64_t i = 0; i < plans; ++i) {
        const PlanRequest request = event(static_cast<std::uint64_t>(100 + i), GetParam());
        const Result<SchedulePlan> plan = make_schedule_plan(request);
        ASSERT_TRUE(plan.has_value());
        ASSERT_NE(plan->status, "partial");
        for (std::int64_t draw = 0; draw < deliveries; ++draw) {
            prevented += is_prevented(request, *plan, static_cast<std::uint64_t>(draw)) ? 1 : 0;
        }
        ours += plan->purchase_gbp;
        greedy += greedy_cost(request, GetParam());
    }
    const double share = static_cast<double>(prevented) / static_cast<double>(plans * deliveries);
    EXPECT_NEAR(share, GetParam(), 0.02);
    EXPECT_LE(ours, greedy);
}

INSTANTIATE_TEST_SUITE_P(Asked, Certainty, ::testing::Values(0.9, 0.95));

}  // namespace
}  // namespace headroom::flex::test
