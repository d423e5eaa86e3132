#pragma once

#include "flex/schedule_bound.hpp"
#include "flex/schedule_dispatch.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace headroom::flex {

/// Makes plans out of prices and makes plans better, one DER's exact schedule at a time.
class ScheduleSearch {
  public:
    ScheduleSearch(const ScheduleProblem& problem, const ScheduleItems& items, UnitPlanner& planner,
                   const BoundSearch& bound);

    /// Starts from what the DERs answer at the bound's prices, buys what is missing at rising prices and
    /// gives back what is not needed.
    void build();
    /// Starts from a plan that is given.
    void start(const Schedule& schedule);
    /// Takes DERs out and puts others in, keeping what is better, until the objective is within `goal` of the
    /// bound, the planner's work reaches `work_end`, or `stop` says so. Ends at the best plan met.
    void improve(double goal, std::int64_t work_end, const std::function<bool()>& stop);
    /// The same several times, first from the plan at hand, then from plans made by chance, each with an
    /// equal part of `work`. Ends at the best plan of all.
    void improve_anew(int rounds, double goal, std::int64_t work, const std::function<bool()>& stop);

    /// Of many, uses those few as well that are still left out, where that makes the plan dearer by no more
    /// than `share`: at the bound's prices they are worth what they cost, and the plan then uses all there
    /// is.
    void use_rest(double share);

    [[nodiscard]] const PlanState& state() const { return state_; }
    [[nodiscard]] double objective() const { return state_.objective(); }

  private:
    bool is_used(std::size_t item) const;
    void clear(std::size_t item);
    /// Plans the item anew at `price` for what the others leave open. With `must_gain` only a lower objective
    /// is kept.
    bool replan(std::size_t item, const std::vector<double>& price, bool must_gain);
    void answer(std::size_t item, const SlotPrices& prices, double least = 0.0);
    void start_by_chance();
    void follow_target(double pull);
    void fill(const std::vector<std::uint32_t>& order);
    void trim(const std::vector<std::uint32_t>& order);
    void order_by_margin();
    /// Changes the plan around a slot; true when the objective is then below `limit`, else nothing is
    /// changed.
    bool step(std::uint64_t number, double limit);
    bool step_single(std::uint64_t number, double limit);
    void give_back();
    void drop_one();
    void push_one_in();
    /// Shares the powers of what is used out anew, where that is done at all.
    void dispatch();
    void choose(std::uint64_t number);
    std::uint32_t near_margin();
    std::size_t random(std::size_t count);
    double uniform();

    const ScheduleProblem& problem_;
    const ScheduleItems& items_;
    UnitPlanner& planner_;
    const BoundSearch& bound_;
    PlanState state_;
    PlanDispatch dispatch_;
    bool dispatches_;  // not of many DERs by slots: there one way must do, and each step be quick
    std::vector<double> shortfall_price_;
    std::vector<double> room_;
    std::vector<std::int32_t> trial_;
    std::vector<std::int32_t> best_;
    std::vector<std::uint32_t> by_margin_;  // items, the most worthwhile at the bound's prices first
    std::size_t margin_ = 0;                // of these, worth more than nothing
    std::vector<std::uint32_t> touched_;
    std::uint64_t random_;
};

}  // namespace headroom::flex
