#pragma once

#include "core/json.hpp"
#include "core/result.hpp"

#include <filesystem>
#include <string_view>

namespace headroom::app {

struct BenchPlanOptions {
    std::filesystem::path
        dump;  ///< instances are written here for bench/plan/solve_milp.py; nothing is measured
};

/// Measures the optimiser on the generated instances (sim/schedule_instance.hpp), one core.
///
/// `results` holds the names of the contract (`plan.n10000_t4_ms`, `plan.small_worst_gap_percent` …): of
/// seeds 1 and 2 the worse; `instances` a row for each instance: cost, bound, gap, time beside
/// greedy-by-price and what a MILP solver found, where it was asked. Times are processor time, so that a busy
/// machine does not blur them; `wall_ms` is the clock's. Errors: `invalid` when the folder cannot be written.
[[nodiscard]] Result<json::Object> bench_plan(const BenchPlanOptions& options);

/// bench/plan/milp_results.json
[[nodiscard]] std::string_view plan_milp_results();

}  // namespace headroom::app
