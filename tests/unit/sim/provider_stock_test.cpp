#include "sim/provider_desk.hpp"
#include "unit/sim/provider_world.hpp"

#include <string>
#include <vector>

// What a provider has is sold once, and a quote is a promise with an end.
namespace headroom::sim {
namespace {

using namespace test;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

beckn::Envelope asked(Action action, beckn::Body message, const std::string& buyer) {
    beckn::Envelope envelope =
        request(action, std::move(message), buyer + "-" + std::string(to_string(action)));
    envelope.context.transaction_id = buyer;
    return envelope;
}

std::string error_of(const ProviderDesk::Reply& reply) {
    return reply.error ? reply.error->message : "no error";
}

TEST(ProviderStock, AWattIsSoldOnceOverAllOpenOrders) {
    ProviderDesk desk(spec("tesla"), minutes{5});
    const auto first = desk.reply_to(asked(Action::confirm, order({4000, 1000}), "t1"), one_battery, noon);
    ASSERT_TRUE(first.booked);
    const auto too_much = desk.reply_to(asked(Action::select, order({2001}), "t2"), one_battery, noon);
    EXPECT_THAT(error_of(too_much), HasSubstr("2000 W left"));
    const auto fits = desk.reply_to(asked(Action::confirm, order({2000, 5000}), "t2"), one_battery, noon);
    EXPECT_TRUE(fits.booked);
    EXPECT_EQ(desk.ledger().sold("BAT-1", evening), Watts{6000});
    EXPECT_EQ(desk.ledger().sold("BAT-1", evening + minutes{30}), Watts{6000});
    const auto none = desk.reply_to(asked(Action::confirm, order({1}), "t3"), one_battery, noon);
    EXPECT_FALSE(none.booked);
    const auto search = desk.reply_to(asked(Action::search, intent_on_lv1(), "t4"), one_battery, noon);
    EXPECT_THAT(std::get<beckn::Catalog>(search.message).offers, SizeIs(0)) << "nothing is left to offer";
}

TEST(ProviderStock, AnOrderDoesNotBuyOneDerTwice) {
    ProviderDesk desk(spec("tesla"), minutes{5});
    beckn::Order twice = order({4000});
    twice.lines.push_back(twice.lines.front());
    const auto reply = desk.reply_to(asked(Action::select, twice, "t1"), one_battery, noon);
    EXPECT_THAT(error_of(reply), HasSubstr("2000 W left"));
}

TEST(ProviderStock, CancellingGivesBackWhatWasHeld) {
    ProviderDesk desk(spec("tesla"), minutes{5});
    static_cast<void>(desk.reply_to(asked(Action::confirm, order({6000}), "t1"), one_battery, noon));
    const auto cancelled =
        desk.reply_to(asked(Action::cancel, beckn::CancelRequest{"t1", "over"}, "t1"), one_battery, noon);
    EXPECT_EQ(order_in(cancelled).status, beckn::OrderStatus::cancelled);
    EXPECT_TRUE(desk.reply_to(asked(Action::confirm, order({6000}), "t2"), one_battery, noon).booked);
}

TEST(ProviderStock, AQuoteHoldsItsPowerUntilItExpires) {
    ProviderDesk desk(spec("tesla"), minutes{5});
    static_cast<void>(order_in(desk.reply_to(asked(Action::init, order({6000}), "t1"), one_battery, noon)));
    const auto other = desk.reply_to(asked(Action::confirm, order({6000}), "t2"), one_battery, noon);
    EXPECT_THAT(error_of(other), HasSubstr("0 W left"));
    const UtcTime later = noon + minutes{5};
    EXPECT_TRUE(desk.reply_to(asked(Action::confirm, order({6000}), "t3"), one_battery, later).booked);
    const auto expired = desk.reply_to(asked(Action::confirm, order({6000}), "t1"), one_battery, later);
    EXPECT_THAT(error_of(expired), HasSubstr("BIZ_QUOTE_EXPIRED_OR_CHANGED"));
}

TEST(ProviderStock, ATransactionWithAnOrderTakesNoNewQuote) {
    ProviderDesk desk(spec("tesla"), minutes{5});
    static_cast<void>(desk.reply_to(asked(Action::confirm, order({6000}), "t1"), one_battery, noon));
    const auto again = desk.reply_to(asked(Action::init, order({1000}), "t1"), one_battery, noon);
    EXPECT_THAT(error_of(again), HasSubstr("BIZ_INVALID_STATE_TRANSITION"));
    EXPECT_EQ(desk.ledger().sold("BAT-1", evening), Watts{6000});
}

TEST(ProviderStock, ABookReadBackHoldsWhatItHeld) {
    ProviderDesk desk(spec("tesla"), minutes{5});
    static_cast<void>(desk.reply_to(asked(Action::confirm, order({4000}), "t1"), one_battery, noon));
    const BookedOrder kept = booked_order_from_json(to_json(*desk.find("t1"))).value();
    ProviderDesk next(spec("tesla"), minutes{5});
    next.restore("t1", kept);
    EXPECT_EQ(next.ledger().sold("BAT-1", evening), Watts{4000});
    desk.forget();
    EXPECT_EQ(desk.ledger().sold("BAT-1", evening), Watts{4000});
    ASSERT_TRUE(desk.reduce("t1", 500'000).has_value());
    EXPECT_EQ(desk.ledger().sold("BAT-1", evening), Watts{2000});
}

TEST(ProviderStock, AnActivationAsksForNoMoreThanWasCommitted) {
    ProviderDesk desk(spec("tesla"), minutes{5});
    const beckn::Order made =
        order_in(desk.reply_to(asked(Action::confirm, order({6000, 3000}), "t1"), one_battery, noon));
    beckn::Order wanted = made;
    wanted.lines[0].power_w.values = {2000, 5000};
    const auto fired =
        desk.reply_to(asked(Action::update, beckn::UpdateRequest{wanted}, "t1"), one_battery, noon);
    EXPECT_THAT(order_in(fired).lines.at(0).power_w.values, ElementsAre(2000, 3000));
    EXPECT_THAT(desk.find("t1")->order.lines.at(0).power_w.values, ElementsAre(6000, 3000));
}

TEST(ProviderStock, TracksSupportsAndTakesRatings) {
    ProviderDesk desk(spec("tesla"), minutes{5});
    const beckn::Order made =
        order_in(desk.reply_to(asked(Action::confirm, order({6000}), "t1"), one_battery, noon));
    const auto tracked =
        desk.reply_to(asked(Action::track, beckn::TrackRequest{made.id, ""}, "t1"), one_battery, noon);
    EXPECT_TRUE(std::get<beckn::Tracking>(tracked.message).is_active);
    const auto helped =
        desk.reply_to(asked(Action::support, beckn::SupportRequest{made.id}, "t1"), one_battery, noon);
    EXPECT_THAT(std::get<beckn::Support>(helped.message).email, HasSubstr("tesla.example"));
    const auto rate = [&](const std::string& id, std::int64_t value) {
        return desk.reply_to(
            asked(Action::rating,
                  beckn::RatingRequest{{{.id = id, .category = "Order", .value_milli = value}}}, "t1"),
            one_battery, noon);
    };
    EXPECT_TRUE(std::get<beckn::RatingAnswer>(rate(made.id, 4500).message).is_accepted);
    EXPECT_THAT(error_of(rate("ORD-nobody", 4500)), HasSubstr("BIZ_RATING_TARGET_NOT_FOUND"));
    EXPECT_THAT(error_of(rate(made.id, 9000)), HasSubstr("BIZ_INVALID_RATING_VALUE"));
}

TEST(ProviderStock, MetersShowWhatWasDeliveredAndWhatItComesTo) {
    ProviderFaults faults;
    faults.sizes.deliver_ppm = 500'000;
    ProviderDesk desk(spec("tesla", faults), minutes{5});
    beckn::Envelope confirm = asked(Action::confirm, order({6000, 3000}), "t1");
    confirm.version = beckn::WireVersion::v2_rc1;
    static_cast<void>(desk.reply_to(confirm, one_battery, noon));
    const auto status = [&](UtcTime now, const DrawnFaults& drawn) {
        beckn::Envelope ask = asked(Action::status, beckn::StatusRequest{"t1"}, "t1");
        ask.version = beckn::WireVersion::v2_rc1;
        return order_in(desk.reply_to(ask, one_battery, now, drawn));
    };
    const beckn::Order before = status(noon, {});
    ASSERT_THAT(before.performance, SizeIs(1));
    EXPECT_FALSE(before.performance[0].meters.at(0).usage_w.has_value());
    DrawnFaults under;
    under.add(FaultKind::under_delivery);
    const beckn::Order after = status(evening + hours{1}, under);
    const flex::MeterSeries& meter = after.performance.at(0).meters.at(0);
    EXPECT_EQ(meter.baseline_w->values[0] - meter.usage_w->values[0], 3000);
    EXPECT_EQ(meter.baseline_w->values[1] - meter.usage_w->values[1], 1500);
    ASSERT_THAT(after.flows, SizeIs(2));
    EXPECT_EQ(after.flows[1].value_micro, 562'500);  // 2.25 kWh at 0.25
    EXPECT_EQ(after.flows[0].value_micro + after.flows[1].value_micro, 0);
}

}  // namespace
}  // namespace headroom::sim
