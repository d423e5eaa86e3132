#include "beckn/v11_terms.hpp"

#include "beckn/decimal.hpp"
#include "beckn/v11_words.hpp"

namespace headroom::beckn::v11 {

namespace {

constexpr std::size_t grid_text_max = 16UL * 1024;
constexpr std::int64_t energy_max_wh = 1'000'000'000'000;
constexpr std::int64_t ramp_max_w_per_s = 1'000'000'000;
constexpr milliseconds step_min = minutes{1};
constexpr milliseconds step_max = hours{24};

std::optional<bool> parse_turn_up(std::string_view text) {
    if (text == turn_up) {
        return true;
    }
    if (text == turn_down) {
        return false;
    }
    return std::nullopt;
}

/// A duration that may be left out.
milliseconds optional_duration(const Node& node) {
    return node.is_there() ? node.duration().value_or(milliseconds{0}) : milliseconds{0};
}

std::int64_t optional_decimal(const Node& node, int decimals, std::int64_t max, std::int64_t otherwise) {
    return node.is_there() ? node.decimal(decimals, 0, max).value_or(otherwise) : otherwise;
}

std::string kw(std::int64_t watts) {
    return format_decimal(watts, kw_decimals);
}

}  // namespace

bool is_slot_length(milliseconds step) {
    return step >= step_min && step <= step_max;
}

std::optional<flex::IntervalGrid> read_grid(const Tags& tags, std::int64_t min_w) {
    const std::optional<UtcTime> start = tags.value("start").time();
    const std::optional<milliseconds> step = tags.value("step").duration();
    const Node powers = tags.value("kw");
    const std::optional<std::string> text = powers.text(grid_text_max);
    if (!start || !step || !text) {
        return std::nullopt;
    }
    if (!is_slot_length(*step)) {
        tags.value("step").refuse("must lie between one minute and one day");
        return std::nullopt;
    }
    flex::IntervalGrid grid{.start = *start, .step = *step, .values = {}};
    std::string_view rest = *text;
    while (true) {
        const std::size_t comma = rest.find(',');
        const Result<std::int64_t> watts = parse_decimal(rest.substr(0, comma), kw_decimals);
        if (!watts || *watts < min_w || *watts > flex::offer_power_max.value) {
            powers.refuse("entry " + std::to_string(grid.values.size()) + " is not a power between " +
                          format_decimal(min_w, kw_decimals) + " and " +
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

std::optional<SearchIntent> read_request(const Tags& tags) {
    const std::size_t before = tags.faults().count();
    SearchIntent intent;
    intent.feeder = tags.value("feeder_id").own_id().value_or("");
    intent.phase = word(tags.value("phase"), grid::parse_phase).value_or(grid::Phase::sum);
    intent.turn_up = word(tags.value("direction"), parse_turn_up).value_or(false);
    intent.need_w = read_grid(tags).value_or(flex::IntervalGrid{});
    return tags.faults().count() == before ? std::optional(std::move(intent)) : std::nullopt;
}

std::optional<flex::Offer> read_resource(const Node& id, const Tags& tags, FeederIs feeder) {
    const std::size_t before = id.faults().count();
    constexpr std::int64_t million = 1'000'000;
    flex::Offer offer;
    offer.id = id.own_id().value_or("");
    offer.der = tags.value("der_id").own_id().value_or("");
    offer.der_class = word(tags.value("kind"), grid::parse_der_class).value_or(grid::DerClass::other);
    if (feeder == FeederIs::required || tags.value("feeder_id").is_there()) {
        offer.feeder = tags.value("feeder_id").own_id().value_or("");
    }
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
    if (id.faults().count() != before) {
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

void add_grid(NamedValues& list, const flex::IntervalGrid& grid) {
    std::string powers;
    for (const std::int64_t watts : grid.values) {
        powers += powers.empty() ? "" : ",";
        powers += kw(watts);
    }
    list.emplace_back("start", format_utc(grid.start));
    list.emplace_back("step", format_duration(grid.step));
    list.emplace_back("kw", std::move(powers));
}

NamedValues write_request(const SearchIntent& intent) {
    NamedValues list;
    list.emplace_back("feeder_id", intent.feeder);
    list.emplace_back("phase", grid::to_string(intent.phase));
    list.emplace_back("direction", intent.turn_up ? turn_up : turn_down);
    list.emplace_back("end", format_utc(intent.need_w.end()));
    add_grid(list, intent.need_w);
    return list;
}

NamedValues write_resource(const flex::Offer& offer) {
    NamedValues list;
    list.reserve(17);
    list.emplace_back("der_id", offer.der);
    list.emplace_back("kind", grid::to_string(offer.der_class));
    if (!offer.feeder.empty()) {
        list.emplace_back("feeder_id", offer.feeder);
    }
    list.emplace_back("phase", grid::to_string(offer.phase));
    list.emplace_back("direction", offer.turn_up ? turn_up : turn_down);
    list.emplace_back("capacity_kw", kw(offer.power.value));
    list.emplace_back("energy_kwh", kw(offer.energy.value));
    list.emplace_back("price_per_kwh", format_decimal(offer.utilisation.value, gbp_per_kwh_decimals));
    list.emplace_back("availability_price_per_mw_h",
                      format_decimal(offer.availability_per_mw_h.value, gbp_decimals));
    list.emplace_back("available_from", format_utc(offer.available_from));
    list.emplace_back("available_until", format_utc(offer.available_until));
    list.emplace_back("min_notice", format_duration(offer.notice));
    list.emplace_back("min_duration", format_duration(offer.duration_min));
    list.emplace_back("max_duration", format_duration(offer.duration_max));
    list.emplace_back("ramp_kw_per_s", kw(offer.ramp_w_per_s));
    list.emplace_back("baseline_method", offer.baseline_method);
    list.emplace_back("reliability", format_decimal(offer.reliability_ppm, share_decimals));
    return list;
}

NamedValues write_line_terms(const OrderLine& line) {
    NamedValues list;
    if (!line.feeder.empty()) {
        list.emplace_back("feeder_id", line.feeder);
    }
    add_grid(list, line.power_w);
    return list;
}

}  // namespace headroom::beckn::v11
