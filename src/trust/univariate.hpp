#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace headroom::trust {

struct UnivariateRules {
    std::size_t day = 288;         ///< values in a day
    std::size_t fast = 24;         ///< span of the short means: two hours of 5 min
    std::size_t refractory = 300;  ///< values after an alarm in which there is none
    std::size_t warm_up = 50;      ///< values before the first
    double record = 1.1;           ///< an alarm is a tenth beyond anything of its kind before
    double fade = 2e-4;            ///< by which a record fades with every value: half in two to three weeks
    double forget = 0.002;         ///< weight of the newest value in the long mean and deviation
    double clip = 5.0;             ///< deviations as which a value enters those at most
    double floor_share = 0.02;     ///< of the mean …
    double floor_deviations = 1.0;  ///< … and of the deviation: smaller departures set no record to be beaten
};

/// One channel with nothing to compare it with: its departures are held against its own worst so far. Four
/// kinds are kept apart: from the long mean, of the short mean from the long one, from the value before, and
/// from yesterday's values (short mean). Each has a fading record; the answer is the largest departure over
/// its record. Channels that are wild by nature have high records and so stay quiet without a threshold of
/// their own. Memory: one day of values.
class UnivariateWatch {
  public:
    explicit UnivariateWatch(UnivariateRules rules);

    /// Takes the next value, which is finite, and answers its score s = r / (1 + r) in [0, 1), r its largest
    /// departure over the record; 0 during warm-up and in the refractory period after an alarm.
    double take(double value);
    /// The score above which a value is an alarm.
    [[nodiscard]] std::size_t seen() const { return seen_; }
    [[nodiscard]] std::size_t warm_up() const { return rules_.warm_up; }
    [[nodiscard]] double threshold() const { return rules_.record / (1.0 + rules_.record); }

  private:
    static constexpr std::size_t kinds = 4;
    [[nodiscard]] std::array<double, kinds> departures(double value, double deviation);

    UnivariateRules rules_;
    std::vector<double> yesterday_;  // ring of a day
    double mean_ = 0.0, variance_ = 0.0, fast_ = 0.0, from_yesterday_ = 0.0, last_ = 0.0;
    std::array<double, kinds> records_{};
    std::size_t seen_ = 0;
    std::size_t since_alarm_;
};

}  // namespace headroom::trust
