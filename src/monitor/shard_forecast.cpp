#include "monitor/shard.hpp"

#include <algorithm>
#include <bit>
#include <optional>
#include <utility>

namespace headroom::monitor {
namespace {

/// Moments within an interval among which the forecasts of a large network are spread.
constexpr std::int64_t spread_moments = 300;
/// Half-hours before the origin that a row of the ridge may look at.
constexpr std::size_t ridge_reach = features::periods_per_week + 1;

}  // namespace

/// Refreshes the forecasts that are due and looks ahead.
void Shard::refresh_forecasts() {
    const std::int64_t now = context_.now.time_since_epoch().count();
    const std::int64_t every = context_.options.forecast_every.count();
    const bool is_spread = context_.options.horizons_per_refresh > 0;
    due_.clear();
    for (std::uint32_t index = 0; index < limits_.size(); ++index) {
        std::int64_t& due = forecast_due_[index];
        const Limited& limited = limits_[index];
        if (now < due || limited.limit_w == 0) {
            continue;
        }
        if (is_spread && due == HotPoint::never) {
            // A million points are not forecast in one tick: each has its moment within the interval.
            due = now + every * (limited.order % spread_moments) / spread_moments;
            if (due > now) {
                continue;
            }
        }
        // Spread over the interval, so that no tick carries all; the phases of a feeder stay together.
        const std::int64_t offset = due == HotPoint::never ? every * limited.portion / tick_portions : 0;
        due = now + every - offset;
        due_.push_back(index);
    }
    make_forecasts(due_);
    for (const std::uint32_t index : due_) {
        look_ahead(index);
    }
}

/// Which half-hours are made anew: all, or one horizon in the order of the ruler (0 1 0 2 0 1 0 3 …), so that
/// horizon h comes every 2^(h+1) refreshes and the last as often as the one before it.
forecast::Leads Shard::leads_of(Limited& limited) const {
    const std::size_t all = context_.ahead.calendar.size();
    const bool is_first = limited.forecast_start == features::no_period;
    if (context_.options.horizons_per_refresh == 0 || is_first) {
        return {.from = 0, .to = all};
    }
    const std::size_t last = forecast::lead_bucket(static_cast<std::int64_t>(all));
    std::size_t from = all;
    std::size_t to = 0;
    for (std::size_t i = 0; i < context_.options.horizons_per_refresh; ++i) {
        limited.refreshes = static_cast<std::uint8_t>(limited.refreshes + 1);
        const auto ruler = static_cast<std::size_t>(std::countr_zero(limited.refreshes));
        const std::size_t horizon = std::min(ruler, last);
        from =
            std::min(from, horizon == 0 ? 0 : static_cast<std::size_t>(forecast::lead_buckets[horizon - 1]));
        to = std::max(to, std::min(all, static_cast<std::size_t>(forecast::lead_buckets[horizon])));
    }
    return {.from = from, .to = to};
}

void Shard::make_forecasts(std::span<const std::uint32_t> due) {
    if (!context_.live) {
        constexpr std::size_t far = 4;
        for (std::size_t i = 0; i < due.size(); ++i) {
            if (i + 2 * far < due.size()) {
                const auto* limited = reinterpret_cast<const std::byte*>(&limits_[due[i + 2 * far]]);
                __builtin_prefetch(limited, 1);
                __builtin_prefetch(limited + sizeof(Limited) - 1, 1);
            }
            if (i + far < due.size()) {
                prefetch_forecast(due[i + far]);
            }
            refresh(due[i], forecast::Fallback::no_ensemble);
        }
        return;
    }
    block_.clear();
    for (const std::uint32_t index : due) {
        if (is_made(index)) {
            continue;
        }
        block_.push_back(index);
        if (block_.size() == forecast::live_block) {
            refresh_live(block_);
            block_.clear();
        }
    }
    if (!block_.empty()) {
        refresh_live(block_);
    }
}

/// What a forecast reads and writes lies in memory that nothing else has touched since the last one.
void Shard::prefetch_forecast(std::uint32_t index) {
    constexpr std::size_t in_line = 64 / sizeof(float);
    const std::uint32_t local = limits_[index].local;
    __builtin_prefetch(&blocks_.at(local)->newest_half_hour);
    half_hours_.ensure(local);
    const float* values = half_hours_.at(local);
    const std::size_t length = half_hours_.stride();
    const std::size_t reach = std::min(length, ridge_reach);
    std::size_t at = (static_cast<std::size_t>(context_.ahead.origin) + length - reach) % length;
    for (std::size_t i = 0; i < reach; i += in_line) {
        __builtin_prefetch(values + at);
        at = at + in_line >= length ? at + in_line - length : at + in_line;
    }
    forecasts_.prefetch(index);
}

/// By the simpler methods, `because` the ensemble cannot.
void Shard::refresh(std::uint32_t index, forecast::Fallback because) {
    Limited& limited = limits_[index];
    const std::int64_t origin = context_.ahead.origin;
    const forecast::Leads leads = leads_of(limited);
    // Where the level is known, the ridge looks back a week and no further; what is simpler looks at
    // everything.
    if (context_.model && limited.level_origin == origin && scratch_.size() > ridge_reach) {
        const features::HalfHours week =
            features::straight(half_hours(limited.local), origin, std::span(scratch_).first(ridge_reach));
        const forecast::Outcome outcome =
            forecast::forecast_rows(&*context_.model, context_.ahead, week, limited.level, leads, rows_);
        if (outcome.method == forecast::Method::ridge) {
            limited.method = outcome.method;
            limited.why = because | outcome.why;
            return keep_rows(index, leads, rows_);
        }
    }
    const features::HalfHours past = features::straight(half_hours(limited.local), origin, scratch_);
    if (limited.level_origin != origin) {
        limited.level = features::point_level(past);
        limited.level_origin = static_cast<std::int32_t>(origin);
    }
    const forecast::Outcome outcome = forecast::forecast_rows(
        context_.model ? &*context_.model : nullptr, context_.ahead, past, limited.level, leads, rows_);
    limited.method = outcome.method;
    limited.why = because | outcome.why;
    keep_rows(index, leads, rows_);
}

/// `rows` may hold fewer half-hours than `leads`; what is missing is unknown.
void Shard::keep_rows(std::uint32_t index, forecast::Leads leads,
                      std::span<const forecast::QuantileRow> rows) {
    const std::int64_t origin = context_.ahead.origin;
    forecasts_made_ += 1;
    limits_[index].forecast_start = static_cast<std::int32_t>(origin);
    for (std::size_t i = leads.from; i < leads.to; ++i) {
        const bool is_known = i - leads.from < rows.size();
        forecasts_.put(index, origin + static_cast<std::int64_t>(i),
                       is_known ? std::optional(rows[i - leads.from]) : std::nullopt);
    }
}

/// Ahead: the forecast against the limit.
void Shard::look_ahead(std::uint32_t index) {
    Limited& limited = limits_[index];
    bool is_over = false;
    for (std::int64_t period = limited.forecast_start; const auto row = forecasts_.at(index, period);
         ++period) {
        const forecast::QuantileRow& load_w = *row;
        is_over = is_over || (limited.is_export ? -load_w[forecast::quantile_count - 1 - context_.alarm]
                                                : load_w[context_.alarm]) > limited.limit_w;
    }
    if (!is_over || limited.is_candidate) {
        return;
    }
    risk::RiskInput input = question(limited);
    // What an open event covers is not asked about again, so that a later window behind it is seen.
    if (limited.has_open) {
        for (const OpenEvent& open : open_[index]) {
            while (!input.forecast_w.empty() && input.forecast_start < open.end &&
                   open.start <= input.forecast_start) {
                input.forecast_w.erase(input.forecast_w.begin());
                input.forecast_start += period_length;
            }
        }
    }
    ask(limited.order, index, std::move(input));
}

std::optional<forecast::LoadForecast> Shard::forecast(std::uint32_t index) const {
    const Limited& limited = limits_[index];
    if (limited.forecast_start == features::no_period) {
        return std::nullopt;
    }
    forecast::LoadForecast out;
    out.point = ref(limited.local);
    out.start = features::period_start(limited.forecast_start);
    out.origin = out.start;
    out.method = limited.method;
    out.reason = forecast::to_text(limited.why);
    if (limited.method == forecast::Method::ensemble && context_.live) {
        out.model = context_.live->id();
        out.reason = limited.lacks_feed ? forecast::feed_is_silent : "";
    }
    for (std::int64_t period = limited.forecast_start; const auto row = forecasts_.at(index, period);
         ++period) {
        out.load_w.push_back(*row);
    }
    return out;
}

}  // namespace headroom::monitor
