#include "beckn/pack_flex.hpp"

#include "beckn/decimal.hpp"
#include "beckn/lts_words.hpp"
#include "beckn/pack_time_series.hpp"
#include "core/json_object.hpp"
#include "core/units.hpp"

namespace headroom::beckn::lts {

namespace {

constexpr std::int64_t energy_max_wh = 1'000'000'000'000;
constexpr std::int64_t ramp_max_w_per_s = 1'000'000'000;

std::int64_t decimal_or(const Node& node, int decimals, std::int64_t max, std::int64_t otherwise) {
    return node.is_there() ? number(node, decimals, 0, max).value_or(otherwise) : otherwise;
}

milliseconds duration_or_zero(const Node& node) {
    return node.is_there() ? node.duration().value_or(milliseconds{0}) : milliseconds{0};
}

std::optional<MicroPounds> read_money(const Node& node) {
    const std::optional<std::int64_t> amount = number(node, gbp_decimals, 0, money_max);
    return amount ? std::optional(MicroPounds{*amount}) : std::nullopt;
}

bool is_gbp(const Node& node) {
    const std::optional<std::string> currency = node.text(16);
    if (currency && *currency != "GBP") {
        node.refuse("is " + *currency + "; only GBP is settled here");
        return false;
    }
    return currency.has_value();
}

json::Value kw(std::int64_t watts) {
    return format_decimal(watts, kw_decimals);
}

}  // namespace

void read_flex_resource(const Node& attributes, PackTarget& target) {
    flex::Offer& offer = target.entry->offer;
    target.entry->kind = EntryKind::offer;
    const auto at = [&attributes](std::string_view key) { return attributes.member(key); };
    offer.der = at("derId").own_id().value_or("");
    offer.der_class = word(at("kind"), grid::parse_der_class).value_or(grid::DerClass::other);
    offer.feeder = at("feederId").own_id().value_or("");
    offer.phase = word(at("phase"), grid::parse_phase).value_or(grid::Phase::sum);
    offer.turn_up = word(at("direction"), parse_turn_up).value_or(false);
    offer.power = Watts{number(at("capacityKw"), kw_decimals, 1, flex::offer_power_max.value).value_or(0)};
    offer.energy = WattHours{decimal_or(at("energyKwh"), kw_decimals, energy_max_wh, 0)};
    offer.available_from = at("availableFrom").time().value_or(UtcTime{});
    offer.available_until = at("availableUntil").time().value_or(UtcTime{});
    offer.notice = duration_or_zero(at("minNotice"));
    offer.duration_min = duration_or_zero(at("minDuration"));
    offer.duration_max = duration_or_zero(at("maxDuration"));
    offer.ramp_w_per_s = decimal_or(at("rampKwPerS"), kw_decimals, ramp_max_w_per_s, 0);
    offer.baseline_method = at("baselineMethod").text_or_empty(64).value_or("");
    offer.reliability_ppm = decimal_or(at("reliability"), share_decimals, whole_ppm, whole_ppm);
    if (offer.available_from >= offer.available_until) {
        at("availableUntil").refuse("must be later than availableFrom");
    }
    if (offer.duration_max > milliseconds{0} && offer.duration_min > offer.duration_max) {
        at("minDuration").refuse("must not be longer than maxDuration");
    }
}

void read_flex_offer(const Node& attributes, PackTarget& target) {
    flex::Offer& offer = target.entry->offer;
    target.entry->kind = EntryKind::offer;
    if (!is_gbp(attributes.member("currency"))) {
        return;
    }
    offer.utilisation = MicroPoundsPerMwh{
        number(attributes.member("pricePerKwh"), gbp_per_kwh_decimals, 0, flex::price_max.value).value_or(0)};
    offer.availability_per_mw_h = MicroPounds{
        decimal_or(attributes.member("availabilityPricePerMwH"), gbp_decimals, flex::price_max.value, 0)};
}

void read_flex_line(const Node& attributes, PackTarget& target) {
    target.entry->kind = EntryKind::line;
    if (attributes.member("feederId").is_there()) {
        target.entry->line.feeder = attributes.member("feederId").own_id().value_or("");
    }
}

void read_flex_quote(const Node& attributes, PackTarget& target) {
    if (!is_gbp(attributes.member("currency"))) {
        return;
    }
    Quote quote;
    quote.total = read_money(attributes.member("total")).value_or(MicroPounds{});
    for (const Node& line : attributes.member("breakup").items(target.limits->order_lines)) {
        quote.breakup.push_back({.item = line.member("item").foreign_id().value_or(""),
                                 .price = read_money(line.member("price")).value_or(MicroPounds{})});
    }
    if (attributes.member("ttl").is_there()) {
        quote.ttl = attributes.member("ttl").duration();
    }
    target.order->quote = std::move(quote);
}

json::Value write_flex_resource(const flex::Offer& offer) {
    return json::object({{"@context", flex_context},
                         {"@type", flex_resource},
                         {"derId", offer.der},
                         {"kind", grid::to_string(offer.der_class)},
                         {"feederId", offer.feeder},
                         {"phase", grid::to_string(offer.phase)},
                         {"direction", offer.turn_up ? turn_up : turn_down},
                         {"capacityKw", kw(offer.power.value)},
                         {"energyKwh", kw(offer.energy.value)},
                         {"availableFrom", format_utc(offer.available_from)},
                         {"availableUntil", format_utc(offer.available_until)},
                         {"minNotice", format_duration(offer.notice)},
                         {"minDuration", format_duration(offer.duration_min)},
                         {"maxDuration", format_duration(offer.duration_max)},
                         {"rampKwPerS", kw(offer.ramp_w_per_s)},
                         {"baselineMethod", offer.baseline_method},
                         {"reliability", format_decimal(offer.reliability_ppm, share_decimals)}});
}

json::Value write_flex_offer(const flex::Offer& offer) {
    return json::object(
        {{"@context", flex_context},
         {"@type", flex_offer},
         {"currency", "GBP"},
         {"pricePerKwh", format_decimal(offer.utilisation.value, gbp_per_kwh_decimals)},
         {"availabilityPricePerMwH", format_decimal(offer.availability_per_mw_h.value, gbp_decimals)}});
}

json::Value write_flex_line(const OrderLine& line) {
    json::Object attributes{{"@context", flex_context}, {"@type", flex_line}};
    if (!line.feeder.empty()) {
        attributes.set("feederId", line.feeder);
    }
    return attributes;
}

json::Value write_line_series(const OrderLine& line, bool is_offer) {
    std::vector<json::Object::Member> members{{"@context", json::Value(series_context)},
                                              {"@type", json::Value("TimeSeries")}};
    std::vector<WrittenColumn> columns;
    columns.push_back({.type = is_offer ? "CAPACITY_OFFERED" : "CAPACITY_REQUESTED",
                       .units = "KW",
                       .inserted_by = is_offer ? "seller" : "buyer",
                       .values = kw_values(line.power_w)});
    append_series(members, line.power_w.start, line.power_w.step, line.power_w.values.size(),
                  std::move(columns));
    return json::Object::from_distinct(std::move(members));
}

json::Value write_flex_quote(const Quote& quote) {
    json::Array breakup;
    breakup.reserve(quote.breakup.size());
    for (const QuoteLine& line : quote.breakup) {
        breakup.push_back(
            json::object({{"item", line.item}, {"price", format_decimal(line.price.value, gbp_decimals)}}));
    }
    json::Object attributes{{"@context", flex_context},
                            {"@type", flex_quote},
                            {"currency", "GBP"},
                            {"total", format_decimal(quote.total.value, gbp_decimals)},
                            {"breakup", std::move(breakup)}};
    if (quote.ttl) {
        attributes.set("ttl", format_duration(*quote.ttl));
    }
    return attributes;
}

}  // namespace headroom::beckn::lts
