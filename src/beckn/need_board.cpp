#include "beckn/need_board.hpp"

#include "beckn/decimal.hpp"
#include "beckn/need_parts.hpp"
#include "core/ids.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace headroom::beckn {

namespace {

constexpr std::array<std::string_view, 3> state_words{"open", "closed", "withdrawn"};
constexpr std::array<std::string_view, 6> step_words{"selected",   "inited",    "bidding",
                                                     "contracted", "completed", "cancelled"};
constexpr std::size_t slots_max = 96;
constexpr milliseconds step_min = minutes{1};
constexpr milliseconds step_max = hours{24};

Result<void> bad_need(std::string pointer, std::string sentence) {
    return Error{Errc::invalid, std::move(sentence), std::move(pointer)};
}

bool is_like(const flex::IntervalGrid& grid, const flex::IntervalGrid& other) {
    return grid.start == other.start && grid.step == other.step && grid.values.size() == other.values.size();
}

bool lies_within(const flex::IntervalGrid& grid, std::int64_t max) {
    return std::all_of(grid.values.begin(), grid.values.end(),
                       [max](std::int64_t value) { return value >= 0 && value <= max; });
}

Result<void> check_money(const PublishedNeed& need) {
    const bool is_fixed = need.rule == SettlementRule::fixed_price;
    if (is_fixed != need.need.price_per_mwh.has_value()) {
        return bad_need("/prices_gbp_per_kwh", is_fixed ? "a fixed price needs a price for every slot"
                                                        : "pay-as-clear has a ceiling and no prices");
    }
    for (const auto& [grid, pointer] : {std::pair{&need.need.price_per_mwh, "/prices_gbp_per_kwh"},
                                        std::pair{&need.need.shortfall_per_mwh, "/shortfall_gbp_per_kwh"}}) {
        if (*grid && !is_like(**grid, need.requested_w())) {
            return bad_need(pointer, "must have a value for each slot");
        }
        if (*grid && !lies_within(**grid, flex::price_max.value)) {
            return bad_need(pointer, "must lie between 0 and 100 per kWh");
        }
    }
    if (!is_fixed && (need.ceiling_per_mwh <= 0 || need.ceiling_per_mwh > flex::price_max.value)) {
        return bad_need("/ceiling_gbp_per_kwh", "must be above 0 and at most 100 per kWh");
    }
    if (need.shortfall_per_mwh < 0 || need.shortfall_per_mwh > flex::price_max.value) {
        return bad_need("/shortfall_gbp_per_kwh", "must lie between 0 and 100 per kWh");
    }
    return {};
}

}  // namespace

std::string_view to_string(NeedState state) {
    return state_words[static_cast<std::size_t>(state)];
}
std::optional<NeedState> parse_need_state(std::string_view text) {
    const auto found = std::find(state_words.begin(), state_words.end(), text);
    return found == state_words.end() ? std::nullopt
                                      : std::optional(static_cast<NeedState>(found - state_words.begin()));
}
std::string_view to_string(NeedStep step) {
    return step_words[static_cast<std::size_t>(step)];
}
std::optional<NeedStep> parse_need_step(std::string_view text) {
    const auto found = std::find(step_words.begin(), step_words.end(), text);
    return found == step_words.end() ? std::nullopt
                                     : std::optional(static_cast<NeedStep>(found - step_words.begin()));
}

Result<void> check(const PublishedNeed& need, UtcTime now) {
    const flex::IntervalGrid& wanted = need.requested_w();
    if (!is_valid_id(need.id)) {
        return bad_need("/need_id", "must be 1 to 64 letters, digits, '.', '_' or '-'");
    }
    if (wanted.values.empty() || wanted.values.size() > slots_max) {
        return bad_need("/requested_kw", "must have 1 to 96 slots");
    }
    if (!lies_within(wanted, flex::offer_power_max.value) ||
        std::all_of(wanted.values.begin(), wanted.values.end(), [](std::int64_t w) { return w == 0; })) {
        return bad_need("/requested_kw", "must lie between 0 and 100,000 kW and be above 0 somewhere");
    }
    if (wanted.step < step_min || wanted.step > step_max) {
        return bad_need("/slot_minutes", "must lie between one minute and one day");
    }
    if (need.gate <= now) {
        return bad_need("/gate", "has passed already");
    }
    if (need.gate > wanted.start) {
        return bad_need("/gate", "must not be later than the first slot");
    }
    if (need.opens >= need.gate) {
        return bad_need("/opens", "must be earlier than the gate");
    }
    if (need.currency != "GBP") {
        return bad_need("/currency", "must be GBP: contracts and settlement are in pounds");
    }
    if (need.next_round < milliseconds{0} || need.next_round > hours{24}) {
        return bad_need("/next_round_minutes", "must lie between 0 and one day");
    }
    return check_money(need);
}

const PublishedNeed* NeedBoard::need(std::string_view id) const {
    const auto found = needs.find(std::string(id));
    return found == needs.end() ? nullptr : &found->second;
}

const NeedOrder* NeedBoard::order_of(std::string_view transaction) const {
    const auto found = orders.find(std::string(transaction));
    return found == orders.end() ? nullptr : &found->second;
}

flex::IntervalGrid NeedBoard::still_wanted(const PublishedNeed& need, std::string_view except) const {
    flex::IntervalGrid left = need.requested_w();
    for (const auto& [transaction, order] : orders) {
        if (order.need != need.id || !order.binds() || !order.awarded_w || transaction == except) {
            continue;
        }
        for (std::size_t slot = 0; slot < left.values.size(); ++slot) {
            left.values[slot] -= order.awarded_w->values[slot];
        }
    }
    for (std::int64_t& watts : left.values) {
        watts = std::max<std::int64_t>(0, watts);
    }
    return left;
}

UtcTime NeedBoard::next_moment() const {
    UtcTime next = UtcTime::max();
    for (const auto& [id, need] : needs) {
        if (need.state == NeedState::open) {
            next = std::min(next, need.gate);
        }
    }
    return next;
}

NeedOutcome step(const NeedBoard& board, const NeedEvent& event, const SagaTime& now) {
    if (const auto* given = std::get_if<need_event::Publish>(&event)) {
        return need_parts::publish(board, given->need, now);
    }
    if (const auto* given = std::get_if<need_event::Withdraw>(&event)) {
        return need_parts::withdraw(board, *given);
    }
    if (const auto* given = std::get_if<need_event::CloseGate>(&event)) {
        NeedOutcome outcome;
        const PublishedNeed* need = board.need(given->need);
        if (need == nullptr) {
            outcome.fault = Error{Errc::not_found, "no need " + given->need, ""};
        } else if (need->state != NeedState::open) {
            outcome.fault =
                Error{Errc::conflict, "need " + need->id + " is " + std::string(to_string(need->state)), ""};
        } else {
            need_parts::close_gate(board, *need, now, "closed by the operator", outcome);
        }
        return outcome;
    }
    if (const auto* given = std::get_if<need_event::Received>(&event)) {
        return need_parts::receive(board, given->message, now);
    }
    if (const auto* given = std::get_if<need_event::Measured>(&event)) {
        return need_parts::measure(board, *given);
    }
    return need_parts::tick(board, now);
}

void apply(NeedBoard& board, const NeedOutcome& outcome) {
    for (const PublishedNeed& need : outcome.needs) {
        board.needs.insert_or_assign(need.id, need);
    }
    for (const NeedOrder& order : outcome.orders) {
        board.orders.insert_or_assign(order.transaction(), order);
    }
}

bool is_own_evidence(const flex::Performance& performance) {
    return performance.id == need_parts::own_evidence;
}

Result<PolicySettlement> settle_by(const NeedOrder& order, bool is_ours) {
    Order of_one_side = order.order;
    std::erase_if(of_one_side.performance,
                  [is_ours](const flex::Performance& one) { return is_own_evidence(one) != is_ours; });
    return settle_by_policy(of_one_side);
}

namespace need_parts {

MessageError refusal(ErrorCode code, std::string_view sentence, std::string pointer, std::string expected,
                     std::string got) {
    MessageError error = make_error(WireVersion::v2_lts, code, sentence, std::move(pointer));
    error.expected = std::move(expected);
    error.got = std::move(got);
    return error;
}

NeedOutcome refused(MessageError error) {
    NeedOutcome outcome;
    outcome.refuse = std::move(error);
    return outcome;
}

std::string kw(std::int64_t watts) {
    return format_decimal(watts, kw_decimals) + " kW";
}

std::string per_kwh(std::int64_t per_mwh, const std::string& currency) {
    const bool is_negative = per_mwh < 0;
    return (is_negative ? "-" : "") + format_decimal(is_negative ? -per_mwh : per_mwh, gbp_per_kwh_decimals) +
           " " + currency + "/kWh";
}

std::string order_id_of(std::string_view transaction) {
    return make_uuid("need order\n" + std::string(transaction));
}

std::string offer_id(const PublishedNeed& need) {
    return need.id + "-offer";
}

/// The published policies under their query paths; the text of a rule is nothing that we ship or fetch.
Policy policy_of(SettlementRule rule) {
    return rule == SettlementRule::fixed_price
               ? Policy{"urn:headroom:policy:demand_flex", "data.deg.contracts.demand_flex"}
               : Policy{"urn:headroom:policy:demand_flex_pac", "data.deg.contracts.demand_flex_pac"};
}

NeedLine line_of(const NeedBoard& board, const PublishedNeed& need, flex::IntervalGrid wanted_w) {
    NeedLine line{.id = {}, .resource = need.id, .offer = offer_id(need)};
    line.currency = need.currency;
    line.need = need.need;
    line.need->requested_w = std::move(wanted_w);
    line.baseline_best_of = need.baseline_best_of;
    line.baseline_out_of = need.baseline_out_of;
    line.buyer = board.house.subscriber_id;
    line.buyer_extras.set("feederId", need.feeder);
    if (need.rule == SettlementRule::pay_as_clear) {
        line.shortfall_per_mwh = need.shortfall_per_mwh;
        line.buyer_extras.set("clearingMethod", "PAY-AS-CLEAR")
            .set("clearingTime", format_utc(need.gate))
            .set("priceCeilingPerKwh", format_decimal(need.ceiling_per_mwh, gbp_per_kwh_decimals));
    }
    line.valid_from = need.opens;
    line.valid_until = need.gate;
    return line;
}

void tell_state(NeedOrder& order) {
    Order& told = order.order;
    told.draft = order.step <= NeedStep::inited;
    switch (order.step) {
        case NeedStep::selected:
        case NeedStep::inited:
            told.status = OrderStatus::none;
            order.line().status = "DRAFT";
            break;
        case NeedStep::bidding:
            told.status = OrderStatus::active;
            order.line().status = "DRAFT";
            break;
        case NeedStep::contracted:
            told.status = OrderStatus::active;
            order.line().status = "ACTIVE";
            break;
        case NeedStep::completed:
            told.status = OrderStatus::complete;
            order.line().status = "CLOSED";
            break;
        case NeedStep::cancelled:
            told.status = OrderStatus::cancelled;
            order.line().status = "CLOSED";
            break;
    }
}

Order told(const NeedOrder& order) {
    Order out = order.order;
    const auto ours = std::find_if(out.performance.begin(), out.performance.end(), is_own_evidence);
    const bool is_by_ours = ours != out.performance.end() && settle_by(order, true).has_value();
    const bool is_by_theirs = !is_by_ours && settle_by(order, false).has_value();
    if (ours != out.performance.end() && !is_by_theirs) {
        out.performance = {*ours};
    } else {
        std::erase_if(out.performance, is_own_evidence);
    }
    return out;
}

NeedCallback unasked(const NeedOrder& order, Action callback) {
    NeedCallback out{.transaction = order.transaction(),
                     .request = order.context,
                     .is_unasked = true,
                     .message = told(order)};
    out.request.action = request_of(callback);
    out.request.message_id.clear();
    out.request.try_preview = false;
    return out;
}

UtcTime start_of(const PublishedNeed& need, const NeedOrder& order) {
    if (order.awarded_w) {
        for (std::size_t slot = 0; slot < order.awarded_w->values.size(); ++slot) {
            if (order.awarded_w->values[slot] > 0) {
                return order.awarded_w->time_of(slot);
            }
        }
    }
    return need.requested_w().start;
}

UtcTime end_of(const PublishedNeed& need, const NeedOrder& order) {
    if (order.awarded_w) {
        for (std::size_t slot = order.awarded_w->values.size(); slot > 0; --slot) {
            if (order.awarded_w->values[slot - 1] > 0) {
                return order.awarded_w->time_of(slot);
            }
        }
    }
    return need.requested_w().end();
}

}  // namespace need_parts

}  // namespace headroom::beckn
