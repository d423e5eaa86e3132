#pragma once

#include <array>
#include <cstddef>
#include <vector>

namespace headroom::trust {

struct HabitRules {
    std::size_t slots = 144;      ///< readings in a day
    std::size_t learn_from = 56;  ///< ratios seen before a habit is believed
    double usual = 2.0;      ///< a feeder of whom nothing is known reaches this once in a hundred readings
    double calmest = 1.0;    ///< no feeder is believed to be calmer than this
    double base = 3.0;       ///< added to what a feeder reaches, so that a calm one is not all edge
    double scale = 7.0;      ///< of the answer: a feeder that reaches `scale` − `base` is left as it is
    double memory = 4032.0;  ///< readings: four weeks of 10 min
    std::size_t back_after = 12;   ///< slots after which a move back is its return: two hours of 10 min …
    std::size_t back_within = 56;  ///< … until so many
    double pair_cost = 3.0;        ///< for there being many slots in which a move may have begun
    double loud = 10.6;       ///< a move of more was told when it was made, and lends nothing to its return
    double stay_least = 1.5;  ///< a move up of less is no begin of what stayed high …
    double stay_most = 6.0;   ///< … and of more counts as this: it has spoken for itself
};

/// What one feeder's honest load reaches anyway. Some move all phases at once several times a day (schools,
/// works, night tariffs), most never do: a log-likelihood ratio is told in what this feeder reaches once in a
/// hundred readings, so that one threshold costs every feeder about as many false alarms.
///
/// A lie has two edges. Neither need be loud: a move and, hours later, its opposite are added, less what the
/// search for the first one costs. Both must be more than that cost: a loud move alone has no return. And
/// between its edges a lie stays: a move up is added to what it is worth that the load did. Memory: 64 counts
/// and a ring of `back_within` slots.
class ShiftHabit {
  public:
    explicit ShiftHabit(HabitRules rules);

    struct Answer {
        double single = 0.0;  ///< the strongest move, in its own habit
        double pair = 0.0;    ///< a move and its return; 0 when there was none to return from
        std::size_t ago = 0;  ///< slots from the first move to its return
        double stay =
            0.0;  ///< a move up after which the load stayed high, by this reading and the one before; 0: none
        std::size_t stay_ago = 0;  ///< slots since that move
    };
    /// Log-likelihood ratios of a move down and of a move up that ended with the newest reading, and what it
    /// is worth that the load has stayed high (`StayWatch::worth`). `is_known`: false while the balance is
    /// broken, when a move is no news: nothing is learnt or kept of it.
    Answer take(double down, double up, double stay, bool is_known);
    /// What this feeder reaches once in a hundred readings.
    [[nodiscard]] double reach() const;

  private:
    static constexpr std::size_t bins = 64;
    struct Edges {
        double down = 0.0, up = 0.0;
        bool is_known = false;
    };

    [[nodiscard]] double pair_of(double now, double then) const;

    HabitRules rules_;
    std::array<float, bins> counts_{};  // fading, by quarter nats
    double total_ = 0.0;
    std::size_t learnt_ = 0;
    std::size_t seen_ = 0;
    std::vector<Edges> ring_;
    double stayed_ = 0.0;  // what the reading before made of a stay
};

}  // namespace headroom::trust
