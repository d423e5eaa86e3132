#include "app/run_quality.hpp"

#include <fmt/format.h>
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
        faults_of(
            R"({"sources":[{"source":"north","state":"ok","accepted":4,"clock":{"verdict":"ok","detail":""}}],
                              "links":[{"source":"north","running":true,"why":""}],
                              "findings":[{"kind":"gap","findings":3,"open":0}]})"),
        ElementsAre());
}

TEST(QualityFaults, NamesSourcesClocksStationsAndWhatHolds) {
    EXPECT_THAT(faults_of(R"({"sources":[{"source":"north","state":"silent","accepted":4,
                                          "clock":{"verdict":"ahead","detail":"its clock is 10 min ahead of ours"}}],
                              "links":[{"source":"south","running":false,"why":"closed by the station"}],
                              "findings":[{"kind":"stale","findings":3,"open":2}]})"),
                ElementsAre("north is silent", "north: its clock is 10 min ahead of ours",
                            "station south does not send: closed by the station", "2 places fell silent"));
}

TEST(QualityFaults, ADoorThatOnlyRefusedIsAFaultWhileItIsFresh) {
    const auto quality = [](std::string_view refused_at) {
        return fmt::format(
            R"({{"as_of":"2026-11-28T12:00:00.000Z","sources":[{{"source":"http","state":"silent","accepted":0,
                "quarantined_total":5,"examples":[{{"at":"{}"}}],"clock":{{"verdict":"unknown","detail":""}}}}]}})",
            refused_at);
    };
    EXPECT_THAT(faults_of(quality("2026-11-28T11:50:00.000Z")),
                ElementsAre("http: nothing of it could be used, 5 kept out"));
    EXPECT_THAT(faults_of(quality("2026-11-28T11:30:00.000Z")), ElementsAre());
}

}  // namespace
}  // namespace headroom::app
