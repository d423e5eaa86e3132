#include "agents/market.hpp"

#include "beckn/codec.hpp"
#include "core/json.hpp"
#include "unit/agents/market_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>

// A contract's whole life over real sockets, in each dialect: what holds in 1.1 holds in all of them.
namespace headroom::agents::market_test {
namespace {

using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

constexpr MicroPounds price{1'125'000};  // 4.5 kWh at £0.25

class MarketDialects : public ::testing::TestWithParam<beckn::WireVersion> {
  protected:
    /// A world whose peers are spoken to in the dialect, under the signatures that go with it.
    static std::unique_ptr<MarketWorld> world(std::vector<sim::ProviderSpec> specs) {
        for (sim::ProviderSpec& spec : specs) {
            spec.wire = GetParam();
        }
        auto made = std::make_unique<MarketWorld>(std::move(specs));
        made->adjust_peer = [](MarketPeer& peer) {
            peer.wire = GetParam();
            peer.signature = beckn::rules_of(beckn::is_v2(GetParam()) ? beckn::SignatureProfile::nfh004
                                                                      : beckn::SignatureProfile::beckn006);
        };
        made->market = made->make_market();
        return made;
    }
};

TEST_P(MarketDialects, EveryMessageIsOfTheDialect) {
    const auto world = this->world({provider("tesla"), provider("chargepoint")});
    EXPECT_THAT(world->search().offers, SizeIs(4));
    const flex::Contract contract = world->make_contract(MarketWorld::wanted("tesla"));
    EXPECT_EQ(contract.state, flex::ContractState::active) << contract.failure;
    const std::string lines = world->await(world->market->capture(contract.event)).value();
    std::size_t at = 0;
    int count = 0;
    while (at < lines.size()) {
        const std::size_t end = lines.find('\n', at);
        const json::Value line = json::parse(lines.substr(at, end - at)).value();
        const beckn::Decoded decoded = beckn::decode(line.text("/raw"));
        ASSERT_TRUE(decoded.envelope.has_value()) << decoded.describe_faults();
        EXPECT_TRUE(decoded.faults.empty()) << decoded.describe_faults();
        EXPECT_EQ(decoded.envelope->version, GetParam());
        at = end + 1;
        ++count;
    }
    EXPECT_GE(count, 10);  // two searches, a contract, and their answers
}

TEST_P(MarketDialects, AContractIsMadeFiredAskedForAndCancelled) {
    const auto world = this->world({provider("tesla")});
    world->search();
    const flex::Contract contract = world->make_contract(MarketWorld::wanted("tesla"));
    ASSERT_EQ(contract.state, flex::ContractState::active) << contract.failure;
    EXPECT_EQ(contract.quoted, price);
    EXPECT_THAT(contract.lines.at(0).power_w.values, ElementsAre(6000, 3000));
    const Result<flex::Contract> fired = world->await(world->market->activate(contract));
    ASSERT_TRUE(fired.has_value()) << fired.error().message;
    EXPECT_EQ(fired->state, flex::ContractState::activated) << fired->failure;
    EXPECT_EQ(world->providers->orders()[0].fulfilment, "active");
    const Result<flex::Contract> seen = world->await(world->market->status(contract));
    ASSERT_TRUE(seen.has_value());
    EXPECT_EQ(seen->state, flex::ContractState::activated);
    const Result<flex::Contract> cancelled =
        world->await(world->market->cancel(contract, "the load has fallen"));
    ASSERT_TRUE(cancelled.has_value());
    EXPECT_EQ(cancelled->state, flex::ContractState::cancelled);
    EXPECT_EQ(world->providers->orders()[0].status, "CANCELLED");
}

TEST_P(MarketDialects, AFinishedDeliveryIsCompleted) {
    const auto world = this->world({provider("tesla")});
    const flex::Contract contract = world->make_contract(MarketWorld::wanted("tesla"));
    world->clock().advance_to(overload_on_lv1().end);
    const Result<flex::Contract> seen = world->await(world->market->status(contract));
    ASSERT_TRUE(seen.has_value());
    EXPECT_EQ(seen->state, flex::ContractState::completed);
}

TEST_P(MarketDialects, APartialCommitmentBecomesTheContract) {
    const auto world = this->world({provider("half", {.partial_commit_ppm = 500'000})});
    const flex::Contract contract = world->make_contract(MarketWorld::wanted("half"));
    EXPECT_EQ(contract.state, flex::ContractState::active) << contract.failure;
    EXPECT_THAT(contract.lines.at(0).power_w.values, ElementsAre(3000, 1500));
}

TEST_P(MarketDialects, ANackAndASilentProviderFailTheContract) {
    const auto world =
        this->world({provider("nack", {.nack = true}), provider("mute", {.never_answers = true})});
    EXPECT_EQ(world->make_contract(MarketWorld::wanted("nack")).state, flex::ContractState::failed);
    EXPECT_EQ(world->make_contract(MarketWorld::wanted("mute")).state, flex::ContractState::failed);
    EXPECT_THAT(world->providers->orders(), SizeIs(0));
}

TEST_P(MarketDialects, ForeignSignaturesAndGarbageNeverMakeAContract) {
    const auto world =
        this->world({provider("stranger", {.wrong_key = true}), provider("garbage", {.garbage = true})});
    EXPECT_EQ(world->make_contract(MarketWorld::wanted("stranger")).state, flex::ContractState::failed);
    EXPECT_EQ(world->make_contract(MarketWorld::wanted("garbage")).state, flex::ContractState::failed);
    world->run_until([&world] { return world->is_quiet(); });
    EXPECT_THAT(world->entry_types(), Contains(HasSubstr("refused")));
}

TEST_P(MarketDialects, AnAnswerThatComesTwiceHasOneEffect) {
    const auto world = this->world({provider("twice", {.answers_twice = true})});
    EXPECT_THAT(world->search().offers, SizeIs(2));
    const flex::Contract contract = world->make_contract(MarketWorld::wanted("twice"));
    EXPECT_EQ(contract.state, flex::ContractState::active) << contract.failure;
    world->run_until([&world] { return world->is_quiet(); });
    EXPECT_THAT(world->providers->orders(), SizeIs(1));
    std::vector<std::string> outcomes;
    for (const MessageTrace& message : world->market->trace(contract.event)) {
        outcomes.push_back(message.outcome);
    }
    EXPECT_THAT(outcomes, Contains("repeat, no effect"));
}

TEST_P(MarketDialects, ServerFaultsAreMetWithTheSameBytes) {
    const auto world = this->world({provider("tesla")});
    int faults = 2;
    world->intercept = [&faults](const std::string&, const std::string&) -> std::optional<net::Response> {
        if (faults-- > 0) {
            return net::Response{.status = 503, .content_type = "text/plain", .body = "no", .headers = {}};
        }
        return std::nullopt;
    };
    const flex::Contract contract = world->make_contract(MarketWorld::wanted("tesla"));
    EXPECT_EQ(contract.state, flex::ContractState::active) << contract.failure;
    ASSERT_GE(world->received.size(), 3U);
    EXPECT_EQ(std::get<2>(world->received[0]), std::get<2>(world->received[1]));
    EXPECT_EQ(std::get<2>(world->received[0]), std::get<2>(world->received[2]));
}

TEST_P(MarketDialects, AnActiveContractSurvivesARestart) {
    const auto world = this->world({provider("tesla")});
    const flex::Contract contract = world->make_contract(MarketWorld::wanted("tesla"));
    ASSERT_EQ(contract.state, flex::ContractState::active) << contract.failure;
    const std::size_t before = world->requests_to("tesla").size();
    world->kill_and_restart_market();
    EXPECT_EQ(world->make_contract(MarketWorld::wanted("tesla")).order_id, contract.order_id);
    const std::vector<std::string> requests = world->requests_to("tesla");
    const std::vector<std::string> since(requests.begin() + static_cast<std::ptrdiff_t>(before),
                                         requests.end());
    EXPECT_THAT(since, Not(Contains(AnyOf("select", "init", "confirm"))));
    EXPECT_EQ(world->await(world->market->activate(contract)).value().state, flex::ContractState::activated);
}

TEST_P(MarketDialects, AProvidersOwnCancellationIsTold) {
    const auto world = this->world({provider("tesla")});
    const flex::Contract contract = world->make_contract(MarketWorld::wanted("tesla"));
    ASSERT_EQ(contract.state, flex::ContractState::active) << contract.failure;
    const Result<void> done = world->await(
        world->providers->cancel_on_its_own("tesla", contract.transaction.value, "the battery is empty"));
    ASSERT_TRUE(done.has_value());
    world->run_until([&world] { return !world->told.empty(); });
    EXPECT_EQ(world->told[0].state, flex::ContractState::cancelled);
}

INSTANTIATE_TEST_SUITE_P(All, MarketDialects,
                         ::testing::Values(beckn::WireVersion::v09, beckn::WireVersion::v11,
                                           beckn::WireVersion::v2_rc1, beckn::WireVersion::v2_lts),
                         [](const auto& told) {
                             std::string name(beckn::to_string(told.param));
                             std::erase_if(name, [](char c) { return std::isalnum(c) == 0; });
                             return name;
                         });

}  // namespace
}  // namespace headroom::agents::market_test
