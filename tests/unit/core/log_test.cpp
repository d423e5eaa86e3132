#include "core/log.hpp"

#include "core/time.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace headroom::log {
namespace {

class LogTest : public testing::Test {
  protected:
    LogTest() {
        set_sink([this](std::string_view line) { lines_.emplace_back(line); });
        set_level(Level::info);
    }
    ~LogTest() override {
        set_sink({});
        set_level(Level::info);
    }
    std::vector<std::string> lines_;
};

TEST_F(LogTest, WritesOneJsonObjectPerLine) {
    warn("feed is old", {{"feed", "carbon"}, {"age_s", 700}, {"msg", "x"}});
    ASSERT_EQ(lines_.size(), 1U);
    const Result<json::Value> line = json::parse(lines_[0]);
    ASSERT_TRUE(line.has_value()) << lines_[0];
    EXPECT_EQ(line->text("/level"), "warn");
    EXPECT_EQ(line->text("/msg"), "feed is old");
    EXPECT_EQ(line->text("/feed"), "carbon");
    EXPECT_EQ(line->integer("/age_s"), 700);
    EXPECT_EQ(line->text("/field_msg"), "x");
    EXPECT_TRUE(parse_utc(line->text("/ts")).has_value());
}

TEST_F(LogTest, LeavesOutWhatIsBelowItsLevel) {
    debug("quiet");
    set_level(Level::error);
    warn("quiet too");
    error("loud");
    set_level(Level::debug);
    debug("heard");
    ASSERT_EQ(lines_.size(), 2U);
    EXPECT_NE(lines_[0].find("loud"), std::string::npos);
}

TEST_F(LogTest, KeepsAHostileMessageOnItsLine) {
    error("a\nb\x1B[2J\xFF");
    ASSERT_EQ(lines_.size(), 1U);
    EXPECT_EQ(lines_[0].find('\n'), std::string::npos);
    EXPECT_EQ(lines_[0].find('\x1B'), std::string::npos);
    EXPECT_TRUE(json::parse(lines_[0]).has_value());
}

}  // namespace
}  // namespace headroom::log
