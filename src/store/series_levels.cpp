#include "store/series_levels.hpp"

#include "store/series_check.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace headroom::store {
namespace {

constexpr float infinite = std::numeric_limits<float>::infinity();
/// Values are added in so many columns at once, always the same, so that sums do not depend on the machine.
constexpr std::size_t lanes = 8;

/// A comparison with NaN is false: unknown values change nothing.
float smallest(std::span<const float> values) {
    std::array<float, lanes> found{};
    found.fill(infinite);
    std::size_t i = 0;
    for (; i + lanes <= values.size(); i += lanes) {
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            found[lane] = values[i + lane] < found[lane] ? values[i + lane] : found[lane];
        }
    }
    for (; i < values.size(); ++i) {
        found[0] = values[i] < found[0] ? values[i] : found[0];
    }
    return *std::min_element(found.begin(), found.end());
}

float largest(std::span<const float> values) {
    std::array<float, lanes> found{};
    found.fill(-infinite);
    std::size_t i = 0;
    for (; i + lanes <= values.size(); i += lanes) {
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            found[lane] = values[i + lane] > found[lane] ? values[i + lane] : found[lane];
        }
    }
    for (; i < values.size(); ++i) {
        found[0] = values[i] > found[0] ? values[i] : found[0];
    }
    return *std::max_element(found.begin(), found.end());
}

struct Known {
    double sum = 0.0;
    std::uint64_t count = 0;
};

Known known(std::span<const float> values) {
    std::array<double, lanes> sums{};
    std::array<std::uint32_t, lanes> counts{};
    std::size_t i = 0;
    const auto take = [&](std::size_t lane, float value) {
        const bool is_known = value == value;  // NOLINT: false for NaN alone
        sums[lane] += is_known ? static_cast<double>(value) : 0.0;
        counts[lane] += is_known ? 1U : 0U;
    };
    for (; i + lanes <= values.size(); i += lanes) {
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            take(lane, values[i + lane]);
        }
    }
    for (; i < values.size(); ++i) {
        take(0, values[i]);
    }
    Known out;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        out.sum += sums[lane];
        out.count += counts[lane];
    }
    return out;
}

ValueColumns part(const ValueColumns& whole, std::size_t begin, std::size_t length) {
    return {whole.mean.subspan(begin, length), whole.min.subspan(begin, length),
            whole.max.subspan(begin, length)};
}

}  // namespace

void StepSum::add(const ValueColumns& values, std::int64_t start_ms, std::int64_t step_ms) {
    const Known all = known(values.mean);
    if (all.count == 0) {
        return;
    }
    sum += all.sum;
    count += all.count;
    min = std::min(min, smallest(values.min));
    max = std::max(max, largest(values.max));
    std::size_t at = values.mean.size();
    while (std::isnan(values.mean[at - 1])) {
        --at;
    }
    const std::int64_t at_ms = start_ms + static_cast<std::int64_t>(at - 1) * step_ms;
    if (at_ms >= last_ms) {
        last = values.mean[at - 1];
        last_ms = at_ms;
    }
}

LevelRow::LevelRow(std::size_t steps) : steps_(steps), data_(steps * columns, unknown_value) {
    std::fill(data_.begin() + static_cast<std::ptrdiff_t>(4 * steps_), data_.end(), 0.0F);
}

void LevelRow::put(std::size_t at, const StepSum& sum) {
    const bool any = sum.count > 0;
    data_[at] = any ? static_cast<float>(sum.sum / static_cast<double>(sum.count)) : unknown_value;
    data_[steps_ + at] = any ? sum.min : unknown_value;
    data_[2 * steps_ + at] = any ? sum.max : unknown_value;
    data_[3 * steps_ + at] = any ? sum.last : unknown_value;
    data_[4 * steps_ + at] = std::bit_cast<float>(static_cast<std::uint32_t>(sum.count));
}

std::uint32_t LevelRow::count(std::size_t at) const {
    return std::bit_cast<std::uint32_t>(data_[4 * steps_ + at]);
}

void LevelRow::add_to(std::size_t at, std::int64_t start_ms, StepSum& sum) const {
    const std::uint32_t behind = count(at);
    if (behind == 0) {
        return;
    }
    sum.sum += static_cast<double>(data_[at]) * behind;
    sum.count += behind;
    sum.min = std::min(sum.min, data_[steps_ + at]);
    sum.max = std::max(sum.max, data_[2 * steps_ + at]);
    if (start_ms >= sum.last_ms) {
        sum.last = data_[3 * steps_ + at];
        sum.last_ms = start_ms;
    }
}

bool LevelRow::is_empty() const {
    for (std::size_t at = 0; at < steps_; ++at) {
        if (count(at) > 0) {
            return false;
        }
    }
    return true;
}

std::span<const char> LevelRow::bytes() const {
    return {reinterpret_cast<const char*>(data_.data()), data_.size() * sizeof(float)};
}

bool LevelRow::assign(std::span<const char> bytes) {
    if (bytes.size() != data_.size() * sizeof(float)) {
        return false;
    }
    std::memcpy(data_.data(), bytes.data(), bytes.size());
    return true;
}

std::span<const std::int64_t> levels_above(std::int64_t base_ms) {
    const auto first = std::upper_bound(series_levels_ms.begin(), series_levels_ms.end(), base_ms);
    // A level that the values do not divide would cut them.
    auto begin = first;
    while (begin != series_levels_ms.end() && *begin % base_ms != 0) {
        ++begin;
    }
    return {begin, series_levels_ms.end()};
}

std::int64_t level_row_days(std::int64_t level_ms) {
    return level_ms >= 86'400'000 ? 32 : level_ms >= 1'800'000 ? 8 : 1;
}

std::vector<StepSum> roll_up(const ValueColumns& day, std::int64_t day_start_ms, std::int64_t base_ms,
                             std::int64_t level_ms) {
    const auto per_step = static_cast<std::size_t>(level_ms / base_ms);
    std::vector<StepSum> sums(static_cast<std::size_t>(series_day_ms / level_ms));
    for (std::size_t i = 0; i < sums.size(); ++i) {
        sums[i].add(part(day, i * per_step, per_step), day_start_ms + static_cast<std::int64_t>(i) * level_ms,
                    base_ms);
    }
    return sums;
}

SummaryBuilder::SummaryBuilder(std::int64_t first_step, std::int64_t count, std::int64_t step_ms)
    : first_(first_step), step_ms_(step_ms), sums_(static_cast<std::size_t>(count)) {}

void SummaryBuilder::add(const ValueColumns& values, std::int64_t start_ms, std::int64_t base_ms) {
    const auto size = static_cast<std::int64_t>(values.mean.size());
    const std::int64_t begin_ms = first_ * step_ms_;
    // The first value that starts within the chart.
    std::int64_t at =
        start_ms >= begin_ms ? 0 : std::min(size, (begin_ms - start_ms + base_ms - 1) / base_ms);
    while (at < size) {
        const std::int64_t at_ms = start_ms + at * base_ms;
        const std::int64_t step = at_ms / step_ms_ - first_;
        if (step >= static_cast<std::int64_t>(sums_.size())) {
            return;
        }
        const std::int64_t step_end = (first_ + step + 1) * step_ms_;
        const std::int64_t end = std::min(size, at + (step_end - at_ms + base_ms - 1) / base_ms);
        sums_[static_cast<std::size_t>(step)].add(
            part(values, static_cast<std::size_t>(at), static_cast<std::size_t>(end - at)), at_ms, base_ms);
        at = end;
    }
}

void SummaryBuilder::add(const LevelRow& row, std::size_t at, std::int64_t start_ms) {
    const std::int64_t step = start_ms / step_ms_ - first_;
    if (step >= 0 && step < static_cast<std::int64_t>(sums_.size())) {
        row.add_to(at, start_ms, sums_[static_cast<std::size_t>(step)]);
    }
}

bool SummaryBuilder::any() const {
    return std::any_of(sums_.begin(), sums_.end(), [](const StepSum& sum) { return sum.count > 0; });
}

SeriesSummary SummaryBuilder::finish(std::string key) const {
    SeriesSummary out{.key = std::move(key),
                      .start = UtcTime{milliseconds{first_ * step_ms_}},
                      .step = milliseconds{step_ms_},
                      .mean = {},
                      .min = {},
                      .max = {},
                      .last = {},
                      .count = {}};
    for (const StepSum& sum : sums_) {
        const bool any = sum.count > 0;
        out.mean.push_back(any ? static_cast<float>(sum.sum / static_cast<double>(sum.count))
                               : unknown_value);
        out.min.push_back(any ? sum.min : unknown_value);
        out.max.push_back(any ? sum.max : unknown_value);
        out.last.push_back(any ? sum.last : unknown_value);
        out.count.push_back(static_cast<std::uint32_t>(
            std::min<std::uint64_t>(sum.count, std::numeric_limits<std::uint32_t>::max())));
    }
    return out;
}

}  // namespace headroom::store
