#include "beckn/saga_terms.hpp"

#include "beckn/decimal.hpp"
#include "beckn/pricing.hpp"

#include <algorithm>

namespace headroom::beckn {

namespace {

std::string pounds(MicroPounds amount) {
    return "GBP " + format_decimal(amount.value, gbp_decimals);
}

std::int64_t peak_of(const flex::IntervalGrid& grid) {
    std::int64_t peak = 0;
    for (const std::int64_t watts : grid.values) {
        peak = std::max(peak, watts);
    }
    return peak;
}

bool is_same_grid(const flex::IntervalGrid& a, const flex::IntervalGrid& b) {
    return a.start == b.start && a.step == b.step && a.values.size() == b.values.size();
}

const OrderLine* find_line(const Order& order, const std::string& item) {
    const auto found = std::find_if(order.lines.begin(), order.lines.end(),
                                    [&item](const OrderLine& line) { return line.item == item; });
    return found == order.lines.end() ? nullptr : &*found;
}

const QuoteLine* find_price(const Order& order, const std::string& item) {
    if (!order.quote) {
        return nullptr;
    }
    const auto found = std::find_if(order.quote->breakup.begin(), order.quote->breakup.end(),
                                    [&item](const QuoteLine& line) { return line.item == item; });
    return found == order.quote->breakup.end() ? nullptr : &*found;
}

/// The line with the powers that the provider commits, or nothing when it commits none.
std::optional<flex::PlanLine> committed_line(const flex::PlanLine& asked, const OrderLine& committed,
                                             const Order& order) {
    flex::PlanLine line = asked;
    for (std::size_t slot = 0; slot < line.power_w.values.size(); ++slot) {
        line.power_w.values[slot] = std::min(asked.power_w.values[slot], committed.power_w.values[slot]);
    }
    const std::int64_t asked_peak = peak_of(asked.power_w);
    const std::int64_t peak = peak_of(line.power_w);
    if (peak == 0) {
        return std::nullopt;
    }
    line.energy = energy_of_grid(line.power_w);
    const QuoteLine* price = find_price(order, line.offer.id);
    line.cost = price != nullptr ? price->price : price_of(line.offer, line.power_w);
    line.relief_peak = Watts{multiply_divide_half_even(asked.relief_peak.value, peak, asked_peak)};
    return line;
}

}  // namespace

std::optional<std::string> take_quantities(Saga& saga, const Order& order) {
    if (order.lines.empty()) {
        return std::nullopt;
    }
    std::vector<flex::PlanLine> lines;
    for (const flex::PlanLine& asked : saga.contract.lines) {
        const OrderLine* quoted = find_line(order, asked.offer.id);
        if (quoted == nullptr) {
            continue;
        }
        if (quoted->power_w.values.empty()) {
            lines.push_back(asked);
            continue;
        }
        if (!is_same_grid(quoted->power_w, asked.power_w)) {
            return "the quote's half-hours of item " + asked.offer.id + " are not those asked for";
        }
        if (quoted->power_w.values == asked.power_w.values) {
            lines.push_back(asked);
        } else if (std::optional<flex::PlanLine> line = committed_line(asked, *quoted, Order{})) {
            lines.push_back(std::move(*line));
        }
    }
    if (lines.empty()) {
        return "the quote holds no power";
    }
    saga.contract.lines = std::move(lines);
    return std::nullopt;
}

std::optional<std::string> compare_quantities(Saga& saga, const Order& order, const SagaRules& rules) {
    constexpr std::int64_t ppm = 1'000'000;
    if (order.lines.empty()) {
        return std::nullopt;
    }
    for (const flex::PlanLine& before : saga.contract.lines) {
        const OrderLine* after = find_line(order, before.offer.id);
        if (after != nullptr && after->power_w.values.empty()) {
            continue;
        }
        if (after == nullptr || !is_same_grid(after->power_w, before.power_w)) {
            return "item " + before.offer.id + " of on_select is not in on_init for the same half-hours";
        }
        const std::optional<flex::PlanLine> line = committed_line(before, *after, Order{});
        const WattHours left = line ? line->energy : WattHours{0};
        const std::int64_t least =
            multiply_divide_half_even(before.energy.value, ppm - rules.quantity_tolerance_ppm, ppm);
        if (left.value < least) {
            return "the quantity of item " + before.offer.id + " fell from " +
                   std::to_string(before.energy.value) + " Wh (on_select) to " + std::to_string(left.value) +
                   " Wh";
        }
    }
    return take_quantities(saga, order);
}

MicroPounds offered_total(const flex::Contract& contract) {
    MicroPounds total{};
    for (const flex::PlanLine& line : contract.lines) {
        total += price_of(line.offer, line.power_w);
    }
    return total;
}

std::optional<std::string> take_quote(Saga& saga, const Order& order, MicroPounds before,
                                      const char* before_name, const SagaTime& now, const SagaRules& rules) {
    if (!order.quote) {
        return "there is no quote";
    }
    if (is_price_rise(before, order.quote->total, rules.price_tolerance_ppm)) {
        return "the price rose from " + pounds(before) + " (" + before_name + ") to " +
               pounds(order.quote->total);
    }
    saga.quoted = order.quote->total;
    saga.contract.quoted = order.quote->total;
    saga.quote_until.reset();
    if (order.quote->ttl) {
        saga.quote_until = now.wall + *order.quote->ttl;
    }
    for (const flex::PlanLine& line : saga.contract.lines) {
        const UtcTime until = line.offer.valid_until;
        if (until != UtcTime{} && (!saga.quote_until || until < *saga.quote_until)) {
            saga.quote_until = until;
        }
    }
    return std::nullopt;
}

bool take_reduction(Saga& saga, const Order& order) {
    bool is_less = false;
    for (const flex::PlanLine& held : saga.contract.lines) {
        const OrderLine* line = find_line(order, held.offer.id);
        if (line == nullptr || !is_same_grid(line->power_w, held.power_w)) {
            return false;
        }
        for (std::size_t slot = 0; slot < held.power_w.values.size(); ++slot) {
            is_less = is_less || line->power_w.values[slot] < held.power_w.values[slot];
        }
    }
    return is_less && !commit(saga, order, SagaRules{}).has_value();
}

std::optional<std::string> commit(Saga& saga, const Order& order, const SagaRules& rules) {
    if (order.quote && is_price_rise(saga.quoted, order.quote->total, rules.price_tolerance_ppm)) {
        return "the price rose from " + pounds(saga.quoted) + " (quote) to " + pounds(order.quote->total) +
               " (order)";
    }
    std::vector<flex::PlanLine> lines;
    MicroPounds total{};
    for (const flex::PlanLine& asked : saga.contract.lines) {
        const OrderLine* committed = find_line(order, asked.offer.id);
        if (committed == nullptr) {
            continue;
        }
        if (!is_same_grid(committed->power_w, asked.power_w)) {
            return "the order's half-hours of item " + asked.offer.id + " are not those asked for";
        }
        std::optional<flex::PlanLine> line = committed_line(asked, *committed, order);
        if (line) {
            total += line->cost;
            lines.push_back(std::move(*line));
        }
    }
    if (lines.empty()) {
        return "the order commits no power";
    }
    saga.contract.lines = std::move(lines);
    saga.contract.quoted = order.quote ? order.quote->total : total;
    if (!order.id.empty()) {
        saga.contract.order_id = order.id;
    } else if (saga.contract.order_id.empty()) {
        saga.contract.order_id = saga.order_ref;
    }
    return std::nullopt;
}

}  // namespace headroom::beckn
