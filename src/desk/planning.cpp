#include "desk/planning.hpp"

#include "core/clock.hpp"
#include "flex/rules.hpp"

#include <algorithm>
#include <utility>

namespace headroom::desk {

Awaitable<Result<flex::SchedulePlan>> Planning::plan(flex::PlanRequest request,
                                                     std::shared_ptr<const flex::RuleBook> rules,
                                                     std::string carbon_source) {
    if (worker_.pending() >= waiting_most) {
        co_return Error{Errc::unavailable, std::to_string(waiting_most) + " plans wait already; try again"};
    }
    auto job = [request = std::move(request), rules = std::move(rules)] {
        const SteadyTime begin = steady_now();
        return flex::make_schedule_plan(
            request, [begin] { return milliseconds_between(begin, steady_now()); }, rules.get());
    };
    Result<flex::SchedulePlan> plan = co_await worker_.run(std::move(job));
    if (plan) {
        plan->carbon_source = std::move(carbon_source);
        std::erase_if(kept_,
                      [&plan](const flex::SchedulePlan& each) { return each.plan_id == plan->plan_id; });
        kept_.push_back(*plan);
        if (kept_.size() > kept_most) {
            kept_.pop_front();
        }
    }
    co_return plan;
}

Result<flex::SchedulePlan> Planning::find(const std::string& plan_id) const {
    const auto found = std::find_if(kept_.begin(), kept_.end(), [&plan_id](const flex::SchedulePlan& each) {
        return each.plan_id == plan_id;
    });
    if (found == kept_.end()) {
        return Error{Errc::not_found, "no plan " + plan_id + " among the newest that were handed in"};
    }
    return *found;
}

}  // namespace headroom::desk
