#include "rehearsal/purchase.hpp"

#include "core/ids.hpp"

#include <algorithm>

namespace headroom::rehearsal {
namespace {

WattHours energy(const std::vector<std::int64_t>& w) {
    WattHours sum{};
    for (const std::int64_t each : w) {
        sum += energy_of(Watts{each}, period_length);
    }
    return sum;
}

risk::Overload overload_of(const Need& need) {
    risk::Overload out;
    out.event = make_event_id(need.limit->key(), time_of(need.first));
    out.feeder = need.limit->asset;
    out.limit = *need.limit;
    out.cause = risk::Cause::forecast;
    out.detected_at = time_of(need.origin);
    out.start = time_of(need.first);
    out.end = time_of(need.first + static_cast<std::int64_t>(need.need_w.size()));
    out.peak_over = Watts{*std::ranges::max_element(need.need_w)};
    out.peak_load = Watts{need.peak_w};
    out.energy_over = energy(need.need_w);
    out.probability_ppm = 500'000;
    out.time_to_limit = out.start - out.detected_at;
    out.need = {out.start, need.need_w};
    out.source = "rehearsal";
    return out;
}

}  // namespace

Result<Purchase> buy(const Need& need, std::span<const flex::Offer> offers,
                     const std::vector<std::string>& feeders_below, bool has_offers,
                     const RehearsalOptions& options) {
    Purchase out;
    out.needed = energy(need.need_w);
    if (!has_offers) {
        out.bought = out.needed;
        out.cost = cost_of(out.bought, options.reference_price);
        out.is_assumed = true;
        out.relief_w = need.need_w;
        return out;
    }
    flex::PlanInput input;
    input.overload = overload_of(need);
    input.offers.assign(offers.begin(), offers.end());
    for (flex::Offer& offer : input.offers) {
        offer.available_from = time_of(need.origin);
        offer.available_until = input.overload.end;
        offer.valid_until = input.overload.end;
        offer.turn_up = need.limit->direction == grid::Direction::export_;
    }
    input.feeders_below = feeders_below;
    input.rules = options.plan_rules;
    input.now = time_of(need.origin);
    const Result<flex::FlexPlan> plan = flex::make_plan(input);
    if (!plan) {
        return plan.error();
    }
    out.cost = plan->cost;
    out.shortfall_peak = plan->shortfall_peak;
    out.orders = plan->lines.size();
    out.refused = plan->left_out;
    out.relief_w = plan->relief_w.values;
    out.relief_w.resize(need.need_w.size(), 0);
    for (std::size_t i = 0; i < need.need_w.size(); ++i) {
        // More than is needed in a half-hour does not make up for another.
        out.bought += energy_of(Watts{std::min(out.relief_w[i], need.need_w[i])}, period_length);
    }
    return out;
}

}  // namespace headroom::rehearsal
