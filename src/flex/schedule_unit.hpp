#pragma once

#include "flex/schedule_problem.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace headroom::flex {

/// What relief is worth by slot, as one DER sees it.
struct SlotPrices {
    const double* price = nullptr;  ///< µ£ for a watt of relief through the slot
    const double* room_w =
        nullptr;  ///< so much relief is worth it, more is worth nothing; null: all of it is
};

/// The best schedule of one DER at given prices: a dynamic programme over (slot, activations left, slots left
/// in the run, energy left). Energy is counted in parts of the largest power; where that would take too many
/// states it has a price instead, searched for the DER. The power within an activation pattern is then set
/// exactly. Holds its tables, so one planner serves one thread.
class UnitPlanner {
  public:
    explicit UnitPlanner(const ScheduleProblem& problem);
    /// The same planner, for a bound alone: active slots may have as little as `least_w`, though a schedule's
    /// powers are whole ones.
    [[nodiscard]] UnitPlanner with_least(double least_w) const;

    /// Value of the best schedule with at least one activation, µ£; -infinity when there is none. One that
    /// cannot reach `floor` is only estimated from above. The next three speak of this call.
    double plan(std::size_t unit, const SlotPrices& prices, double floor);
    /// Whether there is a schedule to decode: the value was reckoned, not estimated.
    [[nodiscard]] bool has_schedule() const { return has_schedule_; }
    /// No schedule of the unit has a higher value at these prices (which must have no `room_w`); ≥ 0.
    [[nodiscard]] double upper_bound() const { return upper_bound_; }
    /// Writes the powers of that schedule, and answers their exact value.
    double decode(std::int32_t* power_w);

    /// Work done so far: a unit is 256 cells of the tables.
    [[nodiscard]] std::int64_t work() const { return cells_ / 256; }
    /// Work of others that counts as this one's.
    void add_cells(std::int64_t cells) { cells_ += cells; }

  private:
    struct Shape {
        int first = 0;      // slots that can be used lie within [first, last]
        int last = -1;      // < first: none
        int parts_min = 0;  // energy of a slot, in parts: at least …
        int parts_max = 0;  // … at most; both 0 when energy does not bind
        int width = 1;      // states of energy
        int lengths = 1;    // states of a run's length
        int activations = 1;
        int rest = 1;
        double part_w = 0.0;
        double slack_w = 0.0;  // what counting in parts may hide
        bool counts_length = false;
        bool prices_energy = false;
        bool is_free = false;  // one run may span all its slots, at next to nothing where nothing is wanted
    };
    struct Step {
        double stay = 0.0;
        double end = 0.0;
    };

    [[nodiscard]] Shape shape_of(const ScheduleUnit& der) const;
    void choose_parts(const ScheduleUnit& der, Shape& shape) const;
    double plan_counted(double highest);
    double plan_priced(double highest);
    double plan_free();
    double take_pattern();
    void fill_values();
    [[nodiscard]] Step value_of(int slot, int parts) const;
    [[nodiscard]] double value_at(int slot, double power_w) const;
    [[nodiscard]] int rebound_until(int slot) const;
    [[nodiscard]] double rebound_price(int slot) const;
    [[nodiscard]] double rebound_cost(int slot, double power_w) const;
    [[nodiscard]] double rebound_free_w(int slot) const;
    [[nodiscard]] double cap_w(int slot) const {
        return static_cast<double>(problem_.cap_w(*der_, static_cast<std::size_t>(slot)));
    }
    [[nodiscard]] double use_cost() const;
    void drop_short_runs(std::uint64_t& pattern) const;
    void keep_ramps(std::int32_t* power_w) const;
    void fill_tables();
    void fill_slot(int slot);
    void prepare_slots();
    void fill_steps();
    double fill_runs();
    void fill_runs_of(int activations);
    [[nodiscard]] std::uint64_t decode_runs() const;
    double best_start();
    [[nodiscard]] std::uint64_t decode_pattern();
    int decode_run(int slot, int activations_left, int& energy, std::uint64_t& pattern) const;
    bool fit_pattern(std::uint64_t& pattern) const;
    void fill_powers(std::uint64_t pattern, std::int32_t* power_w) const;
    [[nodiscard]] double exact_value(const std::int32_t* power_w) const;

    [[nodiscard]] float* free_row(int slot, int activations);
    [[nodiscard]] float* run_row(int slot, int activations, int length);
    [[nodiscard]] const float* free_row(int slot, int activations) const;
    [[nodiscard]] const float* run_row(int slot, int activations, int length) const;
    [[nodiscard]] bool is_open(int slot) const { return (der_->slots >> slot & 1U) != 0; }

    const ScheduleProblem& problem_;
    double least_w_ = 1.0;
    std::vector<Shape> shapes_;
    std::vector<double> cost_;          // µ£ of a watt through a slot, by unit
    std::vector<double> energy_price_;  // µ£ of a watt-slot, where the last search for the unit ended
    double energy_price_now_ = 0.0;
    std::vector<std::int32_t> power_;  // best powers so far of a search over the energy's price
    std::vector<std::int32_t> trial_;
    double rounding_ = 0.0;
    const ScheduleUnit* der_ = nullptr;
    const Shape* shape_ = nullptr;
    std::size_t unit_ = 0;
    SlotPrices prices_;
    double relief_ = 0.0;
    double hold_w_ = 0.0;      // least power of an active slot; a schedule has whole ones
    std::vector<float> stay_;  // [slot * options + parts - parts_min]
    std::vector<float> end_;
    std::vector<float> free_;
    std::vector<float> run_;
    std::vector<float> next_;
    /// Where energy has no states: of a slot, by number within the shape.
    struct Slot {
        double most_w = 0.0;      // best power where more is worth more
        double most_worth = 0.0;  // of the relief of that power
        double hold_worth = 0.0;  // of the least power
        double slope = 0.0;       // of a watt, before the energy's price
        double stay = 0.0;
        double end = 0.0;
    };
    std::array<Slot, schedule_slots_max> slot_{};
    std::array<double, schedule_slots_max + 1> sum_{};
    std::array<int, schedule_slots_max + 1> block_end_{};
    std::vector<double> from_;  // [activations * (slots + 1) + slot]: best of so many runs from here on
    std::vector<std::int8_t> run_end_;  // the same: where the run that begins here ends; 0: none does
    double best_run_ = 0.0;
    int start_end_ = 0;
    std::uint64_t pattern_ = 0;  // of a free one
    double best_ = 0.0;
    int start_ = -1;
    bool has_schedule_ = false;
    double upper_bound_ = 0.0;
    std::int64_t cells_ = 0;
};

}  // namespace headroom::flex
