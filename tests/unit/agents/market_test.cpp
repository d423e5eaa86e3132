#include "agents/market.hpp"

#include "core/json.hpp"
#include "unit/agents/market_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

namespace headroom::agents::market_test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr MicroPounds price{1'125'000};  // 4.5 kWh at £0.25

net::Response status_only(int status) {
    return net::Response{.status = status, .content_type = "text/plain", .body = "no", .headers = {}};
}

TEST(MarketSearch, AsksEveryProviderAndSortsTheOffers) {
    MarketWorld world({provider("tesla"), provider("chargepoint")});
    const SearchResult found = world.search();
    ASSERT_THAT(found.offers, SizeIs(4));
    EXPECT_EQ(found.offers[0].id, "chargepoint-1");
    EXPECT_EQ(found.offers[0].provider, "chargepoint");
    EXPECT_EQ(found.offers[3].id, "tesla-2");
    EXPECT_TRUE(found.answers[0].answered);
    EXPECT_TRUE(found.answers[1].answered);
    EXPECT_GT(found.answers[0].latency_ms, 0.0);
    // All answered, so nobody waited for the window to end.
    EXPECT_EQ(world.clock().now(), evening);
}

TEST(MarketSearch, ASilentProviderCostsTheWindowAndNothingElse) {
    MarketWorld world({provider("tesla"), provider("silent", {.never_answers = true})});
    const SearchResult found = world.search();
    EXPECT_THAT(found.offers, SizeIs(2));
    EXPECT_FALSE(found.answers[1].answered);
    EXPECT_THAT(found.answers[1].fault, HasSubstr("window"));
    EXPECT_EQ(world.clock().now(), evening + world.options.search_window);
}

TEST(MarketSearch, AProviderThatKeepsSilentIsNoLongerWaitedFor) {
    MarketWorld world({provider("tesla"), provider("silent", {.never_answers = true})});
    for (int i = 0; i < 3; ++i) {
        world.search();
    }
    const UtcTime before = world.clock().now();
    EXPECT_THAT(world.search().offers, SizeIs(2));
    EXPECT_EQ(world.clock().now(), before);
    EXPECT_THAT(world.requests_to("silent"), SizeIs(4));  // but asked
}

TEST(MarketSearch, GarbageAndForeignSignaturesAreNotUsed) {
    MarketWorld world({provider("garbage", {.garbage = true}), provider("stranger", {.wrong_key = true}),
                       provider("tesla")});
    const SearchResult found = world.search();
    EXPECT_THAT(found.offers, SizeIs(2));
    EXPECT_EQ(found.offers[0].provider, "tesla");
    EXPECT_FALSE(found.answers[0].answered);
    EXPECT_THAT(found.answers[0].fault, HasSubstr("SCH_SCHEMA_VALIDATION_FAILED"));
    EXPECT_FALSE(found.answers[1].answered);
    world.run_until([&world] { return world.is_quiet(); });
    EXPECT_THAT(world.entry_types(), Contains(HasSubstr("beckn.received on_search refused")));
}

TEST(MarketSearch, NackAndServerFaultsEndTheWaitAtOnce) {
    MarketWorld world(
        {provider("nack", {.nack = true}), provider("down", {.http_status = 503}), provider("tesla")});
    const SearchResult found = world.search();
    EXPECT_THAT(found.offers, SizeIs(2));
    EXPECT_THAT(found.answers[0].fault, HasSubstr("40000"));
    EXPECT_THAT(found.answers[1].fault, HasSubstr("503"));
    EXPECT_THAT(world.requests_to("down"), SizeIs(3));
    EXPECT_EQ(world.clock().now(), evening);
}

TEST(MarketSearch, AnAnswerThatComesTwiceCountsOnce) {
    MarketWorld world({provider("twice", {.answers_twice = true})});
    EXPECT_THAT(world.search().offers, SizeIs(2));
    world.run_until([&world] { return world.is_quiet(); });
    std::vector<std::string> outcomes;
    for (const MessageTrace& message : world.market->trace(overload_on_lv1().event)) {
        outcomes.push_back(message.action + " " + message.outcome);
    }
    EXPECT_THAT(outcomes, Contains("on_search ACK"));
}

TEST(MarketContract, GoesFromSelectToAnActiveContract) {
    MarketWorld world({provider("tesla")});
    world.search();
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    EXPECT_EQ(contract.state, flex::ContractState::active) << contract.failure;
    EXPECT_EQ(contract.order_id.size(), 12U);
    EXPECT_THAT(contract.order_id, HasSubstr("ORD-"));
    EXPECT_EQ(contract.quoted, price);
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

TEST(MarketDoor, RefusesWhoCannotShowWhoHeIs) {
    MarketWorld world({provider("tesla"), provider("other")});
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    const std::string body =
        world.message(beckn::Action::on_cancel, contract, "m-1", MarketWorld::committed(contract));
    const beckn::Signer stranger{"tesla.example", "k1",
                                 Ed25519KeyPair::from_secret(std::string(32, 'x')).value()};
    const net::Response refused = world.callback("on_cancel", body, stranger);
    EXPECT_EQ(refused.status, 401);
    EXPECT_THAT(refused.body, HasSubstr("NACK"));
    EXPECT_THAT(std::string(refused.headers.get("WWW-Authenticate")),
                HasSubstr("realm=\"headroom.example\""));
    net::Request bare;
    bare.body = body;
    EXPECT_EQ(world.await(world.market->on_callback("on_cancel", bare)).status, 401);
    // A good signature, but of another provider than the one the message speaks for.
    EXPECT_THAT(world.callback("on_cancel", body, MarketWorld::signer_of("other")).body,
                HasSubstr("AUT_UNAUTHORIZED_ACTION"));
    EXPECT_THAT(world.told, IsEmpty());
}

TEST(MarketDoor, RefusesUnknownTransactionsOldSignaturesAndOtherActions) {
    MarketWorld world({provider("tesla")});
    const flex::Contract strange = MarketWorld::wanted("tesla", "never asked for");
    const std::string body =
        world.message(beckn::Action::on_confirm, strange, "m-1", MarketWorld::committed(strange));
    EXPECT_THAT(world.callback("on_confirm", body, MarketWorld::signer_of("tesla")).body,
                HasSubstr("CTX_TRANSACTION_ID_UNKNOWN"));
    EXPECT_THAT(world.callback("on_status", body, MarketWorld::signer_of("tesla")).body,
                HasSubstr("CTX_ACTION_MISMATCH"));
    EXPECT_EQ(world.callback("search", body, MarketWorld::signer_of("tesla")).status, 404);
    net::Request aged;
    aged.body = body;
    aged.headers.add("Authorization",
                     beckn::make_authorization(MarketWorld::signer_of("tesla"), world.wall.now() - minutes{1},
                                               seconds{30}, body));
    EXPECT_EQ(world.await(world.market->on_callback("on_confirm", aged)).status, 401);
    EXPECT_THAT(world.callback("on_confirm", "no JSON", MarketWorld::signer_of("tesla")).body,
                HasSubstr("NACK"));
}

TEST(MarketDoor, OtherBytesUnderAKnownIdAreRefused) {
    MarketWorld world({provider("tesla")});
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    const std::string confirm_id = make_uuid(contract.transaction.value + "/confirm/1");
    beckn::Order other = MarketWorld::committed(contract);
    other.lines[0].power_w.values = {1, 1};
    const std::string body = world.message(beckn::Action::on_confirm, contract, confirm_id, other);
    EXPECT_THAT(world.callback("on_confirm", body, MarketWorld::signer_of("tesla")).body,
                HasSubstr("CTX_MESSAGE_ID_DUPLICATE"));
    EXPECT_THAT(world.told, IsEmpty());
}

TEST(MarketDoor, HealthNamesTheBuyerAndItsCallbacks) {
    MarketWorld world({provider("tesla")});
    const json::Value health = json::parse(world.market->health().body).value();
    EXPECT_EQ(health.text("/status"), "healthy");
    EXPECT_EQ(health.text("/bap_id"), "headroom.example");
    EXPECT_EQ(health.text("/bap_uri"), world.options.callback_url);
    EXPECT_EQ(health.at("/endpoints")->as_array()->size(), 11U);
}

TEST(MarketRestart, GoesOnWithTheSameBytesWhenConfirmWasOut) {
    MarketWorld world({provider("tesla")});
    bool is_down = false;
    world.intercept = [&](const std::string&, const std::string& action) -> std::optional<net::Response> {
        // The provider makes the order, but its answer meets a dead process.
        is_down = is_down || action == "confirm";
        EXPECT_TRUE(world.providers->set_faults("tesla", {.never_answers = is_down}).has_value());
        return std::nullopt;
    };
    world.clock_may_move = false;
    const auto lost = world.start(world.market->contract(MarketWorld::wanted("tesla")));
    world.run_until([&world] { return world.providers->orders().size() == 1 && world.providers->idle(); });
    const std::string order_id = world.providers->orders()[0].order_id;
    world.kill_and_restart_market();
    EXPECT_FALSE(lost->has_value());

    world.intercept = {};
    EXPECT_TRUE(world.providers->set_faults("tesla", {}).has_value());
    world.clock_may_move = true;
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    EXPECT_EQ(contract.state, flex::ContractState::active) << contract.failure;
    EXPECT_EQ(contract.order_id, order_id);
    EXPECT_THAT(world.requests_to("tesla"), ElementsAre("select", "init", "confirm", "confirm"));
    EXPECT_EQ(std::get<2>(world.received[2]), std::get<2>(world.received[3]));
    EXPECT_THAT(world.providers->orders(), SizeIs(1));
}

TEST(MarketRestart, AsksForTheStatusOfAConfirmThatIsTooOldToRepeat) {
    MarketWorld world({provider("tesla")});
    world.intercept = [&world](const std::string&,
                               const std::string& action) -> std::optional<net::Response> {
        EXPECT_TRUE(world.providers->set_faults("tesla", {.never_answers = action == "confirm"}).has_value());
        return std::nullopt;
    };
    world.clock_may_move = false;
    const auto lost = world.start(world.market->contract(MarketWorld::wanted("tesla")));
    world.run_until([&world] { return world.providers->orders().size() == 1 && world.providers->idle(); });
    world.kill_and_restart_market();
    world.wall.set(world.wall.now() + minutes{10});
    world.clock_may_move = true;
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    EXPECT_EQ(contract.state, flex::ContractState::active) << contract.failure;
    EXPECT_THAT(world.requests_to("tesla"), ElementsAre("select", "init", "confirm", "status"));
}

TEST(MarketRestart, OtherLinesThanAskedForBeforeTheConfirmAreAskedForAnew) {
    MarketWorld world({provider("tesla")});
    world.intercept = [&world](const std::string&,
                               const std::string& action) -> std::optional<net::Response> {
        EXPECT_TRUE(world.providers->set_faults("tesla", {.never_answers = action == "init"}).has_value());
        return std::nullopt;
    };
    world.clock_may_move = false;
    const auto lost = world.start(world.market->contract(MarketWorld::wanted("tesla")));
    world.run_until([&world] { return world.received.size() == 2 && world.providers->idle(); });
    world.kill_and_restart_market();

    // The plan behind it had not reached the disk; decided again, it comes out smaller.
    world.intercept = {};
    EXPECT_TRUE(world.providers->set_faults("tesla", {}).has_value());
    world.clock_may_move = true;
    flex::Contract smaller = MarketWorld::wanted("tesla");
    flex::PlanLine& line = smaller.lines.front();
    line.power_w.values = {5000, 3000};
    line.energy = beckn::energy_of_grid(line.power_w);
    line.cost = beckn::price_of(line.offer, line.power_w);
    const flex::Contract contract = world.make_contract(std::move(smaller));
    EXPECT_EQ(contract.state, flex::ContractState::active) << contract.failure;
    EXPECT_THAT(contract.lines.at(0).power_w.values, ElementsAre(5000, 3000));
    EXPECT_THAT(world.requests_to("tesla"), ElementsAre("select", "init", "select", "init", "confirm"));
    EXPECT_THAT(world.providers->orders(), SizeIs(1));
}

TEST(MarketContract, NothingIsConfirmedWithoutItsDecisionOnTheDisk) {
    MarketWorld world({provider("tesla")});
    std::vector<audit::Draft> refused;
    refused.push_back({.type = "no.such.type", .actor = system_actor(), .body = {}});
    Journal::Ticket missing = world.journal->begin(std::move(refused));
    const Result<flex::Contract> failed =
        world.await(world.market->contract(MarketWorld::wanted("tesla", "1"), std::move(missing)));
    ASSERT_TRUE(failed.has_value());
    EXPECT_EQ(failed->state, flex::ContractState::failed);
    EXPECT_THAT(world.requests_to("tesla"), ElementsAre("select", "init"));
    EXPECT_THAT(world.providers->orders(), IsEmpty());

    std::vector<audit::Draft> decided;
    decided.push_back({.type = "dispatch.plan", .actor = system_actor(), .body = {}});
    Journal::Ticket kept = world.journal->begin(std::move(decided));
    const Result<flex::Contract> made = world.await(world.market->contract(
        MarketWorld::wanted("tesla", "2", flex::ContractKind::availability, 1), std::move(kept)));
    ASSERT_TRUE(made.has_value());
    EXPECT_EQ(made->state, flex::ContractState::active) << made->failure;
}

TEST(MarketRestart, AnActiveContractIsNotAskedForAgain) {
    MarketWorld world({provider("tesla")});
    const flex::Contract before = world.make_contract(MarketWorld::wanted("tesla"));
    world.kill_and_restart_market();
    const flex::Contract after = world.make_contract(MarketWorld::wanted("tesla"));
    EXPECT_EQ(after.order_id, before.order_id);
    EXPECT_EQ(after.state, flex::ContractState::active);
    EXPECT_THAT(world.requests_to("tesla"), SizeIs(3));
    const Result<flex::Contract> activated = world.await(world.market->activate(after));
    ASSERT_TRUE(activated.has_value()) << activated.error().message;
    EXPECT_EQ(activated->state, flex::ContractState::activated);
    EXPECT_THAT(world.market->trace(overload_on_lv1().event), Not(IsEmpty()));
    // A second search in the new process does not repeat message ids of the first.
    EXPECT_THAT(world.search().offers, SizeIs(1));  // the other is sold
}

TEST(MarketRestart, AFailedContractStaysFailed) {
    MarketWorld world({provider("tesla", {.nack = true})});
    world.make_contract(MarketWorld::wanted("tesla"));
    EXPECT_TRUE(world.providers->set_faults("tesla", {}).has_value());
    world.kill_and_restart_market();
    EXPECT_EQ(world.make_contract(MarketWorld::wanted("tesla")).state, flex::ContractState::failed);
    EXPECT_THAT(world.requests_to("tesla"), SizeIs(1));
}

TEST(MarketEvidence, EveryMessageIsInTheLogAndCanBeExported) {
    MarketWorld world({provider("tesla")});
    world.search();
    flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    static_cast<void>(world.await(world.market->activate(contract)));
    static_cast<void>(world.await(world.market->status(contract)));
    static_cast<void>(world.await(world.market->cancel(contract, "the load has fallen")));
    world.run_until([&world] { return world.is_quiet(); });
    const std::vector<std::string> entries = world.entry_types();
    for (const char* action : {"search", "select", "init", "confirm", "update", "status", "cancel"}) {
        EXPECT_THAT(entries, Contains(std::string("beckn.sent ") + action + " ACK"));
        EXPECT_THAT(entries, Contains(std::string("beckn.received on_") + action + " ACK"));
    }
    EXPECT_THAT(entries, Contains("beckn.sent confirm intent"));

    const Result<std::string> capture = world.await(world.market->capture(overload_on_lv1().event));
    ASSERT_TRUE(capture.has_value());
    EXPECT_EQ(std::count(capture->begin(), capture->end(), '\n'), 14);
    const json::Value first = json::parse(capture->substr(0, capture->find('\n'))).value();
    EXPECT_EQ(first.text("/action"), "search");
    EXPECT_EQ(first.text("/version"), "1.1.0");
    if (const char* file = std::getenv("HEADROOM_BECKN_CAPTURE")) {
        std::ofstream(file) << *capture;
    }
}

TEST(MarketEvidence, ASpotPurchaseIsQuickOnLoopback) {
    MarketWorld world({provider("tesla")});
    world.search();
    world.make_contract(MarketWorld::wanted("tesla", "warm", flex::ContractKind::spot));
    const SteadyTime begin = steady_now();
    world.search();
    world.make_contract(MarketWorld::wanted("tesla", "timed", flex::ContractKind::spot, 1));
    std::printf("search, select, init and confirm: %.2f ms\n", milliseconds_between(begin, steady_now()));
    EXPECT_EQ(world.providers->orders().size(), 2U);
}

}  // namespace
}  // namespace headroom::agents::market_test
