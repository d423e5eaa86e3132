#include "beckn/ack.hpp"
#include "unit/sim/provider_world.hpp"

#include <string>
#include <vector>

// Every fault as a buyer sees it on the wire.
namespace headroom::sim {
namespace {

using namespace test;
using ::testing::Gt;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

ProviderSpec faulty(FaultKind kind, FaultSizes sizes = {}) {
    ProviderFaults faults;
    faults.rules.push_back({.kind = kind});
    faults.sizes = sizes;
    return spec("tesla", faults);
}

beckn::Envelope read(const net::Request& callback) {
    const beckn::Decoded decoded = beckn::decode(callback.body);
    EXPECT_TRUE(decoded.envelope.has_value()) << decoded.describe_faults();
    return decoded.envelope.value_or(beckn::Envelope{});
}

std::string why_not_believed(ProviderWorld& world, const net::Request& callback) {
    const Ed25519PublicKey key = world.providers->addresses().at(0).public_key;
    const beckn::KeyLookup keys = [key](std::string_view, std::string_view) { return std::optional(key); };
    const auto sender = beckn::verify_authorization(callback.headers.get("Authorization"), callback.body,
                                                    keys, noon, seconds{5});
    return sender ? "" : sender.error().message;
}

TEST(ProviderDrawn, SilenceOfEveryKindIsAcknowledgedAndTheOrderStands) {
    for (const FaultKind kind : {FaultKind::drop, FaultKind::no_callback_202, FaultKind::no_callback_409}) {
        ProviderWorld world({faulty(kind)});
        world.in_flight.begin(beckn::flight_token("m-1", Action::confirm));
        const net::Response ack =
            world.post("/mock-bpp/tesla/confirm", request(Action::confirm, order({6000})));
        const beckn::AckKind expected =
            kind == FaultKind::drop ? beckn::AckKind::accepted : beckn::AckKind::closed;
        EXPECT_EQ(beckn::read_ack(ack.status, ack.body).kind, expected) << to_string(kind);
        world.run_until([&world] { return world.in_flight.idle() && world.providers->idle(); });
        EXPECT_THAT(world.callbacks, IsEmpty()) << to_string(kind);
        EXPECT_THAT(world.providers->orders(), SizeIs(1)) << to_string(kind);
    }
}

TEST(ProviderDrawn, SignaturesAndClocksThatAreWrong) {
    for (const auto& [kind, why] : {std::pair{FaultKind::bad_signature, "signature"},
                                    {FaultKind::expired_signature, "expire"},
                                    {FaultKind::skewed_clock, "future"}}) {
        ProviderWorld world({faulty(kind)});
        world.post("/mock-bpp/tesla/search", request(Action::search, intent_on_lv1()));
        world.run_until([&world] { return world.callbacks.size() == 1; });
        const std::string told = why_not_believed(world, world.callbacks[0]);
        EXPECT_FALSE(told.empty()) << why;
        if (kind == FaultKind::skewed_clock) {
            EXPECT_EQ(read(world.callbacks[0]).context.timestamp, noon + FaultSizes{}.skew);
        }
    }
}

TEST(ProviderDrawn, CallbacksTwiceAndUnderAnotherId) {
    ProviderWorld twice({faulty(FaultKind::duplicate)});
    twice.post("/mock-bpp/tesla/search", request(Action::search, intent_on_lv1()));
    twice.run_until([&twice] { return twice.callbacks.size() == 2; });
    EXPECT_EQ(twice.callbacks[0].body, twice.callbacks[1].body);
    ProviderWorld other({faulty(FaultKind::wrong_message_id)});
    other.post("/mock-bpp/tesla/search", request(Action::search, intent_on_lv1()));
    other.run_until([&other] { return other.callbacks.size() == 1; });
    EXPECT_NE(read(other.callbacks[0]).context.message_id, "m-1");
    EXPECT_EQ(read(other.callbacks[0]).context.transaction_id, transaction);
}

TEST(ProviderDrawn, LateCallbacksComeAfterTheTtlAndDelayedOnesWithinIt) {
    beckn::Envelope search = request(Action::search, intent_on_lv1());
    search.context.ttl = seconds{10};
    ProviderWorld late({faulty(FaultKind::late)});
    late.post("/mock-bpp/tesla/search", search);
    late.settle();
    late.advance(seconds{10});
    late.settle();
    EXPECT_THAT(late.callbacks, IsEmpty());
    late.advance(FaultSizes{}.late_by);
    late.run_until([&late] { return late.callbacks.size() == 1; });
    ProviderWorld delayed({faulty(FaultKind::delay, {.delay_max = seconds{60}})});
    delayed.post("/mock-bpp/tesla/search", search);
    delayed.settle();
    EXPECT_THAT(delayed.callbacks, IsEmpty());
    delayed.advance(seconds{5});  // half of the ttl at most
    delayed.run_until([&delayed] { return delayed.callbacks.size() == 1; });
}

TEST(ProviderDrawn, ServerErrorsEndAfterSomeSendsOfTheSameMessage) {
    ProviderWorld world({faulty(FaultKind::server_error, {.sends_failed_max = 1})});
    const beckn::Envelope search = request(Action::search, intent_on_lv1());
    EXPECT_EQ(world.post("/mock-bpp/tesla/search", search).status, 503);
    EXPECT_EQ(world.post("/mock-bpp/tesla/search", search).status, 200);
    world.run_until([&world] { return world.callbacks.size() == 1; });
}

TEST(ProviderDrawn, ATimeoutIsDoneAllTheSame) {
    ProviderWorld world({faulty(FaultKind::timeout, {.hang = milliseconds{1}, .sends_failed_max = 1})});
    EXPECT_EQ(world.post("/mock-bpp/tesla/confirm", request(Action::confirm, order({6000}))).status, 200);
    world.run_until([&world] { return world.callbacks.size() == 1; });
    EXPECT_THAT(world.providers->orders(), SizeIs(1));
}

TEST(ProviderDrawn, CataloguesWithItemsNobodyCanReadOrFarTooMany) {
    ProviderWorld bad({faulty(FaultKind::bad_items)});
    bad.post("/mock-bpp/tesla/search", request(Action::search, intent_on_lv1()));
    bad.run_until([&bad] { return bad.callbacks.size() == 1; });
    const beckn::Decoded decoded = beckn::decode(bad.callbacks[0].body);
    ASSERT_TRUE(decoded.envelope.has_value());
    EXPECT_THAT(decoded.faults, SizeIs(3));
    EXPECT_THAT(std::get<beckn::Catalog>(decoded.envelope->message).offers, SizeIs(1));
    ProviderWorld huge({faulty(FaultKind::huge_catalogue, {.huge_items = 3000})});
    huge.post("/mock-bpp/tesla/search", request(Action::search, intent_on_lv1()));
    huge.run_until([&huge] { return huge.callbacks.size() == 1; });
    EXPECT_THAT(huge.callbacks[0].body.size(), Gt(1'000'000U));
}

TEST(ProviderDrawn, QuotesChangeAndExpire) {
    ProviderWorld dear({faulty(FaultKind::quote_change)});
    dear.post("/mock-bpp/tesla/init", request(Action::init, order({6000})));
    dear.run_until([&dear] { return dear.callbacks.size() == 1; });
    EXPECT_EQ(std::get<beckn::Order>(read(dear.callbacks[0]).message).quote->total, MicroPounds{825'000});
    ProviderWorld brief({faulty(FaultKind::quote_expiry)});
    brief.post("/mock-bpp/tesla/init", request(Action::init, order({6000})));
    brief.run_until([&brief] { return brief.callbacks.size() == 1; });
    EXPECT_EQ(std::get<beckn::Order>(read(brief.callbacks[0]).message).quote->ttl, milliseconds{1});
    brief.advance(milliseconds{1});
    brief.post("/mock-bpp/tesla/confirm", request(Action::confirm, order({6000}), "m-2"));
    brief.run_until([&brief] { return brief.callbacks.size() == 2; });
    EXPECT_THAT(read(brief.callbacks[1]).error.value_or(beckn::MessageError{}).message,
                HasSubstr("BIZ_QUOTE_EXPIRED"));
}

TEST(ProviderDrawn, ACrashLeavesTheOrderAndForgetsTheRest) {
    ProviderWorld world({faulty(FaultKind::crash)});
    world.in_flight.begin(beckn::flight_token("m-1", Action::confirm));
    const beckn::Envelope confirm = request(Action::confirm, order({6000}));
    world.post("/mock-bpp/tesla/confirm", confirm);
    world.run_until([&world] { return world.in_flight.idle() && world.providers->idle(); });
    EXPECT_THAT(world.callbacks, IsEmpty());
    ASSERT_THAT(world.providers->orders(), SizeIs(1));
    // The same confirm again is answered from the book.
    world.post("/mock-bpp/tesla/confirm", confirm);
    world.run_until([&world] { return world.callbacks.size() == 1; });
    EXPECT_THAT(world.providers->orders(), SizeIs(1));
}

TEST(ProviderDrawn, AProviderCancelsAndReducesByItself) {
    ProviderWorld world({faulty(FaultKind::unsolicited_cancel)});
    world.post("/mock-bpp/tesla/confirm", request(Action::confirm, order({6000})));
    world.run_until([&world] { return world.callbacks.size() == 1; });
    world.settle();
    world.advance(FaultSizes{}.unsolicited_after);
    world.run_until([&world] { return world.callbacks.size() == 2; });
    EXPECT_EQ(world.callbacks[1].path, "/beckn/on_cancel");
    EXPECT_NE(read(world.callbacks[1]).context.message_id, "m-1");
    EXPECT_EQ(world.providers->orders().at(0).status, "CANCELLED");
    ProviderWorld less({faulty(FaultKind::unsolicited_update)});
    less.post("/mock-bpp/tesla/confirm", request(Action::confirm, order({6000})));
    less.run_until([&less] { return less.callbacks.size() == 1; });
    less.settle();
    less.advance(FaultSizes{}.unsolicited_after);
    less.run_until([&less] { return less.callbacks.size() == 2; });
    EXPECT_EQ(less.callbacks[1].path, "/beckn/on_update");
    EXPECT_LT(std::get<beckn::Order>(read(less.callbacks[1]).message).lines.at(0).power_w.values.at(0), 6000);
}

TEST(ProviderDrawn, AnAnswerSpeaksTheDialectOfItsRequest) {
    for (const beckn::WireVersion version : {beckn::WireVersion::v09, beckn::WireVersion::v11,
                                             beckn::WireVersion::v2_rc1, beckn::WireVersion::v2_lts}) {
        ProviderWorld world({spec("tesla")});
        beckn::Envelope confirm = request(Action::confirm, order({6000}), make_uuid("m"));
        confirm.version = version;
        world.post("/mock-bpp/tesla/confirm", confirm);
        world.run_until([&world] { return world.callbacks.size() == 1; });
        EXPECT_EQ(read(world.callbacks[0]).version, version) << to_string(version);
        EXPECT_EQ(std::get<beckn::Order>(read(world.callbacks[0]).message).status,
                  beckn::OrderStatus::active);
        world.settle();  // the callback's answer is still on its way to the first process
        world.open();
        ASSERT_THAT(world.providers->orders(), SizeIs(1)) << "its book is kept in that dialect too";
    }
}

}  // namespace
}  // namespace headroom::sim
