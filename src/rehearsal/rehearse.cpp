#include "forecast/alarms.hpp"
#include "rehearsal/purchase.hpp"
#include "rehearsal/rehearsal.hpp"
#include "rehearsal/score.hpp"
#include "rehearsal/unmonitored.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace headroom::rehearsal {
namespace {

constexpr std::int64_t warm_up_min = 3 * half_hours_a_day;
/// More rows than this are learnt from less often, and by models of all feeders alone.
constexpr std::size_t rows_many = 60'000;
constexpr double relearn_days_many = 28.0;
constexpr std::size_t rows_grown_many = 200'000;

struct Span {
    std::int64_t first = std::numeric_limits<std::int64_t>::max();
    std::int64_t end = std::numeric_limits<std::int64_t>::min();
};

Span span_of(const std::vector<WatchedLimit>& limits) {
    Span span;
    for (const WatchedLimit& limit : limits) {
        span.first = std::min(span.first, limit.load_kw.first);
        span.end = std::max(span.end, limit.load_kw.end());
    }
    return span;
}

forecast::BacktestOptions backtest_options(const RehearsalOptions& options, std::size_t rows) {
    forecast::BacktestOptions out;
    out.lead = options.lead;
    out.region = options.region;
    out.learn = options.learn;
    if (rows > rows_many) {
        out.relearn_days = relearn_days_many;
        out.learn.own_series_max = 0;
        out.learn.rows_max = rows_grown_many;
    }
    return out;
}

/// The covariates of the series [from, to).
std::vector<forecast::Covariate> part_of(const std::vector<forecast::Covariate>& covariates, std::size_t from,
                                         std::size_t to) {
    std::vector<forecast::Covariate> out;
    for (const forecast::Covariate& covariate : covariates) {
        forecast::Covariate part = covariate;
        part.by_series.assign(covariate.by_series.begin() + static_cast<std::ptrdiff_t>(from),
                              covariate.by_series.begin() + static_cast<std::ptrdiff_t>(to));
        out.push_back(std::move(part));
    }
    return out;
}

/// Foretells limits [from, to) and writes it into their walks.
Result<std::size_t> foretell(Rehearsal& out, const std::vector<forecast::Covariate>& covariates,
                             std::size_t from, std::size_t to, const forecast::BacktestProgress& progress) {
    forecast::Panel panel;
    panel.step_s = half_hour_s;
    forecast::SeriesFile truth;
    std::size_t rows = 0;
    for (std::size_t i = from; i < to; ++i) {
        const LimitWalk& walk = out.limits[i];
        rows += walk.watched.load_kw.values.size();
        panel.series.push_back({walk.watched.limit.key(), walk.watched.load_kw});
        truth.names.push_back(walk.watched.limit.key());
        for (std::size_t k = 0; k < walk.truth_kw.size(); ++k) {
            if (!std::isnan(walk.truth_kw[k])) {
                truth.rows.push_back({.series = static_cast<std::int32_t>(i - from),
                                      .unix_s = (walk.first + static_cast<std::int64_t>(k)) * half_hour_s,
                                      .value = static_cast<double>(walk.truth_kw[k])});
            }
        }
    }
    const Result<forecast::BacktestResult> result = forecast::backtest(
        panel, part_of(covariates, from, to), truth, backtest_options(out.options, rows), progress);
    if (!result) {
        return result.error();
    }
    for (const forecast::BacktestRow& row : result->rows) {
        LimitWalk& walk = out.limits[from + static_cast<std::size_t>(row.series)];
        std::array<float, forecast::quantile_count>& place =
            walk.foretold_kw[static_cast<std::size_t>(row.target_s / half_hour_s - walk.first)];
        for (std::size_t q = 0; q < place.size(); ++q) {
            place[q] = static_cast<float>(row.load[q]);
        }
    }
    return result->rows.size();
}

}  // namespace

std::string_view to_string(Fate fate) {
    switch (fate) {
        case Fate::hit:
            return "hit";
        case Fate::late:
            return "late";
        case Fate::missed:
            return "missed";
    }
    return "missed";
}

std::string_view to_string(AlarmFate fate) {
    switch (fate) {
        case AlarmFate::right:
            return "right";
        case AlarmFate::early:
            return "early";
        case AlarmFate::needless:
            return "needless";
    }
    return "needless";
}

Result<Rehearsal> rehearse(RehearsalInput input, const RehearsalOptions& options,
                           const forecast::BacktestProgress& progress) {
    HEADROOM_ASSERT(input.network != nullptr);
    if (!(options.cost_ratio >= 1.0 && options.cost_ratio <= 19.0)) {
        return Error{Errc::invalid,
                     "the cost ratio is not between 1 and 19, as the quantiles 0.5 to 0.95 ask"};
    }
    const Span span = span_of(input.limits);
    const std::int64_t length = input.limits.empty() ? 0 : span.end - span.first;
    const auto wanted =
        static_cast<std::int64_t>(options.warm_up_days * static_cast<double>(half_hours_a_day));
    const std::int64_t warm_up = std::max(warm_up_min, std::min(wanted, length / 4));
    if (length < warm_up + half_hours_a_day) {
        return Error{Errc::invalid,
                     "there is nothing to rehearse: no limit has four days of readings at its point"};
    }
    Rehearsal out;
    out.options = options;
    out.alarm_quantile = forecast::alarm_quantile(options.cost_ratio);
    out.first = span.first + warm_up;
    out.end = span.end;
    out.has_offers = !input.offers.empty();
    for (WatchedLimit& watched : input.limits) {
        LimitWalk walk;
        walk.first = out.first;
        const auto steps = static_cast<std::size_t>(out.end - out.first);
        for (std::size_t k = 0; k < steps; ++k) {
            walk.truth_kw.push_back(
                static_cast<float>(watched.load_kw.at(out.first + static_cast<std::int64_t>(k))));
        }
        std::array<float, forecast::quantile_count> unknown{};
        unknown.fill(std::numeric_limits<float>::quiet_NaN());
        walk.foretold_kw.assign(steps, unknown);
        walk.watched = std::move(watched);
        out.limits.push_back(std::move(walk));
    }
    const std::size_t at_once = std::max<std::size_t>(1, options.series_at_once);
    for (std::size_t from = 0; from < out.limits.size(); from += at_once) {
        const std::size_t to = std::min(out.limits.size(), from + at_once);
        const Result<std::size_t> made =
            foretell(out, input.covariates, from, to, [&](double done, std::string_view what) {
                if (progress) {
                    const auto all = static_cast<double>(out.limits.size());
                    progress((static_cast<double>(from) + done * static_cast<double>(to - from)) / all, what);
                }
            });
        if (!made) {
            return made.error();
        }
        out.forecasts += *made;
    }
    if (const Result<void> scored = score(out, *input.network, input.offers, progress); !scored) {
        return scored.error();
    }
    out.unmonitored = estimate_unmonitored(*input.network, out.limits, input.busbar_kw);
    return out;
}

}  // namespace headroom::rehearsal
