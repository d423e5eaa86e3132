#include "app/bench_loop.hpp"

#include "app/bench_room.hpp"
#include "app/bench_usage.hpp"
#include "core/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace headroom::app {
namespace {

constexpr double limit_kw = 50.0;
constexpr double breach_kw = 70.0;  // beyond the instant level: one reading is enough
constexpr seconds loop_patience{10};

std::string loop_feeder_name(int number) {
    return fmt::format("F{:05}", number);
}

Result<grid::Network> make_network(int feeders) {
    grid::Network network;
    Result<void> added =
        network.add(grid::Substation{.id = {"P1"}, .parent = {}, .name = "Bench primary", .kind = "primary"});
    for (int i = 0; added && i < feeders; ++i) {
        added = network.add(grid::Feeder{
            .id = {loop_feeder_name(i)}, .parent = "P1", .name = loop_feeder_name(i), .kind = "domestic"});
        if (added) {
            added = network.add(grid::Der{.id = {bench_der_name(i)},
                                          .name = bench_der_name(i),
                                          .der_class = grid::DerClass::battery,
                                          .feeder = {loop_feeder_name(i)},
                                          .phase = grid::Phase::l1,
                                          .turn_down_max = Watts{40'000},
                                          .turn_up_max = Watts{40'000}});
        }
        if (added) {
            added = network.add(grid::Limit{.asset = loop_feeder_name(i),
                                            .phase = grid::Phase::l1,
                                            .value = limit_kw,
                                            .source = "bench",
                                            .verified_by = "bench"});
        }
    }
    return added ? Result<grid::Network>(std::move(network)) : Result<grid::Network>(added.error());
}

/// An overload some hours ahead, so that its capacity is armed and waits.
agents::RaisedEvent armed_event(const ControlRoom& room, const std::string& feeder, UtcTime now) {
    agents::RaisedEvent raised;
    const grid::Limit& limit = *room.network().limits_of(feeder).front();
    risk::Overload& overload = raised.overload;
    overload.start = floor_period(now) + hours{2};
    overload.end = overload.start + period_length;
    overload.event = make_event_id(limit.key(), overload.start);
    overload.feeder = feeder;
    overload.limit = limit;
    overload.cause = risk::Cause::forecast;
    overload.detected_at = now;
    overload.peak_over = Watts{20'000};
    overload.peak_load = Watts{70'000};
    overload.energy_over = WattHours{10'000};
    overload.probability_ppm = 900'000;
    overload.time_to_limit = overload.start - now;
    overload.level = risk::Level::critical;
    overload.need = {overload.start, {20'000}};
    overload.source = "bench";
    raised.input.feeder = feeder;
    raised.input.limit = limit;
    raised.input.limit_w = 50'000;
    raised.input.now = now;
    raised.input.source = "bench";
    return raised;
}

Awaitable<void> post_reading(net::HttpClient& http, std::uint16_t port, std::string feeder, UtcTime at,
                             SteadyTime& sent) {
    net::ClientRequest request;
    request.method = "POST";
    request.url = "http://127.0.0.1:" + std::to_string(port) + "/api/v1/readings";
    request.headers.set("Content-Type", "application/json");
    request.body =
        fmt::format(R"({{"feeder":"{}","ts":"{}","kw":{},"phase":"L1"}})", feeder, format_utc(at), breach_kw);
    sent = steady_now();
    const Result<net::ClientResponse> answer = co_await http.send(std::move(request));
    if (!answer || answer->status != 200) {
        log::warn("a bench reading was not taken",
                  {{"answer", answer ? answer->body : answer.error().message}});
    }
}

json::Object figure(const std::string& name, double value, const std::vector<double>& sorted) {
    return json::Object{{"name", name},         {"value", value},
                        {"unit", "ms"},         {"min", sorted.front()},
                        {"max", sorted.back()}, {"runs", static_cast<std::int64_t>(sorted.size())}};
}

void add_figures(json::Array& results, const std::string& name, std::vector<double> latencies) {
    std::sort(latencies.begin(), latencies.end());
    const auto rank = [&](double share) {
        return latencies[std::min(latencies.size() - 1,
                                  static_cast<std::size_t>(share * static_cast<double>(latencies.size())))];
    };
    results.emplace_back(figure(name + "_p50", rank(0.50), latencies));
    results.emplace_back(figure(name + "_p99", rank(0.99), latencies));
}

/// What the events of one kind took.
struct LoopTimes {
    std::vector<double> latencies;   ///< reading sent to command received, wall
    std::vector<double> io_cpu_ms;   ///< processor time of the io thread in between: both sides of the market
    std::vector<double> all_cpu_ms;  ///< of all threads, until everything about the event is at rest
};

/// A part of an event's way, between two moments of its clock.
struct Step {
    const char* name;
    const char* from;
    const char* to;
};
constexpr std::array<Step, 5> spot_steps{{{"detect", "received", "detected"},
                                          {"search", "detected", "searched"},
                                          {"plan", "searched", "decided"},
                                          {"contract", "decided", "committed"},
                                          {"send", "committed", "sent_first"}}};
constexpr std::array<Step, 2> armed_steps{
    {{"activate", "fired", "activated"}, {"send", "activated", "sent_first"}}};

class LoopBench {
  public:
    LoopBench(std::filesystem::path folder, int runs)
        : bench_(std::move(folder), loop_patience), runs_(runs) {}

    Result<json::Object> run() {
        Result<grid::Network> network = make_network(2 * runs_);
        const Result<void> opened =
            network ? bench_.open(std::move(*network)) : Result<void>(network.error());
        if (!opened) {
            return opened.error();
        }
        json::Array results;
        for (const bool is_armed : {false, true}) {
            Result<LoopTimes> measured = measure(is_armed);
            if (!measured) {
                return measured.error();
            }
            const std::string name = is_armed ? "loop.armed_" : "loop.";
            add_figures(results, name + "detection_to_command_ms", std::move(measured->latencies));
            add_figures(results, name + "io_cpu_to_command_ms", std::move(measured->io_cpu_ms));
            add_figures(results, name + "cpu_per_event_ms", std::move(measured->all_cpu_ms));
        }
        add_steps(results);
        const Result<void> finished = bench_.finish();
        if (!finished) {
            return finished.error();
        }
        return json::Object{{"results", std::move(results)}};
    }

  private:
    /// A feeder without fresh readings may not be acted upon: an ordinary one, well before the breach.
    void seen_to_be_fresh(int number) {
        const UtcTime at = bench_.room().clock().now() - minutes{1};
        const telemetry::Reading reading{.value = limit_kw / 2.0,
                                         .interval_start = at,
                                         .interval_end = at,
                                         .seq = 0,
                                         .point = bench_.room().registry().find(
                                             loop_feeder_name(number), grid::Quantity::p_kw, grid::Phase::l1),
                                         .source = bench_.room().registry().intern_source("bench"),
                                         .quality = telemetry::Quality::measured};
        static_cast<void>(bench_.room().monitoring().ingest(std::span(&reading, 1), steady_now()));
    }

    Result<void> arm(int number) {
        seen_to_be_fresh(number);
        agents::RaisedEvent raised =
            armed_event(bench_.room(), loop_feeder_name(number), bench_.room().clock().now());
        const EventId event = raised.overload.event;
        const grid::Limit limit = raised.overload.limit;
        const UtcTime start = raised.overload.start;
        const UtcTime end = raised.overload.end;
        std::optional<Result<void>> accepted;
        spawn(bench_.executor(), into(bench_.room().orchestration().raise(std::move(raised)), accepted));
        const Result<void> armed = bench_.run_until(
            [&] {
                const std::optional<agents::EventRecord> record = bench_.room().orchestration().event(event);
                return record && record->state == agents::EventState::armed;
            },
            "arming " + event.value);
        bench_.room().monitor().adopt_open(event, limit, start, end);
        return armed;
    }

    Result<LoopTimes> measure(bool is_armed) {
        LoopTimes measured;
        for (int i = 0; i < runs_; ++i) {
            const int number = is_armed ? runs_ + i : i;
            if (is_armed) {
                const Result<void> armed = arm(number);
                if (!armed) {
                    return armed.error();
                }
            }
            Result<void> done = bench_.rest();
            const Usage before = usage_now();
            SteadyTime sent{};
            spawn(bench_.executor(),
                  post_reading(bench_.http(), bench_.room().port(), loop_feeder_name(number),
                               bench_.room().clock().now(), sent));
            const auto is_told = [&] {
                return bench_.devices().received(bench_der_name(number)).has_value();
            };
            done = done ? bench_.run_until(is_told, "the instruction for " + bench_der_name(number)) : done;
            const Usage told = usage_now();
            done = done ? bench_.rest() : done;
            if (!done) {
                return done.error();
            }
            measured.latencies.push_back(
                milliseconds_between(sent, *bench_.devices().received(bench_der_name(number))));
            measured.io_cpu_ms.push_back((told.thread_us - before.thread_us) / 1000.0);
            measured.all_cpu_ms.push_back((usage_now().process_us - before.process_us) / 1000.0);
        }
        return measured;
    }

    /// Where the time of an event goes: between the moments of its clock, and per question to the provider.
    void add_steps(json::Array& results) {
        std::map<std::string, std::vector<double>> steps;
        for (const agents::EventRecord& record : bench_.room().orchestration().events()) {
            const bool is_armed = record.overload.cause == risk::Cause::forecast;
            const std::string name = is_armed ? "loop.armed_step_" : "loop.step_";
            for (const Step& step : is_armed ? std::span<const Step>(armed_steps) : spot_steps) {
                const agents::Moment* from = record.moment(step.from);
                const agents::Moment* to = record.moment(step.to);
                if (from != nullptr && to != nullptr) {
                    steps[name + step.name + "_ms"].push_back(
                        static_cast<double>(to->wall_us - from->wall_us) / 1000.0);
                }
            }
            for (const agents::MessageTrace& message : bench_.room().market().trace(record.id())) {
                if (!is_armed && message.action.starts_with("on_") && message.latency_ms >= 0.0) {
                    steps["loop.answer_" + message.action.substr(3) + "_ms"].push_back(message.latency_ms);
                }
            }
        }
        for (auto& [name, values] : steps) {
            add_figures(results, name, std::move(values));
        }
    }

    BenchRoom bench_;
    int runs_;
};

}  // namespace

Result<json::Object> bench_loop(const std::filesystem::path& dir, int runs) {
    std::string pattern = (dir / "headroom-bench-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) {
        return Error{Errc::unavailable, "no scratch folder can be made in " + dir.string()};
    }
    // The events' coroutines refer to its parts and are still open: it stays until the process ends.
    auto* const bench = new LoopBench(pattern, runs);
    Result<json::Object> result = bench->run();
    std::error_code ignored;
    std::filesystem::remove_all(pattern, ignored);
    return result;
}

}  // namespace headroom::app
