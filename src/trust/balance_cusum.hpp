#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace headroom::trust {

struct CusumRules {
    double drift = 1.0;     ///< k: what a reading may be off by, in standard deviations, without counting
    double limit = 8.0;     ///< h: the sum above which it is no accident
    double clip = 8.0;      ///< a reading counts as at most so many standard deviations off
    double ceiling = 16.0;  ///< the sums grow no further, so that they come down again once it is over
};

/// Two-sided cumulative sum of a value that is 0 with standard deviation 1 as long as all is well:
/// S⁺ = max(0, S⁺ + z − k), S⁻ = max(0, S⁻ − z − k). With k = 1 and h = 8 noise alone reaches the limit less
/// than once in ten million readings, a shift of 2 deviations after 8, one of 8 and more after 2.
/// Source: Page 1954; the average run lengths from Siegmund's approximation.
struct Cusum {
    double up = 0.0;
    double down = 0.0;

    /// Takes the next z; one that is not finite changes nothing. Answers whether a sum is above the limit.
    bool take(double z, const CusumRules& rules);
    [[nodiscard]] double statistic() const { return up > down ? up : down; }
};

struct UnrestRules {
    double ratio = 4.0;     ///< variance that is looked for, of what it should be
    double limit = 18.0;    ///< log-likelihood ratio from which it is no accident
    double clip = 4.0;      ///< a difference counts as at most so many standard deviations: one is no unrest
    double ceiling = 24.0;  ///< the sum grows no further
};

/// One-sided cumulative sum of the log-likelihood ratio "the differences of all phases vary `ratio` times as
/// much as they should" against "as they should": what noise put on one meter leaves where each difference
/// alone is too small to be seen: U = max(0, U + Σ (z² (1 − 1/r) − ln r) / 2).
/// Source: Page 1954, for the variance of a normal distribution.
struct Unrest {
    double sum = 0.0;

    /// Takes the next z of a phase; one that is not finite changes nothing. The sum is held at 0 from below
    /// by `settle`, once a slot, so that the phases of one slot count together.
    void add(double z, const UnrestRules& rules);
    /// Answers whether the sum is above the limit.
    bool settle(const UnrestRules& rules);
};

struct AccuracyRules {
    double class_share = 0.005;  ///< error of a meter as a share of its reading: class 0.5
    double floor_kw = 0.05;      ///< and whatever it reads
    std::size_t learn = 288;     ///< differences from which the factor is taken at first: two days of 10 min
    double factor_min = 0.25;    ///< a substation is not believed to be more exact than this
    double forget = 0.002;       ///< weight of the newest difference in the factor afterwards
};

/// How exact the meters of a substation are: a factor on the standard deviation that their class lets
/// expect, learnt robustly (median of |difference| over the expected deviation) and followed slowly.
class BalanceAccuracy {
  public:
    explicit BalanceAccuracy(AccuracyRules rules) : rules_(rules) {}

    /// Variance that one meter reading `kw` adds to a difference, before the factor.
    [[nodiscard]] double variance_kw2(double kw) const;
    /// Standard deviation of a difference whose meters' variances add up to `variance_kw2`.
    [[nodiscard]] double deviation_kw(double variance_kw2) const;
    /// Takes a difference. Once learnt, those of more than four deviations, and those that are told to be
    /// doubted, do not move the factor.
    void take(double difference_kw, double variance_kw2, bool is_doubted);
    [[nodiscard]] bool is_learnt() const { return learnt_; }
    [[nodiscard]] double factor() const { return factor_; }

  private:
    AccuracyRules rules_;
    std::vector<float> first_;  // |difference| / expected deviation; given back once learnt
    bool learnt_ = false;
    double factor_ = 1.0;
};

}  // namespace headroom::trust
