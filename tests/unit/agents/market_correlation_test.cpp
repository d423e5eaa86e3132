#include "agents/market.hpp"

#include "beckn/signature_header.hpp"
#include "core/json.hpp"
#include "unit/agents/market_steps.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Which request an answer belongs to, and whether it comes in time.

namespace headroom::agents::market_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

/// The contract's select is out, its answer is the test's to give, and the clock stands still.
std::shared_ptr<std::optional<Result<flex::Contract>>> begin_with_select(MarketWorld& world,
                                                                         const flex::Contract& wanted) {
    take_over(world, "select");
    world.clock_may_move = false;
    auto made = world.start(world.market->contract(wanted));
    world.run_until([&world] { return !world.requests_to("tesla").empty(); });
    return made;
}

TEST(MarketCorrelation, ANewMessageIdIsTakenAndMarkedAsWeaklyMatched) {
    MarketWorld world({provider("tesla")});
    const flex::Contract wanted = MarketWorld::wanted("tesla");
    const auto made = begin_with_select(world, wanted);
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
    const flex::Contract wanted = MarketWorld::wanted("tesla");
    const auto made = begin_with_select(world, wanted);
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
    const flex::Contract wanted = MarketWorld::wanted("tesla");
    const auto made = begin_with_select(world, wanted);
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

}  // namespace
}  // namespace headroom::agents::market_test
