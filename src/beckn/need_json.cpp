#include "beckn/codec.hpp"
#include "beckn/need_board.hpp"
#include "beckn/pricing.hpp"
#include "core/json_object.hpp"
#include "core/object_reader.hpp"

#include <algorithm>
#include <set>
#include <utility>

// How needs and orders are kept, and what the desk sees of an order.
namespace headroom::beckn {

namespace {

constexpr std::size_t clearings_max = 10'000;
constexpr std::size_t message_bytes_max = 64UL << 20U;
constexpr std::int64_t price_bound = 100'000'000'000;

std::optional<SettlementRule> parse_rule(std::string_view text) {
    for (const SettlementRule rule : {SettlementRule::fixed_price, SettlementRule::pay_as_clear}) {
        if (text == to_string(rule)) {
            return rule;
        }
    }
    return std::nullopt;
}

json::Value grid_or_null(const std::optional<flex::IntervalGrid>& grid) {
    return grid ? flex::to_json(*grid) : json::Value();
}

std::optional<flex::IntervalGrid> optional_grid(json::ObjectReader& read, std::string_view key) {
    const json::Value& value = read.value(key);
    if (value.is_null()) {
        return std::nullopt;
    }
    return read.take(key, flex::interval_grid_from_json(value));
}

json::Value to_json(const ClearedRound& round) {
    return json::object({{"round", round.round},
                         {"at", format_utc(round.at)},
                         {"bids", round.bids},
                         {"cleared_w", flex::to_json(round.cleared_w)},
                         {"price_per_mwh", flex::to_json(round.price_per_mwh)}});
}

Result<ClearedRound> round_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    ClearedRound round;
    round.round = read.integer("round", 1);
    round.at = read.time("at");
    round.bids = read.integer("bids", 0);
    round.cleared_w = read.take("cleared_w", flex::interval_grid_from_json(read.value("cleared_w")));
    round.price_per_mwh =
        read.take("price_per_mwh", flex::interval_grid_from_json(read.value("price_per_mwh")));
    read.refuse_unknown();
    return read.ok() ? Result<ClearedRound>(std::move(round)) : read.error();
}

flex::ContractState contract_state_of(NeedStep step) {
    switch (step) {
        case NeedStep::selected:
            return flex::ContractState::requested;
        case NeedStep::inited:
            return flex::ContractState::quoted;
        case NeedStep::bidding:
            return flex::ContractState::confirming;
        case NeedStep::contracted:
            return flex::ContractState::active;
        case NeedStep::completed:
            return flex::ContractState::completed;
        case NeedStep::cancelled:
            return flex::ContractState::cancelled;
    }
    HEADROOM_ASSERT(false);
    return flex::ContractState::unknown;
}

flex::PlanLine line_at(const PublishedNeed& need, const NeedOrder& order, std::int64_t price,
                       flex::IntervalGrid power_w) {
    flex::PlanLine line;
    flex::Offer& offer = line.offer;
    offer.provider = order.peer;
    offer.id = need.id + "@" + std::to_string(price);
    offer.der = order.line().meters.size() == 1 ? order.line().meters.front().substr(0, 256)
                                                : std::to_string(order.line().meters.size()) + " meters of " +
                                                      order.line().seller.substr(0, 200);
    offer.feeder = need.feeder;
    offer.power = Watts{*std::max_element(power_w.values.begin(), power_w.values.end())};
    offer.available_from = power_w.start;
    offer.available_until = power_w.end();
    offer.utilisation = MicroPoundsPerMwh{price};
    offer.baseline_method = need.baseline_method;
    line.energy = energy_of_grid(power_w);
    line.cost = price_of(offer, power_w);
    line.relief_peak = offer.power;
    line.power_w = std::move(power_w);
    return line;
}

}  // namespace

flex::Contract contract_of(const PublishedNeed& need, const NeedOrder& order) {
    flex::Contract contract;
    contract.transaction = TransactionId{order.transaction()};
    contract.order_id = order.order.id;
    contract.event = EventId{need.id};
    contract.provider = order.peer;
    contract.kind = flex::ContractKind::spot;
    contract.state = contract_state_of(order.step);
    contract.failure = order.order.cancellation.substr(0, 1024);
    if (!order.awarded_w) {
        return contract;
    }
    const flex::IntervalGrid& awarded = *order.awarded_w;
    const std::optional<flex::Bid>& bid = order.line().bid;
    const flex::IntervalGrid& prices =
        need.rule == SettlementRule::fixed_price ? *need.need.price_per_mwh : *bid->clearing_per_mwh;
    std::set<std::int64_t> levels;
    for (std::size_t slot = 0; slot < awarded.values.size(); ++slot) {
        if (awarded.values[slot] > 0) {
            levels.insert(prices.values[slot]);
        }
    }
    for (const std::int64_t price : levels) {
        flex::IntervalGrid power_w = awarded;
        for (std::size_t slot = 0; slot < power_w.values.size(); ++slot) {
            power_w.values[slot] = prices.values[slot] == price ? power_w.values[slot] : 0;
        }
        contract.lines.push_back(line_at(need, order, price, std::move(power_w)));
        contract.quoted = MicroPounds{contract.quoted.value + contract.lines.back().cost.value};
    }
    return contract;
}

json::Value to_json(const PublishedNeed& need) {
    json::Array clearings;
    for (const ClearedRound& round : need.clearings) {
        clearings.push_back(to_json(round));
    }
    return json::object({{"id", need.id},
                         {"feeder", need.feeder},
                         {"rule", to_string(need.rule)},
                         {"currency", need.currency},
                         {"requested_w", flex::to_json(need.requested_w())},
                         {"price_per_mwh", grid_or_null(need.need.price_per_mwh)},
                         {"shortfall_by_slot", grid_or_null(need.need.shortfall_per_mwh)},
                         {"ceiling_per_mwh", need.ceiling_per_mwh},
                         {"shortfall_per_mwh", need.shortfall_per_mwh},
                         {"baseline_method", need.baseline_method},
                         {"baseline_best_of", need.baseline_best_of},
                         {"baseline_out_of", need.baseline_out_of},
                         {"opens", format_utc(need.opens)},
                         {"gate", format_utc(need.gate)},
                         {"next_round_ms", need.next_round.count()},
                         {"round", need.round},
                         {"state", to_string(need.state)},
                         {"ended_because", need.ended_because},
                         {"clearings", std::move(clearings)}});
}

Result<PublishedNeed> published_need_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    PublishedNeed need;
    need.id = read.text("id", 64, 1);
    need.feeder = read.text("feeder", 256);
    need.rule = read.word("rule", parse_rule);
    need.currency = read.text("currency", 3, 3);
    need.need.requested_w =
        read.take("requested_w", flex::interval_grid_from_json(read.value("requested_w")));
    need.need.price_per_mwh = optional_grid(read, "price_per_mwh");
    need.need.shortfall_per_mwh = optional_grid(read, "shortfall_by_slot");
    need.ceiling_per_mwh = read.integer("ceiling_per_mwh", 0, price_bound);
    need.shortfall_per_mwh = read.integer("shortfall_per_mwh", 0, price_bound);
    need.baseline_method = read.text("baseline_method");
    need.baseline_best_of = read.integer("baseline_best_of", 0, 366);
    need.baseline_out_of = read.integer("baseline_out_of", 0, 366);
    need.opens = read.time("opens");
    need.gate = read.time("gate");
    need.next_round = milliseconds{read.integer("next_round_ms", 0)};
    need.round = read.integer("round", 1);
    need.state = read.word("state", parse_need_state);
    need.ended_because = read.text("ended_because", 4096);
    for (const json::Value& item : read.array("clearings", clearings_max)) {
        ClearedRound round = read.take("clearings", round_from_json(item));
        need.clearings.push_back(std::move(round));
    }
    read.refuse_unknown();
    return read.ok() ? Result<PublishedNeed>(std::move(need)) : read.error();
}

json::Value to_json(const NeedOrder& order) {
    Envelope envelope{
        .version = WireVersion::v2_lts, .context = order.context, .message = order.order, .error = {}};
    envelope.context.action = Action::on_status;
    Result<std::string> message = encode(envelope);
    HEADROOM_ASSERT(message.has_value());  // what was read or made by us can be written
    return json::object({{"step", to_string(order.step)},
                         {"need", order.need},
                         {"peer", order.peer},
                         {"action", to_string(order.context.action)},
                         {"bid_at", format_utc(order.bid_at)},
                         {"held_confirm", order.held_confirm},
                         {"awarded_w", grid_or_null(order.awarded_w)},
                         {"was_measured", order.was_measured},
                         {"message", std::move(*message)}});
}

Result<NeedOrder> need_order_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    NeedOrder order;
    order.step = read.word("step", parse_need_step);
    order.need = read.text("need", 64, 1);
    order.peer = read.text("peer", 512, 1);
    const Action action = read.word("action", parse_action);
    order.bid_at = read.time("bid_at");
    order.held_confirm = read.text("held_confirm", 128);
    order.awarded_w = optional_grid(read, "awarded_w");
    order.was_measured = read.boolean("was_measured");
    const std::string message = read.text("message", message_bytes_max);
    read.refuse_unknown();
    if (!read.ok()) {
        return read.error();
    }
    CodecLimits limits;
    limits.bytes = message_bytes_max;
    limits.meters = 1'000'000;
    Decoded decoded = decode(message, limits);
    Order* told = decoded.envelope ? std::get_if<Order>(&decoded.envelope->message) : nullptr;
    if (told == nullptr || told->needs.size() != 1) {
        return Error{Errc::corrupt, "the message of the order cannot be read: " + decoded.describe_faults(),
                     "/message"};
    }
    order.context = std::move(decoded.envelope->context);
    order.context.action = action;
    order.order = std::move(*told);
    return order;
}

}  // namespace headroom::beckn
