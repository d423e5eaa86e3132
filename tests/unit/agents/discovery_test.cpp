#include "agents/catalog_publisher.hpp"
#include "agents/discovery_service.hpp"
#include "beckn/ack.hpp"
#include "beckn/codec.hpp"
#include "unit/agents/instants.hpp"
#include "unit/agents/market_world.hpp"
#include "unit/agents/signers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// A discovery service between publishers and those who discover, over real sockets.

namespace headroom::agents {
namespace {

using beckn::Action;
using beckn::WireVersion;
using test::evening;
using test::noon;
using test::signer_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Discovery : public ::testing::TestWithParam<WireVersion> {
  protected:
    Discovery() : server_(context_) {
        http_ = std::make_unique<net::HttpClient>(context_.get_executor(),
                                                  net::ClientSettings{.allow_private = {"127.0.0.1:*"}});
        auto keys = [this](const beckn::KeyId& id) -> beckn::KeyCandidates {
            for (const beckn::PublishedKey& key : registered) {
                if (key.subscriber == id.subscriber && key.key == id.key) {
                    return {.current = &key};
                }
            }
            return {};
        };
        DiscoveryServiceOptions options;
        options.resend_backoff = milliseconds{1};
        options.catalogs.items_max = 50;
        service = std::make_unique<DiscoveryService>(
            DiscoveryService::Parts{
                .executor = context_.get_executor(),
                .wall = wall,
                .http = *http_,
                .signer = signer_of('d', "discovery.example"),
                .keys = std::move(keys),
                .evidence = [this](const beckn::CapturedMessage& one) { told.push_back(one.action); }},
            options);
        service->mount(server_, "/net");
        server_.route("POST", "/bpp/catalog/on_publish",
                      [this](net::Request request) -> Awaitable<net::Response> {
                          results.push_back(request.body);
                          co_return co_await publisher->on_published(std::move(request));
                      });
        server_.route("POST", "/bap/{action}", [this](net::Request request) -> Awaitable<net::Response> {
            callbacks.push_back(request);
            co_return net::Response{.status = 200,
                                    .content_type = "application/json",
                                    .body = R"({"message":{"status":"ACK"}})",
                                    .headers = {}};
        });
        EXPECT_TRUE(server_.listen("127.0.0.1", 0).has_value());
        url = "http://127.0.0.1:" + std::to_string(server_.port());
        service->set_url(url + "/net");
        registered = {listed(signer_of('p', "bpp.example"), "/bpp"),
                      listed(signer_of('b', "bap.example"), "/bap")};
        publisher = make_publisher();
    }
    ~Discovery() override {
        publisher.reset();
        run_until([this] { return service->open() == 0 && http_->idle(); });
    }

    [[nodiscard]] beckn::PublishedKey listed(const beckn::Signer& signer, const std::string& path) const {
        return {.subscriber = signer.subscriber,
                .key = signer.key_id,
                .signing = signer.key.public_key(),
                .url = url + path};
    }
    [[nodiscard]] std::unique_ptr<CatalogPublisher> make_publisher() {
        CatalogService to{.subscriber_id = "discovery.example", .url = url + "/net", .keys = {}};
        to.keys.push_back(listed(signer_of('d', "discovery.example"), "/net"));
        to.wire = GetParam();
        return std::make_unique<CatalogPublisher>(
            CatalogPublisher::Parts{context_.get_executor(), clock, wall, *http_,
                                    signer_of('p', "bpp.example"), nullptr, [this] { return shelf; },
                                    [this](MessageRecord record) { evidence.push_back(std::move(record)); }},
            std::move(to),
            CatalogPublisherOptions{
                .url = url + "/bpp", .domain = "deg:flexibility", .resend_backoff = milliseconds{1}});
    }
    [[nodiscard]] static beckn::Catalog catalog(const std::string& id, std::size_t items) {
        beckn::Catalog made{.provider = "pool", .provider_name = "A pool"};
        made.id = id;
        for (std::size_t i = 0; i < items; ++i) {
            flex::Offer offer = market_test::offers_of("pool", "LV-1", evening, evening + hours{2}).front();
            offer.id = id + "-" + std::to_string(i);
            made.offers.push_back(std::move(offer));
        }
        return made;
    }
    [[nodiscard]] beckn::Context context_of(Action action, const std::string& message) const {
        beckn::Context context;
        context.action = action;
        context.domain = "deg:flexibility";
        context.transaction_id = make_uuid("t/" + message);
        context.message_id = make_uuid(message);
        context.timestamp = wall.now();
        context.ttl = seconds{30};
        const bool is_publishing = action == Action::catalog_publish;
        (is_publishing ? context.bpp_id : context.bap_id) = is_publishing ? "bpp.example" : "bap.example";
        (is_publishing ? context.bpp_uri : context.bap_uri) = url + (is_publishing ? "/bpp" : "/bap");
        if (is_publishing) {
            context.bap_id = "discovery.example";
            context.bap_uri = url + "/net";
        }
        return context;
    }
    [[nodiscard]] std::string discover(const std::string& message = "m-1", const std::string& text = "",
                                       const std::string& filter = "") const {
        beckn::SearchIntent intent;
        intent.text = text;
        intent.filter = filter;
        return beckn::encode({.version = GetParam(),
                              .context = context_of(Action::search, message),
                              .message = intent,
                              .error = {}})
            .value();
    }
    [[nodiscard]] std::string publication(beckn::Catalog one, const std::string& message = "p-1") const {
        return beckn::encode({.version = GetParam(),
                              .context = context_of(Action::catalog_publish, message),
                              .message = beckn::PublishRequest{{std::move(one)}},
                              .error = {}})
            .value();
    }
    net::ClientResponse send(const std::string& path, const std::string& body, const beckn::Signer& signer,
                             const std::string& method = "POST") {
        net::ClientRequest request;
        request.method = method;
        request.url = url + "/net" + path;
        request.headers.add("Content-Type", "application/json");
        request.headers.add("Authorization", beckn::sign(beckn::rules_of(beckn::SignatureProfile::nfh004),
                                                         signer, wall.now(), seconds{30}, body));
        request.body = body;
        const Result<net::ClientResponse> answered = await(http_->send(std::move(request)));
        EXPECT_TRUE(answered.has_value()) << answered.error().message;
        run_until([this] { return service->open() == 0; });
        return answered.value_or(net::ClientResponse{});
    }
    [[nodiscard]] static beckn::Ack ack_of(const net::ClientResponse& response) {
        return beckn::read_ack(response.status, response.body);
    }
    template <class T>
    T await(Awaitable<T> work) {
        auto result = test::start_on(context_, std::move(work));
        run_until([&result] { return result->has_value(); });
        return std::move(**result);
    }
    void run_until(const std::function<bool()>& is_done) {
        const SteadyTime give_up = steady_now() + std::chrono::seconds{20};
        while (!is_done()) {
            context_.restart();
            context_.run_one_for(std::chrono::milliseconds{5});
            HEADROOM_ASSERT(steady_now() < give_up);
        }
    }
    /// Publishes what stands on the shelf and waits for the result.
    void publish_and_wait() {
        const std::size_t before = results.size();
        publisher->look();
        run_until([&] { return publisher->idle() && results.size() > before && service->open() == 0; });
    }
    [[nodiscard]] beckn::Envelope found() const {
        beckn::Decoded decoded = beckn::decode(callbacks.back().body);
        EXPECT_TRUE(decoded.envelope.has_value()) << decoded.describe_faults();
        return decoded.envelope.value_or(beckn::Envelope{});
    }

    asio::io_context context_;
    VirtualClock clock{evening};
    ManualWallClock wall{noon};
    std::unique_ptr<net::HttpClient> http_;
    net::HttpServer server_;
    std::string url;
    std::vector<beckn::PublishedKey> registered;
    std::unique_ptr<DiscoveryService> service;
    std::unique_ptr<CatalogPublisher> publisher;
    std::vector<beckn::Catalog> shelf;
    std::vector<std::string> results;
    std::vector<net::Request> callbacks;
    std::vector<std::string> told;
    std::vector<MessageRecord> evidence;
};

TEST_P(Discovery, WhatIsPublishedIsDiscovered) {
    shelf = {catalog("c1", 2)};
    publish_and_wait();
    const CatalogPublisher::Status& status = publisher->status();
    EXPECT_TRUE(status.is_taken);
    EXPECT_TRUE(status.is_answered);
    ASSERT_THAT(status.results, SizeIs(1));
    EXPECT_EQ(status.results[0].catalog_id, "c1");
    EXPECT_EQ(status.results[0].item_count, 2);

    const net::ClientResponse answered = send("/discover", discover(), signer_of('b', "bap.example"));
    EXPECT_EQ(ack_of(answered).kind, beckn::AckKind::accepted) << answered.body;
    EXPECT_FALSE(answered.headers.get("Signature").empty()) << "answers of 2.0 are signed";
    ASSERT_THAT(callbacks, SizeIs(1));
    const beckn::Envelope told_back = found();
    EXPECT_EQ(told_back.context.message_id, make_uuid("m-1"));
    EXPECT_EQ(told_back.context.bpp_id, "discovery.example");
    const auto catalogs = beckn::catalogs_of(told_back.message);
    ASSERT_THAT(catalogs, SizeIs(1));
    EXPECT_EQ(catalogs[0].bpp_id, "bpp.example");
    EXPECT_EQ(catalogs[0].bpp_uri, url + "/bpp");
    EXPECT_THAT(catalogs[0].offers, SizeIs(2));
    EXPECT_THAT(told, ElementsAre("catalog/publish", "catalog/on_publish", "search", "on_search"));
    ASSERT_THAT(evidence, SizeIs(2)) << "our own side keeps both messages, in whatever order they ended";
    for (const MessageRecord& record : evidence) {
        EXPECT_EQ(record.outcome, record.is_in ? "ACK" : "accepted");
        EXPECT_EQ(record.action, record.is_in ? "catalog/on_publish" : "catalog/publish");
    }
}

TEST_P(Discovery, TheCallbackIsSignedByTheServiceAndBoundToItsRequest) {
    send("/discover", discover(), signer_of('b', "bap.example"));
    ASSERT_THAT(callbacks, SizeIs(1));
    const beckn::PublishedKey key = listed(signer_of('d', "discovery.example"), "/net");
    const std::string authorization(callbacks[0].headers.get("Authorization"));
    EXPECT_TRUE(beckn::is_bound(authorization));
    const beckn::KeyFinder keys = [&key](const beckn::KeyId&) {
        return beckn::KeyCandidates{.current = &key};
    };
    const std::string asked = beckn::sign(beckn::rules_of(beckn::SignatureProfile::nfh004),
                                          signer_of('b', "bap.example"), wall.now(), seconds{30}, discover());
    EXPECT_TRUE(
        beckn::verify(
            beckn::rules_of(beckn::SignatureProfile::nfh004),
            {.authorization = authorization, .body = callbacks[0].body, .request_authorization = asked}, keys,
            wall.now())
            .is_good());
}

TEST_P(Discovery, DiscoverIsAlsoTakenAsAGetWithABody) {
    const net::ClientResponse answered =
        send("/beckn/discover", discover(), signer_of('b', "bap.example"), "GET");
    EXPECT_EQ(answered.status, 200) << answered.body;
    EXPECT_THAT(callbacks, SizeIs(1));
    EXPECT_THAT(beckn::catalogs_of(found().message), IsEmpty());
}

TEST_P(Discovery, AJsonPathIsAskedOfEachItem) {
    shelf = {catalog("c1", 3)};
    publish_and_wait();
    send("/discover", discover("m-1", "", "$[?(@.id ~ 'none such')]"), signer_of('b', "bap.example"));
    EXPECT_THAT(beckn::catalogs_of(found().message), IsEmpty());
    send("/discover", discover("m-2", "pool", "$[?(@.id || @.beckn:id)]"), signer_of('b', "bap.example"));
    ASSERT_THAT(beckn::catalogs_of(found().message), SizeIs(1));
    EXPECT_THAT(beckn::catalogs_of(found().message)[0].offers, SizeIs(3));
}

TEST_P(Discovery, WhatCannotBeEvaluatedIsRefusedByItsPlace) {
    const std::string place = GetParam() == WireVersion::v2_lts ? "/message/intent/filters/expression"
                                                                : "/message/filters/expression";
    const beckn::Ack wrong =
        ack_of(send("/discover", discover("m-1", "", "$..items[?@.id]"), signer_of('b', "bap.example")));
    EXPECT_EQ(wrong.kind, beckn::AckKind::refused);
    EXPECT_EQ(wrong.error.code, "SCH_INVALID_JSONPATH");
    EXPECT_EQ(wrong.error.paths, place);
    std::string spatial = discover("m-2", "pool");
    const std::string before = GetParam() == WireVersion::v2_lts ? R"("intent":{)" : R"("message":{)";
    spatial.insert(spatial.find(before) + before.size(), R"("spatial":[{"op":"s_within","targets":"$"}],)");
    const beckn::Ack places = ack_of(send("/discover", spatial, signer_of('b', "bap.example")));
    EXPECT_EQ(places.error.paths,
              GetParam() == WireVersion::v2_lts ? "/message/intent/spatial" : "/message/spatial");
    EXPECT_THAT(callbacks, IsEmpty());
}

TEST_P(Discovery, TheSameAgainHasNoEffectAndOtherBytesUnderOneIdAreRefused) {
    const std::string once = publication(catalog("c1", 1));
    EXPECT_EQ(send("/catalog/publish", once, signer_of('p', "bpp.example")).status, 200);
    EXPECT_EQ(send("/catalog/publish", once, signer_of('p', "bpp.example")).status, 200);
    EXPECT_THAT(results, SizeIs(1)) << "one callback for both";
    const net::ClientResponse other =
        send("/catalog/publish", publication(catalog("c1", 2)), signer_of('p', "bpp.example"));
    EXPECT_EQ(ack_of(other).kind, beckn::AckKind::refused);
    EXPECT_EQ(ack_of(other).error.code, "CTX_MESSAGE_ID_DUPLICATE");
    EXPECT_EQ(service->book().items(), 1U);
}

TEST_P(Discovery, ReplayedAfterItsTimeItIsRefused) {
    const std::string old = publication(catalog("c1", 1));
    const beckn::Signer publisher_key = signer_of('p', "bpp.example");
    wall.set(noon + minutes{1});
    const net::ClientResponse replayed = send("/catalog/publish", old, publisher_key);  // signed anew
    EXPECT_EQ(ack_of(replayed).error.code, "CTX_TTL_EXPIRED");
    EXPECT_EQ(service->book().size(), 0U);
}

TEST_P(Discovery, NobodyPublishesUnderAnothersName) {
    const net::ClientResponse foreign =
        send("/catalog/publish", publication(catalog("c1", 1)), signer_of('b', "bap.example"));
    EXPECT_EQ(foreign.status, 401);
    EXPECT_EQ(ack_of(foreign).error.code, "AUT_UNAUTHORIZED_ACTION");
    const net::ClientResponse stranger =
        send("/catalog/publish", publication(catalog("c1", 1)), signer_of('x', "stranger.example"));
    EXPECT_EQ(stranger.status, 401);
    EXPECT_FALSE(stranger.headers.get("WWW-Authenticate").empty());
    const net::ClientResponse forged =
        send("/catalog/publish", publication(catalog("c1", 1)), signer_of('x', "bpp.example"));
    EXPECT_EQ(forged.body, stranger.body) << "whoever cannot be known is told no more than that";
    EXPECT_EQ(service->book().size(), 0U);
    EXPECT_THAT(results, IsEmpty());
}

TEST_P(Discovery, NoCallbackGoesToAnAddressThatIsNotRegistered) {
    registered[1].url = url + "/elsewhere";
    const net::ClientResponse answered = send("/discover", discover(), signer_of('b', "bap.example"));
    EXPECT_EQ(answered.status, 401);
    EXPECT_THAT(answered.body,
                HasSubstr(GetParam() == WireVersion::v2_lts ? "/context/bapUri" : "/context/bap_uri"));
    EXPECT_THAT(callbacks, IsEmpty());
}

TEST_P(Discovery, DuplicateKeysAndBodiesWithoutSenseAreRefused) {
    std::string twice = publication(catalog("c1", 1));
    twice.insert(1, R"("message":{},)");
    const net::ClientResponse doubled = send("/catalog/publish", twice, signer_of('p', "bpp.example"));
    EXPECT_EQ(ack_of(doubled).kind, beckn::AckKind::refused) << doubled.body;
    EXPECT_EQ(send("/discover", "{", signer_of('b', "bap.example")).status, 400);
    const std::string large = "{" + std::string(70UL * 1024, ' ') + "}";
    EXPECT_EQ(send("/discover", large, signer_of('b', "bap.example")).status, 413);
    EXPECT_EQ(service->book().size(), 0U);
}

TEST_P(Discovery, FiltersThatAreNotEvaluatedAreRefusedByTheirPlace) {
    json::Value message = json::parse(discover()).value();
    const bool is_lts = GetParam() == WireVersion::v2_lts;
    json::Value* where = message.as_object()->find("message");
    if (is_lts) {
        where = where->as_object()->find("intent");
    }
    where->as_object()->set("spatial", json::Array{});
    const net::ClientResponse answered =
        send("/discover", json::write(message), signer_of('b', "bap.example"));
    EXPECT_EQ(ack_of(answered).kind, beckn::AckKind::refused);
    EXPECT_THAT(answered.body, HasSubstr(is_lts ? "/message/intent/spatial" : "/message/spatial"));
}

TEST_P(Discovery, ThePublisherTellsChangesAndTakesBackWhatIsGone) {
    shelf = {catalog("c1", 2), catalog("c2", 1)};
    publish_and_wait();
    EXPECT_EQ(service->book().items(), 3U);
    publisher->look();
    EXPECT_TRUE(publisher->idle()) << "nothing has changed";
    wall.set(wall.now() + seconds{1});
    shelf = {catalog("c1", 1)};
    publish_and_wait();
    EXPECT_EQ(service->book().items(), 1U) << "c2 is taken back";
    ASSERT_THAT(publisher->status().results, SizeIs(2));
    publisher->look();
    EXPECT_TRUE(publisher->idle());
    // A service may have forgotten everything: from time to time all is told anew.
    wall.set(wall.now() + seconds{1});
    const std::size_t before = results.size();
    clock.advance_to(clock.now() + minutes{5});
    run_until([&] { return publisher->idle() && results.size() > before; });
    EXPECT_EQ(service->book().items(), 1U);
}

TEST_P(Discovery, APublisherThatIsRefusedSaysWhyAndTriesAgain) {
    const beckn::PublishedKey own = registered[0];
    registered[0].signing = registered[1].signing;
    shelf = {catalog("c1", 1)};
    publisher->look();
    run_until([this] { return publisher->idle(); });
    EXPECT_FALSE(publisher->status().is_taken);
    EXPECT_FALSE(publisher->status().fault.empty());
    registered[0] = own;
    wall.set(wall.now() + seconds{1});
    clock.advance_to(clock.now() + seconds{30});
    run_until([this] { return publisher->status().is_answered; });
    EXPECT_EQ(service->book().items(), 1U);
}

TEST_P(Discovery, ABiggerShelfThanThereIsRoomForIsRefusedByItsCatalog) {
    shelf = {catalog("small", 1), catalog("large", 51)};
    publish_and_wait();
    ASSERT_THAT(publisher->status().results, SizeIs(2));
    EXPECT_EQ(publisher->status().results[0].status, beckn::PublishStatus::accepted);
    EXPECT_EQ(publisher->status().results[1].status, beckn::PublishStatus::rejected);
    EXPECT_EQ(service->book().items(), 1U);
}

TEST_P(Discovery, AResultThatNobodyAwaitsOrThatAnotherSignsIsRefused) {
    shelf = {catalog("c1", 1)};
    publish_and_wait();
    const beckn::Context mine = beckn::decode(results.back()).envelope.value().context;
    const auto result_of = [&](const std::string& message_id, const beckn::Signer& signer) {
        beckn::Context context = mine;
        context.message_id = message_id;
        beckn::PublishAnswer told_back;
        told_back.results.push_back({.catalog_id = "c1", .status = beckn::PublishStatus::rejected});
        net::Request request;
        request.body =
            beckn::encode({.version = GetParam(), .context = context, .message = told_back, .error = {}})
                .value();
        request.headers.add("Authorization", beckn::sign(beckn::rules_of(beckn::SignatureProfile::nfh004),
                                                         signer, wall.now(), seconds{30}, request.body));
        return await(publisher->on_published(std::move(request)));
    };
    EXPECT_EQ(result_of(make_uuid("other"), signer_of('d', "discovery.example")).status, 400);
    EXPECT_EQ(result_of(mine.message_id, signer_of('p', "bpp.example")).status, 401);
    EXPECT_EQ(publisher->status().results.at(0).status, beckn::PublishStatus::accepted) << "unchanged";
}

INSTANTIATE_TEST_SUITE_P(Both, Discovery, ::testing::Values(WireVersion::v2_lts, WireVersion::v2_rc1),
                         [](const auto& info) { return info.param == WireVersion::v2_lts ? "lts" : "rc1"; });

}  // namespace
}  // namespace headroom::agents
