#include "agents/delivery_doubts.hpp"

#include "core/random.hpp"
#include "unit/settlement/settlement_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace headroom::agents {
namespace {

using settlement::test::day;
using settlement::test::input_of;
using settlement::test::Meter;
using testing::ElementsAre;
using testing::IsEmpty;

const Random meter_noise(5);
constexpr std::int64_t usual_wh = 10'000;  // 20 kW

/// Fifteen ordinary days, and 15 January with `before` of the usual from 14:00 to 17:00 and `within` of it in
/// the two half-hours that are paid, 17:00 to 18:00.
settlement::SettlementLineInput line_with(double before, double within) {
    Meter meter("D-1", "2025-12-16", "2026-01-15");
    for (int back = 30; back >= 0; --back) {
        const Date date{std::chrono::sys_days(day("2026-01-15")) - std::chrono::days(back)};
        for (int number = 1; number <= 48; ++number) {
            const double noise = 1.0 + 0.03 * meter_noise.normal(static_cast<std::uint64_t>(back),
                                                                 static_cast<std::uint64_t>(number), 1);
            const bool is_paid = back == 0 && (number == 35 || number == 36);
            const bool is_before = back == 0 && number >= 29 && number <= 34;
            const double factor = is_paid ? within : is_before ? before : 1.0;
            meter.set(format_date(date), number, std::llround(usual_wh * noise * factor));
        }
    }
    settlement::SettlementLineInput line;
    line.der = "D-1";
    line.transaction = "T-1";
    line.provider = "P-1";
    line.baseline_profile = "bl01";
    line.start = settlement::test::period("2026-01-15", 35);
    line.instructed_wh = {5'000, 5'000};
    line.utilisation = MicroPoundsPerMwh{240'000'000};
    line.meter = meter.history();
    return line;
}

std::vector<trust::IncidentKind> doubts_about(const settlement::SettlementLineInput& line,
                                              std::string_view known_at, const MinuteMeans& minutes = {}) {
    const settlement::SettlementInput input = input_of({line});
    const Result<settlement::SettlementResult> result = settlement::settle(input);
    EXPECT_TRUE(result.has_value()) << result.error().message;
    std::vector<trust::IncidentKind> kinds;
    for (const DeliveryDoubt& doubt :
         find_delivery_doubts(input, *result, settlement::test::at(known_at), minutes)) {
        EXPECT_EQ(doubt.line, 0U);
        EXPECT_EQ(doubt.evidence.meter, "D-1");
        kinds.push_back(doubt.kind);
    }
    return kinds;
}

TEST(DeliveryDoubts, ABaselineRaisedAfterTheCallIsFound) {
    EXPECT_THAT(doubts_about(line_with(1.8, 1.0), "2026-01-15T14:00:00Z"),
                ElementsAre(trust::IncidentKind::baseline_inflation));
}

TEST(DeliveryDoubts, ARealDeliveryIsBelieved) {
    EXPECT_THAT(doubts_about(line_with(1.0, 0.5), "2026-01-15T14:00:00Z"), IsEmpty());
}

TEST(DeliveryDoubts, WhatWasTakenBeforeAnybodyKnewIsNoDoubt) {
    EXPECT_THAT(doubts_about(line_with(1.8, 1.0), "2026-01-15T17:00:00Z"), IsEmpty());
}

TEST(DeliveryDoubts, ABaselineThatNothingMovesCannotBeRaised) {
    settlement::SettlementLineInput line = line_with(1.8, 0.9);
    line.baseline_profile = "bl01_vtp";
    EXPECT_THAT(doubts_about(line, "2026-01-15T14:00:00Z"), IsEmpty());
}

TEST(DeliveryDoubts, ADeliveryTooEvenToBeMeasuredIsFound) {
    const auto minutes = [](const std::string&, UtcTime from, UtcTime to) {
        std::vector<double> out;
        for (UtcTime now = from; now < to; now += std::chrono::minutes{1}) {
            const auto tick = static_cast<std::uint64_t>(now.time_since_epoch().count());
            const bool is_paid = now >= settlement::test::at("2026-01-15T17:00:00Z");
            out.push_back(is_paid ? 10.0 : 20.0 * (1.0 + 0.1 * meter_noise.normal(tick, 0, 2)));
        }
        return out;
    };
    EXPECT_THAT(doubts_about(line_with(1.0, 0.5), "2026-01-15T14:00:00Z", minutes),
                ElementsAre(trust::IncidentKind::flat_delivery));
}

TEST(DeliveryDoubts, MinutesThatAreAsUnevenAsBeforeAreBelieved) {
    const auto minutes = [](const std::string&, UtcTime from, UtcTime to) {
        std::vector<double> out;
        for (UtcTime now = from; now < to; now += std::chrono::minutes{1}) {
            const auto tick = static_cast<std::uint64_t>(now.time_since_epoch().count());
            const double kw = now >= settlement::test::at("2026-01-15T17:00:00Z") ? 10.0 : 20.0;
            out.push_back(kw * (1.0 + 0.1 * meter_noise.normal(tick, 0, 2)));
        }
        return out;
    };
    EXPECT_THAT(doubts_about(line_with(1.0, 0.5), "2026-01-15T14:00:00Z", minutes), IsEmpty());
}

TEST(DeliveryDoubts, NothingIsPaidNothingIsDoubted) {
    EXPECT_THAT(doubts_about(line_with(1.0, 1.5), "2026-01-15T14:00:00Z"), IsEmpty());
}

TEST(DeliveryDoubts, ADayOfAClockChangeIsNotLookedAt) {
    settlement::SettlementLineInput line = line_with(1.8, 1.0);
    line.start = settlement::test::period("2026-03-29", 35);
    EXPECT_THAT(doubts_about(line, "2026-03-29T12:00:00Z"), IsEmpty());
}

}  // namespace
}  // namespace headroom::agents
