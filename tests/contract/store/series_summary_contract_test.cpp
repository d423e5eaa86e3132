#include "contract/store/series_contract.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

namespace headroom::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::NanSensitiveFloatEq;

// ---- summaries ----

class SeriesSummaries : public SeriesContract {
  protected:
    /// Everything that may be done behind is done.
    void settle(UtcTime now) {
        for (int i = 0; i < 1'000; ++i) {
            const Result<bool> more =
                store_->upkeep(now, SeriesRetention{.raw = std::chrono::days{9'999},
                                                    .minute = std::chrono::days{9'999},
                                                    .half_hour = std::chrono::days{9'999},
                                                    .day = std::chrono::days{9'999},
                                                    .measurements = std::chrono::days{9'999}});
            ASSERT_TRUE(more.has_value()) << more.error().message;
            if (!*more) {
                return;
            }
        }
        FAIL() << "upkeep never ends";
    }
    SeriesSummary sum(UtcTime from, UtcTime to, milliseconds step, const std::string& key = "F-1/p_kw/L1") {
        const Result<SeriesSummary> got = store_->summarise(key, from, to, step);
        EXPECT_TRUE(got.has_value()) << got.error().message;
        return got ? *got : SeriesSummary{};
    }
};

TEST_P(SeriesSummaries, AStepHasMeanExtremesLastAndCount) {
    write(block({1.0F, 5.0F, unknown, 2.0F}));
    const SeriesSummary got = sum(noon, noon + hours{2}, hours{1});
    EXPECT_EQ(got.start, noon);
    EXPECT_EQ(got.step, hours{1});
    EXPECT_THAT(got.mean, ElementsAre(3.0F, 2.0F));
    EXPECT_THAT(got.min, ElementsAre(1.0F, 2.0F));
    EXPECT_THAT(got.max, ElementsAre(5.0F, 2.0F));
    EXPECT_THAT(got.last, ElementsAre(5.0F, 2.0F));
    EXPECT_THAT(got.count, ElementsAre(2U, 1U));
}

TEST_P(SeriesSummaries, ExtremesBehindTheMeansAreKept) {
    SeriesBlock peaks = block({10.0F, 20.0F});
    peaks.min = {1.0F, 15.0F};
    peaks.max = {90.0F, 25.0F};
    write(peaks);
    const SeriesSummary got = sum(noon, noon + hours{1}, hours{1});
    EXPECT_THAT(got.mean, ElementsAre(15.0F));
    EXPECT_THAT(got.min, ElementsAre(1.0F));
    EXPECT_THAT(got.max, ElementsAre(90.0F));
    EXPECT_THAT(read(noon, noon + hours{1}), ElementsAre(10.0F, 20.0F));
}

TEST_P(SeriesSummaries, StepsCoverTheRangeAndWhatIsNotKnownIsNotZero) {
    write(block({1.0F, 2.0F}));
    const SeriesSummary got = sum(noon - minutes{70}, noon + minutes{10}, minutes{30});
    EXPECT_EQ(got.start, noon - minutes{90});
    EXPECT_THAT(got.mean, ElementsAre(NanSensitiveFloatEq(unknown), NanSensitiveFloatEq(unknown),
                                      NanSensitiveFloatEq(unknown), 1.0F));
    EXPECT_THAT(got.count, ElementsAre(0U, 0U, 0U, 1U));
    EXPECT_TRUE(sum(noon, noon, minutes{30}).mean.empty());
}

TEST_P(SeriesSummaries, AStepBelowTheSeriesOwnIsRaised) {
    write(block({1.0F, 2.0F}));
    const SeriesSummary got = sum(noon, noon + hours{1}, minutes{1});
    EXPECT_EQ(got.step, minutes{30});
    EXPECT_THAT(got.mean, ElementsAre(1.0F, 2.0F));
}

TEST_P(SeriesSummaries, AreTheSameBeforeAndAfterUpkeep) {
    std::vector<float> values(1'440 * 3);
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = i % 7 == 3 ? unknown : static_cast<float>((i * 37) % 101);
    }
    write(block(values, midnight, "F-1/p_kw/L1", minutes{1}));
    for (int i = 0; i < 3; ++i) {  // and a day that arrives minute by minute
        write(block({static_cast<float>(200 + i)}, midnight + hours{80} + minutes{i}, "F-1/p_kw/L1",
                    minutes{1}));
    }
    for (const milliseconds step :
         {milliseconds{minutes{7}}, milliseconds{hours{1}}, milliseconds{hours{24}}}) {
        const SeriesSummary before = sum(midnight, midnight + hours{96}, step);
        settle(midnight + hours{200});
        const SeriesSummary after = sum(midnight, midnight + hours{96}, step);
        ASSERT_EQ(before.mean.size(), after.mean.size());
        EXPECT_EQ(before.count, after.count);
        for (std::size_t i = 0; i < before.mean.size(); ++i) {
            EXPECT_THAT(after.min[i], NanSensitiveFloatEq(before.min[i]));
            EXPECT_THAT(after.max[i], NanSensitiveFloatEq(before.max[i]));
            EXPECT_THAT(after.mean[i], NanSensitiveFloatEq(before.mean[i]));
            EXPECT_THAT(after.last[i], NanSensitiveFloatEq(before.last[i]));
        }
    }
    EXPECT_EQ(sum(midnight, midnight + hours{96}, hours{24}).max[3], 202.0F);
}

TEST_P(SeriesSummaries, ALateCorrectionReachesEveryLevel) {
    write(block(std::vector<float>(96, 1.0F), midnight));
    settle(midnight + hours{200});
    write(block({50.0F}));
    EXPECT_EQ(sum(midnight, midnight + hours{24}, hours{24}).max.at(0), 50.0F);
    settle(midnight + hours{200});
    EXPECT_EQ(sum(midnight, midnight + hours{24}, hours{24}).max.at(0), 50.0F);
    write(block({2.0F}));
    settle(midnight + hours{200});
    EXPECT_EQ(sum(midnight, midnight + hours{24}, hours{24}).max.at(0), 2.0F);
}

TEST_P(SeriesSummaries, AnUnknownKeyAndTooManyStepsAreRefused) {
    EXPECT_EQ(store_->summarise("F-9/p_kw/L1", noon, noon + hours{1}, hours{1}).error().code,
              Errc::not_found);
    write(block({1.0F}, noon, "k", seconds{1}));
    EXPECT_EQ(store_->summarise("k", UtcTime{}, noon, seconds{1}).error().code, Errc::invalid);
}

TEST_P(SeriesSummaries, WhatIsForgottenIsForgottenAtEveryLevel) {
    write(block(std::vector<float>(96, 1.0F), midnight));
    settle(midnight + hours{200});
    ASSERT_TRUE(store_->drop_before(midnight + hours{25}));
    settle(midnight + hours{200});
    const SeriesSummary days = sum(midnight, midnight + hours{48}, hours{24});
    EXPECT_THAT(days.count, ElementsAre(0U, 46U));
}

INSTANTIATE_TEST_SUITE_P(Stores, SeriesSummaries, series_stores(), store_name);

// ---- measurements ----

class SeriesMeasurements : public SeriesContract {};

Measurement overload(UtcTime at, const std::string& feeder = "F-1") {
    return {.name = "overloads",
            .tags = {{"feeder", feeder}, {"phase", "L1"}},
            .fields = {{"horizon", std::string("live, \"now\" \\ a=b")},
                       {"is_open", true},
                       {"peak_kw", 12.5},
                       {"periods", std::int64_t{3}}},
            .at = at};
}

TEST_P(SeriesMeasurements, GiveBackWhatWasRecordedInOrder) {
    const std::vector<Measurement> written{overload(noon), overload(noon - minutes{1}, "a b,c=d\\e"),
                                           overload(noon + minutes{1})};
    const Result<void> recorded = store_->record(written);
    ASSERT_TRUE(recorded.has_value()) << recorded.error().message;
    const Result<std::vector<Measurement>> got =
        store_->recorded("overloads", noon - hours{1}, noon + minutes{1}, 10);
    ASSERT_TRUE(got.has_value()) << got.error().message;
    EXPECT_THAT(*got, ElementsAre(written[1], written[0]));
    EXPECT_EQ(store_->recorded("overloads", noon - hours{1}, noon + hours{1}, 1)->size(), 1U);
    EXPECT_TRUE(store_->recorded("trades", noon - hours{1}, noon + hours{1}, 10)->empty());
}

TEST_P(SeriesMeasurements, TheSameTagsAndTimeReplace) {
    ASSERT_TRUE(store_->record({overload(noon)}));
    Measurement again = overload(noon);
    again.fields = {{"peak_kw", 99.0}};
    ASSERT_TRUE(store_->record({again}));
    const Result<std::vector<Measurement>> got = store_->recorded("overloads", noon, noon + hours{1}, 10);
    ASSERT_TRUE(got.has_value());
    ASSERT_EQ(got->size(), 1U);
    const auto& fields = got->front().fields;
    EXPECT_NE(std::find(fields.begin(), fields.end(), again.fields.front()), fields.end());
}

TEST_P(SeriesMeasurements, RefuseWhatCannotBeKeptAndKeepNoneOfTheOthers) {
    const auto refused = [&](auto change) {
        Measurement bad = overload(noon);
        change(bad);
        const Result<void> recorded = store_->record({overload(noon), bad});
        EXPECT_FALSE(recorded.has_value());
        return recorded ? "" : recorded.error().message;
    };
    EXPECT_THAT(refused([](Measurement& m) { m.name = "Over loads"; }), HasSubstr("its name is not"));
    EXPECT_THAT(refused([](Measurement& m) { m.fields.clear(); }), HasSubstr("no field"));
    EXPECT_THAT(refused([](Measurement& m) { m.tags[0].second = ""; }), HasSubstr("tag feeder is empty"));
    EXPECT_THAT(refused([](Measurement& m) { m.tags[0].second = "a\nb"; }), HasSubstr("control characters"));
    EXPECT_THAT(refused([](Measurement& m) { m.tags.push_back({"phase", "L2"}); }), HasSubstr("twice"));
    EXPECT_THAT(
        refused([](Measurement& m) { m.fields[2].second = std::numeric_limits<double>::quiet_NaN(); }),
        HasSubstr("is not finite"));
    EXPECT_THAT(refused([](Measurement& m) { m.at = UtcTime{} - hours{1}; }), HasSubstr("1970"));
    EXPECT_TRUE(store_->recorded("overloads", noon, noon + hours{1}, 10)->empty());
}

INSTANTIATE_TEST_SUITE_P(Stores, SeriesMeasurements, series_stores(), store_name);

}  // namespace
}  // namespace headroom::store
