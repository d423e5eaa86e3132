#include "trust/grid_trust.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace headroom::trust {

GridTrust::GridTrust(StateEstimator estimator, std::vector<std::string> meters,
                     std::vector<std::string> states, GridTrustRules rules)
    : estimator_(std::move(estimator)),
      meters_(std::move(meters)),
      states_(std::move(states)),
      rules_(rules),
      innovation_(estimator_.states(), rules.innovation),
      replay_(estimator_.meters(), estimator_.meters() - estimator_.states(),
              rules.innovation.days_back * rules.innovation.day) {}

Result<GridTrust> GridTrust::make(Matrix h, double sigma, std::vector<std::string> meters,
                                  std::vector<std::string> states, GridTrustRules rules) {
    if (meters.size() != h.rows() || states.size() != h.columns()) {
        return Error{Errc::invalid, fmt::format("{} meter names and {} state names for a model of {} by {}",
                                                meters.size(), states.size(), h.rows(), h.columns())};
    }
    std::vector<double> sigmas(h.rows(), sigma);
    Result<StateEstimator> estimator = StateEstimator::make(std::move(h), std::move(sigmas));
    if (!estimator) {
        return estimator.error();
    }
    return GridTrust(*std::move(estimator), std::move(meters), std::move(states), rules);
}

void GridTrust::add_bad_data(const StateVerdict& state, GridVerdict& verdict) const {
    const double score = std::max(state.first.largest / rules_.bad_data.normalised_max,
                                  state.tail < rules_.bad_data.tail ? 1.0 : 0.0);
    verdict.score = std::max(verdict.score, score);
    if (!state.is_bad) {
        return;
    }
    std::vector<std::string> names;
    for (const std::size_t meter : state.suspects) {
        names.push_back(meters_[meter]);
    }
    verdict.evidence.push_back(
        {.layer = Layer::state,
         .meter = names.empty() ? std::string() : names.front(),
         .statistic = state.first.largest,
         .threshold = rules_.bad_data.normalised_max,
         .confidence = confidence_of(state.first.largest, rules_.bad_data.normalised_max),
         .detail = fmt::format("the measurements do not fit the network: J = {:.1f} with {} degrees of "
                               "freedom (chance {:.1g}), "
                               "largest normalised residual {:.1f} at {}; set aside: {}{}",
                               state.first.objective, state.first.degrees, state.tail, state.first.largest,
                               meters_[state.first.largest_meter], fmt::join(names, ", "),
                               state.is_clean ? "" : "; the rest does not fit either")});
}

void GridTrust::add_innovation(const Innovation& innovation, GridVerdict& verdict) const {
    verdict.score = std::max(verdict.score, innovation.statistic);
    if (!innovation.is_suspect) {
        return;
    }
    verdict.evidence.push_back(
        {.layer = Layer::innovation,
         .meter = {},
         .statistic = innovation.statistic * innovation.critical,
         .threshold = innovation.critical,
         .confidence = confidence_of(innovation.statistic, 1.0),
         .detail =
             fmt::format("the measurements agree with one another, but not with the forecast of {} {} "
                         "before: distance {:.1f} against {:.1f}, most at state {}, by {:.1f} deviations",
                         innovation.horizon, innovation.horizon == 1 ? "sample" : "samples",
                         innovation.statistic * innovation.critical, innovation.critical,
                         states_[innovation.state], innovation.deviations)});
}

void GridTrust::add_replay(const Replay& replay, GridVerdict& verdict) const {
    const double score = (1.0 - replay_.threshold()) / std::max(1.0 - replay.likeness, 1e-6);
    verdict.score = std::max(verdict.score, score);
    verdict.evidence.push_back(
        {.layer = Layer::replay,
         .meter = {},
         .statistic = replay.likeness,
         .threshold = replay_.threshold(),
         .confidence = confidence_of(score, 1.0),
         .detail =
             fmt::format("the meters' noise is that of {} samples before (likeness {:.3f} of at most 1)",
                         replay.samples_back, replay.likeness)});
}

Result<GridVerdict> GridTrust::judge(std::span<const double> z) {
    const std::vector<double> nothing(estimator_.states(), 0.0);
    const Result<StateVerdict> state = estimator_.judge(z, rules_.bad_data);
    if (!state) {
        innovation_.take(nothing, false);
        replay_.take({});
        return state.error();
    }
    GridVerdict verdict;
    add_bad_data(*state, verdict);
    const Innovation innovation = innovation_.judge(state->clean.state);
    add_innovation(innovation, verdict);
    const std::optional<Replay> replay =
        state->first.degrees > 0 && !state->is_bad ? replay_.find(state->first.residual) : std::nullopt;
    if (replay) {
        add_replay(*replay, verdict);
    }
    // What several bad meters leave behind may lean; one is told apart well, and may stay bad for weeks.
    const bool is_repaired =
        state->suspects.size() <= 1 || innovation_.distrusted() >= rules_.innovation.distrust_max;
    const bool is_believed = state->is_clean && is_repaired && !innovation.is_suspect && !replay;
    innovation_.take(state->clean.state, is_believed);
    // A copy is no sample of its own: the next one is compared with the original.
    replay_.take(state->is_bad || replay ? std::span<const double>{} : state->first.residual);
    verdict.is_doubted = !verdict.evidence.empty();
    verdict.believed = is_believed || innovation.forecast.empty() ? state->clean.state : innovation.forecast;
    std::sort(verdict.evidence.begin(), verdict.evidence.end(),
              [](const Evidence& a, const Evidence& b) { return a.confidence > b.confidence; });
    return verdict;
}

}  // namespace headroom::trust
