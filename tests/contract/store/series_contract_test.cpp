#include "contract/store/series_contract.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace headroom::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::NanSensitiveFloatEq;

TEST_P(SeriesContract, GivesBackWhatWasWritten) {
    write(block({1.5F, -2.25F, 0.0F}));
    const Result<SeriesBlock> got = store_->read("F-1/p_kw/L1", noon, noon + minutes{90});
    ASSERT_TRUE(got.has_value());
    EXPECT_EQ(got->key, "F-1/p_kw/L1");
    EXPECT_EQ(got->start, noon);
    EXPECT_EQ(got->step, period_length);
    EXPECT_THAT(got->values, ElementsAre(1.5F, -2.25F, 0.0F));
}

TEST_P(SeriesContract, WhatWasNotWrittenIsUnknownAndNotZero) {
    write(block({1.0F}));
    write(block({3.0F}, noon + hours{1}));
    EXPECT_THAT(read(noon - minutes{30}, noon + minutes{120}),
                ElementsAre(NanSensitiveFloatEq(unknown), 1.0F, NanSensitiveFloatEq(unknown), 3.0F,
                            NanSensitiveFloatEq(unknown)));
}

TEST_P(SeriesContract, CrossesMidnight) {
    std::vector<float> values(100);
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<float>(i);
    }
    write(block(values, midnight - minutes{60}));  // 2 + 48 + 48 + 2
    EXPECT_EQ(read(midnight - minutes{60}, midnight - minutes{60} + 100 * period_length), values);
    EXPECT_THAT(read(midnight - minutes{30}, midnight + minutes{30}), ElementsAre(1.0F, 2.0F));
    EXPECT_THAT(read(midnight + hours{47}, midnight + hours{49}), ElementsAre(96.0F, 97.0F, 98.0F, 99.0F));
}

TEST_P(SeriesContract, ALaterWriteReplacesAndAnUnknownReplacesToo) {
    write(block({1.0F, 2.0F, 3.0F}));
    write(block({9.0F, unknown}, noon + minutes{30}));
    EXPECT_THAT(read(noon, noon + minutes{90}), ElementsAre(1.0F, 9.0F, NanSensitiveFloatEq(unknown)));
}

TEST_P(SeriesContract, ReadsHalfOpenFromTheNextStep) {
    write(block({1.0F, 2.0F, 3.0F}));
    EXPECT_THAT(read(noon, noon + minutes{30}), ElementsAre(1.0F));
    EXPECT_THAT(read(noon, noon + minutes{31}), ElementsAre(1.0F, 2.0F));
    EXPECT_THAT(read(noon + milliseconds{1}, noon + minutes{90}), ElementsAre(2.0F, 3.0F));
    EXPECT_TRUE(read(noon, noon).empty());
    EXPECT_TRUE(read(noon, noon - hours{1}).empty());
}

TEST_P(SeriesContract, SeveralSeriesAndStepsStandSideBySide) {
    const Result<void> written = store_->write({block({1.0F, 2.0F}), block({5.0F, 6.0F}, noon, "F-1/p_kw/L2"),
                                                block({7.0F, 8.0F, 9.0F}, noon, "T-1/temp_c", minutes{10})});
    ASSERT_TRUE(written.has_value());
    EXPECT_THAT(read(noon, noon + hours{1}, "F-1/p_kw/L2"), ElementsAre(5.0F, 6.0F));
    EXPECT_THAT(read(noon, noon + minutes{30}, "T-1/temp_c"), ElementsAre(7.0F, 8.0F, 9.0F));
    const Result<std::vector<std::string>> keys = store_->keys();
    ASSERT_TRUE(keys.has_value());
    EXPECT_THAT(*keys, ElementsAre("F-1/p_kw/L1", "F-1/p_kw/L2", "T-1/temp_c"));
}

TEST_P(SeriesContract, AnUnknownKeyIsNotFound) {
    EXPECT_EQ(store_->read("F-9/p_kw/L1", noon, noon + hours{1}).error().code, Errc::not_found);
    EXPECT_TRUE(store_->keys()->empty());
}

TEST_P(SeriesContract, RefusesBlocksOffTheGridAndWritesNoneOfTheOthers) {
    const auto refused = [&](SeriesBlock bad) {
        const Result<void> written = store_->write({block({1.0F}), std::move(bad)});
        EXPECT_FALSE(written.has_value());
        return written ? "" : written.error().message;
    };
    EXPECT_THAT(refused(block({1.0F}, noon + minutes{1})), HasSubstr("is not on the grid of the step"));
    EXPECT_THAT(refused(block({1.0F}, noon, "k", minutes{7})), HasSubstr("does not divide a day"));
    EXPECT_THAT(refused(block({1.0F}, noon, "k", milliseconds{100})), HasSubstr("shorter than a second"));
    EXPECT_THAT(refused(block({1.0F}, noon, "k", milliseconds{0})), HasSubstr("shorter than a second"));
    EXPECT_THAT(refused(block({1.0F}, noon, "")), HasSubstr("a key has 1 to"));
    EXPECT_THAT(refused(block({1.0F, std::numeric_limits<float>::infinity()})),
                HasSubstr("the value at 2026-11-20T12:30:00.000Z is infinite"));
    EXPECT_THAT(refused(block({1.0F}, UtcTime{} - hours{24})), HasSubstr("is not on the grid"));
    EXPECT_TRUE(store_->keys()->empty());
}

TEST_P(SeriesContract, AKeysStepIsFixedByItsFirstBlock) {
    write(block({1.0F}));
    const Result<void> written = store_->write({block({1.0F}, noon, "F-1/p_kw/L1", minutes{15})});
    ASSERT_FALSE(written.has_value());
    EXPECT_EQ(written.error().code, Errc::invalid);
    EXPECT_THAT(written.error().message,
                HasSubstr("kept on a step of 1800000 ms, the block has one of 900000 ms"));
}

TEST_P(SeriesContract, ForgetsWhatIsOlder) {
    write(block(std::vector<float>(96, 1.0F), midnight));  // two days
    write(block({4.0F}, midnight, "F-2/p_kw/L1"));
    ASSERT_TRUE(store_->drop_before(midnight + hours{25}));
    const std::vector<float> left = read(midnight, midnight + hours{48});
    ASSERT_EQ(left.size(), 96U);
    EXPECT_TRUE(std::isnan(left[0]));
    EXPECT_TRUE(std::isnan(left[49]));  // 24:30 to 25:00
    EXPECT_EQ(left[50], 1.0F);
    EXPECT_EQ(left[95], 1.0F);
    EXPECT_THAT(*store_->keys(), ElementsAre("F-1/p_kw/L1"));
    EXPECT_EQ(store_->read("F-2/p_kw/L1", midnight, noon).error().code, Errc::not_found);
}

TEST_P(SeriesContract, AForgottenKeyMayComeBackOnAnotherStep) {
    write(block({1.0F}));
    ASSERT_TRUE(store_->drop_before(noon + minutes{30}));
    EXPECT_TRUE(store_->keys()->empty());
    write(block({2.0F}, noon, "F-1/p_kw/L1", minutes{15}));
    EXPECT_THAT(read(noon, noon + minutes{15}), ElementsAre(2.0F));
}

TEST_P(SeriesContract, RefusesToReadMoreThanFitsInMemory) {
    write(block({1.0F}, noon, "k", seconds{1}));
    EXPECT_EQ(store_->read("k", UtcTime{}, noon).error().code, Errc::invalid);
    EXPECT_EQ(store_->read("k", UtcTime::min(), UtcTime::max()).error().code, Errc::invalid);
    EXPECT_TRUE(store_->read("k", UtcTime::max() - hours{1}, UtcTime::max())->values.empty());
}

TEST_P(SeriesContract, EverythingIsThereAfterReopening) {
    write(block({1.0F, 2.0F}));
    reopen();
    EXPECT_THAT(read(noon, noon + hours{1}), ElementsAre(1.0F, 2.0F));
    write(block({3.0F}));
    EXPECT_THAT(read(noon, noon + hours{1}), ElementsAre(3.0F, 2.0F));
}

INSTANTIATE_TEST_SUITE_P(Stores, SeriesContract, series_stores(), store_name);

}  // namespace
}  // namespace headroom::store
