#pragma once

#include "core/async.hpp"
#include "flex/schedule_plan.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>

namespace headroom::desk {

/// Plans that are handed in: planned on a thread of their own, one after the other, and kept for a while, so
/// that they can be looked at again. Nothing is bought and nothing is written down by them.
class Planning {
  public:
    Planning() : worker_("planning") {}

    /// Under the operator's rules, where there are any. `carbon_source` says where figures come from that no
    /// DER brought itself. Errors: `unavailable` while too many wait; as
    /// `make_schedule_plan`.
    Awaitable<Result<flex::SchedulePlan>> plan(flex::PlanRequest request,
                                               std::shared_ptr<const flex::RuleBook> rules,
                                               std::string carbon_source = {});
    /// One of the newest plans. Errors: `not_found`.
    [[nodiscard]] Result<flex::SchedulePlan> find(const std::string& plan_id) const;

  private:
    static constexpr std::size_t kept_most = 64;
    static constexpr std::size_t waiting_most = 16;

    std::deque<flex::SchedulePlan> kept_;  // newest last
    Worker worker_;                        // last: joined before the plans go
};

}  // namespace headroom::desk
