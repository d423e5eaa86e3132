#include "agents/contingency.hpp"

#include "agents/contingency_sweep.hpp"
#include "agents/event_steps.hpp"
#include "core/json_object.hpp"
#include "forecast/load_forecast.hpp"
#include "grid/season.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

namespace headroom::agents {
namespace {

using contingency::ShelfPlan;

/// Changes told in one entry of the log.
constexpr std::size_t changes_told_max = 50;

/// Position of the quantile in every forecast: the next that is carried.
std::size_t quantile_place(std::int64_t quantile_ppm) {
    for (std::size_t i = 0; i < forecast::quantile_count; ++i) {
        if (std::llround(forecast::quantiles[i] * 1e6) >= quantile_ppm) {
            return i;
        }
    }
    return forecast::quantile_count - 1;
}

UtcTime floor_to(UtcTime at, milliseconds step) {
    return at - at.time_since_epoch() % step;
}

std::string standing(const ShelfPlan& plan) {
    return !plan.is_energised || !plan.is_load_known
               ? std::string("none")
               : std::string(contingency::to_string(plan.cover)) + "/" + plan.mode;
}

}  // namespace

Contingency::Contingency(Parts parts, ContingencyOptions options)
    : parts_(std::move(parts)), options_(std::move(options)) {
    prepare();
    parts_.orchestration.on_state(
        [this](const std::string& element, const grid::StateEntry& before, const grid::StateEntry& after) {
            on_state(element, before, after);
        });
    parts_.journal.on_entry([this, alive = std::weak_ptr<bool>(is_alive_)](const audit::Entry& entry) {
        if (!alive.expired()) {
            on_entry(entry);
        }
    });
}

Contingency::~Contingency() = default;

void Contingency::prepare() {
    sweep_.reset();
    shelf_.reset();
    view_.reset();
    network_ =
        std::make_unique<contingency::ShelfNetwork>(parts_.network, grid::season_at(parts_.clock.now()));
    shelf_ = std::make_unique<contingency::Shelf>(*network_);
    view_ = std::make_unique<ContingencyView>(*network_, parts_.registry, parts_.monitor,
                                              quantile_place(options_.quantile_ppm));
    told_.assign(network_->elements().size(), {});
    as_of_.reset();
}

void Contingency::rebuild() {
    network_changed_at_ = parts_.clock.now();
    prepare();
}

void Contingency::set_weather(std::optional<std::int64_t> expected, std::optional<std::int64_t> low,
                              std::optional<std::int64_t> high) {
    weather_.outdoor_milli_c = expected;
    weather_.learnt_low_milli_c = low;
    weather_.learnt_high_milli_c = high;
}

void Contingency::tick() {
    if (sweep_ != nullptr) {
        return;
    }
    if (grid::season_at(parts_.clock.now()) != network_->season()) {
        prepare();
    }
    sweep_ = std::make_unique<Sweep>();
    contingency::ShelfState& state = sweep_->state;
    state.now = floor_to(parts_.clock.now(), options_.step);
    state.start = floor_period(state.now);
    state.quantile_ppm = options_.quantile_ppm;
    state.elements.resize(network_->elements().size());
    sweep_->has_own.assign(network_->elements().size(), false);
    state.authority = parts_.orchestration.options().authority;
    state.envelopes = parts_.orchestration.envelopes();
    state.stopped_areas = parts_.orchestration.stopped_areas();
    state.guard = options_.guard;
    state.guard.protected_ders.insert(state.guard.protected_ders.end(), options_.protected_ders.begin(),
                                      options_.protected_ders.end());
    state.conditions = weather_;
    state.conditions.network_changed_at = network_changed_at_;
    state.conditions.learnt_until = parts_.learnt_until ? parts_.learnt_until() : std::nullopt;
    collect_events();
    step_later();
}

/// Others have their turn between slices.
void Contingency::step_later() {
    asio::post(parts_.executor, [this, alive = std::weak_ptr<bool>(is_alive_)] {
        if (!alive.expired() && sweep_ != nullptr) {
            step();
        }
    });
}

void Contingency::step() {
    const SteadyTime begun = steady_now();
    const std::size_t count = network_->elements().size();
    if (!sweep_->has_begun) {
        for (std::size_t i = 0; i < options_.slice && sweep_->next < count; ++i, ++sweep_->next) {
            collect(sweep_->next);
        }
        if (sweep_->next == count) {
            begin_plans();
        }
    } else {
        sweep_->cost.planned += shelf_->advance(options_.slice);
    }
    const double took_ms = milliseconds_between(begun, steady_now());
    sweep_->cost.total_ms += took_ms;
    sweep_->cost.slice_ms_max = std::max(sweep_->cost.slice_ms_max, took_ms);
    if (sweep_->has_begun && shelf_->is_done()) {
        end_sweep();
    } else {
        step_later();
    }
}

/// DERs that open events use are promised; armed events can be fired.
void Contingency::collect_events() {
    parts_.orchestration.visit([this](const EventRecord& record) {
        if (is_over(record.state)) {
            return;
        }
        for (const Assignment& assignment : record.assignments) {
            if (is_live(assignment)) {
                sweep_->promised.insert(assignment.der);
            }
        }
        const grid::Limit& limit = record.overload.limit;
        const std::size_t element = network_->find(record.overload.feeder);
        if (record.state != EventState::armed || element == contingency::ShelfNetwork::none ||
            limit.direction != grid::Direction::import_ || limit.phase == grid::Phase::n) {
            return;
        }
        contingency::ArmedRelief armed;
        armed.event = record.id().value;
        armed.phase = contingency::phase_place(limit.phase);
        const std::vector<std::int64_t> relief = assigned_relief(record);
        for (std::size_t t = 0; t < contingency::shelf_periods && !relief.empty(); ++t) {
            const UtcTime at = sweep_->state.start + period_length * static_cast<std::int64_t>(t);
            // Fired ahead of its window it gives what its first half-hour promises (`begin_now`).
            const std::int64_t place =
                std::max<std::int64_t>(0, (at - record.overload.need.start) / period_length);
            armed.relief_w[t] = at < record.overload.end && place < static_cast<std::int64_t>(relief.size())
                                    ? relief[static_cast<std::size_t>(place)]
                                    : 0;
        }
        sweep_->state.elements[element].armed.push_back(std::move(armed));
    });
}

void Contingency::collect(std::size_t element) {
    contingency::ElementState& state = sweep_->state.elements[element];
    const std::string id(network_->elements()[element].id);
    if (std::optional<contingency::ElementLoad> load = view_->load(element, sweep_->state.start)) {
        state.load = *load;
        sweep_->has_own[element] = true;
    }
    state.over_band_w = view_->over_band_w(element);
    state.state = parts_.orchestration.states().of(id);
    if (network_->elements()[element].is_feeder) {
        sweep_->over_limit += view_->is_over_limit(element) ? 1 : 0;
        if (sweep_->has_own[element] && parts_.stale_reason) {
            state.stale = parts_.stale_reason(id).value_or("");
        }
        collect_flex(element);
    }
}

void Contingency::collect_flex(std::size_t element) {
    if (!options_.has_market) {
        return;
    }
    contingency::ElementState& state = sweep_->state.elements[element];
    for (const grid::Der* der : parts_.network.ders_on(network_->elements()[element].id)) {
        if (der->phase == grid::Phase::n || sweep_->promised.contains(der->id.value)) {
            continue;
        }
        const std::optional<double> now_kw = view_->der_kw(der->id.value);
        const std::int64_t power = lasting_power_w(*der, now_kw);
        if (power > 0) {
            state.flex.push_back({der->id.value, contingency::phase_place(der->phase), Watts{power},
                                  notice_minutes(*der), der->der_class});
        }
    }
    std::sort(state.flex.begin(), state.flex.end(), [](const auto& a, const auto& b) {
        return std::tuple(a.notice_minutes, -a.power.value, a.der) <
               std::tuple(b.notice_minutes, -b.power.value, b.der);
    });
}

void Contingency::begin_plans() {
    sweep_->has_begun = true;
    sweep_->state.conditions.feeders_over_limit = sweep_->over_limit;
    add_up_loads(*network_, sweep_->state, sweep_->has_own);
    shelf_->begin(std::move(sweep_->state));
}

void Contingency::end_sweep() {
    cost_ = sweep_->cost;
    as_of_ = shelf_->state().now;
    sweeps_ += 1;
    sweep_.reset();
    note_changes();
}

/// What became covered or uncovered, or needs a person now: one entry for the whole sweep.
void Contingency::note_changes() {
    json::Array changes;
    std::int64_t changed = 0;
    std::int64_t uncovered = 0;
    std::int64_t partly = 0;
    for (std::size_t i = 0; i < told_.size(); ++i) {
        const ShelfPlan& plan = shelf_->plans()[i];
        const std::string now = standing(plan);
        uncovered += plan.is_load_known && plan.is_energised && plan.cover == contingency::Cover::uncovered;
        partly += plan.is_load_known && plan.is_energised && plan.cover == contingency::Cover::partly;
        if (told_[i] == now) {
            continue;
        }
        changed += 1;
        if (changes.size() < changes_told_max) {
            changes.push_back(json::object({{"element", plan.element},
                                            {"before", told_[i]},
                                            {"after", now},
                                            {"plan_sha256", contingency::plan_sha256(plan)}}));
        }
        told_[i] = now;
    }
    if (changed == 0) {
        return;
    }
    parts_.journal.note({.type = "shelf.plan",
                         .actor = system_actor(),
                         .body = json::object({{"at", format_utc(*as_of_)},
                                               {"elements", static_cast<std::int64_t>(told_.size())},
                                               {"uncovered", uncovered},
                                               {"partly", partly},
                                               {"changed", changed},
                                               {"changes", std::move(changes)}})});
}

const ShelfUse* Contingency::use_of(std::string_view element) const {
    const auto found = std::find_if(uses_.rbegin(), uses_.rend(),
                                    [&](const ShelfUse& use) { return use.element == element; });
    return found == uses_.rend() ? nullptr : &*found;
}

AgentStatus Contingency::status() const {
    std::int64_t uncovered = 0;
    for (const ShelfPlan& plan : shelf_->plans()) {
        uncovered += plan.is_load_known && plan.is_energised && plan.cover == contingency::Cover::uncovered;
    }
    return {.name = "contingency",
            .status = as_of_ ? "active" : "initializing",
            .last_updated = as_of_.value_or(UtcTime{}),
            .metrics = json::object({{"elements", static_cast<std::int64_t>(told_.size())},
                                     {"uncovered", uncovered},
                                     {"used", static_cast<std::int64_t>(uses_.size())},
                                     {"sweeps", static_cast<std::int64_t>(sweeps_)}})};
}

}  // namespace headroom::agents
