#include "forecast/explain.hpp"

#include <algorithm>
#include <cmath>

namespace headroom::forecast {
namespace {

constexpr std::int64_t lead_max_s = 48 * 3600;

/// A row that says nothing out of the ordinary: loads as the base, everything else at its mean.
std::vector<float> ordinary_row(const LinearTerms& terms) {
    std::vector<float> row;
    for (const double centre : terms.centres()) {
        row.push_back(static_cast<float>(centre));
    }
    return row;
}

std::vector<double> weights_of(const LeadModel& model, const MemberValues& members, std::int32_t number) {
    const bool has_own = number >= 0 && !model.own[static_cast<std::size_t>(number)].blend.empty();
    std::vector<double> weights = has_own ? model.own[static_cast<std::size_t>(number)].blend : model.blend;
    double sum = 0.0;
    for (std::size_t m = 0; m < member_count; ++m) {
        weights[m] = std::isnan(members[m]) ? 0.0 : weights[m];
        sum += weights[m];
    }
    for (double& weight : weights) {
        weight = sum > 0.0 ? weight / sum : 0.0;
    }
    return weights;
}

/// Contributions of all columns to the blend, in scales.
std::vector<double> contributions_of(const LeadModel& model, std::span<const double> weights,
                                     std::int32_t number, std::span<const float> row,
                                     std::span<const float> reference) {
    std::vector<double> out(row.size());
    const auto weight = [&weights](Member member) { return weights[index(member)]; };
    add_tree_contributions(model.all_trees, row, reference, weight(Member::all_trees), out);
    add_linear_contributions(model.terms, model.all_ridge, row, reference, weight(Member::all_ridge), out);
    if (number >= 0 && model.own[static_cast<std::size_t>(number)].is_there) {
        const LeadModel::Own& own = model.own[static_cast<std::size_t>(number)];
        add_tree_contributions(own.trees, row, reference, weight(Member::own_trees), out);
        add_linear_contributions(model.terms, own.loose, row, reference, weight(Member::own_ridge_loose),
                                 out);
        add_linear_contributions(model.terms, own.tight, row, reference, weight(Member::own_ridge_tight),
                                 out);
    }
    return out;
}

}  // namespace

Result<Explanation> explain(const Ensemble& ensemble, const Panel& panel,
                            std::span<const Covariate> covariates, const std::string& series,
                            std::int64_t target_s) {
    const auto found = std::ranges::find(panel.series, series, &Panel::Series::name);
    if (found == panel.series.end()) {
        return Error{Errc::not_found, "no series is named " + series};
    }
    const auto index = static_cast<std::size_t>(found - panel.series.begin());
    const std::int64_t origin = found->load.end() - 1;
    const std::int64_t target = target_s / panel.step_s;
    const std::int64_t lead_s = (target - origin) * panel.step_s;
    if (lead_s <= 0 || lead_s > lead_max_s) {
        return Error{Errc::invalid, "the time to explain must lie behind the newest reading of " + series +
                                        " and at most 48 hours off"};
    }
    // The forecast itself, so that what is explained is what is served.
    const Result<std::vector<EnsembleForecast>> served =
        forecast_ensemble(ensemble, panel, covariates, lead_s);
    if (!served) {
        return served.error();
    }
    const EnsembleForecast& forecast = (*served)[index];
    if (forecast.steps.empty() || forecast.steps.back().target_s != target * panel.step_s) {
        return Error{Errc::not_found, "series " + series + ": " + forecast.reason};
    }
    const RowMaker maker(panel, covariates, ensemble.region);
    const SeriesScale scale = scale_of(found->load, found->load.end());
    std::vector<float> row(maker.columns().size());
    const auto trained = std::ranges::find(ensemble.series, series);
    const std::int32_t number =
        trained == ensemble.series.end() ? -1 : static_cast<std::int32_t>(trained - ensemble.series.begin());
    const auto at = std::ranges::lower_bound(ensemble.leads, lead_s, {}, &EnsembleLead::lead_s);
    const EnsembleLead& lead = at == ensemble.leads.end() ? ensemble.leads.back() : *at;
    Explanation out{.series = series,
                    .origin_s = origin * panel.step_s,
                    .target_s = target * panel.step_s,
                    .lead_s = lead.lead_s};
    out.base = maker.make(index, target, origin, scale, row);
    const MemberValues members = lead.model.members(row, number);
    const std::vector<double> weights = weights_of(lead.model, members, number);
    for (std::size_t m = 0; m < member_count; ++m) {
        if (weights[m] > 0.0) {
            out.parts.push_back({std::string(member_names[m]), weights[m], scale.spread * members[m]});
        }
    }
    const std::vector<float> reference = ordinary_row(lead.model.terms);
    const MemberValues ordinary = lead.model.members(reference, number);
    double usual = 0.0;
    for (std::size_t m = 0; m < member_count; ++m) {
        usual += std::isnan(ordinary[m]) ? 0.0 : weights[m] * ordinary[m];
    }
    const std::vector<double> shares = contributions_of(lead.model, weights, number, row, reference);
    const double blended = lead.model.blended(members, number);
    double told = 0.0;
    for (std::size_t c = 0; c < shares.size(); ++c) {
        out.contributions.push_back(
            {maker.columns()[c].name, static_cast<double>(row[c]), scale.spread * shares[c]});
        told += scale.spread * shares[c];
    }
    out.usual = scale.spread * usual;
    out.median = forecast.steps.back().load[3];
    out.correction = out.median - out.base - scale.spread * blended;
    out.rounding = out.median - out.base - out.usual - out.correction - told;
    std::ranges::stable_sort(
        out.contributions, [](const auto& a, const auto& b) { return std::abs(a.load) > std::abs(b.load); });
    return out;
}

}  // namespace headroom::forecast
