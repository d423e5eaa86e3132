#pragma once

#include "flex/event_plan.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::flex {

// Inside of make_event_plan and of what is held against its rules.

/// In which turn an offer is asked, and what says so: the id of a rule, or "ladder".
struct OfferTurn {
    std::size_t turn = 0;  ///< lower ones come first; with gaps
    std::string rule = {};
};

/// What doing nothing comes to; nothing where no other rating of the limit's asset is known.
[[nodiscard]] std::optional<DoingNothing> doing_nothing_in(const EventPlanInput& input);

/// By the operator's figure for the kind, else by what the grid's energy costs in carbon; nothing when
/// neither is known. g/kWh.
[[nodiscard]] std::optional<double> carbon_g_per_kwh(const EventPlanInput& input, const Offer& offer);

/// Leaves what rules, ladder and latencies allow of an event's input, which outlives it.
class Permit {
  public:
    explicit Permit(const EventPlanInput& input);

    /// The input with what is left of it: offers, half-hours, money. What was done to it is in `notes`.
    [[nodiscard]] PlanInput allowed(PlanNotes& notes) const;
    [[nodiscard]] bool is_armed() const { return input_.base.product == ContractKind::availability; }
    [[nodiscard]] const std::vector<LadderRung>& ladder() const { return ladder_; }
    /// By when relief must come. Where every rung that could be bought from takes longer than the limit
    /// lasts, relief that is late is better than none: then it is the end of the overload.
    [[nodiscard]] const TimeToLimit& time() const { return time_; }
    [[nodiscard]] const PlanNeed& need() const { return need_; }
    [[nodiscard]] std::string_view means(const Offer& offer) const;
    /// Place on the ladder first, then the rank of preference.
    [[nodiscard]] OfferTurn turn(const Offer& offer) const;
    /// What an offer of the event counts as beside its price: rotation, carbon, rebound.
    [[nodiscard]] EventWeight weight(const Offer& offer) const;

  private:
    [[nodiscard]] std::string why_not(const Offer& offer, const PlanNotes& notes, bool is_kept) const;
    void keep(PlanInput& out, const std::map<std::size_t, const PlanDer*>& kept, const std::string& no_money,
              PlanNotes& notes) const;
    void allow_late_relief();
    void close_slots(const PlanDer& der, const Offer& offer, std::vector<std::int64_t>& held) const;

    const EventPlanInput& input_;
    std::vector<LadderRung> ladder_;
    PlanNeed need_;
    TimeToLimit time_;
    std::string late_;  ///< why what is late counts; empty when something is in time
};

}  // namespace headroom::flex
