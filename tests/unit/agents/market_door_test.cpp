#include "agents/market.hpp"

#include "agents/market_evidence.hpp"
#include "core/json.hpp"
#include "unit/agents/market_steps.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>

// What is taken at the door, and what is kept of it.

namespace headroom::agents::market_test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

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

TEST(MarketDoor, ARefusalSaysWhereWhatWasExpectedWhatCameAndWhoseKeyItWas) {
    MarketWorld world({provider("tesla")});
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    std::string body =
        world.message(beckn::Action::on_status, contract, make_uuid("m"), MarketWorld::committed(contract));
    const std::string own = R"("bap_id":"headroom.example")";
    body.replace(body.find(own), own.size(), R"("bap_id":"other.example")");
    const json::Value refused =
        json::parse(world.callback("on_status", body, MarketWorld::signer_of("tesla")).body).value();
    EXPECT_EQ(refused.text("/error/paths"), "/context/bap_id");
    EXPECT_THAT(refused.text("/error/message"),
                HasSubstr("expected headroom.example; got other.example; key tesla.example|k1"));

    body =
        world.message(beckn::Action::on_status, contract, make_uuid("n"), MarketWorld::committed(contract));
    const std::string status = R"("status":"ACTIVE")";
    body.replace(body.find(status), status.size(), R"("status":17)");
    const json::Value unreadable =
        json::parse(world.callback("on_status", body, MarketWorld::signer_of("tesla")).body).value();
    EXPECT_EQ(unreadable.text("/error/paths"), "/message/order/status");
    EXPECT_THAT(unreadable.text("/error/message"),
                HasSubstr("expected a text; got 17; key tesla.example|k1"));
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

TEST(MarketInbox, KnowsARepeatAfterARestart) {
    MarketWorld world({provider("tesla")});
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    beckn::Order order = MarketWorld::committed(contract);
    order.status = beckn::OrderStatus::cancelled;
    order.cancellation = "the battery is empty";
    const std::string id = make_uuid("their own");
    const std::string body = world.message(beckn::Action::on_cancel, contract, id, order);
    const net::Response first = world.callback("on_cancel", body, MarketWorld::signer_of("tesla"));
    ASSERT_THAT(world.told, SizeIs(1));
    world.kill_and_restart_market();
    EXPECT_EQ(world.callback("on_cancel", body, MarketWorld::signer_of("tesla")).body, first.body);
    EXPECT_THAT(world.told, SizeIs(1));
    order.cancellation = "another reason";
    const std::string other = world.message(beckn::Action::on_cancel, contract, id, order);
    EXPECT_THAT(world.callback("on_cancel", other, MarketWorld::signer_of("tesla")).body,
                HasSubstr("CTX_MESSAGE_ID_DUPLICATE"));
}

TEST(MarketEvidence, WhatWasRefusedIsKeptToo) {
    MarketWorld world({provider("tesla")});
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    const std::string body =
        world.message(beckn::Action::on_cancel, contract, "m-1", MarketWorld::committed(contract));
    const beckn::Signer stranger{"tesla.example", "k1",
                                 Ed25519KeyPair::from_secret(std::string(32, 'x')).value()};
    EXPECT_EQ(world.callback("on_cancel", body, stranger).status, 401);
    world.run_until([&world] { return world.is_quiet(); });
    const auto kept = world.records->direct().list("beckn_message", "", 1000).value();
    const auto found = std::find_if(kept.begin(), kept.end(), [&body](const store::Record& record) {
        return json::parse(record.json).value().text("/raw") == body;
    });
    ASSERT_NE(found, kept.end());
    const json::Value evidence = json::parse(found->json).value();
    EXPECT_THAT(evidence.text("/verdict"), HasSubstr("refused: "));
    EXPECT_EQ(evidence.integer("/answer_status"), 401);
    EXPECT_THAT(evidence.text("/answer"), HasSubstr("NACK"));
}

TEST(MarketEvidence, IsExportedFromADataDirectoryInOrder) {
    MarketWorld world({provider("tesla")});
    world.search();
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    const std::string body =
        world.message(beckn::Action::on_cancel, contract, "m-1", MarketWorld::committed(contract));
    world.callback("on_cancel", body,
                   {"tesla.example", "k1", Ed25519KeyPair::from_secret(std::string(32, 'x')).value()});
    world.run_until([&world] { return world.is_quiet(); });
    std::ostringstream out;
    const Result<std::size_t> lines = export_evidence(world.data_dir(), {}, out);
    ASSERT_TRUE(lines.has_value()) << lines.error().message;
    EXPECT_EQ(*lines, 8U);
    std::vector<std::string> actions;
    std::istringstream text(out.str());
    for (std::string line; std::getline(text, line);) {
        const json::Value message = json::parse(line).value();
        actions.push_back(message.text("/direction") + " " + message.text("/action"));
        EXPECT_EQ(message.integer("/answer/status"), 200) << line;
        EXPECT_EQ(message.text("/body/context/action"), message.text("/action"));
    }
    EXPECT_THAT(actions,
                ::testing::UnorderedElementsAre("out search", "in on_search", "out select", "in on_select",
                                                "out init", "in on_init", "out confirm", "in on_confirm"));
    std::ostringstream all;
    EXPECT_EQ(export_evidence(world.data_dir(), {.event = "", .with_refused = true}, all).value(), 9U);
    std::ostringstream none;
    EXPECT_EQ(export_evidence(world.data_dir(), {.event = "ev-other", .with_refused = true}, none).value(),
              0U);
    EXPECT_EQ(export_evidence(world.data_dir() / "nowhere", {}, none).error().code, Errc::not_found);
}

}  // namespace
}  // namespace headroom::agents::market_test
