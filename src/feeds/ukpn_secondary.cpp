#include "feeds/ukpn_secondary.hpp"

#include "feeds/ukpn_page.hpp"

#include <charconv>
#include <cmath>

namespace headroom::feeds::ukpn {
namespace {

constexpr double rating_max_kva = 20'000.0;
constexpr double substation_customers_max = 100'000.0;
constexpr double half_hour_max_wh = 10e6;
constexpr double wh_per_kw = 500.0;  // of a half-hour

Result<std::string> within(const Nearby& around, std::string_view member) {
    if (!(std::abs(around.lat) <= 90.0 && std::abs(around.lon) <= 180.0 && around.km > 0.0 &&
          around.km <= nearby_km_max)) {
        return Error{Errc::invalid, fmt::format("{} km around {}, {} is no circle: 0 to {} km", around.km,
                                                around.lat, around.lon, nearby_km_max)};
    }
    return fmt::format("within_distance({}, geom'POINT({:.5f} {:.5f})', {:.3f}km)", member, around.lon,
                       around.lat, around.km);
}

/// "60-80%", "0% - 20%", "80%+": the numbers of a band, in percent.
void read_band(std::string_view text, SecondarySite& site) {
    const auto next_number = [&text]() -> std::optional<double> {
        const std::size_t digit = text.find_first_of("0123456789");
        if (digit == std::string_view::npos) {
            return std::nullopt;
        }
        double value = 0.0;
        const auto [end, fault] = std::from_chars(text.data() + digit, text.data() + text.size(), value);
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        return fault == std::errc{} && value <= 1'000.0 ? std::optional(value / 100.0) : std::nullopt;
    };
    if (text.find('%') == std::string_view::npos) {
        return;  // in words: nothing to reckon with
    }
    const std::optional<double> low = next_number();
    const std::optional<double> high = next_number();
    if (low && (!high || *high >= *low)) {
        site.utilisation_low = low;
        site.utilisation_high = high;
    }
}

void read_secondary(RowReader& read, FaultBook& faults, SecondarySite& site) {
    site.id = read.text("functionallocation", 128);
    site.name = read.text_or_empty("substationalias", 256);
    site.design = read.text_or_empty("substationdesign", 128);
    site.rating_kva = read.maybe("onanrating", 0.0, rating_max_kva);
    read_band(read.text_or_empty("utilisation_band", 64), site);
    site.customers = std::llround(read.maybe("customer_count", 0.0, substation_customers_max).value_or(0.0));
    site.primary_feeder = read.text_or_empty("primaryfeeder", 128);
    read_place(read, "geopoint", site.lat, site.lon, faults);
}

void read_lv_feeder(RowReader& read, FaultBook&, LvFeeder& feeder) {
    feeder.substation = read.text("secondary_substation_id", 128);
    feeder.feeder = read.text("lv_feeder_id", 64);
    feeder.peak_kw = read.number("peak_wh", 0.0, half_hour_max_wh) / wh_per_kw;
    feeder.meters = std::llround(read.maybe("meters", 0.0, substation_customers_max).value_or(0.0));
}

}  // namespace

Result<FeedRequest> secondary_sites(const Nearby& around, std::size_t offset) {
    const Result<std::string> where = within(around, "geopoint");
    return where ? records("ukpn-secondary-sites", *where, "functionallocation", offset)
                 : Result<FeedRequest>(where.error());
}

Result<FeedRequest> lv_feeders(const Nearby& around, std::size_t offset) {
    const Result<std::string> where = within(around, "geopoint");
    if (!where) {
        return where.error();
    }
    Result<FeedRequest> request = records("ukpn-smart-meter-consumption-lv-feeder", *where,
                                          "secondary_substation_id, lv_feeder_id", offset);
    if (request) {
        request->query.emplace_back(
            "select",
            "secondary_substation_id, lv_feeder_id, max(total_consumption_active_import) as peak_wh, "
            "max(aggregated_device_count_active) as meters");
        request->query.emplace_back("group_by", "secondary_substation_id, lv_feeder_id");
    }
    return request;
}

Result<FeedValues<SecondarySite>> decode_secondary_sites(std::string_view body, std::size_t offset) {
    return decode_page<SecondarySite>(body, offset, read_secondary);
}
Result<FeedValues<LvFeeder>> decode_lv_feeders(std::string_view body, std::size_t offset) {
    return decode_page<LvFeeder>(body, offset, read_lv_feeder);
}

}  // namespace headroom::feeds::ukpn
