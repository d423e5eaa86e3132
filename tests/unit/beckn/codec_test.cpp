#include "beckn/codec.hpp"

#include "beckn/codec_v11.hpp"
#include "unit/beckn/beckn_world.hpp"
#include "unit/beckn/round_trip.hpp"

#include <gtest/gtest.h>

namespace headroom::beckn {
namespace {

using namespace test;

json::Value parsed(const std::string& text) {
    return json::parse(text).value();
}

Envelope v11_message(Action action, Body body) {
    return Envelope{
        .version = WireVersion::v11, .context = context_of(action), .message = std::move(body), .error = {}};
}

TEST(Codec, CarriesASearchIntentBothWays) {
    SearchIntent intent;
    intent.feeder = "LV-1";
    intent.phase = grid::Phase::l2;
    intent.need_w = {.start = evening, .step = period_length, .values = {12'500, 0, 1}};
    const Envelope search = v11_message(Action::search, intent);
    EXPECT_EQ(round_trip(search), search);

    const json::Value raw = parsed(*encode(search));
    const json::Array* tags = raw.at("/message/intent/tags/0/list")->as_array();
    ASSERT_NE(tags, nullptr);
    EXPECT_EQ(raw.text("/message/intent/tags/0/descriptor/code"), "FLEX_REQUEST");
    bool has_power = false;
    for (const json::Value& tag : *tags) {
        has_power =
            has_power || (tag.text("/descriptor/code") == "kw" && tag.text("/value") == "12.5,0,0.001");
    }
    EXPECT_TRUE(has_power);
}

TEST(Codec, CarriesACatalogBothWays) {
    Catalog catalog{
        .provider = "tesla-vpp", .provider_name = "Tesla Virtual Power Plant", .offers = {}, .expires = {}};
    catalog.offers.push_back(battery_offer("OFF-1"));
    catalog.offers.push_back(battery_offer("OFF-2"));
    catalog.offers.back().turn_up = true;
    catalog.offers.back().phase = grid::Phase::sum;
    const Envelope on_search = v11_message(Action::on_search, catalog);
    EXPECT_EQ(round_trip(on_search), on_search);
}

TEST(Codec, ACatalogsExpiryBecomesTheOffersValidity) {
    Catalog catalog{
        .provider = "tesla-vpp", .provider_name = "T", .offers = {battery_offer()}, .expires = wall_noon};
    const Envelope back = round_trip(v11_message(Action::on_search, catalog));
    EXPECT_EQ(std::get<Catalog>(back.message).offers.at(0).valid_until, wall_noon);
}

TEST(Codec, CarriesOrdersBothWays) {
    Order order = order_with({6000, 3000}, 1'143'000);
    order.status = OrderStatus::active;
    order.fulfilment = FulfilmentState::armed;
    for (const Action action :
         {Action::select, Action::on_select, Action::init, Action::on_init, Action::confirm,
          Action::on_confirm, Action::on_status, Action::on_update, Action::on_cancel}) {
        const Envelope sent = v11_message(action, order);
        EXPECT_EQ(round_trip(sent), sent) << to_string(action);
    }
    const Envelope update = v11_message(Action::update, UpdateRequest{order});
    EXPECT_EQ(round_trip(update), update);
    order.cancellation = "the fault is cleared";
    const Envelope on_cancel = v11_message(Action::on_cancel, order);
    EXPECT_EQ(round_trip(on_cancel), on_cancel);
}

TEST(Codec, CarriesStatusAndCancelBothWays) {
    const Envelope status = v11_message(Action::status, StatusRequest{"ORD-0a1b2c3d"});
    EXPECT_EQ(round_trip(status), status);
    const Envelope cancel = v11_message(Action::cancel, CancelRequest{"ORD-0a1b2c3d", "not needed"});
    EXPECT_EQ(round_trip(cancel), cancel);
}

TEST(Codec, NumbersOnTheWireAreStrings) {
    const json::Value raw =
        parsed(*encode(v11_message(Action::on_select, order_with({6000, 3000}, 1'143'000))));
    EXPECT_EQ(raw.text("/message/order/quote/price/value"), "1.143");
    EXPECT_EQ(raw.text("/message/order/quote/price/currency"), "GBP");
    EXPECT_EQ(raw.text("/message/order/items/0/quantity/selected/measure/value"), "6");
    EXPECT_EQ(raw.text("/context/version"), "1.1.0");
    EXPECT_EQ(raw.text("/context/ttl"), "PT30S");
}

TEST(Codec, TheSameEnvelopeGivesTheSameBytes) {
    const Envelope sent = v11_message(Action::confirm, order_with({6000, 3000}, 1'143'000));
    EXPECT_EQ(*encode(sent), *encode(sent));
}

TEST(Codec, KeepsTheGoodItemsOfACatalogAndNamesTheBad) {
    Catalog catalog{.provider = "tesla-vpp", .provider_name = "T", .offers = {}, .expires = {}};
    catalog.offers = {battery_offer("OFF-1"), battery_offer("OFF-2"), battery_offer("OFF-3")};
    json::Value raw = v11::write(v11_message(Action::on_search, catalog));
    std::string text = json::write(raw);
    // The second item's capacity is no number.
    const std::size_t second = text.find("\"OFF-2\"");
    const std::size_t capacity = text.find("capacity_kw", second);
    const std::size_t value = text.find("\"6\"", capacity);
    text.replace(value, 3, "\"lots\"");

    const Decoded decoded = decode(text);
    ASSERT_TRUE(decoded.envelope.has_value());
    const auto& offers = std::get<Catalog>(decoded.envelope->message).offers;
    ASSERT_EQ(offers.size(), 2U);
    EXPECT_EQ(offers[0].id, "OFF-1");
    EXPECT_EQ(offers[1].id, "OFF-3");
    ASSERT_EQ(decoded.faults.size(), 1U);
    EXPECT_EQ(decoded.faults[0].pointer, "/message/catalog/providers/0/items/1/tags/0/list/5/value");
}

TEST(Codec, KeepsTheItemsOfSeveralProvidersApart) {
    Catalog catalog{
        .provider = "a", .provider_name = "A", .offers = {battery_offer(), battery_offer()}, .expires = {}};
    catalog.offers[0].provider = "a";
    catalog.offers[1].provider = "b";
    const Envelope on_search = v11_message(Action::on_search, catalog);
    EXPECT_EQ(round_trip(on_search), on_search);
}

TEST(Codec, AnOrderNeedNotNameItsFeeder) {
    Order order = order_with({6000}, 750'000);
    order.lines[0].feeder.clear();
    const Envelope confirm = v11_message(Action::confirm, order);
    EXPECT_EQ(round_trip(confirm), confirm);
}

TEST(Codec, LeavesOutItemsBeyondTheBoundAndSaysSo) {
    Catalog catalog{.provider = "p", .provider_name = "P", .offers = {}, .expires = {}};
    for (int i = 0; i < 5; ++i) {
        catalog.offers.push_back(battery_offer("OFF-" + std::to_string(i)));
    }
    CodecLimits limits;
    limits.items = 3;
    const Decoded decoded = decode(*encode(v11_message(Action::on_search, catalog)), limits);
    ASSERT_TRUE(decoded.envelope.has_value());
    EXPECT_EQ(std::get<Catalog>(decoded.envelope->message).offers.size(), 3U);
    EXPECT_EQ(decoded.faults.size(), 1U);
}

TEST(Codec, AnItemIdThatStandsTwiceCountsOnce) {
    Catalog catalog{
        .provider = "p", .provider_name = "P", .offers = {battery_offer(), battery_offer()}, .expires = {}};
    catalog.offers[1].power = Watts{1};
    const Decoded decoded = decode(*encode(v11_message(Action::on_search, catalog)));
    ASSERT_TRUE(decoded.envelope.has_value());
    const auto& offers = std::get<Catalog>(decoded.envelope->message).offers;
    ASSERT_EQ(offers.size(), 1U);
    EXPECT_EQ(offers[0].power, Watts{6000});
    EXPECT_EQ(decoded.faults.size(), 1U);
}

TEST(Codec, AnOrderWithAFaultIsOfNoUse) {
    std::string text = *encode(v11_message(Action::on_confirm, order_with({6000, 3000}, 1'143'000)));
    const std::size_t at = text.find("\"6,3\"");
    ASSERT_NE(at, std::string::npos);
    text.replace(at, 5, "\"6,-3\"");
    const Decoded decoded = decode(text);
    EXPECT_FALSE(decoded.envelope.has_value());
    ASSERT_FALSE(decoded.faults.empty());
    EXPECT_NE(decoded.faults[0].detail.find("entry 1"), std::string::npos);
}

TEST(Codec, OtherCurrenciesAreRefused) {
    std::string text = *encode(v11_message(Action::on_select, order_with({6000}, 1'000'000)));
    const std::size_t at = text.find("GBP");
    text.replace(at, 3, "INR");
    const Decoded decoded = decode(text);
    EXPECT_FALSE(decoded.envelope.has_value());
    EXPECT_EQ(decoded.faults.at(0).pointer, "/message/order/quote/price/currency");
}

TEST(Codec, ReadsAnErrorInACallbackWithoutAMessage) {
    Envelope failed = v11_message(Action::on_select, NoMessage{});
    failed.error = make_error(ErrorCode::biz_quantity_unavailable, "6 kW are not left");
    const Envelope back = round_trip(failed);
    ASSERT_TRUE(back.error.has_value());
    EXPECT_EQ(back.error->code, "40002");
    EXPECT_EQ(back.error->message, "BIZ_QUANTITY_UNAVAILABLE: 6 kW are not left");
}

TEST(Codec, SaysWhatIsWrongWithGarbage) {
    for (const char* text : {"", "garbage", "[]", "{}", "{\"context\":7}", "{\"context\":{}}",
                             R"({"context":{"version":"1.1.0","action":"on_search"},"message":{}})",
                             R"({"context":{"version":"3.0"}})"}) {
        const Decoded decoded = decode(text);
        EXPECT_FALSE(decoded.envelope.has_value()) << text;
        EXPECT_FALSE(decoded.faults.empty()) << text;
    }
}

TEST(Codec, RefusesDuplicateKeysAndTooManyBytes) {
    std::string text = *encode(v11_message(Action::status, StatusRequest{"ORD-1"}));
    std::string twice = text;
    twice.insert(1, "\"context\":{},");
    EXPECT_FALSE(decode(twice).envelope.has_value());
    CodecLimits limits;
    limits.bytes = 64;
    EXPECT_FALSE(decode(text, limits).envelope.has_value());
}

TEST(Codec, TellsTheDialectsApart) {
    const auto version_of = [](const char* text) { return detect_version(parsed(text)).value(); };
    EXPECT_EQ(version_of(R"({"context":{"core_version":"0.9.3"}})"), WireVersion::v09);
    EXPECT_EQ(version_of(R"({"context":{"version":"1.1.0","bap_id":"a"}})"), WireVersion::v11);
    EXPECT_EQ(version_of(R"({"context":{"version":"2.0.0","bap_id":"a"}})"), WireVersion::v2_rc1);
    EXPECT_EQ(version_of(R"({"context":{"version":"2.0.0","bapId":"a"}})"), WireVersion::v2_lts);
    Envelope publish = v11_message(Action::catalog_publish, PublishRequest{});
    ASSERT_FALSE(encode(publish).has_value());
    EXPECT_EQ(encode(publish).error().code, Errc::unsupported);
}

}  // namespace
}  // namespace headroom::beckn
