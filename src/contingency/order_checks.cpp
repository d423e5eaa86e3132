#include "contingency/order_checks.hpp"

#include "contingency/transfer.hpp"
#include "dispatch/guard/guard.hpp"

#include <algorithm>
#include <string>

namespace headroom::contingency {
namespace {

constexpr std::size_t ders_told_max = 20;
/// How long a setpoint stands before it is renewed, as in the orchestration's default.
constexpr minutes setpoint_validity{15};

/// Whether a source gives on the slot's phase.
bool gives(const FlexSource& source, const ReliefSlot& slot) {
    return source.notice_minutes <= notice_minutes_max &&
           (slot.phase == phase_sum || source.phase == slot.phase || source.phase == phase_sum);
}

dispatch::guard::GuardQuestion question_for(const ShelfNetwork& network, const ShelfState& state,
                                            std::size_t feeder, const FlexSource& source, UtcTime from) {
    const ShelfNetwork::Element& place = network.elements()[feeder];
    const grid::StateEntry& entry = state.elements[feeder].state;
    dispatch::guard::GuardQuestion question;
    question.instruction.der = source.der;
    question.instruction.kind = dispatch::InstructionKind::limit_import;
    question.instruction.change = source.power;
    question.instruction.start = from;
    question.instruction.expires = from + std::min<milliseconds>(setpoint_validity, state.guard.expiry_max);
    question.feeder = place.id;
    question.substation = place.parent == ShelfNetwork::none ? "" : network.elements()[place.parent].id;
    question.feeder_state = grid::to_string(entry.state);
    question.feeder_held = entry.held_by_engineer;
    question.stop_all = false;  // those have been left out by `slots_of`
    question.der_power_max = source.power;
    question.now = state.now;
    return question;
}

}  // namespace

const PhaseLimits* limit_for(const ShelfNetwork& network, std::size_t feeder, std::size_t phase) {
    const std::array<PhaseLimits, phase_count>& limits = network.elements()[feeder].limits;
    if (limits[phase].binding_w > 0) {
        return &limits[phase];
    }
    if (limits[phase_sum].binding_w > 0) {
        return &limits[phase_sum];
    }
    const auto any = std::find_if(limits.begin(), limits.end(),
                                  [](const PhaseLimits& limit) { return limit.binding_w > 0; });
    return any == limits.end() ? nullptr : &*any;
}

void check_order(const ShelfNetwork& network, const ShelfState& state, const ReliefSlot& slot,
                 ShelfOrder& order) {
    const PhaseLimits* limit = limit_for(network, slot.feeder, slot.phase);
    const std::int64_t wanted = order.peak_w();
    grid::AuthorityQuestion question;
    question.feeder = order.feeder;
    question.limit_kind = limit == nullptr ? grid::LimitKind::continuous : limit->binding_kind;
    question.limit_verified = limit != nullptr && limit->is_verified;
    question.product = !order.event.empty() || period_after(state, order.from_minutes) > 0 ? "armed" : "spot";
    question.power = Watts{wanted};
    question.at = state.now;
    question.state = state.elements[slot.feeder].state;
    question.data_fresh = state.elements[slot.feeder].stale.empty();
    question.data_detail = state.elements[slot.feeder].stale;
    order.is_limit_verified = question.limit_verified;
    if (slot.armed == nullptr) {
        const UtcTime from = state.now + minutes{order.from_minutes};
        std::int64_t given = 0;
        for (const FlexSource& source : state.elements[slot.feeder].flex) {
            if (given >= wanted) {
                break;
            }
            if (!gives(source, slot)) {
                continue;
            }
            const bool is_third = slot.phase != phase_sum && source.phase == phase_sum;
            dispatch::guard::GuardQuestion check = question_for(network, state, slot.feeder, source, from);
            check.instruction.change =
                Watts{std::min(source.power.value, (wanted - given) * (is_third ? 3 : 1))};
            check.event_power_sent = Watts{given};
            check.feeder_power_last_minute = Watts{given};
            check.substation_power_last_minute = Watts{given};
            const dispatch::guard::GuardAnswer answer = dispatch::guard::check(state.guard, check);
            if (!answer.allowed) {
                if (order.guard_reason.empty()) {
                    order.guard_reason = answer.detail;
                    order.guard = answer.rule;
                }
                continue;
            }
            given += is_third ? source.power.value / 3 : source.power.value;
            order.ders_count += 1;
            if (order.ders.size() < ders_told_max) {
                order.ders.push_back(source.der);
            }
            question.der_classes.push_back(source.der_class);
        }
        if (given >= wanted) {
            order.guard = "pass";  // without those that it would refuse
        }
    }
    const grid::AuthorityAnswer answer =
        grid::authorise(state.authority, state.envelopes, network.network(), question);
    order.authority = grid::to_string(answer.level);
    order.authority_reason = answer.reason;
}

void check_together(const ShelfState& state, std::vector<ShelfOrder>& orders) {
    std::int64_t begun = 0;
    for (ShelfOrder& order : orders) {
        if (!order.event.empty()) {
            continue;  // its contracts were checked when they were made, and are again when they are fired
        }
        begun += order.ders_count;
        if (begun > state.guard.simultaneous_starts_max && order.guard == "pass") {
            order.guard = "simultaneous_starts";
            order.guard_reason = std::to_string(begun) + " instructions would begin together, more than " +
                                 std::to_string(state.guard.simultaneous_starts_max);
        }
    }
}

}  // namespace headroom::contingency
