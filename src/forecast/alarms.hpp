#pragma once

#include "forecast/backtest.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace headroom::forecast {

/// What alarms are to be best at.
enum class AlarmAim {
    f_measure,  ///< F with beta² = the cost ratio: hits among what was raised and among what there was
    cost,       ///< needless purchases plus missed overloads at their price
};
/// "f" or "cost"; nothing for another word.
[[nodiscard]] std::optional<AlarmAim> parse_alarm_aim(std::string_view text);

/// What a wrong alarm costs, and from which load on it is wrong not to raise one.
struct AlarmOptions {
    AlarmAim aim = AlarmAim::f_measure;
    /// A missed overload in needless purchases. The default is the weight that the F2 measure gives it.
    double cost_ratio = 4.0;
    /// The limit of a series: this quantile of its readings before the first forecast.
    double limit_quantile = 0.95;
};

/// The quantile on which an alarm stands when forecasts are calibrated: c / (1 + c), above which the expected
/// cost of a miss is the greater one. Precondition: cost_ratio > 0.
[[nodiscard]] double alarm_quantile(double cost_ratio);

/// Chance that the load is at or above `limit`: by the seven quantiles, straight lines over the normal score
/// between them and beyond them.
[[nodiscard]] double chance_over(const QuantileValues& load, double limit);
/// The load at a quantile `level` (0 … 1, exclusive) of the same distribution. Ascends with the level.
[[nodiscard]] double load_at(const QuantileValues& load, double level);

/// How many times the foretold chances near the alarm came true, series by series, drawn towards all series
/// together and those towards 1. Learns only from what has happened.
class AlarmCalibration {
  public:
    AlarmCalibration(std::size_t series, double cost_ratio);
    /// A chance that was foretold and whether it came so. Chances far from the alarm's own are passed over.
    void observe(std::size_t series, double chance, bool was_over);
    /// The quantile on which an alarm of this series is to stand by the costs.
    [[nodiscard]] double level(std::size_t series) const { return level(series, alarm_chance_); }
    /// The same for alarms from a true chance of `from` on.
    [[nodiscard]] double level(std::size_t series, double from) const;
    /// How many times the series' foretold chances came true.
    [[nodiscard]] double ratio(std::size_t series) const;

    static constexpr double near_factor = 3.0;  ///< chances up to so many times the alarm's, or a part of it
    static constexpr double prior_events = 15.0;

  private:
    struct Sums {
        double foretold = 0.0;
        double happened = 0.0;
    };
    double alarm_chance_;
    Sums all_;
    std::vector<Sums> by_series_;
};

/// The chance from which alarms are to be raised so that the F measure is best. Where the best F is F*, that
/// chance is F* / (1 + beta²): with rare, hard overloads (F* small) lower than costs alone ask for. F* is
/// what the recalibrated chances so far promise, drawn towards 1; no truth is looked at.
/// Source: Ye, Chai, Lee, Chieu, "Optimizing F-measures: a tale of two approaches", 2012.
class FMeasureThreshold {
  public:
    explicit FMeasureThreshold(double cost_ratio);
    /// A chance that was foretold, recalibrated.
    void observe(double chance);
    /// Looks for it anew.
    void settle();
    [[nodiscard]] double chance() const { return chance_; }

    static constexpr double prior_hits = 50.0;  ///< certain ones

  private:
    std::array<double, 200> times_{};  ///< by chance, in steps of 0.5 %
    double cost_ratio_;
    double chance_;
};

struct AlarmRow {
    std::size_t row = 0;  ///< of the backtest
    double limit = 0.0;   ///< in the unit of the file
    double load = 0.0;    ///< the alarm's quantile of the load, recalibrated
    double chance = 0.0;  ///< foretold, of the load being at or above the limit
    double level = 0.0;   ///< the quantile that was taken, recalibrated
    bool is_raised = false;
    bool was_over = false;
};
struct AlarmResult {
    double quantile = 0.0;  ///< by the costs alone
    std::vector<AlarmRow> rows;
    std::size_t hits = 0;
    std::size_t needless = 0;
    std::size_t missed = 0;
    [[nodiscard]] double precision() const;
    [[nodiscard]] double recall() const;
    [[nodiscard]] double f2() const;
    /// Needless purchases plus missed overloads at their price, of what never raising an alarm would cost.
    [[nodiscard]] double cost_share(double cost_ratio) const;
};

/// Alarms over the forecasts of a backtest, in the order of their origins: each origin's level rests on
/// truths up to it. `panel` holds the truths.
[[nodiscard]] AlarmResult raise_alarms(const Panel& panel, std::span<const BacktestRow> rows,
                                       const AlarmOptions& options);

}  // namespace headroom::forecast
