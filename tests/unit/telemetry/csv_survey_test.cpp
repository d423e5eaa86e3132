#include "telemetry/csv_survey.hpp"

#include "telemetry/file_reader.hpp"
#include "unit/telemetry/csv_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headroom::telemetry {
namespace {

using ::testing::HasSubstr;

std::string read_all(const std::filesystem::path& file, std::size_t piece) {
    Result<FileReader> reader = FileReader::open(file);
    std::string text;
    std::vector<char> buffer(piece);
    while (true) {
        const std::size_t count = reader->read(buffer).value();
        if (count == 0) {
            return text;
        }
        text.append(buffer.data(), count);
    }
}

TEST(FileReader, ReadsPlainAndPackedFilesAlikeWhateverTheirName) {
    const TemporaryFolder folder;
    std::string text;
    for (int i = 0; i < 5000; ++i) {
        text += std::to_string(i * 7919) + "\n";
    }
    EXPECT_EQ(read_all(folder.write("plain.csv.gz", text), 1000), text);
    EXPECT_EQ(read_all(folder.write("packed.csv", gzipped(text)), 1000), text);
}

TEST(FileReader, SaysWhyAFileCannotBeRead) {
    const TemporaryFolder folder;
    EXPECT_EQ(FileReader::open(folder.path() / "none.csv").error().code, Errc::not_found);
    EXPECT_EQ(FileReader::open(folder.path()).error().code, Errc::invalid);

    std::string cut = gzipped(std::string(100'000, 'x') + "tail");
    cut.resize(cut.size() / 2);
    Result<FileReader> reader = FileReader::open(folder.write("cut.gz", cut));
    std::vector<char> buffer(file_chunk_bytes);
    Result<std::size_t> count = reader->read(buffer);
    while (count && *count > 0) {
        count = reader->read(buffer);
    }
    ASSERT_FALSE(count.has_value());
    EXPECT_EQ(count.error().code, Errc::corrupt);
    EXPECT_THAT(count.error().message, HasSubstr("cut.gz"));
}

TEST(CsvSurvey, FindsTheSitesWhosePowerMustBeTurned) {
    const TemporaryFolder folder;
    std::string text = "site,time,unit,value\n";
    for (int i = 0; i < 96; ++i) {
        const std::string time = format_utc(at("2026-01-14T00:00:00Z") + minutes{30} * i);
        const int hour = i / 2 % 24;
        const double mw = hour < 6 ? 1.0 : hour < 16 ? 2.0 : 3.0;
        text += "Down," + time + ",MW," + std::to_string(-mw) + "\n";
        text += "Up," + time + ",MW," + std::to_string(mw) + "\n";
        text += "Flow only," + time + ",MVA," + std::to_string(mw) + "\n";
    }
    const auto survey = survey_csv(folder.write("sites.csv", text));

    ASSERT_TRUE(survey.has_value());
    EXPECT_EQ(survey->format, CsvFormat::nged_long);
    EXPECT_EQ(survey->options.turned.size(), 1U);
    EXPECT_TRUE(survey->options.turned.contains("Down"));
    EXPECT_TRUE(survey->options.apparent_only.contains("Flow-only"));
    ASSERT_EQ(survey->findings.size(), 2U);
    EXPECT_EQ(survey->findings[0].point_id, "Down");
    EXPECT_EQ(survey->findings[0].kind, "sign");
    EXPECT_EQ(survey->findings[1].kind, "quantity");
}

/// Everything in a file of the shared data, decoded as its survey says.
struct SharedFile {
    CsvSurvey survey;
    PointRegistry registry;
    std::vector<Reading> readings;
    DecodeReport report;
};

void read_shared(const std::string& name, SharedFile& out) {
    const std::filesystem::path file = std::filesystem::path(HEADROOM_SOURCE_DIR) / "../shared/data" / name;
    if (!std::filesystem::exists(file)) {
        GTEST_SKIP() << "no shared data";
    }
    Result<CsvSurvey> survey = survey_csv(file);
    ASSERT_TRUE(survey.has_value()) << survey.error().message;
    out.survey = *std::move(survey);
    CsvDecoder decoder(out.registry, out.survey.options);
    const Result<void> read = read_csv_file(file, decoder, [&out](const std::vector<Reading>& readings) {
        out.readings.insert(out.readings.end(), readings.begin(), readings.end());
        return Result<Going>(Going::on);
    });
    ASSERT_TRUE(read.has_value()) << read.error().message;
    out.report = decoder.report();
}

TEST(CsvSharedData, LowVoltageFeeders) {
    SharedFile file;
    read_shared("lv_gb/lv_feeders_10min.csv.gz", file);
    if (::testing::Test::IsSkipped() || ::testing::Test::HasFatalFailure()) {
        return;
    }
    EXPECT_EQ(file.survey.format, CsvFormat::lv_gb);
    EXPECT_EQ(file.readings.size(), 481'880U);
    EXPECT_EQ(file.report.quarantined_total(), 0U);
    EXPECT_EQ(file.registry.size(), 164U * 3U) << "130 feeders and 34 busbars, three phases each";
    EXPECT_EQ(file.readings[0].value, 12.7);
}

TEST(CsvSharedData, ScadaOfASiteThatCountsImportAsNegative) {
    SharedFile file;
    read_shared("nged_scada/aberaeron-primary-transformer-flows.csv.gz", file);
    if (::testing::Test::IsSkipped() || ::testing::Test::HasFatalFailure()) {
        return;
    }
    EXPECT_EQ(file.survey.format, CsvFormat::nged_flows);
    EXPECT_TRUE(file.survey.options.turned.contains("aberaeron-primary"));
    for (const Reading& reading : file.readings) {
        if (file.registry.key(reading.point).quantity == grid::Quantity::p_kw) {
            ASSERT_GT(reading.value, 0.0) << "load is import-positive";
        }
    }
}

TEST(CsvSharedData, ScadaByRow) {
    SharedFile file;
    read_shared("nged_scada/regent-street.csv.gz", file);
    if (::testing::Test::IsSkipped() || ::testing::Test::HasFatalFailure()) {
        return;
    }
    EXPECT_EQ(file.survey.format, CsvFormat::nged_long);
    EXPECT_TRUE(file.survey.options.apparent_only.contains("Regent-Street"));
    EXPECT_EQ(file.readings.size(), 288U);
}

TEST(CsvSharedData, PrimaryWithASolarFarm) {
    SharedFile file;
    read_shared("stentaway/demand_pv.csv.gz", file);
    if (::testing::Test::IsSkipped() || ::testing::Test::HasFatalFailure()) {
        return;
    }
    EXPECT_EQ(file.survey.format, CsvFormat::stentaway);
    EXPECT_EQ(file.readings.size(), 29'040U * 2U - 20U) << "20 cells of the farm are blank";
}

TEST(CsvSharedData, SubstationsPublishedByIntervalEnd) {
    SharedFile file;
    read_shared("nl_substations/LLS.csv.gz", file);
    if (::testing::Test::IsSkipped() || ::testing::Test::HasFatalFailure()) {
        return;
    }
    EXPECT_EQ(file.survey.format, CsvFormat::nl_substations);
    ASSERT_EQ(file.readings.size(), 8'832U * 3U);
    EXPECT_EQ(file.readings[0].interval_start, at("2021-07-31T00:00:00Z"));
    EXPECT_EQ(file.readings[0].value, -14'510.0);
}

TEST(CsvSharedData, WeatherIsNoReadings) {
    const std::filesystem::path file =
        std::filesystem::path(HEADROOM_SOURCE_DIR) / "../shared/data/stentaway/weather.csv.gz";
    if (!std::filesystem::exists(file)) {
        GTEST_SKIP() << "no shared data";
    }
    const auto survey = survey_csv(file);
    ASSERT_FALSE(survey.has_value());
    EXPECT_THAT(survey.error().message, HasSubstr("weather"));
}

}  // namespace
}  // namespace headroom::telemetry
