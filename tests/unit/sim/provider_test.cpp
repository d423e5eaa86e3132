#include "sim/provider.hpp"

#include "beckn/codec.hpp"
#include "beckn/signature.hpp"
#include "sim/provider_desk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace headroom::sim {
namespace {

using beckn::Action;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

const UtcTime evening = parse_utc("2027-01-14T17:30:00Z").value();
const UtcTime noon = parse_utc("2026-11-20T12:00:00Z").value();
constexpr const char* transaction = "8d4aa6d2-17d4-8b31-9a35-2f5cf2a2a001";

/// One battery of 6 kW at 0.25 £/kWh.
std::vector<flex::Offer> one_battery(const std::string& provider, const std::string& feeder, UtcTime from,
                                     UtcTime to) {
    flex::Offer offer;
    offer.provider = provider;
    offer.id = provider + "-1";
    offer.der = "BAT-1";
    offer.der_class = grid::DerClass::battery;
    offer.feeder = feeder;
    offer.phase = grid::Phase::l2;
    offer.power = Watts{6000};
    offer.available_from = from;
    offer.available_until = to;
    offer.utilisation = MicroPoundsPerMwh{250'000'000};
    return {offer};
}

ProviderSpec spec(const std::string& id, ProviderFaults faults = {}) {
    return {.id = id, .name = id, .subscriber_id = id + ".example", .faults = faults};
}

beckn::Envelope request(Action action, beckn::Body message, const std::string& message_id = "m-1") {
    beckn::Envelope envelope;
    envelope.context.action = action;
    envelope.context.domain = "deg:flexibility";
    envelope.context.bap_id = "headroom.example";
    envelope.context.bap_uri = "http://127.0.0.1:1/beckn";
    envelope.context.bpp_id = "tesla.example";
    envelope.context.bpp_uri = "http://127.0.0.1:1/mock-bpp";
    envelope.context.transaction_id = transaction;
    envelope.context.message_id = message_id;
    envelope.context.timestamp = noon;
    envelope.message = std::move(message);
    return envelope;
}

beckn::Order order(std::vector<std::int64_t> watts) {
    beckn::Order asked;
    asked.provider = "tesla";
    asked.kind = flex::ContractKind::availability;
    asked.lines.push_back({.item = "tesla-1",
                           .feeder = "LV-1",
                           .power_w = {.start = evening, .step = period_length, .values = std::move(watts)}});
    return asked;
}

beckn::Order order_in(const ProviderDesk::Reply& reply) {
    EXPECT_FALSE(reply.error.has_value()) << beckn::describe(reply.error.value_or(beckn::MessageError{}));
    const auto* answered = std::get_if<beckn::Order>(&reply.message);
    EXPECT_NE(answered, nullptr);
    return answered != nullptr ? *answered : beckn::Order{};
}

TEST(ProviderDesk, OffersWhatTheCatalogueHasInTheDirectionAskedFor) {
    ProviderDesk desk(spec("tesla"), minutes{5});
    beckn::SearchIntent intent;
    intent.feeder = "LV-1";
    intent.need_w = {.start = evening, .step = period_length, .values = {5000}};
    const auto down = desk.reply_to(request(Action::search, intent), one_battery, noon);
    EXPECT_THAT(std::get<beckn::Catalog>(down.message).offers, SizeIs(1));
    intent.turn_up = true;
    const auto up = desk.reply_to(request(Action::search, intent), one_battery, noon);
    EXPECT_THAT(std::get<beckn::Catalog>(up.message).offers, SizeIs(0));
}

TEST(ProviderDesk, QuotesTheOffersOwnTerms) {
    ProviderDesk desk(spec("tesla"), minutes{5});
    const beckn::Order quoted =
        order_in(desk.reply_to(request(Action::select, order({6000, 3000})), one_battery, noon));
    ASSERT_TRUE(quoted.quote.has_value());
    EXPECT_EQ(quoted.quote->total, MicroPounds{1'125'000});  // 4.5 kWh
    EXPECT_EQ(quoted.quote->ttl, milliseconds{minutes{5}});
    EXPECT_TRUE(quoted.draft);
    const beckn::Order inited =
        order_in(desk.reply_to(request(Action::init, order({6000, 3000})), one_battery, noon));
    EXPECT_EQ(inited.id, provider_order_id("tesla", transaction));
    EXPECT_EQ(inited.quote->total, MicroPounds{1'125'000});
}

TEST(ProviderDesk, RefusesMoreThanThereIsAndItemsItDoesNotHave) {
    ProviderDesk desk(spec("tesla"), minutes{5});
    const auto too_much = desk.reply_to(request(Action::select, order({6001})), one_battery, noon);
    ASSERT_TRUE(too_much.error.has_value());
    EXPECT_EQ(too_much.error->code, "40002");
    beckn::Order strange = order({6000});
    strange.lines[0].item = "tesla-9";
    const auto unknown = desk.reply_to(request(Action::select, strange), one_battery, noon);
    ASSERT_TRUE(unknown.error.has_value());
    EXPECT_EQ(unknown.error->code, "30004");
}

TEST(ProviderDesk, OneTransactionMakesOneOrder) {
    ProviderDesk desk(spec("tesla"), minutes{5});
    const auto first = desk.reply_to(request(Action::confirm, order({6000})), one_battery, noon);
    const auto second = desk.reply_to(request(Action::confirm, order({3000}), "m-2"), one_battery, noon);
    EXPECT_TRUE(first.booked);
    EXPECT_FALSE(second.booked);
    EXPECT_EQ(order_in(second), order_in(first));
    EXPECT_EQ(order_in(first).fulfilment, beckn::FulfilmentState::armed);
    EXPECT_THAT(order_in(first).id, ::testing::MatchesRegex("ORD-[0-9a-f]{8}"));
}

TEST(ProviderDesk, CommitsTheShareThatItsFaultsSay) {
    ProviderDesk desk(spec("tesla", {.partial_commit_ppm = 333'333}), minutes{5});
    const beckn::Order made =
        order_in(desk.reply_to(request(Action::confirm, order({6000})), one_battery, noon));
    EXPECT_THAT(made.lines.at(0).power_w.values, ElementsAre(1999));
    ProviderDesk empty(spec("tesla", {.partial_commit_ppm = 0}), minutes{5});
    EXPECT_EQ(empty.reply_to(request(Action::confirm, order({6000})), one_battery, noon).error->code,
              "40002");
}

TEST(ProviderDesk, AnOrderIsActivatedFinishedOrCancelledButNotTwice) {
    ProviderDesk desk(spec("tesla"), minutes{5});
    const beckn::Order made =
        order_in(desk.reply_to(request(Action::confirm, order({6000})), one_battery, noon));
    const auto running =
        desk.reply_to(request(Action::update, beckn::UpdateRequest{made}), one_battery, evening);
    EXPECT_EQ(order_in(running).fulfilment, beckn::FulfilmentState::active);
    const beckn::StatusRequest ask{transaction};
    EXPECT_EQ(order_in(desk.reply_to(request(Action::status, ask), one_battery, evening)).status,
              beckn::OrderStatus::active);
    EXPECT_EQ(
        order_in(desk.reply_to(request(Action::status, ask), one_battery, evening + minutes{30})).status,
        beckn::OrderStatus::complete);
    const auto late =
        desk.reply_to(request(Action::cancel, beckn::CancelRequest{made.id, "late"}), one_battery, evening);
    EXPECT_EQ(late.error->code, "50001");
    const auto again =
        desk.reply_to(request(Action::update, beckn::UpdateRequest{made}), one_battery, evening);
    EXPECT_EQ(again.error->code, "50002");
}

TEST(ProviderDesk, ATransactionCancelledBeforeItsConfirmStaysCancelled) {
    ProviderDesk desk(spec("tesla"), minutes{5});
    const auto none = desk.reply_to(request(Action::cancel, beckn::CancelRequest{transaction, "no answer"}),
                                    one_battery, noon);
    EXPECT_EQ(none.error->code, "30010");
    const auto late = desk.reply_to(request(Action::confirm, order({6000})), one_battery, noon);
    ASSERT_TRUE(late.error.has_value());
    EXPECT_THAT(late.error->message, HasSubstr("BIZ_ALREADY_CANCELLED"));
}

TEST(ProviderDesk, BooksSurviveAsJson) {
    ProviderDesk desk(spec("tesla"), minutes{5});
    static_cast<void>(desk.reply_to(request(Action::confirm, order({6000})), one_battery, noon));
    BookedOrder* booked = desk.find(transaction);
    ASSERT_NE(booked, nullptr);
    booked->confirm_answer = "the answer";
    const Result<BookedOrder> back = booked_order_from_json(to_json(*booked));
    ASSERT_TRUE(back.has_value()) << back.error().message;
    EXPECT_EQ(back->order, booked->order);
    EXPECT_EQ(back->confirm_answer, "the answer");
    EXPECT_FALSE(booked_order_from_json(json::Object{{"order", "{}"}}).has_value());
}

/// A buyer's server that keeps what the providers POST to it.
class ProviderWorld {
  public:
    explicit ProviderWorld(std::vector<ProviderSpec> specs) : server_(context_) {
        std::string pattern = (std::filesystem::temp_directory_path() / "headroom-provider-XXXXXX").string();
        HEADROOM_ASSERT(::mkdtemp(pattern.data()) != nullptr);
        folder_ = pattern;
        specs_ = std::move(specs);
        open();
        auto take = [this](net::Request got) -> Awaitable<net::Response> {
            callbacks.push_back(std::move(got));
            co_return net::Response{.status = 200,
                                    .content_type = "application/json",
                                    .body = R"({"message":{"ack":{"status":"ACK"}}})",
                                    .headers = {}};
        };
        server_.route("POST", "/beckn/{action}", std::move(take));
        providers->mount(server_);
        HEADROOM_ASSERT(server_.listen("127.0.0.1", 0).has_value());
        url = "http://127.0.0.1:" + std::to_string(server_.port());
        providers->set_base_url(url + "/mock-bpp");
    }
    ~ProviderWorld() {
        providers.reset();
        http_.reset();
        ahead_.reset();
        orders_.reset();
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    ProviderWorld(const ProviderWorld&) = delete;
    ProviderWorld& operator=(const ProviderWorld&) = delete;

    void open() {
        orders_ = store::open_sqlite_records(folder_ / "orders.db").value();
        ahead_ = store::AheadFile::open(folder_ / "orders.ahead", *orders_).value();
        http_ = std::make_unique<net::HttpClient>(net::ClientSettings{.allow_private = {"127.0.0.1:*"}});
        ProviderSimOptions options;
        options.base_url = url + "/mock-bpp";
        options.buyers = {{"headroom.example", "k", buyer.public_key()}};
        providers =
            std::make_unique<ProviderSim>(ProviderSim::Parts{context_.get_executor(), clock_, wall_,
                                                             in_flight, *http_, *orders_, ahead_.get()},
                                          options, specs_, one_battery);
        HEADROOM_ASSERT(providers->recover().has_value());
    }
    net::Response post(const std::string& path, beckn::Envelope envelope, bool is_signed = true) {
        envelope.context.bap_uri = url + "/beckn";
        return post_bytes(path, beckn::encode(envelope).value(), is_signed);
    }
    net::Response post_bytes(const std::string& path, const std::string& body, bool is_signed = true) {
        net::ClientRequest request;
        request.method = "POST";
        request.url = url + path;
        request.body = body;
        if (is_signed) {
            request.headers.add("Authorization", beckn::make_authorization({"headroom.example", "k", buyer},
                                                                           noon, seconds{30}, body));
        }
        std::optional<net::Response> response;
        spawn(context_.get_executor(), keep(std::move(request), response));
        run_until([&response] { return response.has_value(); });
        return *response;
    }
    /// Past the server, whose routes still lead to the first process.
    void repeat_to_new_process(const std::string& action, beckn::Envelope envelope) {
        envelope.context.bap_uri = url + "/beckn";
        net::Request request;
        request.body = beckn::encode(envelope).value();
        request.headers.add("Authorization", beckn::make_authorization({"headroom.example", "k", buyer}, noon,
                                                                       seconds{30}, request.body));
        spawn(context_.get_executor(), hand_over(action, std::move(request)));
    }
    void run_until(const std::function<bool()>& is_done) {
        const SteadyTime give_up = steady_now() + std::chrono::seconds{20};
        while (!is_done() && steady_now() < give_up) {
            context_.restart();
            if (context_.poll() == 0) {
                context_.run_one_for(std::chrono::milliseconds{1});
            }
        }
        EXPECT_TRUE(is_done());
    }
    void settle() {
        run_until([this] { return providers->idle(); });
    }

    InFlight in_flight;
    Ed25519KeyPair buyer = Ed25519KeyPair::from_secret(std::string(32, 'b')).value();
    std::string url;
    std::vector<net::Request> callbacks;

    void advance(milliseconds span) { clock_.advance_to(clock_.now() + span); }

  private:
    Awaitable<void> hand_over(std::string action, net::Request request) {
        const net::Response response =
            co_await providers->handle("tesla", std::move(action), std::move(request));
        EXPECT_EQ(response.status, 200);
    }
    Awaitable<void> keep(net::ClientRequest request, std::optional<net::Response>& into) {
        const Result<net::ClientResponse> answer = co_await http_->send(std::move(request));
        HEADROOM_ASSERT(answer.has_value());
        into = net::Response{
            .status = answer->status, .content_type = "", .body = answer->body, .headers = answer->headers};
    }

    VirtualClock clock_{evening};
    ManualWallClock wall_{noon};
    std::filesystem::path folder_;
    std::vector<ProviderSpec> specs_;
    std::unique_ptr<store::Records> orders_;
    std::unique_ptr<store::AheadFile> ahead_;
    asio::io_context context_;
    std::unique_ptr<net::HttpClient> http_;
    net::HttpServer server_;

  public:
    std::unique_ptr<ProviderSim> providers;
};

beckn::SearchIntent intent_on_lv1() {
    beckn::SearchIntent intent;
    intent.feeder = "LV-1";
    intent.need_w = {.start = evening, .step = period_length, .values = {5000}};
    return intent;
}

TEST(ProviderSim, AcknowledgesAtOnceAndSignsItsCallback) {
    ProviderWorld world({spec("tesla")});
    const net::Response ack = world.post("/mock-bpp/tesla/search", request(Action::search, intent_on_lv1()));
    EXPECT_EQ(ack.status, 200);
    EXPECT_THAT(ack.body, HasSubstr("\"ACK\""));
    world.run_until([&world] { return !world.callbacks.empty(); });
    const net::Request& callback = world.callbacks[0];
    EXPECT_EQ(callback.path, "/beckn/on_search");
    const Ed25519PublicKey key = world.providers->addresses().at(0).public_key;
    const beckn::KeyLookup lookup = [key](std::string_view, std::string_view) { return std::optional(key); };
    const auto sender = beckn::verify_authorization(callback.headers.get("Authorization"), callback.body,
                                                    lookup, noon, seconds{5});
    ASSERT_TRUE(sender.has_value()) << sender.error().message;
    EXPECT_EQ(sender->subscriber, "tesla.example");
    const beckn::Decoded decoded = beckn::decode(callback.body);
    ASSERT_TRUE(decoded.envelope.has_value()) << decoded.describe_faults();
    EXPECT_EQ(decoded.envelope->context.message_id, "m-1");
    EXPECT_THAT(std::get<beckn::Catalog>(decoded.envelope->message).offers, SizeIs(1));
}

TEST(ProviderSim, ASearchForEverybodyReachesEachProvider) {
    ProviderWorld world({spec("tesla"), spec("chargepoint")});
    beckn::Envelope search = request(Action::search, intent_on_lv1());
    search.context.bpp_id.clear();
    search.context.bpp_uri.clear();
    EXPECT_EQ(world.post("/mock-bpp/search", search).status, 200);
    world.run_until([&world] { return world.callbacks.size() == 2; });
    world.callbacks.clear();
    // The older word for it, to one of them.
    world.post("/mock-bpp/discover", request(Action::search, intent_on_lv1(), "m-2"));
    world.run_until([&world] { return world.callbacks.size() == 1; });
}

TEST(ProviderSim, RefusesStrangersAndWhatItCannotRead) {
    ProviderWorld world({spec("tesla")});
    EXPECT_EQ(world.post("/mock-bpp/tesla/search", request(Action::search, intent_on_lv1()), false).status,
              401);
    EXPECT_THAT(world.post_bytes("/mock-bpp/tesla/search", "no JSON").body, HasSubstr("NACK"));
    EXPECT_THAT(world.post("/mock-bpp/tesla/select", request(Action::search, intent_on_lv1())).body,
                HasSubstr("CTX_ACTION_MISMATCH"));
    EXPECT_EQ(world.post("/mock-bpp/nobody/search", request(Action::search, intent_on_lv1())).status, 404);
    beckn::Envelope old = request(Action::search, intent_on_lv1());
    old.context.timestamp = noon - minutes{10};
    EXPECT_THAT(world.post("/mock-bpp/tesla/search", old).body, HasSubstr("CTX_TTL_EXPIRED"));
    EXPECT_THAT(world.callbacks, SizeIs(0));
}

TEST(ProviderSim, ARepeatedConfirmGetsTheSameAnswer) {
    ProviderWorld world({spec("tesla")});
    const beckn::Envelope confirm = request(Action::confirm, order({6000, 3000}));
    world.post("/mock-bpp/tesla/confirm", confirm);
    world.settle();
    world.post("/mock-bpp/tesla/confirm", confirm);
    world.run_until([&world] { return world.callbacks.size() == 2; });
    EXPECT_EQ(world.callbacks[0].body, world.callbacks[1].body);
    EXPECT_THAT(world.providers->orders(), SizeIs(1));
}

TEST(ProviderSim, KeepsItsOrdersOverARestart) {
    ProviderWorld world({spec("tesla")});
    world.post("/mock-bpp/tesla/confirm", request(Action::confirm, order({6000, 3000})));
    world.settle();
    const std::string id = world.providers->orders().at(0).order_id;
    world.open();
    ASSERT_THAT(world.providers->orders(), SizeIs(1));
    EXPECT_EQ(world.providers->orders()[0].order_id, id);
    EXPECT_EQ(world.providers->orders()[0].transaction, transaction);
    // The same confirm once more gets the answer that the first process gave.
    world.repeat_to_new_process("confirm", request(Action::confirm, order({6000, 3000})));
    world.run_until([&world] { return world.callbacks.size() == 2; });
    EXPECT_EQ(world.callbacks[0].body, world.callbacks[1].body);
    EXPECT_THAT(world.providers->orders(), SizeIs(1));
}

TEST(ProviderSim, SilenceByDesignEndsItsFlightToken) {
    ProviderWorld world({spec("tesla", {.never_answers = true})});
    world.in_flight.begin(beckn::flight_token("m-1", Action::search));
    world.post("/mock-bpp/tesla/search", request(Action::search, intent_on_lv1()));
    world.run_until([&world] { return world.in_flight.idle(); });
    EXPECT_THAT(world.callbacks, SizeIs(0));
}

TEST(ProviderSim, ALateAnswerComesAfterItsDelayAndHoldsUpNobody) {
    ProviderWorld world({spec("tesla", {.answer_delay = seconds{60}})});
    world.in_flight.begin(beckn::flight_token("m-1", Action::search));
    world.post("/mock-bpp/tesla/search", request(Action::search, intent_on_lv1()));
    world.run_until([&world] { return world.in_flight.idle() && world.providers->idle(); });
    EXPECT_THAT(world.callbacks, SizeIs(0));
    world.advance(seconds{59});
    world.run_until([&world] { return world.providers->idle(); });
    EXPECT_THAT(world.callbacks, SizeIs(0));
    world.advance(seconds{1});
    world.run_until([&world] { return world.callbacks.size() == 1; });
    EXPECT_THAT(world.callbacks, SizeIs(1));
}

TEST(ProviderSim, FaultsShowAsConfigured) {
    ProviderWorld world({spec("tesla", {.http_status = 503})});
    EXPECT_EQ(world.post("/mock-bpp/tesla/search", request(Action::search, intent_on_lv1())).status, 503);
    ASSERT_TRUE(world.providers->set_faults("tesla", {.nack = true}).has_value());
    EXPECT_THAT(world.post("/mock-bpp/tesla/search", request(Action::search, intent_on_lv1(), "m-2")).body,
                HasSubstr("NACK"));
    ASSERT_TRUE(world.providers->set_faults("tesla", {.answers_twice = true}).has_value());
    world.post("/mock-bpp/tesla/search", request(Action::search, intent_on_lv1(), "m-3"));
    world.run_until([&world] { return world.callbacks.size() == 2; });
    EXPECT_EQ(world.callbacks[0].body, world.callbacks[1].body);
    EXPECT_FALSE(world.providers->set_faults("nobody", {}).has_value());
}

}  // namespace
}  // namespace headroom::sim
