#pragma once

#include "flex/schedule_state.hpp"
#include "flex/schedule_unit.hpp"

#include <vector>

namespace headroom::flex {

/// Lagrangian relaxation of the cover: relief is bought at a price by slot, and every DER answers with its
/// own best schedule. At any prices within [0, price of shortfall] the sum of what that leaves is a proven
/// lower bound on the cost of every plan, so that a search cannot get it wrong, only less good.
class BoundSearch {
  public:
    BoundSearch(const ScheduleProblem& problem, const ScheduleItems& items, UnitPlanner& planner);

    /// Looks for the prices with the best bound, first over samples of the DERs, then over all of them, until
    /// `work` units are used. `target` is the cost of a known plan, µ£.
    void search(double target, std::int64_t work);

    /// µ£; no plan costs less whose active slots have a whole unit of power at least.
    [[nodiscard]] double bound() const { return bound_; }
    /// µ£ at the same prices; no plan costs less that is told in watts. Of ten times everything it is not
    /// quite ten times as much: only what is told may depend on it.
    [[nodiscard]] double bound_in_watts() const;
    /// µ£ of a watt of relief through the slot, where the bound was found.
    [[nodiscard]] const std::vector<double>& prices() const { return best_price_; }
    /// Each item's best value with at least one activation at those prices, an estimate from above where it
    /// is below 0.
    [[nodiscard]] const std::vector<double>& values() const { return best_value_; }
    /// The powers that the DERs answered with at those prices, by unit and slot.
    [[nodiscard]] const std::vector<std::int32_t>& answers() const { return best_answer_; }
    /// Capacity-weighted price at which an item stops being worth it: what `values` are compared by.
    [[nodiscard]] double size_w(std::size_t item) const { return size_w_[item]; }

  private:
    struct Evaluation {
        double bound = 0.0;
        std::vector<double> missing_w;  // target minus answers, by slot
    };
    void first_prices();
    [[nodiscard]] Evaluation evaluate(const std::vector<std::uint32_t>& order);
    /// One pass in which every DER's answer moves the prices a little; ends at the mean of the prices met.
    void glide(const std::vector<std::uint32_t>& order, double share, double pull);
    void glide_to_rest(std::vector<std::uint32_t> order, double share, double pull, int rounds,
                       std::int64_t work_end);
    void take(const Evaluation& evaluation);
    void snap(const std::vector<std::uint32_t>& order, std::int64_t work_end);
    void climb(const std::vector<std::uint32_t>& order, double target, int rounds, std::int64_t work_end);

    const ScheduleProblem& problem_;
    const ScheduleItems& items_;
    UnitPlanner& planner_;
    double price_max_;
    std::vector<double> size_w_;
    std::vector<double> price_;
    double bound_ = 0.0;
    std::vector<double> best_price_;
    std::vector<double> best_value_;
    std::vector<std::int32_t> best_answer_;
    std::vector<double> value_;
    std::vector<std::int32_t> answer_;
};

}  // namespace headroom::flex
