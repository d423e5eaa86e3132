#pragma once

// One case for each feed: its request and answers of every kind, for every_feed_test.cpp.

#include "feeds/carbon_intensity.hpp"
#include "feeds/elexon.hpp"
#include "feeds/neso_portal.hpp"
#include "feeds/octopus_agile.hpp"
#include "feeds/open_meteo.hpp"
#include "feeds/openweathermap.hpp"
#include "feeds/ukpn.hpp"
#include "feeds/ukpn_secondary.hpp"

#include <functional>
#include <iterator>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::feeds::testing {

inline UtcTime at(std::string_view text) {
    return parse_utc(text).value();
}
inline Date day(std::string_view text) {
    return parse_date(text).value();
}

/// What was read, the same of every feed.
struct Seen {
    std::vector<UtcTime> times;  ///< of the values, where they have any
    std::size_t values = 0;
    std::vector<RowFault> faults;
};
using Decode = std::function<Result<Seen>(std::string_view body)>;

template <class T>
Decode seen(std::function<Result<FeedValues<T>>(std::string_view)> decode,
            std::function<std::optional<UtcTime>(const T&)> time_of) {
    return [decode, time_of](std::string_view body) -> Result<Seen> {
        Result<FeedValues<T>> read = decode(body);
        if (!read) {
            return read.error();
        }
        Seen out{.times = {}, .values = read->values.size(), .faults = std::move(read->faults)};
        for (const T& value : read->values) {
            if (const std::optional<UtcTime> time = time_of(value)) {
                out.times.push_back(*time);
            }
        }
        return out;
    };
}

struct FeedCase {
    std::string name;
    FeedRequest request;
    Decode decode;
    std::string good;  ///< two records
    std::string empty;
    std::string poisoned;  ///< one record that cannot be believed
    std::string pointer;   ///< where it is told
    std::size_t left = 0;  ///< records that stand beside it, or without the one value
    /// Answers of the days on which clocks change, and the instants that they hold; nothing for data without
    /// times.
    std::string autumn = {};
    std::vector<std::string> instants = {};
};

inline std::ostream& operator<<(std::ostream& out, const FeedCase& feed) {
    return out << feed.name;
}

inline std::string elexon_row(std::string_view date, int period, std::string_view start,
                              std::string_view members) {
    return R"({"settlementDate":")" + std::string(date) + R"(","settlementPeriod":)" +
           std::to_string(period) + R"(,"startTime":")" + std::string(start) +
           R"(","publishTime":"2026-10-25T23:50:00Z",)" + std::string(members) + "}";
}
inline std::string in_data(std::string_view rows) {
    return R"({"data":[)" + std::string(rows) + "]}";
}
inline std::string in_results(std::string_view rows) {
    return R"({"total_count":1,"results":[)" + std::string(rows) + "]}";
}
inline std::string in_records(std::string_view rows) {
    return R"({"success":true,"result":{"fields":[{"id":"SETTLEMENT_DATE"},{"id":"SETTLEMENT_PERIOD"}],"records":[)" +
           std::string(rows) + R"(],"total":1}})";
}

/// A feed of Elexon: `members` makes the members with a value in them.
inline FeedCase elexon_case(std::string name, FeedRequest request, Decode decode,
                            const std::function<std::string(std::string_view)>& members,
                            std::string_view usual, std::string_view wrong, const std::string& member) {
    // The hour that comes twice, periods 3 to 6 of a day of fifty.
    const std::string twice = elexon_row("2026-10-25", 3, "2026-10-25T00:00:00Z", members(usual)) + "," +
                              elexon_row("2026-10-25", 5, "2026-10-25T01:00:00Z", members(usual)) + "," +
                              elexon_row("2026-10-25", 50, "2026-10-25T23:30:00Z", members(usual)) + "," +
                              elexon_row("2026-10-25", 51, "2026-10-26T00:00:00Z", members(usual));
    return {.name = std::move(name),
            .request = std::move(request),
            .decode = std::move(decode),
            .good = in_data(elexon_row("2026-01-15", 35, "2026-01-15T17:00:00Z", members(usual)) + "," +
                            elexon_row("2026-01-15", 36, "2026-01-15T17:30:00Z", members(usual))),
            .empty = in_data(""),
            .poisoned = in_data(elexon_row("2026-01-15", 35, "2026-01-15T17:00:00Z", members(wrong))),
            .pointer = "/data/0/" + member,
            .left = 0,
            .autumn = in_data(twice),
            .instants = {"2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z", "2026-10-25T23:30:00Z"}};
}

inline std::vector<FeedCase> weather_feeds() {
    const auto time_of = [](const WeatherStep& step) { return std::optional(step.at); };
    return {
        {.name = "open_meteo",
         .request = open_meteo::hourly(51.5, -0.12, day("2026-10-24"), day("2026-10-26")),
         .decode = seen<WeatherStep>(open_meteo::decode_hourly, time_of),
         .good =
             R"({"utc_offset_seconds":0,"hourly":{"time":["2026-07-15T16:00","2026-07-15T17:00"],"temperature_2m":[21.5,22.0]}})",
         .empty = R"({"utc_offset_seconds":0,"hourly":{"time":[]}})",
         .poisoned =
             R"({"utc_offset_seconds":0,"hourly":{"time":["2026-07-15T16:00"],"temperature_2m":[-40.0]}})",
         .pointer = "/hourly/temperature_2m/0",
         .left = 1,
         .autumn =
             R"({"utc_offset_seconds":0,"hourly":{"time":["2026-10-25T00:00","2026-10-25T01:00","2026-10-25T02:00"],"temperature_2m":[9,9,8]}})",
         .instants = {"2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z"}},
        {.name = "openweathermap",
         .request = openweathermap::forecast(51.5, -0.12),
         .decode = seen<WeatherStep>(openweathermap::decode_forecast, time_of),
         .good =
             R"({"cod":"200","list":[{"dt":1768496400,"main":{"temp":1.6}},{"dt":1768507200,"main":{"temp":1.2}}]})",
         .empty = R"({"cod":"200","list":[]})",
         .poisoned = R"({"cod":"200","list":[{"dt":1784131200,"main":{"temp":-40}}]})",
         .pointer = "/list/0/main/temp",
         .left = 1,
         // Seconds since 1970 know no clock of London: 00:00Z and 03:00Z stand on both sides of the change.
         .autumn =
             R"({"cod":"200","list":[{"dt":1792886400,"main":{"temp":9}},{"dt":1792897200,"main":{"temp":8}}]})",
         .instants = {"2026-10-25T00:00:00Z", "2026-10-25T03:00:00Z"}}};
}

inline std::vector<FeedCase> carbon_feeds() {
    const auto period = [](const char* from, const char* to, const char* grams) {
        return R"({"from":")" + std::string(from) + R"(","to":")" + to + R"(","intensity":{"forecast":)" +
               grams + R"(,"index":"moderate"}})";
    };
    const std::string good = period("2026-11-20T10:00Z", "2026-11-20T10:30Z", "187") + "," +
                             period("2026-11-20T10:30Z", "2026-11-20T11:00Z", "180");
    const std::string poisoned = period("2026-11-20T10:00Z", "2026-11-20T10:30Z", "5000");
    const std::string autumn = period("2026-10-25T00:30Z", "2026-10-25T01:00Z", "187") + "," +
                               period("2026-10-25T01:00Z", "2026-10-25T01:30Z", "180");
    const auto region = [](const std::string& rows) {
        return R"({"data":{"regionid":13,"shortname":"London","data":[)" + rows + "]}}";
    };
    using carbon_intensity::CarbonPeriod;
    const Decode decode = seen<CarbonPeriod>(
        carbon_intensity::decode, [](const CarbonPeriod& value) { return std::optional(value.from); });
    const std::vector<std::string> instants{"2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z"};
    return {{.name = "carbon_of_the_nation",
             .request = carbon_intensity::national_ahead(at("2026-11-20T10:00:00Z")),
             .decode = decode,
             .good = in_data(good),
             .empty = in_data(""),
             .poisoned = in_data(poisoned),
             .pointer = "/data/0/intensity/forecast",
             .left = 1,
             .autumn = in_data(autumn),
             .instants = instants},
            {.name = "carbon_of_a_region",
             .request = carbon_intensity::regional_ahead(at("2026-11-20T10:00:00Z"), 13),
             .decode = decode,
             .good = region(good),
             .empty = region(""),
             .poisoned = region(poisoned),
             .pointer = "/data/data/0/intensity/forecast",
             .left = 1,
             .autumn = region(autumn),
             .instants = instants}};
}

inline std::vector<FeedCase> market_feeds() {
    const auto start = [](const auto& value) { return std::optional(value.start); };
    const auto text = [](std::string_view value) { return std::string(value); };
    std::vector<FeedCase> all{
        elexon_case(
            "system_prices", elexon::system_prices(day("2026-10-25")),
            seen<elexon::SystemPrice>(elexon::decode_system_prices, start),
            [text](std::string_view price) {
                return R"("systemBuyPrice":118.5,"systemSellPrice":)" + text(price);
            },
            "118.5", "99999", "systemSellPrice"),
        elexon_case(
            "market_price", elexon::market_index(at("2026-10-24T12:00:00Z"), at("2026-10-25T12:00:00Z")),
            seen<elexon::MarketPrice>(elexon::decode_market_index, start),
            [text](std::string_view price) {
                return R"("dataProvider":"APXMIDP","volume":300,"price":)" + text(price);
            },
            "90", "-1e9", "price"),
        elexon_case(
            "demand_a_day_ahead", elexon::demand_day_ahead(),
            seen<elexon::DemandForecast>(elexon::decode_demand, start),
            [text](std::string_view mw) {
                return R"("transmissionSystemDemand":31000,"nationalDemand":)" + text(mw);
            },
            "30000", "3e7", "nationalDemand"),
        elexon_case(
            "demand_as_it_was", elexon::demand_outturn(day("2026-10-24"), day("2026-10-25")),
            seen<elexon::DemandOutturn>(elexon::decode_demand_outturn, start),
            [text](std::string_view mw) {
                return R"("initialTransmissionSystemDemandOutturn":22000,"initialDemandOutturn":)" + text(mw);
            },
            "21000", "-4", "initialDemandOutturn")};
    const auto rate = [](const char* from, const char* to, const char* pence) {
        return R"({"value_exc_vat":)" + std::string(pence) + R"(,"value_inc_vat":10,"valid_from":")" + from +
               R"(","valid_to":")" + to + R"("})";
    };
    all.push_back({.name = "retail_price",
                   .request = octopus_agile::unit_rates("AGILE-24-10-01", 'C', at("2026-01-15T00:00:00Z"),
                                                        at("2026-01-16T00:00:00Z"))
                                  .value(),
                   .decode = seen<octopus_agile::UnitRate>(
                       octopus_agile::decode_unit_rates,
                       [](const octopus_agile::UnitRate& value) { return std::optional(value.from); }),
                   .good = in_results(rate("2026-01-15T17:00:00Z", "2026-01-15T17:30:00Z", "31.2") + "," +
                                      rate("2026-01-15T13:00:00Z", "2026-01-15T13:30:00Z", "-2.8")),
                   .empty = R"({"count":0,"next":null,"results":[]})",
                   .poisoned = in_results(rate("2026-01-15T17:00:00Z", "2026-01-15T17:30:00Z", "90000")),
                   .pointer = "/results/0/value_exc_vat",
                   .left = 0,
                   .autumn = in_results(rate("2026-10-25T01:00:00+01:00", "2026-10-25T01:30:00+01:00", "12") +
                                        "," + rate("2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z", "10")),
                   .instants = {"2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"}});
    return all;
}

inline std::vector<FeedCase> network_feeds() {
    const ukpn::Nearby around{.lat = 51.5, .lon = -0.1, .km = 1.0};
    const auto without_times = [](const auto&) { return std::optional<UtcTime>(); };
    const auto page = [](auto decode) { return [decode](std::string_view body) { return decode(body, 0); }; };
    const auto fault = [](const char* reported, const char* customers) {
        return R"({"incidentreference":"INCD-1","powercuttype":"Unplanned","creationdatetime":")" +
               std::string(reported) + R"(","nocustomeraffected":)" + customers + "}";
    };
    const auto dispatch = [](const char* from, const char* to, const char* mw) {
        return R"({"company_name":"A","fu_id":"EV-1","zone":"Z","product":"P","technology":"EV","dispatch_type":"demand_turn_down",
            "start_time_utc":")" +
               std::string(from) + R"(","end_time_utc":")" + to + R"(","utilisation_mw_req":)" + mw +
               R"(,"utilisation_mwh_req":0.25,"availability_price":0,"utilisation_price":240})";
    };
    const auto site = [](const char* id, const char* mva) {
        return R"({"sitefunctionallocation":")" + std::string(id) +
               R"(","sitename":"Bow","transratingsummer":)" + mva + "}";
    };
    const auto secondary = [](const char* id, const char* kva) {
        return R"({"functionallocation":")" + std::string(id) + R"(","onanrating":)" + kva + "}";
    };
    const auto feeder = [](const char* id, const char* wh) {
        return R"({"secondary_substation_id":"S-1","lv_feeder_id":")" + std::string(id) + R"(","peak_wh":)" +
               wh + "}";
    };
    const std::string none = R"({"total_count":0,"results":[]})";
    return {
        {.name = "live_faults",
         .request = ukpn::live_faults(0).value(),
         .decode = seen<ukpn::LiveFault>(page(ukpn::decode_live_faults),
                                         [](const ukpn::LiveFault& one) { return one.reported; }),
         .good = in_results(fault("2026-07-08T09:39:45", "42") + "," + fault("2026-07-08T10:00:00", "\"7\"")),
         .empty = none,
         .poisoned = in_results(fault("2026-07-08T09:39:45", "-5")),
         .pointer = "/results/0/nocustomeraffected",
         .left = 1,
         // Of the hour that comes twice the first; the one that is left out in spring is a fault.
         .autumn = in_results(fault("2026-10-25T01:30:00", "1") + "," + fault("2026-10-25T02:00:00", "1") +
                              "," + fault("2026-03-29T01:30:00", "1")),
         .instants = {"2026-10-25T00:30:00Z", "2026-10-25T02:00:00Z"}},
        {.name = "dispatches",
         .request = ukpn::flexibility_dispatches(at("2026-10-01T00:00:00Z"), 0).value(),
         .decode = seen<ukpn::FlexibilityDispatch>(page(ukpn::decode_dispatches),
                                                   [](const auto& one) { return std::optional(one.start); }),
         .good = in_results(dispatch("2026-01-15T17:00:00+00:00", "2026-01-15T18:00:00+00:00", "0.25") + "," +
                            dispatch("2026-01-15T18:00:00+00:00", "2026-01-15T19:00:00+00:00", "0.25")),
         .empty = none,
         .poisoned = in_results(dispatch("2026-01-15T17:00:00+00:00", "2026-01-15T18:00:00+00:00", "1e7")),
         .pointer = "/results/0/utilisation_mw_req",
         .left = 0,
         .autumn = in_results(dispatch("2026-10-25T00:30:00+00:00", "2026-10-25T01:30:00+00:00", "0.25")),
         .instants = {"2026-10-25T00:30:00Z"}},
        {.name = "primary_sites",
         .request = ukpn::primary_sites(0).value(),
         .decode = seen<ukpn::PrimarySite>(page(ukpn::decode_primary_sites), without_times),
         .good = in_results(site("EPN-1", "24") + "," + site("EPN-2", "\"31\"")),
         .empty = none,
         .poisoned = in_results(site("EPN-1", "-24")),
         .pointer = "/results/0/transratingsummer",
         .left = 1},
        {.name = "secondary_sites",
         .request = ukpn::secondary_sites(around, 0).value(),
         .decode = seen<ukpn::SecondarySite>(page(ukpn::decode_secondary_sites), without_times),
         .good = in_results(secondary("LPN-1", "500") + "," + secondary("LPN-2", "315")),
         .empty = none,
         .poisoned = in_results(secondary("LPN-1", "9e9")),
         .pointer = "/results/0/onanrating",
         .left = 1},
        {.name = "lv_feeders",
         .request = ukpn::lv_feeders(around, 0).value(),
         .decode = seen<ukpn::LvFeeder>(page(ukpn::decode_lv_feeders), without_times),
         .good = in_results(feeder("1", "28830") + "," + feeder("2", "1480")),
         .empty = none,
         .poisoned = in_results(feeder("1", "-1")),
         .pointer = "/results/0/peak_wh",
         .left = 0}};
}

inline std::vector<FeedCase> portal_feeds() {
    using neso_portal::EmbeddedForecast;
    const auto row = [](const char* date, int period, const char* solar) {
        return R"({"DATE_GMT":"x","SETTLEMENT_DATE":")" + std::string(date) + R"(","SETTLEMENT_PERIOD":)" +
               std::to_string(period) + R"(,"EMBEDDED_SOLAR_FORECAST":)" + solar +
               R"(,"EMBEDDED_WIND_FORECAST":2000})";
    };
    return {{.name = "embedded_generation",
             .request = neso_portal::embedded_ahead(),
             .decode =
                 seen<EmbeddedForecast>(neso_portal::decode_embedded,
                                        [](const EmbeddedForecast& one) { return std::optional(one.start); }),
             .good = in_records(row("2026-07-15T00:00:00", 25, "7000") + "," +
                                row("2026-07-15T00:00:00", 26, "\"7100\"")),
             .empty = in_records(""),
             .poisoned = in_records(row("2026-07-15", 25, "-7000")),
             .pointer = "/result/records/0/EMBEDDED_SOLAR_FORECAST",
             .left = 1,
             .autumn = in_records(
                 row("2026-10-25T00:00:00", 3, "0") + "," + row("2026-10-25T00:00:00", 5, "0") + "," +
                 row("2026-10-25T00:00:00", 50, "0") + "," + row("2026-03-29T00:00:00", 47, "0")),
             .instants = {"2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z", "2026-10-25T23:30:00Z"}}};
}

inline std::vector<FeedCase> every_feed() {
    std::vector<FeedCase> all;
    for (std::vector<FeedCase>& some :
         std::vector{weather_feeds(), carbon_feeds(), market_feeds(), network_feeds(), portal_feeds()}) {
        std::move(some.begin(), some.end(), std::back_inserter(all));
    }
    return all;
}

}  // namespace headroom::feeds::testing
