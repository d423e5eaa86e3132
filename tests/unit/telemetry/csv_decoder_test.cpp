#include "telemetry/csv_decoder.hpp"

#include "unit/telemetry/csv_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace headroom::telemetry {
namespace {

using ::testing::HasSubstr;

TEST(CsvDecoder, ReadsItsOwnFormatAsInstants) {
    const Decoded got = decode(
        "feeder_id,timestamp,kw,phase\n"
        "F-1,2026-11-20T17:00:00Z,12.5,L1\n"
        "F-1,2026-11-20T18:00:00+01:00,-3,\n");

    ASSERT_FALSE(got.error);
    ASSERT_EQ(got.readings.size(), 2U);
    EXPECT_EQ(got.point(0), "F-1/p_kw/L1");
    EXPECT_EQ(got.readings[0].value, 12.5);
    EXPECT_EQ(got.readings[0].interval_start, at("2026-11-20T17:00:00Z"));
    EXPECT_EQ(got.readings[0].interval_end, at("2026-11-20T17:00:00Z"));
    EXPECT_EQ(got.readings[0].seq, 2U) << "the line";
    EXPECT_EQ(got.registry.source(got.readings[0].source), "csv:file.csv");
    EXPECT_EQ(got.point(1), "F-1/p_kw/sum");
    EXPECT_EQ(got.readings[1].interval_start, at("2026-11-20T17:00:00Z"));
    EXPECT_EQ(got.readings[1].value, -3.0);
    EXPECT_EQ(got.report.received, 2U);
}

TEST(CsvDecoder, ReadsFeedersByPhaseWithFeederZeroAsTheBusbar) {
    const Decoded got = decode(
        "timestamp,substation,feeder,phase,kw\n"
        "2023-02-06 00:00:00,721030,0,L1,20\n"
        "2023-02-06 00:00:00,721030,3,L2,7.5\n");

    ASSERT_EQ(got.readings.size(), 2U);
    EXPECT_EQ(got.point(0), "721030/p_kw/L1");
    EXPECT_EQ(got.point(1), "721030-3/p_kw/L2");
    EXPECT_EQ(got.readings[1].interval_start, at("2023-02-06T00:00:00Z"));
    EXPECT_EQ(got.readings[1].interval_end, at("2023-02-06T00:10:00Z"));
    ASSERT_EQ(got.places.size(), 2U);
    EXPECT_EQ(got.places[0].kind, CsvPlace::Kind::substation);
    EXPECT_EQ(got.places[1].kind, CsvPlace::Kind::feeder);
    EXPECT_EQ(got.places[1].substation, "721030");
}

TEST(CsvDecoder, ReadsScadaFlowsInOurUnits) {
    const Decoded got = decode(
        "ValueDate,Current Inst,Derived MVA,MVAr Inst,MW Inst,Volts Inst\n"
        "2026-01-14T00:05:00+00:00,95.5,1.836,0.12,-1.812,5.551\n",
        {.file_name = "red-hill-primary-transformer-flows.csv.gz"});

    ASSERT_EQ(got.readings.size(), 5U);
    EXPECT_EQ(got.point(0), "red-hill-primary/i_a/sum");
    EXPECT_EQ(got.readings[0].value, 95.5);
    EXPECT_EQ(got.readings[1].value, 1836.0);
    EXPECT_EQ(got.readings[2].value, 120.0);
    EXPECT_EQ(got.point(3), "red-hill-primary/p_kw/sum");
    EXPECT_EQ(got.readings[3].value, -1812.0);
    EXPECT_EQ(got.point(4), "red-hill-primary/v_v/sum");
    EXPECT_DOUBLE_EQ(got.readings[4].value, 5551.0);
    EXPECT_EQ(got.readings[4].interval_start, got.readings[4].interval_end);
}

TEST(CsvDecoder, TurnsPowerOfASitePublishedWithImportNegative) {
    const Decoded got = decode(
        "ValueDate,MVA,MVAr,MW\n"
        "2026-01-14T00:05:00+00:00,2,0.5,-1.75\n",
        {.file_name = "red-hill.csv", .turned = {"red-hill"}});

    ASSERT_EQ(got.readings.size(), 3U);
    EXPECT_EQ(got.readings[0].value, 2000.0) << "apparent power has no sign";
    EXPECT_EQ(got.readings[1].value, -500.0);
    EXPECT_EQ(got.readings[2].value, 1750.0);
}

TEST(CsvDecoder, LetsApparentPowerStandInForActivePower) {
    const Decoded got = decode("site,time,unit,value\nHigh Street,2025-11-11T00:05:00+00:00,MVA,0.25\n",
                               {.file_name = "x.csv", .apparent_only = {"High-Street"}});

    ASSERT_EQ(got.readings.size(), 1U);
    EXPECT_EQ(got.point(0), "High-Street/p_kw/sum");
    EXPECT_EQ(got.readings[0].value, 250.0);
    EXPECT_EQ(got.readings[0].quality, Quality::estimated);
    EXPECT_EQ(got.places[0].name, "High Street");
}

TEST(CsvDecoder, TakesTheUnitOfEachRow) {
    const Decoded got = decode(
        "site,time,unit,value\n"
        "High Street,2025-11-11T00:05:00+00:00,MW,0.25\n"
        "High Street,2025-11-11T00:05:00+00:00,Amps,12\n"
        "High Street,2025-11-11T00:05:00+00:00,parsec,1\n");

    ASSERT_EQ(got.readings.size(), 2U);
    EXPECT_EQ(got.point(1), "High-Street/i_a/sum");
    EXPECT_EQ(got.quarantined(Quarantine::malformed), 1U);
    EXPECT_THAT(got.report.errors[0].detail, HasSubstr("parsec"));
}

TEST(CsvDecoder, ReadsDemandAndTurnsGenerationIntoNegativeLoad) {
    const Decoded got = decode(
        "timestamp_utc,demand_mw,irradiance_wm2,pv_power_mw,panel_temp_c\n"
        "2018-06-01 12:00:00,2.5,800,3.25,40\n"
        "2018-06-01 12:30:00,2.25,,,\n"
        "2018-06-01 13:00:00,,1,0,1\n");

    ASSERT_EQ(got.readings.size(), 4U) << "blank cells are no readings";
    EXPECT_EQ(got.point(0), "stentaway/p_kw/sum");
    EXPECT_EQ(got.readings[0].value, 2500.0);
    EXPECT_EQ(got.readings[0].interval_end, at("2018-06-01T12:30:00Z"));
    EXPECT_EQ(got.point(1), "stentaway-pv/p_kw/sum");
    EXPECT_EQ(got.readings[1].value, -3250.0);
    EXPECT_FALSE(std::signbit(got.readings[3].value)) << "nothing is generated: 0, not -0";
    EXPECT_EQ(got.report.received, 4U);
    EXPECT_EQ(got.places[1].kind, CsvPlace::Kind::generator);
}

TEST(CsvDecoder, NamesAPublishedIntervalByItsStart) {
    const Decoded got = decode(
        "timestamp_utc,net_load_mw,solar_mw,wind_mw,radiation,windspeed_100m,lat,lon\n"
        "2021-07-31T00:15:00Z,-1.5,-0.5,-2,5e-11,13.7,53.3,5.8\n",
        {.file_name = "HAL.csv.gz"});

    ASSERT_EQ(got.readings.size(), 3U);
    EXPECT_EQ(got.point(0), "HAL/p_kw/sum");
    EXPECT_EQ(got.readings[0].value, -1500.0) << "export stays negative";
    EXPECT_EQ(got.readings[0].interval_start, at("2021-07-31T00:00:00Z"));
    EXPECT_EQ(got.readings[0].interval_end, at("2021-07-31T00:15:00Z"));
    EXPECT_EQ(got.point(1), "HAL-solar/p_kw/sum");
    EXPECT_EQ(got.readings[1].value, -500.0);
    EXPECT_EQ(got.point(2), "HAL-wind/p_kw/sum");
}

TEST(CsvDecoder, QuarantinesWhatCannotBeTakenAndGoesOn) {
    const Decoded got = decode(
        "feeder,ts,kw,phase\n"
        "F-1,2026-11-20T17:00:00,1,\n"       // no zone
        "F-1,tomorrow,1,\n"                  // no time
        "F-1,2026-11-20T17:00:00Z,nan,\n"    // not finite
        "F-1,2026-11-20T17:00:00Z,-inf,\n"   // not finite
        "F-1,2026-11-20T17:00:00Z,1e999,\n"  // no double is so large
        "F-1,2026-11-20T17:00:00Z,1e8,\n"    // absurd
        "F-1,2026-11-20T17:00:00Z,many,\n"   // no number
        "F-1,2026-11-20T17:00:00Z,1,L9\n"    // no phase
        ",2026-11-20T17:00:00Z,1,\n"         // no feeder
        "F-1,2026-11-20T17:00:00Z,1\n"       // a field too few
        "F-1,2026-11-20T17:00:00Z,2,L3\n");

    ASSERT_FALSE(got.error);
    ASSERT_EQ(got.readings.size(), 1U);
    EXPECT_EQ(got.readings[0].value, 2.0);
    EXPECT_EQ(got.report.received, 11U);
    EXPECT_EQ(got.quarantined(Quarantine::no_zone), 1U);
    EXPECT_EQ(got.quarantined(Quarantine::bad_time), 1U);
    EXPECT_EQ(got.quarantined(Quarantine::not_finite), 3U);
    EXPECT_EQ(got.quarantined(Quarantine::out_of_range), 1U);
    EXPECT_EQ(got.quarantined(Quarantine::malformed), 4U);
    ASSERT_EQ(got.report.errors.size(), 10U);
    EXPECT_EQ(got.report.errors[0].line, 2U);
    EXPECT_THAT(got.report.errors[0].detail, HasSubstr("2026-11-20T17:00:00"));
    EXPECT_EQ(got.report.errors[9].line, 11U);
}

TEST(CsvDecoder, ListsAHundredFaultsAndCountsTheRest) {
    std::string text = "feeder,ts,kw\n";
    for (int i = 0; i < 150; ++i) {
        text += "F-1,never,1\n";
    }
    const Decoded got = decode(text);
    EXPECT_EQ(got.report.errors.size(), decode_errors_max);
    EXPECT_EQ(got.quarantined(Quarantine::bad_time), 150U);
}

TEST(CsvDecoder, TurnsAwayPlacesThatAreNotInTheGrid) {
    const Decoded got =
        decode("feeder,ts,kw\nF-1,2026-11-20T17:00:00Z,1\nF-2,2026-11-20T17:00:00Z,1\n",
               {.file_name = "f.csv", .is_known = [](std::string_view id) { return id == "F-2"; }});
    ASSERT_EQ(got.readings.size(), 1U);
    EXPECT_EQ(got.point(0), "F-2/p_kw/sum");
    EXPECT_EQ(got.quarantined(Quarantine::unknown_point), 1U);
    EXPECT_THAT(got.report.errors[0].detail, HasSubstr("F-1"));
}

TEST(CsvDecoder, GivesForeignNamesAnIdAndRefusesTwoNamesForOne) {
    const Decoded got = decode(
        "feeder,ts,kw\n"
        "Abbey Road,2026-11-20T17:00:00Z,1\n"
        "Abbey/Road,2026-11-20T17:00:00Z,2\n"
        "Abbey Road,2026-11-20T17:30:00Z,3\n");
    ASSERT_EQ(got.readings.size(), 2U);
    EXPECT_EQ(got.point(0), "Abbey-Road/p_kw/sum");
    EXPECT_EQ(got.readings[1].value, 3.0);
    EXPECT_EQ(got.quarantined(Quarantine::malformed), 1U);
}

TEST(CsvDecoder, TakesNoMorePlacesThanAllowed) {
    const Decoded got = decode("feeder,ts,kw\nA,2026-11-20T17:00:00Z,1\nB,2026-11-20T17:00:00Z,1\n",
                               {.file_name = "f.csv", .places_max = 1});
    EXPECT_EQ(got.readings.size(), 1U);
    EXPECT_EQ(got.quarantined(Quarantine::unknown_point), 1U);
}

TEST(CsvDecoder, GivesTheSameInPiecesOfAnySize) {
    const std::string text =
        "\xEF\xBB\xBFtimestamp,substation,feeder,phase,kw\r\n"
        "2023-02-06 00:00:00,\"721030\",0,L1,20\r\n"
        "2023-02-06 00:00:00,721030,1,L2,x\r\n"
        "2023-02-06 00:10:00,721030,1,L3,7.5";
    const Decoded whole = decode(text);
    ASSERT_EQ(whole.readings.size(), 2U);
    for (std::size_t piece = 1; piece < 20; ++piece) {
        const Decoded pieces = decode(text, {.file_name = "file.csv"}, piece);
        ASSERT_EQ(pieces.readings.size(), 2U) << piece;
        EXPECT_EQ(pieces.readings[1].value, 7.5);
        EXPECT_EQ(pieces.report.quarantined, whole.report.quarantined);
    }
}

TEST(CsvDecoder, EndsAtATextThatIsNoCsv) {
    const Decoded got = decode("feeder,ts,kw\nF-1,2026-11-20T17:00:00Z,1\nF-1,\"2026,1\n");
    ASSERT_TRUE(got.error);
    EXPECT_EQ(got.error->code, Errc::invalid);
    EXPECT_THAT(got.error->message, HasSubstr("file.csv, line 3"));
    EXPECT_TRUE(decode("").error->message.starts_with(
        "file.csv is empty: it has no header; expected one of: feeder_id,timestamp,kw"));
    EXPECT_TRUE(decode("colour\nred\n").error);
}

TEST(CsvDecoder, TakesTheSiteFromTheFileName) {
    EXPECT_EQ(site_of_file("red-hill-primary-transformer-flows.csv.gz"), "red-hill-primary");
    EXPECT_EQ(site_of_file("HAL.csv"), "HAL");
    EXPECT_EQ(site_of_file("St. Mary's.csv"), "St.-Mary-s");
    EXPECT_EQ(site_of_file(".csv"), "site");
}

}  // namespace
}  // namespace headroom::telemetry
