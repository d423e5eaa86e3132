#pragma once

#include "trust/balance_cusum.hpp"
#include "trust/evidence.hpp"
#include "trust/residual_blame.hpp"
#include "trust/residual_shift.hpp"
#include "trust/shift_habit.hpp"
#include "trust/stay_watch.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace headroom::trust {

struct SubstationRules {
    CusumRules cusum;
    UnrestRules unrest;
    AccuracyRules accuracy;
    ShiftRules shift;
    HabitRules habit;
    StayRules stay;
    std::size_t warm_up = 288;     ///< slots before anything is said: two days of 10 min
    double shift_ratio = 10.6;     ///< answer of `ShiftHabit` from which a shift alone is an alarm
    double others_share = 0.7;     ///< what the strongest like shift of another feeder takes off a ratio
    double blame_margin = 1.0;     ///< by which the case against a meter must lead to accuse it
    std::size_t quiet_after = 12;  ///< slots after the balance came back in which shifts are its echo
};

/// One slot of a substation, judged.
struct SubstationVerdict {
    bool is_doubted = false;
    std::optional<std::size_t> accused;  ///< feeder; `feeders()` stands for the busbar; nothing: unknown
    std::vector<Evidence> evidence;      ///< strongest first
    double score = 0.0;                  ///< strongest statistic over its threshold
};

/// The layers for a radial substation, whose only redundancy is that the busbar is the sum of its feeders:
/// the balance of each phase, and the residual of each feeder against its own forecast, which alone sees a
/// feeder and the busbar altered together. One call for each slot; readings that are missing are NaN.
class SubstationTrust {
  public:
    /// `feeders` names them, in the order of the readings; `phases` is 1 to 3.
    SubstationTrust(std::vector<std::string> feeders, std::size_t phases, SubstationRules rules);

    /// `busbar_kw` by phase; `feeders_kw` by feeder, then phase.
    [[nodiscard]] SubstationVerdict take(std::span<const double> busbar_kw,
                                         std::span<const double> feeders_kw);

    [[nodiscard]] std::size_t feeders() const { return names_.size(); }
    /// Standard deviation of the balance over what meters of their class would give.
    [[nodiscard]] double accuracy_factor() const { return accuracy_.factor(); }

  private:
    struct Balance {
        Cusum cusum;
        double difference_kw = 0.0;
        double variance_kw2 = 0.0;
    };
    /// Whether the balance is open, for this slot.
    bool take_balance(std::span<const double> busbar_kw, std::span<const double> feeders_kw);
    void take_residuals(std::span<const double> busbar_kw, std::span<const double> feeders_kw, bool is_alarm);
    void add_balance(SubstationVerdict& verdict) const;
    /// Evidence of the balance, with the meter that explains it best.
    void accuse(SubstationVerdict& verdict, double statistic, double threshold,
                const std::string& what) const;
    /// The ratios of a feeder's moves down and up, less what other feeders' like moves take off them.
    struct Moves {
        double down = 0.0, up = 0.0;
        double share_down = 0.0, share_up = 0.0;
    };
    [[nodiscard]] Moves moves_of(std::size_t feeder) const;
    /// What it is worth that a feeder has stayed high, beyond what another one did at the same time; 0 where
    /// there is no other: weather cannot be told from it.
    [[nodiscard]] double stay_of(std::size_t feeder) const;
    [[nodiscard]] static std::string told(const std::string& feeder, const Moves& moves,
                                          const ShiftHabit::Answer& answer);
    void add_shift(SubstationVerdict& verdict, bool is_known);
    [[nodiscard]] std::string name(std::size_t meter) const;

    std::vector<std::string> names_;
    std::size_t phases_;
    SubstationRules rules_;
    BalanceAccuracy accuracy_;
    std::vector<Balance> balance_;     // by phase
    std::vector<ShiftWatch> watches_;  // by feeder, then the busbar
    std::vector<Blame> blames_;        // likewise
    std::vector<ShiftHabit> habits_;   // by feeder
    std::vector<StayWatch> stays_;     // likewise
    Unrest unrest_;
    std::size_t seen_ = 0;
    std::size_t since_alarm_ = 0;
};

}  // namespace headroom::trust
