#pragma once

#include "flex/plan_problem.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace headroom::flex {

enum class Choice : std::uint8_t { open, window, unused };

/// What a node has settled for one candidate.
struct Decision {
    Choice choice = Choice::open;
    Run run;
};

/// The problem with runs settled for some candidates and waived for the others: relief flows from candidates
/// to half-hours. A candidate's price is the same in each half-hour, so taking candidates by price and giving
/// each the most that can still be added (earlier ones may change their half-hours, never their sum) is
/// exactly optimal.
class Relaxation {
  public:
    Relaxation(const Problem& problem, const std::vector<Decision>& decisions);

    /// Units of work that it took: the same for the same problem, on any machine.
    [[nodiscard]] std::int64_t work() const;
    /// False when the blocks alone cost more than may be spent.
    [[nodiscard]] bool is_feasible() const { return feasible_; }
    /// µ£; no cover that keeps to the decisions has a lower objective.
    [[nodiscard]] std::int64_t objective() const { return cost_ + unserved_; }
    [[nodiscard]] std::int64_t flow(std::size_t index, std::size_t slot) const {
        return flow_[index * slots_ + slot];
    }
    /// The half-hours in which the candidate is used, from the first to the last.
    [[nodiscard]] Run span(std::size_t index) const;

    /// Whole watts, rounded up, within each candidate's energy.
    [[nodiscard]] Cover cover(const PlanInput& input) const;

  private:
    [[nodiscard]] bool is_fixed_block(std::size_t index) const {
        return problem_.candidates[index].is_block() && decisions_[index].choice == Choice::window;
    }

    void give_back(std::vector<std::int64_t>& powers, std::size_t index, std::int64_t& sum) const;

    void settle_blocks();

    [[nodiscard]] std::int64_t room(std::size_t index, std::size_t slot) const;

    /// The most that the candidate may give in all: its energy and runs, and the money.
    [[nodiscard]] std::int64_t supply(std::size_t index) const;

    void add(std::size_t index);

    std::int64_t push(std::size_t index, std::size_t slot, std::int64_t amount);

    /// Changes one flow and keeps count of who could move from where to where.
    void change(std::size_t index, std::size_t slot, std::int64_t by);

    /// A candidate that can move from one half-hour to the other; there is one.
    std::size_t mover(std::size_t from, std::size_t to);

    struct Step {
        bool reached = false;
        bool is_first = false;
        std::size_t from = 0;  // slot before, itself at the beginning of the path
    };

    /// Finds a chain of earlier candidates that change half-hours so that `index` can give more. Answers how
    /// much was added.
    std::int64_t augment(std::size_t index, std::int64_t left);

    /// Moves along the chain that ends at `target`.
    std::int64_t carry(std::size_t index, std::size_t target, const std::vector<Step>& steps,
                       std::int64_t left);

    const Problem& problem_;
    const std::vector<Decision>& decisions_;
    std::size_t slots_;
    std::vector<std::int64_t> flow_;      // µW of relief
    std::vector<std::int64_t> residual_;  // µW still uncovered
    std::int64_t uncovered_ = 0;          // µW: the residuals together
    std::int64_t budget_;
    std::int64_t counted_ = 0;  // steps
    std::int64_t cost_ = 0;
    std::int64_t unserved_ = 0;
    bool feasible_ = true;
    std::vector<std::vector<std::size_t>> users_;  // candidates with flow in a slot; may hold emptied ones
    std::vector<std::int64_t>
        movers_;  // [from * slots + to]: candidates with flow in one and room in the other
    std::vector<std::size_t> cursors_;  // where the search for one of them goes on
    std::vector<bool> is_closed_;       // slots from which no uncovered one can be reached
};

}  // namespace headroom::flex
