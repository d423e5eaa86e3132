// What one plan of an event is for, what it leaves open and what it runs into, from the log's entries.
#include "core/random.hpp"
#include "desk/amounts.hpp"
#include "desk/event_detail.hpp"
#include "desk/event_plan_notes.hpp"
#include "desk/plan_fan.hpp"
#include "forecast/load_forecast.hpp"
#include "risk/assess.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace headroom::desk {
namespace {

using Entries = std::vector<std::shared_ptr<const EvidenceEntry>>;

constexpr std::int64_t context_slots = 4;  // half-hours shown before and after the window

Error corrupt(const audit::Entry& entry, const std::string& what) {
    return Error{Errc::corrupt, "entry " + std::to_string(entry.seq) + ": " + what};
}

Result<const audit::Entry*> entry_of_round(const Entries& entries, const agents::EventRecord& record,
                                           std::int64_t round) {
    for (const std::shared_ptr<const EvidenceEntry>& evidence : entries) {
        const audit::Entry& entry = evidence->entry;
        if (entry.type == "dispatch.plan" && entry.corr == record.id().value &&
            json::Value(entry.body).integer("/round") == round) {
            return &entry;
        }
    }
    return Error{Errc::not_found, "event " + record.id().value + " has no plan " + std::to_string(round)};
}

/// What the overload was judged from; nothing when a person asked for relief.
Result<std::optional<risk::RiskInput>> judged_from(const Entries& entries, std::string& method) {
    for (const std::shared_ptr<const EvidenceEntry>& evidence : entries) {
        const json::Value body(evidence->entry.body);
        const json::Value* kept = body.get("input");
        if (evidence->entry.type != "constraint.raised" || kept == nullptr ||
            body.text("/decision") != "risk.raise") {
            continue;
        }
        Result<risk::RiskInput> input = risk::risk_input_from_json(*kept);
        if (!input) {
            return corrupt(evidence->entry, input.error().message);
        }
        method = body.text("/forecast_method");
        return std::optional<risk::RiskInput>(std::move(*input));
    }
    return std::optional<risk::RiskInput>();
}

/// The forecast as the plan saw it: in the limit's direction, around the window, and laid so that the
/// window's half-hours need what the plan was asked to cover. That takes off what earlier rounds bought, and,
/// of a live overload, lays the shape through the reading.
struct Laid {
    UtcTime start{};
    std::vector<std::vector<std::int64_t>> rows_w;
    std::vector<bool> in_window;
    bool is_export = false;
};

std::vector<std::int64_t> directed(const std::vector<std::int64_t>& row, bool is_export) {
    std::vector<std::int64_t> out = row;
    if (is_export) {
        std::reverse(out.begin(), out.end());
        for (std::int64_t& load : out) {
            load = -load;
        }
    }
    return out;
}

std::size_t anchor_of(const risk::RiskInput& input, risk::Cause cause) {
    const double wanted =
        cause == risk::Cause::live ? 0.5 : static_cast<double>(input.rules.alarm_quantile_ppm) / 1e6;
    const auto& at = forecast::quantiles;
    return static_cast<std::size_t>(
        std::distance(at.begin(), std::lower_bound(at.begin(), std::prev(at.end()), wanted - 1e-9)));
}

Laid lay(const risk::RiskInput& input, const risk::Overload& overload, const flex::FlexPlan& plan,
         std::int64_t round) {
    Laid out{.is_export = overload.limit.direction == grid::Direction::export_};
    const std::size_t anchor = anchor_of(input, overload.cause);
    const bool is_shifted =
        overload.cause == risk::Cause::live || (overload.cause == risk::Cause::forecast && round > 1);
    const UtcTime from = plan.need_w.start - period_length * context_slots;
    const UtcTime until = plan.need_w.end() + period_length * context_slots;
    std::int64_t shift = 0;
    for (std::size_t i = 0; i < input.forecast_w.size(); ++i) {
        const UtcTime at = input.forecast_start + period_length * static_cast<std::int64_t>(i);
        if (at < from || at >= until) {
            continue;
        }
        std::vector<std::int64_t> row = directed(input.forecast_w[i], out.is_export);
        const bool is_in = at >= plan.need_w.start && at < plan.need_w.end();
        const std::int64_t need = plan.need_w.at(at);
        if (is_in && is_shifted && row.size() > anchor) {
            const std::int64_t expected = input.limit_w + need;
            shift = need > 0 ? expected - row[anchor] : std::min<std::int64_t>(0, expected - row[anchor]);
        } else if (overload.cause != risk::Cause::live) {
            shift = 0;
        }
        for (std::int64_t& load : row) {
            load += shift;
        }
        if (out.rows_w.empty()) {
            out.start = at;
        }
        out.rows_w.push_back(std::move(row));
        out.in_window.push_back(is_in);
    }
    const auto seen = std::count(out.in_window.begin(), out.in_window.end(), true);
    if (!std::cmp_equal(seen, plan.need_w.values.size())) {
        return Laid{.is_export = out.is_export};  // the forecast does not reach over the window
    }
    return out;
}

FanInput fan_input(const Laid& laid, const risk::Overload& overload, const flex::FlexPlan& plan,
                   std::int64_t limit_w) {
    FanInput out{.quantiles = {forecast::quantiles.begin(), forecast::quantiles.end()},
                 .rows_w = laid.rows_w,
                 .limit_w = limit_w,
                 .in_window = laid.in_window,
                 .seed = Random::key(plan.event.value)};
    const UtcTime start = laid.rows_w.empty() ? plan.need_w.start : laid.start;
    const std::size_t slots = laid.rows_w.empty() ? plan.need_w.values.size() : laid.rows_w.size();
    const auto time_of = [start](std::size_t slot) {
        return start + period_length * static_cast<std::int64_t>(slot);
    };
    for (std::size_t slot = 0; slot < slots; ++slot) {
        out.need_w.push_back(plan.need_w.at(time_of(slot)));
    }
    for (const flex::PlanLine& line : plan.lines) {
        const std::int64_t share = flex::relief_ppm(line.offer.phase, overload.limit.phase);
        FanInput::Action action{.reliability = static_cast<double>(line.offer.reliability_ppm) / 1e6};
        for (std::size_t slot = 0; slot < slots; ++slot) {
            action.relief_w.push_back(line.power_w.at(time_of(slot)) * share / 1'000'000);
        }
        out.actions.push_back(std::move(action));
    }
    return out;
}

std::vector<std::vector<double>> shown(const std::vector<std::vector<std::int64_t>>& rows, bool is_export) {
    std::vector<std::vector<double>> out;
    for (const std::vector<std::int64_t>& row : rows) {
        std::vector<double>& kw = out.emplace_back();
        for (const std::int64_t load : directed(row, is_export)) {
            kw.push_back(kw_of(load));
        }
    }
    return out;
}

void add_risk(const Laid& laid, const FanInput& input, std::string method, PlanDetailAnswer& out) {
    const Fan fan = make_fan(input);
    out.residual.certainty = fan.certainty;
    if (laid.rows_w.empty()) {
        out.residual.note = "No forecast reaches over the window: only whether enough is delivered is known.";
        return;
    }
    out.residual.note =
        "Load and deliveries drawn together; each resource delivers all or nothing by its reliability.";
    out.residual.probability_without = fan.probability_without;
    out.residual.probability_with = fan.probability_with;
    out.residual.expected_over_without_kwh = fan.expected_over_without_wh / 1000.0;
    out.residual.expected_over_with_kwh = fan.expected_over_with_wh / 1000.0;
    out.fan = PlanFanAnswer{.start = laid.start,
                            .step_s = std::chrono::duration_cast<seconds>(period_length).count(),
                            .quantiles = input.quantiles,
                            .without_kw = shown(input.rows_w, laid.is_export),
                            .with_kw = shown(fan.with_w, laid.is_export),
                            .limit_kw = kw_of(laid.is_export ? -input.limit_w : input.limit_w),
                            .method = std::move(method)};
}

PlanConstraintAnswer constraint_of(const risk::Overload& overload, const flex::FlexPlan& plan) {
    std::int64_t need = 0;
    std::int64_t peak = 0;
    std::int64_t open = 0;
    for (std::size_t slot = 0; slot < plan.need_w.values.size(); ++slot) {
        need += plan.need_w.values[slot];
        peak = std::max(peak, plan.need_w.values[slot]);
        open +=
            std::max<std::int64_t>(0, plan.need_w.values[slot] - plan.relief_w.at(plan.need_w.time_of(slot)));
    }
    return {.feeder_id = overload.feeder,
            .phase = std::string(grid::to_string(overload.limit.phase)),
            .limit = to_answer(overload.limit),
            .cause = std::string(risk::to_string(overload.cause)),
            .level = std::string(risk::to_string(overload.level)),
            .start = plan.need_w.start,
            .end = plan.need_w.end(),
            .peak_over_kw = kw_of(peak),
            .energy_over_kwh = kwh_of(energy_of(Watts{need}, period_length).value),
            .probability = static_cast<double>(overload.probability_ppm) / 1e6,
            .time_to_limit_s = static_cast<double>(overload.time_to_limit.count()) / 1000.0,
            .covered_share = need == 0 ? 1.0 : 1.0 - static_cast<double>(open) / static_cast<double>(need)};
}

void add_open_slots(const flex::FlexPlan& plan, PlanDetailAnswer& out) {
    std::int64_t least = 0;
    std::optional<UtcTime> tightest;
    for (std::size_t slot = 0; slot < plan.need_w.values.size(); ++slot) {
        const UtcTime at = plan.need_w.time_of(slot);
        const std::int64_t need = plan.need_w.values[slot];
        const std::int64_t spare = plan.relief_w.at(at) - need;
        out.shortfall.push_back({.start = at, .kw = kw_of(std::max<std::int64_t>(0, -spare))});
        if (spare < 0) {
            out.binding.push_back(
                {.limit = "supply",
                 .subject = format_utc(at),
                 .detail =
                     fmt::format("{:.1f} of {:.1f} kW stay uncovered: nothing more is on offer that may "
                                 "be used, or none worth its price",
                                 kw_of(-spare), kw_of(need))});
            out.would_help.push_back(
                fmt::format("{:.1f} kW more at {}", kw_of(-spare), format_utc(at).substr(11, 5) + " UTC"));
        } else if (need > 0 && (!tightest || spare < least)) {
            tightest = at;
            least = spare;
        }
    }
    if (tightest) {
        out.binding.push_back({.limit = "need",
                               .subject = format_utc(*tightest),
                               .detail = fmt::format("the half-hour with least to spare: {:.1f} kW above the "
                                                     "need",
                                                     kw_of(least))});
    }
}

void add_binding(const flex::FlexPlan& plan, std::int64_t cost_max, PlanDetailAnswer& out) {
    for (const flex::PlanLine& line : plan.lines) {
        const auto full =
            std::count(line.power_w.values.begin(), line.power_w.values.end(), line.offer.power.value);
        if (full > 0) {
            out.binding.push_back(
                {.limit = "power",
                 .subject = line.offer.der,
                 .detail = fmt::format("gives all its {:.1f} kW in {} half-hour{}", kw_of(line.offer.power),
                                       full, full == 1 ? "" : "s")});
        }
        if (line.offer.energy.value > 0 && line.energy >= line.offer.energy) {
            out.binding.push_back(
                {.limit = "energy",
                 .subject = line.offer.der,
                 .detail = fmt::format("gives all its {:.1f} kWh", kwh_of(line.offer.energy.value))});
        }
    }
    if (cost_max > 0 && plan.cost.value >= cost_max - cost_max / 100) {
        out.binding.push_back(
            {.limit = "cost",
             .subject = plan.event.value,
             .detail = fmt::format("the rules let {:.2f} GBP be spent on one event", gbp_of(cost_max))});
    }
}

}  // namespace

Result<PlanDetailAnswer> make_plan_detail(const Entries& entries, const agents::EventRecord& record,
                                          std::int64_t round) {
    const Result<const audit::Entry*> entry = entry_of_round(entries, record, round);
    if (!entry) {
        return entry.error();
    }
    const json::Value body((*entry)->body);
    const json::Value* kept = body.get("plan");
    const Result<flex::FlexPlan> plan = kept != nullptr ? flex::flex_plan_from_json(*kept)
                                                        : Result<flex::FlexPlan>(corrupt(**entry, "no plan"));
    if (!plan) {
        return corrupt(**entry, plan.error().message);
    }
    std::string method;
    const Result<std::optional<risk::RiskInput>> judged = judged_from(entries, method);
    if (!judged) {
        return judged.error();
    }
    PlanDetailAnswer out;
    out.constraints.push_back(constraint_of(record.overload, *plan));
    out.residual.shortfall_kw = kw_of(plan->shortfall_peak);
    const Laid laid = *judged ? lay(**judged, record.overload, *plan, round) : Laid{};
    const std::int64_t limit_w = *judged ? (*judged)->limit_w : 0;
    add_risk(laid, fan_input(laid, record.overload, *plan, limit_w), std::move(method), out);
    add_open_slots(*plan, out);
    add_binding(*plan, body.integer("/cost_max_micro_gbp"), out);
    add_notes(body, out);
    out.carbon_kg = carbon_kg_of(body, plan->chosen);
    if (plan->bound && plan->bound->value > 0 && plan->shortfall_peak.value == 0) {
        out.gap_percent = 100.0 * static_cast<double>(plan->cost.value - plan->bound->value) /
                          static_cast<double>(plan->bound->value);
    }
    return out;
}

}  // namespace headroom::desk
