#include "desk/sources.hpp"

#include "unit/desk/instants.hpp"

#include <gtest/gtest.h>

namespace headroom::desk {
namespace {

using test::january_noon;

telemetry::Reading reading(std::uint16_t source, UtcTime end) {
    return {
        .value = 1.0, .interval_start = end - minutes{1}, .interval_end = end, .point = 0, .source = source};
}

class SourcesTest : public testing::Test {
  protected:
    telemetry::PointRegistry registry_;
    std::uint16_t meters_ = registry_.intern_source("meters");
    std::uint16_t simulator_ = registry_.intern_source("simulator");
    Sources sources_;
};

TEST_F(SourcesTest, ABatchOfOneSourceIsCountedWhole) {
    monitor::IngestCount count{.accepted = 2, .duplicates = 3, .conflicts = 1};
    count.quarantined[static_cast<std::size_t>(telemetry::Quarantine::future)] = 4;
    sources_.add(std::vector{reading(meters_, january_noon), reading(meters_, january_noon - minutes{1})},
                 std::vector<std::uint32_t>{0, 1}, count);
    const std::vector<SourceAnswer> list = sources_.list(registry_, january_noon + minutes{2}, true);
    ASSERT_EQ(list.size(), 1U);
    EXPECT_EQ(list[0].source, "meters");
    EXPECT_EQ(list[0].accepted, 2);
    EXPECT_EQ(list[0].duplicates, 3);
    EXPECT_EQ(list[0].conflicts, 1);
    EXPECT_EQ(list[0].quarantined.at("future"), 4);
    EXPECT_EQ(list[0].last_at, january_noon);
    EXPECT_DOUBLE_EQ(*list[0].age_s, 120.0);
    EXPECT_FALSE(list[0].simulated);
}

TEST_F(SourcesTest, OfAMixedBatchWhatWasUsedIsShared) {
    const monitor::IngestCount count{.accepted = 2, .duplicates = 1};
    sources_.add(std::vector{reading(meters_, january_noon), reading(simulator_, january_noon),
                             reading(meters_, january_noon)},
                 std::vector<std::uint32_t>{0, 1}, count);
    const std::vector<SourceAnswer> list = sources_.list(registry_, january_noon, true);
    ASSERT_EQ(list.size(), 2U);
    EXPECT_EQ(list[0].accepted, 1);
    EXPECT_EQ(list[0].duplicates, 0) << "not known whose it was";
    EXPECT_TRUE(list[1].simulated);
}

TEST_F(SourcesTest, SilenceIsTold) {
    sources_.add(std::vector{reading(meters_, january_noon)}, std::vector<std::uint32_t>{0}, {.accepted = 1});
    EXPECT_EQ(sources_.list(registry_, january_noon + minutes{5}, false)[0].state, "ok");
    EXPECT_EQ(sources_.list(registry_, january_noon + minutes{6}, false)[0].state, "stale");
    EXPECT_EQ(sources_.list(registry_, january_noon + minutes{31}, false)[0].state, "silent");
    sources_.add(std::vector{reading(simulator_, january_noon)}, std::vector<std::uint32_t>{}, {});
    EXPECT_EQ(sources_.list(registry_, january_noon, false)[1].state, "silent") << "nothing usable ever came";
}

}  // namespace
}  // namespace headroom::desk
