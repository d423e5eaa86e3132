#include "agents/need_market.hpp"
#include "agents/market_evidence.hpp"
#include "beckn/ack.hpp"
#include "market_world.hpp"
#include "sim/aggregator.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

namespace headroom::agents {
namespace {

using beckn::Action;
using beckn::NeedStep;

const UtcTime noon = parse_utc("2027-01-14T12:00:00Z").value();
const UtcTime evening = parse_utc("2027-01-14T17:00:00Z").value();

flex::IntervalGrid grid(std::vector<std::int64_t> values) {
    return {.start = evening, .step = period_length, .values = std::move(values)};
}

beckn::PublishedNeed fixed_need() {
    beckn::PublishedNeed need;
    need.id = "need-1";
    need.feeder = "LV-1";
    need.need = {.requested_w = grid({30'000, 30'000}),
                 .price_per_mwh = grid({300'000'000, 300'000'000}),
                 .shortfall_per_mwh = grid({100'000'000, 100'000'000})};
    need.baseline_method = "high5of10";
    need.baseline_best_of = 5;
    need.baseline_out_of = 10;
    need.opens = noon;
    need.gate = evening - hours{1};
    return need;
}

beckn::PublishedNeed auction() {
    beckn::PublishedNeed need = fixed_need();
    need.id = "need-2";
    need.rule = beckn::SettlementRule::pay_as_clear;
    need.need = {.requested_w = grid({30'000, 30'000}), .price_per_mwh = {}, .shortfall_per_mwh = {}};
    need.ceiling_per_mwh = 400'000'000;
    return need;
}

/// Goes on by a millisecond at every look, so that messages have an order.
class TickingWall final : public WallClock {
  public:
    explicit TickingWall(UtcTime start) : now_(start) {}
    [[nodiscard]] UtcTime now() const override {
        now_ += milliseconds{1};
        return now_;
    }
    void set(UtcTime to) { now_ = to; }

  private:
    mutable UtcTime now_;
};

/// What messages say of addresses; behind them are sockets of this machine.
constexpr const char* public_buyer = "https://dso.example/beckn";
std::string public_address(const std::string& id) {
    return "https://" + id + ".example/beckn";
}

/// A buyer who publishes needs, with its stores, and aggregators who come to it, over real sockets.
class NeedMarketWorld {
  public:
    NeedMarketWorld() : server_(context_), clock_(noon) {
        audit::LogOptions log_options{.dir = folder_.path() / "audit",
                                      .origin = "test.example/audit",
                                      .key = Ed25519KeyPair::from_secret(std::string(32, '\7')).value(),
                                      .wall_clock = wall};
        log_options.reserve_bytes = 1UL << 16U;
        log_options.allocate_step = 1UL << 18U;
        log = audit::Log::open(std::move(log_options)).value();
        blobs_ = std::make_unique<audit::BlobStore>(audit::BlobStore::open(folder_.path() / "blobs").value());
        auto kept = store::open_sqlite_records(folder_.path() / "records.db").value();
        auto ahead = store::AheadFile::open(folder_.path() / "records.ahead", *kept).value();
        records = std::make_unique<RecordStore>(std::move(kept), std::move(ahead));
        journal = std::make_unique<Journal>(context_.get_executor(), *log, *blobs_, *records);
        http = std::make_unique<net::HttpClient>(net::ClientSettings{.allow_private = {"127.0.0.1:*"}});
        auto to_us = [this](net::Request request) -> Awaitable<net::Response> {
            std::string action = request.path_parameter("action");
            return needs->on_request(std::move(action), std::move(request));
        };
        server_.route("POST", "/beckn/{action}", std::move(to_us));
        for (const char* id : {"agg-1", "agg-2"}) {
            aggregators.push_back(std::make_unique<sim::Aggregator>(
                sim::Aggregator::Parts{context_.get_executor(), clock_, wall, in_flight, *http},
                sim::AggregatorSpec{.id = id, .subscriber_id = std::string(id) + ".example"},
                sim::NeedBuyer{"dso.example", "http://127.0.0.1:1/beckn"}));
        }
    }
    /// The server's port is known before the aggregators are told where it is.
    void open() {
        for (auto& aggregator : aggregators) {
            aggregator->mount(server_);
        }
        HEADROOM_ASSERT(server_.listen("127.0.0.1", 0).has_value());
        url = "http://127.0.0.1:" + std::to_string(server_.port());
        for (auto& aggregator : aggregators) {
            const sim::AggregatorSpec spec = aggregator->spec();
            aggregator->set_buyer({"dso.example", url + "/beckn", public_buyer});
            aggregator->set_url(public_address(spec.id));
        }
        needs = make();
    }
    ~NeedMarketWorld() {
        run_until([this] { return is_quiet(); });
        needs.reset();
        http.reset();
    }

    std::unique_ptr<NeedMarket> make() {
        NeedMarketOptions options{
            .subscriber_id = "dso.example", .key_id = "k1", .name = "DSO", .url = public_buyer};
        options.resend_backoff = milliseconds{1};
        std::vector<KnownAggregator> known;
        for (const auto& aggregator : aggregators) {
            options.reach.emplace_back(aggregator->url(), url + "/aggregators/" + aggregator->spec().id);
            known.push_back({.subscriber_id = aggregator->spec().subscriber_id,
                             .key_id = "k1",
                             .public_key = sim::aggregator_key(aggregator->spec()).public_key(),
                             .url = aggregator->url()});
        }
        return std::make_unique<NeedMarket>(
            NeedMarket::Parts{context_.get_executor(), clock_, wall, in_flight, *http, *journal, key, nullptr,
                              measure},
            std::move(options), std::move(known));
    }
    void restart() {
        run_until([this] { return is_quiet(); });
        needs = make();
        ASSERT_TRUE(await(needs->recover()).has_value());
    }

    static Caller operator_() {
        return {.id = "op-1", .kind = "user", .role = "operator", .ip = {}, .reason = "evening peak"};
    }
    void publish(beckn::PublishedNeed need) {
        const Result<beckn::PublishedNeed> done = await(needs->publish(std::move(need), operator_()));
        ASSERT_TRUE(done.has_value()) << done.error().message;
    }
    Result<beckn::Order> bid(std::size_t who, const std::string& need, const std::string& transaction,
                             milliseconds wait = seconds{30}) {
        return await(aggregators[who]->bid(need, make_uuid(transaction), wait));
    }

    template <class T>
    T await(Awaitable<T> work) {
        auto result = std::make_shared<std::optional<T>>();
        spawn(context_.get_executor(), keep<T>(std::move(work), result));
        run_until([&result] { return result->has_value(); });
        return std::move(**result);
    }
    template <class T>
    std::shared_ptr<std::optional<T>> start(Awaitable<T> work) {
        auto result = std::make_shared<std::optional<T>>();
        spawn(context_.get_executor(), keep<T>(std::move(work), result));
        return result;
    }
    void run_until(const std::function<bool()>& is_done) {
        const SteadyTime give_up = steady_now() + std::chrono::seconds{20};
        while (!is_done()) {
            context_.restart();
            if (context_.poll() == 0) {
                context_.run_one_for(std::chrono::milliseconds{1});
            }
            ASSERT_LT(steady_now(), give_up) << "waited too long";
        }
    }
    void settle_down() {
        context_.restart();
        context_.poll();  // what a timer has just begun
        run_until([this] { return is_quiet(); });
    }
    void advance(UtcTime to) {
        settle_down();
        clock_.advance_to(to);
        wall.set(wall.now() + seconds{1});
        settle_down();
    }
    [[nodiscard]] bool is_quiet() {
        return journal->idle() && records->idle() && (!needs || needs->idle()) && in_flight.idle();
    }
    [[nodiscard]] const beckn::NeedOrder& order(const std::string& transaction) const {
        return needs->board().orders.at(make_uuid(transaction));
    }
    [[nodiscard]] std::vector<std::string> entries() const {
        std::vector<std::string> types;
        for (std::uint64_t seq = 0; seq < log->durable_size(); ++seq) {
            const std::string type = log->read(seq).value().type;
            if (type.starts_with("need.") || type.starts_with("order.")) {
                types.push_back(type);
            }
        }
        return types;
    }
    [[nodiscard]] std::vector<json::Value> evidence() {
        settle_down();
        std::ostringstream out;
        const Result<std::size_t> written =
            export_evidence(folder_.path(), {.event = {}, .with_refused = true}, out);
        EXPECT_TRUE(written.has_value());
        std::vector<json::Value> lines;
        std::istringstream in(out.str());
        for (std::string line; std::getline(in, line);) {
            lines.push_back(json::parse(line).value());
        }
        return lines;
    }

    TickingWall wall{noon};
    InFlight in_flight;
    std::unique_ptr<audit::Log> log;
    std::unique_ptr<RecordStore> records;
    std::unique_ptr<Journal> journal;
    std::unique_ptr<net::HttpClient> http;
    std::vector<std::unique_ptr<sim::Aggregator>> aggregators;
    std::unique_ptr<NeedMarket> needs;
    MeasureOrder measure;
    std::string url;
    Ed25519KeyPair key = Ed25519KeyPair::from_secret(std::string(32, '\5')).value();

  private:
    template <class T>
    static Awaitable<void> keep(Awaitable<T> work, std::shared_ptr<std::optional<T>> result) {
        T value = co_await std::move(work);
        result->emplace(std::move(value));
    }
    market_test::Folder folder_;
    asio::io_context context_;
    net::HttpServer server_;
    VirtualClock clock_;
    std::unique_ptr<audit::BlobStore> blobs_;
};

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
}  // namespace headroom::agents
