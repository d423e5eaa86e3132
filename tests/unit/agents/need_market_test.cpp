#include "unit/agents/need_market_world.hpp"

#include "beckn/ack.hpp"
#include "beckn/codec.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>

namespace headroom::agents::need_market_test {
namespace {

using beckn::Action;
using beckn::NeedStep;

TEST(NeedMarket, AnAggregatorComesToANeedAndIsContracted) {
    NeedMarketWorld world;
    world.open();
    world.publish(fixed_need());
    const Result<beckn::Order> confirmed = world.bid(0, "need-1", "t1");
    ASSERT_TRUE(confirmed.has_value()) << confirmed.error().message << confirmed.error().pointer;
    EXPECT_EQ(confirmed->status, beckn::OrderStatus::active);
    EXPECT_EQ(world.order("t1").awarded_w, grid({20'000, 20'000}));
    world.settle_down();
    EXPECT_EQ(world.entries(), (std::vector<std::string>{"need.published", "order.contracted"}));

    // What is left is less than the second one offers at first sight of the catalogue: he sees 10 kW.
    const Result<beckn::Order> second = world.bid(1, "need-1", "t2");
    ASSERT_TRUE(second.has_value());
    EXPECT_EQ(world.order("t2").awarded_w, grid({10'000, 10'000}));
    EXPECT_EQ(world.needs->board().need("need-1")->state, beckn::NeedState::closed);
    EXPECT_EQ(world.bid(1, "need-1", "t3").error().code, Errc::not_found);

    // The desk's contract, as every purchase has one.
    const Result<store::Record> kept = world.await(world.records->get("contract", make_uuid("t1")));
    ASSERT_TRUE(kept.has_value());
    EXPECT_EQ(kept->corr, "need-1");
    const flex::Contract contract = flex::contract_from_json(json::parse(kept->json).value()).value();
    EXPECT_EQ(contract.provider, "agg-1.example");
    EXPECT_EQ(contract.lines.front().offer.feeder, "LV-1");
    EXPECT_EQ(contract.quoted.value, 6'000'000);  // 20 kWh at 0.30 £
}

TEST(NeedMarket, EverythingIsEvidenceInBothDirections) {
    NeedMarketWorld world;
    world.open();
    world.publish(fixed_need());
    ASSERT_TRUE(world.bid(0, "need-1", "t1").has_value());
    std::vector<std::string> seen;
    for (const json::Value& line : world.evidence()) {
        seen.push_back(line.text("/direction") + " " + line.text("/action"));
    }
    EXPECT_EQ(seen, (std::vector<std::string>{"in discover", "out on_discover", "in select", "out on_select",
                                              "in init", "out on_init", "in confirm", "out on_confirm"}));
}

TEST(NeedMarket, ARepeatGetsTheSameAnswerAndAChangedOneIsRefused) {
    NeedMarketWorld world;
    world.open();
    world.publish(fixed_need());
    ASSERT_TRUE(world.bid(0, "need-1", "t1").has_value());
    world.settle_down();
    sim::Aggregator& aggregator = *world.aggregators[0];
    const std::string confirm = aggregator.last_request();
    const std::size_t heard = aggregator.heard().size();

    const Result<net::ClientResponse> again = world.await(aggregator.send(Action::confirm, confirm));
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->status, 200);
    world.settle_down();
    EXPECT_EQ(aggregator.heard().size(), heard) << "a repeat has no effect";

    std::string changed = confirm;
    changed.replace(changed.find("\"line-1\""), 8, "\"line-2\"");
    const Result<net::ClientResponse> other = world.await(aggregator.send(Action::confirm, changed));
    EXPECT_EQ(other->status, 400);
    EXPECT_NE(other->body.find("CTX_MESSAGE_ID_DUPLICATE"), std::string::npos) << other->body;

    world.restart();
    const Result<net::ClientResponse> later = world.await(aggregator.send(Action::confirm, confirm));
    EXPECT_EQ(later->status, 200);
    EXPECT_EQ(later->body, again->body);
    EXPECT_EQ(world.entries().size(), 2U) << "published and contracted once";
}

TEST(NeedMarket, RefusesWhoeverCannotShowWhoHeIs) {
    NeedMarketWorld world;
    world.open();
    world.publish(fixed_need());
    ASSERT_TRUE(world.bid(0, "need-1", "t1").has_value());
    sim::Aggregator& honest = *world.aggregators[0];
    sim::Aggregator& other = *world.aggregators[1];

    // Signed by one who is known, in the name of the other.
    const Result<net::ClientResponse> stolen =
        world.await(other.send(Action::confirm, honest.last_request()));
    EXPECT_EQ(stolen->status, 401);
    EXPECT_NE(stolen->body.find("/context/bapId"), std::string::npos) << stolen->body;

    net::Request unsigned_request;
    unsigned_request.method = "POST";
    unsigned_request.body = honest.last_request();
    const net::Response refused = world.await(world.needs->on_request("confirm", unsigned_request));
    EXPECT_EQ(refused.status, 401);
    EXPECT_EQ(refused.headers.get("WWW-Authenticate").substr(0, 9), "Signature");
}

TEST(NeedMarket, TellsOtherDialectsThatTheyHaveNoWordsForANeed) {
    NeedMarketWorld world;
    world.open();
    beckn::Context context;
    context.action = Action::search;
    context.domain = "deg:flexibility";
    context.country = "GBR";
    context.city = "std:020";
    context.bap_id = "agg-1.example";
    context.bap_uri = world.aggregators[0]->url();
    context.transaction_id = make_uuid("t");
    context.message_id = make_uuid("m");
    context.timestamp = world.wall.now();
    context.ttl = seconds{30};
    beckn::SearchIntent intent;
    intent.feeder = "LV-1";
    intent.need_w = grid({1'000});
    for (const beckn::WireVersion version :
         {beckn::WireVersion::v09, beckn::WireVersion::v11, beckn::WireVersion::v2_rc1}) {
        const std::string bytes =
            beckn::encode({.version = version, .context = context, .message = intent, .error = {}}).value();
        const Result<net::ClientResponse> answer =
            world.await(world.aggregators[0]->send(Action::search, bytes));
        const beckn::Ack ack = beckn::read_ack(answer->status, answer->body);
        EXPECT_EQ(ack.kind, beckn::AckKind::refused);
        EXPECT_NE(beckn::describe(ack.error).find("no words for a buyer's needs"), std::string::npos)
            << answer->body;
    }
}

TEST(NeedMarket, SendsTheSameBytesAgainUntilTheyAreTaken) {
    NeedMarketWorld world;
    world.open();
    world.publish(fixed_need());
    world.aggregators[0]->fail_callbacks(2);
    ASSERT_TRUE(world.bid(0, "need-1", "t1").has_value());
    for (const json::Value& line : world.evidence()) {
        if (line.text("/action") == "on_discover") {
            EXPECT_EQ(line.integer("/answer/status"), 200);
        }
    }
    EXPECT_EQ(world.aggregators[0]->heard().front(), "on_search");
}

TEST(NeedMarket, ClearsAtTheGateAlsoAfterARestart) {
    NeedMarketWorld world;
    world.open();
    world.publish(auction());
    ASSERT_TRUE(world.bid(0, "need-2", "t1").has_value());
    const auto second = world.start(world.aggregators[1]->bid("need-2", make_uuid("t2"), hours{5}));
    world.run_until([&] {
        return world.needs->board().orders.contains(make_uuid("t2")) &&
               world.order("t2").step == NeedStep::bidding;
    });
    world.restart();
    EXPECT_FALSE(second->has_value()) << "on_confirm waits for the clearing";
    world.advance(evening - hours{1});

    world.run_until([&] { return second->has_value(); });
    ASSERT_TRUE((*second)->has_value()) << (*second)->error().message;
    const flex::IntervalGrid first_award = *world.order("t1").awarded_w;
    const flex::IntervalGrid second_award = *world.order("t2").awarded_w;
    EXPECT_EQ(first_award.values[0] + second_award.values[0], 30'000);
    EXPECT_EQ((**second)->needs.front().bid->cleared_w, second_award);
    EXPECT_EQ(world.aggregators[0]->heard().back(), "on_update");
    const std::vector<std::string> entries = world.entries();
    EXPECT_EQ(std::count(entries.begin(), entries.end(), "need.cleared"), 1);
    EXPECT_EQ(std::count(entries.begin(), entries.end(), "order.contracted"), 2);
}

TEST(NeedMarket, SettlesAfterDeliveryByOurMetersAndShowsBothSides) {
    NeedMarketWorld world;
    world.measure = [](beckn::PublishedNeed need,
                       beckn::NeedOrder order) -> Awaitable<std::optional<flex::Performance>> {
        flex::Performance ours;
        ours.methodology = "5of10";
        for (const std::string& meter : order.line().meters) {
            flex::IntervalGrid baseline = need.requested_w();
            flex::IntervalGrid usage = baseline;
            baseline.values.assign(baseline.values.size(), 50'000);
            usage.values.assign(usage.values.size(), 32'000);  // 18 of 20 kW
            ours.meters.push_back({.meter = meter, .baseline_w = baseline, .usage_w = usage});
        }
        co_return ours;
    };
    world.open();
    world.publish(fixed_need());
    ASSERT_TRUE(world.bid(0, "need-1", "t1").has_value());
    world.settle_down();
    ASSERT_TRUE(world.await(world.aggregators[0]->report(make_uuid("t1"))).has_value());
    world.advance(evening + hours{1} + minutes{2});

    EXPECT_EQ(world.order("t1").step, NeedStep::completed);
    EXPECT_EQ(world.aggregators[0]->heard().back(), "on_status");
    // 18 kWh at 0.30 £ less 2 kWh at 0.10 £ by ours; 20 kWh by theirs.
    EXPECT_EQ(beckn::settle_by(world.order("t1"), true)->flows.back().value_micro, 5'200'000);
    EXPECT_EQ(beckn::settle_by(world.order("t1"), false)->flows.back().value_micro, 6'000'000);
    EXPECT_EQ(world.aggregators[0]->order(make_uuid("t1"))->flows.back().value_micro, 5'200'000);
    const Result<store::Record> kept = world.await(world.records->get("contract", make_uuid("t1")));
    EXPECT_EQ(kept->state, "completed");
}

TEST(NeedMarket, WhatOurMetersVerifiedStandsInTheEntryAndIsToldOnceItIsDurable) {
    NeedMarketWorld world;
    world.measure = [](beckn::PublishedNeed need,
                       beckn::NeedOrder order) -> Awaitable<std::optional<flex::Performance>> {
        flex::Performance ours;
        ours.methodology = "5of10";
        flex::IntervalGrid baseline = need.requested_w();
        flex::IntervalGrid usage = baseline;
        baseline.values.assign(baseline.values.size(), 50'000);
        usage.values.assign(usage.values.size(), 32'000);
        ours.meters.push_back(
            {.meter = order.line().meters.front(), .baseline_w = baseline, .usage_w = usage});
        co_return ours;
    };
    world.verify = [](beckn::NeedOrder order, flex::Performance shown) -> Awaitable<VerifiedDelivery> {
        co_return VerifiedDelivery{.event = order.transaction(),
                                   .start = order.awarded_w->start,
                                   .wh = {{"F-1", {9'000, static_cast<std::int64_t>(shown.meters.size())}}}};
    };
    std::vector<VerifiedDelivery> told;
    world.delivered = [&told, &world](VerifiedDelivery delivery) {
        EXPECT_EQ(world.order("t1").step, NeedStep::completed);
        told.push_back(std::move(delivery));
    };
    world.open();
    world.publish(fixed_need());
    ASSERT_TRUE(world.bid(0, "need-1", "t1").has_value());
    world.settle_down();
    world.advance(evening + hours{1} + minutes{2});
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told.front().event, make_uuid("t1"));
    const Result<store::Record> kept = world.await(world.records->get("delivery", make_uuid("t1")));
    ASSERT_TRUE(kept.has_value()) << kept.error().message;
    EXPECT_EQ(verified_delivery_from_json(json::parse(kept->json).value()).value(), told.front());
}

TEST(NeedMarket, ACancelIsAnsweredAndTheContractEnds) {
    NeedMarketWorld world;
    world.open();
    world.publish(fixed_need());
    ASSERT_TRUE(world.bid(0, "need-1", "t1").has_value());
    const Result<beckn::Order> cancelled =
        world.await(world.aggregators[0]->cancel(make_uuid("t1"), "plant fault"));
    ASSERT_TRUE(cancelled.has_value()) << cancelled.error().message;
    EXPECT_EQ(cancelled->status, beckn::OrderStatus::cancelled);
    world.settle_down();
    EXPECT_EQ(world.entries().back(), "order.ended");
    EXPECT_EQ(world.needs->board().still_wanted(*world.needs->board().need("need-1")),
              grid({30'000, 30'000}));

    const Result<beckn::PublishedNeed> withdrawn =
        world.await(world.needs->withdraw("need-1", NeedMarketWorld::operator_()));
    EXPECT_EQ(withdrawn->state, beckn::NeedState::withdrawn);
    Caller silent = NeedMarketWorld::operator_();
    silent.reason.clear();
    EXPECT_EQ(world.await(world.needs->withdraw("need-1", silent)).error().pointer, "/reason");
}

/// Both policies from discover to the settled end, as the conformance checker reads it.
TEST(NeedMarket, WritesAWholeFlowForTheChecker) {
    NeedMarketWorld world;
    world.measure = [](beckn::PublishedNeed need,
                       beckn::NeedOrder order) -> Awaitable<std::optional<flex::Performance>> {
        flex::Performance ours;
        ours.methodology = "5of10";
        ours.event = need.id;
        flex::IntervalGrid baseline = need.requested_w();
        flex::IntervalGrid usage = baseline;
        baseline.values.assign(baseline.values.size(), 50'000);
        usage.values.assign(usage.values.size(), 32'000);
        ours.meters.push_back(
            {.meter = order.line().meters.front(), .baseline_w = baseline, .usage_w = usage});
        co_return ours;
    };
    world.open();
    world.publish(fixed_need());
    world.publish(auction());
    ASSERT_TRUE(world.bid(0, "need-1", "t1").has_value());
    ASSERT_TRUE(world.bid(1, "need-2", "t2").has_value());
    sim::Aggregator& first = *world.aggregators[0];
    const std::string transaction = make_uuid("t1");
    const std::string id = first.order(transaction)->id;
    std::vector<std::pair<Action, beckn::Body>> questions;
    questions.emplace_back(Action::status, beckn::StatusRequest{id});
    questions.emplace_back(Action::track, beckn::TrackRequest{.order_id = id});
    questions.emplace_back(Action::support, beckn::SupportRequest{.ref_id = id});
    questions.emplace_back(Action::rating,
                           beckn::RatingRequest{{{.id = id, .category = "Order", .value_milli = 4'500}}});
    for (auto& [action, body] : questions) {
        const Result<beckn::Body> told = world.await(first.ask(action, std::move(body), transaction));
        EXPECT_TRUE(told.has_value()) << told.error().message;
    }
    ASSERT_TRUE(world.await(first.report(transaction)).has_value());
    ASSERT_TRUE(world.await(world.needs->close_gate("need-2", NeedMarketWorld::operator_())).has_value());
    world.settle_down();
    ASSERT_TRUE(world.await(world.aggregators[1]->cancel(make_uuid("t2"), "plant fault")).has_value());
    world.advance(evening + hours{1} + minutes{2});
    EXPECT_EQ(world.order("t1").step, NeedStep::completed);
    EXPECT_EQ(world.order("t2").step, NeedStep::cancelled);

    const std::vector<json::Value> lines = world.evidence();
    EXPECT_GE(lines.size(), 30U);
    if (const char* folder = std::getenv("HEADROOM_BECKN_SAMPLES"); folder != nullptr) {
        std::ofstream all(std::string(folder) + "/need-all.jsonl");
        std::ofstream asked(std::string(folder) + "/need-asked.jsonl");  // the strict reader wants no others
        std::set<std::string> requests;
        for (const json::Value& line : lines) {
            const bool is_request = line.text("/direction") == "in";
            const std::string message_id = line.text("/body/context/messageId");
            if (is_request) {
                requests.insert(message_id);
            }
            all << json::write(line) << "\n";
            if (requests.contains(message_id)) {
                asked << json::write(line) << "\n";
            }
        }
        EXPECT_TRUE(all.good() && asked.good());
    }
}

}  // namespace
}  // namespace headroom::agents::need_market_test
