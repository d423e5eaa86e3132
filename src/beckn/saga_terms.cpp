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
    return std::nullopt;
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
        const bool same_grid = committed->power_w.start == asked.power_w.start &&
                               committed->power_w.step == asked.power_w.step &&
                               committed->power_w.values.size() == asked.power_w.values.size();
        if (!same_grid) {
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
