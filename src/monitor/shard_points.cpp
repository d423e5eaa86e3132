#include "monitor/shard.hpp"

#include "core/units.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace headroom::monitor {
namespace {

/// No load that passes the range check reaches further.
constexpr std::int64_t reachable_w = std::numeric_limits<std::int32_t>::max();

}  // namespace

std::int64_t Context::periods_ahead() const {
    return std::clamp<std::int64_t>(options.rules.forecast_horizon_periods + 1, 1, forecast::periods_max);
}

void Findings::clear() {
    count = {};
    verdicts.clear();
    rollups.clear();
    candidates.clear();
    breached.clear();
    cleared.clear();
}

Shard::Shard(const Context& context, std::uint32_t index)
    : context_(context),
      index_(index),
      window_(static_cast<std::size_t>(std::clamp<std::int64_t>(context.options.rules.live_window, 1, 64))),
      rows_max_(static_cast<std::size_t>(context.periods_ahead())),
      long_recent_(window_),
      half_hours_(context.options.half_hours),
      forecasts_(rows_max_),
      scratch_(context.options.half_hours) {}

void Shard::reserve(std::size_t points, std::size_t limits) {
    blocks_.reserve(points);
    first_limits_.reserve(points);
    limits_.reserve(limits);
    forecast_due_.reserve(limits);
    forecasts_.reserve(limits);
}

std::uint32_t Shard::add_point(telemetry::PointRef ref, grid::Quantity quantity, bool is_device) {
    const std::uint32_t local = points();
    blocks_.ensure(local);
    if (window_ > inline_recent) {
        long_recent_.ensure(local);
    }
    PointBlock& block = *new (blocks_.at(local)) PointBlock{};
    HotPoint& point = block.hot;
    point.quantity = static_cast<std::uint8_t>(static_cast<unsigned>(quantity) & 31U);
    point.set(is_der, is_device);
    const std::span<float, features::ring_size> values = ring_values(local);
    std::fill(values.begin(), values.end(), std::numeric_limits<float>::quiet_NaN());
    block.ref = ref;
    first_limits_.push_back(none);
    return local;
}

features::HalfHourRing Shard::half_hours(std::uint32_t local) {
    half_hours_.ensure(local);
    return {std::span<float>(half_hours_.at(local), half_hours_.stride()),
            blocks_.at(local)->newest_half_hour};
}

void Shard::copy_points(std::span<PointBlock> to) const {
    for (std::size_t at = 0; at < to.size(); at += Chunks<PointBlock>::chunk_records) {
        const std::size_t count = std::min(Chunks<PointBlock>::chunk_records, to.size() - at);
        std::memcpy(static_cast<void*>(to.data() + at), blocks_.at(at), count * sizeof(PointBlock));
    }
}

double Shard::limit_kw(std::uint32_t local) const {
    double kw = 0.0;
    for (const std::uint32_t index : limits_of(local)) {
        if (index != none) {
            kw = std::max(kw, static_cast<double>(limits_[index].limit_w) / 1000.0);
        }
    }
    return kw;
}

std::size_t Shard::bytes() const {
    return blocks_.bytes() + long_recent_.bytes() + half_hours_.bytes() + forecasts_.bytes() +
           next_kw_.capacity() * sizeof(float) + first_limits_.capacity() * sizeof(std::uint32_t) +
           limits_.capacity() * sizeof(Limited) + forecast_due_.capacity() * sizeof(std::int64_t) +
           candidates_.capacity() * sizeof(std::uint32_t);
}

std::array<std::uint32_t, 2> Shard::limits_of(std::uint32_t local) const {
    std::array<std::uint32_t, 2> out{none, none};
    const std::uint32_t first = first_limits_[local];
    if (first != none) {
        const bool is_export = limits_[first].is_export;
        out[is_export ? 1 : 0] = first;
        if (!second_limits_.empty()) {
            const auto second = second_limits_.find(local);
            out[is_export ? 0 : 1] = second == second_limits_.end() ? none : second->second;
        }
    }
    return out;
}

std::uint32_t Shard::limited_of(std::uint32_t local, grid::Direction direction) const {
    return limits_of(local)[static_cast<std::size_t>(direction)];
}

std::uint32_t Shard::add_limited(std::uint32_t local, grid::Direction direction) {
    if (const std::uint32_t known = limited_of(local, direction); known != none) {
        return known;
    }
    const auto index = static_cast<std::uint32_t>(limits_.size());
    limits_.push_back({.local = local, .is_export = direction == grid::Direction::export_});
    forecast_due_.push_back(HotPoint::never);
    forecasts_.add(index);
    if (first_limits_[local] == none) {
        first_limits_[local] = index;
    } else {
        second_limits_.emplace(local, index);
    }
    return index;
}

/// Of several limits of one point and direction the tightest of the season binds.
void Shard::choose_limits(grid::Season season) {
    for (const Limited& limited : limits_) {
        hot(limited.local).set(has_cold_limit, false);
    }
    for (Limited& limited : limits_) {
        const grid::Limit* tightest = nullptr;
        for (std::uint32_t i = 0; i < limited.candidates; ++i) {
            const std::uint32_t position =
                limited.candidates == 1 ? limited.first_candidate : candidates_[limited.first_candidate + i];
            const grid::Limit& candidate = context_.network->limits()[position];
            const bool applies = candidate.season == grid::Season::all || candidate.season == season;
            if (applies && (tightest == nullptr || candidate.value < tightest->value)) {
                tightest = &candidate;
                limited.chosen = position;
            }
        }
        limited.limit_w = tightest == nullptr ? 0 : std::llround(tightest->value * 1000.0);
        limited.clear_w =
            multiply_divide_half_even(limited.limit_w, context_.options.rules.clear_ppm, 1'000'000);
        HotPoint& point = hot(limited.local);
        if (limited.is_export) {
            point.set(has_cold_limit, limited.limit_w > 0 || point.has(has_cold_limit));
        } else {
            point.set(has_import_limit, limited.limit_w > 0);
            point.set(has_cold_limit, limited.limit_w > reachable_w || point.has(has_cold_limit));
            point.limit_w = static_cast<std::int32_t>(std::min(limited.limit_w, reachable_w));
            point.clear_w = static_cast<std::int32_t>(std::min(limited.clear_w, reachable_w));
        }
    }
}

}  // namespace headroom::monitor
