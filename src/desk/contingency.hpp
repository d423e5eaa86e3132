#pragma once

#include "agents/contingency.hpp"
#include "desk/contingency_answers.hpp"
#include "desk/page.hpp"

#include <string>
#include <vector>

namespace headroom::desk {

/// Which plans of the shelf are asked for; empty = any.
struct ContingencyQuery {
    std::string cover = {};  ///< covered, partly or uncovered
    std::string kind = {};   ///< feeder or substation
    std::string text = {};   ///< part of id or name, in either case
    PageRequest page = {};
};

/// A plan as people see it. `rank` counts from 1.
[[nodiscard]] ContingencyDetail contingency_detail(const contingency::ShelfPlan& plan, std::size_t rank,
                                                   UtcTime as_of);

/// The shelf as people see it: plans, worst first.
class ContingencyDesk {
  public:
    explicit ContingencyDesk(agents::Contingency& agent) : agent_(agent) {}

    /// Errors: `invalid` for a word that is none or a bad cursor; `unavailable` before the first sweep.
    [[nodiscard]] Result<Page<ContingencyAnswer>> list(const ContingencyQuery& query) const;
    /// Errors: `not_found` for an element that is not in the network; `unavailable` before the first sweep.
    [[nodiscard]] Result<ContingencyDetail> show(const std::string& element) const;
    /// A person has a plan carried out that waits for that. Errors: as `agents::Contingency::carry_out`.
    Awaitable<Result<ContingencyDetail>> carry_out(std::string element, Caller caller);

  private:
    [[nodiscard]] Result<void> ready() const;
    agents::Contingency& agent_;
};

}  // namespace headroom::desk
