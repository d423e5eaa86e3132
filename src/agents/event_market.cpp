#include "agents/event_market.hpp"

#include "agents/event_steps.hpp"
#include "core/units.hpp"

#include <algorithm>

namespace headroom::agents {

namespace {

const flex::PlanLine* find_line(const flex::Contract& contract, const Assignment& assignment) {
    const auto found =
        std::find_if(contract.lines.begin(), contract.lines.end(),
                     [&](const flex::PlanLine& line) { return line.offer.id == assignment.offer; });
    return found == contract.lines.end() ? nullptr : &*found;
}

/// Only where the grids agree: a window that began early, or grew, has assignments longer than contracted.
bool takes_less(const Assignment& assignment, const flex::IntervalGrid& committed) {
    bool is_less = false;
    for (std::size_t slot = 0; slot < committed.values.size(); ++slot) {
        is_less = is_less || committed.values[slot] < assignment.power_w.at(committed.time_of(slot));
    }
    return is_less;
}

}  // namespace

MarketChange apply_market_change(EventRecord& record, const flex::Contract& contract) {
    using flex::ContractState;
    const bool stands = contract.state == ContractState::active || contract.state == ContractState::activated;
    const bool is_over =
        contract.state == ContractState::cancelled || contract.state == ContractState::failed;
    const bool is_known = std::find(record.transactions.begin(), record.transactions.end(),
                                    contract.transaction.value) != record.transactions.end();
    if (!is_known) {
        return stands ? MarketChange::gained : MarketChange::none;
    }
    MarketChange change = MarketChange::none;
    for (Assignment& assignment : record.assignments) {
        if (assignment.transaction != contract.transaction.value || !is_live(assignment)) {
            continue;
        }
        const flex::PlanLine* line = stands ? find_line(contract, assignment) : nullptr;
        if (is_over || (stands && line == nullptr)) {
            assignment.state = "refused";
            change = is_over ? MarketChange::lost : MarketChange::changed;
        } else if (line != nullptr && takes_less(assignment, line->power_w)) {
            for (std::size_t slot = 0; slot < assignment.power_w.values.size(); ++slot) {
                const UtcTime at = assignment.power_w.time_of(slot);
                std::int64_t& watts = assignment.power_w.values[slot];
                if (at >= line->power_w.start && at < line->power_w.end()) {
                    watts = std::min(watts, line->power_w.at(at));
                }
            }
            change = MarketChange::changed;
        }
    }
    return change;
}

std::string_view to_string(PartialPolicy policy) {
    switch (policy) {
        case PartialPolicy::keep:
            return "keep";
        case PartialPolicy::top_up:
            return "top_up";
        case PartialPolicy::compensate:
            return "compensate";
    }
    HEADROOM_ASSERT(false);
    return "";
}

PartialStep after_contracts(PartialPolicy policy, Watts required, Watts uncovered, bool may_top_up,
                            std::int64_t least_ppm) {
    if (uncovered.value <= 0) {
        return PartialStep::enough;
    }
    if (policy != PartialPolicy::keep && may_top_up) {
        return PartialStep::top_up;
    }
    const std::int64_t covered = required.value - uncovered.value;
    const std::int64_t least = multiply_divide_half_even(required.value, least_ppm, whole_ppm);
    const bool is_worth_it = policy != PartialPolicy::compensate || covered >= least;
    return is_worth_it ? PartialStep::keep : PartialStep::compensate;
}

}  // namespace headroom::agents
