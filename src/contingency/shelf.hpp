#pragma once

#include "contingency/make_shelf.hpp"
#include "contingency/shelf_network.hpp"
#include "contingency/shelf_state.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace headroom::contingency {

/// The plans of a network's elements, kept fresh: a plan is made anew when something that it was made from
/// has changed, and not otherwise. A sweep may be done in slices, with the state as it was when the sweep
/// began. One thread.
class Shelf {
  public:
    /// `network` outlives it.
    explicit Shelf(const ShelfNetwork& network);

    /// Begins a sweep with what is known now, taken to the minute. Precondition: `state` is of this network.
    /// What was left of the former sweep is dropped; its elements are in this one.
    void begin(ShelfState state);
    /// Plans up to `count` elements that need it; answers how many were planned. 0: the sweep is done.
    std::size_t advance(std::size_t count);
    [[nodiscard]] bool is_done() const { return next_ >= due_.size(); }
    /// Elements that the last `begin` found in need of a new plan.
    [[nodiscard]] std::size_t due() const { return due_.size(); }

    [[nodiscard]] const ShelfNetwork& network() const { return network_; }
    [[nodiscard]] const ShelfState& state() const { return *state_; }
    /// What the element's plan was made from; nullptr when it was never planned.
    [[nodiscard]] const ShelfState* made_from(std::size_t element) const { return made_from_[element].get(); }
    /// By position of the element; one that was never planned has no `element`.
    [[nodiscard]] const std::vector<ShelfPlan>& plans() const { return plans_; }
    [[nodiscard]] const ShelfPlan* plan(std::string_view element) const;
    /// Positions of the plans, worst first.
    [[nodiscard]] std::vector<std::size_t> ranked() const;

  private:
    void find_changes(const ShelfState& to, std::vector<bool>& has_changed) const;
    [[nodiscard]] bool is_touched(std::size_t element, const std::vector<std::uint32_t>& changed_before,
                                  const std::vector<bool>& has_changed) const;

    const ShelfNetwork& network_;
    std::shared_ptr<const ShelfState> state_ = std::make_shared<const ShelfState>();
    ReliefTotals totals_;
    std::vector<ShelfPlan> plans_;
    std::vector<std::shared_ptr<const ShelfState>> made_from_;  ///< by element
    std::vector<std::vector<std::size_t>> receivers_;           ///< by element: where its ways out lead to
    std::vector<bool> is_stale_;                                ///< to be planned when its turn comes
    std::vector<std::size_t> due_;
    std::size_t next_ = 0;
};

}  // namespace headroom::contingency
