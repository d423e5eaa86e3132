#include "beckn/need_catalog.hpp"
#include "beckn/need_parts.hpp"

#include <algorithm>
#include <utility>

// Requests of aggregators, from discover to confirm, and questions about what was agreed.
namespace headroom::beckn::need_parts {

namespace {

/// Conversations that are not over yet: with everybody, and with one who must not take all of them.
constexpr std::ptrdiff_t conversations_max = 5000;
constexpr std::ptrdiff_t conversations_each_max = 500;

bool may_begin(const NeedBoard& board, const std::string& peer) {
    std::ptrdiff_t open = 0;
    std::ptrdiff_t with_peer = 0;
    for (const auto& [transaction, order] : board.orders) {
        if (order.step <= NeedStep::bidding) {
            ++open;
            with_peer += order.peer == peer ? 1 : 0;
        }
    }
    return open < conversations_max && with_peer < conversations_each_max;
}

NeedCallback answer_to(const Envelope& message, Body body) {
    return {.transaction = message.context.transaction_id,
            .request = message.context,
            .is_unasked = false,
            .message = std::move(body)};
}

NeedOutcome answered(const Envelope& message, Body body) {
    NeedOutcome outcome;
    outcome.callbacks.push_back(answer_to(message, std::move(body)));
    return outcome;
}

NeedOutcome no_order() {
    return refused(refusal(ErrorCode::biz_order_not_found, "there is no such contract with you",
                           "/message/contract/id"));
}

/// Every open need; on one feeder when the intent names it. Texts and filters of others are not evaluated.
NeedOutcome discover(const NeedBoard& board, const Envelope& message, const SagaTime& now) {
    const auto& intent = std::get<SearchIntent>(message.message);
    Catalog catalog = open_needs(board, intent.feeder, now.domain);
    if (intent.turn_up) {
        catalog.needs.clear();
    }
    if (catalog.needs.empty()) {
        return answered(message, CatalogList{});
    }
    return answered(message, std::move(catalog));
}

/// The one need that a contract is for.
const PublishedNeed* need_of(const NeedBoard& board, const Order& order) {
    if (order.needs.size() != 1) {
        return nullptr;
    }
    const NeedLine& line = order.needs.front();
    const PublishedNeed* need = board.need(line.resource);
    return need != nullptr && (line.offer.empty() || line.offer == offer_id(*need)) ? need : nullptr;
}

std::string seller_of(const Order& order, const Context& context) {
    if (!order.needs.front().seller.empty()) {
        return order.needs.front().seller;
    }
    const auto seller =
        std::find_if(order.participants.begin(), order.participants.end(),
                     [](const Participant& one) { return one.role == PartyRole::seller && !one.id.empty(); });
    return seller == order.participants.end() ? context.bap_id : seller->id;
}

/// What stands in our book of what the seller wrote: his part is his, the buyer's part is ours.
NeedOrder conversation(const NeedBoard& board, const PublishedNeed& need, const Envelope& message,
                       const NeedOrder* before) {
    const auto& asked = std::get<Order>(message.message);
    const NeedLine& his = asked.needs.front();
    NeedOrder order;
    order.need = need.id;
    order.peer = message.context.bap_id;
    order.context = message.context;
    NeedLine line = line_of(board, need, board.still_wanted(need, message.context.transaction_id));
    line.id = his.id.empty() ? need.id : his.id;
    line.bid = his.bid ? his.bid : (before != nullptr ? before->line().bid : std::nullopt);
    if (line.bid) {
        line.bid->cleared_w.reset();
        line.bid->clearing_per_mwh.reset();
    }
    line.meters = his.meters.empty() && before != nullptr ? before->line().meters : his.meters;
    line.seller_extras = his.seller_extras;
    line.seller = seller_of(asked, message.context);
    order.order.id = order_id_of(message.context.transaction_id);
    order.order.provider = board.house.subscriber_id;
    order.order.participants = {
        {.role = PartyRole::buyer, .id = board.house.subscriber_id, .name = board.house.name},
        {.role = PartyRole::seller, .id = line.seller}};
    order.order.policy = policy_of(need.rule);
    order.order.needs.push_back(std::move(line));
    return order;
}

std::optional<MessageError> judge(const NeedBoard& board, const PublishedNeed& need, const Envelope& message,
                                  const NeedOrder& order) {
    const BidJudge judge{board, need, message.context.transaction_id, {}};
    const NeedLine& his = std::get<Order>(message.message).needs.front();
    if (auto wrong = judge.terms(his)) {
        return wrong;
    }
    const bool must_bid = message.context.action != Action::select;
    if (must_bid || order.line().bid) {
        if (auto wrong = judge.bid(order.line())) {
            return wrong;
        }
    }
    return must_bid || !order.line().meters.empty() ? judge.meters(order.line()) : std::nullopt;
}

void contract_fixed(const NeedBoard& board, const PublishedNeed& need, NeedOrder order,
                    const Envelope& message, const SagaTime& now, NeedOutcome& outcome) {
    flex::IntervalGrid awarded = need.requested_w();
    for (std::size_t slot = 0; slot < awarded.values.size(); ++slot) {
        awarded.values[slot] = order.line().bid->curve[slot].front().power_w;
    }
    order.awarded_w = std::move(awarded);
    order.step = NeedStep::contracted;
    tell_state(order);
    outcome.news.push_back({NeedNews::Kind::contracted, need.id, order.transaction(), "bid taken"});
    outcome.callbacks.push_back(answer_to(message, order.order));
    rebalance(board, need, order, now, outcome);
    outcome.orders.push_back(std::move(order));
}

/// A bid for the clearing. Whoever says that he waits until the gate gets his on_confirm with the clearing;
/// others get theirs now, and an on_update when the market has cleared.
void stand_as_bid(const PublishedNeed& need, NeedOrder order, const Envelope& message, const SagaTime& now,
                  NeedOutcome& outcome) {
    order.step = NeedStep::bidding;
    tell_state(order);
    const milliseconds ttl = message.context.ttl.value_or(milliseconds{0});
    const milliseconds age = now.wall - message.context.timestamp;
    if (now.domain + ttl - age > need.gate) {
        order.held_confirm = message.context.message_id;
    } else {
        outcome.callbacks.push_back(answer_to(message, order.order));
    }
    outcome.orders.push_back(std::move(order));
}

NeedOutcome confirm_again(const NeedOrder& before, const Envelope& message) {
    const NeedLine& his = std::get<Order>(message.message).needs.front();
    std::optional<flex::Bid> stands = before.line().bid;
    if (stands) {
        stands->cleared_w.reset();
        stands->clearing_per_mwh.reset();
    }
    if (before.step == NeedStep::cancelled) {
        return refused(
            refusal(ErrorCode::biz_already_cancelled, "the contract is cancelled", "/message/contract/id"));
    }
    if (his.bid && his.bid != stands) {
        return refused(refusal(ErrorCode::biz_already_confirmed,
                               "another bid was confirmed; change it by update", std::string(at_bid)));
    }
    if (!before.held_confirm.empty()) {
        NeedOrder waiting = before;
        waiting.held_confirm = message.context.message_id;
        waiting.context = message.context;
        NeedOutcome outcome;
        outcome.orders.push_back(std::move(waiting));
        return outcome;
    }
    return answered(message, told(before));
}

/// select, init, confirm.
NeedOutcome negotiate(const NeedBoard& board, const Envelope& message, const SagaTime& now) {
    const auto& asked = std::get<Order>(message.message);
    const Action action = message.context.action;
    const NeedOrder* before = board.order_of(message.context.transaction_id);
    if (before != nullptr && before->peer != message.context.bap_id) {
        return refused(refusal(ErrorCode::ctx_transaction_id_unknown, "the transaction is another's",
                               "/context/transactionId"));
    }
    const PublishedNeed* need = need_of(board, asked);
    if (need == nullptr) {
        return refused(refusal(ErrorCode::biz_offer_not_found,
                               "a contract is for one need of our catalogue, by its resource and offer",
                               std::string(at_offer) + "/id", {},
                               asked.needs.empty() ? "" : asked.needs.front().offer));
    }
    const bool is_bound = before != nullptr && before->step >= NeedStep::bidding;
    if (is_bound && action == Action::confirm) {
        return confirm_again(*before, message);
    }
    if (is_bound) {
        return refused(refusal(ErrorCode::biz_already_confirmed,
                               "the contract is confirmed; change it by update", "/context/action"));
    }
    if (before != nullptr && before->need != need->id) {
        return refused(refusal(ErrorCode::biz_update_inconsistent, "the transaction is about another need",
                               std::string(at_offer) + "/id", before->need, need->id));
    }
    const bool is_inited = before != nullptr && before->step == NeedStep::inited;
    if (action == Action::confirm && !is_inited) {
        return refused(refusal(ErrorCode::biz_invalid_state_transition, "confirm follows init",
                               "/context/action", "init",
                               before == nullptr ? "confirm" : std::string(to_string(before->step))));
    }
    if (before == nullptr && !may_begin(board, message.context.bap_id)) {
        return refused(refusal(ErrorCode::net_overloaded, "too many conversations are open", {}));
    }
    if (auto wrong = BidJudge{board, *need, message.context.transaction_id, now.domain}.window()) {
        return refused(std::move(*wrong));
    }
    NeedOrder order = conversation(board, *need, message, before);
    if (auto wrong = judge(board, *need, message, order)) {
        return refused(std::move(*wrong));
    }
    if (auto wrong = action == Action::confirm ? over_budget(board, *need, order, 0) : std::nullopt) {
        return refused(std::move(*wrong));
    }
    NeedOutcome outcome;
    order.bid_at = now.wall;
    if (action != Action::confirm) {
        const bool stays_inited = is_inited && action == Action::select;
        order.step = action == Action::init || stays_inited ? NeedStep::inited : NeedStep::selected;
        tell_state(order);
        outcome.callbacks.push_back(answer_to(message, order.order));
        outcome.orders.push_back(std::move(order));
    } else if (need->rule == SettlementRule::fixed_price) {
        contract_fixed(board, *need, std::move(order), message, now, outcome);
    } else {
        stand_as_bid(*need, std::move(order), message, now, outcome);
    }
    return outcome;
}

/// The order that a request names, by its own id or by the transaction it was made in.
const NeedOrder* order_named(const NeedBoard& board, const Context& context, std::string_view id) {
    const NeedOrder* order = board.order_of(context.transaction_id);
    if (order == nullptr || (id != order->order.id && id != order->transaction())) {
        order = nullptr;
        for (const auto& [transaction, other] : board.orders) {
            if (!id.empty() && other.order.id == id) {
                order = &other;
            }
        }
    }
    return order != nullptr && order->peer == context.bap_id ? order : nullptr;
}

NeedOutcome rate(const NeedBoard& board, const Envelope& message) {
    const auto& asked = std::get<RatingRequest>(message.message);
    for (std::size_t i = 0; i < asked.ratings.size(); ++i) {
        const Rating& rating = asked.ratings[i];
        const std::string place = "/message/ratingInputs/" + std::to_string(i);
        const bool is_known = rating.id == board.house.subscriber_id || board.need(rating.id) != nullptr ||
                              order_named(board, message.context, rating.id) != nullptr;
        if (!is_known) {
            return refused(refusal(ErrorCode::biz_rating_target_not_found, "there is no such thing to rate",
                                   place + "/target/id", {}, rating.id));
        }
        if (rating.value_milli < 0 || rating.value_milli > rating.best_milli) {
            return refused(refusal(ErrorCode::biz_invalid_rating_value, "the value is out of its range",
                                   place + "/range/value"));
        }
    }
    return answered(message, RatingAnswer{.is_accepted = true, .ratings = asked.ratings});
}

NeedOutcome support(const NeedBoard& board, const Envelope& message) {
    Support contact = board.house.contact;
    contact.ref_id = std::get<SupportRequest>(message.message).ref_id;
    if (contact.url.empty() && contact.email.empty() && contact.phone.empty()) {
        contact.url = board.house.url;
    }
    return answered(message, std::move(contact));
}

}  // namespace

NeedOutcome receive(const NeedBoard& board, const Envelope& message, const SagaTime& now) {
    const Context& context = message.context;
    if (std::holds_alternative<SearchIntent>(message.message)) {
        return discover(board, message, now);
    }
    if (std::holds_alternative<Order>(message.message)) {
        return negotiate(board, message, now);
    }
    if (std::holds_alternative<RatingRequest>(message.message)) {
        return rate(board, message);
    }
    if (std::holds_alternative<SupportRequest>(message.message)) {
        return support(board, message);
    }
    if (const auto* asked = std::get_if<StatusRequest>(&message.message)) {
        const NeedOrder* order = order_named(board, context, asked->order_id);
        return order == nullptr ? no_order() : answered(message, told(*order));
    }
    if (const auto* asked = std::get_if<TrackRequest>(&message.message)) {
        // Where an order stands is asked by status; there is no page of it for strangers.
        const NeedOrder* order = order_named(board, context, asked->order_id);
        return order == nullptr
                   ? no_order()
                   : answered(message, Tracking{.order_id = order->order.id,
                                                .url = board.house.url + "/status",
                                                .is_active = order->step == NeedStep::contracted});
    }
    if (const auto* asked = std::get_if<UpdateRequest>(&message.message)) {
        const NeedOrder* order = order_named(board, context, asked->order.id);
        return order == nullptr ? no_order() : update(board, *order, message, now);
    }
    if (const auto* asked = std::get_if<CancelRequest>(&message.message)) {
        const NeedOrder* order = order_named(board, context, asked->order_id);
        return order == nullptr ? no_order() : cancel(board, *order, message, now);
    }
    return refused(refusal(ErrorCode::net_not_implemented,
                           std::string(to_string(context.action)) + " is nothing that a buyer's needs answer",
                           "/context/action"));
}

}  // namespace headroom::beckn::need_parts
