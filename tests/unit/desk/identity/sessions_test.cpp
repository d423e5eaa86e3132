#include "desk/identity/sessions.hpp"

#include "unit/desk/identity/support.hpp"

#include <gtest/gtest.h>

namespace headroom::desk::identity {
namespace {

using test::noon;

TEST(Sessions, EndWhenIdleAndAtTheEndOfTheShift) {
    Sessions sessions({.absolute = hours{12}, .idle = hours{2}});
    const std::string id = sessions.begin("op-17", "c1", noon);
    EXPECT_EQ(id.size(), 43U);
    UtcTime now = noon;
    for (int i = 0; i < 6; ++i) {
        now += hours{2} - milliseconds{1};
        ASSERT_NE(sessions.use(id, now), nullptr) << i;
    }
    EXPECT_EQ(sessions.use(id, noon + hours{12}), nullptr) << "used all the time, but twelve hours are over";
    const std::string idle = sessions.begin("op-17", "c1", noon);
    EXPECT_NE(sessions.use(idle, noon + hours{2} - milliseconds{1}), nullptr);
    const std::string unused = sessions.begin("op-17", "c1", noon);
    EXPECT_EQ(sessions.use(unused, noon + hours{2}), nullptr);
    EXPECT_EQ(sessions.use(unused, noon), nullptr) << "what has ended stays ended when the clock goes back";
}

TEST(Sessions, EndOnceAtLogout) {
    Sessions sessions;
    const std::string id = sessions.begin("op-17", "c1", noon);
    EXPECT_EQ(sessions.end("something else"), std::nullopt);
    ASSERT_TRUE(sessions.end(id).has_value());
    EXPECT_EQ(sessions.end(id), std::nullopt);
    EXPECT_EQ(sessions.use(id, noon), nullptr);
}

TEST(Sessions, AreBoundedByUserAndInAll) {
    Sessions sessions({.all = 4, .per_user = 2});
    const std::string first = sessions.begin("a", "c", noon);
    const std::string second = sessions.begin("a", "c", noon + seconds{1});
    EXPECT_NE(sessions.use(first, noon + seconds{2}), nullptr);
    const std::string third = sessions.begin("a", "c", noon + seconds{3});
    EXPECT_EQ(sessions.use(second, noon + seconds{3}), nullptr) << "longest unused of this user";
    EXPECT_NE(sessions.use(first, noon + seconds{3}), nullptr);
    for (int i = 0; i < 10; ++i) {
        static_cast<void>(sessions.begin("user-" + std::to_string(i), "c", noon + seconds{4 + i}));
    }
    EXPECT_EQ(sessions.size(), 4U);
}

TEST(Sessions, OutliveARestartWithoutTheirIds) {
    Sessions sessions;
    const std::string id = sessions.begin("op-17", "c1", noon);
    const json::Value kept(sessions.to_json());
    EXPECT_EQ(json::write(kept).find(id), std::string::npos);
    Sessions after;
    ASSERT_TRUE(after.restore(kept, noon + hours{3}));
    const Session* const found = after.use(id, noon + hours{3});
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->user, "op-17");
    EXPECT_EQ(found->credential, "c1");
    EXPECT_EQ(after.use(id, noon + hours{12}), nullptr) << "a restart does not lengthen the shift";
    Sessions late;
    ASSERT_TRUE(late.restore(kept, noon + hours{12}));
    EXPECT_EQ(late.size(), 0U);
    Sessions early;
    ASSERT_TRUE(early.restore(kept, noon - hours{1}));
    EXPECT_EQ(early.size(), 0U) << "a session that begins in the future is not believed";
}

TEST(Sessions, ADamagedFileIsRefusedWhole) {
    Sessions sessions;
    const std::string id = sessions.begin("op-17", "c1", noon);
    for (const char* text : {"{}", "[]", R"({"format":2,"sessions":[]})", R"({"format":1,"sessions":[{}]})",
                             R"({"format":1,"sessions":[{"sha256":"short"}]})"}) {
        EXPECT_FALSE(sessions.restore(*json::parse(text), noon)) << text;
    }
    EXPECT_NE(sessions.use(id, noon), nullptr);
}

}  // namespace
}  // namespace headroom::desk::identity
