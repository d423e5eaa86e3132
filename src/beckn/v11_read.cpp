#include "beckn/codec_v11.hpp"
#include "beckn/decimal.hpp"
#include "beckn/text.hpp"
#include "beckn/v11_node.hpp"
#include "beckn/v11_words.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace headroom::beckn::v11 {

namespace {

constexpr std::size_t uri_max = 512;
constexpr std::size_t name_max = 256;
constexpr std::size_t sentence_max = 1024;
constexpr std::size_t error_max = 512;
constexpr std::size_t providers_max = 100;
constexpr std::size_t grid_text_max = 16UL * 1024;
constexpr std::int64_t money_max = 1'000'000'000'000'000;  // a thousand million pounds in µ£
constexpr std::int64_t energy_max_wh = 1'000'000'000'000;
constexpr std::int64_t ramp_max_w_per_s = 1'000'000'000;
constexpr milliseconds step_min = minutes{1};
constexpr milliseconds step_max = hours{24};

template <class Parse>
auto word(const Node& node, Parse parse) -> decltype(parse(std::string_view{})) {
    const std::optional<std::string> text = node.text(64);
    if (!text) {
        return std::nullopt;
    }
    auto parsed = parse(std::string_view(*text));
    if (!parsed) {
        node.refuse("'" + *text + "' is not one of the words known here");
    }
    return parsed;
}

std::optional<bool> parse_turn_up(std::string_view text) {
    if (text == turn_up) {
        return true;
    }
    if (text == turn_down) {
        return false;
    }
    return std::nullopt;
}

std::optional<Context> read_context(const Node& node) {
    const std::size_t before = node.faults().count();
    Context context;
    context.action = word(node.member("action"), parse_action).value_or(Action::search);
    const bool is_search = context.action == Action::search;
    context.domain = node.member("domain").text_or_empty(name_max).value_or("");
    const Node location = node.member("location");
    context.country = location.member("country").member("code").text_or_empty(name_max).value_or("");
    context.city = location.member("city").member("code").text_or_empty(name_max).value_or("");
    context.bap_id = node.member("bap_id").foreign_id().value_or("");
    context.bap_uri = node.member("bap_uri").text(uri_max).value_or("");
    if (!is_search || node.member("bpp_id").is_there()) {
        context.bpp_id = node.member("bpp_id").foreign_id().value_or("");
    }
    if (!is_search || node.member("bpp_uri").is_there()) {
        context.bpp_uri = node.member("bpp_uri").text(uri_max).value_or("");
    }
    context.transaction_id = node.member("transaction_id").foreign_id().value_or("");
    context.message_id = node.member("message_id").foreign_id().value_or("");
    context.timestamp = node.member("timestamp").time().value_or(UtcTime{});
    if (node.member("ttl").is_there()) {
        context.ttl = node.member("ttl").duration();
    }
    if (node.faults().count() != before) {
        return std::nullopt;
    }
    return context;
}

std::optional<flex::IntervalGrid> read_grid(const Tags& tags) {
    const std::optional<UtcTime> start = tags.value("start").time();
    const std::optional<milliseconds> step = tags.value("step").duration();
    const Node powers = tags.value("kw");
    const std::optional<std::string> text = powers.text(grid_text_max);
    if (!start || !step || !text) {
        return std::nullopt;
    }
    if (*step < step_min || *step > step_max) {
        tags.value("step").refuse("must lie between one minute and one day");
        return std::nullopt;
    }
    flex::IntervalGrid grid{.start = *start, .step = *step, .values = {}};
    std::string_view rest = *text;
    while (true) {
        const std::size_t comma = rest.find(',');
        const Result<std::int64_t> watts = parse_decimal(rest.substr(0, comma), kw_decimals);
        if (!watts || *watts < 0 || *watts > flex::offer_power_max.value) {
            powers.refuse("entry " + std::to_string(grid.values.size()) + " is not a power between 0 and " +
                          format_decimal(flex::offer_power_max.value, kw_decimals) + " kW");
            return std::nullopt;
        }
        if (grid.values.size() == flex::grid_slots_max) {
            powers.refuse("has more than " + std::to_string(flex::grid_slots_max) + " entries");
            return std::nullopt;
        }
        grid.values.push_back(*watts);
        if (comma == std::string_view::npos) {
            return grid;
        }
        rest.remove_prefix(comma + 1);
    }
}

std::optional<SearchIntent> read_intent(const Node& node) {
    const std::size_t before = node.faults().count();
    const Tags tags = Tags::find(node, flex_request);
    if (!tags.is_there()) {
        node.member("tags").refuse("has no group " + std::string(flex_request));
        return std::nullopt;
    }
    SearchIntent intent;
    intent.feeder = tags.value("feeder_id").own_id().value_or("");
    intent.phase = word(tags.value("phase"), grid::parse_phase).value_or(grid::Phase::sum);
    intent.turn_up = word(tags.value("direction"), parse_turn_up).value_or(false);
    intent.need_w = read_grid(tags).value_or(flex::IntervalGrid{});
    return node.faults().count() == before ? std::optional(std::move(intent)) : std::nullopt;
}

/// A duration that may be left out.
milliseconds optional_duration(const Node& node) {
    return node.is_there() ? node.duration().value_or(milliseconds{0}) : milliseconds{0};
}

std::int64_t optional_decimal(const Node& node, int decimals, std::int64_t max, std::int64_t otherwise) {
    return node.is_there() ? node.decimal(decimals, 0, max).value_or(otherwise) : otherwise;
}

std::optional<flex::Offer> read_offer(const Node& item) {
    const std::size_t before = item.faults().count();
    const Tags tags = Tags::find(item, flex_resource);
    if (!tags.is_there()) {
        item.member("tags").refuse("has no group " + std::string(flex_resource));
        return std::nullopt;
    }
    constexpr std::int64_t million = 1'000'000;
    flex::Offer offer;
    offer.id = item.member("id").own_id().value_or("");
    offer.der = tags.value("der_id").own_id().value_or("");
    offer.der_class = word(tags.value("kind"), grid::parse_der_class).value_or(grid::DerClass::other);
    offer.feeder = tags.value("feeder_id").own_id().value_or("");
    offer.phase = word(tags.value("phase"), grid::parse_phase).value_or(grid::Phase::sum);
    offer.turn_up = word(tags.value("direction"), parse_turn_up).value_or(false);
    offer.power =
        Watts{tags.value("capacity_kw").decimal(kw_decimals, 1, flex::offer_power_max.value).value_or(0)};
    offer.energy = WattHours{optional_decimal(tags.value("energy_kwh"), kw_decimals, energy_max_wh, 0)};
    offer.utilisation = MicroPoundsPerMwh{
        tags.value("price_per_kwh").decimal(gbp_per_kwh_decimals, 0, flex::price_max.value).value_or(0)};
    offer.availability_per_mw_h = MicroPounds{
        optional_decimal(tags.value("availability_price_per_mw_h"), gbp_decimals, flex::price_max.value, 0)};
    offer.available_from = tags.value("available_from").time().value_or(UtcTime{});
    offer.available_until = tags.value("available_until").time().value_or(UtcTime{});
    offer.notice = optional_duration(tags.value("min_notice"));
    offer.duration_min = optional_duration(tags.value("min_duration"));
    offer.duration_max = optional_duration(tags.value("max_duration"));
    offer.ramp_w_per_s = optional_decimal(tags.value("ramp_kw_per_s"), kw_decimals, ramp_max_w_per_s, 0);
    offer.baseline_method = tags.value("baseline_method").text_or_empty(64).value_or("");
    offer.reliability_ppm = optional_decimal(tags.value("reliability"), share_decimals, million, million);
    if (item.faults().count() != before) {
        return std::nullopt;
    }
    if (offer.available_from >= offer.available_until) {
        tags.value("available_until").refuse("must be later than available_from");
        return std::nullopt;
    }
    if (offer.duration_max > milliseconds{0} && offer.duration_min > offer.duration_max) {
        tags.value("min_duration").refuse("must not be longer than max_duration");
        return std::nullopt;
    }
    return offer;
}

std::optional<UtcTime> earlier(std::optional<UtcTime> a, std::optional<UtcTime> b) {
    if (!a || !b) {
        return a ? a : b;
    }
    return std::min(*a, *b);
}

std::optional<Catalog> read_catalog(const Node& node, const CodecLimits& limits) {
    if (node.value() == nullptr || !node.value()->is_object()) {
        node.refuse("must be an object");
        return std::nullopt;
    }
    Catalog catalog;
    if (node.member("exp").is_there()) {
        catalog.expires = node.member("exp").time();
    }
    std::vector<std::pair<std::string, std::string>> known;  // (provider, item)
    for (const Node& provider : node.member("providers").items(providers_max)) {
        const std::optional<std::string> id = provider.member("id").foreign_id();
        if (!id) {
            continue;
        }
        if (catalog.provider.empty()) {
            catalog.provider = *id;
            catalog.provider_name =
                provider.member("descriptor").member("name").text_or_empty(name_max).value_or("");
        }
        std::optional<UtcTime> expires = catalog.expires;
        if (provider.member("exp").is_there()) {
            expires = earlier(expires, provider.member("exp").time());
        }
        const std::size_t left = limits.items - std::min(limits.items, catalog.offers.size());
        for (const Node& item : provider.member("items").items(left)) {
            std::optional<flex::Offer> offer = read_offer(item);
            if (!offer) {
                continue;
            }
            offer->provider = *id;
            offer->valid_until = expires.value_or(UtcTime{});
            known.emplace_back(*id, offer->id);
            catalog.offers.push_back(std::move(*offer));
        }
    }
    // Two items of one id cannot be told apart in an order: the first stands.
    std::sort(known.begin(), known.end());
    if (std::adjacent_find(known.begin(), known.end()) != known.end()) {
        node.refuse("lists an item id twice; the first stands");
        std::vector<flex::Offer> kept;
        for (flex::Offer& offer : catalog.offers) {
            const auto same = [&offer](const flex::Offer& other) {
                return other.provider == offer.provider && other.id == offer.id;
            };
            if (std::none_of(kept.begin(), kept.end(), same)) {
                kept.push_back(std::move(offer));
            }
        }
        catalog.offers = std::move(kept);
    }
    return catalog;
}

std::optional<MicroPounds> read_price(const Node& node) {
    const std::optional<std::string> currency = node.member("currency").text(16);
    if (currency && *currency != "GBP") {
        node.member("currency").refuse("is " + *currency + "; only GBP is settled here");
        return std::nullopt;
    }
    const std::optional<std::int64_t> value = node.member("value").decimal(gbp_decimals, 0, money_max);
    if (!currency || !value) {
        return std::nullopt;
    }
    return MicroPounds{*value};
}

std::optional<Quote> read_quote(const Node& node, const CodecLimits& limits) {
    const std::size_t before = node.faults().count();
    Quote quote;
    quote.total = read_price(node.member("price")).value_or(MicroPounds{});
    for (const Node& line : node.member("breakup").items(limits.order_lines)) {
        // Lines that are no item (fees, taxes) count in the total only.
        if (!line.member("item").member("id").is_there()) {
            continue;
        }
        quote.breakup.push_back({.item = line.member("item").member("id").foreign_id().value_or(""),
                                 .price = read_price(line.member("price")).value_or(MicroPounds{})});
    }
    if (node.member("ttl").is_there()) {
        quote.ttl = node.member("ttl").duration();
    }
    return node.faults().count() == before ? std::optional(std::move(quote)) : std::nullopt;
}

std::optional<OrderStatus> parse_status(std::string_view text) {
    for (const OrderStatus status : {OrderStatus::active, OrderStatus::complete, OrderStatus::cancelled}) {
        if (text == to_string(status)) {
            return status;
        }
    }
    return std::nullopt;
}

/// Words of others mean no more than "not yet told".
FulfilmentState read_fulfilment(const Node& order) {
    for (const Node& fulfilment : order.member("fulfillments").items(8)) {
        const Node code = fulfilment.member("state").member("descriptor").member("code");
        const std::string* text = code.is_there() ? code.value()->as_string() : nullptr;
        for (const FulfilmentState state :
             {FulfilmentState::armed, FulfilmentState::active, FulfilmentState::completed}) {
            if (text != nullptr && *text == to_string(state)) {
                return state;
            }
        }
    }
    return FulfilmentState::none;
}

std::optional<Order> read_order(const Node& node, const CodecLimits& limits) {
    if (node.value() == nullptr || !node.value()->is_object()) {
        node.refuse("must be an object");
        return std::nullopt;
    }
    const std::size_t before = node.faults().count();
    Order order;
    if (node.member("id").is_there()) {
        order.id = node.member("id").foreign_id().value_or("");
    }
    if (node.member("status").is_there()) {
        order.status = word(node.member("status"), parse_status).value_or(OrderStatus::none);
    }
    const json::Value* type = node.member("type").value();
    order.draft = type != nullptr && type->as_string() != nullptr && *type->as_string() == "DRAFT";
    if (node.member("provider").member("id").is_there()) {
        order.provider = node.member("provider").member("id").foreign_id().value_or("");
    }
    for (const Node& item : node.member("items").items(limits.order_lines)) {
        const Tags tags = Tags::find(item, flex_grid);
        if (!tags.is_there()) {
            item.member("tags").refuse("has no group " + std::string(flex_grid));
            continue;
        }
        OrderLine line;
        line.item = item.member("id").own_id().value_or("");
        if (tags.value("feeder_id").is_there()) {
            line.feeder = tags.value("feeder_id").own_id().value_or("");
        }
        line.power_w = read_grid(tags).value_or(flex::IntervalGrid{});
        order.lines.push_back(std::move(line));
    }
    if (node.member("quote").is_there()) {
        order.quote = read_quote(node.member("quote"), limits);
    }
    order.fulfilment = read_fulfilment(node);
    order.cancellation = node.member("cancellation")
                             .member("reason")
                             .member("descriptor")
                             .member("short_desc")
                             .text_or_empty(sentence_max)
                             .value_or("");
    const Tags terms = Tags::find(node, flex_contract);
    if (terms.value("kind").is_there()) {
        order.kind = word(terms.value("kind"), flex::parse_contract_kind).value_or(flex::ContractKind::spot);
    }
    return node.faults().count() == before ? std::optional(std::move(order)) : std::nullopt;
}

std::optional<Body> read_body(Action action, const Node& message, const CodecLimits& limits) {
    const auto wrap = [](auto read) -> std::optional<Body> {
        if (!read) {
            return std::nullopt;
        }
        return Body(std::move(*read));
    };
    switch (action) {
        case Action::search:
            return wrap(read_intent(message.member("intent")));
        case Action::on_search:
            return wrap(read_catalog(message.member("catalog"), limits));
        case Action::status: {
            std::optional<std::string> id = message.member("order_id").foreign_id();
            return id ? std::optional<Body>(StatusRequest{std::move(*id)}) : std::nullopt;
        }
        case Action::cancel: {
            std::optional<std::string> id = message.member("order_id").foreign_id();
            std::optional<std::string> reason =
                message.member("descriptor").member("short_desc").text_or_empty(sentence_max);
            return id && reason ? std::optional<Body>(CancelRequest{std::move(*id), std::move(*reason)})
                                : std::nullopt;
        }
        case Action::update: {
            std::optional<Order> order = read_order(message.member("order"), limits);
            return order ? std::optional<Body>(UpdateRequest{std::move(*order)}) : std::nullopt;
        }
        case Action::select:
        case Action::init:
        case Action::confirm:
        case Action::on_select:
        case Action::on_init:
        case Action::on_confirm:
        case Action::on_status:
        case Action::on_update:
        case Action::on_cancel:
            return wrap(read_order(message.member("order"), limits));
        case Action::track:
        case Action::on_track:
        case Action::support:
        case Action::on_support:
        case Action::rating:
        case Action::on_rating:
        case Action::catalog_publish:
        case Action::on_catalog_publish:
            break;
    }
    message.refuse(std::string(to_string(action)) + " is not spoken in this dialect");
    return std::nullopt;
}

/// Errors of peers are read as far as they can be: a NACK without a code is still a NACK.
std::optional<MessageError> read_error(const json::Value* error) {
    if (error == nullptr || !error->is_object()) {
        return std::nullopt;
    }
    std::string code = error->text("/code");
    if (const json::Value* number = error->get("code"); number != nullptr && number->is_int()) {
        code = std::to_string(*number->as_int());
    }
    return MessageError{cut_text(code, 64), cut_text(error->text("/message"), error_max),
                        cut_text(error->text("/paths"), uri_max)};
}

}  // namespace

std::optional<Envelope> read(const json::Value& message, const CodecLimits& limits,
                             std::vector<Fault>& faults) {
    FaultList list(faults, limits.faults);
    const Node root(&message, "", list);
    std::optional<Context> context = read_context(root.member("context"));
    if (!context) {
        return std::nullopt;
    }
    Envelope envelope{
        .version = WireVersion::v11, .context = std::move(*context), .message = NoMessage{}, .error = {}};
    const Action action = envelope.context.action;
    if (is_callback(action)) {
        envelope.error = read_error(message.get("error"));
        const json::Value* nested = message.at("/message/error");
        if (!envelope.error && nested != nullptr) {
            envelope.error = read_error(nested);
        }
        if (envelope.error) {
            return envelope;
        }
    }
    const Node body = root.member("message");
    if (body.value() == nullptr || !body.value()->is_object()) {
        body.refuse("must be an object");
        return std::nullopt;
    }
    std::optional<Body> read_message = read_body(action, body, limits);
    if (!read_message) {
        return std::nullopt;
    }
    envelope.message = std::move(*read_message);
    return envelope;
}

}  // namespace headroom::beckn::v11
