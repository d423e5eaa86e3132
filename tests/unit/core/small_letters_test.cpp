#include "core/small_letters.hpp"

#include <gtest/gtest.h>

namespace headroom {
namespace {

TEST(SmallLetters, CapitalsOfAsciiAreMadeSmallAndNothingElseIsTouched) {
    EXPECT_EQ(small_letters("Feeder F-0017, L3 @AZ["), "feeder f-0017, l3 @az[");
    EXPECT_EQ(small_letters(""), "");
    EXPECT_EQ(small_letters("Zürich ÜBER"), "zürich Über");
}

}  // namespace
}  // namespace headroom
