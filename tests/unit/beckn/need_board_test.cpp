#include "need_world.hpp"

#include "core/random.hpp"

#include <algorithm>

namespace headroom::beckn::need_test {
namespace {

using Kinds = std::vector<NeedNews::Kind>;

Kinds kinds(const NeedOutcome& outcome) {
    Kinds out;
    for (const NeedNews& news : outcome.news) {
        out.push_back(news.kind);
    }
    return out;
}

const flex::RevenueFlow& flow(const Order& order, std::string_view role) {
    const auto found = std::find_if(order.flows.begin(), order.flows.end(),
                                    [role](const flex::RevenueFlow& one) { return one.role == role; });
    EXPECT_NE(found, order.flows.end());
    return *found;
}

TEST(NeedBoard, TellsWhatIsOpenOnAFeeder) {
    NeedWorld world;
    world.feed(need_event::Publish{fixed_need()});
    PublishedNeed other = fixed_need("need-9");
    other.feeder = "F-9";
    world.feed(need_event::Publish{other});

    world.say("agg.example", "t", Action::search, SearchIntent{});
    EXPECT_EQ(std::get<Catalog>(world.sent.back().message).needs.size(), 2U);

    SearchIntent there;
    there.feeder = "F-9";
    there.need_w = grid({1'000});
    world.say("agg.example", "t", Action::search, there);
    const auto& catalog = std::get<Catalog>(world.sent.back().message);
    ASSERT_EQ(catalog.needs.size(), 1U);
    EXPECT_EQ(catalog.needs.front().resource, "need-9");
    EXPECT_EQ(catalog.needs.front().need->price_per_mwh, grid({300'000'000, 300'000'000}));
    EXPECT_EQ(catalog.needs.front().policy->query_path, "data.deg.contracts.demand_flex");
    EXPECT_EQ(catalog.bpp_id, "dso.example");

    there.turn_up = true;
    world.say("agg.example", "t", Action::search, there);
    EXPECT_TRUE(std::get<CatalogList>(world.sent.back().message).catalogs.empty());
}

TEST(NeedBoard, RefusesANeedThatContradictsItself) {
    const auto pointer_of = [](auto change) {
        PublishedNeed need = fixed_need();
        change(need);
        const Result<void> checked = check(need, morning);
        return checked ? std::string("good") : checked.error().pointer;
    };
    EXPECT_EQ(pointer_of([](PublishedNeed&) {}), "good");
    EXPECT_EQ(pointer_of([](PublishedNeed& need) { need.id = "no good"; }), "/need_id");
    EXPECT_EQ(pointer_of([](PublishedNeed& need) {
                  need.need.requested_w.values = {0, 0};
              }),
              "/requested_kw");
    EXPECT_EQ(pointer_of([](PublishedNeed& need) { need.gate = morning; }), "/gate");
    EXPECT_EQ(pointer_of([](PublishedNeed& need) { need.gate = evening + minutes{1}; }), "/gate");
    EXPECT_EQ(pointer_of([](PublishedNeed& need) { need.need.price_per_mwh.reset(); }),
              "/prices_gbp_per_kwh");
    EXPECT_EQ(pointer_of([](PublishedNeed& need) { need.need.price_per_mwh->values.pop_back(); }),
              "/prices_gbp_per_kwh");
    EXPECT_EQ(pointer_of([](PublishedNeed& need) { need.currency = "INR"; }), "/currency");
    EXPECT_EQ(pointer_of([](PublishedNeed& need) {
                  need = auction();
                  need.ceiling_per_mwh = 0;
              }),
              "/ceiling_gbp_per_kwh");
}

TEST(NeedBoard, ContractsAtAFixedPriceWhatIsStillWanted) {
    NeedWorld world;
    world.feed(need_event::Publish{fixed_need()});
    const NeedOutcome first =
        world.agree("a.example", "t1", NeedWorld::fixed_offer("need-1", 50'000, 40'000, "m1"));
    EXPECT_EQ(kinds(first), Kinds{NeedNews::Kind::contracted});
    EXPECT_EQ(world.sent.back().context.action, Action::on_confirm);
    EXPECT_EQ(world.last_order().status, OrderStatus::active);
    EXPECT_EQ(world.last_order().needs.front().status, "ACTIVE");
    EXPECT_EQ(world.board.still_wanted(*world.board.need("need-1")).values,
              (std::vector<std::int64_t>{10'000, 0}));

    // The same kW is not bought twice.
    const NeedOutcome second =
        world.say("b.example", "t2", Action::init, NeedWorld::fixed_offer("need-1", 10'001, 0, "m2"));
    ASSERT_TRUE(second.refuse);
    EXPECT_EQ(second.refuse->code, "BIZ_QUANTITY_UNAVAILABLE");
    EXPECT_EQ(second.refuse->paths, "/message/contract/commitments/0/commitmentAttributes/intervals/0");
    EXPECT_EQ(second.refuse->expected, "at most 10 kW");
    EXPECT_EQ(second.refuse->got, "10.001 kW");

    const NeedOutcome rest =
        world.agree("b.example", "t3", NeedWorld::fixed_offer("need-1", 10'000, 0, "m2"));
    EXPECT_EQ(kinds(rest), (Kinds{NeedNews::Kind::contracted, NeedNews::Kind::closed}));
    EXPECT_EQ(world.board.need("need-1")->state, NeedState::closed);

    const flex::Contract contract = contract_of(*world.board.need("need-1"), world.order("t1"));
    ASSERT_EQ(contract.lines.size(), 1U);
    EXPECT_EQ(contract.lines.front().offer.feeder, "F-1");
    EXPECT_EQ(contract.quoted.value, 13'500'000);  // 45 kWh at 0.30 £
    EXPECT_EQ(json::write(flex::to_json(flex::contract_from_json(flex::to_json(contract)).value())),
              json::write(flex::to_json(contract)));
}

TEST(NeedBoard, JudgesABidByWhatIsWrongWithIt) {
    NeedWorld world;
    world.feed(need_event::Publish{fixed_need()});
    world.feed(need_event::Publish{auction()});
    const auto code = [&world](const Order& order, Action action = Action::init) {
        const NeedOutcome outcome = world.say("a.example", "t", action, order);
        return outcome.refuse ? outcome.refuse->code : std::string("taken");
    };
    EXPECT_EQ(code(NeedWorld::fixed_offer("need-1", 0, 0, "m1")), "BIZ_QUANTITY_UNAVAILABLE");
    EXPECT_EQ(code(NeedWorld::fixed_offer("need-7", 1, 0, "m1")), "BIZ_OFFER_NOT_FOUND");
    EXPECT_EQ(code(NeedWorld::offer("need-1", {{{1'000, 0}}}, {"m1"})), "BIZ_UPDATE_INCONSISTENT");
    EXPECT_EQ(code(NeedWorld::offer("need-1", {{{1'000, 0}}, {{1'000, 0}}}, {})),
              "SCH_REQUIRED_FIELD_MISSING");
    EXPECT_EQ(code(NeedWorld::offer("need-1", {{{1'000, 0}}, {{1'000, 0}}}, {"m", "m"})),
              "BIZ_UPDATE_INCONSISTENT");
    EXPECT_EQ(code(NeedWorld::fixed_offer("need-2", 1'000, 0, "m1")), "SCH_REQUIRED_FIELD_MISSING");
    EXPECT_EQ(code(NeedWorld::offer("need-2", {{{1'000, 400'000'001}}, {{0, 1}}}, {"m1"}, true)),
              "BIZ_PRICE_MISMATCH");
    Order cheaper = NeedWorld::fixed_offer("need-1", 1'000, 0, "m1");
    cheaper.needs.front().currency = "GBP";
    cheaper.needs.front().need = fixed_need().need;
    cheaper.needs.front().need->price_per_mwh->values[1] = 900'000'000;
    EXPECT_EQ(code(cheaper), "BIZ_PRICE_MISMATCH");
    EXPECT_EQ(code(NeedWorld::fixed_offer("need-1", 1'000, 0, "m1"), Action::confirm),
              "BIZ_INVALID_STATE_TRANSITION");
    EXPECT_EQ(code(NeedWorld::fixed_offer("need-1", 1'000, 0, "m1")), "taken");
    world.now = evening - hours{1};
    EXPECT_EQ(code(NeedWorld::fixed_offer("need-1", 1'000, 0, "m1"), Action::confirm),
              "BIZ_INVALID_STATE_TRANSITION");
}

TEST(NeedBoard, AMeterServesOneOrderAtATime) {
    NeedWorld world;
    world.feed(need_event::Publish{fixed_need()});
    world.feed(need_event::Publish{auction()});
    world.agree("a.example", "t1", NeedWorld::fixed_offer("need-1", 10'000, 0, "m1"));
    const NeedOutcome twice =
        world.say("b.example", "t2", Action::init,
                  NeedWorld::offer("need-2", {{{1'000, 1}}, {{1'000, 1}}}, {"m1"}, true));
    ASSERT_TRUE(twice.refuse);
    EXPECT_EQ(twice.refuse->code, "BIZ_QUANTITY_UNAVAILABLE");

    world.say("a.example", "t1", Action::cancel, CancelRequest{world.order("t1").order.id, "m1 is broken"});
    EXPECT_FALSE(world
                     .say("b.example", "t2", Action::init,
                          NeedWorld::offer("need-2", {{{1'000, 1}}, {{1'000, 1}}}, {"m1"}, true))
                     .refuse);
}

TEST(NeedBoard, NobodySpeaksForAnother) {
    NeedWorld world;
    world.feed(need_event::Publish{fixed_need()});
    world.agree("a.example", "t1", NeedWorld::fixed_offer("need-1", 10'000, 0, "m1"));
    const std::string id = world.order("t1").order.id;

    EXPECT_EQ(world.say("b.example", "t1", Action::status, StatusRequest{id}).refuse->code,
              "BIZ_ORDER_NOT_FOUND");
    EXPECT_EQ(world.say("b.example", "t9", Action::cancel, CancelRequest{id, "mine"}).refuse->code,
              "BIZ_ORDER_NOT_FOUND");
    EXPECT_EQ(
        world.say("b.example", "t1", Action::init, NeedWorld::fixed_offer("need-1", 1, 0, "m2")).refuse->code,
        "CTX_TRANSACTION_ID_UNKNOWN");
    EXPECT_FALSE(world.say("a.example", "t9", Action::status, StatusRequest{id}).refuse) << "by its id";
}

TEST(NeedBoard, ClearsStepBidsAtTheGateAndTellsEverybody) {
    NeedWorld world;
    world.feed(need_event::Publish{auction()});
    const auto curve = [](std::int64_t watts, std::int64_t price) {
        return std::vector<std::vector<flex::BidStep>>{{{watts, price}}, {{watts, price}}};
    };
    world.agree("a.example", "t1", NeedWorld::offer("need-2", curve(40'000, 200'000'000), {"m1"}, true));
    EXPECT_EQ(world.sent.back().context.action, Action::on_confirm);
    EXPECT_EQ(world.last_order().needs.front().status, "DRAFT") << "it stands, and nothing is awarded yet";
    const std::size_t before = world.sent.size();
    world.agree("b.example", "t2", NeedWorld::offer("need-2", curve(40'000, 300'000'000), {"m2"}, true),
                hours{12});
    EXPECT_EQ(world.sent.size(), before + 2) << "on_confirm waits for the clearing";
    world.agree("c.example", "t3", NeedWorld::offer("need-2", curve(40'000, 350'000'000), {"m3"}, true));
    EXPECT_EQ(world.board.next_moment(), evening - hours{1});

    world.sent.clear();
    world.now = evening - hours{1};
    const NeedOutcome cleared = world.feed(need_event::Tick{});
    const Kinds told = kinds(cleared);
    EXPECT_EQ(std::count(told.begin(), told.end(), NeedNews::Kind::cleared), 1);
    ASSERT_EQ(world.sent.size(), 3U);
    std::map<Action, Envelope> by_action;
    for (const Envelope& message : world.sent) {
        by_action[message.context.action] = message;
    }
    const Order& first = std::get<Order>(by_action.at(Action::on_update).message);
    EXPECT_EQ(first.needs.front().bid->cleared_w, grid({40'000, 40'000}));
    EXPECT_EQ(first.needs.front().bid->clearing_per_mwh, grid({300'000'000, 200'000'000}));
    const Order& second = std::get<Order>(by_action.at(Action::on_confirm).message);
    EXPECT_EQ(second.needs.front().bid->cleared_w, grid({20'000, 0}));
    EXPECT_EQ(second.needs.front().status, "ACTIVE");
    EXPECT_EQ(std::get<Order>(by_action.at(Action::on_cancel).message).status, OrderStatus::cancelled);
    EXPECT_EQ(world.board.need("need-2")->state, NeedState::closed);

    const flex::Contract contract = contract_of(*world.board.need("need-2"), world.order("t1"));
    ASSERT_EQ(contract.lines.size(), 2U);                     // one for each price
    EXPECT_EQ(contract.quoted.value, 6'000'000 + 4'000'000);  // 20 kWh at 0.30 £ and 20 kWh at 0.20 £
}

TEST(NeedBoard, WhatAClearingLeavesOpenIsWantedAgain) {
    NeedWorld world;
    PublishedNeed need = auction();
    need.next_round = minutes{20};
    world.feed(need_event::Publish{need});
    world.agree("a.example", "t1", NeedWorld::offer("need-2", {{{40'000, 1}}, {{40'000, 1}}}, {"m1"}, true));
    world.feed(need_event::CloseGate{"need-2"});
    const PublishedNeed& open = *world.board.need("need-2");
    EXPECT_EQ(open.state, NeedState::open);
    EXPECT_EQ(open.round, 2);
    EXPECT_EQ(open.gate, morning + minutes{20});
    EXPECT_EQ(world.board.still_wanted(open).values, (std::vector<std::int64_t>{20'000, 0}));

    EXPECT_TRUE(world
                    .say("b.example", "t2", Action::init,
                         NeedWorld::offer("need-2", {{{20'000, 1}}, {{1, 1}}}, {"m2"}, true))
                    .refuse);
    world.agree("b.example", "t3", NeedWorld::offer("need-2", {{{20'000, 2}}, {{0, 1}}}, {"m2"}, true));
    world.now = morning + minutes{20};
    world.feed(need_event::Tick{});
    EXPECT_EQ(world.order("t3").awarded_w, grid({20'000, 0}));
    EXPECT_EQ(world.board.need("need-2")->state, NeedState::closed);
    EXPECT_EQ(world.board.need("need-2")->ended_because, "covered");
}

TEST(NeedBoard, GivesAKwBackThatIsCancelledBeforeItsFirstSlot) {
    NeedWorld world;
    world.feed(need_event::Publish{fixed_need()});
    world.agree("a.example", "t1", NeedWorld::fixed_offer("need-1", 60'000, 40'000, "m1"));
    EXPECT_EQ(world.board.need("need-1")->state, NeedState::closed);
    const std::string id = world.order("t1").order.id;

    world.say("a.example", "t1", Action::cancel, CancelRequest{id, "later"}, seconds{30}, true);
    EXPECT_EQ(world.order("t1").step, NeedStep::contracted) << "a preview changes nothing";
    const NeedOutcome ended = world.say("a.example", "t1", Action::cancel, CancelRequest{id, "plant fault"});
    EXPECT_EQ(kinds(ended), Kinds{NeedNews::Kind::ended});
    EXPECT_EQ(world.last_order().cancellation, "plant fault");
    EXPECT_EQ(world.board.need("need-1")->state, NeedState::open);
    EXPECT_EQ(world.board.still_wanted(*world.board.need("need-1")), grid({60'000, 40'000}));

    world.agree("b.example", "t2", NeedWorld::fixed_offer("need-1", 0, 40'000, "m2"));
    world.now = evening + minutes{30};
    EXPECT_EQ(world.say("b.example", "t2", Action::cancel, CancelRequest{world.order("t2").order.id, ""})
                  .refuse->code,
              "POL_CANCELLATION_NOT_ALLOWED");
}

TEST(NeedBoard, WithdrawingEndsBidsAndLeavesContracts) {
    NeedWorld world;
    world.feed(need_event::Publish{fixed_need()});
    world.feed(need_event::Publish{auction()});
    world.agree("a.example", "t1", NeedWorld::fixed_offer("need-1", 10'000, 0, "m1"));
    world.agree("b.example", "t2", NeedWorld::offer("need-2", {{{40'000, 1}}, {{40'000, 1}}}, {"m2"}, true));
    world.say("c.example", "t3", Action::select, NeedWorld::fixed_offer("need-1", 10'000, 0, "m3"));

    world.feed(need_event::Withdraw{"need-1", "not needed"});
    world.feed(need_event::Withdraw{"need-2", "not needed"});
    EXPECT_EQ(world.order("t1").step, NeedStep::contracted);
    EXPECT_EQ(world.order("t2").step, NeedStep::cancelled);
    EXPECT_EQ(world.order("t3").step, NeedStep::cancelled);
    EXPECT_EQ(world.sent.back().context.action, Action::on_cancel);
    EXPECT_TRUE(world.feed(need_event::Withdraw{"need-1", "again"}).fault);
}

TEST(NeedBoard, AConfirmThatComesAgainIsAnsweredAgain) {
    NeedWorld world;
    world.feed(need_event::Publish{fixed_need()});
    const Order order = NeedWorld::fixed_offer("need-1", 10'000, 0, "m1");
    world.agree("a.example", "t1", order);
    const NeedOutcome again = world.say("a.example", "t1", Action::confirm, order);
    EXPECT_TRUE(again.news.empty());
    EXPECT_EQ(world.sent.back().context.action, Action::on_confirm);
    EXPECT_EQ(world.say("a.example", "t1", Action::confirm, NeedWorld::fixed_offer("need-1", 11'000, 0, "m1"))
                  .refuse->code,
              "BIZ_ALREADY_CONFIRMED");
}

TEST(NeedBoard, AnUpdateChangesTheBidAndTheMetersWhileItMay) {
    NeedWorld world;
    world.feed(need_event::Publish{fixed_need()});
    world.agree("a.example", "t1", NeedWorld::fixed_offer("need-1", 60'000, 40'000, "m1"));
    Order less = NeedWorld::offer("need-1", {{{50'000, 0}}, {{40'000, 0}}}, {"m1", "m2"});
    less.id = world.order("t1").order.id;
    EXPECT_FALSE(world.say("a.example", "t1", Action::update, UpdateRequest{less}).refuse);
    EXPECT_EQ(world.order("t1").awarded_w, grid({50'000, 40'000}));
    EXPECT_EQ(world.order("t1").line().meters.size(), 2U);
    EXPECT_EQ(world.board.need("need-1")->state, NeedState::open) << "10 kW are wanted again";

    world.now = evening;
    less.needs.front().bid->curve.front().front().power_w = 1;
    EXPECT_EQ(world.say("a.example", "t1", Action::update, UpdateRequest{less}).refuse->code,
              "POL_UPDATE_NOT_ALLOWED");
}

TEST(NeedBoard, SettlesByOurMetersAndKeepsTheOtherSidesEvidence) {
    NeedWorld world;
    world.feed(need_event::Publish{fixed_need()});
    world.agree("a.example", "t1", NeedWorld::fixed_offer("need-1", 60'000, 40'000, "m1"));
    world.now = evening + hours{1} - milliseconds{1};
    Order report;
    report.id = world.order("t1").order.id;
    report.performance = {NeedWorld::evidence("theirs", "m1", {60'000, 40'000})};
    EXPECT_FALSE(world.say("a.example", "t1", Action::update, UpdateRequest{report}).refuse);
    EXPECT_EQ(world.order("t1").step, NeedStep::contracted);

    world.now = evening + hours{1};
    EXPECT_FALSE(world.say("a.example", "t1", Action::update, UpdateRequest{report}).refuse);
    EXPECT_EQ(world.order("t1").step, NeedStep::contracted) << "our meters speak first";
    const NeedOutcome settled =
        world.feed(need_event::Measured{make_uuid("t1"), NeedWorld::evidence("any", "m1", {60'000, 20'000})});
    EXPECT_EQ(kinds(settled), Kinds{NeedNews::Kind::settled});
    EXPECT_EQ(world.sent.back().context.action, Action::on_status);
    EXPECT_EQ(world.last_order().status, OrderStatus::complete);
    // 40 kWh at 0.30 £, less 10 kWh at 0.10 £.
    EXPECT_EQ(flow(world.last_order(), "seller").value_micro, 11'000'000);
    EXPECT_EQ(flow(world.last_order(), "buyer").value_micro, -11'000'000);
    EXPECT_EQ(settle_by(world.order("t1"), false)->flows.back().value_micro, 15'000'000);
    EXPECT_TRUE(world.feed(need_event::Measured{make_uuid("t1"), {}}).orders.empty())
        << "an end is never left";
}

TEST(NeedBoard, SettlesByTheSellersEvidenceWhereWeHaveNoMeters) {
    NeedWorld world;
    world.feed(need_event::Publish{fixed_need()});
    world.agree("a.example", "t1", NeedWorld::fixed_offer("need-1", 60'000, 40'000, "m1"));
    world.now = evening + hours{2};
    EXPECT_TRUE(world.feed(need_event::Measured{make_uuid("t1"), {}}).news.empty())
        << "nothing to settle by yet";

    Order report;
    report.id = world.order("t1").order.id;
    report.performance = {NeedWorld::evidence("theirs", "m9", {60'000, 40'000})};
    EXPECT_EQ(world.say("a.example", "t1", Action::update, UpdateRequest{report}).refuse->paths,
              "/message/contract/performance/0/performanceAttributes/meters");
    report.performance = {NeedWorld::evidence("theirs", "m1", {60'000, 40'000})};
    const NeedOutcome told = world.say("a.example", "t1", Action::update, UpdateRequest{report});
    EXPECT_EQ(kinds(told), Kinds{NeedNews::Kind::settled});
    EXPECT_EQ(world.sent.back().context.action, Action::on_update);
    EXPECT_EQ(flow(world.last_order(), "seller").value_micro, 15'000'000);
}

TEST(NeedBoard, AnswersQuestionsAboutAnOrder) {
    NeedWorld world;
    world.feed(need_event::Publish{fixed_need()});
    world.agree("a.example", "t1", NeedWorld::fixed_offer("need-1", 10'000, 0, "m1"));
    const std::string id = world.order("t1").order.id;
    world.say("a.example", "t1", Action::track, TrackRequest{.order_id = id});
    EXPECT_TRUE(std::get<Tracking>(world.sent.back().message).is_active);
    world.say("a.example", "t1", Action::support, SupportRequest{.ref_id = id});
    EXPECT_EQ(std::get<Support>(world.sent.back().message).url, "https://dso.example/beckn");
    world.say("a.example", "t1", Action::rating,
              RatingRequest{{{.id = id, .category = "Order", .value_milli = 4'000}}});
    EXPECT_TRUE(std::get<RatingAnswer>(world.sent.back().message).is_accepted);
    EXPECT_EQ(
        world.say("a.example", "t1", Action::rating, RatingRequest{{{.id = "other", .category = "Order"}}})
            .refuse->code,
        "BIZ_RATING_TARGET_NOT_FOUND");
}

/// Whatever aggregators do in whatever order, no slot is promised beyond its need, and a replay ends the
/// same.
TEST(NeedBoard, NeverPromisesAKwTwiceAndReplaysToTheSameBoard) {
    const Random random(7);
    for (std::uint64_t round = 0; round < 20; ++round) {
        NeedWorld world;
        std::uint64_t draw = 0;
        const auto next = [&](std::uint64_t bound) {
            return static_cast<std::int64_t>(random.below(bound, round, draw++, 3));
        };
        PublishedNeed second = auction();
        second.next_round = minutes{30};
        world.feed(need_event::Publish{fixed_need()});
        world.feed(need_event::Publish{second});
        for (int move = 0; move < 60; ++move) {
            const std::string name = std::to_string(next(6));
            const bool is_fixed = next(2) == 0;
            Order order =
                is_fixed ? NeedWorld::fixed_offer("need-1", 1'000 * next(50), 1'000 * next(50), "m" + name)
                         : NeedWorld::offer("need-2",
                                            {{{1'000 * next(50), 1'000'000 * next(401)}},
                                             {{1'000 * next(50), 1'000'000 * next(401)}}},
                                            {"m" + name}, true);
            const std::string transaction = (is_fixed ? "f" : "p") + name + std::to_string(next(2));
            const auto known = world.board.orders.find(make_uuid(transaction));
            order.id = known == world.board.orders.end() ? make_uuid("none") : known->second.order.id;
            switch (next(6)) {
                case 0:
                    world.say("a.example", transaction, Action::update, UpdateRequest{order});
                    break;
                case 1:
                    world.say("a.example", transaction, Action::cancel, CancelRequest{order.id, "why"});
                    break;
                case 2:
                    world.now += minutes{next(60)};
                    world.feed(need_event::Tick{});
                    break;
                default:
                    order.id.clear();
                    world.say("a.example", transaction, Action::init, order);
                    world.say("a.example", transaction, Action::confirm, order,
                              next(2) == 0 ? hours{20} : seconds{30});
            }
            for (const auto& [id, need] : world.board.needs) {
                std::vector<std::int64_t> promised(need.requested_w().values.size(), 0);
                for (const auto& [key, held] : world.board.orders) {
                    for (std::size_t slot = 0; held.need == id && held.binds() && slot < promised.size();
                         ++slot) {
                        promised[slot] += held.awarded_w->values[slot];
                    }
                }
                for (std::size_t slot = 0; slot < promised.size(); ++slot) {
                    ASSERT_LE(promised[slot], need.requested_w().values[slot]) << id << " in round " << round;
                }
            }
        }
        NeedBoard again;
        again.house = world.board.house;
        for (const auto& [event, at] : world.events) {
            apply(again, step(again, event, {at, at}));
        }
        EXPECT_TRUE(again.needs == world.board.needs && again.orders == world.board.orders);
    }
}

}  // namespace
}  // namespace headroom::beckn::need_test
