#include "app/bench_http.hpp"

#include "app/bench_result.hpp"
#include "app/control_room.hpp"
#include "core/log.hpp"

#include <fmt/format.h>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdlib>
#include <ctime>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace headroom::app {
namespace {

constexpr std::size_t connections = 32;
constexpr int http_feeders = 1000;
constexpr int http_runs = 5;

double thread_cpu_s(pthread_t thread) {
    clockid_t clock{};
    timespec now{};
    if (pthread_getcpuclockid(thread, &clock) != 0 || clock_gettime(clock, &now) != 0) {
        return 0.0;
    }
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

grid::Network http_network() {
    std::string csv =
        "type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh\n"
        "substation,P1,,Bench Primary,52.1,-1.2,20000,primary,,\n";
    for (int i = 0; i < http_feeders; ++i) {
        csv += fmt::format("feeder,F{0:04},P1,Feeder {0},52.1,-1.2,180,domestic,,\n", i);
    }
    Result<grid::Network> network = grid::read_grid_csv(csv, "bench");
    HEADROOM_ASSERT(network.has_value());
    return std::move(network).value();
}

/// Requests of one kind: the text of the n-th.
using RequestText = std::string (*)(std::uint64_t number, UtcTime now);

std::string get_text(std::uint64_t, UtcTime) {
    return "GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
}

/// Each feeder in turn, a second later with every round, ending an hour before `now` was at the latest.
std::string post_text(std::uint64_t number, UtcTime now) {
    const UtcTime at = now - hours{1} + milliseconds{1000 * static_cast<std::int64_t>(number / http_feeders)};
    const std::string body =
        fmt::format(R"({{"feeder":"F{:04}","ts":"{}","kw":{}.5,"phase":"L{}"}})", number % http_feeders,
                    format_utc(at), 20 + number % 20, 1 + number % 3);
    return fmt::format(
        "POST /api/v1/readings HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: "
        "application/json\r\nContent-Length: "
        "{}\r\n\r\n{}",
        body.size(), body);
}

/// Keeps its connections busy for a while; blocking sockets would need a thread each, so it has an io_context
/// of its own.
class Load {
  public:
    Load(std::uint16_t port, RequestText text, UtcTime now, std::uint64_t& next)
        : port_(port), text_(text), now_(now), next_(next) {}

    void run(double seconds) {
        until_ = steady_now() + std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                                    std::chrono::duration<double>(seconds));
        for (std::size_t i = 0; i < connections; ++i) {
            spawn(context_.get_executor(), drive());
        }
        context_.run();
    }
    [[nodiscard]] std::uint64_t answered() const { return answered_; }
    [[nodiscard]] std::uint64_t failed() const { return failed_; }

  private:
    Awaitable<void> drive() {
        constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
        asio::ip::tcp::socket socket(context_);
        const asio::ip::tcp::endpoint server(asio::ip::address_v4::loopback(), port_);
        const auto [refused] = co_await socket.async_connect(server, as_result);
        if (refused) {
            ++failed_;
            co_return;
        }
        boost::system::error_code ignored;
        socket.set_option(asio::ip::tcp::no_delay(true), ignored);
        std::string in;
        while (steady_now() < until_) {
            const std::string out = text_(next_++, now_);
            const auto [write_fault, written] =
                co_await asio::async_write(socket, asio::buffer(out), as_result);
            const bool is_ok = !write_fault && co_await read_answer(socket, in);
            if (!is_ok) {
                ++failed_;
                co_return;
            }
            ++answered_;
        }
    }

    /// Whether a whole 200 answer came.
    Awaitable<bool> read_answer(asio::ip::tcp::socket& socket, std::string& in) {
        constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
        in.clear();
        std::size_t whole = 0;
        while (whole == 0 || in.size() < whole) {
            const std::size_t had = in.size();
            in.resize(had + 4096);
            const auto [fault, count] =
                co_await socket.async_read_some(asio::buffer(in.data() + had, 4096), as_result);
            in.resize(had + count);
            if (fault) {
                co_return false;
            }
            whole = whole == 0 ? length_of(in) : whole;
        }
        co_return in.starts_with("HTTP/1.1 200");
    }

    /// Length of the answer with its header; 0 while the header is not whole.
    static std::size_t length_of(const std::string& in) {
        const std::size_t head = in.find("\r\n\r\n");
        const std::size_t field = in.find("Content-Length: ");
        if (head == std::string::npos || field == std::string::npos) {
            return 0;
        }
        std::size_t body = 0;
        std::from_chars(in.data() + field + 16, in.data() + head, body);
        return head + 4 + body;
    }

    asio::io_context context_{1};
    std::uint16_t port_;
    RequestText text_;
    UtcTime now_;
    SteadyTime until_{};
    std::uint64_t& next_;  // goes on from run to run, so that no reading is a repeat
    std::uint64_t answered_ = 0;
    std::uint64_t failed_ = 0;
};

struct HttpRate {
    double per_s = 0.0;
    double cpu_us = 0.0;
};

/// The server runs on this thread while the load has one of its own.
Result<HttpRate> measure_requests(ControlRoom& room, RequestText text, double seconds, UtcTime now,
                                  std::uint64_t& next) {
    Load load(room.port(), text, now, next);
    std::atomic<bool> is_done{false};
    const double cpu_before = thread_cpu_s(pthread_self());
    const SteadyTime begun = steady_now();
    std::thread generator([&] {
        load.run(seconds);
        is_done = true;
    });
    while (!is_done) {
        room.context().run_for(std::chrono::milliseconds{20});
    }
    generator.join();
    const double took_s = std::chrono::duration<double>(steady_now() - begun).count();
    const double cpu_s = thread_cpu_s(pthread_self()) - cpu_before;
    if (load.failed() > 0 || load.answered() == 0) {
        return Error{Errc::unavailable,
                     std::to_string(load.failed()) + " of the requests were not answered with 200"};
    }
    const auto count = static_cast<double>(load.answered());
    return HttpRate{.per_s = count / took_s, .cpu_us = cpu_s / count * 1e6};
}

/// Several runs of one kind of request, as two results.
Result<void> add_runs(ControlRoom& room, const std::string& name, RequestText text, double seconds,
                      json::Array& results) {
    const UtcTime now = room.clock().now();
    std::uint64_t next = 0;
    std::vector<double> per_s;
    std::vector<double> cpu_us;
    for (int i = 0; i < http_runs; ++i) {
        const Result<HttpRate> run = measure_requests(room, text, seconds / http_runs, now, next);
        if (!run) {
            return run.error();
        }
        per_s.push_back(run->per_s);
        cpu_us.push_back(run->cpu_us);
    }
    results.emplace_back(median_result("http." + name + "_per_s", "1/s", std::move(per_s)));
    results.emplace_back(median_result("http." + name + "_cpu_us", "us", std::move(cpu_us)));
    return {};
}

}  // namespace

Result<json::Object> bench_http(const std::filesystem::path& dir, double seconds) {
    std::string folder = (dir / "headroom-bench-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) {
        return Error{Errc::unavailable, "no scratch folder can be made in " + dir.string()};
    }
    asio::io_context& context = *new asio::io_context(1);  // outlives everything, see run_demo.cpp
    ControlRoomOptions options;
    options.data_dir = std::filesystem::path(folder) / "data";
    options.network = http_network();
    Result<std::unique_ptr<ControlRoom>> opened = ControlRoom::open(context, std::move(options));
    if (!opened) {
        return opened.error();
    }
    ControlRoom& room = *opened->release();
    std::uint64_t next = 0;
    const Result<HttpRate> warm = measure_requests(room, get_text, 0.2, room.clock().now(), next);
    json::Array results;
    Result<void> done = warm ? add_runs(room, "get", get_text, seconds, results) : Result<void>(warm.error());
    if (done) {
        done = add_runs(room, "post", post_text, seconds, results);
    }
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
    if (!done) {
        return done.error();
    }
    return json::Object{{"results", std::move(results)}};
}

}  // namespace headroom::app
