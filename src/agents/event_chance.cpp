#include "agents/event_chance.hpp"

#include "agents/event_steps.hpp"
#include "agents/learnt_providers.hpp"
#include "core/units.hpp"
#include "forecast/load_forecast.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace headroom::agents {
namespace {

constexpr std::int64_t alarm_quantile_before_ppm = 900'000;  // of overloads that do not say theirs

std::vector<std::int64_t> quantiles_ppm() {
    std::vector<std::int64_t> out;
    for (const double quantile : forecast::quantiles) {
        out.push_back(std::llround(quantile * 1e6));
    }
    return out;
}

/// The quantile at which the load is what the event is to cover; nothing where no spread is told.
std::optional<std::size_t> anchor_of(const ChanceQuestion& question, const std::vector<std::int64_t>& at) {
    const risk::Overload& whole = question.whole;
    if (whole.cause == risk::Cause::person || question.forecast.rows_w.size() != question.left.w.size()) {
        return std::nullopt;
    }
    const std::int64_t alarm =
        whole.alarm_quantile_ppm > 0 ? whole.alarm_quantile_ppm : alarm_quantile_before_ppm;
    const std::int64_t wanted = whole.cause == risk::Cause::live ? whole_ppm / 2 : alarm;
    const auto found = std::find(at.begin(), at.end(), wanted);
    return found == at.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - at.begin()));
}

}  // namespace

LimitForecast in_direction(LimitForecast forecast, grid::Direction direction) {
    if (direction == grid::Direction::import_) {
        return forecast;
    }
    constexpr std::size_t upper = 5;  // of forecast::quantiles
    for (std::int64_t& each : forecast.median_w) {
        each = -each;
    }
    for (std::vector<std::int64_t>& row : forecast.rows_w) {
        std::reverse(row.begin(), row.end());
        for (std::int64_t& each : row) {
            each = -each;
        }
    }
    for (std::size_t slot = 0; slot < forecast.upper_w.size(); ++slot) {
        forecast.upper_w[slot] = forecast.rows_w[slot][upper];
    }
    return forecast;
}

std::optional<flex::ChanceAsked> chance_for(ChanceQuestion question, const flex::RuleBook& book,
                                            const flex::RuleFacts& facts) {
    flex::PlanNeed need;
    need.feeder_id = question.whole.feeder;
    const std::optional<flex::WantedProbability> wanted = flex::probability_wanted(book, need, facts);
    if (!wanted) {
        return std::nullopt;
    }
    flex::ChanceAsked out{.probability_ppm = std::llround(wanted->share * 1e6), .rule = wanted->rule};
    out.quantiles_ppm = quantiles_ppm();
    const std::optional<std::size_t> anchor = anchor_of(question, out.quantiles_ppm);
    const std::int64_t limit_w = std::llround(question.whole.limit.value * 1000.0);
    const risk::PeriodPower& whole = question.whole.need;
    const flex::IntervalGrid needs{whole.start, period_length, whole.w};
    for (std::size_t slot = 0; slot < question.left.w.size(); ++slot) {
        const UtcTime at = question.left.start + period_length * static_cast<std::int64_t>(slot);
        const std::int64_t needed = needs.at(at);
        const std::int64_t others = question.relief_of_others.at(at);
        if (!anchor) {
            out.over_w.push_back({needed - others});
            continue;
        }
        const std::vector<std::int64_t>& row = question.forecast.rows_w[slot];
        const std::int64_t middle = row[*anchor];
        const std::int64_t base = needed > 0 ? needed : std::min<std::int64_t>(0, middle - limit_w);
        std::vector<std::int64_t>& over = out.over_w.emplace_back();
        for (const std::int64_t load : row) {
            over.push_back(base + load - middle - others);
        }
    }
    if (anchor) {
        out.source =
            fmt::format("the forecast's spread, laid so that its {:g} % quantile needs what was raised",
                        static_cast<double>(out.quantiles_ppm[*anchor]) / 1e4);
    } else {
        out.quantiles_ppm = {whole_ppm / 2};
        out.source = "the need is taken as it is: no forecast tells how the load may differ";
    }
    out.standing = std::move(question.standing);
    return out;
}

std::vector<flex::StandingRelief> standing_relief(const EventRecord& record, const risk::PeriodPower& left,
                                                  const std::map<std::string, std::int64_t>& claimed_ppm,
                                                  const std::vector<const EventRecord*>& events) {
    std::vector<flex::StandingRelief> out;
    std::vector<flex::Offer> offers;
    std::vector<bool> is_seen;
    for (const Assignment& assignment : record.assignments) {
        if (!is_live(assignment)) {
            continue;
        }
        const auto claimed = claimed_ppm.find(assignment.provider + "/" + assignment.offer);
        flex::StandingRelief each{
            .der_id = assignment.der,
            .reliability_ppm = claimed == claimed_ppm.end() ? whole_ppm : claimed->second};
        is_seen.push_back(assignment.state == "following");
        for (std::size_t slot = 0; slot < left.w.size(); ++slot) {
            const UtcTime at = left.start + period_length * static_cast<std::int64_t>(slot);
            each.relief_w.push_back(assignment.power_w.at(at) * assignment.relief_ppm / whole_ppm);
        }
        flex::Offer offer;
        offer.der = each.der_id;
        offer.reliability_ppm = each.reliability_ppm;
        offers.push_back(std::move(offer));
        out.push_back(std::move(each));
    }
    for (const flex::LearntResponse& learnt : responses_of(events, offers)) {
        for (flex::StandingRelief& each : out) {
            each.reliability_ppm =
                each.der_id == learnt.der_id ? learnt.reliability_ppm : each.reliability_ppm;
        }
    }
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i].reliability_ppm = is_seen[i] ? whole_ppm : out[i].reliability_ppm;
    }
    return out;
}

}  // namespace headroom::agents
