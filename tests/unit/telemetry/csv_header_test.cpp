#include "telemetry/csv_header.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace headroom::telemetry {
namespace {

using ::testing::HasSubstr;
using Header = std::vector<std::string_view>;

Result<CsvLayout> recognise(const Header& header) {
    return recognise_header(header, "file.csv");
}

TEST(CsvHeader, RecognisesEachFormat) {
    EXPECT_EQ(recognise({"feeder_id", "timestamp", "kw"})->format, CsvFormat::own);
    EXPECT_EQ(recognise({"timestamp", "substation", "feeder", "phase", "kw"})->format, CsvFormat::lv_gb);
    EXPECT_EQ(recognise({"ValueDate", "MVA", "Volts"})->format, CsvFormat::nged_flows);
    EXPECT_EQ(recognise({"site", "time", "unit", "value"})->format, CsvFormat::nged_long);
    EXPECT_EQ(
        recognise({"timestamp_utc", "demand_mw", "irradiance_wm2", "pv_power_mw", "panel_temp_c"})->format,
        CsvFormat::stentaway);
    EXPECT_EQ(recognise({"timestamp_utc", "net_load_mw", "solar_mw", "wind_mw", "radiation", "windspeed_100m",
                         "lat", "lon"})
                  ->format,
              CsvFormat::nl_substations);
}

TEST(CsvHeader, TakesColumnsOfItsOwnFormatInAnyOrderAndUnderEitherName) {
    const auto layout = recognise({" phase", "KW", "Ts ", "feeder"});
    ASSERT_TRUE(layout.has_value());
    EXPECT_EQ(layout->phase, 0U);
    ASSERT_EQ(layout->columns.size(), 1U);
    EXPECT_EQ(layout->columns[0].field, 1U);
    EXPECT_EQ(layout->time, 2U);
    EXPECT_EQ(layout->place, 3U);
}

TEST(CsvHeader, KnowsBothNamesOfAMeasurement) {
    const auto layout =
        recognise({"ValueDate", "Current Inst", "Derived MVA", "MVAr Inst", "MW Inst", "Volts Inst"});
    ASSERT_TRUE(layout.has_value());
    ASSERT_EQ(layout->columns.size(), 5U);
    EXPECT_EQ(layout->columns[0].quantity, grid::Quantity::i_a);
    EXPECT_EQ(layout->columns[1].quantity, grid::Quantity::s_kva);
    EXPECT_EQ(layout->columns[2].quantity, grid::Quantity::q_kvar);
    EXPECT_EQ(layout->columns[3].quantity, grid::Quantity::p_kw);
    EXPECT_EQ(layout->columns[4].quantity, grid::Quantity::v_v);
    EXPECT_EQ(layout->columns[4].factor, 1000.0) << "published in kV";
    EXPECT_FALSE(recognise({"ValueDate", "MW", "MW Inst"}).has_value()) << "the same measurement twice";
}

TEST(CsvHeader, TellsWeatherFromReadings) {
    const auto weather = recognise({"timestamp_utc", "temp_location1", "solar_location1"});
    ASSERT_FALSE(weather.has_value());
    EXPECT_EQ(weather.error().code, Errc::invalid);
    EXPECT_THAT(weather.error().message, HasSubstr("weather"));
    EXPECT_THAT(weather.error().message, HasSubstr("feeder_id,timestamp,kw[,phase]"));
}

TEST(CsvHeader, SaysWhatWasExpectedInsteadOfAnUnknownHeader) {
    for (const Header& header : {Header{"a", "b"}, Header{""}, Header{"feeder", "timestamp", "kw", "colour"},
                                 Header{"feeder", "feeder_id", "timestamp", "kw"},
                                 Header{"timestamp", "substation", "feeder", "kw"}, Header{"ValueDate"}}) {
        const auto unknown = recognise(header);
        ASSERT_FALSE(unknown.has_value());
        EXPECT_THAT(unknown.error().message, HasSubstr("file.csv"));
        EXPECT_THAT(unknown.error().message, HasSubstr("'" + std::string(header[0])));
        EXPECT_THAT(unknown.error().message, HasSubstr("timestamp,substation,feeder,phase,kw"));
        EXPECT_THAT(unknown.error().message, HasSubstr("site,time,unit,value"));
    }
}

TEST(CsvHeader, UnitsInEitherCase) {
    ASSERT_NE(find_unit("MVA"), nullptr);
    EXPECT_EQ(find_unit("MVA")->quantity, grid::Quantity::s_kva);
    EXPECT_EQ(find_unit(" kv ")->factor, 1000.0);
    EXPECT_EQ(find_unit("furlong"), nullptr);
}

}  // namespace
}  // namespace headroom::telemetry
