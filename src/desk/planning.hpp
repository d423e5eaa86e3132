#pragma once

#include "core/async.hpp"
#include "flex/schedule_plan.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace headroom::desk {

/// One plan that was handed in, with what of its request is shown beside it.
struct AskedPlan {
    flex::SchedulePlan plan;
    flex::PlanNeed need;
    std::vector<flex::PlanDer> asked;  ///< of the plan's actions, in their order
    std::optional<double> probability;
    UtcTime notice_from{};  ///< `now` of the request
    UtcTime asked_at{};     ///< domain time
    UtcTime made_at{};      ///< wall time
};

/// Plans that are handed in: planned on a thread of their own, one after the other, and kept for a while, so
/// that they can be looked at again. Nothing is bought and nothing is written down by them.
class Planning {
  public:
    Planning() : worker_("planning") {}

    /// Under the operator's rules, where there are any, with what they count from the past. `carbon_source`
    /// says where figures come from that no DER brought itself. Errors: `unavailable` while too many wait; as
    /// `make_schedule_plan`.
    Awaitable<Result<flex::SchedulePlan>> plan(flex::PlanRequest request,
                                               std::shared_ptr<const flex::RuleBook> rules,
                                               flex::RuleFacts facts, std::string carbon_source,
                                               UtcTime asked_at, UtcTime made_at);
    /// One of the newest plans. Errors: `not_found`.
    [[nodiscard]] Result<AskedPlan> find(const std::string& plan_id) const;
    /// The newest, oldest first.
    [[nodiscard]] const std::deque<AskedPlan>& kept() const { return kept_; }

  private:
    static constexpr std::size_t kept_most = 64;
    static constexpr std::size_t waiting_most = 16;

    std::deque<AskedPlan> kept_;  // newest last
    Worker worker_;               // last: joined before the plans go
};

}  // namespace headroom::desk
