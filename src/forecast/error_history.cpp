#include "forecast/error_history.hpp"

#include <algorithm>
#include <cmath>

namespace headroom::forecast {

void ErrorHistory::clear() {
    for (std::vector<Entry>& entries : by_series_) {
        entries.clear();
    }
    known_.clear();
    pooled_.clear();
}

void ErrorHistory::add(std::size_t series, const Entry& entry) {
    by_series_[series].push_back(entry);
}

double ErrorHistory::weight(const Entry& entry, std::int64_t day) const {
    return std::exp2(-static_cast<double>(day - entry.day) / half_life_days_);
}

const std::vector<double>& ErrorHistory::pooled(int block, std::int64_t day) {
    const auto [at, is_new] = pooled_.try_emplace(block);
    if (!is_new && at->second.first == day) {
        return at->second.second;
    }
    std::vector<double> errors;
    const std::size_t each =
        std::max<std::size_t>(50, pooled_errors_max / std::max<std::size_t>(1, by_series_.size()));
    for (const std::vector<Entry>& entries : by_series_) {
        std::size_t taken = 0;
        for (auto entry = entries.rbegin(); entry != entries.rend() && taken < each; ++entry) {
            if (entry->block == block) {
                errors.push_back(entry->error);
                ++taken;
            }
        }
    }
    std::ranges::sort(errors);
    std::vector<double> points;
    for (std::size_t i = 0; i < pooled_points && !errors.empty(); ++i) {
        const double share = (static_cast<double>(i) + 0.5) / static_cast<double>(pooled_points);
        points.push_back(errors[static_cast<std::size_t>(share * static_cast<double>(errors.size()))]);
    }
    at->second = {day, std::move(points)};
    return at->second.second;
}

const QuantileValues& ErrorHistory::quantiles(std::size_t series, int block, std::int64_t day) {
    const auto [at, is_new] = known_.try_emplace({series, block});
    if (!is_new && at->second.first == day) {
        return at->second.second;
    }
    std::vector<WeightedError> errors;
    const std::vector<Entry>& entries = by_series_[series];
    const std::size_t begin = entries.size() - std::min(entries.size(), own_errors_max);
    for (std::size_t i = begin; i < entries.size(); ++i) {
        errors.push_back({entries[i].error,
                          weight(entries[i], day) * (entries[i].block == block ? 1.0 : other_block_weight)});
    }
    const std::vector<double>& all = pooled(block, day);
    for (const double error : all) {
        errors.push_back({error, pooled_weight / static_cast<double>(all.size())});
    }
    at->second = {day, weighted_quantiles(errors)};
    return at->second.second;
}

}  // namespace headroom::forecast
