#include "beckn/policy_settle.hpp"

#include "beckn/decimal.hpp"
#include "core/json_object.hpp"

#include <algorithm>
#include <optional>

namespace headroom::beckn {

namespace {

__extension__ using Wide = __int128;

/// W · ms · µ/MWh in micro-units: a MWh has 10^6 Wh of 3.6·10^6 ms each.
constexpr Wide micro_unit = Wide{3'600'000} * 1'000'000;
constexpr std::int64_t money_max = 1'000'000'000'000'000;
constexpr std::string_view pac_query = "demand_flex_pac";

Error bad_settlement(std::string pointer, std::string sentence) {
    return Error{Errc::invalid, std::move(sentence), std::move(pointer)};
}

std::int64_t rounded(Wide product) {
    const Wide half = micro_unit / 2;
    return static_cast<std::int64_t>((product + (product < 0 ? -half : half)) / micro_unit);
}

/// What is settled, put together from an order and checked to lie on one grid.
struct Case {
    SettlementRule rule = SettlementRule::fixed_price;
    const NeedLine* line = nullptr;
    const flex::Performance* evidence = nullptr;
    UtcTime start{};
    milliseconds step{};
    std::size_t slots = 0;
};

bool is_on_grid(const Case& what, const flex::IntervalGrid& grid) {
    return grid.start == what.start && grid.step == what.step && grid.values.size() == what.slots;
}

bool is_whole(const flex::Bid& bid, const Case& what) {
    return bid.start == what.start && bid.step == what.step && bid.curve.size() == what.slots &&
           std::none_of(bid.curve.begin(), bid.curve.end(),
                        [](const auto& steps) { return steps.empty(); }) &&
           (!bid.cleared_w || is_on_grid(what, *bid.cleared_w)) &&
           (!bid.clearing_per_mwh || is_on_grid(what, *bid.clearing_per_mwh));
}

SettlementRule rule_of(const Order& order, const NeedLine& line) {
    if (order.policy) {
        return order.policy->query_path.ends_with(pac_query) ? SettlementRule::pay_as_clear
                                                             : SettlementRule::fixed_price;
    }
    return line.bid && line.bid->clearing_per_mwh ? SettlementRule::pay_as_clear
                                                  : SettlementRule::fixed_price;
}

bool is_measured(const flex::Performance& evidence) {
    return std::all_of(evidence.meters.begin(), evidence.meters.end(),
                       [](const flex::MeterSeries& meter) { return meter.usage_w.has_value(); });
}

/// The first evidence that can be settled; before it one of baselines alone may stand.
Result<const flex::Performance*> evidence_of(const Order& order) {
    const std::string at = "/message/contract/performance";
    const flex::Performance* found = nullptr;
    std::size_t place = 0;
    for (std::size_t i = 0; i < order.performance.size(); ++i) {
        const flex::Performance& one = order.performance[i];
        const bool counts = one.is_settled_from() && (!one.meters.empty() || one.meters_ref);
        if (counts && (found == nullptr || (!is_measured(*found) && is_measured(one)))) {
            found = &one;
            place = i;
        }
    }
    if (found == nullptr) {
        return bad_settlement(at,
                              "no evidence that can be settled: readings of resources alone do not count");
    }
    const std::string here = at + "/" + std::to_string(place);
    if (found->meters_ref) {
        return bad_settlement(here, "the meters of " + found->id + " lie at " +
                                        found->meters_ref->uri.substr(0, 128) + " and were not brought in");
    }
    if (found->page && (found->page->sequence > 0 || !found->page->is_last)) {
        return bad_settlement(here, found->id + " is page " + std::to_string(found->page->sequence) +
                                        " of several; only the whole is settled");
    }
    return found;
}

Result<Case> case_of(const Order& order) {
    const std::string at = "/message/contract/commitments";
    if (order.needs.empty() || !order.needs.front().need) {
        return bad_settlement(at, "the contract has no need");
    }
    Case what;
    what.line = &order.needs.front();
    what.rule = rule_of(order, *what.line);
    what.start = what.line->need->requested_w.start;
    what.step = what.line->need->requested_w.step;
    what.slots = what.line->need->requested_w.values.size();
    Result<const flex::Performance*> evidence = evidence_of(order);
    if (!evidence) {
        return evidence.error();
    }
    what.evidence = *evidence;
    const std::optional<flex::Bid>& bid = what.line->bid;
    const flex::Need& need = *what.line->need;
    for (const auto* grid : {&need.price_per_mwh, &need.shortfall_per_mwh}) {
        if (*grid && !is_on_grid(what, **grid)) {
            return bad_settlement(at + "/0/resources/0", "the need's own columns are not on one grid");
        }
    }
    if (bid && !is_whole(*bid, what)) {
        return bad_settlement(at + "/0/commitmentAttributes",
                              "a slot of the bid is empty or not on the grid of the need");
    }
    for (const flex::MeterSeries& meter : what.evidence->meters) {
        for (const auto* grid : {&meter.baseline_w, &meter.usage_w}) {
            if (*grid && !is_on_grid(what, **grid)) {
                return bad_settlement("/message/contract/performance",
                                      "meter " + meter.meter + " is not on the grid of the need");
            }
        }
    }
    return what;
}

/// What all meters gave in a slot; nothing when one of them shows no usage.
std::optional<std::int64_t> delivered_w(const Case& what, std::size_t slot) {
    std::int64_t sum = 0;
    for (const flex::MeterSeries& meter : what.evidence->meters) {
        if (!meter.usage_w) {
            return std::nullopt;
        }
        if (meter.baseline_w) {
            sum += std::max<std::int64_t>(0, meter.baseline_w->values[slot] - meter.usage_w->values[slot]);
        }
    }
    return sum;
}

/// What a slot is settled by.
struct SlotTerms {
    std::int64_t promised_w = 0;
    std::int64_t price_per_mwh = 0;
    std::int64_t penalty_per_mwh = 0;
};

/// The sum of the exact products, with the slots for reading.
class Sum {
  public:
    explicit Sum(const Case& what) : what_(what) {}

    void add(std::size_t slot, std::int64_t delivered, const SlotTerms& terms) {
        const std::int64_t ms = what_.step.count();
        const Wide paid = Wide{std::min(delivered, terms.promised_w)} * ms * terms.price_per_mwh;
        const std::int64_t short_w = std::max<std::int64_t>(0, terms.promised_w - delivered);
        const Wide penalty = Wide{short_w} * ms * terms.penalty_per_mwh;
        total_ += paid - penalty;
        slots_.push_back({.start = what_.start + what_.step * static_cast<std::int64_t>(slot),
                          .delivered_w = delivered,
                          .promised_w = terms.promised_w,
                          .paid_micro = rounded(paid),
                          .penalty_micro = rounded(penalty)});
    }

    Result<PolicySettlement> finish(std::vector<std::string> remarks) {
        const Wide bound = Wide{money_max} * micro_unit;
        if (total_ > bound || total_ < -bound) {
            return bad_settlement("/message/contract", "the sum is beyond what can be settled");
        }
        const std::int64_t net = rounded(total_);
        const std::string currency = what_.line->currency.empty() ? "GBP" : what_.line->currency;
        PolicySettlement settlement{.rule = what_.rule,
                                    .currency = currency,
                                    .slots = std::move(slots_),
                                    .flows = {},
                                    .remarks = std::move(remarks)};
        settlement.flows.push_back(
            {.role = "buyer", .value_micro = -net, .currency = currency, .description = {}});
        settlement.flows.push_back(
            {.role = "seller", .value_micro = net, .currency = currency, .description = {}});
        return settlement;
    }

  private:
    const Case& what_;
    Wide total_ = 0;
    std::vector<SettledSlot> slots_;
};

Result<PolicySettlement> settle_fixed(const Case& what) {
    const flex::Need& need = *what.line->need;
    const std::string at = "/message/contract/commitments/0";
    if (!need.price_per_mwh) {
        return bad_settlement(at + "/resources/0/resourceAttributes", "the need tells no PRICE");
    }
    if (!what.line->bid) {
        return bad_settlement(at + "/commitmentAttributes", "nothing was offered for the need");
    }
    Sum sum(what);
    for (std::size_t slot = 0; slot < what.slots; ++slot) {
        const std::optional<std::int64_t> delivered = delivered_w(what, slot);
        if (!delivered) {
            return bad_settlement("/message/contract/performance",
                                  "a meter shows no usage: nothing can be settled yet");
        }
        SlotTerms terms;
        terms.promised_w = what.line->bid->curve[slot].front().power_w;
        terms.price_per_mwh = need.price_per_mwh->values[slot];
        terms.penalty_per_mwh = need.shortfall_per_mwh ? need.shortfall_per_mwh->values[slot]
                                                       : what.line->shortfall_per_mwh.value_or(0);
        sum.add(slot, *delivered, terms);
    }
    return sum.finish({});
}

/// The lowest price at which the curve covers what was cleared.
std::optional<std::int64_t> ask_at(const std::vector<flex::BidStep>& curve, std::int64_t cleared_w) {
    std::optional<std::int64_t> ask;
    for (const flex::BidStep& step : curve) {
        if (step.power_w >= cleared_w) {
            ask = std::min(ask.value_or(step.price_per_mwh), step.price_per_mwh);
        }
    }
    return ask;
}

void remark_on_curve(const flex::Bid& bid, std::size_t slot, std::vector<std::string>& remarks) {
    const std::string name = "slot " + std::to_string(slot);
    const std::optional<std::int64_t> ask = ask_at(bid.curve[slot], bid.cleared_w->values[slot]);
    if (!bid.is_priced) {
        return;
    }
    if (!ask) {
        remarks.push_back(name + ": no step of the curve covers what was cleared");
    } else if (bid.clearing_per_mwh->values[slot] < *ask) {
        remarks.push_back(name + ": cleared below the seller's ask");
    }
}

Result<PolicySettlement> settle_cleared(const Case& what) {
    const std::optional<flex::Bid>& bid = what.line->bid;
    if (!bid || !bid->cleared_w || !bid->clearing_per_mwh) {
        return bad_settlement("/message/contract/commitments/0/commitmentAttributes",
                              "the market has not cleared");
    }
    Sum sum(what);
    std::vector<std::string> remarks;
    for (std::size_t slot = 0; slot < what.slots; ++slot) {
        remark_on_curve(*bid, slot, remarks);
        const std::optional<std::int64_t> delivered = delivered_w(what, slot);
        if (!delivered) {
            remarks.push_back("slot " + std::to_string(slot) + ": a meter shows no usage; left out");
            continue;
        }
        sum.add(slot, *delivered,
                {.promised_w = bid->cleared_w->values[slot],
                 .price_per_mwh = bid->clearing_per_mwh->values[slot],
                 .penalty_per_mwh = what.line->shortfall_per_mwh.value_or(0)});
    }
    return sum.finish(std::move(remarks));
}

}  // namespace

std::string_view to_string(SettlementRule rule) {
    return rule == SettlementRule::fixed_price ? "fixed_price" : "pay_as_clear";
}

Result<PolicySettlement> settle_by_policy(const Order& order) {
    const Result<Case> what = case_of(order);
    if (!what) {
        return what.error();
    }
    return what->rule == SettlementRule::fixed_price ? settle_fixed(*what) : settle_cleared(*what);
}

json::Value to_json(const PolicySettlement& settlement) {
    json::Array flows;
    for (const flex::RevenueFlow& flow : settlement.flows) {
        flows.push_back(json::object({{"role", flow.role},
                                      {"value", format_decimal(flow.value_micro, gbp_decimals)},
                                      {"currency", flow.currency}}));
    }
    json::Array slots;
    for (const SettledSlot& slot : settlement.slots) {
        slots.push_back(json::object({{"start", format_utc(slot.start)},
                                      {"delivered_kw", format_decimal(slot.delivered_w, kw_decimals)},
                                      {"promised_kw", format_decimal(slot.promised_w, kw_decimals)},
                                      {"paid", format_decimal(slot.paid_micro, gbp_decimals)},
                                      {"penalty", format_decimal(slot.penalty_micro, gbp_decimals)}}));
    }
    return json::object({{"rule", to_string(settlement.rule)},
                         {"currency", settlement.currency},
                         {"flows", std::move(flows)},
                         {"slots", std::move(slots)},
                         {"remarks", json::Array(settlement.remarks.begin(), settlement.remarks.end())}});
}

}  // namespace headroom::beckn
