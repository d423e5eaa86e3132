#include "desk/scenarios.hpp"

#include "core/json_object.hpp"
#include "core/log.hpp"
#include "desk/scenario_files.hpp"
#include "desk/scenario_made.hpp"
#include "scenario/asset_import.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace headroom::desk {
namespace {

/// Inputs above this are named by their hash in the log and not kept: histories of a large network.
constexpr std::size_t input_kept_max = 16UL << 20U;

void add_places(const scenario::AssetSet& set, ScenariosAnswer& answer) {
    for (const std::string& place : scenario::places_of(set)) {
        const auto count = std::count_if(set.assets.begin(), set.assets.end(), [&](const auto& asset) {
            return std::find(asset.places.begin(), asset.places.end(), place) != asset.places.end();
        });
        answer.places.push_back({.place = place,
                                 .assets = static_cast<std::int64_t>(count),
                                 .source = set.source.empty() ? set.title : set.source,
                                 .illustrative = set.illustrative});
    }
}

/// The input as a blob, then the entry that names it.
Awaitable<void> keep_input(agents::Journal& journal, std::shared_ptr<const FinishedRun> run,
                           audit::Draft draft) {
    if (run->input_json.size() <= input_kept_max) {
        std::string bytes = run->input_json;
        const Result<json::Value> kept = co_await journal.put_blob(std::move(bytes));
        if (kept) {
            draft.body.set("input", *kept);
        } else {
            log::warn("the input of a scenario's run was not kept", {{"error", kept.error().message}});
        }
    }
    journal.note(std::move(draft));
}

}  // namespace

struct Scenarios::Run {
    std::string id;
    std::string by;
    Caller caller;
    UtcTime asked_at{};
    scenario::RunInput input;
    std::string state = "waiting";
    std::string fault;
    std::optional<Error> error;
    std::atomic<bool> is_cancelled{false};
    std::atomic<std::size_t> done{0};
    std::size_t assets = 0;
    std::shared_ptr<const FinishedRun> finished;
    std::string result_sha256;

    [[nodiscard]] bool is_over() const { return state != "waiting" && state != "running"; }
    [[nodiscard]] double points() const {
        return static_cast<double>(assets) * 2.0 * static_cast<double>(input.scenario.hours);
    }
};

Scenarios::Scenarios(Parts parts, ScenarioOptions options)
    : parts_(std::move(parts)),
      options_(std::move(options)),
      reader_("scenario-files"),
      projector_("scenarios") {}

Scenarios::~Scenarios() {
    for (const Shared& run : runs_) {
        run->is_cancelled.store(true);
    }
}

Awaitable<ScenariosAnswer> Scenarios::list() {
    auto job = [dir = options_.dir] { return read_scenario_shelf(dir); };
    const ScenarioShelf shelf = co_await reader_.run(std::move(job));
    ScenariosAnswer answer{.faults = shelf.faults};
    for (const auto& [id, one] : shelf.scenarios) {
        answer.scenarios.push_back(scenario_answer(one.scenario, one.is_built_in));
    }
    add_places(parts_.assets, answer);
    if (parts_.network_assets) {
        add_places(parts_.network_assets(), answer);
    }
    co_return answer;
}

Awaitable<Result<scenario::Scenario>> Scenarios::find(std::string id) {
    auto job = [dir = options_.dir] { return read_scenario_shelf(dir); };
    const ScenarioShelf shelf = co_await reader_.run(std::move(job));
    const auto found = shelf.scenarios.find(id);
    if (found == shelf.scenarios.end()) {
        co_return Error{Errc::not_found, "no scenario " + id + "; GET /api/v1/scenarios lists them",
                        "/scenario_id"};
    }
    co_return found->second.scenario;
}

Result<std::vector<scenario::Asset>> Scenarios::assets_of(const ScenarioOrder& order) const {
    if (in_hand_ >= options_.waiting_max) {
        return Error{Errc::unavailable,
                     fmt::format("{} runs of scenarios are in hand already: ask again later", in_hand_)};
    }
    const scenario::Scenario& asked = order.scenario;
    std::vector<scenario::Asset> assets = scenario::assets_at(parts_.assets, asked.place);
    if (assets.empty() && parts_.network_assets) {
        assets = scenario::assets_at(parts_.network_assets(), asked.place);
    }
    if (assets.empty()) {
        return Error{Errc::not_found,
                     "there are no assets at '" + asked.place + "'; GET /api/v1/scenarios lists places",
                     "/location"};
    }
    const double points = static_cast<double>(assets.size()) * 2.0 * static_cast<double>(asked.hours);
    if (points > options_.points_max) {
        return Error{
            Errc::invalid,
            fmt::format("{} assets over {} hours are more than one run takes", assets.size(), asked.hours),
            "/duration_hours"};
    }
    for (const std::string& lost : asked.lost_elements) {
        if (std::none_of(assets.begin(), assets.end(), [&](const auto& asset) { return asset.id == lost; })) {
            return Error{Errc::not_found, "there is no asset " + lost + " at " + asked.place,
                         "/lost_elements"};
        }
    }
    return assets;
}

Result<std::size_t> Scenarios::check(const ScenarioOrder& order) const {
    const Result<std::vector<scenario::Asset>> assets = assets_of(order);
    return assets ? Result<std::size_t>(assets->size()) : assets.error();
}

Result<Scenarios::Shared> Scenarios::take_on(ScenarioOrder order, const Caller& caller) {
    Result<std::vector<scenario::Asset>> assets = assets_of(order);
    if (!assets) {
        return assets.error();
    }
    auto run = std::make_shared<Run>();
    run->assets = assets->size();
    run->input = {.scenario = std::move(order.scenario),
                  .assets = std::move(*assets),
                  .weather = {},
                  .seed = order.seed};
    run->id = "run-" + std::to_string(++last_id_);
    run->by = caller.id;
    run->caller = caller;
    run->asked_at = parts_.wall.now();
    runs_.push_back(run);
    in_hand_ += 1;
    return run;
}

Result<ScenarioRunAnswer> Scenarios::start(ScenarioOrder order, const Caller& caller) {
    Result<Shared> run = take_on(std::move(order), caller);
    if (!run) {
        return run.error();
    }
    spawn(parts_.executor, work(*run));
    return answer_of(**run);
}

Awaitable<Result<Scenarios::Told>> Scenarios::run(ScenarioOrder order, Caller caller) {
    Result<Shared> taken = take_on(std::move(order), caller);
    if (!taken) {
        co_return taken.error();
    }
    const Shared run = std::move(*taken);
    co_await work(run);
    if (run->error) {
        co_return *run->error;
    }
    co_return Told{.run_id = run->id, .run = run->finished};
}

/// Assets of our own network know their past.
Awaitable<void> Scenarios::add_histories(Shared run) {
    if (!parts_.histories || run->input.scenario.place != scenario::own_network_place) {
        co_return;
    }
    std::vector<std::string> ids;
    for (const scenario::Asset& asset : run->input.assets) {
        ids.push_back(asset.id);
    }
    std::map<std::string, scenario::History> found = co_await parts_.histories(std::move(ids));
    for (scenario::Asset& asset : run->input.assets) {
        if (const auto known = found.find(asset.id); known != found.end()) {
            asset.history = std::move(known->second);
        }
    }
}

Awaitable<void> Scenarios::work(Shared run) {
    co_await add_histories(run);
    agents::WeatherQuery query = weather_query(run->input.scenario, run->input.assets);
    agents::FoundWeather found = co_await parts_.weather.find(query);
    std::vector<agents::WeatherOrigin> origins = found.origins;
    run->input.weather = base_weather(std::move(found));
    run->state = "running";
    scenario::RunInput input = std::move(run->input);
    run->input.scenario = input.scenario;  // for the list
    run->input.seed = input.seed;
    auto job = [run, input = std::move(input)]() mutable -> Result<MadeRun> {
        if (run->is_cancelled.load()) {
            return Error{Errc::conflict, "the run was cancelled"};
        }
        return make_run(std::move(input),
                        {.progress = [&run](std::size_t done, std::size_t) { run->done.store(done); },
                         .cancelled = &run->is_cancelled});
    };
    Result<MadeRun> made = co_await projector_.run(std::move(job));
    in_hand_ -= 1;
    if (!made) {
        run->error = made.error();
        run->fault = made.error().message;
        run->state = made.error().code == Errc::conflict ? "cancelled" : "failed";
        co_return;
    }
    made->run->origins = std::move(origins);
    run->result_sha256 = std::move(made->result_sha256);
    run->finished = std::move(made->run);
    run->done.store(run->assets);
    run->state = "done";
    keep_within_bounds();
    write_down(*run);
}

/// The entry stands behind everything that is decided later. It starts nothing, so nobody waits for it.
void Scenarios::write_down(const Run& run) {
    const FinishedRun& finished = *run.finished;
    json::Object risks = logged_risks(finished.result);
    const scenario::Scenario& asked = finished.result.scenario;
    audit::Draft draft{.type = "scenario.run",
                       .actor = agents::actor_of(run.caller),
                       .body = json::object({{"run", run.id},
                                             {"scenario", asked.id},
                                             {"place", asked.place},
                                             {"event", scenario::to_string(asked.event)},
                                             {"start", format_utc(asked.start)},
                                             {"hours", asked.hours},
                                             {"seed", static_cast<std::int64_t>(finished.result.seed)},
                                             {"hypothetical", finished.result.hypothetical},
                                             {"assets", static_cast<std::int64_t>(run.assets)},
                                             {"risks", std::move(risks)},
                                             {"input_sha256", finished.input_sha256},
                                             {"result_sha256", run.result_sha256}})};
    spawn(parts_.executor, keep_input(parts_.journal, run.finished, std::move(draft)));
}

void Scenarios::keep_within_bounds() {
    const auto oldest = [this] {
        return std::find_if(runs_.begin(), runs_.end(), [](const Shared& run) { return run->is_over(); });
    };
    const auto points = [this] {
        double sum = 0.0;
        for (const Shared& run : runs_) {
            sum += run->finished ? run->points() : 0.0;
        }
        return sum;
    };
    while (runs_.size() > options_.runs_kept || points() > options_.points_kept_max) {
        const auto first = oldest();
        if (first == runs_.end() || *first == runs_.back()) {
            return;  // the newest stays
        }
        runs_.erase(first);
    }
}

ScenarioRunAnswer Scenarios::answer_of(const Run& run) {
    const scenario::Scenario& asked = run.input.scenario;
    ScenarioRunAnswer out{
        .run_id = run.id,
        .state = run.state,
        .done =
            run.assets == 0 ? 0.0 : static_cast<double>(run.done.load()) / static_cast<double>(run.assets),
        .scenario_id = asked.id,
        .title = asked.title,
        .place = asked.place,
        .event = asked.event,
        .start = asked.start,
        .hours = asked.hours,
        .seed = static_cast<std::int64_t>(run.input.seed),
        .assets = static_cast<std::int64_t>(run.assets),
        .by = run.by,
        .asked_at = run.asked_at,
        .fault = run.fault};
    if (run.finished) {
        out.risks = risk_counts(run.finished->result);
        out.elapsed_ms = run.finished->elapsed_ms;
        out.input_sha256 = run.finished->input_sha256;
    }
    return out;
}

std::vector<ScenarioRunAnswer> Scenarios::runs() const {
    std::vector<ScenarioRunAnswer> out;
    for (auto run = runs_.rbegin(); run != runs_.rend(); ++run) {
        out.push_back(answer_of(**run));
    }
    return out;
}

Scenarios::Shared Scenarios::known(const std::string& id) const {
    const auto found =
        std::find_if(runs_.begin(), runs_.end(), [&](const Shared& run) { return run->id == id; });
    return found == runs_.end() ? nullptr : *found;
}

Result<ScenarioRunAnswer> Scenarios::run_answer(const std::string& id) const {
    const Shared run = known(id);
    return run ? Result<ScenarioRunAnswer>(answer_of(*run)) : Error{Errc::not_found, "no run " + id};
}

Result<std::shared_ptr<const FinishedRun>> Scenarios::finished(const std::string& id) const {
    const Shared run = known(id);
    if (!run) {
        return Error{Errc::not_found, "no run " + id};
    }
    if (!run->finished) {
        return Error{Errc::conflict, id + " is " + run->state + ": it has found nothing"};
    }
    return run->finished;
}

Result<ScenarioRunAnswer> Scenarios::cancel(const std::string& id) {
    const Shared run = known(id);
    if (!run) {
        return Error{Errc::not_found, "no run " + id};
    }
    run->is_cancelled.store(true);
    if (run->is_over()) {
        std::erase(runs_, run);
    }
    return answer_of(*run);
}

}  // namespace headroom::desk
