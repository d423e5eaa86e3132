#include "settlement_fixture.hpp"

#include "core/digest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headroom::settlement::test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::SizeIs;

SettlementResult settled(std::vector<SettlementLineInput> lines) {
    Result<SettlementResult> result = settle(input_of(std::move(lines)));
    EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().message);
    return result ? std::move(*result) : SettlementResult{};
}

TEST(Settle, ReckonsExampleA) {
    const SettlementResult result = settled({line_a()});

    ASSERT_THAT(result.deliveries, SizeIs(1));
    const Delivery& delivery = result.deliveries.front();
    EXPECT_EQ(delivery.state, "VERIFIED");
    ASSERT_THAT(delivery.periods, SizeIs(2));
    EXPECT_EQ(delivery.periods[0].baseline, 516'000_Wh);
    EXPECT_EQ(delivery.periods[0].actual, 396'000_Wh);
    EXPECT_EQ(delivery.periods[0].delivered, 120'000_Wh);
    EXPECT_EQ(delivery.periods[1].delivered, 114'500_Wh);
    EXPECT_EQ(delivery.periods[1].payable, 114'500_Wh);

    const Statement& statement = result.statement;
    EXPECT_EQ(statement.id, "st-20260115-abcdefgh");
    EXPECT_EQ(statement.state, "VERIFIED");
    EXPECT_EQ(statement.delivered, 234'500_Wh);
    EXPECT_EQ(statement.total, MicroPounds{56'280'000});
    EXPECT_EQ(statement.total_pence, 5628);
    EXPECT_EQ(statement.rounding, "line-half-even-pence@1");
}

TEST(Settle, HoldsALineInDoubtAsAWholeAndSaysWhy) {
    SettlementLineInput doubted = line_a();
    doubted.hold = "baseline_inflation: D-1 took more";
    SettlementLineInput other = line_a();
    other.der = "D-2";
    other.meter.der = "D-2";
    const SettlementResult result = settled({doubted, other});
    EXPECT_EQ(result.deliveries[0].state, "HELD");
    EXPECT_EQ(result.deliveries[0].reason, "baseline_inflation: D-1 took more");
    EXPECT_EQ(result.deliveries[0].periods[0].delivered, 120'000_Wh) << "what was metered stands";
    EXPECT_EQ(result.statement.lines[0].total_pence, 0);
    EXPECT_EQ(result.statement.lines[1].total_pence, 5628);
    EXPECT_EQ(result.statement.total_pence, 5628);
    EXPECT_EQ(result.statement.state, "HELD");
}

TEST(Settle, WhatWasNotAskedForIsNotHeld) {
    SettlementLineInput line = line_a();
    line.instructed_wh = {0, 0};
    line.hold = "flat_delivery";
    EXPECT_EQ(settled({line}).statement.state, "VERIFIED");
}

TEST(Settle, ALaterVersionSaysSoAndReadsBackTheSame) {
    SettlementInput input = input_of({line_a()});
    const std::string first = json::write(to_json(input));
    EXPECT_EQ(first.find("version\":2"), std::string::npos);
    input.version = 2;
    input.lines[0].hold = "flat_delivery: too even";
    const Result<SettlementInput> again = settlement_input_from_json(to_json(input));
    ASSERT_TRUE(again.has_value()) << again.error().message;
    EXPECT_EQ(again->version, 2);
    EXPECT_EQ(again->lines[0].hold, "flat_delivery: too even");
    EXPECT_EQ(settle(*again)->statement.version, 2);
    input.version = 0;
    EXPECT_FALSE(settle(input).has_value());
}

TEST(Settle, WithoutInDayAdjustmentExampleADeliversLess) {
    SettlementLineInput line = line_a();
    line.baseline_profile = "bl01_vtp";
    const SettlementResult result = settled({line});
    EXPECT_EQ(result.deliveries[0].periods[0].delivered, 108'000_Wh);
    EXPECT_EQ(result.deliveries[0].periods[1].delivered, 102'500_Wh);
}

TEST(Settle, PaysTheInstructedBasisWhereTheContractSaysSo) {
    SettlementLineInput line = line_a();
    line.curve.id = "grace_multiplier";
    EXPECT_EQ(settled({line}).statement.total_pence, 5694);
}

TEST(Settle, AddsAvailabilityAndRoundsTheLineOnce) {
    SettlementLineInput line = line_a();
    line.instructed_wh = {0, 0};
    line.armed_w = 250'000;
    line.armed_ms = milliseconds(hours{3}).count();
    line.availability_per_mw_h = MicroPounds{8'500'000};
    const StatementLine made = settled({line}).statement.lines.front();
    EXPECT_EQ(made.utilisation, MicroPounds{0});
    EXPECT_EQ(made.availability, MicroPounds{6'375'000});
    EXPECT_EQ(made.total_pence, 638);
    EXPECT_EQ(made.delivered, 0_Wh);  // nothing was asked, so nothing was delivered
}

TEST(Settle, PaysNoMoreThanWasAskedAndNothingForTheWrongWay) {
    SettlementLineInput line = line_a();
    line.instructed_wh = {100'000, 125'000};
    Meter meter = example_a();
    meter.set("2026-01-15", 36, 600'000);  // more than the baseline of 533 kWh
    line.meter = meter.history();
    const Delivery delivery = settled({line}).deliveries.front();
    EXPECT_EQ(delivery.periods[0].delivered, 120'000_Wh);
    EXPECT_EQ(delivery.periods[0].payable, 100'000_Wh);
    EXPECT_EQ(delivery.periods[1].delivered, WattHours{-67'000});  // unclamped in the record
    EXPECT_EQ(delivery.periods[1].payable, 0_Wh);
}

TEST(Settle, TheDeliveryCapIsTheContracts) {
    SettlementLineInput line = line_a();
    line.instructed_wh = {100'000, 125'000};
    SettlementInput input = input_of({line});
    input.delivery_cap_ppm = 1'100'000;
    EXPECT_EQ(settle(input)->deliveries[0].periods[0].payable, 110'000_Wh);
    input.lines[0].curve.id = "dfs_2024_proposed";
    EXPECT_EQ(settle(input)->deliveries[0].periods[0].payable, 120'000_Wh);
}

TEST(Settle, TurnUpCountsTheOtherWay) {
    SettlementLineInput line = line_a();
    line.turn_up = true;
    EXPECT_EQ(settled({line}).deliveries[0].periods[0].delivered, WattHours{-120'000});
}

TEST(Settle, MissingDataIsPendingNotZero) {
    SettlementLineInput line = line_a();
    Meter meter = example_a();
    meter.clear("2026-01-15", 36);
    line.meter = meter.history();
    line.armed_w = 250'000;
    line.armed_ms = 3'600'000;
    line.availability_per_mw_h = MicroPounds{8'500'000};
    const SettlementResult result = settled({line});
    EXPECT_EQ(result.deliveries[0].state, "PENDING_DATA");
    EXPECT_EQ(result.deliveries[0].reason, "no reading for 2026-01-15T17:30:00.000Z");
    EXPECT_THAT(result.deliveries[0].periods, SizeIs(1));
    EXPECT_EQ(result.statement.state, "PENDING_DATA");
    EXPECT_EQ(result.statement.lines[0].total_pence, 0);  // on hold, its state says so
    EXPECT_EQ(result.statement.lines[0].state, "PENDING_DATA");
}

TEST(Settle, WithoutABaselineThePaymentWaits) {
    SettlementLineInput line = line_a();
    Meter meter("D-1", "2026-01-15", "2026-01-15");
    meter.fill(1'000);
    line.meter = meter.history();
    const SettlementResult result = settled({line});
    EXPECT_EQ(result.deliveries[0].state, "NO_BASELINE");
    EXPECT_THAT(result.deliveries[0].reason, HasSubstr("only 0 of the 3 history days"));
    EXPECT_EQ(result.statement.state, "NO_BASELINE");
}

TEST(Settle, OneDerUnderTwoContractsIsPaidForOnce) {
    SettlementLineInput first = line_a();
    first.instructed_wh = {75'000, 125'000};
    SettlementLineInput second = line_a();
    second.transaction = "T-2";
    second.instructed_wh = {50'000, 0};
    const SettlementResult result = settled({first, second});
    // 120 kWh in the first period, shared 75 : 50.
    EXPECT_EQ(result.deliveries[0].periods[0].delivered, 72'000_Wh);
    EXPECT_EQ(result.deliveries[1].periods[0].delivered, 48'000_Wh);
    EXPECT_EQ(result.deliveries[0].periods[1].delivered, 114'500_Wh);
    EXPECT_EQ(result.statement.delivered, 234'500_Wh);
    EXPECT_THAT(result.deliveries[0].baseline.flags, Contains("SHARED_DER"));
}

TEST(Settle, LinesAreRoundedEachAndThenSummed) {
    SettlementLineInput first = line_a();
    first.baseline_profile = "zero";
    first.turn_up = true;
    first.curve = {};
    first.instructed_wh = {26'521, 0};  // × 240 GBP/MWh = 6.36504 GBP
    SettlementLineInput second = first;
    second.der = "D-2";
    second.meter.der = "D-2";
    const Statement statement = settled({first, second}).statement;
    EXPECT_EQ(statement.lines[0].total_pence, 637);
    EXPECT_EQ(statement.total_pence, 1274);
    EXPECT_EQ(statement.total, MicroPounds{12'730'080});
}

TEST(Settle, AnEmptyProfileMeansBl01) {
    SettlementLineInput line = line_a();
    line.baseline_profile.clear();
    EXPECT_EQ(settled({line}).deliveries[0].baseline.profile, "bl01");
}

TEST(Settle, RefusesInputsThatContradictThemselves) {
    const auto fault = [](auto change) {
        SettlementInput input = input_of({line_a()});
        change(input);
        const Result<SettlementResult> result = settle(input);
        EXPECT_FALSE(result.has_value());
        return result ? Error{} : result.error();
    };
    EXPECT_THAT(fault([](SettlementInput& in) { in.lines[0].baseline_profile = "bl99"; }).message,
                HasSubstr("line of D-1 under T-1: baseline profile 'bl99' is not known"));
    EXPECT_THAT(fault([](SettlementInput& in) { in.lines.push_back(in.lines[0]); }).message,
                HasSubstr("must be sorted"));
    EXPECT_THAT(fault([](SettlementInput& in) { in.lines[0].instructed_wh.clear(); }).message,
                HasSubstr("0 periods"));
    EXPECT_THAT(fault([](SettlementInput& in) { in.lines[0].instructed_wh = {-1}; }).message,
                HasSubstr("-1 Wh"));
    EXPECT_THAT(fault([](SettlementInput& in) { in.lines[0].start += minutes{1}; }).message,
                HasSubstr("half-hours"));
    EXPECT_THAT(fault([](SettlementInput& in) { in.lines[0].meter.der = "D-9"; }).message,
                HasSubstr("that of D-9"));
    EXPECT_THAT(fault([](SettlementInput& in) { in.lines[0].curve.id = "x"; }).message,
                HasSubstr("payment curve x"));
    EXPECT_EQ(fault([](SettlementInput& in) { in.lines[0].start -= hours{24 * 800}; }).code,
              Errc::unsupported);
}

TEST(SettleJson, InputAndResultComeBackBitForBit) {
    SettlementLineInput line = line_a();
    Meter meter = example_a();
    meter.clear("2026-01-03", 1);
    line.meter = meter.history();
    line.curve.id = "sliding_50_100";
    line.curve.points = {{5'000, 1'000}, {10'000, 10'000}};
    const SettlementInput input = input_of({line});
    const std::string text = json::write_canonical(to_json(input)).value();
    const SettlementInput again = settlement_input_from_json(json::parse(text).value()).value();
    EXPECT_EQ(json::write_canonical(to_json(again)).value(), text);

    const std::string result = json::write_canonical(to_json(settle(input).value())).value();
    EXPECT_EQ(json::write_canonical(to_json(settle(again).value())).value(), result);
    const SettlementResult read = settlement_result_from_json(json::parse(result).value()).value();
    EXPECT_EQ(json::write_canonical(to_json(read)).value(), result);
}

TEST(SettleJson, FaultsNameTheMember) {
    json::Value value = to_json(input_of({line_a()}));
    json::Object& line = *value.as_object()->find("lines")->as_array()->at(0).as_object();
    line.find("meter")->as_object()->find("wh")->as_array()->at(3) = "many";
    EXPECT_EQ(settlement_input_from_json(value).error().pointer, "/lines/0/meter/wh/3");
    line.set("event_days", json::Array{"2026-13-01"});
    line.erase("meter");
    EXPECT_EQ(settlement_input_from_json(value).error().pointer, "/lines/0/meter");
}

TEST(Settle, AStatementOfManyLinesStaysExact) {
    std::vector<SettlementLineInput> lines;
    for (int i = 0; i < 40; ++i) {
        SettlementLineInput line = line_a();
        line.der = "D-" + std::to_string(100 + i);
        line.meter.der = line.der;
        lines.push_back(std::move(line));
    }
    const Statement statement = settled(std::move(lines)).statement;
    EXPECT_EQ(statement.total_pence, 40 * 5628);
    EXPECT_EQ(statement.delivered, WattHours{40 * 234'500});
}

}  // namespace
}  // namespace headroom::settlement::test
