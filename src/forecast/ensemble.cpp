#include "forecast/ensemble.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace headroom::forecast {
namespace {

constexpr std::size_t lead_rows_min = 200;

int block_at(Region region, std::int64_t unix_s) {
    return place_in_day(region, unix_s).minute * error_blocks / 1440;
}

LeadRows training_rows(const Panel& panel, const RowMaker& maker, std::span<const SeriesScale> scales,
                       std::int64_t lead, std::size_t rows_max) {
    LeadRows rows;
    rows.columns = maker.columns().size();
    std::size_t known = 0;
    for (const Panel::Series& series : panel.series) {
        known += series.load.values.size();
    }
    const auto every = static_cast<std::int64_t>(known / std::max<std::size_t>(rows_max, 1) + 1);
    struct Item {
        std::int64_t target;
        std::size_t series;
    };
    std::vector<Item> items;
    for (std::size_t i = 0; i < panel.series.size(); ++i) {
        const GridSeries& load = panel.series[i].load;
        for (std::int64_t slot = load.first + lead; slot < load.end(); slot += every) {
            if (!std::isnan(load.at(slot))) {
                items.push_back({slot, i});
            }
        }
    }
    std::ranges::stable_sort(items, {}, &Item::target);
    std::vector<float> row(rows.columns);
    for (const Item& item : items) {
        const double base =
            maker.make(item.series, item.target, item.target - lead, scales[item.series], row);
        if (!std::isnan(base)) {
            rows.heads.push_back({.series = static_cast<std::int32_t>(item.series),
                                  .target = item.target,
                                  .origin = item.target - lead,
                                  .base = base,
                                  .truth = panel.series[item.series].load.at(item.target)});
            rows.values.insert(rows.values.end(), row.begin(), row.end());
        }
    }
    return rows;
}

/// Error quantiles and mean errors on the rows that were foretold before they were known.
void judge(const LeadLearner& learner, const LeadRows& rows, std::span<const SeriesScale> scales,
           Region region, std::int64_t step_s, EnsembleLead& lead) {
    std::array<std::vector<WeightedError>, error_blocks> errors;
    std::vector<WeightedError> all;
    double count = 0.0;
    for (std::size_t i = 0; i < rows.heads.size(); ++i) {
        if (!learner.is_foretold(i)) {
            continue;
        }
        const LeadRows::Head& head = rows.heads[i];
        const auto block = static_cast<std::size_t>(block_at(region, head.target * step_s));
        errors[block].push_back({learner.error(i), 1.0});
        all.push_back(errors[block].back());
        lead.error_mean += std::abs(learner.error(i)) * learner.width(i);
        lead.base_error_mean +=
            std::abs(head.truth - head.base) / scales[static_cast<std::size_t>(head.series)].spread;
        count += 1.0;
    }
    lead.error_mean /= std::max(count, 1.0);
    lead.base_error_mean /= std::max(count, 1.0);
    const QuantileValues whole_day = weighted_quantiles(all);
    for (std::size_t block = 0; block < errors.size(); ++block) {
        lead.errors[block] = errors[block].size() < ErrorTable::errors_per_block_min
                                 ? whole_day
                                 : weighted_quantiles(errors[block]);
    }
}

std::vector<SeriesScale> scales_of(const Panel& panel) {
    std::vector<SeriesScale> scales;
    for (const Panel::Series& series : panel.series) {
        scales.push_back(scale_of(series.load, series.load.end()));
    }
    return scales;
}

}  // namespace

Result<Ensemble> train_ensemble(const Panel& panel, std::span<const Covariate> covariates,
                                const TrainEnsembleOptions& options,
                                const std::function<void(double, std::string_view)>& progress) {
    const RowMaker maker(panel, covariates, options.region);
    const std::vector<SeriesScale> scales = scales_of(panel);
    Ensemble ensemble{.schema_hash = maker.schema_hash(),
                      .region = options.region,
                      .step_s = panel.step_s,
                      .seed = options.learn.seed,
                      .data_from_s = std::numeric_limits<std::int64_t>::max(),
                      .data_to_s = std::numeric_limits<std::int64_t>::min(),
                      .covariates = {},
                      .series = {},
                      .leads = {}};
    for (const Covariate& covariate : covariates) {
        ensemble.covariates.push_back(covariate.name);
    }
    for (const Panel::Series& series : panel.series) {
        ensemble.series.push_back(series.name);
        ensemble.data_from_s = std::min(ensemble.data_from_s, series.load.first * panel.step_s);
        ensemble.data_to_s = std::max(ensemble.data_to_s, (series.load.end() - 1) * panel.step_s);
    }
    std::vector<std::int64_t> leads;  // in slots
    for (const std::int64_t lead_s : options.leads_s) {
        const std::int64_t lead = lead_s / panel.step_s;
        if (lead > 0 && (leads.empty() || lead > leads.back())) {
            leads.push_back(lead);
        }
    }
    for (std::size_t i = 0; i < leads.size(); ++i) {
        const LeadRows rows = training_rows(panel, maker, scales, leads[i], options.rows_max);
        const std::string name = std::to_string(leads[i] * panel.step_s / 60) + " min";
        if (rows.heads.size() < lead_rows_min) {
            return Error{Errc::invalid, "lead " + name + " has " + std::to_string(rows.heads.size()) +
                                            " rows to learn from, at least " + std::to_string(lead_rows_min) +
                                            " are needed"};
        }
        LeadLearner learner(rows, maker.columns(), scales, panel.step_s, options.learn);
        Result<LeadModel> model = learner.learn(rows.heads.back().target, [&](std::string_view what) {
            if (progress) {
                progress(static_cast<double>(i) / static_cast<double>(leads.size()),
                         "lead " + name + ": " + std::string(what));
            }
        });
        if (!model) {
            return model.error();
        }
        EnsembleLead& lead = ensemble.leads.emplace_back();
        lead.lead_s = leads[i] * panel.step_s;
        lead.model = std::move(*model);
        lead.rows = rows.heads.size();
        judge(learner, rows, scales, options.region, panel.step_s, lead);
    }
    if (progress) {
        progress(1.0, "done");
    }
    return ensemble;
}

Result<std::vector<EnsembleForecast>> forecast_ensemble(const Ensemble& ensemble, const Panel& panel,
                                                        std::span<const Covariate> covariates,
                                                        std::int64_t horizon_s) {
    const RowMaker maker(panel, covariates, ensemble.region);
    if (maker.schema_hash() != ensemble.schema_hash) {
        std::string wanted;
        for (const std::string& name : ensemble.covariates) {
            wanted += (wanted.empty() ? "" : ", ") + name;
        }
        return Error{Errc::conflict, "the model was learnt with readings " + std::to_string(ensemble.step_s) +
                                         " s apart and the covariates " + (wanted.empty() ? "none" : wanted) +
                                         "; these are " + std::to_string(panel.step_s) + " s apart with " +
                                         std::to_string(covariates.size()) + " covariates"};
    }
    std::map<std::string, std::int32_t> numbers;
    for (std::size_t i = 0; i < ensemble.series.size(); ++i) {
        numbers[ensemble.series[i]] = static_cast<std::int32_t>(i);
    }
    const std::vector<SeriesScale> scales = scales_of(panel);
    std::vector<float> row(maker.columns().size());
    std::vector<EnsembleForecast> out;
    for (std::size_t i = 0; i < panel.series.size(); ++i) {
        const Panel::Series& series = panel.series[i];
        EnsembleForecast& forecast = out.emplace_back();
        forecast.series = series.name;
        const auto found = numbers.find(series.name);
        const std::int32_t number = found == numbers.end() ? -1 : found->second;
        forecast.reason = number < 0 ? "not in the training: by the models of all series" : "";
        const std::int64_t origin = series.load.end() - 1;
        forecast.origin_s = origin * panel.step_s;
        for (std::int64_t target = origin + 1; (target - origin) * panel.step_s <= horizon_s; ++target) {
            const double base = maker.make(i, target, origin, scales[i], row);
            if (std::isnan(base)) {
                forecast.reason = "no load is known";
                break;
            }
            const auto lead = std::ranges::lower_bound(ensemble.leads, (target - origin) * panel.step_s, {},
                                                       &EnsembleLead::lead_s);
            const EnsembleLead& serving = lead == ensemble.leads.end() ? ensemble.leads.back() : *lead;
            const MemberValues members = serving.model.members(row, number);
            const double blended = serving.model.blended(members, number);
            const double width = serving.model.error_width(row, members, blended);
            const QuantileValues& errors =
                serving.errors[static_cast<std::size_t>(block_at(ensemble.region, target * panel.step_s))];
            EnsembleForecast::Step& step = forecast.steps.emplace_back();
            step.target_s = target * panel.step_s;
            for (std::size_t q = 0; q < quantile_count; ++q) {
                step.load[q] = base + scales[i].spread * (blended + width * errors[q]);
            }
        }
    }
    return out;
}

}  // namespace headroom::forecast
