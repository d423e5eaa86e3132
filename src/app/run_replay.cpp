#include "app/commands.hpp"
#include "app/replay_readings.hpp"
#include "audit/blob_store.hpp"
#include "audit/cli.hpp"
#include "desk/replay_event.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>

namespace headroom::app {

int run_replay_readings(const ReplayReadingsCommand& command) {
    ReplayOptions options;
    options.file = command.readings;
    if (!command.grid.empty()) {
        options.grid = command.grid;
    }
    options.rating_percentile = command.rating_percentile;
    options.progress = [](std::uint64_t readings) { std::cerr << "\rreadings: " << readings << std::flush; };
    const Result<json::Object> answer = replay_readings(options);
    std::cerr << "\n";
    if (!answer) {
        std::cerr << "headroom replay: " << answer.error().message << "\n";
        return exit_code_of(answer.error());
    }
    if (command.is_json) {
        std::cout << json::write(*answer) << "\n";
        return 0;
    }
    const json::Value view(*answer);
    std::cout << fmt::format("{}: {} readings, {} accepted, {} feeders, limits from {}\n",
                             view.text("/format"), view.integer("/readings"), view.integer("/accepted"),
                             view.integer("/feeders"), view.text("/limits_from"));
    if (const json::Value* overloads = view.get("overloads");
        overloads != nullptr && overloads->as_array() != nullptr) {
        for (const json::Value& overload : *overloads->as_array()) {
            std::cout << fmt::format("  {:<8} {} {}  {} – {}  peak {:.1f} kW, {:.1f} kWh over\n",
                                     overload.text("/level"), overload.text("/feeder_id"),
                                     overload.text("/phase"), overload.text("/start"), overload.text("/end"),
                                     overload.number("/peak_kw"), overload.number("/energy_kwh"));
        }
    }
    if (const json::Value* findings = view.get("data_quality");
        findings != nullptr && findings->as_array() != nullptr) {
        for (const json::Value& finding : *findings->as_array()) {
            std::cout << fmt::format("  data: {} {}: {}\n", finding.text("/point_id"), finding.text("/kind"),
                                     finding.text("/detail"));
        }
    }
    return 0;
}

int run_replay_event(const ReplayEventCommand& command) {
    const Result<std::vector<audit::Entry>> entries = audit::read_event(command.data_dir, command.event);
    if (!entries) {
        std::cerr << "headroom replay: " << entries.error().message << "\n";
        return exit_code_of(entries.error());
    }
    const auto blob = [&command](const std::string& sha256) -> Result<std::string> {
        const Result<audit::BlobStore> blobs = audit::BlobStore::open(command.data_dir / "blobs");
        return blobs ? blobs->get(sha256) : Result<std::string>(blobs.error());
    };
    const Result<std::vector<desk::ReplayedDecision>> decisions = desk::replay_decisions(*entries, blob);
    if (!decisions) {
        std::cerr << "headroom replay: " << decisions.error().message << "\n";
        return exit_code_of(decisions.error());
    }
    const bool same =
        std::all_of(decisions->begin(), decisions->end(), [](const auto& item) { return item.same; });
    if (command.is_json) {
        json::Array list;
        for (const desk::ReplayedDecision& item : *decisions) {
            list.emplace_back(json::Object{{"seq", item.seq},
                                           {"type", item.type},
                                           {"decision", item.decision},
                                           {"same", item.same},
                                           {"recorded_sha256", item.recorded_sha256},
                                           {"replayed_sha256", item.replayed_sha256},
                                           {"detail", item.detail}});
        }
        std::cout << json::write(json::Object{
                         {"event_id", command.event}, {"same", same}, {"decisions", std::move(list)}})
                  << "\n";
    } else {
        for (const desk::ReplayedDecision& item : *decisions) {
            std::cout << fmt::format("{} {:>6} {:<18} {}  {}\n", item.same ? "same" : "DIFF", item.seq,
                                     item.decision, item.replayed_sha256.substr(0, 16), item.detail);
        }
        std::cout << (same ? "every decision comes out to the same bytes\n"
                           : "a decision comes out differently\n");
    }
    return same && !decisions->empty() ? 0 : 1;
}

}  // namespace headroom::app
