#include "agents/sources/seq_window.hpp"

#include <gtest/gtest.h>

#include <initializer_list>

namespace headroom::agents {
namespace {

std::int64_t missing_after(std::initializer_list<std::uint64_t> numbers) {
    SeqWindow window;
    std::int64_t missing = 0;
    for (const std::uint64_t seq : numbers) {
        missing += window.take(seq);
    }
    return missing;
}

TEST(SeqWindow, CountsWhatIsMissing) {
    EXPECT_EQ(missing_after({1, 2, 3}), 0);
    EXPECT_EQ(missing_after({5, 6, 9}), 2);     // begins anywhere; 7 and 8
    EXPECT_EQ(missing_after({1, 5000}), 4998);  // beyond its reach, too
    EXPECT_EQ(missing_after({0, 0, 0}), 0);     // no numbers given
}

TEST(SeqWindow, WhatComesLateIsNotMissing) {
    EXPECT_EQ(missing_after({1, 4, 2, 3}), 0);
    EXPECT_EQ(missing_after({1, 1024, 2}), 1021);
}

TEST(SeqWindow, RepeatsChangeNothing) {
    EXPECT_EQ(missing_after({1, 2, 2, 1, 4, 4, 1}), 1);
    EXPECT_EQ(missing_after({10, 12, 5}), 1);  // before the beginning
}

TEST(SeqWindow, ASenderMayBeginAnew) {
    EXPECT_EQ(missing_after({5000, 5001, 1, 2, 4}), 1);
}

TEST(SeqWindow, AWideGapForgetsWhatStoodInItsPlace) {
    // 3 and 1027 share a place in the window; 1027 has not come.
    EXPECT_EQ(missing_after({3, 1028, 1027}), 1023);
}

}  // namespace
}  // namespace headroom::agents
