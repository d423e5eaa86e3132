#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

namespace headroom::trust {

struct ShiftRules {
    std::size_t slots = 144;   ///< readings in a day
    std::size_t smooth = 3;    ///< slots to either side over which the usual change of a slot is taken
    std::size_t near = 6;      ///< likewise for its usual error
    double follow = 0.5;       ///< share of an error that is taken for a new level
    std::size_t window = 3;    ///< readings that a shift is judged over
    double tails = 4.0;        ///< degrees of freedom of the errors' t distribution
    double slot_weight = 1.0;  ///< of the slot's usual error in the scale; the rest is the point's own
    double unrest = 36.0;      ///< readings over which it is followed how restless the load is today
    double apart = 0.5;        ///< what phases that moved by shares of their own take off, of how much better
    double apart_free = 1.0;   ///< they explain it, beyond this
    double floor_weight = 2.0;  ///< nats for each tenth of its mean that a phase came down below its floor
    double floor_rise = 1.0 / 2016.0;  ///< of its mean, by which a floor rises with every reading
};

/// The shifts that are looked for, in shares of a phase's mean load: what is worth a lie and still looks
/// like load.
inline constexpr std::array<double, 6> shift_shares{-0.4, -0.3, -0.2, 0.2, 0.3, 0.4};

/// Follows the phases of one feeder and asks of every reading: did all phases just shift by the same share of
/// their mean load, as they do when someone alters a meter and as loads hardly ever do?
///
/// Each phase is forecast from its level and the change that this time of day usually brings; the errors'
/// scale is learnt for each time of day, and follows how restless the phase has been of late against that:
/// a washing day is wilder than the days before it from morning to night. The answer is the log-likelihood
/// ratio of the last `window` errors with a shift that began with the first of them against none, errors
/// t-distributed, so that one phase alone cannot carry it. Two kinds of honest change are allowed for: phases
/// that moved at once by shares of their own, as appliances and shops do, and feeders whose phases always
/// move together (schools, works), whose ratios are divided by how much more than independent phases they do.
/// A move down that leaves phases lower than they have been for days (they have a floor: what is always on)
/// counts for more: load that is switched off was switched on, a share that is taken off a meter was not.
/// Memory: three numbers for each slot of the day and phase. Source: generalised likelihood ratio on
/// innovations, Willsky and Jones 1976.
class ShiftWatch {
  public:
    ShiftWatch(std::size_t phases, ShiftRules rules);

    /// Takes the readings of the next slot, kW by phase; NaN where there is none. `is_doubted`: they are not
    /// learnt from.
    void take(std::span<const double> kw, bool is_doubted);

    /// Log-likelihood ratio for each of `shift_shares`, allowing for honest changes; 0 before a day has been
    /// seen.
    [[nodiscard]] const std::array<double, shift_shares.size()>& ratios() const { return ratios_; }
    /// Of the last readings, by phase: forecast error, its scale at this time of day, and the forecast
    /// itself, kW.
    [[nodiscard]] std::span<const double> errors() const;
    [[nodiscard]] std::span<const double> scales() const;
    [[nodiscard]] std::span<const double> forecasts() const { return forecast_; }
    [[nodiscard]] std::span<const double> means() const { return mean_; }
    /// Change that the slot of the last readings was expected to bring, by phase, kW.
    [[nodiscard]] std::span<const double> expected_change() const { return change_; }
    [[nodiscard]] std::size_t seen() const { return seen_; }

  private:
    struct Slot {
        double change = 0.0;  // mean of the change into this slot
        double error = 0.0;   // mean |error|
        double times = 0.0;
    };
    struct Sample {
        std::vector<double> error, scale, kw;
        std::vector<double> usual;  // the scale before the unrest of the day
        bool is_doubted = false;
    };
    [[nodiscard]] Slot& slot(std::size_t index, std::size_t phase) {
        return slots_[(index % rules_.slots) * phases_ + phase];
    }
    [[nodiscard]] double usual_change(std::size_t phase) const;
    [[nodiscard]] double usual_error(std::size_t phase) const;
    /// Enters the sample that is far enough back not to be smoothed into its own forecast.
    void learn_from_old();
    void judge();
    /// Log-likelihood ratio of a shift of one phase by a share of its mean, over the window.
    [[nodiscard]] double ratio_of(std::size_t phase, double share) const;
    /// How far the phases moved together, in what they would if they were independent.
    [[nodiscard]] double joint_move(const Sample& sample) const;
    /// The sum over the phases of the best ratio of each, by a share of its own.
    [[nodiscard]] double best_apart() const;
    /// How far the phases of the last `window` readings lie below their floors, in tenths of their means;
    /// follows the floors with what is old enough to be no part of a move that is being judged.
    double below_floors();

    std::size_t phases_;
    ShiftRules rules_;
    std::vector<Slot> slots_;
    std::vector<double> level_, forecast_, change_, mean_, spread_, unrest_;
    std::vector<Sample> recent_;  // ring: `window` to judge, `smooth` + 2 to learn from
    struct Floor {
        double kw = std::numeric_limits<double>::infinity();
        std::array<double, 8> waiting{};  // means of `window` readings, NaN where doubted
    };
    std::vector<Floor> floors_;  // by phase
    std::array<double, shift_shares.size()> ratios_{};
    double joint_spread_;  // mean size of `joint_move`
    std::size_t seen_ = 0;
};

/// Logarithm of the t density with `degrees` degrees of freedom at z, less its value at 0.
[[nodiscard]] double log_t(double z, double degrees);

}  // namespace headroom::trust
