#include "agents/market.hpp"
#include "agents/market_evidence.hpp"
#include "beckn/signature_header.hpp"
#include "core/json.hpp"
#include "unit/agents/market_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

// What a market must bear: each test is named for the promise it holds.

namespace headroom::agents::market_test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

net::Response ack(int status = 200) {
    return net::Response{.status = status,
                         .content_type = "application/json",
                         .body = R"({"message":{"ack":{"status":"ACK"}}})",
                         .headers = {}};
}

/// The providers acknowledge this action and answer nothing; the test answers in their place.
void take_over(MarketWorld& world, std::string action) {
    world.intercept = [action](const std::string&, const std::string& asked) -> std::optional<net::Response> {
        return asked == action ? std::optional(ack()) : std::nullopt;
    };
}

/// Nothing more will come of the request that a provider took last: the clock may go on.
void nothing_will_follow(MarketWorld& world) {
    const auto& [who, asked, body] = world.received.back();
    world.in_flight.end(beckn::flight_token(json::parse(body).value().text("/context/message_id"),
                                            beckn::parse_action(asked).value()));
}

beckn::Order quoted(const flex::Contract& contract) {
    beckn::Order order = MarketWorld::committed(contract);
    order.status = beckn::OrderStatus::none;
    order.fulfilment = beckn::FulfilmentState::none;
    order.draft = true;
    beckn::Quote quote;
    quote.ttl = minutes{5};
    for (const flex::PlanLine& line : contract.lines) {
        const MicroPounds price = beckn::price_of(line.offer, line.power_w);
        quote.breakup.push_back({line.offer.id, price});
        quote.total += price;
    }
    order.quote = std::move(quote);
    return order;
}

std::string message_id_of(const std::string& body) {
    return json::parse(body).value().text("/context/message_id");
}

json::Value peer_health(MarketWorld& world, const std::string& id) {
    const json::Value health = json::parse(world.market->health().body).value();
    for (const json::Value& peer : *health.at("/providers")->as_array()) {
        if (peer.text("/id") == id) {
            return peer;
        }
    }
    ADD_FAILURE() << "no provider " << id;
    return {};
}

std::vector<std::string> alarms(const MarketWorld& world) {
    std::vector<std::string> kinds;
    for (std::uint64_t seq = 0; seq < world.log->durable_size(); ++seq) {
        const audit::Entry entry = world.log->read(seq).value();
        if (entry.type == "alarm.raised") {
            kinds.push_back(json::Value(entry.body).text("/kind"));
        }
    }
    return kinds;
}

/// What `provider` offers, as an answer to the search of which `search` is the body.
std::string catalog_for(const MarketWorld& world, const std::string& provider, const std::string& search,
                        const std::string& message_id) {
    const risk::Overload overload = overload_on_lv1();
    flex::Contract contract;
    contract.provider = provider;
    contract.transaction = TransactionId{json::parse(search).value().text("/context/transaction_id")};
    beckn::Catalog catalog;
    catalog.provider = provider;
    catalog.provider_name = provider;
    catalog.offers = offers_of(provider, "LV-1", overload.start, overload.end);
    return world.message(beckn::Action::on_search, contract, message_id, std::move(catalog));
}

std::string body_of(const MarketWorld& world, const std::string& action) {
    for (const auto& [who, asked, body] : world.received) {
        if (asked == action) {
            return body;
        }
    }
    ADD_FAILURE() << "nobody was asked to " << action;
    return {};
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

TEST(MarketCorrelation, ANewMessageIdIsTakenAndMarkedAsWeaklyMatched) {
    MarketWorld world({provider("tesla")});
    take_over(world, "select");
    world.clock_may_move = false;
    const flex::Contract wanted = MarketWorld::wanted("tesla");
    const auto made = world.start(world.market->contract(wanted));
    world.run_until([&world] { return !world.requests_to("tesla").empty(); });
    const std::string body =
        world.message(beckn::Action::on_select, wanted, make_uuid("minted by the peer"), quoted(wanted));
    EXPECT_THAT(world.callback("on_select", body, MarketWorld::signer_of("tesla")).body,
                HasSubstr("\"ACK\""));
    world.run_until([&made] { return made->has_value(); });
    ASSERT_TRUE((*made)->has_value());
    EXPECT_EQ((*made)->value().state, flex::ContractState::active) << (*made)->value().failure;
    world.run_until([&world] { return world.is_quiet(); });
    bool is_marked = false;
    for (std::uint64_t seq = 0; seq < world.log->durable_size(); ++seq) {
        const audit::Entry entry = world.log->read(seq).value();
        is_marked = is_marked || (entry.type == "beckn.received" &&
                                  json::Value(entry.body).text("/action") == "on_select" &&
                                  json::Value(entry.body).text("/match") == "weak");
    }
    EXPECT_TRUE(is_marked);
}

TEST(MarketCorrelation, TheRequestsSignatureDecides) {
    MarketOptions options;
    options.weak_correlation = false;
    MarketWorld world({provider("tesla")}, options);
    const beckn::SignatureRules rules = beckn::rules_of(beckn::SignatureProfile::nfh004);
    world.adjust_peer = [&rules](MarketPeer& peer) { peer.signature = rules; };
    world.market = world.make_market();
    take_over(world, "select");
    world.clock_may_move = false;
    const flex::Contract wanted = MarketWorld::wanted("tesla");
    const auto made = world.start(world.market->contract(wanted));
    world.run_until([&world] { return !world.requests_to("tesla").empty(); });
    const std::string lines = world.await(world.market->capture(wanted.event)).value();
    const std::string authorization =
        json::parse(lines.substr(0, lines.find('\n'))).value().text("/headers/authorization");
    const std::string body =
        world.message(beckn::Action::on_select, wanted, make_uuid("minted by the peer"), quoted(wanted));
    const auto send = [&](const std::string& bound_to) {
        net::Request request;
        request.headers.add("Authorization", beckn::sign(rules, MarketWorld::signer_of("tesla"),
                                                         world.wall.now(), seconds{30}, body, bound_to));
        request.body = body;
        return world.await(world.market->on_callback("on_select", std::move(request)));
    };
    ASSERT_THAT(authorization, HasSubstr("signature=")) << lines;
    std::string other = authorization;
    char& letter = other[other.size() - 20];
    letter = letter == 'A' ? 'B' : 'A';
    EXPECT_EQ(send(other).status, 401);
    const net::Response taken = send(authorization);
    EXPECT_THAT(taken.body, HasSubstr("\"ACK\""));
    EXPECT_THAT(std::string(taken.headers.get("Signature")), HasSubstr("request-signature"));
    world.run_until([&world] { return world.requests_to("tesla").size() > 1; });
    EXPECT_EQ(world.requests_to("tesla")[1], "init");
    world.clock_may_move = true;
    world.run_until([&made] { return made->has_value(); });
}

TEST(MarketTtl, AQuoteAfterItsTtlDrivesNothing) {
    MarketWorld world({provider("tesla")});
    take_over(world, "select");
    world.clock_may_move = false;
    const flex::Contract wanted = MarketWorld::wanted("tesla");
    const auto made = world.start(world.market->contract(wanted));
    world.run_until([&world] { return !world.requests_to("tesla").empty(); });
    const std::string body = world.message(beckn::Action::on_select, wanted,
                                           message_id_of(body_of(world, "select")), quoted(wanted));
    world.wall.set(world.wall.now() + seconds{36});  // 30 s of ttl, 5 s of skew
    EXPECT_THAT(world.callback("on_select", body, MarketWorld::signer_of("tesla")).body,
                HasSubstr("\"ACK\""));
    nothing_will_follow(world);
    world.clock_may_move = true;
    world.run_until([&made] { return made->has_value(); });
    EXPECT_EQ((*made)->value().state, flex::ContractState::failed);
    EXPECT_THAT(world.requests_to("tesla"), ElementsAre("select"));
}

TEST(MarketTtl, AStrictBuyerRefusesWhatCameAfterItsTtl) {
    MarketOptions options;
    options.strict_ttl = true;
    MarketWorld world({provider("tesla")}, options);
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    const std::string body = world.message(beckn::Action::on_status, contract, make_uuid("late"),
                                           MarketWorld::committed(contract));
    world.wall.set(world.wall.now() + minutes{1});
    EXPECT_THAT(world.callback("on_status", body, MarketWorld::signer_of("tesla")).body,
                HasSubstr("CTX_TTL_EXPIRED"));
}

TEST(MarketSearch, ACatalogAfterItsWindowServesTheNextRoundAndNoLater) {
    MarketWorld world({provider("slow")});
    world.intercept = [&world](const std::string&, const std::string&) -> std::optional<net::Response> {
        nothing_will_follow(world);
        return ack();
    };
    EXPECT_THAT(world.search().offers, IsEmpty());
    const std::string search = body_of(world, "search");
    const std::string late = catalog_for(world, "slow", search, message_id_of(search));
    EXPECT_THAT(world.callback("on_search", late, MarketWorld::signer_of("slow")).body, HasSubstr("\"ACK\""));
    const SearchResult second = world.search();
    EXPECT_THAT(second.offers, SizeIs(2));
    EXPECT_FALSE(second.answers[0].answered);
    EXPECT_THAT(second.answers[0].fault, HasSubstr("late answer"));
    EXPECT_THAT(world.search().offers, IsEmpty());
}

TEST(MarketSearch, ALateCatalogIsNotNeededWhereOthersOfferEnough) {
    MarketWorld world({provider("slow"), provider("tesla")});
    world.intercept = [&world](const std::string& who, const std::string&) -> std::optional<net::Response> {
        if (who != "slow") {
            return std::nullopt;
        }
        nothing_will_follow(world);
        return ack();
    };
    EXPECT_THAT(world.search().offers, SizeIs(2));
    const std::string search = body_of(world, "search");
    const std::string late = catalog_for(world, "slow", search, message_id_of(search));
    world.callback("on_search", late, MarketWorld::signer_of("slow"));
    EXPECT_THAT(world.search().offers, SizeIs(2));  // 12 kW of tesla's for 10 kW
}

TEST(MarketSearch, EndsOnceThereIsEnough) {
    MarketOptions options;
    options.enough_ppm = 1'000'000;
    MarketWorld world({provider("silent", {.never_answers = true}), provider("tesla")}, options);
    EXPECT_THAT(world.search().offers, SizeIs(2));  // 12 kW of 10 kW
    EXPECT_EQ(world.clock().now(), evening);
    options.enough_ppm = 2'000'000;
    MarketWorld choosy({provider("silent", {.never_answers = true}), provider("tesla")}, options);
    EXPECT_THAT(choosy.search().offers, SizeIs(2));
    EXPECT_EQ(choosy.clock().now(), evening + choosy.options.search_window);
}

TEST(MarketSearch, KeepsTheGoodItemsOfABadCatalogAndPointsAtTheOthers) {
    MarketWorld world({provider("tesla")});
    take_over(world, "search");
    const auto found = world.start(world.market->search(overload_on_lv1()));
    world.run_until([&world] { return !world.received.empty(); });
    const std::string search = body_of(world, "search");
    std::string body = catalog_for(world, "tesla", search, message_id_of(search));
    const std::string good = "\"value\":\"battery\"";
    const std::size_t second = body.find(good, body.find(good) + 1);
    ASSERT_NE(second, std::string::npos) << body;
    body.replace(second, good.size(), "\"value\":\"teapot\"");
    EXPECT_THAT(world.callback("on_search", body, MarketWorld::signer_of("tesla")).body,
                HasSubstr("\"ACK\""));
    world.run_until([&found] { return found->has_value(); });
    const SearchResult& result = (*found)->value();
    ASSERT_THAT(result.offers, SizeIs(1));
    EXPECT_EQ(result.offers[0].id, "tesla-1");
    EXPECT_THAT(result.answers[0].fault, HasSubstr("/message/catalog/providers/0/items/1"));
}

TEST(MarketBreaker, ABrokenProviderIsLeftAloneAndTriedAgain) {
    MarketWorld world({provider("down", {.http_status = 503}), provider("tesla")});
    for (int i = 0; i < 5; ++i) {
        world.search();
    }
    const std::size_t asked = world.requests_to("down").size();
    EXPECT_EQ(asked, 15U);  // three sends each
    const SearchResult without = world.search();
    EXPECT_EQ(world.requests_to("down").size(), asked);
    ASSERT_THAT(without.answers, SizeIs(2));
    EXPECT_EQ(without.answers[1].provider, "down");
    EXPECT_THAT(without.answers[1].fault, HasSubstr("left alone"));
    EXPECT_EQ(peer_health(world, "down").text("/breaker"), "open");
    EXPECT_EQ(peer_health(world, "tesla").text("/breaker"), "closed");
    // New business is refused at once; nothing is sent.
    EXPECT_THAT(world.make_contract(MarketWorld::wanted("down")).failure, HasSubstr("left alone"));
    EXPECT_EQ(world.requests_to("down").size(), asked);

    EXPECT_TRUE(world.providers->set_faults("down", {}).has_value());
    world.clock().advance_to(world.clock().now() + world.options.breaker.open_for);
    EXPECT_THAT(world.search().offers, SizeIs(4));
    EXPECT_EQ(peer_health(world, "down").text("/breaker"), "closed");
}

TEST(MarketBreaker, WhoHoldsAnOrderIsSpokenToAllTheSame) {
    MarketWorld world({provider("tesla")});
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    EXPECT_TRUE(world.providers->set_faults("tesla", {.http_status = 503}).has_value());
    for (int i = 0; i < 5; ++i) {
        world.search();
    }
    EXPECT_EQ(peer_health(world, "tesla").text("/breaker"), "open");
    EXPECT_TRUE(world.providers->set_faults("tesla", {}).has_value());
    const Result<flex::Contract> cancelled = world.await(world.market->cancel(contract, "not needed"));
    ASSERT_TRUE(cancelled.has_value()) << cancelled.error().message;
    EXPECT_EQ(cancelled->state, flex::ContractState::cancelled);
}

TEST(MarketSaga, AnUnansweredCancelIsSentUntilItIsAnswered) {
    MarketWorld world({provider("tesla")});
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    EXPECT_TRUE(world.providers->set_faults("tesla", {.http_status = 503}).has_value());
    world.clock_may_move = false;
    EXPECT_FALSE(world.await(world.market->cancel(contract, "not needed")).has_value());
    EXPECT_EQ(json::parse(world.market->health().body).value().integer("/cancels_owed"), 1);
    world.kill_and_restart_market();  // the duty outlives the process
    EXPECT_TRUE(world.providers->set_faults("tesla", {}).has_value());
    world.clock_may_move = true;
    world.run_until([&world] { return !world.told.empty(); });
    EXPECT_EQ(world.told[0].state, flex::ContractState::cancelled);
    EXPECT_EQ(world.providers->orders()[0].status, "CANCELLED");
    EXPECT_EQ(json::parse(world.market->health().body).value().integer("/cancels_owed"), 0);
}

TEST(MarketSaga, AnUnknownOrderIsAlarmedAndItsCancelGoesOn) {
    MarketWorld world({provider("tesla")});
    const auto silence = [&world](bool is_silent) {
        world.intercept = [&world, is_silent](const std::string&,
                                              const std::string& action) -> std::optional<net::Response> {
            const bool binds = action == "confirm" || action == "status" || action == "cancel";
            EXPECT_TRUE(
                world.providers->set_faults("tesla", {.never_answers = is_silent && binds}).has_value());
            return std::nullopt;
        };
    };
    silence(true);
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    EXPECT_EQ(contract.state, flex::ContractState::unknown);
    silence(false);
    world.run_until([&world] { return !world.told.empty() && world.is_quiet(); });
    EXPECT_EQ(world.told[0].state, flex::ContractState::cancelled);
    EXPECT_THAT(alarms(world), Contains("order_unknown"));
    EXPECT_EQ(world.providers->orders()[0].status, "CANCELLED");
}

TEST(MarketSaga, AnIllegalTransitionIsRefusedAndChangesNothing) {
    MarketWorld world({provider("tesla")});
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    const std::string body =
        world.message(beckn::Action::on_select, contract, make_uuid("out of place"), quoted(contract));
    EXPECT_THAT(world.callback("on_select", body, MarketWorld::signer_of("tesla")).body,
                HasSubstr("BIZ_INVALID_STATE_TRANSITION"));
    EXPECT_EQ(world.make_contract(MarketWorld::wanted("tesla")).state, flex::ContractState::active);
    EXPECT_THAT(world.told, IsEmpty());
}

TEST(MarketSaga, AProvidersOwnUpdateIsTold) {
    MarketWorld world({provider("tesla")});
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    beckn::Order order = MarketWorld::committed(contract);
    order.lines[0].power_w.values = {2000, 3000};
    const std::string body =
        world.message(beckn::Action::on_update, contract, make_uuid("their own update"), order);
    EXPECT_THAT(world.callback("on_update", body, MarketWorld::signer_of("tesla")).body,
                HasSubstr("\"ACK\""));
    ASSERT_THAT(world.told, SizeIs(1));
    EXPECT_THAT(world.told[0].lines.at(0).power_w.values, ElementsAre(2000, 3000));
}

TEST(MarketSaga, NoCallbackWillFollowEndsTheWaitAtOnce) {
    for (const int status : {202, 409}) {
        MarketWorld world({provider("tesla")});
        world.intercept = [status](const std::string&,
                                   const std::string& action) -> std::optional<net::Response> {
            return action == "init" ? std::optional(ack(status)) : std::nullopt;
        };
        const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
        EXPECT_EQ(contract.state, flex::ContractState::failed) << status;
        EXPECT_EQ(world.clock().now(), evening) << status;
    }
}

TEST(MarketRestart, AConfirmThatNobodyTakesUpIsBroughtToItsEnd) {
    MarketWorld world({provider("tesla")});
    world.intercept = [&world](const std::string&,
                               const std::string& action) -> std::optional<net::Response> {
        EXPECT_TRUE(world.providers->set_faults("tesla", {.never_answers = action == "confirm"}).has_value());
        return std::nullopt;
    };
    world.clock_may_move = false;
    const auto lost = world.start(world.market->contract(MarketWorld::wanted("tesla")));
    world.run_until([&world] { return world.providers->orders().size() == 1 && world.providers->idle(); });
    world.intercept = {};
    EXPECT_TRUE(world.providers->set_faults("tesla", {}).has_value());
    world.kill_and_restart_market();
    world.clock_may_move = true;
    world.run_until([&world] { return !world.told.empty(); });
    EXPECT_EQ(world.told[0].state, flex::ContractState::active);
    EXPECT_EQ(world.told[0].order_id, world.providers->orders()[0].order_id);
    EXPECT_THAT(world.providers->orders(), SizeIs(1));
}

TEST(MarketRestart, AsksHowContractsStandThatMayHaveChangedMeanwhile) {
    MarketWorld world({provider("tesla")});
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    // Its own cancellation meets nobody: the process is dead.
    EXPECT_TRUE(world.providers->set_faults("tesla", {.wrong_key = true}).has_value());
    static_cast<void>(
        world.await(world.providers->cancel_on_its_own("tesla", contract.transaction.value, "empty")));
    EXPECT_TRUE(world.providers->set_faults("tesla", {}).has_value());
    EXPECT_THAT(world.told, IsEmpty());
    world.kill_and_restart_market();
    world.run_until([&world] { return !world.told.empty(); });
    EXPECT_EQ(world.told[0].state, flex::ContractState::cancelled);
}

TEST(MarketClock, ADriftingPeerIsAlarmedOnce) {
    MarketWorld world({provider("tesla")});
    const flex::Contract contract = world.make_contract(MarketWorld::wanted("tesla"));
    for (int i = 0; i < 20; ++i) {
        const std::string body =
            world.message(beckn::Action::on_status, contract, make_uuid("status " + std::to_string(i)),
                          MarketWorld::committed(contract));
        world.wall.set(world.wall.now() + seconds{3});
        world.callback("on_status", body, MarketWorld::signer_of("tesla"));
    }
    world.run_until([&world] { return world.is_quiet(); });
    EXPECT_THAT(alarms(world), ElementsAre("clock_drift"));
    EXPECT_EQ(peer_health(world, "tesla").integer("/clock_drift_ms"), 3000);
}

TEST(MarketClock, SignaturesLastAsLongAsTheMessage) {
    MarketOptions options;
    options.ttl = seconds{47};
    MarketWorld world({provider("tesla")}, options);
    world.search();
    const std::string lines = world.await(world.market->capture(overload_on_lv1().event)).value();
    const json::Value first = json::parse(lines.substr(0, lines.find('\n'))).value();
    const beckn::SignatureHeader header =
        beckn::parse_authorization(first.text("/headers/authorization")).value();
    EXPECT_EQ(header.expires - header.created, 47);
    EXPECT_EQ(first.text("/body/context/ttl"), "PT47S");
}

TEST(MarketDialect, EachPeerIsAskedInItsOwn) {
    MarketWorld world({provider("old"), provider("tesla")});
    world.adjust_peer = [](MarketPeer& peer) {
        peer.wire = peer.id == "old" ? beckn::WireVersion::v09 : beckn::WireVersion::v11;
    };
    world.market = world.make_market();
    EXPECT_THAT(world.search().offers, SizeIs(4));
    EXPECT_EQ(world.make_contract(MarketWorld::wanted("old")).state, flex::ContractState::active);
    for (const auto& [who, action, body] : world.received) {
        const json::Value message = json::parse(body).value();
        EXPECT_EQ(!message.text("/context/core_version").empty(), who == "old") << body;
        EXPECT_EQ(!message.text("/context/version").empty(), who == "tesla") << body;
    }
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
