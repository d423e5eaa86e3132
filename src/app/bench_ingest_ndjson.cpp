#include "app/bench_feeders.hpp"
#include "app/bench_ingest.hpp"

#include "app/bench_made_up_days.hpp"
#include "app/control_room.hpp"
#include "core/clock.hpp"
#include "core/random.hpp"
#include "telemetry/json_decoder.hpp"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <thread>
#include <utility>

namespace headroom::app {
namespace {

constexpr std::size_t ndjson_feeders = 100'000;
constexpr std::size_t rounds_in_body = 10;
constexpr milliseconds pulse =
    seconds{5};  // between two readings of a feeder, as in the bench of the monitor
constexpr std::size_t ndjson_runs_min = 5;
constexpr std::size_t runs_unmeasured = 1;

/// Closes itself.
class Socket {
  public:
    explicit Socket(int handle) : handle_(handle) {}
    Socket(Socket&& other) noexcept : handle_(std::exchange(other.handle_, -1)) {}
    Socket& operator=(Socket&&) = delete;
    ~Socket() {
        if (handle_ >= 0) {
            ::close(handle_);
        }
    }
    [[nodiscard]] int get() const { return handle_; }

  private:
    int handle_;
};

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

Result<Socket> connect_to(std::uint16_t port) {
    Socket socket(::socket(AF_INET, SOCK_STREAM, 0));
    const sockaddr_in address = loopback(port);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        return Error{Errc::unavailable, "the bench cannot connect to its own server"};
    }
    return socket;
}

bool send_all(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

/// Readings of all feeders pulse after pulse, each pulse's feeders in no order.
std::string lines_of(UtcTime from, std::uint64_t seed) {
    const Random random(seed);
    std::string body;
    body.reserve(ndjson_feeders * rounds_in_body * 66);
    std::vector<std::uint32_t> order(ndjson_feeders);
    for (std::uint32_t i = 0; i < ndjson_feeders; ++i) {
        order[i] = i;
    }
    for (std::size_t round = 0; round < rounds_in_body; ++round) {
        for (std::size_t i = ndjson_feeders; i > 1; --i) {
            std::swap(order[i - 1], order[random.below(i, i, round)]);
        }
        const std::string time = format_utc(from + pulse * static_cast<int>(round)).substr(0, 19);
        for (const std::uint32_t feeder : order) {
            fmt::format_to(std::back_inserter(body),
                           FMT_COMPILE("{{\"feeder\":\"F-{:06}\",\"ts\":\"{}Z\",\"kw\":{:.2f}}}\n"), feeder,
                           time, 60.0 + 40.0 * random.uniform(feeder, round, 1));
        }
    }
    return body;
}

/// From the first byte to the whole receipt; nothing when it is not one of them all.
Result<double> post(std::uint16_t port, const std::string& body) {
    const Result<Socket> socket = connect_to(port);
    if (!socket) {
        return socket.error();
    }
    const SteadyTime begun = steady_now();
    const std::string head = fmt::format(
        "POST /api/v1/readings HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-ndjson\r\n"
        "Connection: close\r\nContent-Length: {}\r\n\r\n",
        body.size());
    std::string answer;
    std::array<char, 4096> buffer{};
    if (!send_all(socket->get(), head) || !send_all(socket->get(), body)) {
        return Error{Errc::unavailable, "the server stopped taking the body"};
    }
    for (ssize_t count = 0; (count = ::recv(socket->get(), buffer.data(), buffer.size(), 0)) > 0;) {
        answer.append(buffer.data(), static_cast<std::size_t>(count));
    }
    const double took_s = milliseconds_between(begun, steady_now()) / 1000.0;
    const std::string wanted = fmt::format("\"accepted\":{},", ndjson_feeders * rounds_in_body);
    if (!answer.starts_with("HTTP/1.1 200") || answer.find(wanted) == std::string::npos) {
        return Error{Errc::invalid, "not every reading was accepted: " + answer.substr(0, 600)};
    }
    return static_cast<double>(ndjson_feeders * rounds_in_body) / took_s;
}

std::uint64_t accepted_by(ControlRoom& room) {
    return static_cast<std::uint64_t>(json::Value(room.monitoring().status().metrics).integer("/accepted"));
}

/// The control room answers on this thread while the sender has one of its own. Its clock follows what it has
/// read, and it ticks once a pulse, so that as many forecasts are made for a reading as in service.
Result<double> through_the_room(ControlRoom& room, VirtualClock& clock, UtcTime from,
                                const std::string& body) {
    Result<double> rate = 0.0;
    std::atomic<bool> is_done{false};
    const std::uint64_t before = accepted_by(room);
    UtcTime ticked = from;
    std::thread sender([&] {
        rate = post(room.port(), body);
        is_done = true;
    });
    while (!is_done) {
        room.context().run_for(std::chrono::milliseconds{5});
        const auto share = static_cast<double>(accepted_by(room) - before) / ndjson_feeders;
        clock.advance_to(from +
                         milliseconds{static_cast<std::int64_t>(share * static_cast<double>(pulse.count()))});
        for (; ticked + pulse <= clock.now(); ticked += pulse) {
            room.tick();
        }
    }
    sender.join();
    return rate;
}

/// A socket, a decoder, and nothing behind it.
Result<double> through_a_bare_socket(telemetry::PointRegistry& registry, UtcTime now,
                                     const std::string& body) {
    Socket listener(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    if (::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener.get(), 1) != 0 ||
        ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        return Error{Errc::unavailable, "the bench cannot open a port"};
    }
    SteadyTime begun{};
    std::thread sender([&] {
        const Result<Socket> socket = connect_to(ntohs(address.sin_port));
        begun = steady_now();
        static_cast<void>(socket && send_all(socket->get(), body));
    });
    const Socket peer(::accept(listener.get(), nullptr, nullptr));
    telemetry::JsonDecoder decoder(registry, {.now = now});
    std::vector<telemetry::Reading> readings;
    std::vector<char> buffer(64UL * 1024);
    std::size_t taken = 0;
    for (ssize_t count = 0; (count = ::recv(peer.get(), buffer.data(), buffer.size(), 0)) > 0;) {
        readings.clear();
        decoder.feed({buffer.data(), static_cast<std::size_t>(count)}, readings);
        taken += readings.size();
    }
    const SteadyTime ended = steady_now();
    sender.join();
    if (taken != ndjson_feeders * rounds_in_body) {
        return Error{Errc::invalid, fmt::format("the bare reader took {} readings", taken)};
    }
    return static_cast<double>(taken) / (milliseconds_between(begun, ended) / 1000.0);
}

Result<grid::Network> ndjson_network() {
    grid::Network network;
    Result<void> added = network.add(grid::Substation{.id = {"S-1"}, .name = "S-1"});
    for (std::size_t i = 0; i < ndjson_feeders && added; ++i) {
        const std::string name = BenchFeeders::name(i);
        added = network.add(grid::Feeder{.id = {name}, .parent = "S-1", .name = name});
        if (added) {
            added = network.add(
                grid::Limit{.asset = name, .value = 500.0, .source = "bench", .verified_by = "bench"});
        }
    }
    return added ? Result<grid::Network>(std::move(network)) : added.error();
}

Result<json::Array> measure_ndjson(ControlRoom& room, VirtualClock& clock, double wanted_s) {
    telemetry::PointRegistry registry;
    for (std::size_t i = 0; i < ndjson_feeders; ++i) {
        registry.intern({BenchFeeders::name(i), grid::Quantity::p_kw, grid::Phase::sum});
    }
    std::vector<double> rates;
    std::vector<double> bare_rates;
    std::vector<double> ratios;
    std::vector<double> forecasts;
    const SteadyTime begun = steady_now();
    UtcTime from = clock.now();
    for (std::size_t run = 0;
         rates.size() < ndjson_runs_min || milliseconds_between(begun, steady_now()) < wanted_s * 1000.0;
         ++run, from += pulse * static_cast<int>(rounds_in_body)) {
        const std::string body = lines_of(from, run);
        const UtcTime to = from + pulse * static_cast<int>(rounds_in_body);
        const Result<double> bare = through_a_bare_socket(registry, to, body);
        const std::uint64_t made = room.monitor().forecasts_made();
        const Result<double> rate = bare ? through_the_room(room, clock, from, body) : bare;
        if (!rate) {
            return rate.error();
        }
        if (run >= runs_unmeasured) {
            rates.push_back(*rate);
            bare_rates.push_back(*bare);
            ratios.push_back(*rate / *bare);
            forecasts.push_back(static_cast<double>(room.monitor().forecasts_made() - made) * *rate /
                                static_cast<double>(ndjson_feeders * rounds_in_body));
        }
    }
    return json::Array{bench_result("ingest.ndjson_readings_per_s", "1/s", std::move(rates)),
                       bench_result("ingest.ndjson_bare_readings_per_s", "1/s", std::move(bare_rates)),
                       bench_result("ingest.ndjson_of_bare", "ratio", std::move(ratios)),
                       bench_result("ingest.ndjson_forecasts_per_s", "1/s", std::move(forecasts))};
}

}  // namespace

Result<json::Array> bench_ingest_ndjson(const BenchIngestOptions& options) {
    std::string folder = (options.dir / "headroom-bench-XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr) {
        return Error{Errc::unavailable, "no scratch folder can be made in " + options.dir.string()};
    }
    Result<grid::Network> network = ndjson_network();
    if (!network) {
        return network.error();
    }
    asio::io_context& context = *new asio::io_context(1);  // outlives everything, see run_demo.cpp
    ControlRoomOptions room_options;
    room_options.data_dir = std::filesystem::path(folder) / "data";
    room_options.network = std::move(*network);
    room_options.monitor.horizons_per_refresh = 1;
    auto& clock = *new VirtualClock(parse_utc("2026-11-20T00:00:00Z").value());  // likewise
    room_options.clock = &clock;
    Result<std::unique_ptr<ControlRoom>> opened = ControlRoom::open(context, std::move(room_options));
    if (!opened) {
        return opened.error();
    }
    ControlRoom& room = *opened->release();
    warm_with_made_up_days(room.monitor(), room.registry(), room.network(), clock.now());
    clock.advance_to(clock.now() + first_forecasts_for);
    make_first_forecasts(room.monitor(), clock.now());
    Result<json::Array> results = measure_ndjson(room, clock, options.seconds);
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
    return results;
}

}  // namespace headroom::app
