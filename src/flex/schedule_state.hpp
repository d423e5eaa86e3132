#pragma once

#include "flex/schedule_problem.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace headroom::flex {

/// What is planned as one: a DER, or the DERs of a group of which at most one is used.
class ScheduleItems {
  public:
    explicit ScheduleItems(const ScheduleProblem& problem);
    [[nodiscard]] std::size_t size() const { return first_.size() - 1; }
    /// Units, in the order of their ids.
    [[nodiscard]] std::span<const std::uint32_t> operator[](std::size_t item) const {
        return {members_.data() + first_[item], members_.data() + first_[item + 1]};
    }
    [[nodiscard]] std::size_t item_of(std::size_t unit) const { return item_of_[unit]; }

  private:
    std::vector<std::uint32_t> members_;
    std::vector<std::uint32_t> first_;
    std::vector<std::uint32_t> item_of_;
};

/// A plan that is being worked on: powers, what they cover and cost, kept up to date change by change, and
/// the changes since the last `mark`, so that they can be undone.
class PlanState {
  public:
    explicit PlanState(const ScheduleProblem& problem);

    [[nodiscard]] const std::int32_t* power_w(std::size_t unit) const { return &power_w_[unit * slots_]; }
    [[nodiscard]] bool is_used(std::size_t unit) const { return place_[unit] != 0; }
    /// The units that are used, in no order that means anything.
    [[nodiscard]] const std::vector<std::uint32_t>& used() const { return used_list_; }
    void set(std::size_t unit, const std::int32_t* power_w);
    void clear(std::size_t unit);

    /// µ£ of what is bought and of what is left uncovered.
    [[nodiscard]] double objective() const;
    /// Relief still wanted in W by slot; negative where more than the target is covered, and where none is
    /// wanted.
    void room(std::vector<double>& room_w) const;
    [[nodiscard]] double room(std::size_t slot) const;
    [[nodiscard]] bool is_covered() const;
    /// Relief by slot, µW.
    [[nodiscard]] const std::vector<std::int64_t>& cover_uw() const { return cover_uw_; }

    /// From here on changes can be undone.
    void mark();
    void undo();

    [[nodiscard]] Schedule schedule() const;

  private:
    void list(std::size_t unit, bool is_used);
    void change(std::size_t unit, const std::int32_t* power_w);

    const ScheduleProblem& problem_;
    std::size_t slots_;
    double shortfall_;  // µ£ of a watt through a slot
    std::vector<std::int32_t> power_w_;
    std::vector<std::int32_t> none_;
    std::vector<std::uint32_t> place_;  // in used_list_, from 1; 0: not used
    std::vector<std::uint32_t> used_list_;
    std::vector<std::int64_t> cost_;
    std::vector<std::int64_t> cover_uw_;
    std::int64_t sum_cost_ = 0;
    bool is_marked_ = false;
    std::vector<std::uint32_t> changed_;
    std::vector<std::uint32_t> stamp_;
    std::uint32_t round_ = 0;
    std::vector<std::int32_t> before_;
};

}  // namespace headroom::flex
