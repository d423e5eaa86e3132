#include "beckn/codec_v11.hpp"
#include "beckn/decimal.hpp"
#include "beckn/v11_words.hpp"
#include "core/json_object.hpp"

#include <algorithm>
#include <utility>

namespace headroom::beckn::v11 {

namespace {

using json::Array;
using json::Object;
using json::Value;

Value object(std::initializer_list<json::MemberInit> members) {
    return json::object(members);
}
Value object(std::vector<Object::Member> members) {
    return Object::from_distinct(std::move(members));
}

Value descriptor(std::string_view code) {
    return object({{"code", Value(code)}});
}

Value tag(std::string_view code, std::string value) {
    return object({{"descriptor", descriptor(code)}, {"value", Value(std::move(value))}});
}

Value group(std::string_view code, Array list) {
    return object({{"descriptor", descriptor(code)}, {"list", std::move(list)}});
}

std::string kw(std::int64_t watts) {
    return format_decimal(watts, kw_decimals);
}

Value gbp(MicroPounds amount) {
    return object({{"currency", Value("GBP")}, {"value", Value(format_decimal(amount.value, gbp_decimals))}});
}

Value measure_kw(std::int64_t watts) {
    return object({{"measure", object({{"unit", Value("kW")}, {"value", Value(kw(watts))}})}});
}

void add_grid(Array& list, const flex::IntervalGrid& grid) {
    std::string powers;
    for (const std::int64_t watts : grid.values) {
        powers += powers.empty() ? "" : ",";
        powers += kw(watts);
    }
    list.push_back(tag("start", format_utc(grid.start)));
    list.push_back(tag("step", format_duration(grid.step)));
    list.push_back(tag("kw", std::move(powers)));
}

Value stop(std::string_view type, UtcTime at) {
    return object({{"type", Value(type)}, {"time", object({{"timestamp", Value(format_utc(at))}})}});
}

Value write_context(const Context& context) {
    std::vector<Object::Member> members;
    members.reserve(13);
    members.emplace_back("domain", context.domain);
    std::vector<Object::Member> location;
    if (!context.country.empty()) {
        location.emplace_back("country", descriptor(context.country));
    }
    if (!context.city.empty()) {
        location.emplace_back("city", descriptor(context.city));
    }
    if (!location.empty()) {
        members.emplace_back("location", object(std::move(location)));
    }
    members.emplace_back("action", Value(to_string(context.action)));
    members.emplace_back("version", Value(wire_version));
    members.emplace_back("bap_id", context.bap_id);
    members.emplace_back("bap_uri", context.bap_uri);
    if (!context.bpp_id.empty()) {
        members.emplace_back("bpp_id", context.bpp_id);
    }
    if (!context.bpp_uri.empty()) {
        members.emplace_back("bpp_uri", context.bpp_uri);
    }
    members.emplace_back("transaction_id", context.transaction_id);
    members.emplace_back("message_id", context.message_id);
    members.emplace_back("timestamp", format_utc(context.timestamp));
    if (context.ttl) {
        members.emplace_back("ttl", format_duration(*context.ttl));
    }
    return object(std::move(members));
}

Value write_intent(const SearchIntent& intent) {
    Array list;
    list.push_back(tag("feeder_id", intent.feeder));
    list.push_back(tag("phase", std::string(grid::to_string(intent.phase))));
    list.push_back(tag("direction", std::string(intent.turn_up ? turn_up : turn_down)));
    list.push_back(tag("end", format_utc(intent.need_w.end())));
    add_grid(list, intent.need_w);
    Array stops;
    stops.push_back(stop("START", intent.need_w.start));
    stops.push_back(stop("END", intent.need_w.end()));
    return object({{"fulfillment", object({{"type", Value("FLEX")}, {"stops", std::move(stops)}})},
                   {"tags", Array{group(flex_request, std::move(list))}}});
}

Value write_offer(const flex::Offer& offer) {
    const std::string price = format_decimal(offer.utilisation.value, gbp_per_kwh_decimals);
    Array list;
    const auto add = [&list](std::string_view code, std::string value) {
        list.push_back(tag(code, std::move(value)));
    };
    add("der_id", offer.der);
    add("kind", std::string(grid::to_string(offer.der_class)));
    add("feeder_id", offer.feeder);
    add("phase", std::string(grid::to_string(offer.phase)));
    add("direction", std::string(offer.turn_up ? turn_up : turn_down));
    add("capacity_kw", kw(offer.power.value));
    add("energy_kwh", kw(offer.energy.value));
    add("price_per_kwh", price);
    add("availability_price_per_mw_h", format_decimal(offer.availability_per_mw_h.value, gbp_decimals));
    add("available_from", format_utc(offer.available_from));
    add("available_until", format_utc(offer.available_until));
    add("min_notice", format_duration(offer.notice));
    add("min_duration", format_duration(offer.duration_min));
    add("max_duration", format_duration(offer.duration_max));
    add("ramp_kw_per_s", kw(offer.ramp_w_per_s));
    add("baseline_method", offer.baseline_method);
    add("reliability", format_decimal(offer.reliability_ppm, share_decimals));
    std::string name(grid::to_string(offer.der_class));
    name += ' ';
    name += offer.der;
    return object({{"id", offer.id},
                   {"descriptor", object({{"name", Value(std::move(name))}})},
                   {"price", object({{"currency", Value("GBP")}, {"value", Value(price)}})},
                   {"quantity", object({{"available", measure_kw(offer.power.value)}})},
                   {"tags", Array{group(flex_resource, std::move(list))}}});
}

Value write_catalog(const Catalog& catalog) {
    // Each provider lists its own items, the catalog's first.
    std::vector<std::pair<std::string, Array>> listed{{catalog.provider, {}}};
    for (const flex::Offer& offer : catalog.offers) {
        const std::string& provider = offer.provider.empty() ? catalog.provider : offer.provider;
        auto found = std::find_if(listed.begin(), listed.end(),
                                  [&provider](const auto& entry) { return entry.first == provider; });
        if (found == listed.end()) {
            found = listed.insert(listed.end(), {provider, {}});
        }
        found->second.push_back(write_offer(offer));
    }
    const Value name = object({{"name", Value(catalog.provider_name)}});
    Array providers;
    for (auto& [provider, items] : listed) {
        std::vector<Object::Member> entry{{"id", Value(provider)}};
        if (provider == catalog.provider) {
            entry.emplace_back("descriptor", name);
        }
        entry.emplace_back("items", std::move(items));
        providers.push_back(object(std::move(entry)));
    }
    std::vector<Object::Member> members;
    members.emplace_back("descriptor", name);
    members.emplace_back("providers", std::move(providers));
    if (catalog.expires) {
        members.emplace_back("exp", format_utc(*catalog.expires));
    }
    return object(std::move(members));
}

Value write_line(const OrderLine& line) {
    std::int64_t peak = 0;
    for (const std::int64_t watts : line.power_w.values) {
        peak = std::max(peak, watts);
    }
    Array list;
    if (!line.feeder.empty()) {
        list.push_back(tag("feeder_id", line.feeder));
    }
    add_grid(list, line.power_w);
    return object({{"id", line.item},
                   {"fulfillment_ids", Array{Value(fulfilment_id)}},
                   {"quantity", object({{"selected", measure_kw(peak)}})},
                   {"tags", Array{group(flex_grid, std::move(list))}}});
}

Value write_quote(const Quote& quote) {
    Array breakup;
    breakup.reserve(quote.breakup.size());
    for (const QuoteLine& line : quote.breakup) {
        breakup.push_back(object({{"item", object({{"id", line.item}})},
                                  {"title", Value("flexibility")},
                                  {"price", gbp(line.price)}}));
    }
    std::vector<Object::Member> members;
    members.emplace_back("price", gbp(quote.total));
    members.emplace_back("breakup", std::move(breakup));
    if (quote.ttl) {
        members.emplace_back("ttl", format_duration(*quote.ttl));
    }
    return object(std::move(members));
}

Value write_fulfilment(const Order& order) {
    UtcTime start = UtcTime::max();
    UtcTime end = UtcTime::min();
    for (const OrderLine& line : order.lines) {
        start = std::min(start, line.power_w.start);
        end = std::max(end, line.power_w.end());
    }
    std::vector<Object::Member> members;
    members.emplace_back("id", Value(fulfilment_id));
    members.emplace_back("type", Value("FLEX"));
    if (order.fulfilment != FulfilmentState::none) {
        members.emplace_back("state", object({{"descriptor", descriptor(to_string(order.fulfilment))}}));
    }
    if (!order.lines.empty()) {
        Array stops;
        stops.push_back(stop("START", start));
        stops.push_back(stop("END", end));
        members.emplace_back("stops", std::move(stops));
    }
    return object(std::move(members));
}

Value write_order(const Order& order) {
    std::vector<Object::Member> members;
    members.reserve(10);
    if (!order.id.empty()) {
        members.emplace_back("id", order.id);
    }
    if (order.status != OrderStatus::none) {
        members.emplace_back("status", Value(to_string(order.status)));
    }
    members.emplace_back("type", Value(order.draft ? "DRAFT" : "DEFAULT"));
    if (!order.provider.empty()) {
        members.emplace_back("provider", object({{"id", order.provider}}));
    }
    Array items;
    items.reserve(order.lines.size());
    for (const OrderLine& line : order.lines) {
        items.push_back(write_line(line));
    }
    members.emplace_back("items", std::move(items));
    members.emplace_back("fulfillments", Array{write_fulfilment(order)});
    if (order.quote) {
        members.emplace_back("quote", write_quote(*order.quote));
    }
    if (!order.cancellation.empty()) {
        const Value reason = object({{"short_desc", order.cancellation}});
        members.emplace_back("cancellation", object({{"reason", object({{"descriptor", reason}})}}));
    }
    Array list{tag("kind", std::string(flex::to_string(order.kind)))};
    members.emplace_back("tags", Array{group(flex_contract, std::move(list))});
    return object(std::move(members));
}

struct WriteBody {
    /// What 1.1 has no words for; `encode` refuses it before.
    Value operator()(const auto&) const { return Value(); }
    Value operator()(const NoMessage&) const { return Value(); }
    Value operator()(const SearchIntent& intent) const { return object({{"intent", write_intent(intent)}}); }
    Value operator()(const Catalog& catalog) const { return object({{"catalog", write_catalog(catalog)}}); }
    Value operator()(const Order& order) const { return object({{"order", write_order(order)}}); }
    Value operator()(const StatusRequest& request) const { return object({{"order_id", request.order_id}}); }
    Value operator()(const CancelRequest& request) const {
        return object({{"order_id", request.order_id},
                       {"cancellation_reason_id", Value("1")},
                       {"descriptor", object({{"short_desc", request.reason}})}});
    }
    Value operator()(const UpdateRequest& request) const {
        return object({{"update_target", Value(update_target)}, {"order", write_order(request.order)}});
    }
};

}  // namespace

json::Value write(const Envelope& envelope) {
    std::vector<Object::Member> members;
    members.emplace_back("context", write_context(envelope.context));
    Value message = std::visit(WriteBody{}, envelope.message);
    if (!message.is_null()) {
        members.emplace_back("message", std::move(message));
    }
    if (envelope.error) {
        std::vector<Object::Member> error;
        error.emplace_back("code", envelope.error->code);
        error.emplace_back("message", envelope.error->message);
        if (!envelope.error->paths.empty()) {
            error.emplace_back("paths", envelope.error->paths);
        }
        members.emplace_back("error", object(std::move(error)));
    }
    return object(std::move(members));
}

}  // namespace headroom::beckn::v11
