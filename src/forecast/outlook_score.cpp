#include "forecast/outlook_score.hpp"

#include "forecast/slots.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace headroom::forecast {
namespace {

constexpr std::int64_t origin_period_of_day = 12;  // 06:00 UTC
constexpr std::int64_t week_periods = 7 * 48;
constexpr double largest_scaled = 1e5;

/// Half-hour means; a half-hour with less than half of its readings is unknown.
GridSeries half_hours_of(const GridSeries& load, std::int64_t step_s) {
    const std::int64_t parts = seconds_per_half_hour / step_s;
    GridSeries out;
    out.first = floor_divide(load.first, parts);
    const std::int64_t end = floor_divide(load.end() - 1, parts) + 1;
    for (std::int64_t period = out.first; period < end; ++period) {
        double sum = 0.0;
        std::int64_t count = 0;
        for (std::int64_t slot = period * parts; slot < (period + 1) * parts; ++slot) {
            if (const double value = load.at(slot); !std::isnan(value)) {
                sum += value;
                ++count;
            }
        }
        out.values.push_back(2 * count >= parts ? sum / static_cast<double>(count)
                                                : std::numeric_limits<double>::quiet_NaN());
    }
    return out;
}

double sorted_quantile(const std::vector<double>& sorted, double share) {
    const double at = share * static_cast<double>(sorted.size() - 1);
    const auto low = static_cast<std::size_t>(at);
    const std::size_t high = std::min(low + 1, sorted.size() - 1);
    return sorted[low] + (sorted[high] - sorted[low]) * (at - static_cast<double>(low));
}

/// Of one series and lead.
struct LoadSums {
    std::size_t rows = 0;
    double error = 0.0;
    double crps = 0.0;
    double within_p90 = 0.0;
    double within_p10 = 0.0;

    void add(const QuantileValues& load, double came) {
        ++rows;
        error += std::abs(load[quantile_count / 2] - came);
        for (std::size_t q = 0; q < quantile_count; ++q) {
            const double low = q == 0 ? 0.0 : 0.5 * (quantiles[q - 1] + quantiles[q]);
            const double high = q + 1 == quantile_count ? 1.0 : 0.5 * (quantiles[q] + quantiles[q + 1]);
            const double off = came - load[q];
            crps += 2.0 * (high - low) * std::max(quantiles[q] * off, (quantiles[q] - 1.0) * off);
        }
        within_p90 += came <= load[quantile_count - 2] ? 1.0 : 0.0;
        within_p10 += came <= load[1] ? 1.0 : 0.0;
    }
    [[nodiscard]] double share(double sum) const { return sum / static_cast<double>(rows); }
};

/// Last week's half-hour, or of the week before where it is not over at the origin, with the quantiles of
/// what it was off by in the twelve weeks before.
class Naive {
  public:
    Naive(const GridSeries& load, std::int64_t origin) : load_(load), origin_(origin) {
        for (std::size_t weeks = 0; weeks < errors_.size(); ++weeks) {
            std::vector<float> errors;
            for (std::int64_t at = origin - outlook_past_periods; at < origin; ++at) {
                const double off =
                    load.at(at) - load.at(at - static_cast<std::int64_t>(weeks + 1) * week_periods);
                if (!std::isnan(off)) {
                    errors.push_back(static_cast<float>(off));
                }
            }
            std::ranges::sort(errors);
            errors_[weeks] = quantiles_of(errors);
        }
    }
    /// Nothing where the week is unknown.
    [[nodiscard]] bool foretell(std::int64_t target, QuantileValues& out) const {
        const std::int64_t weeks = target - week_periods < origin_ ? 1 : 2;
        const double base = load_.at(target - weeks * week_periods);
        for (std::size_t q = 0; q < quantile_count; ++q) {
            out[q] = base + errors_[static_cast<std::size_t>(weeks - 1)][q];
        }
        return !std::isnan(base);
    }

  private:
    const GridSeries& load_;
    std::int64_t origin_;
    std::array<QuantileValues, 2> errors_{};
};

/// Of all series at one lead, in shares of their ranges.
struct Lead {
    OutlookScore sum;
    double series = 0.0;

    void add(const LoadSums& ours, const LoadSums& naive, double range) {
        series += 1.0;
        sum.rows += ours.rows;
        sum.mae_share += ours.share(ours.error) / range;
        sum.rcrps += ours.share(ours.crps) / range;
        sum.within_p90 += ours.share(ours.within_p90);
        sum.within_p10 += ours.share(ours.within_p10);
        sum.naive_mae_share += naive.share(naive.error) / range;
        sum.naive_rcrps += naive.share(naive.crps) / range;
        sum.naive_within_p90 += naive.share(naive.within_p90);
    }
    [[nodiscard]] OutlookScore mean(std::int64_t days) const {
        OutlookScore out = sum;
        out.days = days;
        for (double* each : {&out.mae_share, &out.rcrps, &out.within_p90, &out.within_p10,
                             &out.naive_mae_share, &out.naive_rcrps, &out.naive_within_p90}) {
            *each /= series;
        }
        return out;
    }
};

/// The half-hours to foretell, both ends in it; empty when last < first.
struct Span {
    std::int64_t first = std::numeric_limits<std::int64_t>::max();
    std::int64_t last = std::numeric_limits<std::int64_t>::min();
};

std::vector<Span> spans_of(const Panel& panel, const SeriesFile& truth) {
    std::unordered_map<std::string_view, std::size_t> numbers;
    for (std::size_t i = 0; i < panel.series.size(); ++i) {
        numbers[panel.series[i].name] = i;
    }
    std::vector<Span> spans(panel.series.size());
    for (const SeriesRow& row : truth.rows) {
        Span& span = spans[numbers.at(truth.names[static_cast<std::size_t>(row.series)])];
        const std::int64_t period = floor_divide(row.unix_s, seconds_per_half_hour);
        span.first = std::min(span.first, period);
        span.last = std::max(span.last, period);
    }
    return spans;
}

/// P99 − P1 of what came.
double range_of(const GridSeries& load, Span span) {
    std::vector<double> came;
    for (std::int64_t period = span.first; period <= span.last; ++period) {
        if (const double value = load.at(period); !std::isnan(value)) {
            came.push_back(value);
        }
    }
    std::ranges::sort(came);
    return came.empty() ? 0.0 : sorted_quantile(came, 0.99) - sorted_quantile(came, 0.01);
}

/// Whole watts of an outlook are fine enough for whatever unit the file has: a factor to "kilowatts".
double watt_scale(const GridSeries& load) {
    double largest = 1e-9;
    for (const double value : load.values) {
        largest = std::isnan(value) ? largest : std::max(largest, std::abs(value));
    }
    return largest_scaled / largest;
}

class SeriesWalk {
  public:
    SeriesWalk(OutlookBacktest& out, std::size_t series, GridSeries load, Span span, std::int64_t days,
               Region region)
        : out_(out),
          series_(series),
          load_(std::move(load)),
          span_(span),
          days_(days),
          region_(region),
          scale_(watt_scale(load_)) {
        kw_.reserve(load_.values.size());
        for (const double value : load_.values) {
            kw_.push_back(static_cast<float>(value * scale_));
        }
        ours_.resize(static_cast<std::size_t>(days));
        naive_.resize(static_cast<std::size_t>(days));
    }

    void run(std::vector<Lead>& leads) {
        for (std::int64_t day = floor_divide(span_.first, 48) - days_;; ++day) {
            const std::int64_t origin = day * 48 + origin_period_of_day;
            if (origin + outlook_from > span_.last) {
                break;
            }
            if (origin + 48 * days_ > span_.first && origin > load_.first) {
                look_from(origin);
            }
        }
        const double range = range_of(load_, span_);
        for (std::size_t lead = 0; lead < leads.size(); ++lead) {
            if (ours_[lead].rows > 0 && range > 0.0) {
                leads[lead].add(ours_[lead], naive_[lead], range);
            }
        }
    }

  private:
    void look_from(std::int64_t origin) {
        const auto known = static_cast<std::size_t>(std::min(origin - load_.first, std::ssize(kw_)));
        const Outlook outlook =
            make_outlook({load_.first, std::span<const float>(kw_).first(known)}, origin, days_, region_);
        if (outlook.load_w.empty()) {
            out_.refused_because = out_.refused == 0 ? outlook.reason : out_.refused_because;
            ++out_.refused;
            return;
        }
        ++out_.origins;
        const Naive rough(load_, origin);
        for (std::size_t row = 0; row < outlook.load_w.size(); ++row) {
            const std::int64_t target = outlook.start + static_cast<std::int64_t>(row);
            const double came = load_.at(target);
            if (target < span_.first || target > span_.last || std::isnan(came)) {
                continue;
            }
            OutlookRow& made = out_.rows.emplace_back(OutlookRow{.series = static_cast<std::int32_t>(series_),
                                                                 .origin_s = origin * seconds_per_half_hour,
                                                                 .target_s = target * seconds_per_half_hour});
            for (std::size_t q = 0; q < quantile_count; ++q) {
                made.load[q] = static_cast<double>(outlook.load_w[row][q]) / 1000.0 / scale_;
            }
            QuantileValues plain{};
            if (rough.foretell(target, plain)) {  // both are judged by the same half-hours
                const auto lead = static_cast<std::size_t>((target - origin) / 48);
                ours_[lead].add(made.load, came);
                naive_[lead].add(plain, came);
            }
        }
    }

    OutlookBacktest& out_;
    std::size_t series_;
    GridSeries load_;
    Span span_;
    std::int64_t days_;
    Region region_;
    double scale_;
    std::vector<float> kw_;
    std::vector<LoadSums> ours_;
    std::vector<LoadSums> naive_;
};

}  // namespace

Result<OutlookBacktest> backtest_outlook(const Panel& panel, const SeriesFile& truth, std::int64_t days,
                                         Region region) {
    if (seconds_per_half_hour % panel.step_s != 0) {
        return Error{Errc::invalid, "readings are " + std::to_string(panel.step_s) +
                                        " s apart, of which half an hour is no multiple"};
    }
    OutlookBacktest out;
    std::vector<Lead> leads(static_cast<std::size_t>(days));
    const std::vector<Span> spans = spans_of(panel, truth);
    for (std::size_t i = 0; i < panel.series.size(); ++i) {
        if (spans[i].last >= spans[i].first) {
            SeriesWalk(out, i, half_hours_of(panel.series[i].load, panel.step_s), spans[i], days, region)
                .run(leads);
        }
    }
    for (std::size_t lead = 0; lead < leads.size(); ++lead) {
        if (leads[lead].sum.rows > 0) {
            out.scores.push_back(leads[lead].mean(static_cast<std::int64_t>(lead)));
        }
    }
    return out;
}

}  // namespace headroom::forecast
