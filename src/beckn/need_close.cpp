#include "beckn/need_clearing.hpp"
#include "beckn/need_parts.hpp"

#include <algorithm>
#include <utility>

// What happens to needs by the operator's word or by time, and how orders are settled.
namespace headroom::beckn::need_parts {

namespace {

constexpr std::string_view covered = "covered";

bool is_empty(const flex::IntervalGrid& grid) {
    return std::all_of(grid.values.begin(), grid.values.end(), [](std::int64_t value) { return value == 0; });
}

/// The on_confirm that was owed until the market had cleared, or a message of our own.
NeedCallback tell(const NeedOrder& order, const std::string& held_confirm, Action unasked_as) {
    if (held_confirm.empty()) {
        return unasked(order, unasked_as);
    }
    NeedCallback owed{.transaction = order.transaction(), .request = order.context, .message = told(order)};
    owed.request.action = Action::confirm;
    owed.request.message_id = held_confirm;
    if (order.step == NeedStep::cancelled) {
        owed.error = refusal(ErrorCode::biz_quantity_unavailable, order.order.cancellation, {});
    }
    return owed;
}

void end_order(NeedOrder order, std::string why, NeedOutcome& outcome) {
    const std::string held = std::exchange(order.held_confirm, {});
    order.step = NeedStep::cancelled;
    order.order.cancellation = std::move(why);
    tell_state(order);
    outcome.news.push_back(
        {NeedNews::Kind::ended, order.need, order.transaction(), order.order.cancellation});
    outcome.callbacks.push_back(tell(order, held, Action::on_cancel));
    outcome.orders.push_back(std::move(order));
}

/// Conversations that have not come to a confirm bind nobody: they lapse without a word.
void lapse_drafts(const NeedBoard& board, const std::string& need, NeedOutcome& outcome) {
    for (const auto& [transaction, draft] : board.orders) {
        if (draft.need == need && draft.step <= NeedStep::inited) {
            NeedOrder order = draft;
            order.step = NeedStep::cancelled;
            order.order.cancellation = "no confirm came before the need was closed";
            tell_state(order);
            outcome.orders.push_back(std::move(order));
        }
    }
}

void award(NeedOrder order, const ClearingWithin& within, NeedOutcome& outcome) {
    const Clearing& clearing = within.clearing;
    const auto award = clearing.awards_w.find(order.transaction());
    if (award == clearing.awards_w.end()) {
        const auto kept_out = within.refused.find(order.transaction());
        end_order(std::move(order),
                  kept_out != within.refused.end() ? kept_out->second : "nothing of the bid was cleared",
                  outcome);
        return;
    }
    const std::string held = std::exchange(order.held_confirm, {});
    order.step = NeedStep::contracted;
    order.awarded_w = award->second;
    order.line().bid->cleared_w = award->second;
    order.line().bid->clearing_per_mwh = clearing.price_per_mwh;
    tell_state(order);
    outcome.news.push_back({NeedNews::Kind::contracted, order.need, order.transaction(), "cleared"});
    outcome.callbacks.push_back(tell(order, held, Action::on_update));
    outcome.orders.push_back(std::move(order));
}

/// The need's money less what clearings of the same step have spent of the same budgets.
NeedMoney money_left(const NeedBoard& board, const std::string& need, const NeedOutcome& outcome) {
    const auto found = board.money.find(need);
    NeedMoney money = found == board.money.end() ? NeedMoney{} : found->second;
    for (const NeedOrder& order : outcome.orders) {
        const auto other = board.money.find(order.need);
        if (order.step != NeedStep::contracted || order.need == need || other == board.money.end()) {
            continue;
        }
        const std::int64_t cost = cost_of_slots(*order.awarded_w, *order.line().bid->clearing_per_mwh);
        const auto take = [cost](SpendLimit& left, const SpendLimit& same) {
            left.micro = left.rule == same.rule ? std::max<std::int64_t>(0, left.micro - cost) : left.micro;
        };
        if (money.in_all && other->second.in_all) {
            take(*money.in_all, *other->second.in_all);
        }
        const auto own = money.by_peer.find(order.peer);
        const auto same = other->second.by_peer.find(order.peer);
        if (own != money.by_peer.end() && same != other->second.by_peer.end()) {
            take(own->second, same->second);
        }
    }
    return money;
}

/// What a clearing left open is wanted again, when there is a next round and time for it.
void open_or_close(PublishedNeed need, const flex::IntervalGrid& left, const SagaTime& now,
                   std::string_view why, NeedOutcome& outcome) {
    const UtcTime latest = need.requested_w().start;
    const UtcTime next_gate = std::min(now.domain + need.next_round, latest);
    const bool may_go_on = need.rule == SettlementRule::pay_as_clear && !is_empty(left) &&
                           need.next_round > milliseconds{0} && next_gate > now.domain;
    if (may_go_on) {
        need.state = NeedState::open;
        need.ended_because.clear();
        need.round += 1;
        need.opens = std::min(need.opens, now.domain);
        need.gate = next_gate;
    } else {
        need.state = NeedState::closed;
        need.ended_because = std::string(is_empty(left) ? covered : why);
        outcome.news.push_back({NeedNews::Kind::closed, need.id, {}, need.ended_because});
    }
    outcome.needs.push_back(std::move(need));
}

}  // namespace

void close_gate(const NeedBoard& board, PublishedNeed need, const SagaTime& now, std::string_view why,
                NeedOutcome& outcome) {
    flex::IntervalGrid left = board.still_wanted(need);
    if (need.rule == SettlementRule::fixed_price) {
        lapse_drafts(board, need.id, outcome);
        need.state = NeedState::closed;
        need.ended_because = std::string(why);
        outcome.news.push_back({NeedNews::Kind::closed, need.id, {}, need.ended_because});
        outcome.needs.push_back(std::move(need));
        return;
    }
    std::vector<StandingBid> bids;
    std::map<std::string, std::string> peer_of;
    std::map<std::string, std::string> barred;
    const NeedMoney money = money_left(board, need.id, outcome);
    for (const auto& [transaction, order] : board.orders) {
        if (order.need == need.id && order.step == NeedStep::bidding) {
            bids.push_back({transaction, order.bid_at, order.line().bid->curve});
            peer_of.emplace(transaction, order.peer);
            if (auto rule = money.barred(order.peer, order.line().meters, order.line().bid->curve)) {
                barred.emplace(transaction, std::move(*rule));
            }
        }
    }
    const ClearingWithin within = clear_within(left, bids, peer_of, money, barred);
    const Clearing& clearing = within.clearing;
    std::string reason(why);
    for (const std::string& rule : within.held_back) {
        reason += "; " + rule;
    }
    for (std::size_t slot = 0; slot < left.values.size(); ++slot) {
        left.values[slot] -= clearing.cleared_w.values[slot];
    }
    need.clearings.push_back({.round = need.round,
                              .at = now.domain,
                              .bids = static_cast<std::int64_t>(bids.size()),
                              .cleared_w = clearing.cleared_w,
                              .price_per_mwh = clearing.price_per_mwh});
    outcome.news.push_back({NeedNews::Kind::cleared, need.id, {}, std::move(reason)});
    for (const StandingBid& bid : bids) {
        award(board.orders.at(bid.id), within, outcome);
    }
    const std::string id = need.id;
    open_or_close(std::move(need), left, now, why, outcome);
    if (outcome.needs.back().state != NeedState::open) {
        lapse_drafts(board, id, outcome);
    }
}

void rebalance(const NeedBoard& board, const PublishedNeed& need, const NeedOrder& order, const SagaTime& now,
               NeedOutcome& outcome) {
    flex::IntervalGrid left = board.still_wanted(need, order.transaction());
    for (std::size_t slot = 0; order.binds() && slot < left.values.size(); ++slot) {
        left.values[slot] = std::max<std::int64_t>(0, left.values[slot] - order.awarded_w->values[slot]);
    }
    const bool is_fixed = need.rule == SettlementRule::fixed_price;
    PublishedNeed changed = need;
    if (is_fixed && need.state == NeedState::open && is_empty(left)) {
        changed.state = NeedState::closed;
        changed.ended_because = std::string(covered);
        outcome.news.push_back({NeedNews::Kind::closed, need.id, {}, changed.ended_because});
        outcome.needs.push_back(std::move(changed));
    } else if (is_fixed && need.ended_because == covered && !is_empty(left) && now.domain < need.gate) {
        changed.state = NeedState::open;
        changed.ended_because.clear();
        outcome.needs.push_back(std::move(changed));
    } else if (!is_fixed && need.state == NeedState::closed) {
        NeedOutcome again;
        open_or_close(std::move(changed), left, now, need.ended_because, again);
        if (again.needs.front().state == NeedState::open) {
            outcome.needs.push_back(std::move(again.needs.front()));
        }
    }
}

NeedOutcome publish(const NeedBoard& board, const PublishedNeed& need, const SagaTime& now) {
    NeedOutcome outcome;
    if (const Result<void> checked = check(need, now.domain); !checked) {
        outcome.fault = checked.error();
    } else if (board.need(need.id) != nullptr) {
        outcome.fault = Error{Errc::conflict, "there is a need " + need.id + " already", "/need_id"};
    } else {
        outcome.news.push_back({NeedNews::Kind::published, need.id, {}, {}});
        outcome.needs.push_back(need);
    }
    return outcome;
}

/// Contracts stand; bids that wait for a clearing are given back.
NeedOutcome withdraw(const NeedBoard& board, const need_event::Withdraw& event) {
    NeedOutcome outcome;
    const PublishedNeed* need = board.need(event.need);
    if (need == nullptr) {
        outcome.fault = Error{Errc::not_found, "no need " + event.need, ""};
        return outcome;
    }
    if (need->state != NeedState::open) {
        outcome.fault =
            Error{Errc::conflict, "need " + need->id + " is " + std::string(to_string(need->state)), ""};
        return outcome;
    }
    PublishedNeed withdrawn = *need;
    withdrawn.state = NeedState::withdrawn;
    withdrawn.ended_because = event.reason;
    outcome.news.push_back({NeedNews::Kind::withdrawn, need->id, {}, event.reason});
    for (const auto& [transaction, order] : board.orders) {
        if (order.need == need->id && order.step == NeedStep::bidding) {
            end_order(order, "the need was withdrawn", outcome);
        }
    }
    lapse_drafts(board, need->id, outcome);
    outcome.needs.push_back(std::move(withdrawn));
    return outcome;
}

NeedOutcome tick(const NeedBoard& board, const SagaTime& now) {
    NeedOutcome outcome;
    for (const auto& [id, need] : board.needs) {
        if (need.state == NeedState::open && now.domain >= need.gate) {
            close_gate(board, need, now, "the gate closed", outcome);
        }
    }
    return outcome;
}

void settle(NeedOrder order, NeedOutcome& outcome, bool tells_alone) {
    for (const bool is_ours : {true, false}) {
        const Result<PolicySettlement> settled = settle_by(order, is_ours);
        if (!settled) {
            continue;
        }
        order.order.flows = settled->flows;
        order.step = NeedStep::completed;
        tell_state(order);
        outcome.news.push_back({NeedNews::Kind::settled, order.need, order.transaction(),
                                is_ours ? "by our meters" : "by the seller's evidence"});
        if (tells_alone) {
            outcome.callbacks.push_back(unasked(order, Action::on_status));
        }
        outcome.orders.push_back(std::move(order));
        return;
    }
}

NeedOutcome measure(const NeedBoard& board, const need_event::Measured& event) {
    NeedOutcome outcome;
    const NeedOrder* before = board.order_of(event.transaction);
    if (before == nullptr || before->step != NeedStep::contracted) {
        return outcome;
    }
    NeedOrder order = *before;
    order.was_measured = true;
    std::erase_if(order.order.performance, is_own_evidence);
    if (event.ours) {
        flex::Performance ours = *event.ours;
        ours.id = std::string(own_evidence);
        ours.commitments = {order.line().id};
        order.order.performance.insert(order.order.performance.begin(), std::move(ours));
    }
    settle(order, outcome, true);
    if (outcome.orders.empty() && order != *before) {
        outcome.orders.push_back(std::move(order));
    }
    return outcome;
}

}  // namespace headroom::beckn::need_parts
