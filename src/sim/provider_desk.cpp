#include "sim/provider_desk.hpp"

#include "beckn/codec.hpp"
#include "beckn/pricing.hpp"
#include "core/json_object.hpp"
#include "core/object_reader.hpp"
#include "sim/provider.hpp"

#include <algorithm>

namespace headroom::sim {

using beckn::Action;
using beckn::ErrorCode;
using beckn::FulfilmentState;
using beckn::OrderStatus;

namespace {

constexpr std::int64_t ppm = 1'000'000;
constexpr std::int64_t raised_ppm = 1'100'000;
constexpr std::size_t offered_max = 100'000;

ProviderDesk::Reply refused(ErrorCode code, std::string_view sentence, std::string paths = {}) {
    return {beckn::NoMessage{}, beckn::make_error(code, sentence, std::move(paths)), false};
}

ProviderDesk::Reply no_order(std::string_view id) {
    return refused(ErrorCode::biz_order_not_found, "there is no order " + std::string(id),
                   "/message/order_id");
}

UtcTime end_of(const beckn::Order& order) {
    UtcTime end = UtcTime::min();
    for (const beckn::OrderLine& line : order.lines) {
        end = std::max(end, line.power_w.end());
    }
    return end;
}

}  // namespace

json::Value to_json(const BookedOrder& booked) {
    const beckn::Envelope envelope{
        .version = beckn::WireVersion::v11, .context = booked.context, .message = booked.order, .error = {}};
    return json::object({{"order", beckn::encode(envelope).value()},
                         {"confirm_message_id", booked.confirm_message_id},
                         {"confirm_answer", booked.confirm_answer}});
}

Result<BookedOrder> booked_order_from_json(const json::Value& value) {
    constexpr std::size_t bytes_max = 1UL << 20U;
    json::ObjectReader read(value);
    BookedOrder booked;
    const std::string order = read.text("order", bytes_max);
    booked.confirm_message_id = read.text("confirm_message_id", 128);
    booked.confirm_answer = read.text("confirm_answer", bytes_max);
    read.refuse_unknown();
    if (!read.ok()) {
        return read.error();
    }
    const beckn::Decoded decoded = beckn::decode(order);
    if (!decoded.envelope || !std::holds_alternative<beckn::Order>(decoded.envelope->message)) {
        return Error{Errc::corrupt, "a kept order cannot be read: " + decoded.describe_faults(), "/order"};
    }
    booked.context = decoded.envelope->context;
    booked.order = std::get<beckn::Order>(decoded.envelope->message);
    return booked;
}

BookedOrder* ProviderDesk::find(const std::string& transaction) {
    const auto found = book_.find(transaction);
    return found == book_.end() ? nullptr : &found->second;
}

BookedOrder* ProviderDesk::find(const std::string& transaction, const std::string& order_id) {
    BookedOrder* booked = find(transaction);
    // Before on_confirm a buyer knows no id of ours and asks by its transaction.
    const bool is_meant = booked != nullptr && (booked->order.id == order_id || order_id == transaction);
    return is_meant ? booked : nullptr;
}

void ProviderDesk::restore(const std::string& transaction, BookedOrder booked) {
    book_.insert_or_assign(transaction, std::move(booked));
}

ProviderDesk::Reply ProviderDesk::reply_to(const beckn::Envelope& request, const Catalogue& catalogue,
                                           UtcTime now) {
    switch (request.context.action) {
        case Action::search:
            return search(std::get<beckn::SearchIntent>(request.message), catalogue);
        case Action::select:
        case Action::init:
            return quote(request, std::get<beckn::Order>(request.message), catalogue);
        case Action::confirm:
            return confirm(request, std::get<beckn::Order>(request.message), catalogue);
        case Action::status:
            return status(request, std::get<beckn::StatusRequest>(request.message), now);
        case Action::update:
            return update(request, std::get<beckn::UpdateRequest>(request.message));
        case Action::cancel:
            return cancel_for(request, std::get<beckn::CancelRequest>(request.message));
        default:
            break;
    }
    return refused(ErrorCode::ctx_action_mismatch, "this is no request");
}

ProviderDesk::Reply ProviderDesk::search(const beckn::SearchIntent& intent, const Catalogue& catalogue) {
    beckn::Catalog catalog;
    catalog.provider = spec_.id;
    catalog.provider_name = spec_.name;
    for (flex::Offer& offer : catalogue(spec_.id, intent.feeder, intent.need_w.start, intent.need_w.end())) {
        if (offer.turn_up != intent.turn_up) {
            continue;
        }
        offer.provider = spec_.id;
        if (offered_.size() < offered_max || offered_.contains(offer.id)) {
            offered_.insert_or_assign(offer.id, offer);
        }
        catalog.offers.push_back(std::move(offer));
    }
    return {std::move(catalog), std::nullopt, false};
}

/// The offer as it was made; after a restart as it would be made now.
std::optional<flex::Offer> ProviderDesk::offer_for(const beckn::OrderLine& line, const Catalogue& catalogue) {
    if (const auto found = offered_.find(line.item); found != offered_.end()) {
        return found->second;
    }
    for (flex::Offer& offer : catalogue(spec_.id, line.feeder, line.power_w.start, line.power_w.end())) {
        if (offer.id == line.item) {
            return std::move(offer);
        }
    }
    return std::nullopt;
}

std::optional<beckn::MessageError> ProviderDesk::price(beckn::Order& order, const Catalogue& catalogue) {
    if (order.lines.empty()) {
        return beckn::make_error(ErrorCode::biz_item_not_found, "the order names no item",
                                 "/message/order/items");
    }
    beckn::Quote quote;
    quote.ttl = quote_ttl_;
    for (std::size_t i = 0; i < order.lines.size(); ++i) {
        const beckn::OrderLine& line = order.lines[i];
        const std::string place = "/message/order/items/" + std::to_string(i);
        const std::optional<flex::Offer> offer = offer_for(line, catalogue);
        if (!offer) {
            return beckn::make_error(ErrorCode::biz_item_not_found, "there is no item " + line.item,
                                     place + "/id");
        }
        for (const std::int64_t watts : line.power_w.values) {
            if (watts > offer->power.value) {
                return beckn::make_error(
                    ErrorCode::biz_quantity_unavailable,
                    "item " + line.item + " has " + std::to_string(offer->power.value) + " W",
                    place + "/tags");
            }
        }
        const MicroPounds amount = beckn::price_of(*offer, line.power_w);
        quote.breakup.push_back({line.item, amount});
        quote.total += amount;
    }
    order.quote = std::move(quote);
    return std::nullopt;
}

ProviderDesk::Reply ProviderDesk::quote(const beckn::Envelope& request, const beckn::Order& asked,
                                        const Catalogue& catalogue) {
    beckn::Order order = asked;
    order.provider = spec_.id;
    order.draft = true;
    order.status = OrderStatus::none;
    order.fulfilment = FulfilmentState::none;
    if (const auto wrong = price(order, catalogue)) {
        return {beckn::NoMessage{}, wrong, false};
    }
    if (request.context.action == Action::init) {
        order.id = provider_order_id(spec_.id, request.context.transaction_id);
        if (spec_.faults.quote_rises_at_init) {
            order.quote->total =
                MicroPounds{multiply_divide_half_even(order.quote->total.value, raised_ppm, ppm)};
        }
    }
    return {std::move(order), std::nullopt, false};
}

ProviderDesk::Reply ProviderDesk::confirm(const beckn::Envelope& request, const beckn::Order& asked,
                                          const Catalogue& catalogue) {
    const std::string& transaction = request.context.transaction_id;
    if (BookedOrder* booked = find(transaction)) {
        return {booked->order, std::nullopt,
                false};  // one order per transaction, however often it is asked for
    }
    if (withdrawn_.contains(transaction)) {
        return refused(ErrorCode::biz_already_cancelled, "transaction " + transaction + " was cancelled");
    }
    beckn::Order order = asked;
    order.id = provider_order_id(spec_.id, transaction);
    order.provider = spec_.id;
    order.draft = false;
    std::int64_t committed_w = 0;
    for (beckn::OrderLine& line : order.lines) {
        for (std::int64_t& watts : line.power_w.values) {
            watts = watts * spec_.faults.partial_commit_ppm / ppm;
            committed_w += watts;
        }
    }
    if (const auto wrong = price(order, catalogue)) {
        return {beckn::NoMessage{}, wrong, false};
    }
    if (committed_w == 0) {
        return refused(ErrorCode::biz_quantity_unavailable, "nothing of this can be committed");
    }
    order.status = OrderStatus::active;
    order.fulfilment =
        order.kind == flex::ContractKind::spot ? FulfilmentState::active : FulfilmentState::armed;
    BookedOrder booked{.order = order,
                       .context = request.context,
                       .confirm_message_id = request.context.message_id,
                       .confirm_answer = {}};
    booked.context.action = Action::on_confirm;
    book_.insert_or_assign(transaction, std::move(booked));
    return {std::move(order), std::nullopt, true};
}

ProviderDesk::Reply ProviderDesk::status(const beckn::Envelope& request, const beckn::StatusRequest& asked,
                                         UtcTime now) {
    BookedOrder* booked = find(request.context.transaction_id, asked.order_id);
    if (booked == nullptr) {
        return no_order(asked.order_id);
    }
    beckn::Order& order = booked->order;
    const bool is_finished = order.status == OrderStatus::active && now >= end_of(order);
    if (is_finished) {
        order.status = OrderStatus::complete;
        order.fulfilment = FulfilmentState::completed;
    }
    return {order, std::nullopt, is_finished};
}

ProviderDesk::Reply ProviderDesk::update(const beckn::Envelope& request, const beckn::UpdateRequest& asked) {
    BookedOrder* booked = find(request.context.transaction_id, asked.order.id);
    if (booked == nullptr) {
        return no_order(asked.order.id);
    }
    if (booked->order.status != OrderStatus::active) {
        return refused(ErrorCode::pol_update_not_allowed, "order " + asked.order.id + " is over");
    }
    booked->order.fulfilment = FulfilmentState::active;
    return {booked->order, std::nullopt, true};
}

std::optional<beckn::Order> ProviderDesk::cancel(const std::string& transaction, const std::string& reason) {
    BookedOrder* booked = find(transaction);
    if (booked == nullptr || booked->order.status != OrderStatus::active) {
        return std::nullopt;
    }
    booked->order.status = OrderStatus::cancelled;
    booked->order.cancellation = reason;
    return booked->order;
}

ProviderDesk::Reply ProviderDesk::cancel_for(const beckn::Envelope& request,
                                             const beckn::CancelRequest& asked) {
    const std::string& transaction = request.context.transaction_id;
    BookedOrder* booked = find(transaction, asked.order_id);
    if (booked == nullptr) {
        withdrawn_.insert(transaction);
        return no_order(asked.order_id);
    }
    if (booked->order.status == OrderStatus::complete) {
        return refused(ErrorCode::pol_cancellation_not_allowed, "order " + asked.order_id + " is complete");
    }
    const bool is_news = booked->order.status == OrderStatus::active;
    if (is_news) {
        booked->order.status = OrderStatus::cancelled;
        booked->order.cancellation = asked.reason;
    }
    return {booked->order, std::nullopt, is_news};
}

}  // namespace headroom::sim
