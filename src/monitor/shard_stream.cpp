#include "monitor/shard.hpp"

#include <cmath>

namespace headroom::monitor {
namespace {

/// Rows that are read by the trees together.
constexpr std::size_t rows_together = 64;

}  // namespace

void Shard::link_generation(std::uint32_t local, std::uint32_t generation, bool is_wind) {
    generation_.try_emplace(local, std::array{none, none}).first->second[is_wind ? 1 : 0] = generation;
}

/// What a generator's point says at an instant, as positive generation: a generator's import is negative.
double Shard::generated_kw(std::uint32_t local, UtcTime at) {
    const HotPoint& point = hot(local);
    if (point.readings == 0 || point.cadence_ms == 0) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    std::int64_t newest = 0;
    const float value = ring(local, newest).at(at.time_since_epoch().count() / point.cadence_ms);
    return -static_cast<double>(value);
}

/// Weather and price of a half-hour as they were known when it began: the same for all points, and whenever
/// within the half-hour they are asked for. What is measured is that of the half-hour before.
std::span<const float> Shard::external(std::int64_t period) {
    if (external_of_ == period && external_from_ == context_.covariates) {
        return external_;
    }
    external_of_ = period;
    external_from_ = context_.covariates;
    external_.clear();
    const forecast::CovariateTable& table = external_from_ ? *external_from_ : forecast::unknown_covariates();
    for (const forecast::Covariate& covariate : table.columns) {
        const std::int64_t over = period - 1;
        const bool is_measured = covariate.knowledge == forecast::Knowledge::measured;
        external_.push_back(static_cast<float>(covariate.at(0, is_measured ? over : period, over)));
    }
    return external_;
}

bool Shard::stream_row(std::uint32_t local, bool has_external, std::span<float> row) {
    const HotPoint& point = hot(local);
    if (point.readings == 0 || point.cadence_ms == 0) {
        return false;
    }
    std::int64_t slot = 0;
    const features::ReadingRing load = ring(local, slot);
    features::StreamPast past{.load = &load, .slot = slot, .cadence = milliseconds{point.cadence_ms}};
    std::optional<features::HalfHourRing> halves;
    if (newest_half_hour(local) != features::no_period) {
        halves.emplace(half_hours(local));
        past.half_hours = &*halves;
    }
    if (!generation_.empty()) {
        if (const auto found_places = generation_.find(local); found_places != generation_.end()) {
            past.rating_kw = limit_kw(local);  // asked only beside generation: it lies far from the rest
            const UtcTime at{past.cadence * slot};
            const auto& [solar, wind] = found_places->second;
            past.has_solar = solar != none;
            past.has_wind = wind != none;
            past.solar_kw = past.has_solar ? generated_kw(solar, at) : past.solar_kw;
            past.wind_kw = past.has_wind ? generated_kw(wind, at) : past.wind_kw;
        }
    }
    if (has_external) {
        past.external = external(features::period_index(UtcTime{past.cadence * slot}));
    }
    features::make_stream_row(past, hour_, row);
    return true;
}

/// The row of the point as it is now waits until there are some more.
void Shard::infer_later(std::uint32_t local) {
    const forecast::StreamModel& model = *context_.stream_model;
    if (hot(local).cadence_ms != model.cadence.count()) {
        return;
    }
    const std::size_t width = Context::stream_width(context_.stream_external);
    stream_rows_.resize(rows_together * width);
    const std::span<float> row(stream_rows_.data() + stream_points_.size() * width, width);
    if (stream_row(local, context_.stream_external, row)) {
        stream_points_.push_back(local);
        if (stream_points_.size() == rows_together) {
            infer();
        }
    }
}

void Shard::infer() {
    if (stream_points_.empty()) {
        return;
    }
    if (next_kw_.size() < points()) {
        next_kw_.resize(points(), std::numeric_limits<float>::quiet_NaN());
    }
    const std::size_t width = Context::stream_width(context_.stream_external);
    std::array<float, rows_together> changes{};
    const std::span<float> out(changes.data(), stream_points_.size());
    context_.stream_model->trees.predict(
        std::span<const float>(stream_rows_.data(), stream_points_.size() * width), out);
    for (std::size_t i = 0; i < stream_points_.size(); ++i) {
        const float load = stream_rows_[i * width + 2];
        next_kw_[stream_points_[i]] = load + out[i];
    }
    stream_points_.clear();
}

}  // namespace headroom::monitor
