#include "forecast/ramp.hpp"
#include "forecast/ramp_rows.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <unordered_map>

namespace headroom::forecast {
namespace {

constexpr double event_share = 0.95;

struct Counts {
    double hits = 0.0;
    double needless = 0.0;
    double missed = 0.0;
    void add(bool told, bool was) {
        hits += told && was ? 1.0 : 0.0;
        needless += told && !was ? 1.0 : 0.0;
        missed += !told && was ? 1.0 : 0.0;
    }
    [[nodiscard]] double f1() const {
        return hits > 0.0 ? 2.0 * hits / (2.0 * hits + needless + missed) : 0.0;
    }
};

/// Sums of one lead over one series.
struct RampSums {
    double rows = 0.0;
    double error = 0.0;
    double no_ramp = 0.0;
    double within = 0.0;
};

/// The history's 95 % quantile of |ramp|, unit a minute.
double event_limit(const GridSeries& load, std::int64_t end, std::int64_t lead, double minutes) {
    std::vector<double> sizes;
    for (std::int64_t slot = load.first; slot + lead < end; ++slot) {
        const double size = std::abs(load.at(slot + lead) - load.at(slot)) / minutes;
        if (!std::isnan(size)) {
            sizes.push_back(size);
        }
    }
    if (sizes.empty()) {
        return std::numeric_limits<double>::infinity();
    }
    std::ranges::sort(sizes);
    return sizes[static_cast<std::size_t>(event_share * static_cast<double>(sizes.size() - 1))];
}

}  // namespace

Result<RampScore> score_ramp(const RampModel& model, const Panel& panel,
                             std::span<const Covariate> covariates, const SeriesFile& truth) {
    if (model.cadence_s != panel.step_s || model.external != ramp_external(covariates)) {
        return Error{Errc::conflict, "the ramp's model was learnt with readings " +
                                         std::to_string(model.cadence_s) +
                                         " s apart or other covariates; these are " +
                                         std::to_string(panel.step_s) + " s apart"};
    }
    std::unordered_map<std::string, std::set<std::int64_t>> wanted;
    for (const SeriesRow& row : truth.rows) {
        wanted[truth.names[static_cast<std::size_t>(row.series)]].insert(row.unix_s / panel.step_s);
    }
    RampScore score;
    for (std::size_t l = 0; l < model.leads.size(); ++l) {
        RampScore::Lead& out = score.leads.emplace_back();
        out.lead_s = model.leads[l].lead_s;
        const std::int64_t lead = out.lead_s / panel.step_s;
        const double minutes = static_cast<double>(out.lead_s) / 60.0;
        Counts band;
        Counts median;
        double series_count = 0.0;
        for (std::size_t i = 0; i < panel.series.size(); ++i) {
            const GridSeries& load = panel.series[i].load;
            const std::set<std::int64_t>& targets = wanted[panel.series[i].name];
            if (targets.empty()) {
                continue;
            }
            const double limit = event_limit(load, *targets.begin(), lead, minutes);
            RampSums sums;
            replay_rows(panel, i, covariates, [&](std::int64_t slot, std::span<const float> row) {
                if (!targets.contains(slot + lead) || std::isnan(load.at(slot + lead))) {
                    return;
                }
                const RampForecast told = ramp(model, row);
                if (told.leads.empty()) {
                    return;
                }
                const QuantileValues& at = told.leads[l].kw_min;
                const double was = (load.at(slot + lead) - load.at(slot)) / minutes;
                sums.rows += 1.0;
                sums.error += std::abs(at[3] - was);
                sums.no_ramp += std::abs(was);
                sums.within += was >= at[1] && was <= at[5] ? 1.0 : 0.0;
                band.add(at[1] < -limit || at[5] > limit, std::abs(was) > limit);
                median.add(std::abs(at[3]) > limit, std::abs(was) > limit);
            });
            if (sums.rows > 0.0 && sums.no_ramp > 0.0) {
                series_count += 1.0;
                out.rows += static_cast<std::size_t>(sums.rows);
                out.mae += sums.error / sums.rows;
                out.no_ramp_mae += sums.no_ramp / sums.rows;
                out.ratio += sums.error / sums.no_ramp;
                out.band_share += sums.within / sums.rows;
            }
        }
        for (double* value : {&out.mae, &out.no_ramp_mae, &out.ratio, &out.band_share}) {
            *value /= std::max(series_count, 1.0);
        }
        out.event_f1 = band.f1();
        out.event_f1_median = median.f1();
    }
    return score;
}

}  // namespace headroom::forecast
