#include "app/run_quality.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headroom::app {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> faults_of(std::string_view text) {
    const Result<json::Value> quality = json::parse(text);
    EXPECT_TRUE(quality.has_value());
    return quality_faults(*quality);
}

TEST(QualityFaults, NothingIsWrongWithGoodData) {
    EXPECT_THAT(
        faults_of(R"({"sources":[{"source":"north","state":"ok","clock":{"verdict":"ok","detail":""}}],
                              "links":[{"source":"north","running":true,"why":""}],
                              "findings":[{"kind":"gap","findings":3,"open":0}]})"),
        ElementsAre());
}

TEST(QualityFaults, NamesSourcesClocksStationsAndWhatHolds) {
    EXPECT_THAT(faults_of(R"({"sources":[{"source":"north","state":"silent",
                                          "clock":{"verdict":"ahead","detail":"its clock is 10 min ahead of ours"}}],
                              "links":[{"source":"south","running":false,"why":"closed by the station"}],
                              "findings":[{"kind":"stale","findings":3,"open":2}]})"),
                ElementsAre("north is silent", "north: its clock is 10 min ahead of ours",
                            "station south does not send: closed by the station", "stale in 2 places"));
}

}  // namespace
}  // namespace headroom::app
