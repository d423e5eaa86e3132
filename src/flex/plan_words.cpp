#include "flex/plan_words.hpp"

#include <algorithm>
#include <set>

namespace headroom::flex::words {

namespace {

/// `value` thousandths with at most one decimal, cut to it.
std::string tenths(std::int64_t value) {
    const std::int64_t whole = value / 1000;
    const std::int64_t tenth = value % 1000 / 100;
    return std::to_string(whole) + (tenth == 0 ? "" : "." + std::to_string(tenth));
}

std::string counted(std::size_t count, const std::string& noun) {
    return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

const Alternative& alternative(const FlexPlan& plan, std::string_view name) {
    const auto found = std::find_if(plan.alternatives.begin(), plan.alternatives.end(),
                                    [name](const Alternative& each) { return each.name == name; });
    HEADROOM_ASSERT(found != plan.alternatives.end());
    return *found;
}

Watts peak_need(const FlexPlan& plan) {
    return Watts{*std::max_element(plan.need_w.values.begin(), plan.need_w.values.end())};
}

std::string first_sentence(const PlanInput& input, const FlexPlan& plan) {
    const std::string what = power(peak_need(plan)) + " for " + span(plan.need_w.start, plan.need_w.end()) +
                             " on " + std::string(grid::to_string(input.overload.limit.phase)) + " of " +
                             plan.feeder;
    if (plan.lines.empty()) {
        return "Nothing is bought for " + what + ": " +
               (input.offers.empty()                          ? "there is no offer"
                : plan.left_out.size() == input.offers.size() ? "no offer can be used"
                : peak_need(plan) == Watts{}                  ? "there is no need"
                                             : "no offer is worth its price within the rules") +
               ".";
    }
    std::set<std::string> providers;
    for (const PlanLine& line : plan.lines) {
        providers.insert(line.offer.provider);
    }
    std::string kind = "Cheapest cover of ";
    if (plan.chosen == "most_certain") {
        kind = "Most certain cover of ";
    }
    if (plan.chosen == "weighed") {
        kind = "Cheapest cover by price and weights of ";
    }
    if (plan.shortfall_peak > Watts{}) {
        kind = "Best part cover of ";
    }
    return kind + what + ": " + counted(plan.lines.size(), "offer") + " of " +
           counted(providers.size(), "provider") + " for " + pounds(plan.cost) + ".";
}

}  // namespace

std::string power(Watts power) {
    if (power.value > -1000 && power.value < 1000) {
        return std::to_string(power.value) + " W";
    }
    return tenths(power.value) + " kW";
}

std::string energy(WattHours energy) {
    if (energy.value > -1000 && energy.value < 1000) {
        return std::to_string(energy.value) + " Wh";
    }
    return tenths(energy.value) + " kWh";
}

std::string pounds(MicroPounds amount) {
    const std::int64_t pence = round_to_pence(amount);
    const std::int64_t absolute = pence < 0 ? -pence : pence;
    const std::string cents = std::to_string(absolute % 100);
    return (pence < 0 ? "-" : "") + std::to_string(absolute / 100) + "." + (cents.size() < 2 ? "0" : "") +
           cents + " GBP";
}

std::string span(UtcTime start, UtcTime end) {
    return format_utc(start).substr(11, 5) + "–" + format_utc(end).substr(11, 5) + " UTC";
}

std::vector<std::string> reasons(const PlanInput& input, const FlexPlan& plan) {
    std::vector<std::string> sentences{first_sentence(input, plan)};
    if (plan.shortfall_peak > Watts{}) {
        sentences.push_back("Up to " + power(plan.shortfall_peak) + " stays over the limit, " +
                            energy(plan.shortfall_energy) + " in all.");
    }
    const Alternative& nothing = alternative(plan, "do_nothing");
    if (plan.chosen != "do_nothing") {
        sentences.push_back("Doing nothing would leave up to " + power(nothing.shortfall_peak) +
                            " over the limit, " + energy(nothing.shortfall_energy) + " in all.");
    }
    if (const MicroPounds cheapest = alternative(plan, "cheapest").cost;
        plan.chosen == "weighed" && cheapest < plan.cost) {
        sentences.push_back("By price alone it would cost " + pounds(plan.cost - cheapest) +
                            " less; the operator's weights choose between offers.");
    }
    const Alternative& certain = alternative(plan, "most_certain");
    if (plan.chosen != "most_certain" && certain.cost > plan.cost &&
        certain.shortfall_energy <= plan.shortfall_energy) {
        sentences.push_back("Taking the most certain offers first would cost " +
                            pounds(certain.cost - plan.cost) + " more.");
    }
    if (input.rules.margin_ppm > 0 && !plan.lines.empty()) {
        sentences.push_back(
            "The rules " + plan.rule_set + " buy a margin of " + tenths(input.rules.margin_ppm / 10) +
            " % above the need" +
            (input.rules.by_reliability ? ", counting each offer at what it has delivered before." : "."));
    }
    if (plan.bound && plan.shortfall_peak == Watts{} && !plan.lines.empty()) {
        sentences.push_back("No cover can cost less than " + pounds(*plan.bound) + ".");
    }
    if (!plan.left_out.empty()) {
        sentences.push_back(counted(plan.left_out.size(), "offer") + " could not be used.");
    }
    return sentences;
}

}  // namespace headroom::flex::words
