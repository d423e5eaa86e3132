#include "app/bench_beckn.hpp"
#include "app/bench_copilot.hpp"
#include "app/bench_forecast.hpp"
#include "app/bench_http.hpp"
#include "app/bench_ingest.hpp"
#include "app/bench_knowledge.hpp"
#include "app/bench_loop.hpp"
#include "app/bench_monitor.hpp"
#include "app/bench_plan.hpp"
#include "app/bench_query.hpp"
#include "app/bench_scenario.hpp"
#include "app/bench_shelf.hpp"
#include "app/bench_stages.hpp"
#include "app/commands.hpp"
#include "audit/bench.hpp"
#include "core/log.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <cmath>
#include <fstream>
#include <iostream>
#include <string>
#include <thread>

namespace headroom::app {
namespace {

/// "model name" of the first processor.
std::string cpu_name() {
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("model name")) {
            const std::size_t colon = line.find(": ");
            return colon == std::string::npos ? "unknown" : line.substr(colon + 2);
        }
    }
    return "unknown";
}

json::Object machine() {
    const double bytes =
        static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGE_SIZE));
    return json::Object{{"cpu", cpu_name()},
                        {"cores", static_cast<std::int64_t>(std::thread::hardware_concurrency())},
                        {"memory_gib", std::round(bytes / 1073741824.0)}};
}

/// The loop's figures mean little without the disk's: both are measured in one run.
Result<json::Object> loop_beside_disk(const std::filesystem::path& dir, int runs, double seconds) {
    const Result<json::Object> loop = bench_loop(dir, runs);
    if (!loop) {
        return loop.error();
    }
    const Result<json::Object> disk = audit::bench_audit(dir, std::min(seconds, 2.0));
    if (!disk) {
        return disk.error();
    }
    json::Array results = *loop->find("results")->as_array();
    for (const json::Value& result : *disk->find("results")->as_array()) {
        if (result.text("/name").starts_with("audit.fdatasync")) {
            results.push_back(result);
        }
    }
    return json::Object{{"results", std::move(results)}};
}

/// The optimiser beside greedy-by-price and a MILP solver.
void print_instances(const json::Array& instances) {
    std::cout << fmt::format("  {:<15} {:>12} {:>12} {:>8} {:>9} {:>12} {:>12} {:>8}\n", "instance",
                             "cost GBP", "bound GBP", "gap %", "ms", "greedy GBP", "MILP GBP", "above %");
    for (const json::Value& row : instances) {
        const bool has_milp = row.get("milp_gbp") != nullptr;
        std::cout << fmt::format("  {:<15} {:>12.2f} {:>12.2f} {:>8.3f} {:>9.1f} {:>12.2f} {:>12} {:>8}\n",
                                 row.text("/instance"), row.number("/cost_gbp"), row.number("/bound_gbp"),
                                 row.number("/gap_percent"), row.number("/cpu_ms"), row.number("/greedy_gbp"),
                                 has_milp ? fmt::format("{:.2f}", row.number("/milp_gbp")) : "-",
                                 has_milp ? fmt::format("{:.2f}", row.number("/above_milp_percent")) : "-");
    }
}

}  // namespace

int run_bench(const BenchCommand& command) {
    log::set_level(log::Level::warn);
    const std::filesystem::path dir =
        command.dir.empty() ? std::filesystem::temp_directory_path() : command.dir;
    const Result<json::Object> measured =
        command.name == "loop"   ? loop_beside_disk(dir, command.runs, command.seconds)
        : command.name == "http" ? bench_http(dir, command.seconds)
        : command.name == "beckn"
            ? bench_beckn(
                  {.dir = dir, .seconds = command.seconds, .orders = command.runs, .only = command.only})
        : command.name == "monitor"
            ? bench_monitor(BenchMonitorOptions{.dir = dir, .points = command.points, .only = command.only})
        : command.name == "audit"     ? audit::bench_audit(dir, command.seconds)
        : command.name == "query"     ? bench_query({dir, command.influx_url})
        : command.name == "forecast"  ? bench_forecast({.ett = command.ett})
        : command.name == "scenario"  ? bench_scenario({})
        : command.name == "knowledge" ? bench_knowledge(dir)
        : command.name == "plan"      ? bench_plan({.dump = command.dump})
        : command.name == "copilot"   ? bench_copilot(dir)
        : command.name == "shelf"     ? bench_shelf({.dir = dir, .losses = std::min(command.runs, 200)})
        : command.name == "ingest"
            ? bench_ingest(
                  {.dir = dir, .seconds = command.seconds, .only = command.only, .kafka = command.kafka})
            : bench_stages(BenchStagesOptions{.seconds = command.seconds});
    if (!measured) {
        std::cerr << "headroom bench: " << measured.error().message << "\n";
        return exit_code_of(measured.error());
    }
    json::Object out{{"bench", command.name}, {"version", HEADROOM_VERSION}, {"machine", machine()}};
    out.set("results", *measured->find("results"));
    if (const json::Value* instances = measured->find("instances"); instances != nullptr) {
        out.set("instances", *instances);
    }
    if (command.is_json) {
        std::cout << json::write(out) << "\n";
        return 0;
    }
    const json::Value view(out);
    std::cout << fmt::format("{} on {} ({} cores, {:.0f} GiB)\n", command.name, view.text("/machine/cpu"),
                             view.integer("/machine/cores"), view.number("/machine/memory_gib"));
    if (const json::Value* instances = view.get("instances"); instances != nullptr) {
        print_instances(*instances->as_array());
    }
    for (const json::Value& result : *view.get("results")->as_array()) {
        std::cout << fmt::format("  {:<44} {:>14.4g} {:<12} [{:.4g} … {:.4g}] of {}\n", result.text("/name"),
                                 result.number("/value"), result.text("/unit"), result.number("/min"),
                                 result.number("/max"), result.integer("/runs"));
    }
    return 0;
}

}  // namespace headroom::app
