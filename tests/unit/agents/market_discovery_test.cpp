#include "agents/key_resolver.hpp"
#include "agents/market.hpp"
#include "beckn/registry_message.hpp"
#include "net/json_text.hpp"
#include "unit/agents/market_steps.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

// A search that a discovery service of 2.0 answers with the catalogues of many.

namespace headroom::agents::market_test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// A registry that also tells whatever key there is of a provider.
class ProviderRegistry final : public KeySource {
  public:
    explicit ProviderRegistry(std::vector<beckn::PublishedKey>& keys) : keys_(keys) {}
    Awaitable<Result<beckn::PublishedKey>> fetch(beckn::KeyId id) override {
        co_return beckn::pick_key(keys_, id);
    }

  private:
    std::vector<beckn::PublishedKey>& keys_;
};

class MarketDiscovery : public ::testing::Test {
  protected:
    void SetUp() override {
        published = {in_registry("tesla"), in_registry("chargepoint")};
        published.push_back({.subscriber = service.subscriber,
                             .key = service.key_id,
                             .signing = service.key.public_key(),
                             .url = world.url + "/mock-bpp/discovery"});
        std::vector<std::unique_ptr<KeySource>> sources;
        sources.push_back(std::make_unique<ProviderRegistry>(published));
        world.keys = std::make_unique<KeyResolver>(world.wall, std::move(sources));
        world.adjust_peers = [this](std::vector<MarketPeer>& peers) {
            peers = {service_peer("discovery", service)};
            peers.front().key_id = {};
            peers.front().has_key = false;
        };
        world.market = world.make_market();
        world.intercept = [](const std::string& who, const std::string&) -> std::optional<net::Response> {
            return who == "discovery" ? std::optional(ack()) : std::nullopt;
        };
    }

    [[nodiscard]] MarketPeer service_peer(const std::string& id, const beckn::Signer& signer) const {
        MarketPeer peer{.id = id,
                        .url = world.url + "/mock-bpp/" + id,
                        .subscriber_id = signer.subscriber,
                        .key_id = signer.key_id,
                        .public_key = signer.key.public_key()};
        peer.goods = PeerGoods::search;
        peer.wire = beckn::WireVersion::v2_lts;
        peer.signature = beckn::rules_of(beckn::SignatureProfile::nfh004);
        return peer;
    }
    [[nodiscard]] beckn::PublishedKey in_registry(const std::string& provider) const {
        for (const sim::ProviderAddress& address : world.providers->addresses()) {
            if (address.id == provider) {
                return {.subscriber = address.subscriber_id,
                        .key = address.key_id,
                        .signing = address.public_key,
                        .url = address.url,
                        .type = beckn::ParticipantType::bpp};
            }
        }
        return {};
    }
    [[nodiscard]] beckn::Catalog catalog_of(const std::string& provider) const {
        beckn::Catalog catalog{.provider = provider, .provider_name = provider};
        catalog.id = provider + "-catalog";
        catalog.bpp_id = provider + ".example";
        catalog.bpp_uri = world.url + "/mock-bpp/" + provider;
        const risk::Overload overload = overload_on_lv1();
        catalog.offers = offers_of(provider, "LV-1", overload.start, overload.end);
        return catalog;
    }
    /// The service's answer to the search that it has had, signed by `signer`.
    net::Response answer(beckn::Body body, const beckn::Signer& signer, bool is_named = true) {
        beckn::Context context = beckn::decode(std::get<2>(world.received.back())).envelope.value().context;
        context.action = beckn::Action::on_search;
        context.bpp_id = is_named ? service.subscriber : "";
        context.bpp_uri = is_named ? world.url + "/mock-bpp/discovery" : "";
        context.timestamp = world.wall.now();
        const std::string bytes = beckn::encode({.version = beckn::WireVersion::v2_lts,
                                                 .context = context,
                                                 .message = std::move(body),
                                                 .error = {}})
                                      .value();
        return world.callback("on_discover", bytes, signer);
    }
    /// The service `answering` answers at once, in its synchronous answer, signed by `signer`.
    SearchResult search_at_once(beckn::Body body, const beckn::Signer& signer,
                                const std::string& other_message = {},
                                const std::string& answering = "discovery") {
        world.intercept = [&, this](const std::string& who,
                                    const std::string&) -> std::optional<net::Response> {
            if (who != answering) {
                return std::nullopt;
            }
            beckn::Context context =
                beckn::decode(std::get<2>(world.received.back())).envelope.value().context;
            context.action = beckn::Action::on_search;
            context.bpp_id = answering + ".example";
            context.bpp_uri = world.url + "/mock-bpp/" + answering;
            context.timestamp = world.wall.now();
            // Where it is not used the search waits for its window, and the clock may go on.
            world.in_flight.end(beckn::flight_token(context.message_id, beckn::Action::search));
            if (!other_message.empty()) {
                context.message_id = other_message;
            }
            std::string bytes =
                beckn::encode(
                    {.version = beckn::WireVersion::v2_lts, .context = context, .message = body, .error = {}})
                    .value();
            const std::string signature = beckn::sign_ack(beckn::rules_of(beckn::SignatureProfile::nfh004),
                                                          signer, world.wall.now(), bytes, {});
            net::Response response = net::json_text(200, std::move(bytes));
            response.headers.set("Signature", signature);
            return response;
        };
        const Result<SearchResult> found = world.await(world.market->search(overload_on_lv1()));
        EXPECT_TRUE(found.has_value());
        return found.value();
    }
    /// A search, answered as `body` says.
    SearchResult search(beckn::Body body, bool is_named = true) {
        const auto found = begin();
        last = answer(std::move(body), service, is_named);
        world.run_until([&] { return found->has_value(); });
        EXPECT_TRUE(found->value().has_value());
        return std::move(found->value().value());
    }
    std::shared_ptr<std::optional<Result<SearchResult>>> begin() {
        const std::size_t before = world.received.size();
        const auto found = world.start(world.market->search(overload_on_lv1()));
        world.run_until([&] { return world.received.size() > before; });
        return found;
    }
    [[nodiscard]] static std::vector<std::string> providers_of(const SearchResult& result) {
        std::vector<std::string> names;
        for (const flex::Offer& offer : result.offers) {
            if (names.empty() || names.back() != offer.provider) {
                names.push_back(offer.provider);
            }
        }
        return names;
    }

    beckn::Signer service{"discovery.example", "d1",
                          Ed25519KeyPair::from_secret(std::string(32, 'd')).value()};
    MarketWorld world{{provider("tesla"), provider("chargepoint")}};
    std::vector<beckn::PublishedKey> published;
    net::Response last;
};

TEST_F(MarketDiscovery, OneAnswerHoldsTheCataloguesOfMany) {
    const SearchResult result = search(beckn::CatalogList{{catalog_of("tesla"), catalog_of("chargepoint")}});
    EXPECT_EQ(last.status, 200) << last.body;
    EXPECT_THAT(world.requests_to("discovery"), ElementsAre("discover"));
    EXPECT_THAT(providers_of(result), ElementsAre("chargepoint.example", "tesla.example"));
    EXPECT_THAT(result.offers, SizeIs(4));
    for (const SearchAnswer& one : result.answers) {
        EXPECT_TRUE(one.answered) << one.provider;
        EXPECT_THAT(one.fault, IsEmpty());
    }
}

TEST_F(MarketDiscovery, AnAnswerThatNamesNobodyIsTheServices) {
    EXPECT_THAT(providers_of(search(catalog_of("tesla"), false)), ElementsAre("tesla.example"));
}

TEST_F(MarketDiscovery, WhoWasFoundIsAContractParty) {
    const SearchResult result = search(catalog_of("tesla"));
    ASSERT_THAT(result.offers, SizeIs(2));
    flex::Contract contract = MarketWorld::wanted("tesla");
    contract.provider = "tesla.example";
    contract.lines.front().offer = result.offers.front();
    contract = world.make_contract(std::move(contract));
    EXPECT_EQ(contract.state, flex::ContractState::active) << contract.failure;
    EXPECT_THAT(world.requests_to("discovery"), SizeIs(1)) << "orders go straight to the provider";

    world.kill_and_restart_market();
    const Result<flex::Contract> seen = world.await(world.market->status(contract));
    ASSERT_TRUE(seen.has_value()) << seen.error().message;
    EXPECT_EQ(seen->state, flex::ContractState::active);
}

TEST_F(MarketDiscovery, TheServicesWordAloneMakesNobodyCallable) {
    beckn::Catalog stranger = catalog_of("stranger");
    beckn::Catalog elsewhere = catalog_of("chargepoint");
    elsewhere.bpp_uri = "http://127.0.0.1:9/evil";
    const SearchResult result = search(beckn::CatalogList{{stranger, elsewhere, catalog_of("tesla")}});
    EXPECT_THAT(providers_of(result), ElementsAre("tesla.example"));
    const auto told = std::find_if(result.answers.begin(), result.answers.end(),
                                   [](const SearchAnswer& one) { return one.provider == "discovery"; });
    ASSERT_NE(told, result.answers.end());
    EXPECT_THAT(told->fault, HasSubstr("stranger.example is left out"));
    EXPECT_THAT(told->fault, HasSubstr("chargepoint.example is left out"));
}

TEST_F(MarketDiscovery, WhoIsRegisteredAsSomethingElseIsNotAsked) {
    published[0].type = beckn::ParticipantType::bap;
    EXPECT_THAT(providers_of(search(beckn::CatalogList{{catalog_of("tesla"), catalog_of("chargepoint")}})),
                ElementsAre("chargepoint.example"));
}

TEST_F(MarketDiscovery, AnswersThatTheServiceHasNotSignedAreRefused) {
    const auto found = begin();
    const beckn::Signer other{"discovery.example", "d1",
                              Ed25519KeyPair::from_secret(std::string(32, 'e')).value()};
    EXPECT_EQ(answer(catalog_of("tesla"), other).status, 401);
    // A provider cannot speak for the service either.
    EXPECT_EQ(answer(catalog_of("tesla"), MarketWorld::signer_of("tesla")).status, 401);
    EXPECT_EQ(answer(catalog_of("tesla"), service).status, 200);
    world.run_until([&] { return found->has_value(); });
    EXPECT_THAT(providers_of(found->value().value()), ElementsAre("tesla.example"));
}

TEST_F(MarketDiscovery, AnAnswerAfterTheWindowDrivesNothing) {
    const auto found = begin();
    const std::string asked = std::get<2>(world.received.back());
    world.in_flight.end(
        beckn::flight_token(json::parse(asked).value().text("/context/messageId"), beckn::Action::search));
    world.run_until([&] { return found->has_value(); });
    EXPECT_THAT(found->value().value().offers, IsEmpty());
    EXPECT_EQ(answer(catalog_of("tesla"), service).status, 200) << "taken as late";
    const SearchResult next = search(beckn::CatalogList{});
    EXPECT_THAT(next.offers, IsEmpty()) << "the next round goes by what stands then";
}

TEST_F(MarketDiscovery, AnAnswerAtOnceCountsAsItsCallbackWould) {
    const SearchResult result =
        search_at_once(beckn::CatalogList{{catalog_of("tesla"), catalog_of("chargepoint")}}, service);
    EXPECT_THAT(providers_of(result), ElementsAre("chargepoint.example", "tesla.example"));
    world.run_until([&] { return world.is_quiet(); });
    EXPECT_THAT(world.entry_types(), Contains("beckn.received on_search ACK"));
    // The same message as a callback changes nothing, and other bytes under its id are refused.
    EXPECT_EQ(answer(beckn::CatalogList{}, service).status, 400);
}

TEST_F(MarketDiscovery, AnAnswerAtOnceNeedsTheServicesSignatureAndTheMessagesId) {
    const beckn::Signer other{"discovery.example", "d1",
                              Ed25519KeyPair::from_secret(std::string(32, 'e')).value()};
    EXPECT_THAT(search_at_once(catalog_of("tesla"), other).offers, IsEmpty());
    EXPECT_THAT(search_at_once(catalog_of("tesla"), MarketWorld::signer_of("tesla")).offers, IsEmpty());
    EXPECT_THAT(search_at_once(catalog_of("tesla"), service, make_uuid("another")).offers, IsEmpty());
    EXPECT_THAT(search_at_once(catalog_of("tesla"), service).offers, SizeIs(2));
}

TEST_F(MarketDiscovery, AnAnswerAtOnceIsNobodyElsesHoweverGoodTheSignature) {
    const beckn::Signer rival{"rival.example", "r1",
                              Ed25519KeyPair::from_secret(std::string(32, 'r')).value()};
    world.adjust_peers = [&](std::vector<MarketPeer>& peers) {
        peers = {service_peer("discovery", service), service_peer("rival", rival)};
    };
    world.market = world.make_market();
    EXPECT_THAT(search_at_once(catalog_of("tesla"), rival).offers, IsEmpty());
    // The same signer counts where it answers for itself: its key is known and its signature holds.
    EXPECT_THAT(search_at_once(catalog_of("tesla"), rival, {}, "rival").offers, SizeIs(2));
}

}  // namespace
}  // namespace headroom::agents::market_test
