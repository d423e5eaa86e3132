#include "desk/feeds.hpp"

#include "flex/rules_use.hpp"
#include "forecast/live_covariates.hpp"

#include <algorithm>
#include <utility>

namespace headroom::desk {
namespace {

/// What is measured is published some half-hours later; anything else is told of the half-hour itself.
milliseconds shown_back(std::string_view name) {
    const std::optional<std::size_t> column = forecast::live_column(name);
    const bool is_measured =
        column && forecast::live_columns[*column].knowledge == forecast::Knowledge::measured;
    return is_measured ? hours{3} : milliseconds{0};
}

double seconds_between(UtcTime from, UtcTime to) {
    return std::max(0.0, static_cast<double>((to - from).count()) / 1000.0);
}

std::string state_of(const agents::FeedStanding& standing) {
    if (!standing.asked) {
        return "waiting";
    }
    if (standing.fault.empty()) {
        return standing.answered ? "ok" : "waiting";
    }
    return standing.answered ? "old" : "down";
}

FeedAnswer answer_of(const agents::FeedStanding& standing, UtcTime wall) {
    FeedAnswer out{.id = standing.id,
                   .state = state_of(standing),
                   .reaches = standing.reaches,
                   .source = standing.source,
                   .url = standing.url,
                   .licence = standing.licence,
                   .asked_at = standing.asked,
                   .answered_at = standing.answered,
                   .records = standing.records,
                   .effects = standing.effects,
                   .quarantined = standing.quarantined,
                   .fault = standing.fault};
    if (standing.answered) {
        out.age_s = seconds_between(*standing.answered, wall);
    }
    for (const feeds::RowFault& fault : standing.not_believed) {
        out.not_believed.push_back({.pointer = fault.pointer, .why = fault.why});
    }
    return out;
}

}  // namespace

std::string carbon_source_text(const std::optional<agents::FeedFigure>& figure) {
    return figure ? agents::carbon_source_text(*figure) : std::string();
}

void Feeds::add_off(std::string id, std::string reaches, std::string why) {
    off_.push_back({std::move(id), std::move(reaches), std::move(why)});
}

FeedsAnswer Feeds::answer(UtcTime wall, UtcTime domain) const {
    FeedsAnswer out{.as_of = wall, .live = is_live_, .why_not = {}};
    if (!is_live_) {
        out.why_not = "Forecasts and plans are made without them. Remedy: set feeds.live = true.";
    }
    for (const Standing& standing : standings_) {
        for (const agents::FeedStanding& one : standing()) {
            out.feeds.push_back(answer_of(one, wall));
        }
    }
    for (const Off& off : off_) {
        out.feeds.push_back({.id = off.id, .state = "off", .reaches = off.reaches, .fault = off.why});
    }
    const std::shared_ptr<const agents::FeedTable> table = board_->table();
    for (const auto& [name, series] : table->series()) {
        if (const auto newest = table->newest(name, domain, shown_back(name))) {
            const auto& [half_hour, figure] = *newest;
            out.values.push_back({.name = name,
                                  .value = figure.value,
                                  .half_hour = half_hour,
                                  .source = figure.source,
                                  .url = figure.url,
                                  .licence = figure.licence,
                                  .fetched_at = figure.fetched,
                                  .age_s = seconds_between(figure.fetched, wall),
                                  .stale_because = figure.stale_because});
        }
    }
    return out;
}

std::optional<agents::FeedFigure> Feeds::fill_carbon(flex::PlanRequest& request,
                                                     const flex::RuleBook* rules) const {
    const auto lacks = [rules](const flex::PlanDer& der) {
        return !der.carbon_g_per_kwh && (rules == nullptr || !flex::carbon_of(*rules, der.kind));
    };
    if (std::none_of(request.ders.begin(), request.ders.end(), lacks)) {
        return std::nullopt;
    }
    const auto slots = static_cast<std::int64_t>(request.need.required_kw.size());
    const UtcTime until = request.need.start + slots * minutes{request.need.step_minutes};
    std::optional<agents::FeedFigure> figure =
        board_->table()->mean(agents::carbon_series, request.need.start, until);
    if (!figure) {
        return std::nullopt;
    }
    for (flex::PlanDer& der : request.ders) {
        if (lacks(der)) {
            der.carbon_g_per_kwh = figure->value;
        }
    }
    return figure;
}

}  // namespace headroom::desk
