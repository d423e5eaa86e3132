#include "contingency/loss_words.hpp"

#include <algorithm>
#include <cstdlib>

namespace headroom::contingency {
namespace {

std::int64_t latest_switch(const ShelfPlan& plan) {
    std::int64_t latest = 0;
    for (const Switching& one : plan.switching) {
        latest = std::max(latest, one.close_after_minutes);
    }
    return latest;
}

std::string held_back(const ShelfPlan& plan, std::int64_t short_w) {
    if (short_w > 0) {
        return "; " + in_kw(short_w) + " of the relief for that is missing";
    }
    for (const ShelfOrder& order : plan.orders) {
        if (order.guard != "pass") {
            return "; the guard would hold an order on " + order.feeder + " back (" + order.guard_reason +
                   ")";
        }
    }
    return {};
}

std::string with_orders(const ShelfPlan& plan) {
    std::int64_t relief = 0;
    for (const ShelfOrder& order : plan.orders) {
        relief += order.peak_w();
    }
    return relief == 0 ? "" : ", with " + in_kw(relief) + " of relief";
}

}  // namespace

std::string in_kw(std::int64_t watts) {
    return std::to_string((watts + 500) / 1000) + " kW";
}

std::string no_plan_words(const ShelfPlan& plan) {
    return plan.is_energised ? "nothing is known of the load of " + plan.element
                             : plan.element + " is out of service already";
}

std::string cover_words(const ShelfPlan& plan, std::int64_t short_w) {
    if (plan.interrupted_peak_w == 0) {
        return "it takes nothing from the network in these hours";
    }
    const std::string lost = in_kw(plan.interrupted_peak_w);
    switch (plan.cover) {
        case Cover::covered:
            return "all of its " + lost + " can move within " + std::to_string(latest_switch(plan)) +
                   " minutes" + with_orders(plan) + ", and whoever takes it stays within its limits";
        case Cover::partly:
            return in_kw(plan.interrupted_peak_w - plan.unrestored_peak_w) + " of its " + lost +
                   " can move within " + std::to_string(latest_switch(plan)) + " minutes" +
                   with_orders(plan) + held_back(plan, short_w);
        case Cover::uncovered:
            break;
    }
    if (plan.unused.empty()) {
        return "none of its " + lost + " can move: no tie leads from it to another supply";
    }
    return "none of its " + lost + " can move: " + plan.unused.front().tie + ": " +
           plan.unused.front().reason;
}

std::string residual_words(std::string_view element, std::int64_t over_w) {
    return std::string(element) + " carries " + in_kw(std::abs(over_w)) + (over_w > 0 ? " more" : " less") +
           " than the widest that its forecast expected";
}

}  // namespace headroom::contingency
