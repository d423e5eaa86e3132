#include "agents/market.hpp"

#include "unit/agents/market_steps.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// From select to a contract, and what keeps it from becoming one.

namespace headroom::agents::market_test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(MarketContract, GoesFromSelectToAnActiveContract) {
    MarketWorld world({provider("tesla")});
    world.search();
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    EXPECT_EQ(contract.state, flex::ContractState::active) << contract.failure;
    EXPECT_EQ(contract.order_id.size(), 12U);
    EXPECT_THAT(contract.order_id, HasSubstr("ORD-"));
    EXPECT_EQ(contract.quoted, agreed_price);
    EXPECT_THAT(contract.lines.at(0).power_w.values, ElementsAre(6000, 3000));
    EXPECT_THAT(world.requests_to("tesla"), ElementsAre("search", "select", "init", "confirm"));
    ASSERT_THAT(world.providers->orders(), SizeIs(1));
    EXPECT_EQ(world.providers->orders()[0].fulfilment, "armed");
    EXPECT_EQ(world.clock().now(), evening);
    EXPECT_TRUE(world.in_flight.idle());
}

TEST(MarketContract, IsActivatedAskedForAndCancelled) {
    MarketWorld world({provider("tesla")});
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    const Result<flex::Contract> activated = world.await(world.market->activate(contract));
    ASSERT_TRUE(activated.has_value()) << activated.error().message;
    EXPECT_EQ(activated->state, flex::ContractState::activated);
    EXPECT_EQ(world.providers->orders()[0].fulfilment, "active");
    // Again: nothing is sent.
    EXPECT_TRUE(world.await(world.market->activate(contract)).has_value());
    const Result<flex::Contract> seen = world.await(world.market->status(contract));
    ASSERT_TRUE(seen.has_value());
    EXPECT_EQ(seen->state, flex::ContractState::activated);
    const Result<flex::Contract> cancelled =
        world.await(world.market->cancel(contract, "the load has fallen"));
    ASSERT_TRUE(cancelled.has_value());
    EXPECT_EQ(cancelled->state, flex::ContractState::cancelled);
    EXPECT_EQ(world.providers->orders()[0].status, "CANCELLED");
    EXPECT_THAT(world.requests_to("tesla"),
                ElementsAre("select", "init", "confirm", "update", "status", "cancel"));
}

TEST(MarketContract, AFinishedDeliveryIsCompleted) {
    MarketWorld world({provider("tesla")});
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    world.clock().advance_to(overload_on_lv1().end);
    const Result<flex::Contract> seen = world.await(world.market->status(contract));
    ASSERT_TRUE(seen.has_value());
    EXPECT_EQ(seen->state, flex::ContractState::completed);
}

TEST(MarketContract, AsksAgainOnlyOnceForOneTransaction) {
    MarketWorld world({provider("tesla")});
    const flex::Contract first = world.make_contract(MarketWorld::wanted("tesla"));
    const flex::Contract again = world.make_contract(MarketWorld::wanted("tesla"));
    EXPECT_EQ(again.order_id, first.order_id);
    EXPECT_THAT(world.requests_to("tesla"), SizeIs(3));
}

TEST(MarketContract, AnswersThatComeTwiceHaveOneEffect) {
    MarketWorld world({provider("tesla", {.answers_twice = true})});
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    EXPECT_EQ(contract.state, flex::ContractState::active);
    world.run_until([&world] { return world.is_quiet(); });
    EXPECT_THAT(world.providers->orders(), SizeIs(1));
    EXPECT_THAT(world.told, IsEmpty());
    std::size_t confirmations = 0;
    for (const std::string& entry : world.entry_types()) {
        confirmations += entry == "beckn.received on_confirm ACK" ? 1U : 0U;
    }
    EXPECT_EQ(confirmations, 1U);
}

TEST(MarketContract, APartialCommitmentBecomesTheContract) {
    MarketWorld world({provider("tesla", {.partial_commit_ppm = 500'000})});
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    EXPECT_EQ(contract.state, flex::ContractState::active);
    EXPECT_THAT(contract.lines.at(0).power_w.values, ElementsAre(3000, 1500));
    EXPECT_EQ(contract.lines.at(0).energy, WattHours{2250});
    EXPECT_EQ(contract.quoted, MicroPounds{562'500});
}

TEST(MarketContract, AQuoteThatRisesIsNotTaken) {
    MarketWorld world({provider("tesla", {.quote_rises_at_init = true})});
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    EXPECT_EQ(contract.state, flex::ContractState::failed);
    EXPECT_THAT(contract.failure, HasSubstr("rose from GBP 1.125"));
    EXPECT_THAT(world.requests_to("tesla"), ElementsAre("select", "init"));
    EXPECT_THAT(world.providers->orders(), IsEmpty());
}

TEST(MarketContract, ANackEndsIt) {
    MarketWorld world({provider("tesla", {.nack = true})});
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    EXPECT_EQ(contract.state, flex::ContractState::failed);
    EXPECT_THAT(contract.failure, HasSubstr("select was refused: 40000"));
}

TEST(MarketContract, AMissingItemIsToldByTheProvider) {
    MarketWorld world({provider("tesla")});
    flex::Contract wanted = MarketWorld::wanted("tesla");
    wanted.lines[0].offer.id = "tesla-9";
    const flex::Contract contract = world.make_contract(std::move(wanted));
    EXPECT_EQ(contract.state, flex::ContractState::failed);
    EXPECT_THAT(contract.failure, HasSubstr("30004"));
}

TEST(MarketContract, ASilentProviderFailsItAtTheDeadline) {
    MarketWorld world({provider("tesla", {.never_answers = true})});
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    EXPECT_EQ(contract.state, flex::ContractState::failed);
    EXPECT_THAT(contract.failure, HasSubstr("no on_select"));
    EXPECT_EQ(world.clock().now(), evening + world.options.step_deadline);
}

TEST(MarketContract, ForeignSignaturesNeverMakeAContract) {
    MarketWorld world({provider("tesla", {.wrong_key = true})});
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    EXPECT_EQ(contract.state, flex::ContractState::failed);
    EXPECT_THAT(world.entry_types(), Contains(HasSubstr("beckn.received on_select refused")));
}

TEST(MarketContract, ServerFaultsAreMetWithTheSameBytes) {
    MarketWorld world({provider("tesla")});
    int faults = 2;
    world.intercept = [&faults](const std::string&,
                                const std::string& action) -> std::optional<net::Response> {
        if (action == "confirm" && faults-- > 0) {
            return status_only(500);
        }
        return std::nullopt;
    };
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    EXPECT_EQ(contract.state, flex::ContractState::active);
    std::vector<std::string> bodies;
    for (const auto& [who, action, body] : world.received) {
        if (action == "confirm") {
            bodies.push_back(body);
        }
    }
    ASSERT_THAT(bodies, SizeIs(3));
    EXPECT_EQ(bodies[0], bodies[1]);
    EXPECT_EQ(bodies[0], bodies[2]);
    EXPECT_THAT(world.providers->orders(), SizeIs(1));
}

TEST(MarketContract, AConfirmThatNobodyTakesIsCheckedByStatus) {
    MarketWorld world({provider("tesla")});
    world.intercept = [](const std::string&, const std::string& action) -> std::optional<net::Response> {
        return action == "confirm" ? std::optional(status_only(502)) : std::nullopt;
    };
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    EXPECT_EQ(contract.state, flex::ContractState::failed);
    EXPECT_EQ(contract.failure, "the provider has no order");
    EXPECT_THAT(world.requests_to("tesla"),
                ElementsAre("select", "init", "confirm", "confirm", "confirm", "status", "cancel"));
}

TEST(MarketContract, AnUnansweredConfirmIsFoundByStatus) {
    MarketWorld world({provider("tesla")});
    world.intercept = [&world](const std::string&,
                               const std::string& action) -> std::optional<net::Response> {
        EXPECT_TRUE(world.providers->set_faults("tesla", {.never_answers = action == "confirm"}).has_value());
        return std::nullopt;
    };
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    EXPECT_EQ(contract.state, flex::ContractState::active);
    EXPECT_THAT(world.requests_to("tesla"), ElementsAre("select", "init", "confirm", "status"));
    EXPECT_EQ(world.clock().now(), evening + world.options.step_deadline);
}

/// A contract whose confirm, status and cancel nobody answers.
flex::Contract unknown_contract(MarketWorld& world) {
    world.intercept = [&world](const std::string&,
                               const std::string& action) -> std::optional<net::Response> {
        const bool is_silent = action == "confirm" || action == "status" || action == "cancel";
        EXPECT_TRUE(world.providers->set_faults("tesla", {.never_answers = is_silent}).has_value());
        return std::nullopt;
    };
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    EXPECT_EQ(contract.state, flex::ContractState::unknown);
    EXPECT_THAT(world.requests_to("tesla"), ElementsAre("select", "init", "confirm", "status", "cancel"));
    return contract;
}

TEST(MarketContract, ALateConfirmationIsTold) {
    MarketWorld world({provider("tesla")});
    const flex::Contract contract = unknown_contract(world);
    const std::string confirm_id = make_uuid(contract.transaction.value + "/confirm/1");
    const std::string body =
        world.message(beckn::Action::on_confirm, contract, confirm_id, MarketWorld::committed(contract));
    const net::Response response = world.callback("on_confirm", body, MarketWorld::signer_of("tesla"));
    EXPECT_EQ(response.status, 200);
    EXPECT_THAT(response.body, HasSubstr("\"ACK\""));
    ASSERT_THAT(world.told, SizeIs(1));
    EXPECT_EQ(world.told[0].state, flex::ContractState::active);
    EXPECT_EQ(world.told[0].order_id, "ORD-00000001");
    // The same once more: the same answer, nothing told.
    EXPECT_EQ(world.callback("on_confirm", body, MarketWorld::signer_of("tesla")).body, response.body);
    EXPECT_THAT(world.told, SizeIs(1));
}

TEST(MarketContract, ALateConfirmationThatNobodyWantsIsCancelled) {
    MarketWorld world({provider("tesla")});
    const flex::Contract contract = unknown_contract(world);
    world.market->on_unsolicited({});
    world.intercept = {};
    EXPECT_TRUE(world.providers->set_faults("tesla", {}).has_value());
    const std::string confirm_id = make_uuid(contract.transaction.value + "/confirm/1");
    world.callback(
        "on_confirm",
        world.message(beckn::Action::on_confirm, contract, confirm_id, MarketWorld::committed(contract)),
        MarketWorld::signer_of("tesla"));
    world.run_until([&world] { return world.requests_to("tesla").size() == 6 && world.is_quiet(); });
    EXPECT_EQ(world.requests_to("tesla").back(), "cancel");
}

TEST(MarketContract, AProvidersOwnCancellationIsTold) {
    MarketWorld world({provider("tesla")});
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    const Result<void> cancelled = world.await(
        world.providers->cancel_on_its_own("tesla", contract.transaction.value, "the battery is empty"));
    ASSERT_TRUE(cancelled.has_value()) << cancelled.error().message;
    ASSERT_THAT(world.told, SizeIs(1));
    EXPECT_EQ(world.told[0].state, flex::ContractState::cancelled);
    EXPECT_THAT(world.told[0].failure, HasSubstr("the battery is empty"));
}

TEST(MarketContract, NothingIsConfirmedWithoutItsDecisionOnTheDisk) {
    MarketWorld world({provider("tesla")});
    std::vector<audit::Draft> refused;
    refused.push_back({.type = "no.such.type", .actor = system_actor(), .body = {}});
    Journal::Ticket missing = world.journal->begin(std::move(refused));
    const Result<flex::Contract> failed = world.await(world.market->contract(
        MarketWorld::wanted("tesla", "1"), [missing] { return Journal::durable(missing); }));
    ASSERT_TRUE(failed.has_value());
    EXPECT_EQ(failed->state, flex::ContractState::failed);
    EXPECT_THAT(world.requests_to("tesla"), ElementsAre("select", "init"));
    EXPECT_THAT(world.providers->orders(), IsEmpty());

    std::vector<audit::Draft> decided;
    decided.push_back({.type = "dispatch.plan", .actor = system_actor(), .body = {}});
    Journal::Ticket kept = world.journal->begin(std::move(decided));
    const Result<flex::Contract> made = world.await(
        world.market->contract(MarketWorld::wanted("tesla", "2", flex::ContractKind::availability, 1),
                               [kept] { return Journal::durable(kept); }));
    ASSERT_TRUE(made.has_value());
    EXPECT_EQ(made->state, flex::ContractState::active) << made->failure;
}

/// Terms are asked for meanwhile: they bind nobody.
TEST(MarketContract, AConfirmWaitsForItsLicence) {
    MarketWorld world({provider("tesla")});
    const Error elsewhere{Errc::conflict, "DER b-2 is promised to another event", ""};
    std::size_t sent = 0;
    for (const bool is_given : {true, false}) {
        auto reserved = std::make_shared<Later<Result<void>>>();
        bool is_asked_for = false;
        const auto made = world.start(
            world.market->contract(MarketWorld::wanted("tesla", is_given ? "1" : "2",
                                                       flex::ContractKind::availability, is_given ? 0 : 1),
                                   [reserved, &is_asked_for] {
                                       is_asked_for = true;
                                       return Later<Result<void>>::of(reserved);
                                   }));
        world.run_until([&] { return is_asked_for; });
        world.run_until([&] { return world.journal->idle() && world.records->idle(); });
        EXPECT_EQ(world.requests_to("tesla").size(), sent + 2);
        EXPECT_EQ(world.requests_to("tesla").back(), "init");
        EXPECT_FALSE(made->has_value());

        reserved->set(is_given ? Result<void>{} : Result<void>(elsewhere));
        world.run_until([&] { return made->has_value(); });
        ASSERT_TRUE((**made).has_value());
        EXPECT_EQ((**made)->state, is_given ? flex::ContractState::active : flex::ContractState::failed);
        EXPECT_THAT((**made)->failure, HasSubstr(is_given ? "" : elsewhere.message));
        EXPECT_EQ(world.requests_to("tesla").back(), is_given ? "confirm" : "init");
        EXPECT_THAT(world.providers->orders(), SizeIs(1));
        sent = world.requests_to("tesla").size();
    }
}

}  // namespace
}  // namespace headroom::agents::market_test
