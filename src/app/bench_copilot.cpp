#include "app/bench_copilot.hpp"

#include "agents/copilot.hpp"
#include "app/bench_result.hpp"
#include "core/random.hpp"
#include "net/http_server.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <thread>
#include <utility>

namespace headroom::app {
namespace {

constexpr int copilot_offers = 60;
constexpr int plan_half_hours = 8;
constexpr int copilot_plans = 60;
constexpr int copilot_rounds = 3;
constexpr milliseconds slow_answer{2'000};
constexpr milliseconds plan_pause{20};  // between plans: the room has other work

enum class Peer { off, on, slow, down, hostile };
constexpr std::array<std::pair<Peer, const char*>, 5> copilot_peers{{{Peer::off, "off"},
                                                                     {Peer::on, "on"},
                                                                     {Peer::slow, "slow"},
                                                                     {Peer::down, "down"},
                                                                     {Peer::hostile, "hostile"}}};

flex::PlanInput input_of(std::uint64_t number) {
    const Random random(5);
    const UtcTime evening = parse_utc("2027-01-14T17:00:00Z").value();
    flex::PlanInput input;
    input.overload.event = EventId{fmt::format("ev-20270114-bench{:03}", number % 1000)};
    input.overload.feeder = "LV-1";
    input.overload.limit.asset = "LV-1";
    input.overload.limit.value = 200.0;
    input.overload.start = evening;
    input.overload.end = evening + period_length * plan_half_hours;
    input.overload.need = {evening, std::vector<std::int64_t>(plan_half_hours, 90'000)};
    input.now = evening - hours{2};
    input.rules.node_budget = 2'000;
    for (int i = 0; i < copilot_offers; ++i) {
        const double draw = random.uniform(number, static_cast<std::uint64_t>(i));
        flex::Offer offer;
        offer.provider = "provider";
        offer.id = fmt::format("O-{:03}", i);
        offer.der = fmt::format("DER-{:03}", i);
        offer.feeder = "LV-1";
        offer.power = Watts{3'000 + static_cast<std::int64_t>(draw * 5'000.0)};
        offer.available_from = evening - hours{6};
        offer.available_until = evening + hours{12};
        offer.utilisation = MicroPoundsPerMwh{150'000'000 + static_cast<std::int64_t>(draw * 9e7)};
        offer.duration_max = hours{1 + i % 4};
        input.offers.push_back(std::move(offer));
    }
    return input;
}

/// A model on a thread of its own.
class ModelServer {
  public:
    explicit ModelServer(Peer peer) : server_(context_), peer_(peer) {
        server_.route("POST", "/v1/chat/completions",
                      [this](net::Request request) { return answer(std::move(request)); });
        HEADROOM_ASSERT(server_.listen("127.0.0.1", 0).has_value());
        port_ = server_.port();
        thread_ = std::thread([this] {
            const auto work = asio::make_work_guard(context_);
            context_.run();
        });
    }
    ModelServer(const ModelServer&) = delete;
    ModelServer& operator=(const ModelServer&) = delete;
    ~ModelServer() {
        context_.stop();
        thread_.join();
    }
    [[nodiscard]] std::uint16_t port() const { return port_; }

  private:
    Awaitable<net::Response> answer(net::Request) {
        if (peer_ == Peer::slow) {
            asio::steady_timer timer(context_, slow_answer);
            auto token = asio::as_tuple(asio::use_awaitable);
            co_await timer.async_wait(token);
        }
        if (peer_ == Peer::hostile) {
            co_return net::text_response(200, "<html>" + std::string(900'000, '<') + "</html>");
        }
        const char* arguments =
            R"({"event":"event-1","actions":[],"summary":"Nothing is better.","justification":""})";
        const json::Object call{
            {"id", "call_1"},
            {"type", "function"},
            {"function", json::Object{{"name", "propose_plan"}, {"arguments", arguments}}}};
        const json::Object message{{"role", "assistant"}, {"tool_calls", json::Array{call}}};
        const json::Object body{
            {"model", "bench"},
            {"choices", json::Array{json::Object{{"finish_reason", "stop"}, {"message", message}}}}};
        co_return net::json_response(200, body);
    }

    asio::io_context context_;
    net::HttpServer server_;
    Peer peer_;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

struct CopilotTimes {
    std::vector<double> plan_ms;       // until the deterministic plan stands
    std::vector<double> hand_over_ms;  // to the co-pilot, after that
    std::vector<double> lag_ms;
    double answered = 0.0;
};

/// The parts around the agent.
class Room {
  public:
    explicit Room(const std::filesystem::path& folder)
        : wall(make_system_wall_clock()),
          log(audit::Log::open(log_options(folder)).value()),
          blobs(audit::BlobStore::open(folder / "blobs").value()),
          records(open_records(folder)),
          journal(context.get_executor(), *log, blobs, *records),
          http(context.get_executor(), net::ClientSettings{.allow_private = {"127.0.0.1:*"}}) {}

    asio::io_context context;
    std::unique_ptr<WallClock> wall;
    std::unique_ptr<audit::Log> log;
    audit::BlobStore blobs;
    std::unique_ptr<agents::RecordStore> records;
    agents::Journal journal;
    net::HttpClient http;

  private:
    audit::LogOptions log_options(const std::filesystem::path& folder) {
        return {.dir = folder / "audit",
                .origin = "bench.example/audit",
                .key = Ed25519KeyPair::generate(),
                .wall_clock = *wall};
    }
    static std::unique_ptr<agents::RecordStore> open_records(const std::filesystem::path& folder) {
        auto kept = store::open_sqlite_records(folder / "records.db").value();
        auto ahead = store::AheadFile::open(folder / "records.ahead", *kept).value();
        return std::make_unique<agents::RecordStore>(std::move(kept), std::move(ahead));
    }
};

Awaitable<void> put(agents::Copilot& copilot, flex::PlanInput input, flex::FlexPlan plan, CopilotTimes& out,
                    int& open) {
    flex::EventPlanInput judged{.base = std::move(input), .book = {}, .facts = {}};
    const agents::Considered done = co_await copilot.consider(std::move(judged), std::move(plan), {});
    HEADROOM_ASSERT(done.planner == "optimiser");
    out.answered += 1.0;
    --open;
}

Awaitable<void> make_plans(asio::io_context& context, agents::Copilot& copilot, std::uint64_t first,
                           CopilotTimes& out, int& open, bool& is_done) {
    asio::steady_timer timer(context);
    for (int i = 0; i < copilot_plans; ++i) {
        flex::PlanInput input = input_of(first + static_cast<std::uint64_t>(i));
        const SteadyTime begun = steady_now();
        Result<flex::FlexPlan> plan = flex::make_plan(input);
        HEADROOM_ASSERT(plan.has_value());
        const SteadyTime stands = steady_now();
        out.plan_ms.push_back(milliseconds_between(begun, stands));
        ++open;
        spawn(context.get_executor(), put(copilot, std::move(input), std::move(*plan), out, open));
        out.hand_over_ms.push_back(milliseconds_between(stands, steady_now()));
        const SteadyTime due = steady_now() + plan_pause;
        timer.expires_at(due);
        auto token = asio::as_tuple(asio::use_awaitable);
        co_await timer.async_wait(token);
        out.lag_ms.push_back(milliseconds_between(due, steady_now()));
    }
    is_done = true;
}

void measure_plans(Room& room, Peer peer, std::uint64_t first, CopilotTimes& out) {
    const ModelServer server(peer);
    agents::CopilotOptions options;
    options.is_enabled = peer != Peer::off;
    options.wire.model = "bench";
    options.budget = milliseconds{5'000};
    options.tokens_per_day = 1'000'000'000;
    // Nobody listens on the port below the server's own range.
    const int port = peer == Peer::down ? 1 : server.port();
    options.base_url = fmt::format("http://127.0.0.1:{}/v1", port);
    agents::Copilot copilot(
        {room.context.get_executor(), room.http, room.journal, *room.wall, [] { return 0.5; }}, options);
    int open = 0;
    bool is_done = false;
    room.context.restart();
    spawn(room.context.get_executor(), make_plans(room.context, copilot, first, out, open, is_done));
    while (!is_done || open > 0 || !room.journal.idle()) {
        room.context.run_for(milliseconds{50});
        room.context.restart();
    }
}

}  // namespace

Result<json::Object> bench_copilot(const std::filesystem::path& dir) {
    const std::filesystem::path folder = dir / ("headroom-bench-copilot-" + std::to_string(::getpid()));
    std::error_code fault;
    std::filesystem::create_directories(folder, fault);
    if (fault) {
        return Error{Errc::unavailable, "cannot make " + folder.string() + ": " + fault.message()};
    }
    std::array<CopilotTimes, copilot_peers.size()> measured;
    {
        Room room(folder);
        for (int round = 0; round < copilot_rounds; ++round) {
            for (std::size_t i = 0; i < copilot_peers.size(); ++i) {
                // The same plans for each state of the co-pilot.
                measure_plans(room, copilot_peers[i].first, static_cast<std::uint64_t>(round * copilot_plans),
                              measured[i]);
            }
        }
    }
    std::filesystem::remove_all(folder, fault);
    json::Array results;
    for (std::size_t i = 0; i < copilot_peers.size(); ++i) {
        const std::string state = copilot_peers[i].second;
        results.emplace_back(median_result("copilot.plan_ms_" + state, "ms", measured[i].plan_ms));
        results.emplace_back(median_result("copilot.hand_over_ms_" + state, "ms", measured[i].hand_over_ms));
        results.emplace_back(median_result("copilot.loop_lag_ms_" + state, "ms", measured[i].lag_ms));
        results.emplace_back(median_result("copilot.answered_" + state, "turns", {measured[i].answered}));
    }
    return json::Object{{"results", std::move(results)}};
}

}  // namespace headroom::app
