#include "forecast/quantiles.hpp"

#include <algorithm>
#include <cmath>

namespace headroom::forecast {

QuantileValues quantiles_of(std::vector<float>& values) {
    QuantileValues out{};
    if (values.empty()) {
        return out;
    }
    std::sort(values.begin(), values.end());
    const auto last = static_cast<double>(values.size() - 1);
    for (std::size_t q = 0; q < quantile_count; ++q) {
        const double position = quantiles[q] * last;
        const double below = std::floor(position);
        const auto i = static_cast<std::size_t>(below);
        const std::size_t next = std::min(i + 1, values.size() - 1);
        const double low = static_cast<double>(values[i]);
        out[q] = low + (position - below) * (static_cast<double>(values[next]) - low);
    }
    return out;
}

std::size_t ErrorTable::size() const {
    std::size_t total = 0;
    for (const std::vector<float>& block : errors_) {
        total += block.size();
    }
    return total;
}

std::array<QuantileValues, features::blocks_per_day> ErrorTable::quantiles() {
    std::vector<float> all;
    all.reserve(size());
    for (const std::vector<float>& block : errors_) {
        all.insert(all.end(), block.begin(), block.end());
    }
    const QuantileValues whole_day = quantiles_of(all);
    std::array<QuantileValues, features::blocks_per_day> out{};
    for (std::size_t block = 0; block < out.size(); ++block) {
        out[block] = errors_[block].size() < errors_per_block_min ? whole_day : quantiles_of(errors_[block]);
    }
    return out;
}

}  // namespace headroom::forecast
