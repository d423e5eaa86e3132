#include "beckn/evidence_pages.hpp"
#include "beckn/settle_file.hpp"
#include "core/digest.hpp"
#include "unit/beckn/beckn_samples.hpp"
#include "unit/beckn/lts_messages.hpp"

#include <gtest/gtest.h>

namespace headroom::beckn {
namespace {

using namespace test;

Order order_in(const char* name) {
    const Decoded decoded = decode(file(name));
    EXPECT_TRUE(decoded.envelope.has_value()) << decoded.describe_faults();
    return decoded.envelope ? std::get<Order>(decoded.envelope->message) : Order{};
}

std::int64_t seller_micro(const Result<PolicySettlement>& settlement) {
    EXPECT_TRUE(settlement.has_value()) << (settlement ? "" : settlement.error().message);
    if (!settlement) {
        return 0;
    }
    std::int64_t sum = 0;
    std::int64_t seller = 0;
    for (const flex::RevenueFlow& flow : settlement->flows) {
        sum += flow.value_micro;
        seller = flow.role == "seller" ? flow.value_micro : seller;
    }
    EXPECT_EQ(sum, 0);
    return seller;
}

// Slot 0: 140 of 150 kW: 140·½·3.50 − 10·½·1.50 = 237.50. Slot 1: 105 of 120 kW: 105·½·4 − 15·½·1.50 =
// 198.75.
TEST(PolicySettle, FixedPriceWithAShortfall) {
    const Result<PolicySettlement> settlement = settle_by_policy(order_in("fixed_price_settled.json"));
    EXPECT_EQ(seller_micro(settlement), 436'250'000);
    EXPECT_EQ(settlement->rule, SettlementRule::fixed_price);
    EXPECT_EQ(settlement->currency, "INR");
    ASSERT_EQ(settlement->slots.size(), 2U);
    EXPECT_EQ(settlement->slots[0].paid_micro, 245'000'000);
    EXPECT_EQ(settlement->slots[0].penalty_micro, 7'500'000);
    EXPECT_EQ(settlement->slots[1].delivered_w, 105'000);
}

// (50 + 45) kWh at 3.50.
TEST(PolicySettle, PayAsClear) {
    const Result<PolicySettlement> settlement = settle_by_policy(order_in("pay_as_clear_settled.json"));
    EXPECT_EQ(seller_micro(settlement), 332'500'000);
    EXPECT_EQ(settlement->rule, SettlementRule::pay_as_clear);
    EXPECT_TRUE(settlement->remarks.empty());
}

TEST(PolicySettle, PayAsClearPaysNoMoreThanWasClearedAndChargesWhatIsShort) {
    Order order = order_in("pay_as_clear_settled.json");
    order.performance[0].meters[0].usage_w->values = {0, 50'000};  // 55 kW more than nothing, then none
    // Slot 0: 80 kW delivered, 50 paid: 175. Slot 1: 22.5 of 45 kW: 78.75 − 22.5·0.5 = 67.50.
    EXPECT_EQ(seller_micro(settle_by_policy(order)), 242'500'000);
}

TEST(PolicySettle, SaysWhenTheMarketClearedBelowTheAsk) {
    Order order = order_in("pay_as_clear_settled.json");
    order.needs[0].bid->clearing_per_mwh->values = {1'000'000'000, 3'500'000'000};
    order.needs[0].bid->cleared_w->values = {50'000, 100'000};
    const Result<PolicySettlement> settlement = settle_by_policy(order);
    ASSERT_TRUE(settlement.has_value());
    EXPECT_EQ(settlement->remarks,
              (std::vector<std::string>{"slot 0: cleared below the seller's ask",
                                        "slot 1: no step of the curve covers what was cleared"}));
}

TEST(PolicySettle, MoreConsumptionThanTheBaselineGivesNothing) {
    Order order = order_in("fixed_price_settled.json");
    order.performance[0].meters[0].usage_w->values = {500'000, 50'000};
    // Slot 0: only the second meter's 70 of 150 kW: 70·½·3.5 − 80·½·1.5 = 62.50.
    EXPECT_EQ(seller_micro(settle_by_policy(order)), 62'500'000 + 198'750'000);
}

TEST(PolicySettle, RoundsOnceAndAwayFromZero) {
    Order order = order_in("fixed_price_settled.json");
    for (auto& meter : order.performance[0].meters) {
        meter.baseline_w->values = {1, 1};
        meter.usage_w->values = {0, 0};
    }
    order.performance[0].meters.resize(1);
    order.needs[0].bid->curve = {{{1, 0}}, {{1, 0}}};
    // 1 W · ½ h · 1 µ/MWh in each slot: 10^-6 of a micro-unit in all. At 500000 µ/MWh the sum is half a unit.
    order.needs[0].need->price_per_mwh->values = {1, 1};
    EXPECT_EQ(seller_micro(settle_by_policy(order)), 0);
    order.needs[0].need->price_per_mwh->values = {500'000, 500'000};
    EXPECT_EQ(seller_micro(settle_by_policy(order)), 1);
    order.needs[0].need->price_per_mwh->values = {-500'000, -500'000};
    EXPECT_EQ(seller_micro(settle_by_policy(order)), -1);
}

TEST(PolicySettle, PassesOverEvidenceOfBaselinesAlone) {
    Order order = order_in("fixed_price_settled.json");
    order.performance.insert(order.performance.begin(),
                             order_in("fixed_price_baselines.json").performance.at(0));
    EXPECT_EQ(seller_micro(settle_by_policy(order)), 436'250'000);
}

TEST(PolicySettle, RefusesWhatIsNotWholeYet) {
    EXPECT_FALSE(settle_by_policy(order_in("fixed_price_baselines.json")).has_value());
    Order order = order_in("fixed_price_settled.json");
    order.performance[0].methodology = "RESOURCE_TELEMETRY";
    EXPECT_EQ(settle_by_policy(order).error().pointer, "/message/contract/performance");
    order = order_in("fixed_price_settled.json");
    order.performance[0].page = flex::PageInfo{.sequence = 0, .is_last = false};
    EXPECT_EQ(settle_by_policy(order).error().pointer, "/message/contract/performance/0");
    order.performance[0].page = flex::PageInfo{.sequence = 1, .is_last = true};  // the last is not the whole
    EXPECT_FALSE(settle_by_policy(order).has_value());
    order = order_in("fixed_price_settled.json");
    order.performance[0].meters[1].usage_w->start += minutes{30};
    EXPECT_FALSE(settle_by_policy(order).has_value());
    order = order_in("fixed_price_settled.json");
    order.needs[0].bid.reset();
    EXPECT_EQ(settle_by_policy(order).error().pointer,
              "/message/contract/commitments/0/commitmentAttributes");
}

TEST(SettleFile, ReadsAMessageAContractAndACaptureInPages) {
    EXPECT_EQ(seller_micro(settle_text(file("fixed_price_settled.json"))), 436'250'000);
    const json::Value message = json::parse(file("fixed_price_settled.json")).value();
    EXPECT_EQ(seller_micro(settle_text(json::write(*message.at("/message/contract")))), 436'250'000);
    EXPECT_EQ(seller_micro(settle_text(file("pages.jsonl"))), 436'250'000);
    const std::string first_page = file("pages.jsonl").substr(0, file("pages.jsonl").find('\n') + 1);
    EXPECT_FALSE(settle_text(first_page).has_value());
    EXPECT_FALSE(settle_text("").has_value());
    EXPECT_FALSE(settle_text("{}").has_value());
    EXPECT_FALSE(settle_text("[]").has_value());
}

TEST(SettleFile, MoneyIsWrittenAsDecimalStringsThatCancelOut) {
    const Result<PolicySettlement> settlement = settle_text(file("pay_as_clear_settled.json"));
    ASSERT_TRUE(settlement.has_value());
    EXPECT_EQ(
        json::write(*to_json(*settlement).get("flows")),
        R"([{"role":"buyer","value":"-332.5","currency":"INR"},{"role":"seller","value":"332.5","currency":"INR"}])");
}

flex::Performance page(std::int64_t sequence, bool is_last, const std::string& meter) {
    flex::Performance performance{.id = "e-1",
                                  .state = {},
                                  .event = {},
                                  .methodology = "5of10",
                                  .commitments = {},
                                  .meters = {},
                                  .page = flex::PageInfo{.sequence = sequence, .is_last = is_last},
                                  .meters_ref = {}};
    performance.meters.push_back({.meter = meter, .baseline_w = {}, .usage_w = {}});
    return performance;
}

TEST(EvidencePages, AreWholeInWhateverOrderTheyCome) {
    EvidencePages pages;
    EXPECT_FALSE(pages.add("t", page(2, true, "c"))->has_value());
    EXPECT_FALSE(pages.add("t", page(0, false, "a"))->has_value());
    EXPECT_FALSE(pages.add("t", page(0, false, "a"))->has_value());      // comes again
    EXPECT_FALSE(pages.add("other", page(1, false, "b"))->has_value());  // of another transaction
    const auto whole = pages.add("t", page(1, false, "b"));
    ASSERT_TRUE(whole.has_value() && whole->has_value());
    EXPECT_FALSE((*whole)->page.has_value());
    ASSERT_EQ((*whole)->meters.size(), 3U);
    EXPECT_EQ((*whole)->meters[0].meter, "a");
    EXPECT_EQ((*whole)->meters[2].meter, "c");
}

TEST(EvidencePages, RefuseWhatContradicts) {
    EvidencePages pages({.performances = 1, .pages = 2, .meters = 10});
    ASSERT_TRUE(pages.add("t", page(1, true, "b")).has_value());
    EXPECT_EQ(pages.add("t", page(1, true, "x")).error().code, Errc::conflict);
    EXPECT_EQ(pages.add("t", page(2, false, "c")).error().code, Errc::conflict);
    EXPECT_EQ(pages.add("t", page(0, true, "c")).error().code, Errc::conflict);
    EXPECT_EQ(pages.add("u", page(0, false, "c")).error().code, Errc::invalid);  // more than are kept
}

TEST(MetersBundle, IsBelievedByItsHashAndCountOnly) {
    const json::Value message = json::parse(file("fixed_price_settled.json")).value();
    const std::string raw =
        json::write(*message.at("/message/contract/performance/0/performanceAttributes/meters"));
    flex::MetersRef ref{.uri = "https://utility.example.org/m", .sha256 = sha256_hex(raw), .count = 2};
    const auto meters = read_meters_bundle(raw, ref);
    ASSERT_TRUE(meters.has_value()) << meters.error().message;
    EXPECT_EQ(*meters, order_in("fixed_price_settled.json").performance.at(0).meters);
    ref.count = 3;
    EXPECT_EQ(read_meters_bundle(raw, ref).error().code, Errc::corrupt);
    ref.count = 2;
    ref.sha256[0] = ref.sha256[0] == '0' ? '1' : '0';
    EXPECT_EQ(read_meters_bundle(raw, ref).error().code, Errc::corrupt);
    // The canonical form of {"b":…,"a":…} has its keys sorted.
    const std::string canonical = R"([{"meterId":"m","telemetry":null}])";
    const flex::MetersRef sorted_ref{.uri = "u", .sha256 = sha256_hex(canonical), .count = 1};
    EXPECT_NE(read_meters_bundle(R"([ {"telemetry":null, "meterId":"m"} ])", sorted_ref).error().code,
              Errc::corrupt);
}

}  // namespace
}  // namespace headroom::beckn
