#include "beckn/saga.hpp"

#include "unit/beckn/beckn_world.hpp"

#include <gtest/gtest.h>

namespace headroom::beckn {
namespace {

using namespace test;
using namespace saga_event;

constexpr std::int64_t offered = 1'143'000;  // 4.5 kWh at £0.25 and £4 per MWh armed

/// A saga and the effects of its last step.
struct SagaRun {
    Saga saga;
    SagaEffects effects;
    SagaTime now{evening - hours{1}, wall_noon};
    SagaRules rules;

    SagaRun() { saga.contract = wanted_contract(); }
    SagaRun& feed(const SagaEvent& event) {
        std::tie(saga, effects) = step(std::move(saga), event, now, rules);
        return *this;
    }
    SagaRun& to_confirming() {
        feed(Start{});
        feed(Answered{Action::on_select, order_with({6000, 3000}, offered)});
        feed(Proceed{});
        feed(Answered{Action::on_init, order_with({6000, 3000}, offered)});
        return feed(Proceed{});
    }
    SagaRun& to_active() {
        to_confirming();
        return feed(Answered{Action::on_confirm, committed({6000, 3000}, offered)});
    }
    static Order committed(std::vector<std::int64_t> watts, std::int64_t total) {
        Order order = order_with(std::move(watts), total);
        order.status = OrderStatus::active;
        order.fulfilment = FulfilmentState::armed;
        return order;
    }
};

TEST(Saga, GoesFromSelectToAnActiveContract) {
    SagaRun talk;
    talk.feed(Start{});
    EXPECT_EQ(talk.effects.send, Action::select);
    EXPECT_EQ(talk.saga.step, SagaStep::selecting);
    talk.feed(Answered{Action::on_select, order_with({6000, 3000}, offered)});
    EXPECT_TRUE(talk.effects.proceed);
    EXPECT_EQ(talk.saga.step, SagaStep::quoted);
    EXPECT_EQ(talk.saga.contract.state, flex::ContractState::quoted);
    talk.feed(Proceed{});
    EXPECT_EQ(talk.effects.send, Action::init);
    talk.feed(Answered{Action::on_init, order_with({6000, 3000}, offered)});
    EXPECT_EQ(talk.saga.step, SagaStep::inited);
    talk.feed(Proceed{});
    EXPECT_EQ(talk.effects.send, Action::confirm);
    EXPECT_EQ(talk.saga.contract.state, flex::ContractState::confirming);
    talk.feed(Answered{Action::on_confirm, SagaRun::committed({6000, 3000}, offered)});
    EXPECT_TRUE(talk.effects.done);
    EXPECT_EQ(talk.saga.contract.state, flex::ContractState::active);
    EXPECT_EQ(talk.saga.contract.order_id, "ORD-0a1b2c3d");
    EXPECT_EQ(talk.saga.contract.quoted, MicroPounds{offered});
    EXPECT_EQ(talk.saga.contract.lines.at(0).power_w.values, (std::vector<std::int64_t>{6000, 3000}));
}

TEST(Saga, AQuoteAboveTheOfferIsNotTaken) {
    SagaRun talk;
    talk.feed(Start{}).feed(Answered{Action::on_select, order_with({6000, 3000}, offered + 1)});
    EXPECT_EQ(talk.saga.step, SagaStep::failed);
    EXPECT_TRUE(talk.effects.done);
    EXPECT_NE(talk.saga.contract.failure.find("rose from GBP 1.143 (offer) to GBP 1.143001"),
              std::string::npos)
        << talk.saga.contract.failure;
}

TEST(Saga, AQuoteThatRisesAtInitIsNotTaken) {
    SagaRun talk;
    talk.feed(Start{})
        .feed(Answered{Action::on_select, order_with({6000, 3000}, offered - 10)})
        .feed(Proceed{});
    talk.feed(Answered{Action::on_init, order_with({6000, 3000}, offered)});
    EXPECT_EQ(talk.saga.step, SagaStep::failed);
    EXPECT_NE(talk.saga.contract.failure.find("on_select"), std::string::npos);
}

TEST(Saga, ARiseWithinTheToleranceIsTaken) {
    SagaRun talk;
    talk.rules.price_tolerance_ppm = 1000;  // £0.001143
    talk.feed(Start{}).feed(Answered{Action::on_select, order_with({6000, 3000}, offered + 1143)});
    EXPECT_EQ(talk.saga.step, SagaStep::quoted);
}

TEST(Saga, AnExpiredQuoteIsNotInited) {
    SagaRun talk;
    talk.feed(Start{}).feed(Answered{Action::on_select, order_with({6000, 3000}, offered)});
    talk.now.wall += minutes{5} + milliseconds{1};
    talk.feed(Proceed{});
    EXPECT_EQ(talk.saga.step, SagaStep::failed);
    EXPECT_TRUE(talk.effects.done);
    EXPECT_FALSE(talk.effects.send.has_value());
}

TEST(Saga, AQuoteIsGoodUntilTheFirstOfItsTimesIsOver) {
    SagaRun talk;
    talk.saga.contract.lines[0].offer.valid_until =
        wall_noon + minutes{1};  // the quote's ttl is five minutes
    talk.feed(Start{}).feed(Answered{Action::on_select, order_with({6000, 3000}, offered)});
    EXPECT_EQ(talk.saga.quote_until, wall_noon + minutes{1});
    talk.now.wall += minutes{1} + milliseconds{1};
    talk.feed(Proceed{});
    EXPECT_EQ(talk.saga.step, SagaStep::failed);
    EXPECT_FALSE(talk.effects.send.has_value());
}

TEST(Saga, AQuoteThatExpiresAfterInitIsNotConfirmed) {
    SagaRun talk;
    talk.feed(Start{})
        .feed(Answered{Action::on_select, order_with({6000, 3000}, offered)})
        .feed(Proceed{})
        .feed(Answered{Action::on_init, order_with({6000, 3000}, offered)});
    talk.now.wall += minutes{5} + milliseconds{1};
    talk.feed(Proceed{});
    EXPECT_EQ(talk.saga.step, SagaStep::failed);
    EXPECT_FALSE(talk.effects.send.has_value());
}

TEST(Saga, AQuoteForLessIsBoughtAsLess) {
    SagaRun talk;
    // 6 kW for a half-hour alone: 3 kWh at £0.25, and £0.004 for each kWh of being armed.
    talk.feed(Start{}).feed(Answered{Action::on_select, order_with({6000, 0}, 762'000)});
    EXPECT_EQ(talk.saga.step, SagaStep::quoted) << talk.saga.contract.failure;
    EXPECT_EQ(talk.saga.contract.lines.at(0).power_w.values, (std::vector<std::int64_t>{6000, 0}));
    EXPECT_EQ(talk.saga.contract.lines.at(0).energy, WattHours{3000});
    // The same money for less power would be a rise.
    SagaRun dear;
    dear.feed(Start{}).feed(Answered{Action::on_select, order_with({6000, 0}, offered)});
    EXPECT_EQ(dear.saga.step, SagaStep::failed);
}

TEST(Saga, AQuantityThatFallsBetweenSelectAndInitIsDecidedAgain) {
    SagaRun talk;
    talk.feed(Start{}).feed(Answered{Action::on_select, order_with({6000, 3000}, offered)}).feed(Proceed{});
    talk.feed(Answered{Action::on_init, order_with({5000, 3000}, offered - 200'000)});
    EXPECT_EQ(talk.saga.step, SagaStep::failed);
    EXPECT_NE(talk.saga.contract.failure.find("fell from 4500 Wh (on_select) to 4000 Wh"), std::string::npos)
        << talk.saga.contract.failure;
    SagaRun tolerant;
    tolerant.rules.quantity_tolerance_ppm = 200'000;
    tolerant.feed(Start{})
        .feed(Answered{Action::on_select, order_with({6000, 3000}, offered)})
        .feed(Proceed{});
    tolerant.feed(Answered{Action::on_init, order_with({5000, 3000}, offered - 200'000)});
    EXPECT_EQ(tolerant.saga.step, SagaStep::inited) << tolerant.saga.contract.failure;
    EXPECT_EQ(tolerant.saga.contract.lines.at(0).energy, WattHours{4000});
}

TEST(Saga, AStatusThatWasOvertakenChangesNothing) {
    SagaRun talk;
    talk.to_active();
    Order order = SagaRun::committed({6000, 3000}, offered);
    talk.feed(Answered{Action::on_status, order, wall_noon + seconds{20}});
    Order cancelled = order;
    cancelled.status = OrderStatus::cancelled;
    talk.feed(Answered{Action::on_status, cancelled, wall_noon + seconds{10}});
    EXPECT_EQ(talk.saga.step, SagaStep::active);
    EXPECT_FALSE(talk.effects.refuse.has_value());
    talk.feed(AskStatus{});
    talk.feed(Answered{Action::on_status, cancelled, wall_noon + seconds{10}});
    EXPECT_TRUE(talk.effects.done);  // who asked is answered, with what is known
    EXPECT_EQ(talk.saga.step, SagaStep::active);
    Order complete = order;
    complete.status = OrderStatus::complete;
    talk.feed(Answered{Action::on_status, complete, wall_noon + seconds{30}});
    EXPECT_EQ(talk.saga.step, SagaStep::completed);
    talk.feed(Answered{Action::on_status, order, wall_noon + seconds{40}});
    EXPECT_EQ(talk.saga.step, SagaStep::completed);  // never back from an end
}

TEST(Saga, ACancelWithoutAnAnswerStaysOwed) {
    SagaRun talk;
    talk.to_active().feed(Cancel{"the load has fallen"});
    EXPECT_TRUE(talk.saga.cancel_owed);
    talk.feed(Unheard{Action::cancel, "HTTP 503"});
    EXPECT_TRUE(talk.saga.cancel_owed);
    EXPECT_EQ(talk.saga.step, SagaStep::active);
    const Result<Saga> kept = saga_from_json(to_json(talk.saga));
    ASSERT_TRUE(kept.has_value()) << kept.error().message;
    EXPECT_TRUE(kept->cancel_owed);
    talk.feed(Cancel{"the load has fallen"}).feed(Answered{Action::on_cancel, Order{}});
    EXPECT_EQ(talk.saga.step, SagaStep::cancelled);
    EXPECT_FALSE(talk.saga.cancel_owed);
    // Refused is an answer: then it is for a person.
    SagaRun refused;
    refused.to_active()
        .feed(Cancel{"x"})
        .feed(Declined{Action::cancel, make_error(ErrorCode::pol_cancellation_not_allowed, "too late")});
    EXPECT_FALSE(refused.saga.cancel_owed);
}

TEST(Saga, AnUnknownOutcomeOwesItsCancelUntilItIsAnswered) {
    SagaRun talk;
    talk.to_confirming()
        .feed(Unheard{Action::confirm, ""})
        .feed(Unheard{Action::status, ""})
        .feed(Unheard{Action::cancel, ""});
    EXPECT_EQ(talk.saga.step, SagaStep::unknown);
    EXPECT_TRUE(talk.saga.cancel_owed);
    talk.feed(Cancel{"unknown"});
    EXPECT_EQ(talk.effects.send, Action::cancel);
    talk.feed(Answered{Action::on_cancel, Order{}});
    EXPECT_EQ(talk.saga.step, SagaStep::cancelled);
    EXPECT_FALSE(talk.saga.cancel_owed);
}

TEST(Saga, AStatusShowsAnUpdateThatWasLost) {
    SagaRun talk;
    talk.to_active().feed(AskStatus{});
    talk.feed(Answered{Action::on_status, SagaRun::committed({2000, 3000}, offered), wall_noon});
    EXPECT_TRUE(talk.effects.done);
    EXPECT_EQ(talk.saga.contract.lines.at(0).power_w.values, (std::vector<std::int64_t>{2000, 3000}));
    talk.feed(Answered{Action::on_status, SagaRun::committed({6000, 3000}, offered), wall_noon});
    EXPECT_FALSE(talk.effects.tell);  // never more than was committed
    EXPECT_EQ(talk.saga.contract.lines.at(0).power_w.values, (std::vector<std::int64_t>{2000, 3000}));
}

TEST(Saga, ThatThereIsNoOrderIsSealedByACancel) {
    // The confirm may still be on its way when the provider says that it has no order.
    SagaRun talk;
    const MessageError none = make_error(ErrorCode::biz_order_not_found, "no order");
    talk.to_confirming().feed(Unheard{Action::confirm, ""}).feed(Declined{Action::status, none});
    EXPECT_EQ(talk.saga.step, SagaStep::withdrawing);
    EXPECT_EQ(talk.effects.send, Action::cancel);
    talk.feed(Declined{Action::cancel, none});
    EXPECT_EQ(talk.saga.step, SagaStep::failed);
    EXPECT_EQ(talk.saga.contract.failure, "the provider has no order");
    EXPECT_FALSE(talk.saga.cancel_owed);
}

TEST(Saga, AnAnswerThatWasOvertakenIsPassedOver) {
    // on_status: no order; and, before anybody has looked at it, the on_confirm.
    SagaRun talk;
    talk.to_confirming().feed(Unheard{Action::confirm, ""});
    talk.feed(Answered{Action::on_confirm, SagaRun::committed({6000, 3000}, offered)});
    EXPECT_EQ(talk.saga.step, SagaStep::active);
    talk.feed(Declined{Action::status, make_error(ErrorCode::biz_order_not_found, "no order")});
    EXPECT_EQ(talk.saga.step, SagaStep::active);
    talk.feed(Unheard{Action::status, ""});
    EXPECT_EQ(talk.saga.step, SagaStep::active);
    EXPECT_FALSE(talk.effects.fault.has_value());
}

TEST(Saga, AnExpiredOfferIsNotSelected) {
    SagaRun talk;
    talk.saga.contract.lines[0].offer.valid_until = wall_noon - seconds{1};
    talk.feed(Start{});
    EXPECT_EQ(talk.saga.step, SagaStep::failed);
    EXPECT_FALSE(talk.effects.send.has_value());
    EXPECT_TRUE(talk.effects.done);
}

TEST(Saga, APartialCommitmentBecomesTheContract) {
    SagaRun talk;
    talk.to_confirming();
    Order order = SagaRun::committed({3000, 0}, 381'000);
    talk.feed(Answered{Action::on_confirm, order});
    ASSERT_EQ(talk.saga.step, SagaStep::active);
    const flex::PlanLine& line = talk.saga.contract.lines.at(0);
    EXPECT_EQ(line.power_w.values, (std::vector<std::int64_t>{3000, 0}));
    EXPECT_EQ(line.energy, WattHours{1500});
    EXPECT_EQ(line.relief_peak, Watts{3000});  // half of the peak asked for
    EXPECT_EQ(line.cost, MicroPounds{381'000});
    EXPECT_EQ(talk.saga.contract.quoted, MicroPounds{381'000});
}

TEST(Saga, MoreThanAskedIsNotTaken) {
    SagaRun talk;
    talk.to_confirming();
    talk.feed(Answered{Action::on_confirm, SagaRun::committed({9000, 9000}, offered)});
    EXPECT_EQ(talk.saga.contract.lines.at(0).power_w.values, (std::vector<std::int64_t>{6000, 3000}));
}

TEST(Saga, AnOrderForOtherHalfHoursIsCancelled) {
    SagaRun talk;
    talk.to_confirming();
    Order order = SagaRun::committed({6000, 3000}, offered);
    order.lines[0].power_w.start += hours{1};
    talk.feed(Answered{Action::on_confirm, order});
    EXPECT_EQ(talk.effects.send, Action::cancel);
    EXPECT_EQ(talk.saga.step, SagaStep::withdrawing);
    talk.feed(Answered{Action::on_cancel, order});
    EXPECT_EQ(talk.saga.contract.state, flex::ContractState::cancelled);
    EXPECT_TRUE(talk.effects.done);
}

TEST(Saga, AnUnansweredConfirmIsCheckedThenCancelledThenUnknown) {
    SagaRun talk;
    talk.to_confirming();
    talk.feed(Unheard{Action::confirm, ""});
    EXPECT_EQ(talk.effects.send, Action::status);
    EXPECT_FALSE(talk.effects.done);
    talk.feed(Unheard{Action::status, ""});
    EXPECT_EQ(talk.effects.send, Action::cancel);
    talk.feed(Unheard{Action::cancel, ""});
    EXPECT_TRUE(talk.effects.done);
    EXPECT_EQ(talk.saga.contract.state, flex::ContractState::unknown);
}

TEST(Saga, AStatusCanShowThatTheOrderExists) {
    SagaRun talk;
    talk.to_confirming().feed(Unheard{Action::confirm, ""});
    talk.feed(Answered{Action::on_status, SagaRun::committed({6000, 3000}, offered)});
    EXPECT_EQ(talk.saga.contract.state, flex::ContractState::active);
    EXPECT_TRUE(talk.saga.contract.failure.empty());
    EXPECT_TRUE(talk.effects.done);
}

TEST(Saga, ALateConfirmationIsALiveObligation) {
    SagaRun talk;
    talk.to_confirming().feed(Unheard{Action::confirm, ""});
    talk.feed(Unheard{Action::status, ""}).feed(Unheard{Action::cancel, ""});
    talk.feed(Answered{Action::on_confirm, SagaRun::committed({6000, 3000}, offered)});
    EXPECT_EQ(talk.saga.contract.state, flex::ContractState::active);
    EXPECT_TRUE(talk.effects.tell);
    EXPECT_FALSE(talk.effects.done);
}

TEST(Saga, AConfirmationThatComesAfterItsCancellationHasNoEffect) {
    SagaRun talk;
    talk.to_active().feed(Cancel{"cleared"});
    talk.feed(Answered{Action::on_cancel, Order{}});
    EXPECT_EQ(talk.saga.contract.state, flex::ContractState::cancelled);
    talk.feed(Answered{Action::on_confirm, SagaRun::committed({6000, 3000}, offered)});
    EXPECT_EQ(talk.saga.contract.state, flex::ContractState::cancelled);
    EXPECT_FALSE(talk.effects.tell);
}

TEST(Saga, AConfirmationThatNobodyAskedForIsRefused) {
    SagaRun talk;
    talk.feed(Start{});
    talk.feed(Answered{Action::on_confirm, SagaRun::committed({6000, 3000}, offered)});
    ASSERT_TRUE(talk.effects.refuse.has_value());
    EXPECT_EQ(talk.effects.refuse->code, "40001");
    EXPECT_EQ(talk.saga.step, SagaStep::selecting);
}

TEST(Saga, ActivatesOnceAndStaysActivated) {
    SagaRun talk;
    talk.to_active().feed(Activate{});
    EXPECT_EQ(talk.effects.send, Action::update);
    Order running = SagaRun::committed({6000, 3000}, offered);
    running.fulfilment = FulfilmentState::active;
    talk.feed(Answered{Action::on_update, running});
    EXPECT_TRUE(talk.effects.done);
    EXPECT_EQ(talk.saga.contract.state, flex::ContractState::activated);
    talk.feed(Activate{});
    EXPECT_FALSE(talk.effects.send.has_value());
    EXPECT_TRUE(talk.effects.done);
}

TEST(Saga, AnActivationThatIsRefusedLeavesTheContractArmed) {
    SagaRun talk;
    talk.to_active()
        .feed(Activate{})
        .feed(Declined{Action::update, make_error(ErrorCode::biz_generic_error, "no")});
    EXPECT_EQ(talk.saga.contract.state, flex::ContractState::active);
    ASSERT_TRUE(talk.effects.fault.has_value());
    EXPECT_EQ(talk.effects.fault->code, Errc::denied);
    talk.feed(Activate{});
    EXPECT_EQ(talk.effects.send, Action::update);
    EXPECT_EQ(talk.saga.rounds.at(Action::update), 2);  // a new message id
}

TEST(Saga, ACompletedContractNeverGoesBack) {
    SagaRun talk;
    talk.to_active().feed(AskStatus{});
    EXPECT_EQ(talk.effects.send, Action::status);
    Order finished = SagaRun::committed({6000, 3000}, offered);
    finished.status = OrderStatus::complete;
    talk.feed(Answered{Action::on_status, finished});
    EXPECT_EQ(talk.saga.contract.state, flex::ContractState::completed);
    talk.feed(Answered{Action::on_status, SagaRun::committed({6000, 3000}, offered)});
    EXPECT_EQ(talk.saga.contract.state, flex::ContractState::completed);
    talk.feed(Answered{Action::on_update, SagaRun::committed({6000, 3000}, offered)});
    EXPECT_TRUE(talk.effects.refuse.has_value());
}

TEST(Saga, AProvidersOwnCancellationIsTold) {
    SagaRun talk;
    Order order;
    order.status = OrderStatus::cancelled;
    order.cancellation = "the battery is at its floor";
    talk.to_active().feed(Answered{Action::on_cancel, order});
    EXPECT_TRUE(talk.effects.tell);
    EXPECT_EQ(talk.saga.contract.state, flex::ContractState::cancelled);
    EXPECT_NE(talk.saga.contract.failure.find("at its floor"), std::string::npos);
}

TEST(Saga, AProvidersOwnReductionIsTold) {
    SagaRun talk;
    talk.to_active().feed(Answered{Action::on_update, SagaRun::committed({2000, 1000}, 381'000)});
    EXPECT_TRUE(talk.effects.tell);
    EXPECT_EQ(talk.saga.step, SagaStep::active);
    EXPECT_EQ(talk.saga.contract.lines.at(0).power_w.values, (std::vector<std::int64_t>{2000, 1000}));
}

TEST(Saga, ANackedSelectEndsIt) {
    SagaRun talk;
    talk.feed(Start{}).feed(
        Declined{Action::select, make_error(ErrorCode::biz_item_not_found, "no item OFF-1")});
    EXPECT_EQ(talk.saga.contract.state, flex::ContractState::failed);
    EXPECT_EQ(talk.saga.contract.failure, "select was refused: 30004 BIZ_ITEM_NOT_FOUND: no item OFF-1");
}

TEST(Saga, AsksByTransactionBeforeThereIsAnOrderId) {
    SagaRun talk;
    talk.saga.order_ref.clear();
    EXPECT_EQ(order_reference(talk.saga), talk.saga.contract.transaction.value);
    talk.saga.order_ref = "ORD-1";
    EXPECT_EQ(order_reference(talk.saga), "ORD-1");
}

TEST(Saga, SurvivesAsJson) {
    SagaRun talk;
    talk.to_confirming();
    const Result<Saga> back = saga_from_json(to_json(talk.saga));
    ASSERT_TRUE(back.has_value()) << back.error().message << " at " << back.error().pointer;
    EXPECT_EQ(back->step, SagaStep::confirming);
    EXPECT_EQ(back->asked, Action::confirm);
    EXPECT_EQ(back->rounds, talk.saga.rounds);
    EXPECT_EQ(back->quote_until, talk.saga.quote_until);
    EXPECT_EQ(json::write(to_json(*back)), json::write(to_json(talk.saga)));
    EXPECT_FALSE(saga_from_json(json::Object{{"step", "lost"}}).has_value());
}

}  // namespace
}  // namespace headroom::beckn
