#include "beckn/evidence_pages.hpp"
#include "beckn/need_parts.hpp"

#include <algorithm>
#include <utility>

// What a seller may change of his order: the bid before it counts, the meters before the first slot, and the
// evidence of what he delivered.
namespace headroom::beckn::need_parts {

namespace {

constexpr std::size_t evidence_max = 32;

std::string at_evidence(std::size_t place) {
    return "/message/contract/performance/" + std::to_string(place);
}

bool is_like(const flex::IntervalGrid& grid, const flex::IntervalGrid& other) {
    return grid.start == other.start && grid.step == other.step && grid.values.size() == other.values.size();
}

/// Pages are kept one by one until they are whole; what comes again replaces what stood.
std::optional<MessageError> add_evidence(const PublishedNeed& need, const flex::Performance& given,
                                         std::size_t place, NeedOrder& order) {
    std::vector<flex::Performance>& kept = order.order.performance;
    if (given.id.empty() || is_own_evidence(given)) {
        return refusal(ErrorCode::biz_update_inconsistent, "evidence needs an id of the seller's own",
                       at_evidence(place) + "/id", {}, given.id);
    }
    if (given.meters_ref) {
        return refusal(ErrorCode::sch_field_not_allowed,
                       "nothing is fetched: meters come in the message, or in pages",
                       at_evidence(place) + "/performanceAttributes/metersRef");
    }
    for (const flex::MeterSeries& meter : given.meters) {
        const auto& named = order.line().meters;
        if (std::find(named.begin(), named.end(), meter.meter) == named.end()) {
            return refusal(ErrorCode::biz_update_inconsistent, "the meter is not one of the contract's",
                           at_evidence(place) + "/performanceAttributes/meters", {}, meter.meter);
        }
        const bool is_told = meter.baseline_w || meter.usage_w;
        for (const auto* grid : {&meter.baseline_w, &meter.usage_w}) {
            if (!is_told || (*grid && !is_like(**grid, need.requested_w()))) {
                return refusal(ErrorCode::biz_update_inconsistent,
                               "a meter tells BASELINE or USAGE on the grid of the need",
                               at_evidence(place) + "/performanceAttributes/meters", {}, meter.meter);
            }
        }
    }
    const auto is_same = [&given](const flex::Performance& one) {
        return one.id == given.id && (!given.page || !one.page || one.page->sequence == given.page->sequence);
    };
    std::erase_if(kept, is_same);
    if (kept.size() >= evidence_max) {
        return refusal(ErrorCode::net_overloaded, "too much evidence for one contract", at_evidence(place));
    }
    kept.push_back(given);
    EvidencePages pages;
    std::optional<flex::Performance> whole;
    for (const flex::Performance& one : kept) {
        if (one.id != given.id) {
            continue;
        }
        Result<std::optional<flex::Performance>> added = pages.add(order.transaction(), one);
        if (!added) {
            return refusal(ErrorCode::biz_update_inconsistent, added.error().message, at_evidence(place));
        }
        whole = *added ? std::move(*added) : std::move(whole);
    }
    if (whole) {
        std::erase_if(kept, [&given](const flex::Performance& one) { return one.id == given.id; });
        kept.push_back(std::move(*whole));
    }
    return std::nullopt;
}

/// A bid that waits for its clearing is written anew, and loses its place in time. Under a fixed price the
/// new power is taken as long as it is wanted and nothing has begun.
std::optional<MessageError> change_bid(const NeedBoard& board, const PublishedNeed& need, const NeedLine& his,
                                       const SagaTime& now, NeedOrder& order) {
    std::optional<flex::Bid> stands = order.line().bid;
    stands->cleared_w.reset();
    stands->clearing_per_mwh.reset();
    flex::Bid wanted = *his.bid;
    wanted.cleared_w.reset();
    wanted.clearing_per_mwh.reset();
    if (wanted == *stands) {
        return std::nullopt;
    }
    const bool is_fixed = need.rule == SettlementRule::fixed_price;
    const bool may_change =
        (is_fixed && order.step == NeedStep::contracted) || order.step == NeedStep::bidding;
    if (!may_change || now.domain >= (is_fixed ? start_of(need, order) : need.gate)) {
        return refusal(ErrorCode::pol_update_not_allowed, "what was awarded cannot be bid anew",
                       std::string(at_bid));
    }
    NeedLine line = order.line();
    line.bid = wanted;
    if (auto wrong = BidJudge{board, need, order.transaction(), now.domain}.bid(line)) {
        return wrong;
    }
    const std::int64_t before_micro = is_fixed ? fixed_cost(need, order.line()) : 0;
    order.line().bid = std::move(wanted);
    if (auto wrong = over_budget(board, need, order, before_micro)) {
        return wrong;
    }
    order.bid_at = now.wall;
    if (is_fixed) {
        for (std::size_t slot = 0; slot < order.awarded_w->values.size(); ++slot) {
            order.awarded_w->values[slot] = order.line().bid->curve[slot].front().power_w;
        }
    }
    return std::nullopt;
}

}  // namespace

NeedOutcome update(const NeedBoard& board, const NeedOrder& before, const Envelope& message,
                   const SagaTime& now) {
    const Order& asked = std::get<UpdateRequest>(message.message).order;
    const PublishedNeed& need = *board.need(before.need);
    if (before.step != NeedStep::bidding && before.step != NeedStep::contracted) {
        return refused(refusal(ErrorCode::pol_update_not_allowed, "the contract is not in force",
                               "/message/contract/status/code", {}, std::string(to_string(before.step))));
    }
    if (asked.needs.size() > 1 || (asked.needs.size() == 1 && asked.needs.front().resource != need.id)) {
        return refused(refusal(ErrorCode::biz_invalid_update_target, "the contract is for need " + need.id,
                               std::string(at_commitment) + "/resources/0/id"));
    }
    NeedOrder order = before;
    std::optional<MessageError> wrong;
    if (!asked.needs.empty()) {
        const NeedLine& his = asked.needs.front();
        const BidJudge judge{board, need, order.transaction(), now.domain};
        wrong = judge.terms(his);
        const bool changes_meters = !his.meters.empty() && his.meters != order.line().meters;
        if (!wrong && changes_meters && now.domain >= start_of(need, order)) {
            wrong = refusal(ErrorCode::pol_update_not_allowed, "meters stay once the first slot has begun",
                            std::string(at_offer) + "/offerAttributes/inputs");
        }
        if (!wrong && changes_meters) {
            wrong = judge.meters(his);
            order.line().meters = his.meters;
            const bool is_fixed = need.rule == SettlementRule::fixed_price;
            const std::int64_t before_micro =
                is_fixed && order.line().bid ? fixed_cost(need, order.line()) : 0;
            wrong = wrong ? std::move(wrong) : over_budget(board, need, order, before_micro);
        }
        if (!wrong && his.bid) {
            wrong = change_bid(board, need, his, now, order);
        }
    }
    for (std::size_t i = 0; i < asked.performance.size() && !wrong; ++i) {
        // Ours comes back with the contract; it is ours to say.
        if (!is_own_evidence(asked.performance[i])) {
            wrong = add_evidence(need, asked.performance[i], i, order);
        }
    }
    if (wrong) {
        return refused(std::move(*wrong));
    }
    tell_state(order);
    NeedOutcome outcome;
    if (message.context.try_preview) {
        outcome.callbacks.push_back(
            {.transaction = order.transaction(), .request = message.context, .message = order.order});
        return outcome;
    }
    const std::string held = before.held_confirm;
    order.context = message.context;
    order.context.transaction_id = before.transaction();
    order.held_confirm = held;
    if (order.was_measured && order.step == NeedStep::contracted) {
        settle(order, outcome, false);
    }
    if (outcome.orders.empty()) {
        if (order.step == NeedStep::contracted) {
            rebalance(board, need, order, now, outcome);
        }
        outcome.news.push_back(
            {NeedNews::Kind::changed, need.id, order.transaction(), "update by the seller"});
        outcome.orders.push_back(std::move(order));
    }
    outcome.callbacks.push_back({.transaction = before.transaction(),
                                 .request = message.context,
                                 .message = told(outcome.orders.front())});
    return outcome;
}

NeedOutcome cancel(const NeedBoard& board, const NeedOrder& before, const Envelope& message,
                   const SagaTime& now) {
    const PublishedNeed& need = *board.need(before.need);
    const auto& asked = std::get<CancelRequest>(message.message);
    if (before.step == NeedStep::completed) {
        return refused(refusal(ErrorCode::pol_cancellation_not_allowed, "the contract is settled",
                               "/message/contract/status/code"));
    }
    const bool has_begun = before.step == NeedStep::contracted && now.domain >= start_of(need, before);
    if (has_begun) {
        return refused(refusal(ErrorCode::pol_cancellation_not_allowed,
                               "the first slot has begun; what is not delivered is charged as agreed",
                               "/message/contract/status/code",
                               "before " + format_utc(start_of(need, before)), format_utc(now.domain)));
    }
    NeedOrder order = before;
    order.step = NeedStep::cancelled;
    order.order.cancellation = asked.reason.empty() ? "cancelled by the seller" : asked.reason;
    tell_state(order);
    NeedOutcome outcome;
    outcome.callbacks.push_back(
        {.transaction = before.transaction(), .request = message.context, .message = order.order});
    if (message.context.try_preview || before.step == NeedStep::cancelled) {
        return outcome;
    }
    order.context = message.context;
    order.context.transaction_id = before.transaction();
    const bool was_bound = before.step >= NeedStep::bidding;
    if (was_bound) {
        outcome.news.push_back(
            {NeedNews::Kind::ended, need.id, before.transaction(), order.order.cancellation});
    }
    if (!before.held_confirm.empty()) {
        // Its confirm is still owed an answer.
        NeedCallback owed{
            .transaction = before.transaction(), .request = before.context, .message = order.order};
        owed.request.action = Action::confirm;
        owed.request.message_id = before.held_confirm;
        owed.error = refusal(ErrorCode::biz_already_cancelled, "cancelled by the seller", {});
        outcome.callbacks.push_back(std::move(owed));
        order.held_confirm.clear();
    }
    if (before.step == NeedStep::contracted) {
        rebalance(board, need, order, now, outcome);
    }
    outcome.orders.push_back(std::move(order));
    return outcome;
}

}  // namespace headroom::beckn::need_parts
