#include "agents/trust_corrections.hpp"

#include <array>
#include <utility>

namespace headroom::agents {
namespace {

constexpr std::array<grid::Phase, 3> phases{grid::Phase::l1, grid::Phase::l2, grid::Phase::l3};

}  // namespace

std::array<double, 3> corrected(const MeterCorrection& correction, const std::array<double, 3>& kw) {
    std::array<double, 3> out{};
    for (std::size_t p = 0; p < 3; ++p) {
        out[p] = correction.factor[p] * kw[correction.order[p]];
    }
    return out;
}

void TrustCorrections::set(const std::vector<MeterCorrection>& corrections) {
    auto map = std::make_shared<Map>();
    for (const MeterCorrection& correction : corrections) {
        const auto point = [&](grid::Quantity quantity, grid::Phase phase) {
            return registry_.intern({correction.meter, quantity, phase});
        };
        for (const grid::Quantity quantity : {grid::Quantity::p_kw, grid::Quantity::q_kvar}) {
            for (std::size_t p = 0; p < 3; ++p) {
                const Target target{.point = point(quantity, phases[p]), .factor = correction.factor[p]};
                (*map)[point(quantity, phases[correction.order[p]])] = target;
            }
            const bool is_same =
                correction.factor[0] == correction.factor[1] && correction.factor[1] == correction.factor[2];
            if (is_same && correction.factor[0] != 1.0) {
                const telemetry::PointRef sum = point(quantity, grid::Phase::sum);
                (*map)[sum] = {.point = sum, .factor = correction.factor[0]};
            }
        }
    }
    const std::lock_guard lock(mutex_);
    is_any_.store(!map->empty(), std::memory_order_release);
    map_ = std::move(map);
}

/// Under the lock.
void TrustCorrections::keep_raw(const telemetry::Reading& reading) {
    RawSum& sum = raw_[reading.point];
    const UtcTime period = floor_period(reading.interval_start);
    if (period > sum.period) {
        if (sum.count > 0) {
            ended_.push_back({registry_.key(reading.point).text() + "/raw",
                              sum.period,
                              period_length,
                              {static_cast<float>(sum.sum / sum.count)}});
        }
        sum = {.period = period};
    }
    if (period == sum.period) {
        sum.sum += reading.value;
        sum.count += 1;
    }
}

std::span<const telemetry::Reading> TrustCorrections::apply(std::span<const telemetry::Reading> readings,
                                                            std::vector<telemetry::Reading>& scratch) {
    if (!is_any_.load(std::memory_order_acquire)) {
        return readings;
    }
    std::shared_ptr<const Map> map;
    {
        const std::lock_guard lock(mutex_);
        map = map_;
    }
    bool is_copied = false;
    for (std::size_t i = 0; i < readings.size(); ++i) {
        const auto found = map->find(readings[i].point);
        if (found == map->end()) {
            continue;
        }
        if (!std::exchange(is_copied, true)) {
            scratch.assign(readings.begin(), readings.end());
        }
        scratch[i].point = found->second.point;
        scratch[i].value *= found->second.factor;
        if (registry_.key(readings[i].point).quantity == grid::Quantity::p_kw) {
            const std::lock_guard lock(mutex_);
            keep_raw(readings[i]);
        }
    }
    return is_copied ? std::span<const telemetry::Reading>(scratch) : readings;
}

std::vector<store::SeriesBlock> TrustCorrections::collect(UtcTime now) {
    const std::lock_guard lock(mutex_);
    for (auto& [point, sum] : raw_) {
        if (sum.count > 0 && sum.period + period_length + minutes{5} <= now) {
            ended_.push_back({registry_.key(point).text() + "/raw",
                              sum.period,
                              period_length,
                              {static_cast<float>(sum.sum / sum.count)}});
            sum.count = 0;
            sum.sum = 0.0;
        }
    }
    return std::exchange(ended_, {});
}

}  // namespace headroom::agents
