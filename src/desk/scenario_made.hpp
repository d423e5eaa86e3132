#pragma once

#include "desk/scenario_results.hpp"

#include <memory>
#include <string>

namespace headroom::desk {

/// A run with the hash of everything that it found (`scenario::result_sha256`).
struct MadeRun {
    std::shared_ptr<FinishedRun> run;
    std::string result_sha256;
};

/// Runs, and takes down what the run was made from and what it found; all but who said the weather. Errors:
/// those of `scenario::run`.
[[nodiscard]] Result<MadeRun> make_run(scenario::RunInput input, const scenario::RunWatch& watch);

/// What a list says of a run that is done, of which nothing else is known.
[[nodiscard]] ScenarioRunAnswer listed_as(const FinishedRun& run, std::string id, std::string by);
/// How many risks of each level, as the log keeps it: {"critical":3,"high":0,…}.
[[nodiscard]] json::Object logged_risks(const scenario::RunResult& result);

}  // namespace headroom::desk
