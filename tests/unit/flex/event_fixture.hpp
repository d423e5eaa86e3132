#pragma once

#include "core/random.hpp"
#include "flex/event_plan.hpp"
#include "plan_fixture.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace headroom::flex::test {

/// Armed on LV-017, under the rules of a TOML text where there is one.
inline EventPlanInput event_for(std::vector<std::int64_t> need_w, std::vector<Offer> offers,
                                const std::string& rules = "") {
    EventPlanInput input;
    input.base = input_for(std::move(need_w));
    input.base.offers = std::move(offers);
    input.base.product = ContractKind::availability;
    input.base.overload.probability_ppm = 640'000;
    input.facts.rules.zones = {"LV-017", "SS-3"};
    if (!rules.empty()) {
        Result<RuleBook> book = read_rules("id = \"t\"\nversion = 4\n" + rules, "rules.toml");
        EXPECT_TRUE(book.has_value()) << (book ? "" : book.error().message);
        input.book = std::make_shared<const RuleBook>(std::move(*book));
    }
    return input;
}

inline std::vector<std::string> asked(const EventPlan& plan) {
    std::vector<std::string> out;
    for (const PlanLine& line : plan.plan.lines) {
        out.push_back(line.offer.id);
    }
    return out;
}

inline std::string reason_of(const EventPlan& plan, const std::string& offer_id) {
    for (const EventRefusal& refusal : plan.notes.refused) {
        if (refusal.offer == offer_id) {
            return refusal.reason;
        }
    }
    return {};
}

inline EventPlan planned(const EventPlanInput& input) {
    Result<EventPlan> plan = make_event_plan(input);
    EXPECT_TRUE(plan.has_value()) << (plan ? "" : plan.error().message);
    return plan ? std::move(*plan) : EventPlan{};
}

/// Offers of every kind but blocks, by chance.
inline EventPlanInput drawn(std::uint64_t seed, std::size_t offers, std::size_t slots) {
    const Random random(seed);
    std::vector<std::int64_t> need;
    for (std::size_t slot = 0; slot < slots; ++slot) {
        need.push_back(static_cast<std::int64_t>(1'000 * offers + random.below(1'000 * offers, 0, slot)));
    }
    std::vector<Offer> out;
    for (std::size_t i = 0; i < offers; ++i) {
        Offer made =
            offer("O" + std::to_string(100 + i), static_cast<std::int64_t>(3'000 + random.below(9'000, 1, i)),
                  static_cast<std::int64_t>(100 + random.below(400, 2, i)));
        made.reliability_ppm = static_cast<std::int64_t>(700'000 + random.below(300'000, 3, i));
        made.energy = WattHours{
            random.below(2, 4, i) == 0 ? 0 : static_cast<std::int64_t>(2'000 + random.below(8'000, 5, i))};
        made.duration_max = random.below(2, 6, i) == 0
                                ? milliseconds{0}
                                : milliseconds{minutes{30 + 30 * static_cast<int>(random.below(3, 7, i))}};
        out.push_back(made);
    }
    return event_for(std::move(need), std::move(out));
}

}  // namespace headroom::flex::test
