#include "feeds/carbon_intensity.hpp"
#include "feeds/elexon.hpp"
#include "feeds/half_hours.hpp"
#include "feeds/neso_portal.hpp"
#include "feeds/octopus_agile.hpp"
#include "feeds/open_meteo.hpp"
#include "feeds/openweathermap.hpp"
#include "feeds/ukpn.hpp"
#include "feeds/ukpn_secondary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace headroom::feeds {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

UtcTime at(const char* text) {
    return parse_utc(text).value();
}

TEST(OpenMeteo, HoursWithWhatIsMissingAbsent) {
    const auto read = open_meteo::decode_hourly(
        R"({"utc_offset_seconds":0,"hourly":{"time":["2026-07-15T16:00","2026-07-15T17:00","2026-07-15T18:00"],
            "temperature_2m":[21.5,null,-40.0],"shortwave_radiation":[410.0,300.0],"cloud_cover":[25,50,100],
            "snowfall":[0.0,0.7,0.0]}})");
    ASSERT_TRUE(read.has_value()) << read.error().message;
    ASSERT_THAT(read->values, SizeIs(3));
    EXPECT_EQ(read->values[0].at, at("2026-07-15T16:00:00Z"));
    EXPECT_EQ(read->values[0].temperature_c, 21.5);
    EXPECT_EQ(read->values[0].cloud_share, 0.25);
    EXPECT_EQ(read->values[1].temperature_c, std::nullopt);
    EXPECT_DOUBLE_EQ(read->values[1].snowfall_mm.value(), 1.0);
    EXPECT_EQ(read->values[2].temperature_c, std::nullopt) << "40 degrees of frost in July are not believed";
    EXPECT_EQ(read->values[2].radiation_w_per_m2, std::nullopt);
    ASSERT_THAT(read->faults, SizeIs(1));
    EXPECT_EQ(read->faults[0].pointer, "/hourly/temperature_2m/2");
}

TEST(OpenMeteo, AnAnswerOfAnotherShapeOrInAnotherZoneIsRefused) {
    EXPECT_EQ(open_meteo::decode_hourly(R"({"error":true,"reason":"x"})").error().pointer, "/hourly/time");
    EXPECT_EQ(
        open_meteo::decode_hourly(R"({"utc_offset_seconds":3600,"hourly":{"time":[]}})").error().pointer,
        "/utc_offset_seconds");
    EXPECT_THAT(open_meteo::decode_hourly("<html>").error().message, HasSubstr("is no JSON"));
}

TEST(OpenMeteo, AsksForDaysInUtc) {
    const FeedRequest request =
        open_meteo::hourly(51.5, -0.12, parse_date("2026-07-15").value(), parse_date("2026-07-17").value());
    EXPECT_THAT(request.target(),
                HasSubstr("/v1/forecast?latitude=51.5000&longitude=-0.1200&hourly=temperature_2m%2C"));
    EXPECT_THAT(request.target(), HasSubstr("timezone=GMT&start_date=2026-07-15&end_date=2026-07-17"));
}

TEST(OpenWeatherMap, StepsOfThreeHoursWhoseRainMayBeMissing) {
    const auto read = openweathermap::decode_forecast(
        R"({"cod":"200","list":[{"dt":1768496400,"main":{"temp":1.6,"feels_like":-2.0},"clouds":{"all":96},"wind":{"speed":3.9},
            "rain":{"3h":0.4}},{"dt":1768507200,"main":{"temp":300},"wind":{}},{"main":{"temp":1}}]})");
    ASSERT_TRUE(read.has_value());
    ASSERT_THAT(read->values, SizeIs(2));
    EXPECT_EQ(read->values[0].at, at("2026-01-15T17:00:00Z"));
    EXPECT_EQ(read->values[0].precipitation_mm, 0.4);
    EXPECT_EQ(read->values[1].precipitation_mm, 0.0);
    EXPECT_EQ(read->values[1].temperature_c, std::nullopt) << "kelvin";
    ASSERT_THAT(read->faults, SizeIs(2));
    EXPECT_EQ(read->faults[0].pointer, "/list/1/main/temp");
    EXPECT_EQ(read->faults[1].pointer, "/list/2/dt");
}

TEST(CarbonIntensity, TheNationWithAndWithoutWhatCame) {
    const auto read = carbon_intensity::decode(
        R"({"data":[{"from":"2026-11-20T10:00Z","to":"2026-11-20T10:30Z","intensity":{"forecast":187,"actual":181,"index":"moderate"}},
            {"from":"2026-11-20T10:30Z","to":"2026-11-20T11:00Z","intensity":{"forecast":5000,"actual":null,"index":"low"}}]})");
    ASSERT_TRUE(read.has_value());
    ASSERT_THAT(read->values, SizeIs(2));
    EXPECT_EQ(read->values[0].actual_g_per_kwh, 181.0);
    EXPECT_EQ(read->values[1].forecast_g_per_kwh, std::nullopt);
    EXPECT_EQ(read->values[1].actual_g_per_kwh, std::nullopt);
    ASSERT_THAT(read->faults, SizeIs(1));
    EXPECT_EQ(read->faults[0].pointer, "/data/1/intensity/forecast");
}

TEST(CarbonIntensity, RegionsInEachOfTheFormsThatTheServiceHas) {
    const std::string period =
        R"({"from":"2026-11-20T10:00Z","to":"2026-11-20T10:30Z","intensity":{"forecast":152,"index":"moderate"},"generationmix":[{"fuel":"gas","perc":41.2}]})";
    const std::string one =
        R"({"regionid":13,"dnoregion":"UKPN London","shortname":"London","data":[)" + period + "]}";
    const std::string all =
        R"({"data":[{"from":"2026-11-20T10:00Z","to":"2026-11-20T10:30Z","regions":[{"regionid":13,"shortname":"London","intensity":{"forecast":152,"index":"moderate"},"generationmix":[{"fuel":"gas","perc":41.2}]}]}]})";
    for (const std::string& body : {R"({"data":[)" + one + "]}", R"({"data":)" + one + "}", all}) {
        const auto read = carbon_intensity::decode(body);
        ASSERT_TRUE(read.has_value()) << body;
        ASSERT_THAT(read->values, SizeIs(1)) << body;
        EXPECT_EQ(read->values[0].region_id, 13);
        EXPECT_EQ(read->values[0].region, "London");
        EXPECT_EQ(read->values[0].from, at("2026-11-20T10:00:00Z"));
        EXPECT_EQ(read->values[0].forecast_g_per_kwh, 152.0);
        ASSERT_THAT(read->values[0].fuel_shares, SizeIs(1));
        EXPECT_DOUBLE_EQ(read->values[0].fuel_shares[0].second, 0.412);
        EXPECT_THAT(read->faults, IsEmpty());
    }
}

TEST(CarbonIntensity, AsksForNoMoreThanItGives) {
    EXPECT_EQ(carbon_intensity::regional_ahead(at("2026-11-20T10:00:00Z"), 13).target(),
              "/regional/intensity/2026-11-20T10:00Z/fw48h/regionid/13");
    EXPECT_TRUE(carbon_intensity::national_between(at("2026-11-01T00:00:00Z"), at("2026-11-15T00:00:00Z"))
                    .has_value());
    EXPECT_FALSE(carbon_intensity::national_between(at("2026-11-01T00:00:00Z"), at("2026-11-15T00:30:00Z"))
                     .has_value());
}

TEST(Elexon, PricesOnADayOfFortySixPeriods) {
    const auto row = [](int period, const char* start) {
        return std::string(R"({"settlementDate":"2026-03-29","settlementPeriod":)") + std::to_string(period) +
               R"(,"startTime":")" + start +
               R"(","systemSellPrice":-5.5,"systemBuyPrice":-5.5,"netImbalanceVolume":null})";
    };
    const auto read = elexon::decode_system_prices(
        R"({"data":[)" + row(3, "2026-03-29T01:00:00Z") + "," + row(46, "2026-03-29T22:30:00Z") + "," +
        row(47, "2026-03-29T23:00:00Z") + "," + row(4, "2026-03-29T01:00:00Z") + "]}");
    ASSERT_TRUE(read.has_value());
    ASSERT_THAT(read->values, SizeIs(2));
    EXPECT_EQ(read->values[1].period.number, 46);
    EXPECT_EQ(read->values[0].sell_gbp_per_mwh, -5.5);
    EXPECT_EQ(read->values[0].imbalance_mwh, std::nullopt);
    ASSERT_THAT(read->faults, SizeIs(2));
    EXPECT_EQ(read->faults[0].pointer, "/data/2/settlementPeriod");
    EXPECT_EQ(read->faults[1].pointer, "/data/3/startTime");
}

TEST(Elexon, TheMarketsPriceIsWeighedByVolume) {
    const auto row = [](const char* provider, double price, double volume, int period, const char* start) {
        return std::string(R"({"settlementDate":"2026-01-15","settlementPeriod":)") + std::to_string(period) +
               R"(,"startTime":")" + start + R"(","dataProvider":")" + provider + R"(","price":)" +
               std::to_string(price) + R"(,"volume":)" + std::to_string(volume) + "}";
    };
    const auto read =
        elexon::decode_market_index(R"({"data":[)" + row("APXMIDP", 100, 300, 35, "2026-01-15T17:00:00Z") +
                                    "," + row("N2EXMIDP", 200, 100, 35, "2026-01-15T17:00:00Z") + "," +
                                    row("APXMIDP", 0, 0, 36, "2026-01-15T17:30:00Z") + "]}");
    ASSERT_TRUE(read.has_value());
    ASSERT_THAT(read->values, SizeIs(2));
    EXPECT_EQ(read->values[0].gbp_per_mwh, 125.0);
    EXPECT_EQ(read->values[1].gbp_per_mwh, std::nullopt) << "nobody traded: no price, not a price of nothing";
}

TEST(Elexon, OfForecastsTheNewestCounts) {
    const auto row = [](const char* published, int mw) {
        return std::string(R"({"publishTime":")") + published +
               R"(","startTime":"2026-01-15T17:00:00Z","settlementDate":"2026-01-15","settlementPeriod":35,"nationalDemand":)" +
               std::to_string(mw) + R"(,"transmissionSystemDemand":)" + std::to_string(mw + 1000) + "}";
    };
    const auto read = elexon::decode_demand(R"({"data":[)" + row("2026-01-14T09:00:00Z", 40000) + "," +
                                            row("2026-01-14T12:00:00Z", 41000) + "," +
                                            row("2026-01-14T10:00:00Z", 42000) + "]}");
    ASSERT_TRUE(read.has_value());
    ASSERT_THAT(read->values, SizeIs(1));
    EXPECT_EQ(read->values[0].national_mw, 41000.0);
}

TEST(Elexon, OutturnOnADayOfFiftyPeriods) {
    const auto row = [](int period, const char* start, const char* mw) {
        return std::string(R"({"publishTime":"2026-10-25T23:50:00Z","startTime":")") + start +
               R"(","settlementDate":"2026-10-25","settlementPeriod":)" + std::to_string(period) +
               R"(,"initialDemandOutturn":)" + mw + R"(,"initialTransmissionSystemDemandOutturn":22000})";
    };
    const auto read = elexon::decode_demand_outturn(
        R"({"data":[)" + row(3, "2026-10-25T00:00:00Z", "21000") + "," +
        row(5, "2026-10-25T01:00:00Z", "20500") + "," + row(50, "2026-10-25T23:30:00Z", "23000") + "," +
        row(51, "2026-10-26T00:00:00Z", "23000") + "," + row(6, "2026-10-25T01:30:00Z", "-4") + "," +
        row(7, "2026-10-25T02:00:00Z", "null") + "]}");
    ASSERT_TRUE(read.has_value());
    ASSERT_THAT(read->values, SizeIs(3)) << "the hour that comes twice has four periods";
    EXPECT_EQ(read->values[2].start, at("2026-10-25T23:30:00Z"));
    EXPECT_EQ(read->values[1].national_mw, 20500.0);
    EXPECT_THAT(read->faults, SizeIs(3)) << "a 51st period, a negative demand, none at all";
    EXPECT_THAT(
        elexon::demand_outturn(parse_date("2026-10-24").value(), parse_date("2026-10-25").value()).target(),
        HasSubstr("/demand/outturn?settlementDateFrom=2026-10-24&settlementDateTo=2026-10-25"));
}

TEST(OctopusAgile, TheHourThatComesTwiceIsTwoHoursOfRates) {
    const auto read = octopus_agile::decode_unit_rates(
        R"({"results":[{"value_exc_vat":10,"value_inc_vat":10.5,"valid_from":"2026-10-25T01:00:00Z","valid_to":"2026-10-25T01:30:00Z"},
            {"value_exc_vat":12,"value_inc_vat":12.6,"valid_from":"2026-10-25T01:00:00+01:00","valid_to":"2026-10-25T01:30:00+01:00"}]})");
    ASSERT_TRUE(read.has_value());
    ASSERT_THAT(read->values, SizeIs(2));
    EXPECT_EQ(read->values[0].from, at("2026-10-25T00:00:00Z"));
    EXPECT_EQ(read->values[1].from, at("2026-10-25T01:00:00Z"));
}

TEST(OctopusAgile, RatesTurnedRoundIntoPoundsAMegawattHour) {
    const auto read = octopus_agile::decode_unit_rates(
        R"({"count":2,"next":"http://x/page2","results":[{"value_exc_vat":31.2,"value_inc_vat":32.76,"valid_from":"2026-01-15T17:00:00Z","valid_to":"2026-01-15T17:30:00Z"},
            {"value_exc_vat":-2.8571,"value_inc_vat":-3.0,"valid_from":"2026-01-15T13:00:00Z","valid_to":null}]})");
    ASSERT_TRUE(read.has_value());
    ASSERT_THAT(read->values, SizeIs(2));
    EXPECT_EQ(read->values[0].from, at("2026-01-15T13:00:00Z"));
    EXPECT_EQ(read->values[0].gbp_per_mwh, -30.0);
    EXPECT_EQ(read->values[0].until, std::nullopt);
    EXPECT_EQ(read->values[1].gbp_per_mwh_without_vat, 312.0);
    EXPECT_EQ(read->next, "http://x/page2");
}

TEST(OctopusAgile, AProductIsNoPathOfItsOwn) {
    EXPECT_TRUE(octopus_agile::unit_rates("AGILE-24-10-01", 'C', at("2026-01-15T00:00:00Z"),
                                          at("2026-01-16T00:00:00Z"))
                    .has_value());
    EXPECT_FALSE(
        octopus_agile::unit_rates("../..", 'C', at("2026-01-15T00:00:00Z"), at("2026-01-16T00:00:00Z"))
            .has_value());
    EXPECT_FALSE(octopus_agile::unit_rates("AGILE-24-10-01", 'I', at("2026-01-15T00:00:00Z"),
                                           at("2026-01-16T00:00:00Z"))
                     .has_value());
}

TEST(Ukpn, FaultsHaveLocalTimes) {
    const auto read = ukpn::decode_live_faults(
        R"({"total_count":300,"results":[{"incidentreference":"INCD-1","powercuttype":"Unplanned","creationdatetime":"2026-07-08T09:39:45",
            "estimatedrestorationdate":"2026-10-25T01:30:00","restoreddatetime":null,"nocustomeraffected":"42","postcodesaffected":"SE1 7; SE1 8;",
            "mainmessage":"A fault.","geopoint":{"lon":-0.1,"lat":51.5}},
            {"incidentreference":"INCD-2","creationdatetime":"2026-03-29T01:30:00"}]})",
        100);
    ASSERT_TRUE(read.has_value());
    ASSERT_THAT(read->values, SizeIs(1)) << "01:30 on the morning on which clocks go forward does not exist";
    const ukpn::LiveFault& fault = read->values[0];
    EXPECT_EQ(fault.reported, at("2026-07-08T08:39:45Z"));
    EXPECT_EQ(fault.restoration_expected, at("2026-10-25T00:30:00Z"))
        << "of the hour that comes twice, the first";
    EXPECT_EQ(fault.customers, 42);
    EXPECT_THAT(fault.postcode_sectors, ElementsAre("SE1 7", "SE1 8"));
    EXPECT_EQ(fault.lat, 51.5);
    EXPECT_EQ(read->faults[0].pointer, "/results/1/creationdatetime");
    EXPECT_EQ(read->next, "102");
}

TEST(Ukpn, DispatchesThatDoNotAddUpAreTold) {
    const auto row = [](const char* type, double mwh) {
        return std::string(
                   R"({"company_name":"Example","fu_id":"EV-1","zone":"Z","product":"Day-Ahead","technology":"EV","dispatch_type":")") +
               type +
               R"(","start_time_utc":"2026-01-15T17:00:00+00:00","end_time_utc":"2026-01-15T18:00:00+00:00","utilisation_mw_req":0.25,"utilisation_mwh_req":)" +
               std::to_string(mwh) + R"(,"availability_price":0,"utilisation_price":240})";
    };
    const auto read =
        ukpn::decode_dispatches(R"({"total_count":3,"results":[)" + row("demand_turn_down", 0.25) + "," +
                                    row("demand_turn_down", 0.5) + "," + row("magic", 0.25) + "]}",
                                0);
    ASSERT_TRUE(read.has_value());
    EXPECT_THAT(read->values, SizeIs(2));
    EXPECT_EQ(read->values[0].utilisation_gbp_per_mwh, 240.0);
    ASSERT_THAT(read->faults, SizeIs(2));
    EXPECT_EQ(read->faults[0].pointer, "/results/1/utilisation_mwh_req");
    EXPECT_EQ(read->faults[1].pointer, "/results/2/dispatch_type");
    EXPECT_THAT(read->next, IsEmpty());
}

TEST(Ukpn, ADispatchOfYearsIsNotBelieved) {
    const auto read = ukpn::decode_dispatches(
        R"({"total_count":1,"results":[{"fu_id":"EV-1","dispatch_type":"demand_turn_down",)"
        R"("start_time_utc":"2026-01-15T17:00:00+00:00","end_time_utc":"2199-01-15T18:00:00+00:00",)"
        R"("utilisation_mw_req":0.25,"utilisation_mwh_req":0.25}]})",
        0);
    ASSERT_TRUE(read.has_value());
    EXPECT_THAT(read->values, IsEmpty());
    ASSERT_THAT(read->faults, SizeIs(1));
    EXPECT_EQ(read->faults[0].pointer, "/results/0/end_time_utc");
    EXPECT_THAT(read->faults[0].why, HasSubstr("more than a week"));
}

TEST(Ukpn, QueriesCannotBeBrokenOutOf) {
    EXPECT_EQ(ukpn::quoted("Trowse Grid 33").value(), "'Trowse Grid 33'");
    EXPECT_FALSE(ukpn::quoted("x' or 1=1").has_value());
    EXPECT_FALSE(ukpn::records("../users", "", "", 0).has_value());
    EXPECT_TRUE(ukpn::live_faults(9'800).has_value());
    EXPECT_FALSE(ukpn::live_faults(9'900).has_value());
    EXPECT_THAT(ukpn::flexibility_dispatches(at("2026-10-01T00:00:00Z"), 0)->target(),
                HasSubstr("where=start_time_utc%20%3E%3D%20date%272026-10-01T00%3A00%3A00Z%27"));
}

TEST(Ukpn, SecondarySitesWithTheirRatingsAndBands) {
    const auto read = ukpn::decode_secondary_sites(
        R"({"total_count":4,"results":[{"functionallocation":"LPN-S1","substationalias":"High St","onanrating":500,"utilisation_band":"60-80%",
            "customer_count":120,"geopoint":{"lon":-0.1,"lat":51.5}},
            {"functionallocation":"LPN-S2","onanrating":"999999","utilisation_band":"80%+"},
            {"functionallocation":"LPN-S3","onanrating":null,"utilisation_band":"high"},
            {"substationalias":"no id"}]})",
        0);
    ASSERT_TRUE(read.has_value());
    ASSERT_THAT(read->values, SizeIs(3));
    EXPECT_EQ(read->values[0].rating_kva, 500.0);
    EXPECT_EQ(read->values[0].utilisation_high, 0.8);
    EXPECT_EQ(read->values[1].rating_kva, std::nullopt) << "no secondary carries a gigawatt";
    EXPECT_EQ(read->values[1].utilisation_low, 0.8);
    EXPECT_EQ(read->values[1].utilisation_high, std::nullopt);
    EXPECT_EQ(read->values[2].utilisation_low, std::nullopt);
    EXPECT_THAT(read->faults, SizeIs(2));
    const ukpn::Nearby around{.lat = 51.5, .lon = -0.1, .km = 2.0};
    EXPECT_THAT(ukpn::secondary_sites(around, 0)->target(), HasSubstr("within_distance%28geopoint"));
    EXPECT_FALSE(ukpn::secondary_sites({.lat = 51.5, .lon = -0.1, .km = 500.0}, 0).has_value());
}

TEST(Ukpn, LowVoltageFeedersByTheirHighestHalfHour) {
    std::string rows;
    for (std::size_t i = 0; i < ukpn::page_records; ++i) {
        rows += std::string(i == 0 ? "" : ",") + R"({"secondary_substation_id":"LPN-S1","lv_feeder_id":")" +
                std::to_string(i) + R"(","peak_wh":)" + (i == 1 ? "null" : "28830") + R"(,"meters":61})";
    }
    const auto read = ukpn::decode_lv_feeders(R"({"results":[)" + rows + "]}", 0);
    ASSERT_TRUE(read.has_value());
    EXPECT_THAT(read->values, SizeIs(ukpn::page_records - 1)) << "unknown is not zero";
    EXPECT_DOUBLE_EQ(read->values[0].peak_kw, 57.66);
    EXPECT_EQ(read->next, "100") << "a grouped answer has no total: a full page has a next one";
    EXPECT_THAT(ukpn::lv_feeders({.lat = 51.5, .lon = -0.1, .km = 1.0}, 0)->target(),
                HasSubstr("group_by=secondary_substation_id"));
}

TEST(Weather, HalfHoursBetweenStepsThatAreNotTooFarApart) {
    const auto step = [](const char* time, double celsius, std::optional<double> sun) {
        return WeatherStep{.at = at(time), .temperature_c = celsius, .radiation_w_per_m2 = sun};
    };
    const std::vector<WeatherStep> found =
        half_hourly({step("2026-07-15T13:00:00Z", 22.0, 400.0), step("2026-07-15T12:00:00Z", 20.0, 300.0),
                     step("2026-07-15T18:00:00Z", 25.0, 100.0)});
    ASSERT_THAT(found, SizeIs(2)) << "five hours are too far apart to draw between";
    EXPECT_EQ(found[0].at, at("2026-07-15T12:00:00Z"));
    EXPECT_EQ(found[0].temperature_c, 20.0);
    EXPECT_EQ(found[1].temperature_c, 21.0);
    EXPECT_EQ(found[1].radiation_w_per_m2, 400.0) << "radiation is told for the hour before";
    const std::vector<WeatherStep> gap =
        half_hourly({step("2026-07-15T12:00:00Z", 20.0, {}), {.at = at("2026-07-15T13:00:00Z")}});
    EXPECT_EQ(gap[0].temperature_c, 20.0);
    EXPECT_EQ(gap[1].temperature_c, std::nullopt);
    EXPECT_THAT(half_hourly({}), IsEmpty());
}

TEST(Feeds, AnEmptyListIsAnAnswerWithNothingInIt) {
    const auto is_empty = [](const auto& read) {
        return read.has_value() && read->values.empty() && read->faults_total == 0 && read->next.empty();
    };
    EXPECT_TRUE(is_empty(open_meteo::decode_hourly(R"({"utc_offset_seconds":0,"hourly":{"time":[]}})")));
    EXPECT_TRUE(is_empty(openweathermap::decode_forecast(R"({"cod":"200","list":[]})")));
    EXPECT_TRUE(is_empty(carbon_intensity::decode(R"({"data":[]})")));
    EXPECT_TRUE(is_empty(elexon::decode_system_prices(R"({"data":[]})")));
    EXPECT_TRUE(is_empty(elexon::decode_market_index(R"({"data":[]})")));
    EXPECT_TRUE(is_empty(elexon::decode_demand(R"({"data":[]})")));
    EXPECT_TRUE(is_empty(elexon::decode_demand_outturn(R"({"data":[]})")));
    EXPECT_TRUE(is_empty(octopus_agile::decode_unit_rates(R"({"results":[],"next":null})")));
    EXPECT_TRUE(is_empty(ukpn::decode_live_faults(R"({"total_count":0,"results":[]})", 0)));
    EXPECT_TRUE(is_empty(ukpn::decode_dispatches(R"({"total_count":0,"results":[]})", 0)));
    EXPECT_TRUE(is_empty(ukpn::decode_primary_sites(R"({"total_count":0,"results":[]})", 0)));
    EXPECT_TRUE(is_empty(ukpn::decode_secondary_sites(R"({"total_count":0,"results":[]})", 0)));
    EXPECT_TRUE(is_empty(ukpn::decode_lv_feeders(R"({"results":[]})", 0)));
    const auto table =
        neso_portal::decode_datastore(R"({"success":true,"result":{"fields":[],"records":[],"total":0}})");
    ASSERT_TRUE(table.has_value()) << table.error().message;
    EXPECT_THAT(table->rows, IsEmpty());
}

TEST(NesoPortal, RecordsByTheColumnsOfTheDay) {
    const auto read = neso_portal::decode_datastore(
        R"({"success":true,"result":{"fields":[{"id":"_id","type":"int"},{"id":"Unit ID","type":"text"}],
            "records":[{"_id":1,"Unit ID":"ABERU-1"},{"_id":2}],"total":7}})");
    ASSERT_TRUE(read.has_value());
    EXPECT_THAT(read->columns, ElementsAre("_id", "Unit ID"));
    EXPECT_EQ(*read->rows[0][1].as_string(), "ABERU-1");
    EXPECT_TRUE(read->rows[1][1].is_null());
    EXPECT_EQ(read->total, 7U);
}

TEST(NesoPortal, ARefusalInEachOfItsForms) {
    EXPECT_EQ(neso_portal::decode_datastore(R"("Bad request - Action name not known: foo")").error().code,
              Errc::unavailable);
    EXPECT_EQ(
        neso_portal::decode_datastore(R"({"success":false,"error":{"message":"Not found"}})").error().message,
        "Not found");
    EXPECT_EQ(neso_portal::decode_datastore(R"({"success":false,"error":{"__type":"Validation Error"}})")
                  .error()
                  .message,
              "Validation Error");
    EXPECT_FALSE(neso_portal::datastore("'; drop table x", 0).has_value());
}

TEST(Feeds, NoDecoderTakesNonsense) {
    const std::vector<std::function<bool(std::string_view)>> decoders{
        [](std::string_view body) { return open_meteo::decode_hourly(body).has_value(); },
        [](std::string_view body) { return openweathermap::decode_forecast(body).has_value(); },
        [](std::string_view body) { return carbon_intensity::decode(body).has_value(); },
        [](std::string_view body) { return elexon::decode_system_prices(body).has_value(); },
        [](std::string_view body) { return elexon::decode_market_index(body).has_value(); },
        [](std::string_view body) { return elexon::decode_demand(body).has_value(); },
        [](std::string_view body) { return elexon::decode_demand_outturn(body).has_value(); },
        [](std::string_view body) { return ukpn::decode_secondary_sites(body, 0).has_value(); },
        [](std::string_view body) { return ukpn::decode_lv_feeders(body, 0).has_value(); },
        [](std::string_view body) { return octopus_agile::decode_unit_rates(body).has_value(); },
        [](std::string_view body) { return ukpn::decode_live_faults(body, 0).has_value(); },
        [](std::string_view body) { return ukpn::decode_dispatches(body, 0).has_value(); },
        [](std::string_view body) { return ukpn::decode_primary_sites(body, 0).has_value(); },
        [](std::string_view body) { return neso_portal::decode_datastore(body).has_value(); }};
    for (const auto& decode : decoders) {
        for (const char* body :
             {"", "null", "[]", "{}", "3", R"({"data":3,"results":"x","list":null,"hourly":[]})",
              R"({"data":[{"from)"}) {
            EXPECT_FALSE(decode(body)) << body;
        }
    }
}

}  // namespace
}  // namespace headroom::feeds
