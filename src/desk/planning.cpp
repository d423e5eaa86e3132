#include "desk/planning.hpp"

#include "core/clock.hpp"
#include "flex/rules_use.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

namespace headroom::desk {

namespace {

/// What of the request is shown beside its plan; the rest, up to thousands of DERs, is not kept.
AskedPlan kept_of(flex::SchedulePlan plan, const flex::PlanRequest& request) {
    AskedPlan out{.plan = std::move(plan),
                  .need = request.need,
                  .probability = request.probability,
                  .notice_from = request.now.value_or(UtcTime{})};
    std::map<std::string_view, const flex::PlanDer*> ders;
    for (const flex::PlanDer& der : request.ders) {
        ders.emplace(der.der_id, &der);
    }
    for (const flex::PlanAction& action : out.plan.actions) {
        const auto found = ders.find(action.der_id);
        out.asked.push_back(found == ders.end() ? flex::PlanDer{.der_id = action.der_id} : *found->second);
    }
    return out;
}

}  // namespace

Awaitable<Result<flex::SchedulePlan>> Planning::plan(flex::PlanRequest request,
                                                     std::shared_ptr<const flex::RuleBook> rules,
                                                     flex::RuleFacts facts, std::string carbon_source,
                                                     UtcTime asked_at, UtcTime made_at) {
    if (worker_.pending() >= waiting_most) {
        co_return Error{Errc::unavailable, std::to_string(waiting_most) + " plans wait already; try again"};
    }
    for (const std::string& zone : request.need.zones) {
        if (std::find(facts.zones.begin(), facts.zones.end(), zone) == facts.zones.end()) {
            facts.zones.push_back(zone);
        }
    }
    auto job = [request = std::move(request), rules = std::move(rules),
                facts = std::move(facts)]() -> Result<AskedPlan> {
        const SteadyTime begin = steady_now();
        Result<flex::SchedulePlan> plan = flex::make_schedule_plan(
            request, [begin] { return milliseconds_between(begin, steady_now()); }, rules.get(), facts);
        return plan ? Result<AskedPlan>(kept_of(std::move(*plan), request)) : plan.error();
    };
    Result<AskedPlan> done = co_await worker_.run(std::move(job));
    if (!done) {
        co_return done.error();
    }
    done->plan.carbon_source = std::move(carbon_source);
    done->asked_at = asked_at;
    done->made_at = made_at;
    std::erase_if(kept_, [&done](const AskedPlan& each) { return each.plan.plan_id == done->plan.plan_id; });
    kept_.push_back(std::move(*done));
    if (kept_.size() > kept_most) {
        kept_.pop_front();
    }
    co_return kept_.back().plan;
}

Result<AskedPlan> Planning::find(const std::string& plan_id) const {
    const auto found = std::find_if(kept_.begin(), kept_.end(), [&plan_id](const AskedPlan& each) {
        return each.plan.plan_id == plan_id;
    });
    if (found == kept_.end()) {
        return Error{Errc::not_found, "no plan " + plan_id + " among the newest that were handed in"};
    }
    return *found;
}

}  // namespace headroom::desk
