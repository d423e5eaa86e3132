#include "forecast/live_model.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace headroom::forecast {
namespace {

constexpr double grains_per_kw = 65'536.0;
/// Adding and taking away this many kW leaves a multiple of a grain: doubles of that size have no finer step.
constexpr double rounding_kw = 1.5 * 4'503'599'627'370'496.0 / grains_per_kw;
constexpr std::int64_t scale_periods = 28 * features::periods_per_day;

bool is_short(std::int64_t lead_s) {
    return lead_s <= RowMaker::newest_base_s_max;
}

/// Median and distance of the 5 % and 95 % quantiles of what is known in [from, to), as `scale_of` has them.
SeriesScale scale_between(const features::HalfHours& past, std::int64_t from, std::int64_t to,
                          std::vector<double>& known) {
    known.clear();
    for (std::int64_t period = std::max(from, past.first); period < std::min(to, past.end()); ++period) {
        if (const float kw = past.at(period); !std::isnan(kw)) {
            known.push_back(snapped_kw(static_cast<double>(kw)));
        }
    }
    if (known.empty()) {
        return {};
    }
    const auto at = [&known](double share) {
        const auto place =
            known.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(known.size() - 1));
        std::nth_element(known.begin(), place, known.end());
        return *place;
    };
    const double spread = at(0.95) - at(0.05);
    return {.level = at(0.5), .spread = spread > 1e-9 ? spread : 1.0};
}

}  // namespace

double snapped_kw(double kw) {
    return (kw + rounding_kw) - rounding_kw;
}

LiveModel::LiveModel(Ensemble ensemble, std::string id) : ensemble_(std::move(ensemble)), id_(std::move(id)) {
    for (std::size_t i = 0; i < ensemble_.series.size(); ++i) {
        numbers_.emplace(ensemble_.series[i], static_cast<std::int32_t>(i));
    }
    for (const std::string& name : ensemble_.covariates) {
        columns_.push_back(live_column(name).value());
    }
}

Result<LiveModel> LiveModel::make(Ensemble ensemble, std::string id) {
    if (ensemble.step_s != live_step_s) {
        return Error{Errc::conflict, "model " + id + " was learnt on readings " +
                                         std::to_string(ensemble.step_s) +
                                         " s apart; the control room forecasts half-hours. Remedy: train on "
                                         "half-hourly means"};
    }
    std::vector<const Covariate*> covariates;
    for (const std::string& name : ensemble.covariates) {
        const std::optional<std::size_t> column = live_column(name);
        if (!column) {
            return Error{Errc::conflict, "model " + id + " was learnt with the covariate " + name +
                                             ", which the control room does not have. Remedy: train without "
                                             "--covariates"};
        }
        covariates.push_back(&unknown_covariates().columns[*column]);
    }
    if (ensemble.leads.empty() || ensemble.leads.size() > live_leads_max) {
        return Error{Errc::invalid, "model " + id + " has " + std::to_string(ensemble.leads.size()) +
                                        " leads; 1 to " + std::to_string(live_leads_max) + " can be served"};
    }
    const Panel nothing{.step_s = live_step_s, .series = {}};
    if (ensemble.schema_hash != RowMaker(nothing, ensemble.region, std::move(covariates)).schema_hash()) {
        return Error{
            Errc::conflict,
            "model " + id + " was learnt for other rows than this version makes. Remedy: train anew"};
    }
    return LiveModel(std::move(ensemble), std::move(id));
}

std::int32_t LiveModel::series(std::string_view name) const {
    const auto found = numbers_.find(std::string(name));
    return found == numbers_.end() ? -1 : found->second;
}

LeadMix LiveModel::mix(std::int64_t lead_s) const {
    const std::vector<EnsembleLead>& leads = ensemble_.leads;
    const auto above = std::ranges::lower_bound(leads, lead_s, {}, &EnsembleLead::lead_s);
    const auto far = static_cast<std::size_t>(std::min(above, leads.end() - 1) - leads.begin());
    if (above == leads.end() || above->lead_s == lead_s || above == leads.begin()) {
        return {.near = far, .far = far, .far_share = 0.0};
    }
    const std::size_t near = far - 1;
    if (is_short(leads[near].lead_s) != is_short(leads[far].lead_s)) {
        const std::size_t own = is_short(lead_s) ? near : far;
        return {.near = own, .far = own, .far_share = 0.0};
    }
    return {.near = near,
            .far = far,
            .far_share = static_cast<double>(lead_s - leads[near].lead_s) /
                         static_cast<double>(leads[far].lead_s - leads[near].lead_s)};
}

std::vector<const Covariate*> LiveModel::covariates(const CovariateTable& table) const {
    std::vector<const Covariate*> out;
    for (const std::size_t column : columns_) {
        out.push_back(&table.columns[column]);
    }
    return out;
}

SeriesScale live_scale(const features::HalfHours& past, std::int64_t origin) {
    const std::int64_t midnight = origin - origin % features::periods_per_day;
    std::vector<double> known;
    const SeriesScale scale = scale_between(past, midnight - scale_periods, midnight, known);
    return std::cmp_greater_equal(known.size(), features::periods_per_day)
               ? scale
               : scale_between(past, past.first, origin, known);
}

}  // namespace headroom::forecast
