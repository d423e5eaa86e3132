#pragma once

#include "flex/schedule_state.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace headroom::flex {

/// Whether other powers within a run of the DER break nothing but limits of power and energy.
[[nodiscard]] bool is_even(const ScheduleUnit& der);

/// Shares a plan's powers out anew among the DERs that run already, without starting or stopping any. A watt
/// of a DER costs the same in whichever slot it runs, so this is a flow from DERs to slots whose cost lies at
/// the DERs alone: along a path one DER gives more in a slot and as much less in another, where the next one
/// gives more, until one with energy left is met. Where no path is left that gains, no other powers of the
/// same runs cost less (up to a watt of rounding at each move). Blocks, and DERs with ramps or rebound, stay
/// as they are.
class PlanDispatch {
  public:
    explicit PlanDispatch(const ScheduleProblem& problem);

    /// Covers what is short, takes back what is too much, and lets cheap DERs stand in for dear ones. Answers
    /// the work that it took, in cells of a DER's tables.
    std::int64_t run(PlanState& state);

  private:
    static constexpr std::size_t nobody = static_cast<std::size_t>(-1);

    struct Row {
        std::uint64_t up = 0;    ///< slots where it may give more
        std::uint64_t down = 0;  ///< slots where it may give less
        double cost = 0.0;       ///< µ£ of a microwatt of relief through a slot
        std::int64_t relief_ppm = 0;
        std::int64_t hold_w = 1;
        std::int64_t left_w = 0;  ///< of its energy, in watts through a slot
        std::uint32_t unit = 0;
        bool is_changed = false;
    };
    /// How a slot gets more (less): from whom, and where that one gives as much less (more) for it.
    struct Way {
        std::size_t row = nobody;
        int next = -1;  ///< slot; < 0: nowhere, it is the end
        std::size_t end = nobody;
    };

    void take(const PlanState& state);
    void give(PlanState& state);
    void mark(std::size_t row, std::size_t slot);
    void move(std::size_t row, int slot, std::int64_t power_w);
    [[nodiscard]] std::int64_t missing_uw(std::size_t slot) const;
    [[nodiscard]] std::int64_t free_w(std::size_t row, int slot, bool raises) const;
    template <bool raises>
    void find_ways();
    template <bool raises>
    void spread(std::size_t end, std::uint64_t front, std::uint64_t& reached);
    template <bool raises>
    std::int64_t push(int slot, std::int64_t most_uw);
    bool fill();
    bool lower();
    bool swap();

    const ScheduleProblem& problem_;
    std::size_t slots_;
    double worth_;                     // µ£ of a microwatt of shortfall through a slot
    std::vector<std::uint32_t> rank_;  // of a unit by cost
    std::vector<std::int64_t> cover_uw_;
    std::vector<Row> rows_;  // the cheapest first
    std::vector<std::int32_t> power_w_;
    std::vector<std::uint8_t> is_seen_;
    std::array<Way, schedule_slots_max> ways_{};
    std::int64_t cells_ = 0;
};

}  // namespace headroom::flex
