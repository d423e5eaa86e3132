#include "app/run_scenario.hpp"

#include "app/commands.hpp"
#include "app/feed_sources.hpp"
#include "app/progress_bar.hpp"
#include "app/scenario_parts.hpp"
#include "app/scenario_text.hpp"
#include "app/ukpn_assets.hpp"
#include "desk/scenario_files.hpp"
#include "desk/scenario_made.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <utility>

namespace headroom::app {
namespace {

/// A run that is over so soon needs no progress.
constexpr double quick_ms = 200.0;
constexpr const char* asked_here = "command line";

int complain_of_scenario(const Error& error) {
    std::cerr << "headroom scenario: " << error.message
              << (error.pointer.empty() || error.message.find(error.pointer) != std::string::npos
                      ? ""
                      : " (" + error.pointer + ")")
              << "\n";
    return exit_code_of(error);
}

/// What the command needs of the settings and files, read once.
class ScenarioBench {
  public:
    static Result<ScenarioBench> open(const ScenarioCommand& command) {
        Result<LoadedSettings> loaded = load_settings(command.sources);
        if (!loaded) {
            return loaded.error();
        }
        ScenarioSettings chosen = loaded->settings.scenario;
        if (!command.assets_file.empty()) {
            chosen.assets_file = command.assets_file.string();
        }
        Result<scenario::AssetSet> assets = scenario_assets(chosen);
        if (!assets) {
            return Error{Errc::invalid, assets.error().message, assets.error().pointer};
        }
        return ScenarioBench(command, std::move(loaded->settings), std::move(*assets));
    }

    [[nodiscard]] const scenario::AssetSet& assets() const { return assets_; }
    [[nodiscard]] const Settings& settings() const { return settings_; }
    [[nodiscard]] std::filesystem::path feeds_folder() const {
        const std::filesystem::path data =
            command_.data_dir.empty() ? std::filesystem::path(settings_.data.dir) : command_.data_dir;
        return data / "feeds";
    }

    /// What can be run by its id; files that cannot be read are told on stderr.
    [[nodiscard]] desk::ScenarioShelf shelf() const {
        desk::ScenarioShelf out = desk::read_scenario_shelf(settings_.scenario.dir);
        for (const std::string& fault : out.faults) {
            std::cerr << "not listed: " << fault << "\n";
        }
        return out;
    }
    /// A file, or an id.
    [[nodiscard]] Result<scenario::Scenario> scenario(const std::string& what) const {
        std::error_code ignored;
        const std::filesystem::path path(what);
        if (path.extension() == ".toml" || path.extension() == ".json" ||
            std::filesystem::is_regular_file(path, ignored)) {
            return desk::read_scenario_file(path);
        }
        const desk::ScenarioShelf all = shelf();
        if (const auto found = all.scenarios.find(what); found != all.scenarios.end()) {
            return found->second.scenario;
        }
        std::string ids;
        for (const auto& [id, one] : all.scenarios) {
            ids += (ids.empty() ? "" : ", ") + id;
        }
        return Error{Errc::not_found,
                     "there is no scenario " + what + "; there are " + ids + ", and files (TOML or JSON)"};
    }

    Result<std::shared_ptr<desk::FinishedRun>> run(scenario::Scenario asked) {
        if (!command_.start.empty()) {
            const Result<UtcTime> start = parse_utc(command_.start);
            if (!start) {
                return Error{Errc::invalid, "--start: " + start.error().message};
            }
            asked.start = floor_period(*start);
        }
        scenario::RunInput input;
        input.seed = static_cast<std::uint64_t>(command_.seed);
        input.assets = scenario::assets_at(assets_, asked.place);
        if (input.assets.empty()) {
            std::string places;
            for (const std::string& place : scenario::places_of(assets_)) {
                places += (places.empty() ? "" : ", ") + place;
            }
            return Error{Errc::not_found,
                         "there are no assets at '" + asked.place + "'; there are at " + places};
        }
        input.scenario = std::move(asked);
        agents::FoundWeather weather = find_weather(input);
        std::vector<agents::WeatherOrigin> origins = weather.origins;
        input.weather = desk::base_weather(std::move(weather));
        ProgressBar bar("scenario");
        const SteadyTime begun = steady_now();
        Result<desk::MadeRun> made = desk::make_run(
            std::move(input), {.progress = [&bar, begun](std::size_t done, std::size_t all) {
                if (milliseconds_between(begun, steady_now()) > quick_ms) {
                    bar.show(static_cast<double>(done) / static_cast<double>(std::max<std::size_t>(all, 1)),
                             "projecting");
                }
            }});
        if (!made) {
            return made.error();
        }
        made->run->origins = std::move(origins);
        return std::move(made->run);
    }

  private:
    ScenarioBench(const ScenarioCommand& command, Settings settings, scenario::AssetSet assets)
        : command_(command),
          settings_(std::move(settings)),
          assets_(std::move(assets)),
          wall_(make_system_wall_clock()) {}

    agents::FoundWeather find_weather(const scenario::RunInput& input) {
        const agents::WeatherQuery query = desk::weather_query(input.scenario, input.assets);
        if (!command_.asks_services) {
            return agents::assemble_weather(query, std::nullopt, "no service was asked (--ask-services)");
        }
        if (!http_) {
            http_ = feeds_http(settings_.feeds);
            lookup_ = weather_lookup(settings_.feeds, *http_, *wall_, feeds_folder());
        }
        Result<agents::ServiceWeather> said = lookup_->ask(query);
        if (!said) {
            std::cerr << "weather: " << said.error().message << "; the climatology stands in\n";
            return agents::assemble_weather(query, std::nullopt, said.error().message);
        }
        return agents::assemble_weather(query, std::move(*said), "");
    }

    ScenarioCommand command_;
    Settings settings_;
    scenario::AssetSet assets_;
    std::unique_ptr<WallClock> wall_;
    std::unique_ptr<net::HttpClient> http_;
    std::unique_ptr<agents::WeatherLookup> lookup_;
};

json::Value result_value(const desk::FinishedRun& run, const std::string& id) {
    // Every risk's curve is known to the run.
    return to_json(
        *desk::result_answer(run, desk::listed_as(run, id, asked_here), {}, run.result.risks.size()));
}

}  // namespace

int run_scenario_list(const ScenarioCommand& command) {
    const Result<ScenarioBench> bench = ScenarioBench::open(command);
    if (!bench) {
        return complain_of_scenario(bench.error());
    }
    const desk::ScenarioShelf all = bench->shelf();
    if (command.is_json) {
        json::Array scenarios;
        for (const auto& [id, one] : all.scenarios) {
            scenarios.push_back(to_json(desk::scenario_answer(one.scenario, one.is_built_in)));
        }
        const std::vector<std::string> places = scenario::places_of(bench->assets());
        std::cout << json::write(
                         json::Object{{"scenarios", std::move(scenarios)},
                                      {"places", json::Array(places.begin(), places.end())},
                                      {"assets", static_cast<std::int64_t>(bench->assets().assets.size())},
                                      {"source", bench->assets().source}})
                  << "\n";
        return 0;
    }
    for (const auto& [id, one] : all.scenarios) {
        std::cout << fmt::format("{:26} {:16} {:>4} h  {}{}\n", id, scenario::to_string(one.scenario.event),
                                 one.scenario.hours, one.scenario.title,
                                 one.is_built_in ? "" : " (" + one.file + ")");
    }
    std::cerr << bench->assets().assets.size() << " assets: " << bench->assets().source << "\n";
    return 0;
}

int run_scenario_run(const ScenarioCommand& command) {
    Result<ScenarioBench> bench = ScenarioBench::open(command);
    if (!bench) {
        return complain_of_scenario(bench.error());
    }
    std::vector<std::shared_ptr<desk::FinishedRun>> runs;
    for (const std::string& what : {command.what, command.against}) {
        if (what.empty()) {
            continue;
        }
        Result<scenario::Scenario> asked = bench->scenario(what);
        if (!asked) {
            return complain_of_scenario(asked.error());
        }
        Result<std::shared_ptr<desk::FinishedRun>> run = bench->run(std::move(*asked));
        if (!run) {
            return complain_of_scenario(run.error());
        }
        runs.push_back(std::move(*run));
    }
    if (runs.size() == 1) {
        std::cout << (command.is_json ? json::write(result_value(*runs[0], "a")) + "\n"
                                      : result_text(*runs[0], command.lines));
        return 0;
    }
    desk::ScenarioDiffAnswer diff = desk::diff_answer(*runs[0], *runs[1]);
    diff.run = desk::listed_as(*runs[0], "a", asked_here);
    diff.other = desk::listed_as(*runs[1], "b", asked_here);
    if (command.is_json) {
        std::cout << json::write(json::Object{{"run", result_value(*runs[0], "a")},
                                              {"other", result_value(*runs[1], "b")},
                                              {"diff", to_json(diff)}})
                  << "\n";
    } else {
        std::cout << diff_text(diff, *runs[0], *runs[1], command.lines);
    }
    return 0;
}

int run_scenario_assets(const ScenarioCommand& command) {
    const Result<ScenarioBench> bench = ScenarioBench::open(command);
    if (!bench) {
        return complain_of_scenario(bench.error());
    }
    const Result<scenario::AssetSet> set =
        command.is_ukpn ? fetch_ukpn_assets(bench->settings().feeds, bench->feeds_folder(), command.near_km)
                        : Result<scenario::AssetSet>(bench->assets());
    if (!set) {
        return complain_of_scenario(set.error());
    }
    if (!command.out.empty()) {
        std::ofstream file(command.out, std::ios::binary | std::ios::trunc);
        file << scenario::write_asset_set(*set) << "\n";
        file.close();
        if (!file) {
            return complain_of_scenario(
                {Errc::unavailable, "the file " + command.out.string() + " cannot be written"});
        }
    }
    if (command.is_json) {
        std::cout << scenario::write_asset_set(*set) << "\n";
    } else {
        std::map<std::string, std::pair<std::size_t, double>> types;
        for (const scenario::Asset& asset : set->assets) {
            auto& [count, kw] = types[std::string(scenario::to_string(asset.type))];
            count += 1;
            kw += asset.capacity_kw;
        }
        std::cout << fmt::format("{}{}\n{}\n", set->title.empty() ? set->name : set->title,
                                 set->illustrative ? " (illustrative)" : "", set->source);
        for (const auto& [type, sums] : types) {
            std::cout << fmt::format("{:14} {:>7}  {:>12.0f} kW\n", type, sums.first, sums.second);
        }
    }
    for (const std::string& note : set->notes) {
        std::cerr << "note: " << note << "\n";
    }
    return 0;
}

}  // namespace headroom::app
