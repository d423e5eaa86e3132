// What holds of every plan of handed-in offers, whatever is offered: in expectation and for a probability.
#include "core/random.hpp"
#include "flex/schedule_plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace headroom::flex::test {
namespace {

/// Batteries of whole kilowatts, some with a least power, over `slots` half-hours; a part of them is needed.
PlanRequest market(std::uint64_t seed, std::uint64_t ders, std::uint64_t slots, bool is_sure) {
    const Random random(seed);
    const auto one_of = [&random](const auto& values, std::uint64_t i, std::uint64_t what) {
        return static_cast<double>(values[random.below(values.size(), i, what)]);
    };
    PlanRequest request;
    request.seed = 1;
    request.now = UtcTime{hours{490'000}};
    request.need.feeder_id = "F-1";
    request.need.start = *request.now + hours{5};
    request.shortfall_gbp_per_kwh = 20.0;
    double fleet_kw = 0.0;
    for (std::uint64_t i = 0; i < ders; ++i) {
        PlanDer der;
        der.der_id = "D" + std::to_string(1'000 + i);
        der.kind = "battery";
        der.max_kw = one_of(std::array{5, 10, 20, 50}, i, 1);
        der.min_kw = one_of(std::array{0, 0, 2, 5}, i, 2);
        der.energy_kwh = der.max_kw * one_of(std::array{1, 2, 4}, i, 3);
        der.max_duration_minutes = one_of(std::array{60, 240, 720}, i, 4);
        der.max_activations = 2;
        der.activation_gbp = std::round(300.0 * random.uniform(i, 5)) / 100.0;
        der.price_gbp_per_kwh = std::round(100.0 + 800.0 * random.uniform(i, 6)) / 1'000.0;
        der.reliability = one_of(std::array{80, 90, 95, 99}, i, 7) / 100.0;
        fleet_kw += der.max_kw;
        request.ders.push_back(std::move(der));
    }
    const double share = 0.15 + 0.3 * random.uniform(9'000, 0);
    for (std::uint64_t t = 0; t < slots; ++t) {
        request.need.required_kw.push_back(
            std::round(fleet_kw * share * (0.4 + 0.6 * random.uniform(9'001, t))));
    }
    if (is_sure) {
        request.probability = 0.9;
    }
    return request;
}

std::map<std::string, std::vector<double>> powers_kw(const SchedulePlan& plan) {
    std::map<std::string, std::vector<double>> out;
    for (const PlanAction& action : plan.actions) {
        out.emplace(action.der_id, action.kw);
    }
    return out;
}

SchedulePlan schedule_of(const PlanRequest& request) {
    Result<SchedulePlan> plan = make_schedule_plan(request);
    EXPECT_TRUE(plan.has_value());
    return std::move(*plan);
}

struct Size {
    std::uint64_t ders = 0;
    std::uint64_t slots = 0;
    std::uint64_t seeds = 0;
};

class SchedulePlans : public ::testing::TestWithParam<std::tuple<Size, bool>> {
  protected:
    template <class Check>
    static void for_each_market(Check check) {
        const auto& [size, is_sure] = GetParam();
        for (std::uint64_t seed = 1; seed <= size.seeds; ++seed) {
            SCOPED_TRACE("seed " + std::to_string(seed));
            check(market(seed, size.ders, size.slots, is_sure));
        }
    }
};

TEST_P(SchedulePlans, WithoutWhatTheyDoNotUseAreTheSame) {
    std::size_t unused = 0;
    for_each_market([&unused](PlanRequest request) {
        const SchedulePlan plan = schedule_of(request);
        const auto used = powers_kw(plan);
        const std::size_t all = request.ders.size();
        std::erase_if(request.ders, [&used](const PlanDer& der) { return !used.contains(der.der_id); });
        unused += all - request.ders.size();
        const SchedulePlan again = schedule_of(request);
        EXPECT_EQ(powers_kw(again), used);
        EXPECT_EQ(again.cost_gbp, plan.cost_gbp);
        EXPECT_EQ(again.certainty, plan.certainty);
    });
    EXPECT_GT(unused, 0U);
}

TEST_P(SchedulePlans, OfTenTimesEverythingAreTenTimesAsLarge) {
    for_each_market([](PlanRequest request) {
        const SchedulePlan plan = schedule_of(request);
        for (double& kw : request.need.required_kw) {
            kw *= 10.0;
        }
        for (PlanDer& der : request.ders) {
            der.min_kw *= 10.0;
            der.max_kw *= 10.0;
            *der.energy_kwh *= 10.0;
            der.activation_gbp *= 10.0;
        }
        const SchedulePlan large = schedule_of(request);
        auto tenfold = powers_kw(plan);
        for (auto& [id, values] : tenfold) {
            for (double& kw : values) {
                kw = std::round(kw * 10'000.0) / 1'000.0;
            }
        }
        EXPECT_EQ(powers_kw(large), tenfold);
        // What stays open is paid to the watt: half of one in each half-hour, ten times.
        const double rounding_gbp = 10.0 * 0.5 * 0.5 / 1'000.0 * request.shortfall_gbp_per_kwh *
                                    static_cast<double>(request.need.required_kw.size());
        const bool is_open = plan.status == "partial" || request.probability.has_value();
        EXPECT_NEAR(large.cost_gbp, 10.0 * plan.cost_gbp, is_open ? rounding_gbp : 1e-4);
        EXPECT_EQ(large.certainty, plan.certainty);
    });
}

TEST_P(SchedulePlans, DoNotAskADearerOneBeforeACheaperAlike) {
    for_each_market([](PlanRequest request) {
        const std::vector<PlanDer> once = request.ders;
        for (PlanDer dear : once) {
            dear.der_id += "-dear";
            dear.price_gbp_per_kwh += 0.02;
            request.ders.push_back(std::move(dear));
        }
        std::map<std::string, double> energy;
        for (const PlanAction& action : schedule_of(request).actions) {
            energy[action.der_id] = action.energy_kwh;
        }
        for (const PlanDer& cheap : once) {
            EXPECT_LE(energy[cheap.der_id + "-dear"], energy[cheap.der_id]) << cheap.der_id;
        }
    });
}

INSTANTIATE_TEST_SUITE_P(Drawn, SchedulePlans,
                         ::testing::Combine(::testing::Values(Size{6, 1, 6}, Size{6, 12, 4}, Size{12, 4, 3},
                                                              Size{25, 4, 1}, Size{150, 3, 1}),
                                            ::testing::Bool()));
INSTANTIATE_TEST_SUITE_P(Many, SchedulePlans,
                         ::testing::Combine(::testing::Values(Size{1'200, 3, 1}), ::testing::Values(false)));

}  // namespace
}  // namespace headroom::flex::test
