#include "app/bench_plan.hpp"

#include "core/clock.hpp"
#include "flex/schedule_solve.hpp"
#include "sim/schedule_instance.hpp"

#include <time.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace headroom::app {
namespace {

struct Row {
    sim::ScheduleInstance instance;
    flex::ScheduleSolution solution;
    double cpu_ms = 0.0;
    double wall_ms = 0.0;
    double first_ms = 0.0;
    std::optional<double> milp_gbp = {};
    std::optional<double> milp_bound_gbp = {};
    bool milp_is_optimal = false;

    [[nodiscard]] double cost_gbp() const {
        return static_cast<double>(solution.schedule.objective().value) / 1e6;
    }
    /// Above the best plan of the MILP solver; negative when ours is cheaper.
    [[nodiscard]] std::optional<double> above_milp_percent() const {
        return milp_gbp ? std::optional(100.0 * (cost_gbp() / *milp_gbp - 1.0)) : std::nullopt;
    }
};

double thread_ms() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

std::string name_of(const sim::ScheduleInstance& instance) {
    return "n" + std::to_string(instance.ders) + "_t" + std::to_string(instance.slots) + "_s" +
           std::to_string(instance.seed) + (instance.has_least_runs ? "_run" : "");
}

std::vector<sim::ScheduleInstance> instances() {
    std::vector<sim::ScheduleInstance> out;
    for (const std::int64_t ders : {10, 30, 100, 300, 1'000, 3'000, 10'000}) {
        for (const std::int64_t slots : {1, 4, 16, 48}) {
            for (const std::uint64_t seed : {1U, 2U}) {
                out.push_back({ders, slots, seed});
            }
            if (slots > 1) {
                out.push_back({ders, slots, 1, true});
            }
        }
    }
    return out;
}

json::Object unit_json(const flex::ScheduleUnit& der) {
    return json::Object{{"power_min_w", der.power_min_w},
                        {"power_max_w", der.power_max_w},
                        {"energy_w_slots", der.energy_w_slots},
                        {"slots", static_cast<std::int64_t>(der.slots)},
                        {"run_max", der.run_max},
                        {"run_min", der.run_min},
                        {"rest_min", der.rest_min},
                        {"activations_max", der.activations_max},
                        {"activation_cost", der.activation_cost},
                        {"price", der.price},
                        {"relief_ppm", der.relief_ppm}};
}

Result<void> dump(const std::filesystem::path& folder) {
    for (const sim::ScheduleInstance& instance : instances()) {
        if (instance.ders >= 1'000) {
            continue;
        }
        const flex::ScheduleProblem problem = sim::schedule_instance(instance);
        json::Array units;
        for (const flex::ScheduleUnit& der : problem.units) {
            units.emplace_back(unit_json(der));
        }
        json::Array target(problem.target_w.begin(), problem.target_w.end());
        const std::filesystem::path path = folder / (name_of(instance) + ".json");
        std::ofstream file(path);
        file << json::write(json::Object{{"step_ms", problem.step.count()},
                                         {"shortfall_price", problem.shortfall_price},
                                         {"target_w", std::move(target)},
                                         {"units", std::move(units)}})
             << "\n";
        if (!file.flush()) {
            return Error{Errc::invalid, "cannot write " + path.string()};
        }
    }
    return {};
}

Result<Row> measure_instance(const sim::ScheduleInstance& instance, const json::Value& milp) {
    const flex::ScheduleProblem problem = sim::schedule_instance(instance);
    Row row{.instance = instance, .solution = {}};
    const double cpu_begin = thread_ms();
    const SteadyTime wall_begin = steady_now();
    Result<flex::ScheduleSolution> solution =
        flex::solve_schedule(problem, flex::schedule_budget,
                             [&](const flex::Schedule&) { row.first_ms = thread_ms() - cpu_begin; });
    row.cpu_ms = thread_ms() - cpu_begin;
    row.wall_ms = milliseconds_between(wall_begin, steady_now());
    if (!solution) {
        return solution.error();
    }
    row.solution = std::move(*solution);
    if (const json::Value* found = milp.get(name_of(instance)); found != nullptr) {
        if (const json::Value* cost = found->get("cost_gbp"); cost != nullptr && !cost->is_null()) {
            row.milp_gbp = found->number("/cost_gbp");
            row.milp_bound_gbp = found->number("/bound_gbp");
            row.milp_is_optimal = found->boolean("/optimal");
        }
    }
    return row;
}

json::Value row_json(const Row& row) {
    const flex::ScheduleSolution& found = row.solution;
    json::Object out{{"instance", name_of(row.instance)},
                     {"status", std::string(flex::to_string(found.status))},
                     {"cost_gbp", row.cost_gbp()},
                     {"bound_gbp", found.bound / 1e6},
                     {"gap_percent", found.gap_percent},
                     {"greedy_gbp", static_cast<double>(found.first.objective().value) / 1e6},
                     {"cpu_ms", row.cpu_ms},
                     {"wall_ms", row.wall_ms},
                     {"first_feasible_ms", row.first_ms},
                     {"work_units", found.work_units}};
    if (row.milp_gbp) {
        out.set("milp_gbp", *row.milp_gbp);
        out.set("milp_bound_gbp", *row.milp_bound_gbp);
        out.set("milp_is_optimal", row.milp_is_optimal);
        out.set("above_milp_percent", *row.above_milp_percent());
    }
    return out;
}

json::Value worst_result(const std::string& name, const std::string& unit, std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return json::Object{{"name", name},
                        {"value", values.empty() ? 0.0 : values.back()},
                        {"unit", unit},
                        {"min", values.empty() ? 0.0 : values.front()},
                        {"max", values.empty() ? 0.0 : values.back()},
                        {"runs", static_cast<std::int64_t>(values.size())}};
}

/// `read` of every row that `wanted` takes.
template <class Wanted, class Read>
std::vector<double> values_of(const std::vector<Row>& rows, Wanted wanted, Read read) {
    std::vector<double> out;
    for (const Row& row : rows) {
        if (wanted(row)) {
            out.push_back(read(row));
        }
    }
    return out;
}

json::Array results_of(const std::vector<Row>& rows) {
    json::Array out;
    for (const std::int64_t slots : {4, 48}) {
        const auto is_it = [slots](const Row& row) {
            return row.instance.ders == 10'000 && row.instance.slots == slots;
        };
        const std::string name = "plan.n10000_t" + std::to_string(slots);
        out.push_back(worst_result(name + "_ms", "ms",
                                   values_of(rows, is_it, [](const Row& row) { return row.cpu_ms; })));
        out.push_back(worst_result(name + "_gap_percent", "%", values_of(rows, is_it, [](const Row& row) {
                                       return row.solution.gap_percent;
                                   })));
    }
    const auto all = [](const Row&) { return true; };
    const auto is_small = [](const Row& row) { return row.instance.ders < 1'000; };
    const auto is_large = [](const Row& row) { return row.instance.ders >= 1'000; };
    out.push_back(worst_result("plan.small_worst_gap_percent", "%",
                               values_of(
                                   rows, [](const Row& row) { return row.milp_gbp.has_value(); },
                                   [](const Row& row) { return *row.above_milp_percent(); })));
    out.push_back(worst_result("plan.small_worst_ms", "ms",
                               values_of(rows, is_small, [](const Row& row) { return row.cpu_ms; })));
    out.push_back(
        worst_result("plan.large_worst_gap_percent", "%",
                     values_of(rows, is_large, [](const Row& row) { return row.solution.gap_percent; })));
    out.push_back(worst_result("plan.first_feasible_ms", "ms",
                               values_of(rows, all, [](const Row& row) { return row.first_ms; })));
    out.push_back(worst_result("plan.cost_vs_greedy_percent", "%", values_of(rows, all, [](const Row& row) {
                                   const auto greedy =
                                       static_cast<double>(row.solution.first.objective().value);
                                   return 100.0 * (row.cost_gbp() * 1e6 / greedy - 1.0);
                               })));
    return out;
}

}  // namespace

Result<json::Object> bench_plan(const BenchPlanOptions& options) {
    if (!options.dump.empty()) {
        if (const Result<void> written = dump(options.dump); !written) {
            return written.error();
        }
        return json::Object{{"results", json::Array{}}};
    }
    const Result<json::Value> milp = json::parse(plan_milp_results());
    if (!milp) {
        return milp.error();
    }
    std::vector<Row> rows;
    json::Array instances_json;
    for (const sim::ScheduleInstance& instance : instances()) {
        Result<Row> row = measure_instance(instance, *milp);
        if (!row) {
            return row.error();
        }
        instances_json.push_back(row_json(*row));
        row->solution.schedule.power_w = {};
        row->solution.first.power_w = {};
        rows.push_back(std::move(*row));
    }
    return json::Object{{"results", results_of(rows)}, {"instances", std::move(instances_json)}};
}

}  // namespace headroom::app
