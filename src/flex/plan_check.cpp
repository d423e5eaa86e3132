// What a plan's input may not be.
#include "core/units.hpp"
#include "flex/plan_problem.hpp"

#include <algorithm>
#include <utility>

namespace headroom::flex {
namespace {

constexpr std::int64_t need_max = 1'000'000'000;
constexpr std::int64_t node_budget_max = 100'000'000;

bool is_on_grid(UtcTime time) {
    return floor_period(time) == time;
}

Result<void> check_rules(const PlanRules& rules) {
    const bool shares_ok = rules.margin_ppm >= 0 && rules.margin_ppm <= whole_ppm &&
                           rules.reliability_floor_ppm >= 0 && rules.reliability_floor_ppm <= whole_ppm;
    if (!shares_ok) {
        return invalid_input("rules " + rules.id +
                             ": margin and reliability floor must lie between 0 and 1000000 ppm");
    }
    if (rules.cost_max.value < 0 || rules.unserved_price.value < 0 || rules.unserved_price > price_max) {
        return invalid_input("rules " + rules.id + ": cost_max or unserved_price is out of range");
    }
    if (rules.node_budget < 1 || rules.node_budget > node_budget_max) {
        return invalid_input("rules " + rules.id + ": node_budget must lie between 1 and 100000000");
    }
    return {};
}

Result<void> check_offer(const Offer& offer) {
    if (offer.power.value <= 0 || offer.power > offer_power_max) {
        return invalid_input(offer_name(offer) + ": power of " + std::to_string(offer.power.value) +
                             " W is out of range");
    }
    const bool prices_ok = offer.utilisation.value >= 0 && offer.utilisation <= price_max &&
                           offer.availability_per_mw_h.value >= 0 &&
                           offer.availability_per_mw_h.value <= price_max.value;
    if (!prices_ok) {
        return invalid_input(offer_name(offer) + ": price is out of range");
    }
    const bool rest_ok = offer.energy.value >= 0 && offer.notice.count() >= 0 &&
                         offer.duration_max.count() >= 0 && offer.duration_min.count() >= 0 &&
                         offer.reliability_ppm >= 0 && offer.reliability_ppm <= whole_ppm;
    if (!rest_ok) {
        return invalid_input(offer_name(offer) +
                             ": energy, notice, durations or reliability are out of range");
    }
    if (offer.duration_max.count() > 0 && offer.duration_min > offer.duration_max) {
        return invalid_input(offer_name(offer) + ": duration_min is longer than duration_max");
    }
    return {};
}

}  // namespace

Error invalid_input(std::string message) {
    return {Errc::invalid, std::move(message)};
}

std::string offer_name(const Offer& offer) {
    return "offer " + offer.id + " of " + offer.provider;
}

Result<void> check_input(const PlanInput& input) {
    const risk::PeriodPower& need = input.overload.need;
    if (need.w.empty() || need.w.size() > slots_max) {
        return invalid_input("the need of " + input.overload.event.value + " has " +
                             std::to_string(need.w.size()) + " half-hours; 1 to 96 can be planned");
    }
    if (!is_on_grid(need.start)) {
        return invalid_input("the need of " + input.overload.event.value + " does not begin on a half-hour");
    }
    for (const std::int64_t w : need.w) {
        if (w < 0 || w > need_max) {
            return invalid_input("the need of " + input.overload.event.value + " holds " + std::to_string(w) +
                                 " W");
        }
    }
    if (input.offers.size() > offers_max) {
        return invalid_input(std::to_string(input.offers.size()) + " offers are more than 10000");
    }
    if (!input.reserved_w.empty() && input.reserved_w.size() != input.offers.size()) {
        return invalid_input("reserved_w is not parallel to offers");
    }
    for (const std::vector<std::int64_t>& reserved : input.reserved_w) {
        const bool fits = reserved.empty() || reserved.size() == need.w.size();
        if (!fits || std::any_of(reserved.begin(), reserved.end(), [](std::int64_t w) { return w < 0; })) {
            return invalid_input("reserved_w must hold a power of 0 or more for each half-hour of the need");
        }
    }
    if (!std::is_sorted(input.feeders_below.begin(), input.feeders_below.end())) {
        return invalid_input("feeders_below is not sorted");
    }
    for (const Offer& offer : input.offers) {
        if (const Result<void> checked = check_offer(offer); !checked) {
            return checked.error();
        }
    }
    return check_rules(input.rules);
}

}  // namespace headroom::flex
