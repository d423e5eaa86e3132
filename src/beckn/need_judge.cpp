#include "beckn/need_parts.hpp"

#include <algorithm>
#include <set>

// Whether a bid can be taken: in time, on the grid, within what is wanted and what is paid, with its meters.
namespace headroom::beckn::need_parts {

namespace {

constexpr std::size_t meters_max = 10'000;

std::string at_slot(std::size_t slot) {
    return std::string(at_bid) + "/intervals/" + std::to_string(slot);
}

std::string at_meters() {
    return std::string(at_offer) + "/offerAttributes/inputs/1/inputs/participatingMeters";
}

bool differs(const std::optional<flex::IntervalGrid>& told, const std::optional<flex::IntervalGrid>& ours) {
    return told && told != ours;
}

bool overlap(const flex::IntervalGrid& a, const flex::IntervalGrid& b) {
    return a.start < b.end() && b.start < a.end();
}

}  // namespace

std::optional<MessageError> BidJudge::window() const {
    if (need.state != NeedState::open) {
        return refusal(ErrorCode::biz_invalid_state_transition, "no bids are taken for this need any more",
                       std::string(at_offer) + "/id", "open", std::string(to_string(need.state)));
    }
    if (now < need.opens || now >= need.gate) {
        return refusal(ErrorCode::biz_invalid_state_transition, "bids are taken while the offer is valid",
                       std::string(at_offer) + "/validity",
                       format_utc(need.opens) + " to " + format_utc(need.gate), format_utc(now));
    }
    return std::nullopt;
}

/// The buyer's own terms cannot be written anew by the seller.
std::optional<MessageError> BidJudge::terms(const NeedLine& line) const {
    const std::string at = std::string(at_commitment) + "/resources/0/resourceAttributes";
    if (line.need && (differs(line.need->price_per_mwh, need.need.price_per_mwh) ||
                      differs(line.need->shortfall_per_mwh, need.need.shortfall_per_mwh))) {
        return refusal(ErrorCode::biz_price_mismatch, "the prices of the need are not as published", at);
    }
    if (line.shortfall_per_mwh && need.rule == SettlementRule::pay_as_clear &&
        *line.shortfall_per_mwh != need.shortfall_per_mwh) {
        return refusal(ErrorCode::biz_price_mismatch, "the penalty of the need is not as published",
                       std::string(at_offer) + "/offerAttributes/inputs/0/inputs/penaltyRate",
                       per_kwh(need.shortfall_per_mwh, need.currency),
                       per_kwh(*line.shortfall_per_mwh, need.currency));
    }
    if (!line.currency.empty() && line.currency != need.currency) {
        return refusal(ErrorCode::biz_price_mismatch, "the need is in another currency",
                       std::string(at_offer) + "/offerAttributes/inputs/0/inputs/currency", need.currency,
                       line.currency);
    }
    return std::nullopt;
}

std::optional<MessageError> BidJudge::bid(const NeedLine& line) const {
    const flex::IntervalGrid& grid = need.requested_w();
    if (!line.bid) {
        return refusal(ErrorCode::sch_required_field_missing, "a bid is needed: CAPACITY_OFFERED by slot",
                       std::string(at_bid));
    }
    const flex::Bid& bid = *line.bid;
    if (bid.start != grid.start || bid.step != grid.step || bid.curve.size() != grid.values.size()) {
        return refusal(ErrorCode::biz_update_inconsistent, "the bid is not on the grid of the need",
                       std::string(at_bid) + "/intervalPeriod",
                       format_utc(grid.start) + ", " + std::to_string(grid.values.size()) + " slots",
                       format_utc(bid.start) + ", " + std::to_string(bid.curve.size()) + " slots");
    }
    const bool is_fixed = need.rule == SettlementRule::fixed_price;
    if (!is_fixed && !bid.is_priced) {
        return refusal(ErrorCode::sch_required_field_missing,
                       "pay-as-clear needs OFFER_PRICE beside CAPACITY_OFFERED", std::string(at_bid));
    }
    const flex::IntervalGrid left = board.still_wanted(need, transaction);
    std::int64_t most_w = 0;
    for (std::size_t slot = 0; slot < bid.curve.size(); ++slot) {
        if (is_fixed && bid.curve[slot].size() != 1) {
            return refusal(ErrorCode::biz_update_inconsistent, "a fixed price has one power for each slot",
                           at_slot(slot), "1", std::to_string(bid.curve[slot].size()));
        }
        const std::int64_t ceiling = is_fixed ? need.need.price_per_mwh->values[slot] : need.ceiling_per_mwh;
        for (const flex::BidStep& step : bid.curve[slot]) {
            most_w = std::max(most_w, step.power_w);
            if (step.power_w < 0 || step.power_w > left.values[slot]) {
                return refusal(ErrorCode::biz_quantity_unavailable, "more is offered than is still wanted",
                               at_slot(slot), "at most " + kw(left.values[slot]), kw(step.power_w));
            }
            if (bid.is_priced && (step.price_per_mwh > ceiling || step.price_per_mwh < 0)) {
                return refusal(ErrorCode::biz_price_mismatch, "the price is not between 0 and what is paid",
                               at_slot(slot), "at most " + per_kwh(ceiling, need.currency),
                               per_kwh(step.price_per_mwh, need.currency));
            }
        }
    }
    if (most_w == 0) {
        return refusal(ErrorCode::biz_quantity_unavailable, "nothing is offered in any slot",
                       std::string(at_bid) + "/intervals", "above 0 kW", "0 kW");
    }
    return std::nullopt;
}

std::optional<MessageError> BidJudge::meters(const NeedLine& line) const {
    if (line.meters.empty()) {
        return refusal(ErrorCode::sch_required_field_missing, "the meters that deliver must be named",
                       at_meters());
    }
    if (line.meters.size() > meters_max) {
        return refusal(ErrorCode::sch_schema_validation_failed, "too many meters", at_meters(), "10000",
                       std::to_string(line.meters.size()));
    }
    std::set<std::string_view> named;
    for (std::size_t i = 0; i < line.meters.size(); ++i) {
        if (line.meters[i].empty() || !named.insert(line.meters[i]).second) {
            return refusal(ErrorCode::biz_update_inconsistent, "a meter stands twice or has no name",
                           at_meters() + "/" + std::to_string(i), {}, line.meters[i]);
        }
    }
    for (const auto& [other_transaction, other] : board.orders) {
        const bool holds = other.step == NeedStep::bidding || other.step == NeedStep::contracted;
        const PublishedNeed* other_need = board.need(other.need);
        if (!holds || other_transaction == transaction || other_need == nullptr ||
            !overlap(other_need->requested_w(), need.requested_w())) {
            continue;
        }
        for (const std::string& meter : other.line().meters) {
            if (named.contains(meter)) {
                return refusal(ErrorCode::biz_quantity_unavailable,
                               "meter " + meter + " is promised already at that time", at_meters());
            }
        }
    }
    return std::nullopt;
}

std::int64_t fixed_cost(const PublishedNeed& need, const NeedLine& line) {
    flex::IntervalGrid power_w = need.requested_w();
    for (std::size_t slot = 0; slot < power_w.values.size(); ++slot) {
        power_w.values[slot] = line.bid->curve[slot].front().power_w;
    }
    return cost_of_slots(power_w, *need.need.price_per_mwh);
}

std::optional<MessageError> over_budget(const NeedBoard& board, const PublishedNeed& need,
                                        const NeedOrder& order, std::int64_t before_micro) {
    const auto money = board.money.find(need.id);
    if (money == board.money.end()) {
        return std::nullopt;
    }
    const NeedLine& line = order.line();
    if (line.bid) {
        if (const auto why = money->second.barred(order.peer, line.meters, line.bid->curve)) {
            return refusal(ErrorCode::biz_quantity_unavailable, *why, at_meters());
        }
    }
    const bool is_fixed = need.rule == SettlementRule::fixed_price;
    const std::int64_t cost = is_fixed ? fixed_cost(need, order.line()) - before_micro : 0;
    if (const std::optional<std::string> why =
            money->second.refusal(order.peer, std::max<std::int64_t>(0, cost))) {
        return refusal(ErrorCode::biz_quantity_unavailable, *why, std::string(at_bid));
    }
    return std::nullopt;
}

}  // namespace headroom::beckn::need_parts
