#include "core/ids.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace headroom {
namespace {

const UtcTime evening{std::chrono::sys_days{std::chrono::year{2026} / 11 / 20} + hours{17}};

TEST(IsValidId, TakesOnlyTheOneForm) {
    for (const char* id : {"F-017", "a", "0", "ev-20261120-abcdefgh", "A.b_c-9"}) {
        EXPECT_TRUE(is_valid_id(id)) << id;
    }
    for (const char* id : {"", "-a", ".a", "_a", "a b", "a/b", "é", "a\n", "a:b"}) {
        EXPECT_FALSE(is_valid_id(id)) << id;
    }
    EXPECT_TRUE(is_valid_id(std::string(64, 'a')));
    EXPECT_FALSE(is_valid_id(std::string(65, 'a')));
    EXPECT_FALSE(is_valid_id(std::string_view("a\0", 2)));
}

TEST(ToId, MakesAnIdOfAnyName) {
    EXPECT_EQ(to_id("F-017"), "F-017");
    EXPECT_EQ(to_id("High St / East"), "High-St---East");
    EXPECT_EQ(to_id("_hidden"), "x_hidden");
    EXPECT_EQ(to_id(""), "x");
    for (const std::string& name :
         {std::string(200, '/'), std::string("\0\xFF", 2), std::string("../../etc")}) {
        EXPECT_TRUE(is_valid_id(to_id(name))) << name;
    }
}

TEST(MakeEventId, IsTheSameForTheSameLimitAndPeriod) {
    const EventId id = make_event_id("F-017/p_kw/sum/import/continuous", evening);
    EXPECT_EQ(id, make_event_id("F-017/p_kw/sum/import/continuous", evening));
    EXPECT_EQ(id.value, "ev-20261120-alm7bqr6");
    EXPECT_NE(id, make_event_id("F-018/p_kw/sum/import/continuous", evening));
    EXPECT_NE(id, make_event_id("F-017/p_kw/sum/import/continuous", evening + period_length));
    EXPECT_TRUE(is_valid_id(id.value));
}

TEST(MakeInstructionId, IsAUlidOfTheTimeAndTheDecision) {
    const InstructionId id = make_instruction_id(evening, "plan 1, der bess-77");
    EXPECT_EQ(id, make_instruction_id(evening, "plan 1, der bess-77"));
    EXPECT_EQ(id.value.size(), 26U);
    // 2026-11-20T17:00Z is 1795194000000 ms; in Crockford's base32 that is 01M7WYD4M0.
    EXPECT_EQ(id.value.substr(0, 10), "01M7WYD4M0");
    EXPECT_NE(id, make_instruction_id(evening, "plan 1, der bess-78"));
    EXPECT_LT(id, make_instruction_id(evening + milliseconds{1}, "plan 1, der bess-77"));
    EXPECT_TRUE(is_valid_id(id.value));
}

TEST(MakeInstructionId, DoesNotRepeatItself) {
    std::set<InstructionId> ids;
    for (int i = 0; i < 20'000; ++i) {
        ids.insert(make_instruction_id(evening, std::to_string(i)));
    }
    EXPECT_EQ(ids.size(), 20'000U);
}

TEST(MakeUuid, HasVersionEightAndTheRfcVariant) {
    const std::string uuid = make_uuid("");
    // SHA-256 of nothing is e3b0c442 98fc 1c14 9afb f4c8996fb924…
    EXPECT_EQ(uuid, "e3b0c442-98fc-8c14-9afb-f4c8996fb924");
    EXPECT_EQ(uuid, make_uuid(""));
    EXPECT_NE(uuid, make_uuid("x"));
}

}  // namespace
}  // namespace headroom
