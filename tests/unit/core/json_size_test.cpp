#include "core/json_size.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace headroom::json {
namespace {

TEST(JsonSize, IsNeverBelowWhatIsWrittenAndCloseForPlainText) {
    const Value plain(Object{{"provider", "tesla"},
                             {"kw", Array{1, 22, 333, std::numeric_limits<std::int64_t>::min()}},
                             {"inner", Object{{"empty", Array{}}, {"none", Object{}}, {"yes", true}}},
                             {"nothing", nullptr},
                             {"price", -1.7976931348623157e308}});
    const std::size_t written = write(plain).size();
    EXPECT_GE(text_bytes_max(plain), written);
    EXPECT_LE(text_bytes_max(plain), written + 8 * 24);  // for each number as much as the longest one takes
    EXPECT_EQ(text_bytes_max(plain), text_bytes_max(*plain.as_object()));
}

TEST(JsonSize, CountsWhatAnEscapeTakes) {
    std::string hostile;
    for (int c = 0; c < 256; ++c) {
        hostile += std::string(9, static_cast<char>(c));
    }
    const Value value(Object{{hostile, hostile}});
    EXPECT_GE(text_bytes_max(value), write(value).size());
    EXPECT_EQ(text_bytes_max(Value(std::string(1000, 'x'))), 1002U);
}

}  // namespace
}  // namespace headroom::json
