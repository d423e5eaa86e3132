#include "monitor/shard.hpp"

#include <algorithm>
#include <utility>

namespace headroom::monitor {

void Shard::serve_anew() {
    live_states_.clear();
    live_states_.shrink_to_fit();
    tracking_counts_ = {};
    std::fill(forecast_due_.begin(), forecast_due_.end(), HotPoint::never);
}

forecast::TrackingCounts Shard::take_tracking_counts() {
    return std::exchange(tracking_counts_, {});
}

LiveState& Shard::live_state(std::uint32_t limited) {
    if (live_states_.size() < limits_.size()) {
        live_states_.resize(limits_.size());
    }
    LiveState& state = live_states_[limited];
    if (state.generation != context_.live_generation) {
        state.generation = context_.live_generation;
        state.made = features::no_period;
        state.series = context_.live->series(context_.registry->key(ref(limits_[limited].local)).text());
    }
    return state;
}

/// Rows are made from half-hours that are over: within one half-hour they stay what they are.
bool Shard::is_made(std::uint32_t index) {
    const auto origin = static_cast<std::int32_t>(context_.ahead.origin);
    const Limited& limited = limits_[index];
    return live_state(index).made == origin && limited.forecast_start == origin &&
           limited.level_origin == origin;
}

std::span<float> Shard::past_memory(std::size_t place) {
    live_pasts_.resize(forecast::live_block * forecast::live_past_periods);
    return std::span(live_pasts_).subspan(place * forecast::live_past_periods, forecast::live_past_periods);
}

forecast::LivePoint Shard::live_point(const features::HalfHours& past, const features::PointLevel& level,
                                      LiveState& state, std::int64_t origin) const {
    const auto day = static_cast<std::int32_t>(origin / features::periods_per_day);
    if (state.scale_day != day) {
        state.scale = forecast::live_scale(past, origin);
        state.scale_day = level.known >= 2 * static_cast<std::size_t>(features::periods_per_day)
                              ? day
                              : features::no_period;
    }
    return {.past = past,
            .series = state.series,
            .scale = state.scale,
            .point_class = forecast::point_class(level.noise_kw, state.scale),
            .bias = &state.bias};
}

/// A block by the ensemble, and each point that it cannot serve by the simpler methods.
void Shard::refresh_live(std::span<const std::uint32_t> block) {
    const std::int64_t origin = context_.ahead.origin;
    block_points_.clear();
    std::vector<forecast::PointBias*> biases;
    bool is_learning = false;
    for (std::size_t i = 0; i < block.size(); ++i) {
        Limited& limited = limits_[block[i]];
        const features::HalfHours past =
            features::straight(half_hours(limited.local), origin, past_memory(i));
        if (limited.level_origin != origin) {
            limited.level = features::point_level(past);
            limited.level_origin = static_cast<std::int32_t>(origin);
        }
        LiveState& state = live_state(block[i]);
        block_points_.push_back(live_point(past, limited.level, state, origin));
        // What was learnt from the newest half-hour is not learnt again when a correction makes it anew, and
        // nothing from a forecast that stands for a distrusted reading.
        const bool is_new = state.learnt < origin - 1 && !hot(limited.local).has(is_distrusted);
        biases.push_back(is_new ? &state.bias : nullptr);
        is_learning = is_learning || is_new;
    }
    live_forecaster_.look(*context_.live, origin, block_points_, context_.covariates.get());
    if (is_learning) {
        live_forecaster_.learn(context_.tracking, biases, tracking_counts_);
    }
    const forecast::Leads all{.from = 0, .to = context_.ahead.calendar.size()};
    live_forecaster_.forecast(context_.tracking, all);
    for (std::size_t i = 0; i < block.size(); ++i) {
        LiveState& state = live_state(block[i]);
        state.made = static_cast<std::int32_t>(origin);
        state.learnt = static_cast<std::int32_t>(origin - 1);
        if (const forecast::Fallback fault = live_forecaster_.fault(i); fault != forecast::Fallback::none) {
            refresh(block[i], fault);
            continue;
        }
        limits_[block[i]].method = forecast::Method::ensemble;
        limits_[block[i]].why = forecast::Fallback::none;
        limits_[block[i]].lacks_feed = live_forecaster_.lacks_feed();
        keep_rows(block[i], all, live_forecaster_.rows().subspan(i * all.to, all.to));
    }
}

forecast::LoadForecast Shard::forecast_ahead(std::uint32_t local, std::int64_t origin, std::int64_t periods) {
    forecast::LoadForecast out;
    out.point = ref(local);
    out.start = features::period_start(origin);
    out.origin = out.start;
    forecast::Fallback because = forecast::Fallback::no_ensemble;
    if (context_.live) {
        const features::HalfHours past = features::straight(half_hours(local), origin, past_memory(0));
        const std::uint32_t limited = std::min(limited_of(local, grid::Direction::import_),
                                               limited_of(local, grid::Direction::export_));
        LiveState own;
        own.series = context_.live->series(context_.registry->key(ref(local)).text());
        if (limited != none) {
            own.bias = live_state(limited).bias;
        }
        const std::array points{live_point(past, features::point_level(past), own, origin)};
        live_forecaster_.look(*context_.live, origin, points, context_.covariates.get());
        live_forecaster_.forecast(context_.tracking, {.from = 0, .to = static_cast<std::size_t>(periods)});
        because = live_forecaster_.fault(0);
        if (because == forecast::Fallback::none) {
            out.method = forecast::Method::ensemble;
            out.model = context_.live->id();
            out.reason = live_forecaster_.lacks_feed() ? forecast::feed_is_silent : "";
            out.load_w.assign(live_forecaster_.rows().begin(), live_forecaster_.rows().end());
            return out;
        }
    }
    const features::HalfHours past = features::straight(half_hours(local), origin, scratch_);
    const forecast::Ahead ahead = forecast::look_ahead(out.start, std::min(periods, forecast::periods_max));
    const forecast::Outcome outcome =
        forecast::forecast_rows(context_.model ? &*context_.model : nullptr, ahead, past, {}, out.load_w);
    out.method = outcome.method;
    out.reason = forecast::to_text(because | outcome.why);
    return out;
}

}  // namespace headroom::monitor
