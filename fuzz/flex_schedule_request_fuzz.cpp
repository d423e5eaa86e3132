// Any request that is read is planned or refused, keeps its DERs' limits, and comes out the same twice.
#include "../tests/unit/flex/schedule_checker.hpp"
#include "flex/schedule_plan.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace headroom;
    const Result<json::Value> value = json::parse(std::string_view(reinterpret_cast<const char*>(data), size),
                                                  {.bytes = 1UL << 17U, .depth = 16});
    if (!value) {
        return 0;
    }
    std::vector<Fault> faults;
    std::optional<flex::PlanRequest> request = flex::read_plan_request(*value, faults);
    HEADROOM_ASSERT(request.has_value() == faults.empty());
    if (!request) {
        return 0;
    }
    request->ders.resize(std::min<std::size_t>(request->ders.size(), 6));
    const flex::PreparedPlan prepared = flex::prepare_plan(*request);
    const flex::ScheduleBudget budget{.bound_work = 300, .improve_work = 100};
    const Result<flex::ScheduleSolution> one = flex::solve_schedule(prepared.problem, budget);
    if (!one) {
        return 0;
    }
    HEADROOM_ASSERT(flex::broken_limit(prepared.problem, one->schedule).empty());
    HEADROOM_ASSERT(flex::broken_limit(prepared.problem, one->first).empty());
    HEADROOM_ASSERT(one->bound <= static_cast<double>(one->schedule.objective().value) + 1.0);
    const Result<flex::ScheduleSolution> two = flex::solve_schedule(prepared.problem, budget);
    HEADROOM_ASSERT(two.has_value() && two->schedule.power_w == one->schedule.power_w);
    return 0;
}
