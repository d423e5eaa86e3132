#pragma once

#include "agents/journal.hpp"
#include "agents/scenario_weather.hpp"
#include "core/async.hpp"
#include "core/caller.hpp"
#include "core/clock.hpp"
#include "desk/scenario_results.hpp"
#include "scenario/asset_set.hpp"
#include "scenario/scenario_file.hpp"

#include <atomic>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace headroom::desk {

struct ScenarioOptions {
    std::filesystem::path dir;      ///< of users' scenario files; empty for none
    std::size_t runs_kept = 24;     ///< beyond, the oldest that is over is let go of
    std::size_t waiting_max = 8;    ///< runs in hand; more are refused
    double points_max = 6e6;        ///< assets times half-hours of one run
    double points_kept_max = 12e6;  ///< of all kept results together
};

/// What is asked of a run.
struct ScenarioOrder {
    scenario::Scenario scenario;
    std::uint64_t seed = 1;
};

/// Scenarios for all doors: which there are, runs of them on a thread of their own, and what runs found.
///
/// A run's weather is asked for on the io thread's time (agents/scenario_weather), the projection has a
/// worker, one after the other. Each finished run is entry `scenario.run` of the audit log with its input as
/// a blob, from which the same result comes again (scenario/run_input.hpp). One io_context thread.
class Scenarios {
  public:
    struct Parts {
        asio::any_io_executor executor;
        WallClock& wall;
        agents::Journal& journal;
        agents::ScenarioWeather& weather;
        scenario::AssetSet assets;                           ///< the London set, or the user's own
        std::function<scenario::AssetSet()> network_assets;  ///< of the control room's own network, now
        /// What was recorded of its assets, by id; empty: they are projected from their class profiles.
        std::function<Awaitable<std::map<std::string, scenario::History>>(std::vector<std::string> ids)>
            histories = {};
    };
    Scenarios(Parts parts, ScenarioOptions options);
    ~Scenarios();
    Scenarios(const Scenarios&) = delete;
    Scenarios& operator=(const Scenarios&) = delete;

    /// Built-in ones and those of the folder, which is read anew.
    Awaitable<ScenariosAnswer> list();
    /// One by id. Errors: `not_found`.
    Awaitable<Result<scenario::Scenario>> find(std::string id);

    /// Whether a run would be taken on, and over how many assets. Errors: as `start`.
    [[nodiscard]] Result<std::size_t> check(const ScenarioOrder& order) const;
    /// Takes a run on; it goes on by itself. Errors: `not_found` for a place without assets or lost elements
    /// that are none, `invalid` for more than can be projected, `unavailable` when too many wait.
    Result<ScenarioRunAnswer> start(ScenarioOrder order, const Caller& caller);
    struct Told {
        std::string run_id;
        std::shared_ptr<const FinishedRun> run;
    };
    /// Takes one on and waits for its end. Errors: as `start`; those of the projection; `conflict` when it
    /// was cancelled.
    Awaitable<Result<Told>> run(ScenarioOrder order, Caller caller);

    /// Newest first.
    [[nodiscard]] std::vector<ScenarioRunAnswer> runs() const;
    /// Errors: `not_found`.
    [[nodiscard]] Result<ScenarioRunAnswer> run_answer(const std::string& id) const;
    /// Of a run that is done. Errors: `not_found`, `conflict` when it is not done.
    [[nodiscard]] Result<std::shared_ptr<const FinishedRun>> finished(const std::string& id) const;
    /// Stops one that waits or runs, lets go of one that is over. Errors: `not_found`.
    Result<ScenarioRunAnswer> cancel(const std::string& id);

    /// Nothing waits or runs.
    [[nodiscard]] bool idle() const { return in_hand_ == 0; }

  private:
    struct Run;
    using Shared = std::shared_ptr<Run>;

    [[nodiscard]] Result<std::vector<scenario::Asset>> assets_of(const ScenarioOrder& order) const;
    Result<Shared> take_on(ScenarioOrder order, const Caller& caller);
    Awaitable<void> work(Shared run);
    Awaitable<void> add_histories(Shared run);
    void keep_within_bounds();
    void write_down(const Run& run);
    [[nodiscard]] Shared known(const std::string& id) const;
    [[nodiscard]] static ScenarioRunAnswer answer_of(const Run& run);

    Parts parts_;
    ScenarioOptions options_;
    std::deque<Shared> runs_;  // oldest first
    std::uint64_t last_id_ = 0;
    std::size_t in_hand_ = 0;
    Worker reader_;     // of files
    Worker projector_;  // last: joined before what its jobs use goes
};

}  // namespace headroom::desk
