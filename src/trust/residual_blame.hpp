#pragma once

#include "trust/residual_shift.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace headroom::trust {

/// Which meter of a busbar is it, when the balance is off? Each is tried in turn: the readings it would have
/// given if it alone were wrong (its reading plus what the others are short of) are held against its own
/// forecasts, and so are the readings it gave. The log-likelihood ratio of the two, summed since the balance
/// first moved, is the case against the meter: high where the corrected readings look like load and the given
/// ones do not. Readings that repeat to the last digit, at once or after exactly a day, are counted against
/// it too: load does not. Memory: three levels for each phase, one day of readings.
class Blame {
  public:
    Blame(std::size_t phases, const ShiftRules& rules);

    /// Takes the readings of the next slot after `watch` took them; `correction_kw` is to be added to make
    /// the balance even. `is_open`: the balance has moved; while it has not, the case is empty.
    void take(const ShiftWatch& watch, std::span<const double> kw, std::span<const double> correction_kw,
              bool is_open);

    /// The case against the meter, as a log-likelihood ratio.
    [[nodiscard]] double weight() const { return weight_; }

  private:
    struct Phase {
        double given = 0.0, corrected = 0.0;            // levels that follow slowly
        double corrected_fast = 0.0, given_fast = 0.0;  // levels that follow as the watch does
        double slow_scale = 0.0;
        double last = 0.0;
    };
    [[nodiscard]] double repeats(const ShiftWatch& watch, std::span<const double> kw) const;

    ShiftRules rules_;
    std::vector<Phase> phases_;
    std::vector<float> day_;  // ring by slot and phase
    double weight_ = 0.0;
    std::size_t seen_ = 0;
};

}  // namespace headroom::trust
