#include "flex/offer.hpp"

#include "core/json_object.hpp"
#include "core/object_reader.hpp"
#include "core/units.hpp"

namespace headroom::flex {

namespace {

constexpr std::int64_t duration_ms_max = 30LL * 86'400'000;

milliseconds duration(json::ObjectReader& read, std::string_view key) {
    return milliseconds{read.integer(key, 0, duration_ms_max)};
}

}  // namespace

json::Value to_json(const Offer& offer) {
    return json::object({{"provider", offer.provider},
                         {"id", offer.id},
                         {"der", offer.der},
                         {"der_class", grid::to_string(offer.der_class)},
                         {"feeder", offer.feeder},
                         {"phase", grid::to_string(offer.phase)},
                         {"turn_up", offer.turn_up},
                         {"power_w", offer.power.value},
                         {"energy_wh", offer.energy.value},
                         {"available_from", format_utc(offer.available_from)},
                         {"available_until", format_utc(offer.available_until)},
                         {"notice_ms", offer.notice.count()},
                         {"duration_max_ms", offer.duration_max.count()},
                         {"duration_min_ms", offer.duration_min.count()},
                         {"ramp_w_per_s", offer.ramp_w_per_s},
                         {"utilisation_price", offer.utilisation.value},
                         {"availability_price", offer.availability_per_mw_h.value},
                         {"baseline_method", offer.baseline_method},
                         {"reliability_ppm", offer.reliability_ppm},
                         {"valid_until", format_utc(offer.valid_until)}});
}

Result<Offer> offer_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    Offer offer;
    offer.provider = read.text("provider", 256, 1);
    offer.id = read.text("id", 256, 1);
    offer.der = read.text("der", 256, 1);
    offer.der_class = read.word("der_class", grid::parse_der_class);
    offer.feeder = read.text("feeder", 256);  // empty: its seller did not say, and no plan takes it
    offer.phase = read.word("phase", grid::parse_phase);
    offer.turn_up = read.boolean("turn_up");
    offer.power = Watts{read.integer("power_w", 1, offer_power_max.value)};
    offer.energy = WattHours{read.integer("energy_wh", 0, 1'000'000'000'000)};
    offer.available_from = read.time("available_from");
    offer.available_until = read.time("available_until");
    offer.notice = duration(read, "notice_ms");
    offer.duration_max = duration(read, "duration_max_ms");
    offer.duration_min = duration(read, "duration_min_ms");
    offer.ramp_w_per_s = read.integer("ramp_w_per_s", 0, 1'000'000'000);
    offer.utilisation = MicroPoundsPerMwh{read.integer("utilisation_price", 0, price_max.value)};
    offer.availability_per_mw_h = MicroPounds{read.integer("availability_price", 0, price_max.value)};
    offer.baseline_method = read.text("baseline_method");
    offer.reliability_ppm = read.integer("reliability_ppm", 0, whole_ppm);
    offer.valid_until = read.time("valid_until");
    read.refuse_unknown();
    if (!read.ok()) {
        return read.error();
    }
    return offer;
}

}  // namespace headroom::flex
