#include "sim/provider_desk.hpp"

#include "beckn/catalog_filter.hpp"
#include "beckn/pricing.hpp"
#include "core/units.hpp"
#include "sim/provider.hpp"

#include <algorithm>
#include <iterator>

namespace headroom::sim {

using beckn::Action;
using beckn::ErrorCode;
using beckn::FulfilmentState;
using beckn::OrderStatus;

namespace {

constexpr std::size_t offered_max = 100'000;
constexpr hours open_search_span{24};
constexpr std::size_t quoted_max = 20'000;
constexpr hours quoted_kept{
    1};  // a confirm later than this is told that there is too little, not that it is late
const std::vector<flex::ComputeWindow> no_windows;

/// The terms of a window, so that it is sold like everything else.
flex::Offer as_offer(const flex::ComputeWindow& window) {
    flex::Offer offer;
    offer.provider = window.provider;
    offer.id = window.id;
    offer.der = window.resource;
    offer.der_class = grid::DerClass::compute;
    offer.feeder = window.grid_zone;
    offer.power = Watts{window.capacity_w};
    offer.available_from = window.start;
    offer.available_until = window.end;
    offer.utilisation = MicroPoundsPerMwh{window.price_per_mwh_micro};
    return offer;
}

/// What a catalogue holds that nobody can use: items without sense, or far too many.
void spoil_catalog(std::vector<flex::Offer>& offers, const FaultSizes& sizes, const DrawnFaults& drawn) {
    if (offers.empty()) {
        return;
    }
    const flex::Offer model = offers.front();
    if (drawn.has(FaultKind::bad_items)) {
        for (std::int64_t i = 0; i < sizes.bad_items; ++i) {
            flex::Offer bad = model;
            bad.id = "bad-" + std::to_string(i);
            bad.power = i % 2 == 0 ? Watts{-model.power.value} : model.power;
            bad.der = i % 2 == 0 ? model.der : "no such id!";
            offers.insert(offers.begin() + i % 2, std::move(bad));
        }
    }
    if (drawn.has(FaultKind::huge_catalogue)) {
        for (std::int64_t i = std::ssize(offers); i < sizes.huge_items; ++i) {
            flex::Offer more = model;
            more.id = "more-" + std::to_string(i);
            offers.push_back(std::move(more));
        }
    }
}

/// What a catalogue holds of what a JSONPath asks for.
ProviderDesk::Reply fitting(ProviderDesk::Reply reply, beckn::WireVersion version,
                            const std::string& expression) {
    if (expression.empty()) {
        return reply;
    }
    const Result<beckn::JsonFilter> filter = beckn::JsonFilter::parse(expression);
    if (!filter) {
        return refused_reply(ErrorCode::sch_invalid_jsonpath, filter.error().message,
                             version == beckn::WireVersion::v2_rc1 ? "/message/filters/expression"
                                                                   : "/message/intent/filters/expression");
    }
    auto& catalog = std::get<beckn::Catalog>(reply.message);
    std::vector<beckn::Catalog> left = beckn::fitting({catalog}, version, *filter, offered_max);
    catalog.offers = left.empty() ? std::vector<flex::Offer>{} : std::move(left.front().offers);
    catalog.windows = left.empty() ? std::vector<flex::ComputeWindow>{} : std::move(left.front().windows);
    return reply;
}

}  // namespace

ProviderDesk::Reply refused_reply(ErrorCode code, std::string_view sentence, std::string paths) {
    return {beckn::NoMessage{}, beckn::make_error(code, sentence, std::move(paths)), false};
}

ProviderDesk::Reply ProviderDesk::reply_to(const beckn::Envelope& request, const Catalogue& catalogue,
                                           UtcTime now, const DrawnFaults& drawn) {
    ledger_.expire(now);
    if (quoted_.size() > quoted_max) {
        std::erase_if(quoted_, [now](const auto& entry) { return entry.second + quoted_kept < now; });
    }
    switch (request.context.action) {
        case Action::search: {
            const auto& intent = std::get<beckn::SearchIntent>(request.message);
            return fitting(search(intent, catalogue, now, drawn), request.version, intent.filter);
        }
        case Action::select:
        case Action::init:
            return quote(request, std::get<beckn::Order>(request.message), catalogue, now, drawn);
        case Action::confirm:
            return confirm(request, std::get<beckn::Order>(request.message), catalogue, now, drawn);
        case Action::status:
            return status(request, std::get<beckn::StatusRequest>(request.message), catalogue, now, drawn);
        case Action::update:
            return update(request, std::get<beckn::UpdateRequest>(request.message));
        case Action::cancel:
            return cancel_for(request, std::get<beckn::CancelRequest>(request.message));
        case Action::track:
            return track(request, std::get<beckn::TrackRequest>(request.message));
        case Action::support:
            return support(std::get<beckn::SupportRequest>(request.message));
        case Action::rating:
            return rate(request, std::get<beckn::RatingRequest>(request.message));
        default:
            break;
    }
    return refused_reply(ErrorCode::ctx_action_mismatch, "this is no request");
}

ProviderDesk::Reply ProviderDesk::search(const beckn::SearchIntent& intent, const Catalogue& catalogue,
                                         UtcTime now, const DrawnFaults& drawn) {
    beckn::Catalog catalog;
    catalog.provider = spec_.id;
    catalog.provider_name = spec_.name;
    const bool is_open = intent.need_w.values.empty();  // asks for no particular time
    const UtcTime from = is_open ? now : intent.need_w.start;
    const UtcTime to = is_open ? now + open_search_span : intent.need_w.end();
    for (flex::Offer& offer : catalogue(spec_.id, intent.feeder, from, to)) {
        if (offer.turn_up != intent.turn_up) {
            continue;
        }
        offer.provider = spec_.id;
        if (offered_.size() < offered_max || offered_.contains(offer.id)) {
            offered_.insert_or_assign(offer.id, offer);
        }
        if (rules_.shows_what_is_left) {
            offer.power = ledger_.left(offer.der, offer.power, std::max(from, offer.available_from),
                                       std::min(to, offer.available_until));
        }
        if (offer.power > Watts{0}) {
            catalog.offers.push_back(std::move(offer));
        }
    }
    for (flex::ComputeWindow window : windows_ ? windows_(spec_.id, from) : no_windows) {
        if (rules_.shows_what_is_left) {
            const Watts most{window.capacity_w};
            window.capacity_w =
                ledger_.left(window.resource, most, std::max(from, window.start), window.end).value;
        }
        if (window.capacity_w > 0) {
            catalog.windows.push_back(std::move(window));
        }
    }
    spoil_catalog(catalog.offers, spec_.faults.sizes, drawn);
    return {std::move(catalog), std::nullopt, false};
}

beckn::Catalog ProviderDesk::everything(const Catalogue& catalogue, UtcTime now) {
    ledger_.expire(now);
    beckn::SearchIntent intent;
    auto all = std::get<beckn::Catalog>(search(intent, catalogue, now, {}).message);
    intent.turn_up = true;
    auto up = std::get<beckn::Catalog>(search(intent, catalogue, now, {}).message);
    std::move(up.offers.begin(), up.offers.end(), std::back_inserter(all.offers));
    return all;
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
    for (const flex::ComputeWindow& window : windows_ ? windows_(spec_.id, line.power_w.start) : no_windows) {
        if (window.id == line.item) {
            return as_offer(window);
        }
    }
    return std::nullopt;
}

std::optional<beckn::MessageError> ProviderDesk::price(beckn::Order& order, std::vector<std::string>& ders,
                                                       const std::string& transaction,
                                                       const Catalogue& catalogue) {
    if (order.lines.empty()) {
        return beckn::make_error(ErrorCode::biz_item_not_found, "the order names no item",
                                 "/message/order/items");
    }
    beckn::Quote quote;
    quote.ttl = quote_ttl_;
    PowerLedger within;  // of the lines before, so that an order does not buy one DER twice either
    for (std::size_t i = 0; i < order.lines.size(); ++i) {
        const beckn::OrderLine& line = order.lines[i];
        const std::string place = "/message/order/items/" + std::to_string(i);
        const std::optional<flex::Offer> offer = offer_for(line, catalogue);
        if (!offer) {
            return beckn::make_error(ErrorCode::biz_item_not_found, "there is no item " + line.item,
                                     place + "/id");
        }
        for (std::size_t slot = 0; slot < line.power_w.values.size(); ++slot) {
            const UtcTime from = line.power_w.time_of(slot);
            const UtcTime to = line.power_w.time_of(slot + 1);
            const Watts unsold = ledger_.left(offer->der, offer->power, from, to, transaction);
            const Watts left = within.left(offer->der, unsold, from, to);
            if (line.power_w.values[slot] > left.value) {
                const std::string when = left == offer->power ? "" : " left at " + format_utc(from);
                return beckn::make_error(
                    ErrorCode::biz_quantity_unavailable,
                    "item " + line.item + " has " + std::to_string(left.value) + " W" + when,
                    place + "/tags");
            }
        }
        within.hold(std::to_string(i), {{offer->der, line.power_w}}, std::nullopt);
        ders.push_back(offer->der);
        const MicroPounds amount = beckn::price_of(*offer, line.power_w);
        quote.breakup.push_back({line.item, amount});
        quote.total += amount;
    }
    order.quote = std::move(quote);
    return std::nullopt;
}

ProviderDesk::Reply ProviderDesk::quote(const beckn::Envelope& request, const beckn::Order& asked,
                                        const Catalogue& catalogue, UtcTime now, const DrawnFaults& drawn) {
    const std::string& transaction = request.context.transaction_id;
    if (book_.contains(transaction)) {
        return refused_reply(ErrorCode::biz_invalid_state_transition,
                             "transaction " + transaction + " has an order already");
    }
    beckn::Order order = asked;
    order.provider = spec_.id;
    order.draft = true;
    order.status = OrderStatus::none;
    order.fulfilment = FulfilmentState::none;
    BookedOrder held;
    if (const auto wrong = price(order, held.ders, transaction, catalogue)) {
        return {beckn::NoMessage{}, wrong, false};
    }
    if (drawn.has(FaultKind::quote_expiry)) {
        order.quote->ttl = spec_.faults.sizes.quote_ttl;
    }
    if (rules_.holds_quotes) {
        quoted_.insert_or_assign(transaction, now + *order.quote->ttl);
    }
    if (request.context.action == Action::init) {
        order.id = provider_order_id(spec_.id, transaction, request.version);
        const bool rises = spec_.faults.quote_rises_at_init || drawn.has(FaultKind::quote_change);
        if (rises) {
            const std::int64_t raised = whole_ppm + spec_.faults.sizes.quote_rise_ppm;
            order.quote->total =
                MicroPounds{multiply_divide_half_even(order.quote->total.value, raised, whole_ppm)};
        }
        if (rules_.holds_quotes) {
            held.order = order;
            hold(transaction, held);
        }
    }
    return {std::move(order), std::nullopt, false};
}

}  // namespace headroom::sim
