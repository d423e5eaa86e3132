// Any input that can be read can be planned or is refused; the plan keeps within the offers and comes back
// from its JSON bit for bit.
#include "flex/contract.hpp"
#include "flex/flex_plan.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace headroom;
    const Result<json::Value> value = json::parse(std::string_view(reinterpret_cast<const char*>(data), size),
                                                  {.bytes = 1UL << 18U, .depth = 16});
    if (!value) {
        return 0;
    }
    static_cast<void>(flex::contract_from_json(*value));
    static_cast<void>(flex::flex_plan_from_json(*value));
    Result<flex::PlanInput> input = flex::plan_input_from_json(*value);
    if (!input) {
        return 0;
    }
    input->rules.node_budget = std::min<std::int64_t>(input->rules.node_budget, 200);
    const Result<flex::FlexPlan> plan = flex::make_plan(*input);
    if (!plan) {
        return 0;
    }
    for (const flex::PlanLine& line : plan->lines) {
        const auto& powers = line.power_w.values;
        HEADROOM_ASSERT(std::all_of(powers.begin(), powers.end(), [&line](std::int64_t power) {
            return power >= 0 && power <= line.offer.power.value;
        }));
        const std::int64_t sum = std::accumulate(powers.begin(), powers.end(), std::int64_t{0});
        HEADROOM_ASSERT(line.offer.energy.value == 0 || sum <= 2 * line.offer.energy.value);
    }
    HEADROOM_ASSERT(plan->cost <= input->rules.cost_max);
    const json::Value written = flex::to_json(*plan);
    const Result<flex::FlexPlan> again = flex::flex_plan_from_json(written);
    HEADROOM_ASSERT(again.has_value() && flex::plan_sha256(*again) == flex::plan_sha256(*plan));
    return 0;
}
