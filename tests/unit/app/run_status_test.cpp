#include "app/run_status.hpp"

#include <gtest/gtest.h>

namespace headroom::app {
namespace {

json::Value value(std::string_view text) {
    Result<json::Value> parsed = json::parse(text);
    EXPECT_TRUE(parsed.has_value()) << text;
    return parsed ? *parsed : json::Value();
}

const char* const healthy =
    R"({"status":"healthy","version":"0.1.0","checks":{"audit":"ok","readings":"none yet"}})";

TEST(JudgeServerTest, HealthyIsOk) {
    const ServerStatus status =
        judge_server(200, value(healthy), value(R"({"counts":{"normal":3},"stopped_areas":[]})"));
    EXPECT_EQ(status.level, ServerLevel::ok);
    EXPECT_TRUE(status.reasons.empty());
    EXPECT_NE(status.details.find("counts"), nullptr);
}

TEST(JudgeServerTest, DegradedNamesTheChecks) {
    const ServerStatus status = judge_server(
        503, value(R"({"status":"degraded","checks":{"audit":"takes no entries","x":"ok"}})"), {});
    EXPECT_EQ(status.level, ServerLevel::degraded);
    EXPECT_EQ(status.reasons, std::vector<std::string>{"audit: takes no entries"});
}

TEST(JudgeServerTest, AStoppedAreaIsDegraded) {
    const ServerStatus status =
        judge_server(200, value(healthy), value(R"({"stopped_areas":["all","north"]})"));
    EXPECT_EQ(status.level, ServerLevel::degraded);
    EXPECT_EQ(status.reasons, std::vector<std::string>{"stopped by an operator: all, north"});
}

TEST(JudgeServerTest, SomethingElseIsDown) {
    for (const char* text : {"{}", "[]", R"({"status":"up"})", R"({"status":3})"}) {
        EXPECT_EQ(judge_server(200, value(text), {}).level, ServerLevel::down) << text;
    }
}

TEST(JudgeServerTest, AHostileStateChangesNothing) {
    for (const char* text : {"[]", R"({"stopped_areas":3})", R"({"counts":[]})"}) {
        EXPECT_EQ(judge_server(200, value(healthy), value(text)).level, ServerLevel::ok) << text;
    }
}

}  // namespace
}  // namespace headroom::app
