#include "agents/event_steps.hpp"

#include "core/units.hpp"

#include <algorithm>
#include <map>

namespace headroom::agents {
namespace {

/// Windows so far apart are no business of each other's, even if the earlier one grows.
constexpr milliseconds apart_enough{hours{12}};

bool wants_turn_up(const EventRecord& record) {
    return record.overload.limit.direction == grid::Direction::export_;
}

}  // namespace

bool is_live(const Assignment& assignment) {
    return assignment.state != "silent" && assignment.state != "refused" && assignment.state != "released";
}

std::vector<std::int64_t> assigned_relief(const EventRecord& record) {
    const risk::PeriodPower& need = record.overload.need;
    std::vector<std::int64_t> relief(need.w.size(), 0);
    for (const Assignment& assignment : record.assignments) {
        if (!is_live(assignment)) {
            continue;
        }
        for (std::size_t slot = 0; slot < relief.size(); ++slot) {
            const UtcTime at = need.start + period_length * static_cast<std::int64_t>(slot);
            relief[slot] += assignment.power_w.at(at) * assignment.relief_ppm / whole_ppm;
        }
    }
    return relief;
}

std::vector<std::int64_t> committed_relief(const EventRecord& record) {
    std::vector<std::int64_t> relief = assigned_relief(record);
    const risk::PeriodPower& need = record.overload.need;
    for (std::size_t slot = 0; slot < relief.size(); ++slot) {
        relief[slot] +=
            record.relief_of_others_w.at(need.start + period_length * static_cast<std::int64_t>(slot));
    }
    return relief;
}

bool is_same_branch(const EventRecord& a, const EventRecord& b, const grid::Network& network) {
    return network.is_supplied_by(a.overload.feeder, b.overload.feeder) ||
           network.is_supplied_by(b.overload.feeder, a.overload.feeder);
}

flex::IntervalGrid relief_of_others(const EventRecord& record, const std::vector<const EventRecord*>& others,
                                    const grid::Network& network) {
    flex::IntervalGrid relief;
    const risk::PeriodPower& need = record.overload.need;
    // A live need was measured with the others' relief in the load already.
    if (record.overload.cause != risk::Cause::forecast) {
        return relief;
    }
    for (const EventRecord* other : others) {
        if (is_over(other->state) || wants_turn_up(*other) != wants_turn_up(record) ||
            !is_same_branch(record, *other, network)) {
            continue;
        }
        for (const Assignment& assignment : other->assignments) {
            const grid::Der* der = network.der(assignment.der);
            const bool is_there =
                der != nullptr && (der->feeder.value == record.overload.feeder ||
                                   network.is_supplied_by(der->feeder.value, record.overload.feeder));
            if (!is_there || !is_live(assignment)) {
                continue;
            }
            if (relief.values.empty()) {
                relief = {need.start, period_length, std::vector<std::int64_t>(need.w.size(), 0)};
            }
            const std::int64_t share = flex::relief_ppm(der->phase, record.overload.limit.phase);
            for (std::size_t slot = 0; slot < relief.values.size(); ++slot) {
                relief.values[slot] += assignment.power_w.at(relief.time_of(slot)) * share / whole_ppm;
            }
        }
    }
    return relief;
}

std::set<std::string> ders_of_others(const EventRecord& record, const std::vector<const EventRecord*>& others,
                                     const grid::Network& network) {
    std::set<std::string> ders;
    for (const EventRecord* other : others) {
        // Windows of different days do not meet: the DER follows one setpoint after the other.
        const bool is_apart = other->overload.end + apart_enough <= record.overload.start ||
                              record.overload.end + apart_enough <= other->overload.start;
        if (is_over(other->state) || is_apart || !is_same_branch(record, *other, network)) {
            continue;
        }
        for (const Assignment& assignment : other->assignments) {
            ders.insert(assignment.der);
        }
    }
    return ders;
}

risk::Overload residual(const EventRecord& record, UtcTime now) {
    risk::Overload left = record.overload;
    const std::vector<std::int64_t> relief = committed_relief(record);
    std::size_t first = 0;
    while (first < left.need.w.size() &&
           left.need.start + period_length * static_cast<std::int64_t>(first + 1) <= now) {
        ++first;
    }
    risk::PeriodPower need;
    need.start = left.need.start + period_length * static_cast<std::int64_t>(first);
    for (std::size_t slot = first; slot < left.need.w.size(); ++slot) {
        need.w.push_back(std::max<std::int64_t>(0, left.need.w[slot] - relief[slot]));
    }
    left.start = std::max(left.start, need.start);
    left.need = std::move(need);
    return left;
}

MeasuredWindow measured_window(
    const risk::Overload& overload,
    const std::function<std::optional<double>(const risk::Overload&, UtcTime period)>& mean_kw) {
    // A mean so close above a limit is within the accuracy of a class 0.5 meter.
    constexpr double meter_tolerance = 1.005;
    const bool up = overload.limit.direction == grid::Direction::export_;
    const double limit_kw = overload.limit.value;
    MeasuredWindow out;
    for (UtcTime period = floor_period(overload.start); period < overload.end; period += period_length) {
        const std::optional<double> mean = mean_kw(overload, period);
        out.half_hours += 1;
        if (!mean) {
            out.unknown += 1;
        } else if (const double load_kw = up ? -*mean : *mean; load_kw > limit_kw * meter_tolerance) {
            out.excess = std::max(out.excess, to_watts(Kilowatts{load_kw - limit_kw}));
        }
    }
    return out;
}

Watts uncovered(const EventRecord& record, UtcTime now) {
    const risk::Overload left = residual(record, now);
    std::int64_t largest = 0;
    for (const std::int64_t need : left.need.w) {
        largest = std::max(largest, need);
    }
    return Watts{largest};
}

std::vector<flex::Contract> contracts_for(const flex::FlexPlan& plan, const EventRecord& record,
                                          flex::ContractKind kind) {
    std::map<std::string, flex::Contract> by_provider;
    for (const flex::PlanLine& line : plan.lines) {
        flex::Contract& contract = by_provider[line.offer.provider];
        contract.provider = line.offer.provider;
        contract.event = record.id();
        contract.kind = kind;
        contract.transaction = TransactionId{
            make_uuid(record.id().value + "/" + line.offer.provider + "/" + std::to_string(record.round))};
        contract.lines.push_back(line);
    }
    std::vector<flex::Contract> contracts;
    contracts.reserve(by_provider.size());
    for (auto& [provider, contract] : by_provider) {
        contracts.push_back(std::move(contract));
    }
    return contracts;
}

std::vector<std::int64_t> reserved_slots(const risk::PeriodPower& need, const flex::Offer& offer,
                                         const std::vector<store::Reservation>& held) {
    std::vector<std::int64_t> slots(need.w.size(), 0);
    for (const store::Reservation& reservation : held) {
        const std::int64_t slot = (reservation.period - need.start) / period_length;
        if (reservation.turn_up == offer.turn_up && slot >= 0 &&
            slot < static_cast<std::int64_t>(slots.size())) {
            slots[static_cast<std::size_t>(slot)] += reservation.power.value;
        }
    }
    return slots;
}

ReservationRequest reservations_for(const flex::Contract& contract, UtcTime lease_until) {
    ReservationRequest request;
    for (const flex::PlanLine& line : contract.lines) {
        for (std::size_t slot = 0; slot < line.power_w.values.size(); ++slot) {
            if (line.power_w.values[slot] <= 0) {
                continue;
            }
            request.wanted.push_back({.der = line.offer.der,
                                      .turn_up = line.offer.turn_up,
                                      .period = line.power_w.time_of(slot),
                                      .power = Watts{line.power_w.values[slot]},
                                      .contract = contract.transaction.value,
                                      .fence = 0,
                                      .lease_until = lease_until});
            request.offered.push_back(line.offer.power);
        }
    }
    return request;
}

void assign(EventRecord& record, const flex::Contract& contract) {
    if (std::find(record.transactions.begin(), record.transactions.end(), contract.transaction.value) !=
        record.transactions.end()) {
        return;
    }
    record.transactions.push_back(contract.transaction.value);
    for (const flex::PlanLine& line : contract.lines) {
        record.assignments.push_back(
            {.der = line.offer.der,
             .provider = contract.provider,
             .transaction = contract.transaction.value,
             .offer = line.offer.id,
             .power_w = line.power_w,
             .relief_ppm = flex::relief_ppm(line.offer.phase, record.overload.limit.phase),
             .baseline = {},
             .state = "armed",
             .instructions = {}});
        record.cost += line.cost;
    }
}

void refresh_totals(EventRecord& record, UtcTime now) {
    std::int64_t required = 0;
    for (const std::int64_t need : record.overload.need.w) {
        required = std::max(required, need);
    }
    std::int64_t contracted = 0;
    for (const std::int64_t relief : assigned_relief(record)) {
        contracted = std::max(contracted, relief);
    }
    record.required = Watts{required};
    // What was promised at its largest: devices that fell silent later were contracted all the same.
    record.contracted = std::max(record.contracted, Watts{contracted});
    record.shortfall = uncovered(record, now);
}

void begin_now(EventRecord& record, UtcTime now) {
    const UtcTime first = floor_period(now);
    risk::PeriodPower& need = record.overload.need;
    while (!need.w.empty() && need.start > first) {
        need.w.insert(need.w.begin(), need.w.front());
        need.start -= period_length;
    }
    record.overload.start = std::min(record.overload.start, need.start);
    for (Assignment& assignment : record.assignments) {
        flex::IntervalGrid& grid = assignment.power_w;
        while (is_live(assignment) && !grid.values.empty() && grid.start > first) {
            grid.values.insert(grid.values.begin(), grid.values.front());
            grid.start -= grid.step;
        }
    }
}

dispatch::Instruction instruction_for(const EventRecord& record, const Assignment& assignment,
                                      const grid::Der& der, UtcTime now, milliseconds validity) {
    const std::int64_t change = assignment.power_w.at(now);
    const bool up = wants_turn_up(record);
    const bool signed_setpoint =
        der.der_class == grid::DerClass::battery || der.der_class == grid::DerClass::generator;
    std::int64_t value = assignment.baseline.value + (up ? change : -change);
    if (!signed_setpoint && !up) {
        value = std::max<std::int64_t>(0, value);
    }
    dispatch::Instruction instruction;
    instruction.id = make_instruction_id(
        now, record.id().value + "/" + assignment.der + "/" + std::to_string(assignment.instructions.size()));
    instruction.event = record.id();
    instruction.der = assignment.der;
    instruction.transaction = assignment.transaction;
    instruction.kind =
        signed_setpoint || up ? dispatch::InstructionKind::setpoint : dispatch::InstructionKind::limit_import;
    instruction.value = Watts{value};
    instruction.change = Watts{change};
    instruction.start = now;
    instruction.expires = std::min(now + validity, std::max(record.overload.end, now + seconds{1}));
    return instruction;
}

dispatch::guard::GuardQuestion guard_question_for(const EventRecord& record, const Assignment& assignment,
                                                  const grid::Network& network, const grid::Der& der,
                                                  bool is_renewal, const grid::StateEntry& state) {
    dispatch::guard::GuardQuestion question;
    question.feeder = der.feeder.empty() ? record.overload.feeder : der.feeder.value;
    if (question.feeder != record.overload.feeder) {
        question.substation = record.overload.feeder;
    } else if (const grid::Feeder* feeder = network.feeder(record.overload.feeder)) {
        question.substation = feeder->parent;
    }
    question.limit_is_import = record.overload.limit.direction == grid::Direction::import_;
    question.turn_up = wants_turn_up(record);
    question.is_renewal = is_renewal;
    for (const Assignment& other : record.assignments) {
        if (&other != &assignment && (other.state == "told" || other.state == "following")) {
            question.event_power_sent +=
                Watts{other.power_w.values.empty()
                          ? 0
                          : *std::max_element(other.power_w.values.begin(), other.power_w.values.end())};
        }
    }
    question.feeder_state = std::string(grid::to_string(state.state));
    question.feeder_held = state.held_by_engineer;
    question.der_power_max = question.turn_up ? der.turn_up_max : der.turn_down_max;
    return question;
}

std::string describe(const EventRecord& record) {
    const std::string start = format_utc(record.overload.start);
    const std::string end = format_utc(record.overload.end);
    return std::string(wants_turn_up(record) ? "turn-up" : "turn-down") + " of " +
           std::to_string((record.required.value + 500) / 1000) + " kW on " + record.overload.feeder + " " +
           std::string(grid::to_string(record.overload.limit.phase)) + ", " + start.substr(11, 5) + "–" +
           end.substr(11, 5) + " UTC";
}

}  // namespace headroom::agents
