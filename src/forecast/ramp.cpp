#include "forecast/ramp.hpp"

#include "forecast/conformal.hpp"
#include "forecast/gbdt.hpp"
#include "forecast/ramp_rows.hpp"
#include "forecast/slots.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace headroom::forecast {
namespace {

constexpr double ramp_change_max = 6.0;     // spreads: what lies farther is a fault of the meter
constexpr double ramp_width_floor = 0.005;  // spreads
constexpr double tail_share = 0.3;          // of the newest rows: errors on them are honest
constexpr std::size_t ramp_rows_min = 400;
constexpr GbdtOptions change_trees{.rounds_max = 150,
                                   .depth_max = 5,
                                   .eta = 0.06,
                                   .min_child_weight = 30.0,
                                   .subsample = 0.7,
                                   .columns_by_tree = 0.6,
                                   .bins = 64};
constexpr GbdtOptions width_trees{.rounds_max = 60,
                                  .depth_max = 4,
                                  .eta = 0.1,
                                  .min_child_weight = 60.0,
                                  .subsample = 0.7,
                                  .columns_by_tree = 0.6,
                                  .bins = 64};

/// Rows of one lead, oldest first.
struct RampRows {
    std::size_t columns = 0;
    std::vector<float> values;
    std::vector<float> changes;  // in spreads
    [[nodiscard]] GbdtRows part(std::size_t from, std::size_t to) const {
        return {.rows = std::span(values).subspan(from * columns, (to - from) * columns),
                .targets = std::span(changes).subspan(from, to - from),
                .weights = {}};
    }
};

struct Place {
    std::int64_t slot = 0;
    std::size_t series = 0;
    std::size_t at = 0;  // row among all that were replayed
    double spread = 0.0;
    double load = 0.0;
};

/// Every replayed row of a panel without its units, by slot.
struct Replay {
    std::size_t columns = 0;
    std::vector<float> values;
    std::vector<Place> places;
};

Replay replay(const Panel& panel, std::span<const Covariate> covariates) {
    Replay out;
    out.columns = ramp_columns + ramp_external(covariates).size();
    std::vector<float> scaled;
    for (std::size_t series = 0; series < panel.series.size(); ++series) {
        replay_rows(panel, series, covariates, [&](std::int64_t slot, std::span<const float> row) {
            const double spread = ramp_spread(row);
            if (spread <= 0.0) {
                return;
            }
            make_ramp_row(row, spread, scaled);
            out.places.push_back(
                {slot, series, out.places.size(), spread, panel.series[series].load.at(slot)});
            out.values.insert(out.values.end(), scaled.begin(), scaled.end());
        });
    }
    std::ranges::stable_sort(out.places, {}, &Place::slot);
    return out;
}

RampRows rows_of(const Replay& all, const Panel& panel, std::int64_t lead, std::size_t rows_max) {
    RampRows rows{.columns = all.columns, .values = {}, .changes = {}};
    const std::size_t every = all.places.size() / std::max<std::size_t>(rows_max, 1) + 1;
    for (std::size_t i = 0; i < all.places.size(); i += every) {
        const Place& place = all.places[i];
        const double then = panel.series[place.series].load.at(place.slot + lead);
        if (std::isnan(then)) {
            continue;
        }
        const auto row = std::span(all.values).subspan(place.at * all.columns, all.columns);
        rows.values.insert(rows.values.end(), row.begin(), row.end());
        rows.changes.push_back(static_cast<float>(
            std::clamp((then - place.load) / place.spread, -ramp_change_max, ramp_change_max)));
    }
    return rows;
}

double width_of(const Trees& width, std::span<const float> row) {
    return std::max(std::exp(static_cast<double>(width.predict(row))), ramp_width_floor);
}

Result<RampModel::Lead> learn_lead(const RampRows& rows, const RampOptions& options) {
    const std::size_t count = rows.changes.size();
    const auto tail = static_cast<std::size_t>((1.0 - tail_share) * static_cast<double>(count));
    const std::size_t middle = (tail + count) / 2;
    GbdtOptions change_options = change_trees;
    change_options.seed = options.seed;
    GbdtOptions width_options = width_trees;
    width_options.seed = options.seed + 1;
    const GbdtProgress goes_on = [&options](int, int) {
        return options.is_cancelled == nullptr || !options.is_cancelled->load(std::memory_order_acquire);
    };
    const Result<GbdtFit> older = grow_trees(rows.columns, rows.part(0, tail), {}, change_options, goes_on);
    if (!older) {
        return older.error();
    }
    std::vector<float> sizes;
    std::vector<double> errors;
    RampModel::Lead lead{.rows = count};
    for (std::size_t i = tail; i < count; ++i) {
        const auto row = std::span(rows.values).subspan(i * rows.columns, rows.columns);
        const double error = static_cast<double>(rows.changes[i] - older->trees.predict(row));
        errors.push_back(error);
        sizes.push_back(static_cast<float>(std::log(std::abs(error) + ramp_width_floor)));
        lead.error_mean += std::abs(error) / static_cast<double>(count - tail);
        lead.no_ramp_mean +=
            std::abs(static_cast<double>(rows.changes[i])) / static_cast<double>(count - tail);
    }
    // Each half of the tail is told its widths by trees that saw the other half only.
    const auto widths_from = [&](std::size_t from, std::size_t to) {
        return grow_trees(rows.columns,
                          {.rows = rows.part(from, to).rows,
                           .targets = std::span(sizes).subspan(from - tail, to - from),
                           .weights = {}},
                          {}, width_options, goes_on);
    };
    const Result<GbdtFit> first = widths_from(tail, middle);
    const Result<GbdtFit> second = widths_from(middle, count);
    Result<GbdtFit> all = widths_from(tail, count);
    Result<GbdtFit> change = grow_trees(rows.columns, rows.part(0, count), {}, change_options, goes_on);
    for (const Result<GbdtFit>* fit : {&first, &second, static_cast<const Result<GbdtFit>*>(&all),
                                       static_cast<const Result<GbdtFit>*>(&change)}) {
        if (!*fit) {
            return fit->error();
        }
    }
    std::vector<WeightedError> in_widths;
    for (std::size_t i = tail; i < count; ++i) {
        const auto row = std::span(rows.values).subspan(i * rows.columns, rows.columns);
        in_widths.push_back(
            {errors[i - tail] / width_of(i < middle ? second->trees : first->trees, row), 1.0});
    }
    lead.errors = weighted_quantiles(in_widths);
    lead.change = std::move(change->trees);
    lead.width = std::move(all->trees);
    return lead;
}

void forecast_scaled(const RampModel::Lead& lead, std::span<const float> scaled, double spread,
                     QuantileValues& out) {
    const auto change = static_cast<double>(lead.change.predict(scaled));
    const double width = width_of(lead.width, scaled);
    const double minutes = static_cast<double>(lead.lead_s) / 60.0;
    for (std::size_t q = 0; q < out.size(); ++q) {
        out[q] = spread * (change + width * lead.errors[q]) / minutes;
    }
}

}  // namespace

RampForecast ramp(const RampModel& model, std::span<const float> row) {
    HEADROOM_ASSERT(row.size() == features::stream_count + model.external.size());
    RampForecast out;
    const double spread = ramp_spread(row);
    if (spread <= 0.0) {
        return out;
    }
    std::vector<float> scaled;
    make_ramp_row(row, spread, scaled);
    for (const RampModel::Lead& lead : model.leads) {
        out.leads.push_back({.lead_s = lead.lead_s, .kw_min = {}});
        forecast_scaled(lead, scaled, spread, out.leads.back().kw_min);
    }
    return out;
}

Result<RampModel> train_ramp(const Panel& panel, std::span<const Covariate> covariates,
                             const RampOptions& options) {
    if (panel.step_s > seconds_per_half_hour || seconds_per_half_hour % panel.step_s != 0) {
        return Error{Errc::invalid, "a ramp is learnt from readings that divide half an hour, these are " +
                                        std::to_string(panel.step_s) + " s apart"};
    }
    RampModel model{.cadence_s = panel.step_s,
                    .seed = options.seed,
                    .data_from_s = std::numeric_limits<std::int64_t>::max(),
                    .data_to_s = std::numeric_limits<std::int64_t>::min(),
                    .external = ramp_external(covariates),
                    .leads = {}};
    model.schema_hash = features::stream_schema_hash(model.external, milliseconds{panel.step_s * 1000});
    for (const Panel::Series& series : panel.series) {
        model.data_from_s = std::min(model.data_from_s, series.load.first * panel.step_s);
        model.data_to_s = std::max(model.data_to_s, (series.load.end() - 1) * panel.step_s);
    }
    const Replay all = replay(panel, covariates);
    for (const std::int64_t lead_s : ramp_leads_s) {
        if (lead_s % panel.step_s != 0) {
            continue;
        }
        const RampRows rows = rows_of(all, panel, lead_s / panel.step_s, options.rows_max);
        if (rows.changes.size() < ramp_rows_min) {
            return Error{Errc::invalid, "a ramp of " + std::to_string(lead_s / 60) + " min has " +
                                            std::to_string(rows.changes.size()) +
                                            " rows to learn from, at least " + std::to_string(ramp_rows_min) +
                                            " are needed"};
        }
        Result<RampModel::Lead> lead = learn_lead(rows, options);
        if (!lead) {
            return lead.error();
        }
        lead->lead_s = lead_s;
        model.leads.push_back(std::move(*lead));
    }
    return model;
}

}  // namespace headroom::forecast
