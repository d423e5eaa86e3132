#include "desk/needs.hpp"

#include "desk/amounts.hpp"
#include "settlement/baseline.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace headroom::desk {
namespace {

constexpr double micro_per_mwh = 1e9;  // of one pound for a kWh

std::vector<double> kw_by_slot(const flex::IntervalGrid& grid) {
    std::vector<double> out;
    for (const std::int64_t watts : grid.values) {
        out.push_back(static_cast<double>(watts) / 1000.0);
    }
    return out;
}

std::vector<double> per_kwh_of(const flex::IntervalGrid& grid) {
    std::vector<double> out;
    for (const std::int64_t price : grid.values) {
        out.push_back(static_cast<double>(price) / micro_per_mwh);
    }
    return out;
}

Error wrong(std::string pointer, std::string sentence) {
    return {Errc::invalid, std::move(sentence), std::move(pointer)};
}

/// One value for all slots, or one for each.
Result<flex::IntervalGrid> spread(const std::vector<double>& values, const flex::IntervalGrid& like,
                                  const std::string& pointer) {
    if (values.size() != 1 && values.size() != like.values.size()) {
        return wrong(pointer, "must have one value for all slots, or one for each");
    }
    flex::IntervalGrid grid{.start = like.start, .step = like.step, .values = {}};
    for (std::size_t slot = 0; slot < like.values.size(); ++slot) {
        const double value = values.size() == 1 ? values.front() : values[slot];
        if (!(value >= 0.0 && value <= 100.0)) {
            return wrong(pointer, "must lie between 0 and 100 £/kWh");
        }
        grid.values.push_back(std::llround(value * micro_per_mwh));
    }
    return grid;
}

Result<flex::IntervalGrid> requested(const NeedTerms& terms) {
    flex::IntervalGrid grid{.start = terms.start, .step = minutes{terms.slot_minutes}, .values = {}};
    for (std::size_t slot = 0; slot < terms.requested_kw.size(); ++slot) {
        const double kw = terms.requested_kw[slot];
        if (!(kw >= 0.0 && kw <= 100'000.0)) {
            return wrong("/requested_kw/" + std::to_string(slot), "must lie between 0 and 100,000 kW");
        }
        grid.values.push_back(std::llround(kw * 1000.0));
    }
    return grid;
}

Result<void> take_prices(const NeedTerms& terms, beckn::PublishedNeed& need) {
    if (terms.rule == "fixed_price") {
        need.rule = beckn::SettlementRule::fixed_price;
        if (terms.ceiling_gbp_per_kwh > 0.0) {
            return wrong("/ceiling_gbp_per_kwh", "a fixed price has no ceiling");
        }
        Result<flex::IntervalGrid> prices =
            spread(terms.prices_gbp_per_kwh, need.requested_w(), "/prices_gbp_per_kwh");
        if (!prices) {
            return prices.error();
        }
        need.need.price_per_mwh = std::move(*prices);
    } else if (terms.rule == "pay_as_clear") {
        need.rule = beckn::SettlementRule::pay_as_clear;
        if (!terms.prices_gbp_per_kwh.empty()) {
            return wrong("/prices_gbp_per_kwh", "pay_as_clear has a ceiling and no prices");
        }
        need.ceiling_per_mwh = std::llround(terms.ceiling_gbp_per_kwh * micro_per_mwh);
    } else {
        return wrong("/rule", "must be fixed_price or pay_as_clear");
    }
    if (terms.shortfall_gbp_per_kwh.empty()) {
        return {};
    }
    Result<flex::IntervalGrid> shortfall =
        spread(terms.shortfall_gbp_per_kwh, need.requested_w(), "/shortfall_gbp_per_kwh");
    if (!shortfall) {
        return shortfall.error();
    }
    if (need.rule == beckn::SettlementRule::fixed_price) {
        need.need.shortfall_per_mwh = std::move(*shortfall);
        return {};
    }
    if (terms.shortfall_gbp_per_kwh.size() != 1) {
        return wrong("/shortfall_gbp_per_kwh", "pay_as_clear has one for all slots");
    }
    need.shortfall_per_mwh = shortfall->values.front();
    return {};
}

std::optional<double> seller_of(const std::vector<flex::RevenueFlow>& flows) {
    for (const flex::RevenueFlow& flow : flows) {
        if (flow.role == "seller") {
            return gbp_of(flow.value_micro);
        }
    }
    return std::nullopt;
}

std::optional<double> seller_by(const beckn::NeedOrder& order, bool is_ours) {
    const Result<beckn::PolicySettlement> settled = beckn::settle_by(order, is_ours);
    return settled ? seller_of(settled->flows) : std::nullopt;
}

NeedOrderAnswer order_answer(const beckn::PublishedNeed& need, const beckn::NeedOrder& order) {
    NeedOrderAnswer answer{.transaction_id = order.transaction(),
                           .order_id = order.order.id,
                           .aggregator = order.peer,
                           .seller = order.line().seller,
                           .step = std::string(beckn::to_string(order.step))};
    answer.meters = static_cast<std::int64_t>(order.line().meters.size());
    if (order.line().bid) {
        for (const auto& steps : order.line().bid->curve) {
            std::int64_t most = 0;
            for (const flex::BidStep& step : steps) {
                most = std::max(most, step.power_w);
            }
            answer.offered_kw.push_back(static_cast<double>(most) / 1000.0);
        }
    }
    if (order.awarded_w) {
        answer.awarded_kw = kw_by_slot(*order.awarded_w);
        answer.cost_gbp = gbp_of(beckn::contract_of(need, order).quoted.value);
    }
    answer.because = order.order.cancellation;
    answer.seller_gbp = seller_of(order.order.flows);
    answer.seller_gbp_by_us = seller_by(order, true);
    answer.seller_gbp_by_them = seller_by(order, false);
    return answer;
}

}  // namespace

Result<beckn::PublishedNeed> need_of(const NeedTerms& terms, const grid::Network& network, UtcTime now) {
    if (network.feeder(terms.feeder_id) == nullptr) {
        return wrong("/feeder_id", "there is no feeder " + terms.feeder_id);
    }
    const settlement::BaselineProfile* profile = settlement::find_baseline_profile(terms.baseline_method);
    if (profile == nullptr || profile->source != settlement::BaselineSource::history) {
        return wrong("/baseline_method", "must be a method of past days: high5of10, mid8of10 or bl01");
    }
    beckn::PublishedNeed need;
    need.id = terms.need_id.empty()
                  ? to_id("need-" + format_utc(terms.start).substr(0, 16) + "-" + terms.feeder_id)
                  : terms.need_id;
    need.feeder = terms.feeder_id;
    need.baseline_method = terms.baseline_method;
    need.baseline_best_of = profile->x_working;
    need.baseline_out_of = profile->y_working;
    Result<flex::IntervalGrid> wanted = requested(terms);
    if (!wanted) {
        return wanted.error();
    }
    need.need.requested_w = std::move(*wanted);
    if (const Result<void> priced = take_prices(terms, need); !priced) {
        return priced.error();
    }
    need.opens = terms.opens.value_or(now);
    need.gate = terms.gate.value_or(terms.start - hours{1});
    need.next_round = minutes{terms.next_round_minutes};
    if (const Result<void> checked = beckn::check(need, now); !checked) {
        return checked.error();
    }
    return need;
}

NeedAnswer need_answer(const beckn::NeedBoard& board, const beckn::PublishedNeed& need) {
    NeedAnswer answer{.need_id = need.id,
                      .feeder_id = need.feeder,
                      .rule = std::string(beckn::to_string(need.rule)),
                      .state = std::string(beckn::to_string(need.state)),
                      .start = need.requested_w().start};
    answer.slot_minutes = need.requested_w().step / minutes{1};
    answer.requested_kw = kw_by_slot(need.requested_w());
    answer.still_wanted_kw = kw_by_slot(board.still_wanted(need));
    if (need.need.price_per_mwh) {
        answer.prices_gbp_per_kwh = per_kwh_of(*need.need.price_per_mwh);
    }
    if (need.need.shortfall_per_mwh) {
        answer.shortfall_gbp_per_kwh = per_kwh_of(*need.need.shortfall_per_mwh);
    }
    if (need.rule == beckn::SettlementRule::pay_as_clear) {
        answer.ceiling_gbp_per_kwh = static_cast<double>(need.ceiling_per_mwh) / micro_per_mwh;
        answer.shortfall_gbp_per_kwh.assign(answer.requested_kw.size(),
                                            static_cast<double>(need.shortfall_per_mwh) / micro_per_mwh);
    }
    answer.baseline_method = need.baseline_method;
    answer.opens = need.opens;
    answer.gate = need.gate;
    answer.round = need.round;
    answer.because = need.ended_because;
    for (const beckn::ClearedRound& round : need.clearings) {
        answer.clearings.push_back({.round = round.round,
                                    .at = round.at,
                                    .bids = round.bids,
                                    .cleared_kw = kw_by_slot(round.cleared_w),
                                    .prices_gbp_per_kwh = per_kwh_of(round.price_per_mwh)});
    }
    for (const auto& [transaction, order] : board.orders) {
        if (order.need == need.id) {
            answer.orders.push_back(order_answer(need, order));
        }
    }
    return answer;
}

std::vector<NeedAnswer> need_answers(const beckn::NeedBoard& board, const std::string& state) {
    std::vector<NeedAnswer> answers;
    for (const auto& [id, need] : board.needs) {
        if (state.empty() || beckn::to_string(need.state) == state) {
            answers.push_back(need_answer(board, need));
        }
    }
    return answers;
}

}  // namespace headroom::desk
