#pragma once

#include "store/series.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace headroom::store {

// The pyramid above a series: what a chart needs of many values, kept ready on coarser steps.

/// Levels that are kept above a series of a finer step, ascending, in ms: minute, half-hour, day.
inline constexpr std::array<std::int64_t, 3> series_levels_ms{60'000, 1'800'000, 86'400'000};

/// Values of a step, as kept or summed up.
struct ValueColumns {
    std::span<const float> mean;
    std::span<const float> min;  ///< `mean` again where nothing else is known
    std::span<const float> max;
};

/// What is known about one step of a chart so far. Parts may come in any order.
struct StepSum {
    double sum = 0.0;
    std::uint64_t count = 0;
    float min = std::numeric_limits<float>::infinity();
    float max = -std::numeric_limits<float>::infinity();
    float last = std::numeric_limits<float>::quiet_NaN();
    std::int64_t last_ms = -1;

    /// Adds neighbouring values, the first of which starts at `start_ms`. Unknown ones are passed over.
    void add(const ValueColumns& values, std::int64_t start_ms, std::int64_t step_ms);
};

/// A row of summed-up steps, columns one behind the other in one piece of memory, as it is kept.
class LevelRow {
  public:
    static constexpr std::size_t columns = 5;  ///< mean, min, max, last, count

    explicit LevelRow(std::size_t steps);
    [[nodiscard]] std::size_t steps() const { return steps_; }
    void put(std::size_t at, const StepSum& sum);
    void clear(std::size_t at) { put(at, StepSum{}); }
    /// Adds the step at `at`, which starts at `start_ms` and lasts `length_ms`, to `sum`.
    void add_to(std::size_t at, std::int64_t start_ms, StepSum& sum) const;
    [[nodiscard]] bool is_empty() const;
    [[nodiscard]] std::span<const char> bytes() const;
    /// False when the size is not that of so many steps.
    [[nodiscard]] bool assign(std::span<const char> bytes);

  private:
    [[nodiscard]] std::uint32_t count(std::size_t at) const;
    std::size_t steps_;
    std::vector<float> data_;  // the last column holds counts, bit for bit
};

/// Levels of a series whose values are `base_ms` apart; none for a day or more.
[[nodiscard]] std::span<const std::int64_t> levels_above(std::int64_t base_ms);
/// Days in one row of a level: so many that a row has some kilobytes.
[[nodiscard]] std::int64_t level_row_days(std::int64_t level_ms);

/// A day's values, the first at `day_start_ms`, on one level: one StepSum for each of its steps.
[[nodiscard]] std::vector<StepSum> roll_up(const ValueColumns& day, std::int64_t day_start_ms,
                                           std::int64_t base_ms, std::int64_t level_ms);

/// The steps of a chart that are being summed up.
class SummaryBuilder {
  public:
    SummaryBuilder(std::int64_t first_step, std::int64_t count, std::int64_t step_ms);
    /// Neighbouring values; what lies outside the chart is passed over.
    void add(const ValueColumns& values, std::int64_t start_ms, std::int64_t base_ms);
    /// A summed-up step of a level that divides the chart's step.
    void add(const LevelRow& row, std::size_t at, std::int64_t start_ms);
    [[nodiscard]] bool any() const;
    [[nodiscard]] SeriesSummary finish(std::string key) const;

  private:
    std::int64_t first_;
    std::int64_t step_ms_;
    std::vector<StepSum> sums_;
};

}  // namespace headroom::store
