#include "desk/scenario_made.hpp"

#include "core/clock.hpp"
#include "core/digest.hpp"
#include "scenario/result_json.hpp"

#include <algorithm>
#include <utility>

namespace headroom::desk {

Result<MadeRun> make_run(scenario::RunInput input, const scenario::RunWatch& watch) {
    const SteadyTime begun = steady_now();
    Result<scenario::RunResult> result = scenario::run(input, watch);
    if (!result) {
        return result.error();
    }
    auto run = std::make_shared<FinishedRun>();
    run->elapsed_ms = milliseconds_between(begun, steady_now());
    run->result = std::move(*result);
    run->input_json = json::write(scenario::to_json(input));
    run->input_sha256 = sha256_hex(run->input_json);
    run->input = std::move(input);
    std::string result_sha256 = scenario::result_sha256(run->result);
    return MadeRun{.run = std::move(run), .result_sha256 = std::move(result_sha256)};
}

json::Object logged_risks(const scenario::RunResult& result) {
    json::Object out;
    for (const auto& [level, count] : risk_counts(result)) {
        std::string key = level;
        std::transform(key.begin(), key.end(), key.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
        out.set(std::move(key), count);
    }
    return out;
}

ScenarioRunAnswer listed_as(const FinishedRun& run, std::string id, std::string by) {
    const scenario::Scenario& asked = run.result.scenario;
    return {.run_id = std::move(id),
            .state = "done",
            .done = 1.0,
            .scenario_id = asked.id,
            .title = asked.title,
            .place = asked.place,
            .event = asked.event,
            .start = asked.start,
            .hours = asked.hours,
            .seed = static_cast<std::int64_t>(run.result.seed),
            .assets = static_cast<std::int64_t>(run.input.assets.size()),
            .risks = risk_counts(run.result),
            .by = std::move(by),
            .asked_at = {},
            .elapsed_ms = run.elapsed_ms,
            .input_sha256 = run.input_sha256,
            .fault = {}};
}

}  // namespace headroom::desk
