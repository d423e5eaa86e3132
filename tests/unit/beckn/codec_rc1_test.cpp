#include "beckn/codec_rc1.hpp"

#include "unit/beckn/beckn_samples.hpp"

#include <gtest/gtest.h>

namespace headroom::beckn {
namespace {

using namespace test;

/// A message as the guides of 2025 write it, with their liberties: ids that are no UUIDs, no bpp in a
/// discover.
std::string message_of(std::string_view action, std::string_view message) {
    std::string text = R"({"context":{"version":"2.0.0","action":")";
    text += action;
    text +=
        R"(","domain":"beckn.one:DEG:demand-flexibility:1.0","timestamp":"2026-11-20T17:30:00+05:30",)"
        R"("message_id":"msg-1","transaction_id":"txn-1","bap_id":"dso.example","bap_uri":"https://dso.example",)"
        R"("bpp_id":"agg.example","bpp_uri":"https://agg.example","ttl":"PT30S"},"message":)";
    text += message;
    text += "}";
    return text;
}

template <class BodyKind>
BodyKind body_kind(const Decoded& decoded) {
    EXPECT_TRUE(decoded.envelope.has_value()) << decoded.describe_faults();
    if (!decoded.envelope || !std::holds_alternative<BodyKind>(decoded.envelope->message)) {
        ADD_FAILURE() << "is another body";
        return BodyKind{};
    }
    return std::get<BodyKind>(decoded.envelope->message);
}

/// What was read is written validly and reads as the same again.
void expect_stable(const Decoded& decoded) {
    ASSERT_TRUE(decoded.envelope.has_value());
    const Result<std::string> written = encode(*decoded.envelope);
    ASSERT_TRUE(written.has_value());
    const Decoded again = decode(*written);
    ASSERT_TRUE(again.envelope.has_value()) << again.describe_faults() << "\n" << *written;
    EXPECT_EQ(*again.envelope, *decoded.envelope) << *written;
}

constexpr std::string_view event_fulfillment =
    R"("beckn:fulfillment":{"@type":"beckn:Fulfillment","beckn:id":"ful-1",
  "beckn:mode":"DEMAND_RESPONSE","beckn:status":"CONFIRMED","beckn:deliveryAttributes":{
  "@type":"beckn:DemandFlexibilityEvent","beckn:eventId":"ev-1","beckn:eventStatus":"active",
  "beckn:eventStartTime":"2026-11-20T23:30:00+05:30","beckn:eventEndTime":"2026-11-20T20:00:00Z",
  "beckn:totalCommittedReduction":2.15,"beckn:totalCommittedReductionUnit":"MW"}})";

std::string order_of(std::string_view items) {
    std::string text =
        R"({"order":{"@type":"beckn:Order","beckn:id":"order-1","beckn:orderStatus":"CONFIRMED",
      "beckn:seller":"provider-1","beckn:buyer":"dso-buyer","beckn:orderItems":[)";
    text += items;
    text += "],";
    text += event_fulfillment;
    text += "}}";
    return text;
}

TEST(CodecRc1, APublishedActivationIsAGridOfOneSlot) {
    const Decoded decoded = decode(message_of("confirm", order_of(R"({"@type":"beckn:OrderItem",
      "beckn:lineId":"l1","beckn:orderedItem":"consumer-resource-1","beckn:orderItemAttributes":{
      "@type":"beckn:DemandFlexibilityActivation","beckn:consumerId":"consumer-1",
      "beckn:requestedReduction":0.8,"beckn:requestedReductionUnit":"MW",
      "beckn:activationTime":"2026-11-20T23:30:00+05:30","beckn:duration":"PT2H",
      "beckn:eventDetails":{"gridFrequency":49.85}}})")));
    const Order order = body_kind<Order>(decoded);
    EXPECT_TRUE(decoded.faults.empty()) << decoded.describe_faults();
    ASSERT_EQ(order.lines.size(), 1U);
    EXPECT_EQ(order.lines[0].item, "consumer-resource-1");
    EXPECT_EQ(order.lines[0].power_w,
              (flex::IntervalGrid{.start = wall_noon + hours{6}, .step = hours{2}, .values = {800'000}}));
    EXPECT_EQ(order.provider, "provider-1");
    ASSERT_EQ(order.participants.size(), 1U);
    EXPECT_EQ(order.participants[0].id, "dso-buyer");
    expect_stable(decoded);
}

TEST(CodecRc1, APartialCommitmentCountsAndADeclinedOneIsNothing) {
    const Decoded decoded = decode(message_of("on_confirm", order_of(R"(
      {"beckn:orderedItem":"r-1","beckn:orderItemAttributes":{"@type":"beckn:DemandFlexibilityParticipation",
       "beckn:committedReduction":750,"beckn:committedReductionUnit":"kW","beckn:participationStatus":"confirmed"}},
      {"beckn:orderedItem":"r-2","beckn:orderItemAttributes":{"@type":"beckn:DemandFlexibilityParticipation",
       "beckn:participationStatus":"declined"}})")));
    const Order order = body_kind<Order>(decoded);
    EXPECT_EQ(order.status, OrderStatus::active);
    ASSERT_EQ(order.lines.size(), 2U);
    EXPECT_EQ(order.lines[0].power_w.values, (std::vector<std::int64_t>{750'000}));
    EXPECT_EQ(order.lines[0].power_w.step, hours{2});
    EXPECT_EQ(order.lines[1].power_w.values, (std::vector<std::int64_t>{0}));
    expect_stable(decoded);
}

TEST(CodecRc1, MeterReadingsBecomeEvidence) {
    const Decoded decoded = decode(message_of("on_status", order_of(R"(
      {"beckn:orderedItem":"r-1","beckn:orderItemAttributes":{"@type":"beckn:DemandFlexibilityPerformance",
       "beckn:consumerId":"consumer-1","beckn:committedReduction":750,"beckn:committedReductionUnit":"kW",
       "beckn:baselineLoad":1.2,"beckn:baselineLoadUnit":"MW","beckn:meteringData":{"intervalUnit":"kW",
       "intervalData":[{"timestamp":"2026-11-20T18:00:00Z","load":1180},
                       {"timestamp":"2026-11-20T18:15:00Z","load":520.5}]}}})")));
    const Order order = body_kind<Order>(decoded);
    EXPECT_TRUE(decoded.faults.empty()) << decoded.describe_faults();
    ASSERT_EQ(order.performance.size(), 1U);
    ASSERT_EQ(order.performance[0].meters.size(), 1U);
    const flex::MeterSeries& series = order.performance[0].meters[0];
    EXPECT_EQ(series.meter, "consumer-1");
    EXPECT_EQ(series.usage_w->values, (std::vector<std::int64_t>{1'180'000, 520'500}));
    EXPECT_EQ(series.usage_w->step, minutes{15});
    EXPECT_EQ(series.baseline_w->values, (std::vector<std::int64_t>{1'200'000, 1'200'000}));
    EXPECT_EQ(order.performance[0].event, "ev-1");
    expect_stable(decoded);
}

TEST(CodecRc1, ReadingsAtUnevenDistancesAreToldAndLeftOut) {
    const Decoded decoded = decode(message_of("on_status", order_of(R"(
      {"beckn:orderedItem":"r-1","beckn:orderItemAttributes":{"beckn:committedReduction":750,
       "beckn:meteringData":{"intervalData":[{"timestamp":"2026-11-20T18:00:00Z","load":1},
       {"timestamp":"2026-11-20T18:15:00Z","load":2},{"timestamp":"2026-11-20T18:20:00Z","load":3}]}}})")));
    EXPECT_TRUE(body_kind<Order>(decoded).performance.empty());
    ASSERT_EQ(decoded.faults.size(), 1U);
    EXPECT_EQ(
        decoded.faults[0].pointer,
        "/message/order/beckn:orderItems/0/beckn:orderItemAttributes/beckn:meteringData/intervalData/2");
}

TEST(CodecRc1, StatusAndCancelTakeTheOrderIdInBothPlaces) {
    EXPECT_EQ(body_kind<StatusRequest>(decode(message_of("status", R"({"order_id":"o-1"})"))).order_id,
              "o-1");
    EXPECT_EQ(
        body_kind<StatusRequest>(decode(message_of("status", R"({"order":{"beckn:id":"o-1"}})"))).order_id,
        "o-1");
    EXPECT_EQ(body_kind<CancelRequest>(decode(message_of("cancel", R"({"order":{"id":"o-1"}})"))).order_id,
              "o-1");
    const Decoded neither = decode(message_of("status", "{}"));
    EXPECT_FALSE(neither.envelope.has_value());
    EXPECT_EQ(neither.faults.at(0).pointer, "/message/order_id");
}

TEST(CodecRc1, APowerWithoutAPlaceInTimeIsRefusedByItsPointer) {
    const Decoded decoded = decode(message_of("on_confirm", R"({"order":{"beckn:id":"o-1","beckn:orderItems":[
      {"beckn:orderedItem":"r-1","beckn:orderItemAttributes":{"beckn:committedReduction":750}}]}})"));
    EXPECT_FALSE(decoded.envelope.has_value());
    EXPECT_EQ(decoded.faults.at(0).pointer,
              "/message/order/beckn:fulfillment/beckn:deliveryAttributes/beckn:eventStartTime");
}

std::string resource_of(std::string_view more, std::string_view currency = "GBP") {
    std::string text =
        R"({"@type":"beckn:Item","beckn:id":"consumer-resource-1","beckn:provider":"provider-1",
      "beckn:itemAttributes":{"@type":"beckn:DemandFlexibilityResource","beckn:consumerId":"consumer-1",)";
    text += more;
    text += R"("beckn:participantCapabilities":{"deviceTypes":["HVAC","lighting"],
      "loadCapacity":{"min":200,"max":1.5,"currentAvailable":0.8,"unit":"MW"},"responseTime":"PT10M"},
      "beckn:availabilityParameters":{"currentAvailability":true,"availableFrom":"2026-11-20T21:30:00+05:30",
      "availableUntil":"2026-11-20T22:00:00Z","maxDuration":"PT4H"},
      "beckn:baselineData":{"baselineMethod":"10_of_10","historicalPerformance":{"reliabilityScore":0.95}},
      "beckn:incentiveDetails":{"rate":0.35,"currency":")";
    text += currency;
    text += R"(","type":"per_kWh_reduced"}}})";
    return text;
}

TEST(CodecRc1, APublishedResourceIsAnOfferWithoutAFeeder) {
    const Decoded decoded = decode(message_of(
        "on_discover", R"({"catalogs":[{"beckn:id":"c-1","beckn:descriptor":{"schema:name":"FlexiGrid"},
          "beckn:items":[)" +
                           resource_of("") + "]}]}"));
    const Catalog catalog = body_kind<Catalog>(decoded);
    EXPECT_TRUE(decoded.faults.empty()) << decoded.describe_faults();
    ASSERT_EQ(catalog.offers.size(), 1U);
    const flex::Offer& offer = catalog.offers[0];
    EXPECT_EQ(offer.der, "consumer-1");
    EXPECT_EQ(offer.der_class, grid::DerClass::hvac);
    EXPECT_EQ(offer.power, Watts{800'000});
    EXPECT_EQ(offer.utilisation, MicroPoundsPerMwh{350'000'000});
    EXPECT_EQ(offer.available_from, wall_noon + hours{4});
    EXPECT_EQ(offer.notice, minutes{10});
    EXPECT_EQ(offer.duration_max, hours{4});
    EXPECT_EQ(offer.reliability_ppm, 950'000);
    EXPECT_TRUE(offer.feeder.empty());
    EXPECT_EQ(catalog.provider_name, "FlexiGrid");
    EXPECT_EQ(catalog.bpp_id, "agg.example");
    expect_stable(decoded);
}

TEST(CodecRc1, KeepsTheGoodResourcesAndNamesTheOthers) {
    const Decoded decoded = decode(message_of(
        "on_discover",
        R"({"catalogs":[{"beckn:items":[)" + resource_of("", "INR") + "," +
            resource_of(R"("beckn:subscriptionStatus":"pending",)") + "," + resource_of("") +
            R"(,{"beckn:id":"x","beckn:provider":"p","beckn:itemAttributes":{"@type":"ev:Plug"}}]}]})"));
    EXPECT_EQ(body_kind<Catalog>(decoded).offers.size(), 1U);
    ASSERT_EQ(decoded.faults.size(), 3U);
    const std::string items = "/message/catalogs/0/beckn:items/";
    EXPECT_EQ(decoded.faults[0].pointer, items + "0/beckn:itemAttributes/beckn:incentiveDetails/currency");
    EXPECT_EQ(decoded.faults[1].pointer, items + "1/beckn:itemAttributes/beckn:subscriptionStatus");
    EXPECT_EQ(decoded.faults[2].pointer, items + "3/beckn:itemAttributes/@type");
}

constexpr std::string_view window_catalog = R"({"catalogs":[{"beckn:id":"c-1","beckn:items":[
  {"beckn:id":"item-cambridge-1","beckn:descriptor":{"schema:name":"Cambridge morning"},
   "beckn:provider":{"beckn:id":"gridflex"},"beckn:itemAttributes":{"@type":"beckn:ComputeEnergyWindow",
   "beckn:slotId":"s-1","beckn:gridParameters":{"gridArea":"Cambridge-East","gridZone":"UK-EAST-1",
   "renewableMix":80.5,"renewableMixUnit":"percent","carbonIntensity":120},
   "beckn:timeWindow":{"start":"2026-11-20T15:30:00+05:30","end":"2026-11-20T14:00:00Z","duration":"PT4H"},
   "beckn:capacityParameters":{"availableCapacity":3.8,"capacityUnit":"MW"}}}],
  "beckn:offers":[{"beckn:id":"offer-1","beckn:provider":"gridflex","beckn:items":["item-cambridge-1"],
   "beckn:price":{"currency":"GBP","price":"0.102"},"beckn:offerAttributes":{
   "@type":"beckn:ComputeEnergyPricing","beckn:unit":"per_kWh","beckn:priceStability":"stable"}}]}]})";

TEST(CodecRc1, AComputeWindowHasItsOffersPrice) {
    const Decoded decoded = decode(message_of("on_discover", window_catalog));
    const Catalog catalog = body_kind<Catalog>(decoded);
    EXPECT_TRUE(decoded.faults.empty()) << decoded.describe_faults();
    ASSERT_EQ(catalog.windows.size(), 1U);
    const flex::ComputeWindow& window = catalog.windows[0];
    EXPECT_EQ(window.id, "offer-1");
    EXPECT_EQ(window.resource, "item-cambridge-1");
    EXPECT_EQ(window.provider, "gridflex");
    EXPECT_EQ(window.start, wall_noon - hours{2});
    EXPECT_EQ(window.end, wall_noon + hours{2});
    EXPECT_EQ(window.capacity_w, 3'800'000);
    EXPECT_EQ(window.renewable_ppm, 805'000);
    EXPECT_EQ(window.carbon_g_per_kwh, 120);
    EXPECT_EQ(window.price_per_mwh_micro, 102'000'000);
    EXPECT_EQ(window.price_stability, "stable");
    expect_stable(decoded);
}

TEST(CodecRc1, ASynchronousAnswerUnderTheQuestionsActionIsRead) {
    EXPECT_EQ(body_kind<Catalog>(decode(message_of("discover", window_catalog))).windows.size(), 1U);
}

TEST(CodecRc1, AComputeOrderTakesWhatIsReservedOfTheWindow) {
    const std::string attributes = R"("beckn:orderItemAttributes":{"@type":"beckn:ComputeEnergyWindow",
      "beckn:timeWindow":{"start":"2026-11-20T10:00:00Z","end":"2026-11-20T14:00:00Z"},
      "beckn:capacityParameters":{"availableCapacity":3.8,"reservedCapacity":1.2,"capacityUnit":"MW"}})";
    const Decoded reserved = decode(message_of(
        "on_init", R"({"order":{"beckn:id":"o-1","beckn:orderStatus":"INITIALIZED","beckn:orderItems":[
          {"beckn:orderedItem":"item-1","beckn:quantity":1,)" +
                       attributes + "}]}}"));
    EXPECT_EQ(body_kind<Order>(reserved).lines.at(0).power_w.values, (std::vector<std::int64_t>{1'200'000}));
    EXPECT_TRUE(body_kind<Order>(reserved).draft);
    // The load of an init stands with its fulfilment.
    const Decoded loaded = decode(
        message_of("init", R"({"order":{"beckn:id":"o-1","beckn:orderItems":[{"beckn:orderedItem":"item-1"}],
          "beckn:fulfillment":{"beckn:mode":"GRID-BASED","beckn:deliveryAttributes":{"beckn:computeLoad":1.2,
          "beckn:computeLoadUnit":"MW","beckn:timeWindow":{"start":"2026-11-20T10:00:00Z",
          "end":"2026-11-20T14:00:00Z"}}}}})"));
    EXPECT_EQ(body_kind<Order>(loaded).lines.at(0).power_w.values, (std::vector<std::int64_t>{1'200'000}));
    // A selection only says which window.
    const Decoded selected = decode(message_of(
        "select",
        R"({"order":{"beckn:orderStatus":"QUOTE_REQUESTED","beckn:seller":"gridflex","beckn:orderItems":[
          {"beckn:orderedItem":"item-1"}]}})"));
    EXPECT_TRUE(body_kind<Order>(selected).lines.at(0).power_w.values.empty());
    expect_stable(selected);
}

TEST(CodecRc1, SearchesOfOthersKeepTheirWords) {
    const Decoded decoded = decode(message_of(
        "discover", R"({"text_search":"flex","filters":{"type":"jsonpath","expression":"$[?(@.x > 1)]"},
          "spatial":[{"targets":"$['beckn:availableAt']","geometry":{"type":"Point"}}]})"));
    const SearchIntent intent = body_kind<SearchIntent>(decoded);
    EXPECT_EQ(intent.text, "flex");
    EXPECT_EQ(intent.filter, "$[?(@.x > 1)]");
    EXPECT_TRUE(intent.need_w.values.empty());
    expect_stable(decoded);
    EXPECT_EQ(decode(message_of("discover", "{}")).faults.at(0).pointer, "/message");
}

TEST(CodecRc1, ARefusalIsARejectedOrderThatSaysWhy) {
    Envelope refusal{.version = WireVersion::v2_rc1,
                     .context = context_of(Action::on_select),
                     .message = NoMessage{},
                     .error = MessageError{"BIZ_QUANTITY_UNAVAILABLE", "5 kW are left", "/message/order"}};
    const json::Value raw = json::parse(*encode(refusal)).value();
    EXPECT_EQ(raw.text("/message/order/beckn:orderStatus"), "REJECTED");
    EXPECT_EQ(raw.at("/error"), nullptr);
    EXPECT_EQ(decode(*encode(refusal)).envelope, refusal);
    // Others say it beside the message, or in it.
    for (const std::string_view message :
         {R"({},"error":{"code":"E1","message":"no"})", R"({"error":{"code":"E1","message":"no"}})"}) {
        const Decoded decoded = decode(message_of("on_select", message));
        ASSERT_TRUE(decoded.envelope.has_value()) << decoded.describe_faults();
        EXPECT_EQ(decoded.envelope->error, (MessageError{"E1", "no", ""}));
    }
}

TEST(CodecRc1, SettlementsAndEvidenceOfOursComeBackWhole) {
    Order order = order_at(OrderStatus::complete, FulfilmentState::completed);
    order.flows = {
        {.role = "buyer", .value_micro = -436'250'000, .currency = "GBP", .description = ""},
        {.role = "seller", .value_micro = 436'250'000, .currency = "GBP", .description = "event 1"}};
    flex::Performance evidence;
    evidence.id = "p-1";
    evidence.event = "ev-1";
    evidence.methodology = "5of10";
    evidence.meters.push_back({.meter = "m-1",
                               .baseline_w = flex::IntervalGrid{evening, period_length, {5000, -200}},
                               .usage_w = std::nullopt});
    order.performance.push_back(evidence);
    Envelope sent{.version = WireVersion::v2_rc1,
                  .context = context_of(Action::on_status),
                  .message = order,
                  .error = {}};
    sent.context.network_id = "example.org/flex";
    sent.context.schema_context = {"https://example.org/context.jsonld"};
    EXPECT_EQ(decode(*encode(sent)).envelope, sent);
}

TEST(CodecRc1, PublishingACatalogIsAnswered) {
    Catalog catalog = offered_evening();
    catalog.id = "catalog-1";
    catalog.bpp_id = "tesla-vpp.example";
    catalog.bpp_uri = "https://tesla-vpp.example/beckn";
    const Envelope publish{.version = WireVersion::v2_rc1,
                           .context = context_of(Action::catalog_publish),
                           .message = PublishRequest{{catalog}},
                           .error = {}};
    EXPECT_EQ(json::parse(*encode(publish)).value().text("/context/action"), "catalog_publish");
    EXPECT_EQ(decode(*encode(publish)).envelope, publish);
    const Envelope answer{.version = WireVersion::v2_rc1,
                          .context = context_of(Action::on_catalog_publish),
                          .message = PublishAnswer{{{.catalog_id = "catalog-1",
                                                     .status = PublishStatus::partial,
                                                     .item_count = 1,
                                                     .errors = {MessageError{"E1", "one is bad", ""}}}}},
                          .error = {}};
    EXPECT_EQ(decode(*encode(answer)).envelope, answer);
}

TEST(CodecRc1, NeedsOfABuyerAreNotSpoken) {
    Order order = order_at(OrderStatus::none, FulfilmentState::none);
    order.needs.push_back({.id = "c-1", .resource = "r-1", .offer = "o-1"});
    const Envelope sent{.version = WireVersion::v2_rc1,
                        .context = context_of(Action::confirm),
                        .message = order,
                        .error = {}};
    ASSERT_FALSE(encode(sent).has_value());
    EXPECT_EQ(encode(sent).error().code, Errc::unsupported);
}

}  // namespace
}  // namespace headroom::beckn
