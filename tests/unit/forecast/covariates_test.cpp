#include "forecast/lead_rows.hpp"

#include "unit/forecast/folder.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace headroom::forecast {
namespace {

Panel two_series() {
    Panel panel{.step_s = 1800, .series = {}};
    panel.series.push_back({"A", {.first = 0, .values = {1.0, 2.0, 3.0, 4.0, 5.0, 6.0}}});
    panel.series.push_back({"B", {.first = 0, .values = {9.0, 8.0, 7.0, 6.0, 5.0, 4.0}}});
    return panel;
}

TEST(ReadSeriesFile, NamesFileLineAndColumn) {
    const Folder folder;
    const auto file = folder.write(
        "h.csv", "series,timestamp,value\nF1,2024-01-01T00:00:00Z,1\nF1,2024-01-01T00:30:00Z,x\n");
    EXPECT_EQ(read_series_file(file).error().message,
              file.string() + ", line 3: column value: \"x\" is not a number");
    const auto late = folder.write("t.csv", "series,timestamp,value\nF1,yesterday,1\n");
    EXPECT_NE(read_series_file(late).error().message.find("line 2: column timestamp"), std::string::npos);
    const auto narrow = folder.write("n.csv", "series,time\n");
    EXPECT_NE(read_series_file(narrow).error().message.find("column timestamp is missing"),
              std::string::npos);
    EXPECT_EQ(read_series_file(folder.write("e.csv", "")).error().code, Errc::invalid);
    EXPECT_EQ(read_series_file("/nowhere/at/all.csv").error().code, Errc::not_found);
}

TEST(ReadCovariates, AFileNamedAfterASeriesIsItsOwnAndRepeatedLoadIsLeftOut) {
    const Folder folder;
    const std::vector files{folder.write("A.csv",
                                         "date,temp,load,site_mw,lat\n1970-01-01T00:00Z,10,1,5,52\n"
                                         "1970-01-01T01:00Z,20,3,6,52\n1970-01-01T02:00Z,30,5,7,52\n")};
    const auto read = read_covariates(files, two_series(), {});
    ASSERT_TRUE(read.has_value()) << read.error().message;
    ASSERT_EQ(read->size(), 2U);  // load only repeats A, lat never changes

    const Covariate& metered = (*read)[0];
    EXPECT_EQ(metered.name, "site_mw");
    EXPECT_EQ(metered.knowledge, Knowledge::measured);
    EXPECT_EQ(metered.by_series[0].at(1), 5.0);  // held, not drawn towards what comes
    const Covariate& weather = (*read)[1];
    EXPECT_EQ(weather.knowledge, Knowledge::ahead);
    EXPECT_EQ(weather.by_series[0].at(1), 15.0);
    EXPECT_TRUE(std::isnan(weather.by_series[1].at(1)));
}

TEST(ReadCovariates, TakesWhatIsToldOverWhatTheNameSays) {
    const Folder folder;
    const std::vector files{folder.write("w.csv", "time,temp\n1970-01-01T00:00Z,10\n1970-01-01T01:00Z,20\n")};
    const auto told = read_covariates(files, two_series(), {.ahead = {}, .measured = {"temp"}});
    ASSERT_TRUE(told.has_value());
    EXPECT_EQ(told->front().knowledge, Knowledge::measured);
    EXPECT_EQ(read_covariates(files, two_series(), {.ahead = {"wind"}, .measured = {}}).error().message,
              "no covariate column is named wind");
}

// Loads and metered covariates behind the origin are unknown to the row; a price is from 13:00 the day
// before.
TEST(RowMaker, ReadsNothingBehindTheOrigin) {
    Panel panel{.step_s = 3600, .series = {{"A", {.first = 0, .values = {}}}}};
    for (int i = 0; i < 24 * 20; ++i) {
        panel.series[0].load.values.push_back(10.0 + i % 24);
    }
    std::vector<Covariate> covariates;
    for (const auto& [name, knowledge] :
         {std::pair{"metered", Knowledge::measured}, {"price", Knowledge::day_ahead}}) {
        covariates.push_back({.name = name,
                              .knowledge = knowledge,
                              .family = Family::other,
                              .by_series = {panel.series[0].load}});
    }
    const std::int64_t target = 24 * 18 + 17;
    for (const std::int64_t origin : {std::int64_t{24 * 17 + 6}, target - 1}) {
        const RowMaker maker(panel, covariates, Region::netherlands);
        std::vector<float> row(maker.columns().size());
        const double base = maker.make(0, target, origin, {.level = 20.0, .spread = 10.0}, row);
        Panel changed = panel;
        std::vector<Covariate> changed_covariates = covariates;
        for (std::int64_t slot = origin + 1; slot < 24 * 20; ++slot) {
            changed.series[0].load.values[static_cast<std::size_t>(slot)] = -500.0;
            changed_covariates[0].by_series[0].values[static_cast<std::size_t>(slot)] = -500.0;
            if (origin < 24 * 18 && slot >= 24 * 18) {
                changed_covariates[1].by_series[0].values[static_cast<std::size_t>(slot)] = -500.0;
            }
        }
        const RowMaker other(changed, changed_covariates, Region::netherlands);
        std::vector<float> other_row(other.columns().size());
        EXPECT_EQ(base, other.make(0, target, origin, {.level = 20.0, .spread = 10.0}, other_row));
        for (std::size_t c = 0; c < row.size(); ++c) {
            EXPECT_TRUE(row[c] == other_row[c] || (std::isnan(row[c]) && std::isnan(other_row[c])))
                << maker.columns()[c].name;
        }
    }
}

TEST(RowMaker, SchemaFollowsColumnsAndStep) {
    const Panel half_hourly = two_series();
    Panel hourly = two_series();
    hourly.step_s = 3600;
    const std::string hash = RowMaker(half_hourly, {}, Region::netherlands).schema_hash();
    EXPECT_NE(hash, RowMaker(hourly, {}, Region::netherlands).schema_hash());
    EXPECT_NE(hash, RowMaker(half_hourly, {}, Region::england_and_wales).schema_hash());
    EXPECT_EQ(hash, RowMaker(two_series(), {}, Region::netherlands).schema_hash());
}

}  // namespace
}  // namespace headroom::forecast
