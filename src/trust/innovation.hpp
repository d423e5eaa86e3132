#pragma once

#include "trust/dense.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace headroom::trust {

struct InnovationRules {
    std::size_t day = 48;           ///< samples in a day: how the state moved yesterday is how it moves today
    std::size_t days_back = 7;      ///< a week: so many days are looked through for one that can be believed
    std::size_t learn = 240;        ///< innovations seen before a horizon may judge
    double forget = 0.002;          ///< weight of the newest innovation in the covariance
    double tail = 1e-5;             ///< chi-square: so often noise alone is called an attack, per horizon
    std::size_t distrust_max = 48;  ///< after so many distrusted samples in a row the new state is believed
};

/// How far a state is from what its past makes likely.
struct Innovation {
    bool is_judged = false;  ///< false while it learns
    bool is_suspect = false;
    double statistic = 0.0;   ///< the largest of the horizons' Mahalanobis distances squared, over `critical`
    double critical = 0.0;    ///< of chi-square
    std::size_t horizon = 0;  ///< samples before, at which the forecast that is missed was made
    std::size_t state = 0;    ///< the one that misses its own forecast the most, in its standard deviations
    double deviations = 0.0;  ///< by how many
    std::vector<double> forecast;  ///< from the newest state that is believed; empty while there is none
};

/// Watches states that arrive at even distances for moves that the network's own past does not explain: the
/// only trace of measurements altered in agreement with the model (a = Hc), which leave no residual.
///
/// The forecast made k samples ago is x(t−k) + x(d) − x(d−k), d the same sample of an earlier day: the
/// nearest one on which both were believed, and beside it the same day of last week. Each has a running
/// covariance of its errors for each k; the test is chi-square on the Mahalanobis distance for k = 1, 2, 4,
/// 8, 16 and for the k back to the newest believed state, and of the two days the one that explains more
/// counts: a Saturday is unlike the day before, not unlike the last Saturday. What is suspect is replaced by
/// the forecast and takes part in no later forecast or covariance. Memory: `days_back` + 1 days of states and
/// two covariances for each k up to 16.
class InnovationWatch {
  public:
    InnovationWatch(std::size_t states, InnovationRules rules);

    /// What `state`, the next one in time, would be judged as; changes nothing.
    [[nodiscard]] Innovation judge(std::span<const double> state) const;
    /// Takes the next state into the memory. Believed: it enters forecasts and covariances. Otherwise its
    /// forecast stands in, marked.
    void take(std::span<const double> state, bool is_believed);

    [[nodiscard]] std::size_t seen() const { return seen_; }
    [[nodiscard]] std::size_t distrusted() const { return distrusted_; }

  private:
    struct Slot {
        std::vector<double> state;
        bool is_believed = false;
    };
    struct Spread {
        Matrix covariance;
        std::size_t seen = 0;
    };
    [[nodiscard]] const Slot* back(std::size_t samples) const;
    /// Empty when no forecast can be made over `horizon`.
    [[nodiscard]] std::vector<double> forecast(std::size_t horizon, std::size_t first_day) const;
    void judge_horizon(std::span<const double> state, std::size_t horizon, Innovation& found) const;
    /// The test's statistic over its critical value for one reference; nothing while it learns.
    struct Distance {
        double statistic = 0.0;
        std::size_t state = 0;
        double deviations = 0.0;
    };
    [[nodiscard]] std::optional<Distance> distance(std::span<const double> state, std::size_t horizon,
                                                   std::size_t first_day) const;
    /// By how much the inverse of a covariance that was estimated from so many errors is too large (the mean
    /// of the inverse Wishart distribution); 0 when there are too few of them to judge with.
    [[nodiscard]] double inverse_shrink(std::size_t seen, std::size_t horizon) const;
    void learn(std::span<const double> state, std::size_t horizon, std::size_t first_day);
    [[nodiscard]] const Spread& spread(std::size_t horizon, std::size_t first_day) const;

    std::size_t states_;
    InnovationRules rules_;
    double critical_;
    std::vector<Slot> ring_;
    std::vector<Spread> spread_;  // by horizon − 1; of the nearest day, then of the same day last week
    std::size_t seen_ = 0;
    std::size_t distrusted_ = 0;  // in a row, up to now
};

}  // namespace headroom::trust
