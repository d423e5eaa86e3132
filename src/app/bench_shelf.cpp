#include "app/bench_shelf.hpp"

#include "app/bench_room.hpp"
#include "app/bench_shelf_parts.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace headroom::app {
namespace {

constexpr seconds shelf_patience{20};

std::string lost_name(int number) {
    return fmt::format("L{:05}", number);
}
std::string receiver_name(int number) {
    return fmt::format("R{:05}", number);
}

/// Pairs of feeders that meet at a remote-controlled switch: 30 kW can move to 40 of 50, with 20 of relief.
Result<grid::Network> pairs_of_feeders(int count) {
    grid::Network network;
    Result<void> added =
        network.add(grid::Substation{.id = {"P1"}, .name = "Bench primary", .kind = "primary"});
    for (int i = 0; added && i < count; ++i) {
        for (const std::string& feeder : {lost_name(i), receiver_name(i)}) {
            added = added ? network.add(grid::Feeder{.id = {feeder}, .parent = "P1", .name = feeder}) : added;
            added = added ? network.add(grid::Limit{.asset = feeder,
                                                    .phase = grid::Phase::l1,
                                                    .value = 50.0,
                                                    .source = "bench",
                                                    .verified_by = "bench"})
                          : added;
        }
        added = added ? network.add(grid::Der{.id = {bench_der_name(i)},
                                              .name = bench_der_name(i),
                                              .der_class = grid::DerClass::battery,
                                              .feeder = {receiver_name(i)},
                                              .phase = grid::Phase::l1,
                                              .turn_down_max = Watts{40'000},
                                              .turn_up_max = Watts{40'000}})
                      : added;
        added = added ? network.add(grid::Tie{.id = {fmt::format("T{:05}", i)},
                                              .ends = {lost_name(i), receiver_name(i)},
                                              .rating = Kilowatts{60.0},
                                              .switching = minutes{0},
                                              .is_remote = true})
                      : added;
    }
    return added ? Result<grid::Network>(std::move(network)) : Result<grid::Network>(added.error());
}

class LossBench {
  public:
    LossBench(std::filesystem::path folder, int losses)
        : bench_(std::move(folder), shelf_patience), losses_(losses) {}

    Result<std::vector<double>> run() {
        Result<grid::Network> network = pairs_of_feeders(losses_);
        Result<void> opened = network ? bench_.open(std::move(*network)) : Result<void>(network.error());
        opened = opened ? fill_shelf() : opened;
        if (!opened) {
            return opened.error();
        }
        std::vector<double> latencies;
        for (int i = 0; i < losses_; ++i) {
            const Result<double> took = lose(i);
            if (!took) {
                return took.error();
            }
            latencies.push_back(*took);
        }
        const Result<void> finished = bench_.finish();
        return finished ? Result<std::vector<double>>(std::move(latencies)) : finished.error();
    }

  private:
    /// What every feeder carries, and a plan for each.
    Result<void> fill_shelf() {
        const UtcTime at = bench_.room().clock().now() - minutes{1};
        std::vector<telemetry::Reading> readings;
        for (int i = 0; i < losses_; ++i) {
            for (const auto& [feeder, kw] :
                 {std::pair{lost_name(i), 30.0}, std::pair{receiver_name(i), 40.0}}) {
                readings.push_back(
                    {.value = kw,
                     .interval_start = at,
                     .interval_end = at,
                     .seq = 0,
                     .point = bench_.room().registry().find(feeder, grid::Quantity::p_kw, grid::Phase::l1),
                     .source = bench_.room().registry().intern_source("bench"),
                     .quality = telemetry::Quality::measured});
            }
        }
        static_cast<void>(bench_.room().monitoring().ingest(readings, steady_now()));
        bench_.room().contingency().tick();
        return bench_.run_until([&] { return bench_.room().contingency().as_of().has_value(); }, "the shelf");
    }

    Result<double> lose(int number) {
        Result<void> done = bench_.rest();
        grid::StateEntry outage{
            .state = grid::OperationalState::outage, .since = bench_.room().clock().now(), .source = "bench"};
        Caller caller{.id = "bench", .kind = "system", .role = "engineer", .ip = {}, .reason = "it tripped"};
        std::optional<Result<void>> is_set;
        const SteadyTime detected = steady_now();
        spawn(bench_.executor(), into(bench_.room().orchestration().set_state(
                                          lost_name(number), std::move(outage), std::move(caller)),
                                      is_set));
        const auto is_told = [&] { return bench_.devices().received(bench_der_name(number)).has_value(); };
        done = done ? bench_.run_until(is_told, "the instruction for " + bench_der_name(number)) : done;
        return done ? Result<double>(
                          milliseconds_between(detected, *bench_.devices().received(bench_der_name(number))))
                    : Result<double>(done.error());
    }

    BenchRoom bench_;
    int losses_;
};

}  // namespace

Result<json::Object> bench_shelf(const BenchShelfOptions& options) {
    json::Array results;
    bench_shelf_refresh(options.refreshes, results);
    std::string pattern = (options.dir / "headroom-bench-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) {
        return Error{Errc::unavailable, "no scratch folder can be made in " + options.dir.string()};
    }
    // The events' coroutines refer to its parts and are still open: it stays until the process ends.
    auto* const bench = new LossBench(pattern, options.losses);
    const Result<std::vector<double>> latencies = bench->run();
    std::error_code ignored;
    std::filesystem::remove_all(pattern, ignored);
    if (!latencies) {
        return latencies.error();
    }
    results.push_back(shelf_figure("shelf.detection_to_first_command_ms_p50", *latencies, 0.5));
    results.push_back(shelf_figure("shelf.detection_to_first_command_ms_p99", *latencies, 0.99));
    return json::Object{{"results", std::move(results)}};
}

}  // namespace headroom::app
