#include "trust/live_substation.hpp"

#include "core/random.hpp"
#include "unit/trust/slots.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <string>
#include <vector>

namespace headroom::trust {
namespace {

constexpr std::size_t feeders = 4;
const Random live_noise(5);

/// Four feeders of three phases with a daily shape, and meters of class 0.5.
SlotReadings honest_four(std::size_t t) {
    SlotReadings slot;
    const double shape = 1.0 + 0.3 * std::sin(2 * std::numbers::pi * static_cast<double>(t % slots) / slots);
    for (std::size_t f = 0; f < feeders; ++f) {
        for (std::size_t p = 0; p < phases; ++p) {
            const double kw = (12.0 + 3.0 * static_cast<double>(f) + static_cast<double>(p)) * shape *
                              (1.0 + 0.05 * live_noise.normal(f * phases + p, t, 1));
            slot.busbar_kw[p] += kw;
            slot.feeders_kw.push_back(kw + (0.005 * kw + 0.05) * live_noise.normal(f * phases + p, t, 2));
        }
    }
    return slot;
}

using Alter = std::function<void(SlotReadings&, std::size_t)>;

/// All that was found over `days` days.
std::vector<LiveFinding> watch(std::size_t count, const Alter& alter) {
    LiveSubstation live({"F-1", "F-2", "F-3", "F-4"}, phases, {});
    std::vector<LiveFinding> all;
    for (std::size_t t = 0; t < count; ++t) {
        SlotReadings slot = honest_four(t);
        alter(slot, t);
        for (LiveFinding& finding : live.take(slot.busbar_kw, slot.feeders_kw, {})) {
            all.push_back(std::move(finding));
        }
    }
    return all;
}

std::size_t opened(const std::vector<LiveFinding>& all, IncidentKind kind) {
    return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [kind](const LiveFinding& one) {
        return one.kind == kind && one.change == IncidentChange::opened;
    }));
}

TEST(LiveSubstation, AnHonestWeekIsQuiet) {
    EXPECT_TRUE(watch(5 * slots, [](SlotReadings&, std::size_t) {}).empty());
}

TEST(LiveSubstation, AMeterThatLiesIsOneIncidentThatNamesItAndEnds) {
    constexpr std::size_t from = 4 * slots;
    const auto all = watch(from + 60, [](SlotReadings& slot, std::size_t t) {
        for (std::size_t p = 0; t >= from && t < from + 24 && p < phases; ++p) {
            slot.feeders_kw[phases + p] *= 0.7;
        }
    });
    ASSERT_EQ(opened(all, IncidentKind::tampering), 1U);
    EXPECT_EQ(opened(all, IncidentKind::commissioning), 0U);
    const auto named = std::find_if(all.begin(), all.end(), [](const LiveFinding& one) {
        return one.kind == IncidentKind::tampering && one.meter == 1U;
    });
    ASSERT_NE(named, all.end());
    EXPECT_EQ(named->evidence.layer, Layer::balance);
    EXPECT_NE(named->evidence.detail.find("F-2"), std::string::npos) << named->evidence.detail;
    EXPECT_EQ(all.back().change, IncidentChange::closed);
}

TEST(LiveSubstation, AReversedMeterFromTheStartIsCommissioningAndNoAttack) {
    const auto all = watch(5 * slots, [](SlotReadings& slot, std::size_t) {
        for (std::size_t p = 0; p < phases; ++p) {
            slot.feeders_kw[2 * phases + p] *= -1.0;
        }
    });
    ASSERT_EQ(opened(all, IncidentKind::commissioning), 1U);
    EXPECT_EQ(opened(all, IncidentKind::tampering), 0U);
    const LiveFinding& fault = all.front();
    EXPECT_EQ(fault.meter, 2U);
    ASSERT_TRUE(fault.fault);
    EXPECT_EQ(fault.fault->factor, (std::vector<double>{-1.0, -1.0, -1.0}));
    EXPECT_EQ(fault.fault->order, (std::vector<std::size_t>{0, 1, 2}));
}

TEST(LiveSubstation, AMeterReversedLaterIsExplainedAfterTwoHours) {
    constexpr std::size_t from = 4 * slots;
    const auto all = watch(from + 40, [](SlotReadings& slot, std::size_t t) {
        for (std::size_t p = 0; t >= from && p < phases; ++p) {
            slot.feeders_kw[p] *= -1.0;
        }
    });
    EXPECT_EQ(opened(all, IncidentKind::tampering), 1U) << "that is what it looks like at first";
    ASSERT_EQ(opened(all, IncidentKind::commissioning), 1U);
    const auto explained = std::find_if(all.begin(), all.end(), [](const LiveFinding& one) {
        return one.kind == IncidentKind::commissioning;
    });
    EXPECT_EQ(explained->meter, 0U);
    EXPECT_EQ(explained->fault->kind, CommissioningKind::reversed);
}

TEST(LiveSubstation, ManySilentMetersAreTheWay) {
    constexpr std::size_t from = 3 * slots;
    const auto all = watch(from + 20, [](SlotReadings& slot, std::size_t t) {
        if (t >= from && t < from + 8) {
            std::fill(slot.feeders_kw.begin(), slot.feeders_kw.end(), std::nan(""));
        }
    });
    EXPECT_EQ(opened(all, IncidentKind::communication), 1U);
    EXPECT_EQ(opened(all, IncidentKind::tampering), 0U);
    EXPECT_EQ(all.back().change, IncidentChange::closed);
}

TEST(LiveSubstation, EverythingRepeatedIsTheWay) {
    constexpr std::size_t from = 3 * slots;
    const SlotReadings frozen = honest_four(from);
    const auto all =
        watch(from + 10, [&frozen](SlotReadings& slot, std::size_t t) { slot = t >= from ? frozen : slot; });
    EXPECT_EQ(opened(all, IncidentKind::communication), 1U);
}

/// Outlooks of 100 kW with a limit of 110 kW.
std::vector<Outlook> near_the_limit() {
    return std::vector<Outlook>(feeders,
                                {.p05_kw = 90.0, .p50_kw = 100.0, .p95_kw = 110.0, .limit_kw = 110.0});
}

struct Masking {
    MaskingWatch watch{feeders, {}};
    std::vector<std::string> names{"F-1", "F-2", "F-3", "F-4"};
    std::vector<std::optional<Evidence>> take(std::vector<double> kw, const std::vector<Outlook>& outlooks) {
        return watch.take(kw, outlooks, names);
    }
};

TEST(MaskingWatch, ALowReadingAgainstForecastAndNeighboursNearTheLimitIsSuspected) {
    Masking masking;
    std::optional<Evidence> found;
    for (int slot = 0; slot < 4; ++slot) {
        found = masking.take({60.0, 101.0, 99.0, 100.0}, near_the_limit())[0];
    }
    ASSERT_TRUE(found);
    EXPECT_EQ(found->layer, Layer::masking);
    EXPECT_EQ(found->meter, "F-1");
    EXPECT_NE(found->detail.find("3 neighbours"), std::string::npos) << found->detail;
}

TEST(MaskingWatch, WhatAllHaveInCommonIsTheWeather) {
    Masking masking;
    for (int slot = 0; slot < 12; ++slot) {
        const auto found = masking.take({70.0, 71.0, 69.0, 70.0}, near_the_limit());
        EXPECT_TRUE(
            std::none_of(found.begin(), found.end(), [](const auto& one) { return one.has_value(); }));
    }
}

TEST(MaskingWatch, FarFromTheLimitOrUnderReliefALowReadingIsNoLie) {
    Masking masking;
    std::vector<Outlook> far = near_the_limit();
    far[0].limit_kw = 400.0;
    far[1].is_relieved = true;
    for (int slot = 0; slot < 12; ++slot) {
        const auto found = masking.take({50.0, 50.0, 100.0, 100.0}, far);
        EXPECT_FALSE(found[0]);
        EXPECT_FALSE(found[1]);
    }
}

}  // namespace
}  // namespace headroom::trust
