#include "unit/sim/provider_world.hpp"

#include <string>
#include <vector>

namespace headroom::sim {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

using namespace test;

TEST(ProviderDesk, OffersWhatTheCatalogueHasInTheDirectionAskedFor) {
    ProviderDesk desk(spec("tesla"), minutes{5});
    beckn::SearchIntent intent;
    intent.feeder = "LV-1";
    intent.need_w = {.start = evening, .step = period_length, .values = {5000}};
    const auto down = desk.reply_to(request(Action::search, intent), one_battery, noon);
    EXPECT_THAT(std::get<beckn::Catalog>(down.message).offers, SizeIs(1));
    intent.turn_up = true;
    const auto up = desk.reply_to(request(Action::search, intent), one_battery, noon);
    EXPECT_THAT(std::get<beckn::Catalog>(up.message).offers, SizeIs(0));
}

TEST(ProviderDesk, AnswersTheJsonPathOfOthers) {
    ProviderDesk desk(spec("tesla"), minutes{5});
    const auto offers = [&desk](beckn::WireVersion version, const std::string& filter) {
        beckn::SearchIntent intent;
        intent.filter = filter;
        beckn::Envelope asked = request(Action::search, intent);
        asked.version = version;
        return desk.reply_to(asked, one_battery, evening, {});
    };
    const auto count = [](const ProviderDesk::Reply& reply) {
        return std::get<beckn::Catalog>(reply.message).offers.size();
    };
    constexpr const char* wanted = "$[?(@.resourceAttributes.direction == 'turn_down')]";
    EXPECT_EQ(count(offers(beckn::WireVersion::v2_lts, wanted)), 1U);
    EXPECT_EQ(count(offers(beckn::WireVersion::v2_lts, "$[?(@.resourceAttributes.direction == 'turn_up')]")),
              0U);
    const ProviderDesk::Reply unread = offers(beckn::WireVersion::v2_rc1, "$[?(@.a");
    ASSERT_TRUE(unread.error.has_value());
    EXPECT_EQ(unread.error->paths, "/message/filters/expression");
}

TEST(ProviderDesk, QuotesTheOffersOwnTerms) {
    ProviderDesk desk(spec("tesla"), minutes{5});
    const beckn::Order quoted =
        order_in(desk.reply_to(request(Action::select, order({6000, 3000})), one_battery, noon));
    ASSERT_TRUE(quoted.quote.has_value());
    EXPECT_EQ(quoted.quote->total, MicroPounds{1'125'000});  // 4.5 kWh
    EXPECT_EQ(quoted.quote->ttl, milliseconds{minutes{5}});
    EXPECT_TRUE(quoted.draft);
    const beckn::Order inited =
        order_in(desk.reply_to(request(Action::init, order({6000, 3000})), one_battery, noon));
    EXPECT_EQ(inited.id, provider_order_id("tesla", transaction));
    EXPECT_EQ(inited.quote->total, MicroPounds{1'125'000});
}

TEST(ProviderDesk, RefusesMoreThanThereIsAndItemsItDoesNotHave) {
    ProviderDesk desk(spec("tesla"), minutes{5});
    const auto too_much = desk.reply_to(request(Action::select, order({6001})), one_battery, noon);
    ASSERT_TRUE(too_much.error.has_value());
    EXPECT_EQ(too_much.error->code, "40002");
    beckn::Order strange = order({6000});
    strange.lines[0].item = "tesla-9";
    const auto unknown = desk.reply_to(request(Action::select, strange), one_battery, noon);
    ASSERT_TRUE(unknown.error.has_value());
    EXPECT_EQ(unknown.error->code, "30004");
}

TEST(ProviderDesk, OneTransactionMakesOneOrder) {
    ProviderDesk desk(spec("tesla"), minutes{5});
    const auto first = desk.reply_to(request(Action::confirm, order({6000})), one_battery, noon);
    const auto second = desk.reply_to(request(Action::confirm, order({3000}), "m-2"), one_battery, noon);
    EXPECT_TRUE(first.booked);
    EXPECT_FALSE(second.booked);
    EXPECT_EQ(order_in(second), order_in(first));
    EXPECT_EQ(order_in(first).fulfilment, beckn::FulfilmentState::armed);
    EXPECT_THAT(order_in(first).id, ::testing::MatchesRegex("ORD-[0-9a-f]{8}"));
}

TEST(ProviderDesk, CommitsTheShareThatItsFaultsSay) {
    ProviderDesk desk(spec("tesla", {.partial_commit_ppm = 333'333}), minutes{5});
    const beckn::Order made =
        order_in(desk.reply_to(request(Action::confirm, order({6000})), one_battery, noon));
    EXPECT_THAT(made.lines.at(0).power_w.values, ElementsAre(1999));
    ProviderDesk empty(spec("tesla", {.partial_commit_ppm = 0}), minutes{5});
    EXPECT_EQ(empty.reply_to(request(Action::confirm, order({6000})), one_battery, noon).error->code,
              "40002");
}

TEST(ProviderDesk, AnOrderIsActivatedFinishedOrCancelledButNotTwice) {
    ProviderDesk desk(spec("tesla"), minutes{5});
    const beckn::Order made =
        order_in(desk.reply_to(request(Action::confirm, order({6000})), one_battery, noon));
    const auto running =
        desk.reply_to(request(Action::update, beckn::UpdateRequest{made}), one_battery, evening);
    EXPECT_EQ(order_in(running).fulfilment, beckn::FulfilmentState::active);
    const beckn::StatusRequest ask{transaction};
    EXPECT_EQ(order_in(desk.reply_to(request(Action::status, ask), one_battery, evening)).status,
              beckn::OrderStatus::active);
    EXPECT_EQ(
        order_in(desk.reply_to(request(Action::status, ask), one_battery, evening + minutes{30})).status,
        beckn::OrderStatus::complete);
    const auto late =
        desk.reply_to(request(Action::cancel, beckn::CancelRequest{made.id, "late"}), one_battery, evening);
    EXPECT_EQ(late.error->code, "50001");
    const auto again =
        desk.reply_to(request(Action::update, beckn::UpdateRequest{made}), one_battery, evening);
    EXPECT_EQ(again.error->code, "50002");
}

TEST(ProviderDesk, ATransactionCancelledBeforeItsConfirmStaysCancelled) {
    ProviderDesk desk(spec("tesla"), minutes{5});
    const auto none = desk.reply_to(request(Action::cancel, beckn::CancelRequest{transaction, "no answer"}),
                                    one_battery, noon);
    EXPECT_EQ(none.error->code, "30010");
    const auto late = desk.reply_to(request(Action::confirm, order({6000})), one_battery, noon);
    ASSERT_TRUE(late.error.has_value());
    EXPECT_THAT(late.error->message, HasSubstr("BIZ_ALREADY_CANCELLED"));
}

TEST(ProviderDesk, BooksSurviveAsJson) {
    ProviderDesk desk(spec("tesla"), minutes{5});
    static_cast<void>(desk.reply_to(request(Action::confirm, order({6000})), one_battery, noon));
    BookedOrder* booked = desk.find(transaction);
    ASSERT_NE(booked, nullptr);
    booked->confirm_answer = "the answer";
    const Result<BookedOrder> back = booked_order_from_json(to_json(*booked));
    ASSERT_TRUE(back.has_value()) << back.error().message;
    EXPECT_EQ(back->order, booked->order);
    EXPECT_EQ(back->confirm_answer, "the answer");
    EXPECT_FALSE(booked_order_from_json(json::Object{{"order", "{}"}}).has_value());
}

TEST(ProviderSim, AcknowledgesAtOnceAndSignsItsCallback) {
    ProviderWorld world({spec("tesla")});
    const net::Response ack = world.post("/mock-bpp/tesla/search", request(Action::search, intent_on_lv1()));
    EXPECT_EQ(ack.status, 200);
    EXPECT_THAT(ack.body, HasSubstr("\"ACK\""));
    world.run_until([&world] { return !world.callbacks.empty(); });
    const net::Request& callback = world.callbacks[0];
    EXPECT_EQ(callback.path, "/beckn/on_search");
    const Ed25519PublicKey key = world.providers->addresses().at(0).public_key;
    const beckn::KeyLookup lookup = [key](std::string_view, std::string_view) { return std::optional(key); };
    const auto sender = beckn::verify_authorization(callback.headers.get("Authorization"), callback.body,
                                                    lookup, noon, seconds{5});
    ASSERT_TRUE(sender.has_value()) << sender.error().message;
    EXPECT_EQ(sender->subscriber, "tesla.example");
    const beckn::Decoded decoded = beckn::decode(callback.body);
    ASSERT_TRUE(decoded.envelope.has_value()) << decoded.describe_faults();
    EXPECT_EQ(decoded.envelope->context.message_id, "m-1");
    EXPECT_THAT(std::get<beckn::Catalog>(decoded.envelope->message).offers, SizeIs(1));
}

TEST(ProviderSim, ASearchForEverybodyReachesEachProvider) {
    ProviderWorld world({spec("tesla"), spec("chargepoint")});
    beckn::Envelope search = request(Action::search, intent_on_lv1());
    search.context.bpp_id.clear();
    search.context.bpp_uri.clear();
    EXPECT_EQ(world.post("/mock-bpp/search", search).status, 200);
    world.run_until([&world] { return world.callbacks.size() == 2; });
    world.callbacks.clear();
    // The older word for it, to one of them.
    world.post("/mock-bpp/discover", request(Action::search, intent_on_lv1(), "m-2"));
    world.run_until([&world] { return world.callbacks.size() == 1; });
}

TEST(ProviderSim, RefusesStrangersAndWhatItCannotRead) {
    ProviderWorld world({spec("tesla")});
    EXPECT_EQ(world.post("/mock-bpp/tesla/search", request(Action::search, intent_on_lv1()), false).status,
              401);
    EXPECT_THAT(world.post_bytes("/mock-bpp/tesla/search", "no JSON").body,
                AllOf(HasSubstr("NACK"), HasSubstr("key headroom.example|k")));
    EXPECT_THAT(world.post("/mock-bpp/tesla/select", request(Action::search, intent_on_lv1())).body,
                HasSubstr("CTX_ACTION_MISMATCH"));
    EXPECT_EQ(world.post("/mock-bpp/nobody/search", request(Action::search, intent_on_lv1())).status, 404);
    beckn::Envelope old = request(Action::search, intent_on_lv1());
    old.context.timestamp = noon - minutes{10};
    EXPECT_THAT(world.post("/mock-bpp/tesla/search", old).body, HasSubstr("CTX_TTL_EXPIRED"));
    EXPECT_THAT(world.callbacks, SizeIs(0));
}

TEST(ProviderSim, ANackIsInTheDialectOfTheMessageAndNamesIt) {
    ProviderWorld world({spec("tesla")});
    const std::string body =
        R"({"context":{"version":"2.0.0","action":"confirm","bapId":"headroom.example","messageId":"m-7"},)"
        R"("message":{}})";
    const net::Response refused = world.post_bytes("/mock-bpp/tesla/confirm", body);
    EXPECT_EQ(refused.status, 400);
    EXPECT_THAT(refused.body, AllOf(HasSubstr(R"("messageId":"m-7")"),
                                    HasSubstr(R"("keyId":"headroom.example|k")"), HasSubstr(R"("path":"/)"),
                                    HasSubstr(R"("expected":")"), HasSubstr(R"("got":"nothing")")));
}

TEST(ProviderSim, DiscoverMayComeByGetWithABody) {
    ProviderWorld world({spec("tesla")});
    for (const char* path : {"/mock-bpp/discover", "/mock-bpp/tesla/discover"}) {
        beckn::Envelope discover =
            request(Action::search, intent_on_lv1(), "m" + std::to_string(world.callbacks.size()));
        discover.context.bap_uri = world.url + "/beckn";
        const std::size_t before = world.callbacks.size();
        EXPECT_EQ(world.post_bytes(path, beckn::encode(discover).value(), true, "GET").status, 200);
        world.run_until([&] { return world.callbacks.size() == before + 1; });
    }
}

TEST(ProviderSim, ARepeatedConfirmGetsTheSameAnswer) {
    ProviderWorld world({spec("tesla")});
    const beckn::Envelope confirm = request(Action::confirm, order({6000, 3000}));
    world.post("/mock-bpp/tesla/confirm", confirm);
    world.settle();
    world.post("/mock-bpp/tesla/confirm", confirm);
    world.run_until([&world] { return world.callbacks.size() == 2; });
    EXPECT_EQ(world.callbacks[0].body, world.callbacks[1].body);
    EXPECT_THAT(world.providers->orders(), SizeIs(1));
}

TEST(ProviderSim, KeepsItsOrdersOverARestart) {
    ProviderWorld world({spec("tesla")});
    world.post("/mock-bpp/tesla/confirm", request(Action::confirm, order({6000, 3000})));
    world.settle();
    const std::string id = world.providers->orders().at(0).order_id;
    world.open();
    ASSERT_THAT(world.providers->orders(), SizeIs(1));
    EXPECT_EQ(world.providers->orders()[0].order_id, id);
    EXPECT_EQ(world.providers->orders()[0].transaction, transaction);
    // The same confirm once more gets the answer that the first process gave.
    world.repeat_to_new_process("confirm", request(Action::confirm, order({6000, 3000})));
    world.run_until([&world] { return world.callbacks.size() == 2; });
    EXPECT_EQ(world.callbacks[0].body, world.callbacks[1].body);
    EXPECT_THAT(world.providers->orders(), SizeIs(1));
}

TEST(ProviderSim, SilenceByDesignEndsItsFlightToken) {
    ProviderWorld world({spec("tesla", {.never_answers = true})});
    world.in_flight.begin(beckn::flight_token("m-1", Action::search));
    world.post("/mock-bpp/tesla/search", request(Action::search, intent_on_lv1()));
    world.run_until([&world] { return world.in_flight.idle(); });
    EXPECT_THAT(world.callbacks, SizeIs(0));
}

TEST(ProviderSim, ALateAnswerComesAfterItsDelayAndHoldsUpNobody) {
    ProviderWorld world({spec("tesla", {.answer_delay = seconds{60}})});
    world.in_flight.begin(beckn::flight_token("m-1", Action::search));
    world.post("/mock-bpp/tesla/search", request(Action::search, intent_on_lv1()));
    world.run_until([&world] { return world.in_flight.idle() && world.providers->idle(); });
    EXPECT_THAT(world.callbacks, SizeIs(0));
    world.advance(seconds{59});
    world.run_until([&world] { return world.providers->idle(); });
    EXPECT_THAT(world.callbacks, SizeIs(0));
    world.advance(seconds{1});
    world.run_until([&world] { return world.callbacks.size() == 1; });
    EXPECT_THAT(world.callbacks, SizeIs(1));
}

TEST(ProviderSim, FaultsShowAsConfigured) {
    ProviderWorld world({spec("tesla", {.http_status = 503})});
    EXPECT_EQ(world.post("/mock-bpp/tesla/search", request(Action::search, intent_on_lv1())).status, 503);
    ASSERT_TRUE(world.providers->set_faults("tesla", {.nack = true}).has_value());
    EXPECT_THAT(world.post("/mock-bpp/tesla/search", request(Action::search, intent_on_lv1(), "m-2")).body,
                HasSubstr("NACK"));
    ASSERT_TRUE(world.providers->set_faults("tesla", {.answers_twice = true}).has_value());
    world.post("/mock-bpp/tesla/search", request(Action::search, intent_on_lv1(), "m-3"));
    world.run_until([&world] { return world.callbacks.size() == 2; });
    EXPECT_EQ(world.callbacks[0].body, world.callbacks[1].body);
    EXPECT_FALSE(world.providers->set_faults("nobody", {}).has_value());
}

}  // namespace
}  // namespace headroom::sim
