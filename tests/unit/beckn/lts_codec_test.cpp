#include "beckn/codec_lts.hpp"
#include "unit/beckn/beckn_samples.hpp"
#include "unit/beckn/lts_messages.hpp"
#include "unit/beckn/round_trip.hpp"

#include <gtest/gtest.h>

namespace headroom::beckn {
namespace {

using namespace test;

Envelope lts_message(Action action, Body body) {
    Envelope envelope{.version = WireVersion::v2_lts,
                      .context = context_of(action),
                      .message = std::move(body),
                      .error = {}};
    envelope.context.network_id = "example.org/flex";
    return envelope;
}

TEST(LtsCodec, CarriesOneOfferWithEveryTermItHas) {
    flex::Offer offer = battery_offer();
    offer.turn_up = true;
    offer.duration_min = minutes{30};
    offer.valid_until = wall_noon;
    offer.reliability_ppm = 1;
    offer.utilisation = MicroPoundsPerMwh{123'456'789};
    Catalog catalog{.provider = "tesla-vpp", .provider_name = "T", .offers = {offer}, .expires = {}};
    const Envelope sent = lts_message(Action::on_search, catalog);
    EXPECT_EQ(round_trip(sent), sent);
}

TEST(LtsCodec, CarriesCatalogsOfSeveralPlatformsAndProviders) {
    Catalog first = offered_evening();
    first.id = "cat-1";
    first.bpp_id = "tesla-vpp.example";
    first.bpp_uri = "https://tesla-vpp.example/beckn";
    first.offers.back().provider = "chargepoint";
    Catalog second{.provider = "honeywell", .provider_name = "H", .offers = {}, .expires = {}};
    const Envelope many = lts_message(Action::on_search, CatalogList{.catalogs = {first, second}});
    EXPECT_EQ(round_trip(many), many);
    EXPECT_EQ(catalogs_of(many.message).size(), 2U);
    const Envelope none = lts_message(Action::on_search, CatalogList{});
    EXPECT_EQ(round_trip(none), none);
}

TEST(LtsCodec, CarriesWindowsForComputing) {
    flex::ComputeWindow window{.id = "w-1",
                               .resource = "w-1-slot",
                               .provider = "gb-compute",
                               .name = "Cambridge, night",
                               .grid_area = "GB",
                               .grid_zone = "cambridge-east",
                               .start = evening,
                               .end = evening + hours{4},
                               .capacity_w = 4'200'000,
                               .renewable_ppm = 853'000,
                               .carbon_g_per_kwh = 120,
                               .price_per_mwh_micro = 102'000'000,
                               .currency = "GBP",
                               .price_stability = "stable",
                               .valid_until = {}};
    Catalog catalog{.provider = "gb-compute", .provider_name = "G", .offers = {}, .expires = {}};
    catalog.windows.push_back(window);
    const Envelope sent = lts_message(Action::on_search, catalog);
    EXPECT_EQ(round_trip(sent), sent);
}

TEST(LtsCodec, TellsRc1FromLtsByTheStyleOfTheKeys) {
    const auto version = [](const char* text) { return detect_version(json::parse(text).value()).value(); };
    EXPECT_EQ(version(R"({"context":{"version":"2.0.0","bap_id":"a"}})"), WireVersion::v2_rc1);
    EXPECT_EQ(version(R"({"context":{"version":"2.0.0","bapId":"a"}})"), WireVersion::v2_lts);
    EXPECT_EQ(version(R"({"context":{"version":"2.0.0","messageId":"a"}})"), WireVersion::v2_lts);
}

TEST(LtsCodec, AsksForWhatIsWantedInTextAndByAFilterOthersUnderstand) {
    const json::Value raw = json::parse(*encode(lts_message(Action::search, wanted_evening()))).value();
    EXPECT_EQ(raw.text("/context/action"), "discover");
    EXPECT_EQ(raw.text("/message/intent/textSearch"),
              "FLEX_REQUEST feeder_id=LV-1 phase=L2 direction=turn_down start=2027-01-14T17:00:00.000Z "
              "step=PT30M kw=6,3");
    EXPECT_EQ(raw.text("/message/intent/filters/type"), "jsonpath");
    EXPECT_NE(raw.text("/message/intent/filters/expression").find("feederId=='LV-1'"), std::string::npos);
}

TEST(LtsCodec, KeepsTheSearchWordsOfOthersAsTheyStand) {
    SearchIntent intent;
    intent.text = "evening flexibility";
    intent.filter = "$.catalogs[*]";
    const Envelope sent = lts_message(Action::search, intent);
    EXPECT_EQ(round_trip(sent), sent);
}

TEST(LtsCodec, ABrokenRequestInTheTextIsNotGuessed) {
    std::string raw = *encode(lts_message(Action::search, wanted_evening()));
    const std::size_t at = raw.find("kw=6,3");
    raw.replace(at, 6, "kw=6,x");
    const Decoded decoded = decode(raw);
    EXPECT_FALSE(decoded.envelope.has_value());
    EXPECT_EQ(decoded.faults.at(0).pointer, "/message/intent/textSearch");
}

TEST(LtsCodec, AContractHasItsIdAndStateWhereTheActionNeedsThem) {
    Order order = order_at(OrderStatus::none, FulfilmentState::none);
    EXPECT_EQ(encode(lts_message(Action::on_confirm, order)).error().pointer,
              "/message/contract/status/code");
    EXPECT_EQ(encode(lts_message(Action::on_cancel, order)).error().pointer, "/message/contract/status/code");
    order.id.clear();
    EXPECT_EQ(encode(lts_message(Action::on_status, order)).error().pointer, "/message/contract/id");

    std::string raw =
        *encode(lts_message(Action::on_confirm, order_at(OrderStatus::active, FulfilmentState::armed)));
    const std::size_t at = raw.find(R"({"code":"ACTIVE"})");
    raw.replace(at, 17, R"({"code":"DRAFT"})");
    const Decoded decoded = decode(raw);
    EXPECT_FALSE(decoded.envelope.has_value());
    EXPECT_EQ(decoded.faults.at(0).pointer, "/message/contract/status/code");
}

TEST(LtsCodec, APreviewOfACancelIsNoCancel) {
    Envelope preview = lts_message(Action::on_cancel, order_at(OrderStatus::active, FulfilmentState::armed));
    preview.context.try_preview = true;
    EXPECT_EQ(round_trip(preview), preview);
}

TEST(LtsCodec, AnOrderWithoutItsPowersIsOfNoUse) {
    std::string raw =
        *encode(lts_message(Action::on_confirm, order_at(OrderStatus::active, FulfilmentState::armed)));
    const std::size_t at = raw.find("commitmentAttributes");
    raw.replace(at, 20, "commitmentAttributez");
    const Decoded decoded = decode(raw);
    EXPECT_FALSE(decoded.envelope.has_value());
    EXPECT_EQ(decoded.faults.at(0).pointer, "/message/contract/commitments/0/commitmentAttributes");
}

TEST(LtsCodec, AnErrorOfACallbackIsToldByName) {
    Envelope failed = lts_message(Action::on_select, NoMessage{});
    failed.error = make_error(ErrorCode::biz_quantity_unavailable, "6 kW are not left", "/message/contract");
    const json::Value raw = json::parse(*encode(failed)).value();
    EXPECT_EQ(raw.text("/error/code"), "BIZ_QUANTITY_UNAVAILABLE");
    EXPECT_EQ(raw.text("/error/message"), "6 kW are not left");
    EXPECT_EQ(raw.text("/error/details/path"), "/message/contract");
    const Envelope back = round_trip(failed);
    EXPECT_EQ(parse_error_code(back.error.value().code), ErrorCode::biz_quantity_unavailable);
    EXPECT_EQ(back.error->paths, "/message/contract");
}

TEST(LtsCodec, ReadsAnErrorWhereverOthersPutIt) {
    Envelope failed = lts_message(Action::on_select, NoMessage{});
    failed.error = MessageError{"BIZ_GENERIC_ERROR", "no", ""};
    std::string raw = *encode(failed);
    const std::size_t at = raw.find(R"("error":{"code")");
    ASSERT_NE(at, std::string::npos);
    for (const std::string& other :
         {std::string(R"("message":{"error":{"errorCode":"BIZ_GENERIC_ERROR","errorMessage":"no"}}})")}) {
        const std::string moved = raw.substr(0, raw.find(R"("message":)")) + other;
        const Decoded decoded = decode(moved);
        ASSERT_TRUE(decoded.envelope.has_value()) << decoded.describe_faults();
        EXPECT_EQ(decoded.envelope->error, failed.error);
    }
}

TEST(LtsCodec, KeepsTheGoodOffersOfACatalogAndNamesTheBad) {
    std::string raw = *encode(lts_message(Action::on_search, offered_evening()));
    const std::size_t at = raw.find(R"("capacityKw":"6")", raw.find("\"OFF-2\""));
    ASSERT_NE(at, std::string::npos);
    raw.replace(at, 16, R"("capacityKw":"x")");
    const Decoded decoded = decode(raw);
    ASSERT_TRUE(decoded.envelope.has_value());
    EXPECT_EQ(std::get<Catalog>(decoded.envelope->message).offers.size(), 1U);
    ASSERT_EQ(decoded.faults.size(), 1U);
    EXPECT_EQ(decoded.faults[0].pointer, "/message/catalogs/0/resources/1/resourceAttributes/capacityKw");
}

TEST(LtsCodec, BoundsCatalogsAndTheirItems) {
    Catalog catalog = offered_evening();
    Catalog other = offered_evening();
    other.provider = "other";
    const std::string raw =
        *encode(lts_message(Action::on_search, CatalogList{.catalogs = {catalog, other}}));
    CodecLimits limits;
    limits.items = 3;
    const Decoded decoded = decode(raw, limits);
    ASSERT_TRUE(decoded.envelope.has_value());
    EXPECT_EQ(catalogs_of(decoded.envelope->message)[1].offers.size(), 1U);
    EXPECT_FALSE(decoded.faults.empty());
    limits = {};
    limits.catalogs = 1;
    EXPECT_EQ(catalogs_of(decode(raw, limits).envelope->message).size(), 1U);
    limits = {};
    limits.depth = 4;
    EXPECT_FALSE(decode(raw, limits).envelope.has_value());
    limits = {};
    limits.bytes = raw.size() - 1;
    EXPECT_FALSE(decode(raw, limits).envelope.has_value());
    std::string twice = raw;
    twice.insert(twice.find("\"version\""), "\"version\":\"2.0.0\",");
    EXPECT_FALSE(decode(twice).envelope.has_value());
}

TEST(LtsCodec, PublishesAndIsToldWhatBecameOfIt) {
    const Envelope published =
        lts_message(Action::catalog_publish, PublishRequest{.catalogs = {offered_evening()}});
    EXPECT_EQ(round_trip(published), published);
    PublishResult result{.catalog_id = "cat-1", .status = PublishStatus::partial, .item_count = 1};
    result.errors.push_back(MessageError{"SCH_REQUIRED_FIELD_MISSING", "resource 2 has no id", ""});
    const Envelope answer = lts_message(Action::on_catalog_publish, PublishAnswer{.results = {result}});
    EXPECT_EQ(round_trip(answer), answer);
    EXPECT_EQ(json::parse(*encode(answer)).value().text("/context/action"), "catalog/on_publish");
}

TEST(LtsCodec, ReadsANeedAsABuyerPublishesIt) {
    const Decoded decoded = decode(file("need_published.json"));
    EXPECT_TRUE(decoded.faults.empty()) << decoded.describe_faults();
    ASSERT_TRUE(decoded.envelope.has_value());
    const auto& catalogs = std::get<PublishRequest>(decoded.envelope->message).catalogs;
    ASSERT_EQ(catalogs.at(0).needs.size(), 1U);
    const NeedLine& need = catalogs[0].needs[0];
    EXPECT_EQ(need.need.value().requested_w.values, (std::vector<std::int64_t>{200'000, 200'000}));
    EXPECT_EQ(need.buyer, "utility-north");
    EXPECT_EQ(need.seller, "");
    EXPECT_EQ(need.currency, "INR");
    EXPECT_EQ(need.shortfall_per_mwh, 500'000'000);
    EXPECT_EQ(need.policy.value().query_path, "data.deg.contracts.demand_flex_pac");
    EXPECT_EQ(need.baseline_best_of, 5);
    EXPECT_EQ(need.buyer_extras.find("clearingMethod")->as_string()->substr(0, 3), "PAY");
    EXPECT_EQ(round_trip(*decoded.envelope), *decoded.envelope);
}

TEST(LtsCodec, ReadsANeedOfTheFormBeforeTheTimeSeries) {
    const Decoded decoded = decode(file("need_of_one_window.json"));
    EXPECT_TRUE(decoded.faults.empty()) << decoded.describe_faults();
    const NeedLine& need = catalogs_of(decoded.envelope.value().message)[0].needs.at(0);
    EXPECT_EQ(need.need.value().requested_w.values, std::vector<std::int64_t>{500'000});
    EXPECT_EQ(need.need->requested_w.step, hours{2});
    EXPECT_EQ(need.need->price_per_mwh.value().values, std::vector<std::int64_t>{3'500'000'000});
    EXPECT_EQ(need.shortfall_per_mwh, 1'500'000'000);
}

TEST(LtsCodec, ReadsEvidenceOfTheFormBeforeTheTimeSeries) {
    const Decoded decoded = decode(file("evidence_of_one_window.json"));
    EXPECT_TRUE(decoded.faults.empty()) << decoded.describe_faults();
    ASSERT_TRUE(decoded.envelope.has_value());
    EXPECT_NE(decoded.envelope->context.extras.find("_comment"), nullptr);
    const Order& order = std::get<Order>(decoded.envelope->message);
    EXPECT_EQ(order.id, "contract-1");  // of others: no UUID, and echoed as it is
    ASSERT_EQ(order.performance.at(0).meters.size(), 2U);
    const flex::MeterSeries& meter = order.performance[0].meters[1];
    EXPECT_EQ(meter.baseline_w.value().values, std::vector<std::int64_t>{38'250});
    EXPECT_EQ(meter.usage_w.value().step, hours{2});
    ASSERT_EQ(order.participants.size(), 4U);  // two by id, two roles that nobody is bound to
    EXPECT_EQ(order.participants[3].role, PartyRole::seller);
    EXPECT_EQ(round_trip(*decoded.envelope), *decoded.envelope);
}

TEST(LtsCodec, ContractsOfDemandFlexibilityReadAndWriteAlike) {
    for (const char* name :
         {"fixed_price_settled.json", "fixed_price_baselines.json", "pay_as_clear_settled.json"}) {
        const Decoded decoded = decode(file(name));
        EXPECT_TRUE(decoded.faults.empty()) << name << decoded.describe_faults();
        ASSERT_TRUE(decoded.envelope.has_value()) << name;
        EXPECT_EQ(round_trip(*decoded.envelope), *decoded.envelope) << name;
    }
    const Decoded decoded = decode(file("pay_as_clear_settled.json"));
    const Order& order = std::get<Order>(decoded.envelope.value().message);
    const NeedLine& line = order.needs.at(0);
    EXPECT_EQ(line.bid.value().curve.at(1).at(2), (flex::BidStep{45'000, 3'500'000'000}));
    EXPECT_EQ(line.bid->cleared_w.value().values, (std::vector<std::int64_t>{50'000, 45'000}));
    EXPECT_EQ(order.flows.at(0).value_micro, 332'500'000);
    ASSERT_EQ(order.participants.size(), 2U);
    EXPECT_EQ(order.participants[0].role, PartyRole::buyer);
    EXPECT_EQ(order.participants[1].role, PartyRole::seller);
    EXPECT_EQ(order.performance.at(0).meters.at(0).baseline_w.value().values,
              (std::vector<std::int64_t>{55'000, 50'000}));
}

/// Every value below `node`, replaced in turn by another; `check` sees the whole message each time.
template <class Check>
void spoil_each(json::Value& node, const Check& check) {
    if (json::Object* object = node.as_object()) {
        const json::Object before = *object;
        for (const auto& [key, value] : before.members()) {
            spoil_each(*object->find(key), check);
        }
    }
    if (json::Array* array = node.as_array()) {
        for (json::Value& element : *array) {
            spoil_each(element, check);
        }
    }
    const json::Value kept = node;
    for (const char* other : {"null", "7", "\"x\"", "\"a\\u0001\\u00e9\"", "[]", "{}", "-0.5"}) {
        node = json::parse(other).value();
        check();
    }
    node = std::string(700, 'n');
    check();
    node = kept;
}

TEST(LtsCodec, WhatIsReadOfASpoiltContractCanBeWrittenAndReadsTheSame) {
    for (const char* name : {"need_published.json", "need_of_one_window.json", "evidence_of_one_window.json",
                             "pay_as_clear_settled.json"}) {
        json::Value message = json::parse(file(name)).value();
        spoil_each(message, [&message] {
            const std::string raw = json::write(message);
            const Decoded decoded = decode(raw);
            if (!decoded.envelope) {
                EXPECT_FALSE(decoded.faults.empty()) << raw;
                return;
            }
            if (decoded.envelope->version != WireVersion::v2_lts) {
                return;
            }
            const Result<std::string> written = encode(*decoded.envelope);
            ASSERT_TRUE(written.has_value()) << written.error().message << "\n" << raw;
            const Decoded again = decode(*written);
            ASSERT_TRUE(again.envelope.has_value()) << again.describe_faults() << "\n" << *written;
            EXPECT_EQ(*encode(*again.envelope), *written) << raw;
        });
    }
}

TEST(LtsCodec, AMissingSlotIsAFaultAtItsPlace) {
    json::Value raw = json::parse(file("fixed_price_settled.json")).value();
    std::string text = json::write(raw);
    const std::size_t at = text.find(R"("id":1,"payloads")");
    ASSERT_NE(at, std::string::npos);
    text.replace(at, 6, R"("id":0)");
    const Decoded decoded = decode(text);
    EXPECT_FALSE(decoded.envelope.has_value());
    EXPECT_EQ(decoded.faults.at(0).pointer,
              "/message/contract/commitments/0/resources/0/resourceAttributes/intervals/1/id");
}

TEST(LtsCodec, PowersInMegawattsAreTheSamePowers) {
    std::string text = json::write(json::parse(file("fixed_price_settled.json")).value());
    const std::string old = R"("payloadType":"CAPACITY_OFFERED","units":"KW")";
    text.replace(text.find(old), old.size(), R"("payloadType":"CAPACITY_OFFERED","units":"MW")");
    for (const auto& [from, to] : {std::pair(R"({"type":"CAPACITY_OFFERED","values":[150]})",
                                             R"({"type":"CAPACITY_OFFERED","values":[0.15]})"),
                                   std::pair(R"({"type":"CAPACITY_OFFERED","values":[120]})",
                                             R"({"type":"CAPACITY_OFFERED","values":[0.12]})")}) {
        const std::size_t at = text.find(from);
        ASSERT_NE(at, std::string::npos);
        text.replace(at, std::string(from).size(), to);
    }
    const Decoded decoded = decode(text);
    ASSERT_TRUE(decoded.envelope.has_value()) << decoded.describe_faults();
    const auto& curve = std::get<Order>(decoded.envelope->message).needs.at(0).bid.value().curve;
    EXPECT_EQ(curve.at(0).at(0).power_w, 150'000);
    EXPECT_EQ(curve.at(1).at(0).power_w, 120'000);
}

}  // namespace
}  // namespace headroom::beckn
