#include "beckn/codec_v09.hpp"

#include "unit/beckn/beckn_world.hpp"
#include "unit/beckn/round_trip.hpp"

#include <gtest/gtest.h>

namespace headroom::beckn {
namespace {

using namespace test;

Envelope v09_message(Action action, Body body) {
    return Envelope{
        .version = WireVersion::v09, .context = context_of(action), .message = std::move(body), .error = {}};
}

json::Value written(const Envelope& envelope) {
    return json::parse(*encode(envelope)).value();
}

Order armed_draft() {
    Order order = order_with({6000, 3000}, 1'143'000);
    order.status = OrderStatus::active;
    order.fulfilment = FulfilmentState::armed;
    order.draft = true;
    order.cancellation = "the fault is cleared";
    return order;
}

TEST(CodecV09, CarriesEveryBodyBothWays) {
    SearchIntent intent;
    intent.feeder = "LV-1";
    intent.phase = grid::Phase::l2;
    intent.turn_up = true;
    intent.need_w = {.start = evening, .step = period_length, .values = {12'500, 0, 1}};
    Catalog catalog{.provider = "tesla-vpp",
                    .provider_name = "Tesla Virtual Power Plant",
                    .offers = {battery_offer("OFF-1"), battery_offer("OFF-2")},
                    .expires = wall_noon + hours{1}};
    for (flex::Offer& offer : catalog.offers) {
        offer.valid_until = *catalog.expires;
    }
    for (const Envelope& sent :
         {v09_message(Action::search, intent), v09_message(Action::on_search, catalog),
          v09_message(Action::select, armed_draft()), v09_message(Action::on_confirm, armed_draft()),
          v09_message(Action::on_cancel, armed_draft()),
          v09_message(Action::update, UpdateRequest{armed_draft()}),
          v09_message(Action::status, StatusRequest{"ORD-1"}),
          v09_message(Action::cancel, CancelRequest{"ORD-1", "not needed"})}) {
        EXPECT_EQ(round_trip(sent), sent) << to_string(sent.context.action);
    }
}

TEST(CodecV09, TheContextIsFlatAndItsIdsAreUris) {
    Envelope search = v09_message(Action::status, StatusRequest{"ORD-1"});
    search.context.city.clear();
    const json::Value raw = written(search);
    EXPECT_EQ(raw.text("/context/core_version"), "0.9.3");
    EXPECT_EQ(raw.text("/context/country"), "GBR");
    EXPECT_EQ(raw.text("/context/city"), "*");
    EXPECT_EQ(raw.text("/context/bap_id"), "https://headroom.example");
    EXPECT_EQ(raw.at("/context/version"), nullptr);
    EXPECT_EQ(raw.at("/context/location"), nullptr);
    EXPECT_EQ(round_trip(search), search);
}

TEST(CodecV09, AnIdThatIsNoUriIsReadAsItStands) {
    std::string raw = *encode(v09_message(Action::status, StatusRequest{"ORD-1"}));
    raw.replace(raw.find("https://headroom.example"), 24, "headroom.example");
    const Decoded decoded = decode(raw);
    ASSERT_TRUE(decoded.envelope.has_value()) << decoded.describe_faults();
    EXPECT_EQ(decoded.envelope->context.bap_id, "headroom.example");
}

TEST(CodecV09, TheOrderHasOneFulfilmentAndTagsAreAMap) {
    const json::Value raw = written(v09_message(Action::on_confirm, armed_draft()));
    EXPECT_EQ(raw.text("/message/order/state"), "ACTIVE");
    EXPECT_EQ(raw.text("/message/order/fulfillment/state/descriptor/code"), "armed");
    EXPECT_EQ(raw.text("/message/order/fulfillment/tags/FLEX_CONTRACT.kind"), "availability");
    EXPECT_EQ(raw.text("/message/order/items/0/tags/FLEX_GRID.kw"), "6,3");
    EXPECT_EQ(raw.text("/message/order/items/0/fulfillment_id"), "F1");
    EXPECT_DOUBLE_EQ(raw.number("/message/order/items/0/quantity/measure/value"), 6.0);
    EXPECT_EQ(raw.text("/message/order/quote/breakup/0/title"), "OFF-1");
    EXPECT_EQ(raw.at("/message/order/fulfillments"), nullptr);
}

TEST(CodecV09, TheCatalogsKeysBelongToTheBpp) {
    const Catalog catalog{
        .provider = "tesla-vpp", .provider_name = "T", .offers = {battery_offer()}, .expires = {}};
    const json::Value raw = written(v09_message(Action::on_search, catalog));
    EXPECT_EQ(raw.text("/message/catalog/bpp~1descriptor/name"), "T");
    EXPECT_EQ(raw.text("/message/catalog/bpp~1providers/0/items/0/tags/FLEX_RESOURCE.der_id"), "BAT-1");
}

TEST(CodecV09, AFaultHasThePointerOfItsTag) {
    std::string raw = *encode(v09_message(Action::confirm, armed_draft()));
    raw.replace(raw.find("\"6,3\""), 5, "\"lots\"");
    const Decoded decoded = decode(raw);
    EXPECT_FALSE(decoded.envelope.has_value());
    ASSERT_EQ(decoded.faults.size(), 1U);
    EXPECT_EQ(decoded.faults[0].pointer, "/message/order/items/0/tags/FLEX_GRID.kw");
}

TEST(CodecV09, AnErrorSaysItsType) {
    Envelope on_select = v09_message(Action::on_select, NoMessage{});
    on_select.error = MessageError{"50001", "too late", "/message/order"};
    const json::Value raw = written(on_select);
    EXPECT_EQ(raw.text("/error/type"), "POLICY-ERROR");
    EXPECT_EQ(raw.text("/error/path"), "/message/order");
    EXPECT_EQ(round_trip(on_select), on_select);
}

}  // namespace
}  // namespace headroom::beckn
