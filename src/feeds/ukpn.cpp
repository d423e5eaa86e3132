#include "feeds/ukpn.hpp"

#include "feeds/ukpn_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

namespace headroom::feeds::ukpn {
namespace {

constexpr double power_max_mw = 10'000.0;
constexpr double price_max = 1'000'000.0;
constexpr std::int64_t customers_max = 10'000'000;
constexpr std::chrono::days dispatch_longest{7};
/// Energies are published with two decimals.
constexpr double energy_rounding_mwh = 0.011;

void read_fault(RowReader& read, FaultBook& faults, LiveFault& fault) {
    fault.reference = read.text("incidentreference", 64);
    fault.kind = read.text_or_empty("powercuttype", 64);
    fault.reported = read.maybe_local_time("creationdatetime");
    fault.restoration_expected = read.maybe_local_time("estimatedrestorationdate");
    fault.restored = read.maybe_local_time("restoreddatetime");
    fault.customers = std::llround(read.maybe("nocustomeraffected", 0.0, customers_max).value_or(0.0));
    const std::string sectors = read.text_or_empty("postcodesaffected", 65'536);
    for (std::size_t from = 0; from < sectors.size();) {
        const std::size_t to = std::min(sectors.find(';', from), sectors.size());
        const std::string_view part = std::string_view(sectors).substr(from, to - from);
        const std::size_t begin = part.find_first_not_of(' ');
        if (begin != std::string_view::npos) {
            fault.postcode_sectors.emplace_back(part.substr(begin, part.find_last_not_of(' ') - begin + 1));
        }
        from = to + 1;
    }
    fault.message = read.text_or_empty("mainmessage");
    read_place(read, "geopoint", fault.lat, fault.lon, faults);
}

void read_dispatch(RowReader& read, FaultBook& faults, FlexibilityDispatch& dispatch) {
    static constexpr std::array<std::string_view, 4> kinds{"demand_turn_down", "demand_turn_up",
                                                           "generation_turn_up", "generation_turn_down"};
    dispatch.company = read.text_or_empty("company_name");
    dispatch.unit = read.text("fu_id");
    dispatch.zone = read.text_or_empty("zone");
    dispatch.product = read.text_or_empty("product");
    dispatch.technology = read.text_or_empty("technology");
    dispatch.kind = read.text("dispatch_type", 32);
    dispatch.start = read.time("start_time_utc");
    dispatch.end = read.time("end_time_utc");
    dispatch.requested_mw = read.number("utilisation_mw_req", 0.0, power_max_mw);
    dispatch.requested_mwh = read.number("utilisation_mwh_req", 0.0, power_max_mw * 24.0);
    dispatch.availability_gbp_per_mw_h =
        read.maybe("availability_price", -price_max, price_max).value_or(0.0);
    dispatch.utilisation_gbp_per_mwh = read.maybe("utilisation_price", -price_max, price_max).value_or(0.0);
    if (!read.ok()) {
        return;
    }
    if (std::find(kinds.begin(), kinds.end(), dispatch.kind) == kinds.end()) {
        return read.refuse("dispatch_type", "'" + dispatch.kind + "' is not known");
    }
    if (dispatch.end <= dispatch.start) {
        return read.refuse("end_time_utc", "is not after start_time_utc");
    }
    if (dispatch.end - dispatch.start > dispatch_longest) {
        return read.refuse("end_time_utc", "is more than a week after start_time_utc");
    }
    const double hours_long = static_cast<double>((dispatch.end - dispatch.start).count()) / 3.6e6;
    const double expected = dispatch.requested_mw * hours_long;
    if (std::abs(expected - dispatch.requested_mwh) > energy_rounding_mwh) {
        faults.add(read.path("utilisation_mwh_req"),
                   fmt::format("is {} MWh, {} MW for {} h are {:.2f}", dispatch.requested_mwh,
                               dispatch.requested_mw, hours_long, expected));
    }
}

void read_site(RowReader& read, FaultBook& faults, PrimarySite& site) {
    site.id = read.text("sitefunctionallocation", 128);
    site.name = read.text("sitename");
    site.kind = read.text_or_empty("sitetype");
    site.rating_summer_mva = read.maybe("transratingsummer", 0.0, power_max_mw);
    site.rating_winter_mva = read.maybe("transratingwinter", 0.0, power_max_mw);
    site.peak_summer_mw = read.maybe("maxdemandsummer", -power_max_mw, power_max_mw);
    site.peak_winter_mw = read.maybe("maxdemandwinter", -power_max_mw, power_max_mw);
    read_place(read, "spatial_coordinates", site.lat, site.lon, faults);
}

}  // namespace

Result<std::string> quoted(std::string_view text) {
    const bool is_plain = std::none_of(text.begin(), text.end(), [](unsigned char c) {
        return c == '\'' || c == '"' || c == '\\' || std::iscntrl(c) != 0;
    });
    if (!is_plain || text.size() > 256) {
        return Error{Errc::invalid, "a value of a query holds no quotes, backslashes and control characters"};
    }
    return "'" + std::string(text) + "'";
}

Result<FeedRequest> records(std::string_view dataset, std::string where, std::string order_by,
                            std::size_t offset) {
    const bool is_name = !dataset.empty() && dataset.size() <= 128 &&
                         std::all_of(dataset.begin(), dataset.end(), [](unsigned char c) {
                             return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '-' || c == '_';
                         });
    if (!is_name) {
        return Error{Errc::invalid,
                     "'" + std::string(dataset) + "' is no dataset: small letters, digits, '-' and '_'"};
    }
    if (offset + page_records >= records_max) {
        return Error{Errc::invalid,
                     "the service gives no records from " + std::to_string(records_max) + " on"};
    }
    FeedRequest request{
        fmt::format("/catalog/datasets/{}/records", dataset),
        {{"limit", std::to_string(page_records)}, {"offset", std::to_string(offset)}, {"timezone", "UTC"}}};
    if (!where.empty()) {
        request.query.emplace_back("where", std::move(where));
    }
    if (!order_by.empty()) {
        request.query.emplace_back("order_by", std::move(order_by));
    }
    return request;
}

Result<FeedRequest> live_faults(std::size_t offset) {
    return records("ukpn-live-faults", "", "incidentreference", offset);
}

Result<FeedRequest> flexibility_dispatches(UtcTime from, std::size_t offset) {
    return records("ukpn-flexibility-dispatches",
                   "start_time_utc >= date'" + format_utc(from).substr(0, 19) + "Z'", "start_time_utc desc",
                   offset);
}

Result<FeedRequest> primary_sites(std::size_t offset) {
    return records("grid-and-primary-sites", "", "sitefunctionallocation", offset);
}

Result<FeedValues<LiveFault>> decode_live_faults(std::string_view body, std::size_t offset) {
    return decode_page<LiveFault>(body, offset, read_fault);
}
Result<FeedValues<FlexibilityDispatch>> decode_dispatches(std::string_view body, std::size_t offset) {
    return decode_page<FlexibilityDispatch>(body, offset, read_dispatch);
}
Result<FeedValues<PrimarySite>> decode_primary_sites(std::string_view body, std::size_t offset) {
    return decode_page<PrimarySite>(body, offset, read_site);
}

}  // namespace headroom::feeds::ukpn
