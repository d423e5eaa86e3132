#include "core/utf8.hpp"

#include <gtest/gtest.h>

#include <string>

namespace headroom {
namespace {

TEST(Utf8, CountsAsciiAtTheFront) {
    EXPECT_EQ(ascii_length(""), 0U);
    for (std::size_t length = 0; length < 20; ++length) {
        const std::string plain(length, 'a');
        EXPECT_EQ(ascii_length(plain), length);
        EXPECT_EQ(ascii_length(plain + "\xC3\xA4 and more than eight bytes"), length);
    }
}

TEST(Utf8, TellsWellFormedTextFromOther) {
    EXPECT_TRUE(is_utf8(""));
    EXPECT_TRUE(is_utf8("plain text of more than eight bytes"));
    EXPECT_TRUE(is_utf8("\xC2\xA3 12.50 · \xE2\x82\xAC \xF0\x9F\x94\x8C"));
    for (const std::string bad : {"\x80", "\xC3", "\xC0\xAF", "\xED\xA0\x80", "\xF5\x80\x80\x80"}) {
        EXPECT_FALSE(is_utf8(bad));
        EXPECT_FALSE(is_utf8("sixteen bytes ok" + bad));
        EXPECT_FALSE(is_utf8(bad + "sixteen bytes ok"));
    }
}

}  // namespace
}  // namespace headroom
