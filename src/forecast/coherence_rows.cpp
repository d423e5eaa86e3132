#include "forecast/coherence.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>

namespace headroom::forecast {
namespace {

constexpr double errors_min = 48.0;  // before a variance rests on them
constexpr double memory = 0.998;     // of the variance, an error
constexpr std::int64_t week_s = 7 * 86'400;
constexpr std::int64_t correlation_lead_s = 3600;

/// Running mean square of a series' errors.
class Variance {
  public:
    void add(double error) {
        sum_ = memory * sum_ + error * error;
        weight_ = memory * weight_ + 1.0;
    }
    [[nodiscard]] double of(const QuantileValues& load) const {
        return weight_ < errors_min ? variance_of(load) : sum_ / weight_;
    }

  private:
    double sum_ = 0.0;
    double weight_ = 0.0;
};

using Numbers = std::unordered_map<std::string, std::size_t>;

Numbers numbers_of(const Panel& panel) {
    Numbers out;
    for (std::size_t i = 0; i < panel.series.size(); ++i) {
        out[panel.series[i].name] = i;
    }
    return out;
}

Result<std::vector<std::size_t>> feeders_of(const Hierarchy::Station& station, const Numbers& numbers) {
    std::vector<std::size_t> out;
    for (const std::string& feeder : station.feeders) {
        const auto found = numbers.find(feeder);
        if (found == numbers.end()) {
            return Error{Errc::not_found,
                         "feeder " + feeder + " of substation " + station.name + " is not in the readings"};
        }
        out.push_back(found->second);
    }
    return out;
}

/// Rows of one substation's feeders and, where there is one, of its own series at one origin and target.
struct Instant {
    std::vector<std::size_t> feeders;  // rows; as many as feeders when it is whole
    std::size_t total = 0;
    bool has_total = false;
};

/// One substation through a backtest, oldest origin first.
class StationWalk {
  public:
    StationWalk(const Panel& panel, std::vector<std::size_t> feeders, bool has_series, std::size_t number)
        : panel_(panel),
          feeders_(std::move(feeders)),
          has_series_(has_series),
          number_(number),
          variances_(feeders_.size()) {}

    void run(CoherentRows& out) {
        const std::map<std::pair<std::int64_t, std::int64_t>, Instant> instants = find(out.rows);
        std::multimap<std::int64_t, std::vector<double>>
            waiting;  // errors by target: feeders, then the total
        for (const auto& [when, instant] : instants) {
            while (!waiting.empty() && waiting.begin()->first <= when.first) {
                observe(waiting.begin()->second);
                waiting.erase(waiting.begin());
            }
            if (instant.feeders.size() != feeders_.size()) {
                ++out.left_as_is;
                continue;
            }
            waiting.emplace(when.second, errors(out.rows, instant));
            apply(out, instant);
            ++out.instants;
        }
    }

  private:
    [[nodiscard]] std::map<std::pair<std::int64_t, std::int64_t>, Instant> find(
        const std::vector<BacktestRow>& rows) const {
        std::unordered_map<std::int32_t, std::size_t> places;
        for (std::size_t i = 0; i < feeders_.size(); ++i) {
            places[static_cast<std::int32_t>(feeders_[i])] = i;
        }
        std::map<std::pair<std::int64_t, std::int64_t>, std::map<std::size_t, std::size_t>> parts;
        std::map<std::pair<std::int64_t, std::int64_t>, Instant> out;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const std::pair when{rows[i].origin_s, rows[i].target_s};
            if (const auto place = places.find(rows[i].series); place != places.end()) {
                parts[when][place->second] = i;
                out.try_emplace(when);
            } else if (has_series_ && static_cast<std::size_t>(rows[i].series) == number_) {
                out[when].total = i;
                out[when].has_total = true;
            }
        }
        for (const auto& [when, feeders] : parts) {
            for (const auto& [place, row] : feeders) {
                out[when].feeders.push_back(row);
            }
        }
        return out;
    }
    [[nodiscard]] double error(const BacktestRow& row) const {
        return panel_.series[static_cast<std::size_t>(row.series)].load.at(row.target_s / panel_.step_s) -
               row.load[median_index];
    }
    [[nodiscard]] std::vector<double> errors(const std::vector<BacktestRow>& rows,
                                             const Instant& instant) const {
        std::vector<double> out;
        for (const std::size_t row : instant.feeders) {
            out.push_back(error(rows[row]));
        }
        out.push_back(instant.has_total ? error(rows[instant.total]) : unknown_value);
        return out;
    }
    void observe(const std::vector<double>& errors) {
        for (std::size_t i = 0; i < variances_.size(); ++i) {
            if (!std::isnan(errors[i])) {
                variances_[i].add(errors[i]);
            }
        }
        if (!std::isnan(errors.back())) {
            total_variance_.add(errors.back());
        }
        correlation_.add(std::span(errors).first(variances_.size()));
    }
    void apply(CoherentRows& out, const Instant& instant) {
        std::vector<QuantileValues> feeders;
        std::vector<double> variances;
        for (std::size_t i = 0; i < instant.feeders.size(); ++i) {
            feeders.push_back(out.rows[instant.feeders[i]].load);
            variances.push_back(variances_[i].of(feeders.back()));
        }
        const QuantileValues* const total = instant.has_total ? &out.rows[instant.total].load : nullptr;
        const CoherentStation station =
            make_coherent(total, total == nullptr ? 0.0 : total_variance_.of(*total), feeders, variances,
                          correlation_.mean());
        for (std::size_t i = 0; i < instant.feeders.size(); ++i) {
            out.rows[instant.feeders[i]].load = station.feeders[i];
        }
        if (instant.has_total) {
            out.rows[instant.total].load = station.total;
        } else {
            BacktestRow row = out.rows[instant.feeders.front()];
            row.series = static_cast<std::int32_t>(number_);
            row.load = station.total;
            out.rows.push_back(row);
        }
    }

    const Panel& panel_;
    std::vector<std::size_t> feeders_;
    bool has_series_;
    std::size_t number_;
    std::vector<Variance> variances_;
    Variance total_variance_;
    ErrorCorrelation correlation_;
};

/// Correlation of the errors that the model would have made over the last week of the feeders' readings.
double recent_correlation(const Ensemble& ensemble, const Panel& panel, const RowMaker& maker,
                          std::span<const std::size_t> feeders) {
    const auto at = std::ranges::lower_bound(ensemble.leads, correlation_lead_s, {}, &EnsembleLead::lead_s);
    const EnsembleLead& lead = at == ensemble.leads.end() ? ensemble.leads.back() : *at;
    const std::int64_t slots = std::max<std::int64_t>(1, lead.lead_s / panel.step_s);
    const std::int64_t end = panel.series[feeders.front()].load.end();
    std::vector<SeriesScale> scales;
    for (const std::size_t feeder : feeders) {
        scales.push_back(scale_of(panel.series[feeder].load, end));
    }
    ErrorCorrelation correlation;
    std::vector<float> row(maker.columns().size());
    for (std::int64_t target = end - week_s / panel.step_s; target < end; ++target) {
        std::vector<double> errors;
        for (std::size_t i = 0; i < feeders.size(); ++i) {
            const double truth = panel.series[feeders[i]].load.at(target);
            const double base = maker.make(feeders[i], target, target - slots, scales[i], row);
            const double blended =
                std::isnan(base) ? unknown_value : lead.model.blended(lead.model.members(row, -1), -1);
            errors.push_back(truth - base - scales[i].spread * blended);
        }
        correlation.add(errors);
    }
    return correlation.mean();
}

}  // namespace

Result<CoherentRows> make_coherent(const Panel& panel, std::vector<BacktestRow> rows,
                                   const Hierarchy& hierarchy) {
    CoherentRows out{.names = {}, .rows = std::move(rows)};
    for (const Panel::Series& series : panel.series) {
        out.names.push_back(series.name);
    }
    const Numbers numbers = numbers_of(panel);
    for (const Hierarchy::Station& station : hierarchy.stations) {
        Result<std::vector<std::size_t>> feeders = feeders_of(station, numbers);
        if (!feeders) {
            return feeders.error();
        }
        const auto own = numbers.find(station.name);
        const bool has_series = own != numbers.end();
        const std::size_t number = has_series ? own->second : out.names.size();
        if (!has_series) {
            out.names.push_back(station.name);
        }
        StationWalk(panel, std::move(*feeders), has_series, number).run(out);
    }
    std::ranges::stable_sort(out.rows, [](const BacktestRow& a, const BacktestRow& b) {
        return a.target_s != b.target_s ? a.target_s < b.target_s : a.series < b.series;
    });
    return out;
}

Result<void> make_coherent(const Ensemble& ensemble, const Panel& panel,
                           std::span<const Covariate> covariates, const Hierarchy& hierarchy,
                           std::vector<EnsembleForecast>& forecasts) {
    const Numbers numbers = numbers_of(panel);
    const RowMaker maker(panel, covariates, ensemble.region);
    HEADROOM_ASSERT(forecasts.size() == panel.series.size());
    for (const Hierarchy::Station& station : hierarchy.stations) {
        const Result<std::vector<std::size_t>> feeders = feeders_of(station, numbers);
        if (!feeders) {
            return feeders.error();
        }
        const auto own = numbers.find(station.name);
        EnsembleForecast total{.series = station.name,
                               .origin_s = forecasts[feeders->front()].origin_s,
                               .reason = {},
                               .steps = {}};
        EnsembleForecast* const target = own == numbers.end() ? &total : &forecasts[own->second];
        std::size_t steps =
            own == numbers.end() ? std::numeric_limits<std::size_t>::max() : target->steps.size();
        for (const std::size_t feeder : *feeders) {
            if (forecasts[feeder].origin_s != target->origin_s) {
                return Error{Errc::conflict, "the readings of " + forecasts[feeder].series + " and " +
                                                 station.name + " do not end at the same time"};
            }
            steps = std::min(steps, forecasts[feeder].steps.size());
        }
        const double correlation = recent_correlation(ensemble, panel, maker, *feeders);
        for (std::size_t step = 0; step < steps; ++step) {
            std::vector<QuantileValues> loads;
            std::vector<double> variances;
            for (const std::size_t feeder : *feeders) {
                loads.push_back(forecasts[feeder].steps[step].load);
                variances.push_back(variance_of(loads.back()));
            }
            const QuantileValues* const whole = own == numbers.end() ? nullptr : &target->steps[step].load;
            const CoherentStation coherent = make_coherent(
                whole, whole == nullptr ? 0.0 : variance_of(*whole), loads, variances, correlation);
            for (std::size_t i = 0; i < feeders->size(); ++i) {
                forecasts[(*feeders)[i]].steps[step].load = coherent.feeders[i];
            }
            if (whole == nullptr) {
                total.steps.push_back(
                    {.target_s = forecasts[feeders->front()].steps[step].target_s, .load = coherent.total});
            } else {
                target->steps[step].load = coherent.total;
            }
        }
        if (own == numbers.end()) {
            total.reason = "the sum of its feeders";
            forecasts.push_back(std::move(total));
        }
    }
    return {};
}

}  // namespace headroom::forecast
