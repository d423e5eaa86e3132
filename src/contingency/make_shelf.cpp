#include "contingency/make_shelf.hpp"

#include "contingency/loss_orders.hpp"
#include "contingency/loss_words.hpp"
#include "contingency/pathways.hpp"
#include "contingency/receivers.hpp"

#include <algorithm>

namespace headroom::contingency {
namespace {

/// Rounding of shares leaves some watts behind; a thousandth of the load, or 100 W, is no customer.
bool is_rest(std::int64_t left_w, std::int64_t of_w) {
    return left_w > std::max<std::int64_t>(100, of_w / 1000);
}

bool is_in_service(const ShelfNetwork& network, const ShelfState& state, std::size_t element) {
    for (std::size_t at = element; at != ShelfNetwork::none; at = network.elements()[at].parent) {
        const grid::OperationalState now = state.elements[at].state.state;
        if (now == grid::OperationalState::outage || now == grid::OperationalState::isolated ||
            now == grid::OperationalState::permit) {
            return false;
        }
    }
    return true;
}

std::int64_t peak_of(const PeriodWatts& row) {
    return *std::max_element(row.begin(), row.end());
}

std::int64_t customers_below(const ShelfNetwork& network, const ShelfState& state, std::size_t element) {
    const ShelfNetwork::Element& top = network.elements()[element];
    std::int64_t customers = 0;
    for (std::size_t place = top.walk_first; place < top.walk_end; ++place) {
        customers += state.elements[network.walk()[place]].customers;
    }
    return customers;
}

void take_transfer(ShelfPlan& plan, const ShelfNetwork& network, const ShelfState& state,
                   const Transfer& transfer) {
    plan.interrupted_w = transfer.interrupted_w;
    plan.interrupted_peak_w = peak_of(transfer.interrupted_w);
    // Until the last switch has closed everything may be off; what counts is what never comes back.
    std::size_t last = 0;
    for (const Move& move : transfer.moves) {
        last = std::max(last, period_after(state, move.close_after_minutes));
    }
    std::int64_t watt_ms = 0;
    for (std::size_t t = transfer.moves.empty() ? 0 : last; t < shelf_periods; ++t) {
        plan.unrestored_w[t] =
            is_rest(transfer.unrestored_w[t], plan.interrupted_peak_w) ? transfer.unrestored_w[t] : 0;
        watt_ms += plan.unrestored_w[t] * ms_after(state, t, 0);
    }
    plan.unrestored_peak_w = peak_of(plan.unrestored_w);
    plan.unrestored_wh = divide_half_even(watt_ms, 3'600'000);
    plan.unserved_wh = unserved_wh(state, transfer);
    plan.unused = transfer.unused;
    for (const Move& move : transfer.moves) {
        const ShelfNetwork::TieEdge& tie = network.ties()[move.way.tie];
        const ElementLoad& load = state.elements[move.way.inner].load;
        std::int64_t moved = 0;
        std::int64_t whole = 0;
        for (std::size_t t = 0; t < shelf_periods; ++t) {
            moved += move.load_w[phase_sum][t];
            whole += move.load_w[phase_sum][t] > 0 ? high_load_w(load, phase_sum, t) : 0;
        }
        plan.switching.push_back(
            {.tie = std::string(tie.id),
             .from = std::string(network.elements()[move.way.inner].id),
             .to = std::string(network.elements()[move.way.receiver].id),
             .close_after_minutes = move.close_after_minutes,
             .waits_for_orders = move.waits_for_orders,
             .is_remote = tie.is_remote,
             .share_ppm = whole <= 0 ? 0 : multiply_divide_half_even(moved, 1'000'000, whole),
             .peak_w = peak_of(move.load_w[phase_sum]),
             .rating_w = tie.rating_w});
    }
}

/// A load outside its forecast's band, among those that take part.
void doubt_residuals(ShelfPlan& plan, const ShelfNetwork& network, const ShelfState& state,
                     std::size_t element, const Transfer& transfer) {
    std::vector<std::size_t> involved{element};
    for (const Carried& carried : transfer.carried) {
        involved.push_back(carried.element);
    }
    for (const std::size_t at : involved) {
        const std::int64_t over = state.elements[at].over_band_w;
        if (over != 0) {
            plan.doubts.push_back({Doubt::residuals, residual_words(network.elements()[at].id, over)});
        }
    }
}

std::string mode_of(const ShelfState& state, const ShelfPlan& plan) {
    grid::AuthorityLevel level = state.authority;
    for (const ShelfOrder& order : plan.orders) {
        level = std::min(level, grid::parse_authority_level(order.authority).value_or(level));
    }
    if (!plan.doubts.empty()) {
        level = std::min(level, grid::AuthorityLevel::propose);
    }
    return std::string(grid::to_string(level));
}

Cover cover_of(const ShelfPlan& plan, std::int64_t short_w) {
    if (plan.interrupted_peak_w == 0) {
        return Cover::covered;
    }
    if (plan.switching.empty()) {
        return Cover::uncovered;
    }
    const bool is_held_back =
        short_w > 0 || std::any_of(plan.orders.begin(), plan.orders.end(),
                                   [](const ShelfOrder& order) { return order.guard != "pass"; });
    return plan.unrestored_peak_w > 0 || is_held_back ? Cover::partly : Cover::covered;
}

}  // namespace

ShelfPlan plan_loss(const ShelfNetwork& network, const ShelfState& state, const ReliefTotals& totals,
                    std::size_t element) {
    ShelfPlan plan;
    plan.element = network.elements()[element].id;
    plan.name = network.elements()[element].name;
    plan.is_feeder = network.elements()[element].is_feeder;
    plan.start = state.start;
    plan.quantile_ppm = state.quantile_ppm;
    plan.is_load_known = state.elements[element].load.is_known;
    plan.is_energised = is_in_service(network, state, element);
    plan.customers = customers_below(network, state, element);
    if (!plan.is_load_known || !plan.is_energised) {
        plan.mode = "propose";
        plan.reason = no_plan_words(plan);
        return plan;
    }
    const Transfer transfer = find_transfer(network, state, totals, element, {});
    take_transfer(plan, network, state, transfer);
    plan.receivers = receivers_of(network, state, transfer);
    for (const Receiver& receiver : plan.receivers) {
        const std::optional<std::int64_t>& minutes = receiver.time_to_limit_minutes;
        if (minutes && (!plan.time_to_limit_minutes || *minutes < *plan.time_to_limit_minutes)) {
            plan.time_to_limit_minutes = minutes;
        }
    }
    LossOrders orders = orders_for(network, state, transfer);
    plan.orders = std::move(orders.orders);
    plan.doubts = doubts_of(state.conditions);
    doubt_residuals(plan, network, state, element, transfer);
    if (!plan.doubts.empty()) {
        plan.pathways = pathways_for(network, state, totals, element);
    }
    plan.cover = cover_of(plan, orders.short_w);
    plan.mode = mode_of(state, plan);
    plan.rank_weight = plan.unrestored_wh * std::max<std::int64_t>(1, plan.customers);
    plan.reason = cover_words(plan, orders.short_w);
    return plan;
}

bool ranks_before(const ShelfPlan& a, const ShelfPlan& b) {
    const auto band = [](const ShelfPlan& plan) {
        const bool has_plan = plan.is_load_known && plan.is_energised;
        return !has_plan ? 3 : plan.cover == Cover::uncovered ? 0 : plan.cover == Cover::partly ? 1 : 2;
    };
    if (band(a) != band(b)) {
        return band(a) < band(b);
    }
    if (a.rank_weight != b.rank_weight) {
        return a.rank_weight > b.rank_weight;
    }
    return a.unserved_wh != b.unserved_wh ? a.unserved_wh > b.unserved_wh : a.element < b.element;
}

std::vector<ShelfPlan> make_shelf(const ShelfNetwork& network, const ShelfState& state) {
    const ReliefTotals totals = relief_totals(network, state);
    std::vector<ShelfPlan> plans;
    plans.reserve(network.elements().size());
    for (std::size_t element = 0; element < network.elements().size(); ++element) {
        plans.push_back(plan_loss(network, state, totals, element));
    }
    std::sort(plans.begin(), plans.end(), ranks_before);
    return plans;
}

}  // namespace headroom::contingency
