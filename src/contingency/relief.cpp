#include "contingency/relief.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace headroom::contingency {
namespace {

bool is_limited_by_phase(const ShelfNetwork::Element& element) {
    return std::any_of(element.limits.begin(), element.limits.begin() + phase_sum,
                       [](const PhaseLimits& limit) { return limit.binding_w > 0; });
}

bool is_usable(const ShelfState& state, const FlexSource& source) {
    const std::vector<std::string>& kept = state.guard.protected_ders;
    return source.notice_minutes <= notice_minutes_max && source.power.value > 0 &&
           std::find(kept.begin(), kept.end(), source.der) == kept.end();
}

}  // namespace

std::string why_not_asked(const ShelfNetwork& network, const ShelfState& state, std::size_t feeder) {
    for (std::size_t at = feeder; at != ShelfNetwork::none; at = network.elements()[at].parent) {
        const std::string id(network.elements()[at].id);
        const grid::StateEntry& entry = state.elements[at].state;
        if (entry.held_by_engineer) {
            return id + " is in a control engineer's hands";
        }
        if (entry.state != grid::OperationalState::normal) {
            return id + " is " + std::string(grid::to_string(entry.state));
        }
        if (std::find(state.stopped_areas.begin(), state.stopped_areas.end(), id) !=
            state.stopped_areas.end()) {
            return "everything is stopped for " + id;
        }
    }
    const bool is_all_stopped =
        std::find(state.stopped_areas.begin(), state.stopped_areas.end(), "") != state.stopped_areas.end();
    return is_all_stopped ? "everything is stopped" : "";
}

std::vector<ReliefSlot> slots_of(const ShelfNetwork& network, const ShelfState& state, std::size_t feeder) {
    const ElementState& own = state.elements[feeder];
    std::vector<ReliefSlot> slots;
    if ((own.flex.empty() && own.armed.empty()) || !why_not_asked(network, state, feeder).empty()) {
        return slots;
    }
    for (const ArmedRelief& armed : own.armed) {
        if (armed.notice_minutes <= notice_minutes_max) {
            slots.push_back({feeder, armed.phase, &armed, armed.relief_w, armed.notice_minutes});
        }
    }
    const bool by_phase = is_limited_by_phase(network.elements()[feeder]);
    std::array<std::int64_t, phase_count> power{};
    std::array<std::int64_t, phase_count> notice{};
    for (const FlexSource& source : own.flex) {
        if (!is_usable(state, source)) {
            continue;
        }
        for (std::size_t phase = 0; phase < phase_count; ++phase) {
            const bool is_there =
                by_phase ? phase != phase_sum && (source.phase == phase || source.phase == phase_sum)
                         : phase == phase_sum;
            if (is_there) {
                const bool is_third = by_phase && source.phase == phase_sum;
                power[phase] += is_third ? source.power.value / 3 : source.power.value;
                notice[phase] = std::max(notice[phase], source.notice_minutes);
            }
        }
    }
    // What may change on a feeder within a minute is the guard's to say, whatever the devices could do.
    std::int64_t left = state.guard.power_per_feeder_minute_max.value;
    for (std::size_t phase = 0; phase < phase_count; ++phase) {
        if (power[phase] <= 0) {
            continue;
        }
        ReliefSlot slot{feeder, phase, nullptr, {}, notice[phase]};
        slot.free_w.fill(std::min(power[phase], by_phase ? left / 3 : left));
        slots.push_back(slot);
    }
    return slots;
}

ReliefTotals relief_totals(const ShelfNetwork& network, const ShelfState& state) {
    const std::size_t count = network.elements().size();
    ReliefTotals totals{std::vector<PhaseWatts>(count), std::vector<std::int64_t>(count, 0),
                        std::vector<std::int64_t>(count, 0)};
    const std::vector<std::size_t>& walk = network.walk();
    for (std::size_t place = walk.size(); place-- > 0;) {
        const std::size_t at = walk[place];
        for (const ReliefSlot& slot : slots_of(network, state, at)) {
            for (std::size_t phase = 0; phase < phase_count; ++phase) {
                if (!counts_on(slot, phase)) {
                    continue;
                }
                for (std::size_t t = 0; t < shelf_periods; ++t) {
                    totals.below_w[at][phase][t] += slot.free_w[t] / parts_on(slot, phase);
                }
            }
            totals.notice_minutes[at] = std::max(totals.notice_minutes[at], slot.notice_minutes);
            totals.sources[at] += 1;
        }
        const std::size_t parent = network.elements()[at].parent;
        if (parent == ShelfNetwork::none || totals.sources[at] == 0) {
            continue;
        }
        for (std::size_t phase = 0; phase < phase_count; ++phase) {
            for (std::size_t t = 0; t < shelf_periods; ++t) {
                totals.below_w[parent][phase][t] += totals.below_w[at][phase][t];
            }
        }
        totals.notice_minutes[parent] = std::max(totals.notice_minutes[parent], totals.notice_minutes[at]);
        totals.sources[parent] += totals.sources[at];
    }
    return totals;
}

}  // namespace headroom::contingency
