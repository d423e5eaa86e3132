#include "app/run_scenario_recompute.hpp"

#include "app/complaint.hpp"
#include "app/scenario_text.hpp"
#include "audit/blob_store.hpp"
#include "audit/cli.hpp"
#include "core/reflect_json.hpp"
#include "desk/scenario_recompute.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <string>

namespace headroom::app {
namespace {

struct RecomputeCommand {
    std::filesystem::path data_dir;
    std::string run;
    std::size_t lines = 20;
    bool is_json = false;
};

void print_recomputed(const desk::RecomputedRun& again, const RecomputeCommand& command) {
    if (command.is_json) {
        const desk::ScenarioRunAnswer listed = desk::listed_as(*again.run, again.run_id, "command line");
        std::cout << json::write(json::Object{
                         {"run_id", again.run_id},
                         {"seq", again.seq},
                         {"at", format_utc(again.at)},
                         {"same", again.same},
                         {"recorded_sha256", again.recorded_sha256},
                         {"recomputed_sha256", again.recomputed_sha256},
                         {"input_sha256", again.run->input_sha256},
                         {"detail", again.detail},
                         {"result", to_json(*desk::result_answer(*again.run, listed, {},
                                                                 again.run->result.risks.size()))}})
                  << "\n";
        return;
    }
    std::cout << result_text(*again.run, command.lines)
              << fmt::format(
                     "\n{} {} of {}, entry {}: {}\nresult {}{}\n", again.same ? "same" : "DIFF", again.run_id,
                     format_utc(again.at), again.seq, again.detail, again.recomputed_sha256,
                     again.same || again.recorded_sha256.empty() ? ""
                                                                 : ", recorded " + again.recorded_sha256);
}

int run_recompute(const RecomputeCommand& command) {
    const Result<std::vector<audit::Entry>> runs = audit::read_type(command.data_dir, "scenario.run");
    if (!runs) {
        return complain("scenario recompute", runs.error());
    }
    const Result<const audit::Entry*> entry = desk::find_run(*runs, command.run);
    if (!entry) {
        return complain("scenario recompute", entry.error());
    }
    const auto blob = [&command](const std::string& sha256) -> Result<std::string> {
        const Result<audit::BlobStore> blobs = audit::BlobStore::open(command.data_dir / "blobs");
        return blobs ? blobs->get(sha256) : Result<std::string>(blobs.error());
    };
    const Result<desk::RecomputedRun> again = desk::recompute(**entry, blob);
    if (!again) {
        return complain("scenario recompute", again.error());
    }
    print_recomputed(*again, command);
    return again->same ? 0 : 1;
}

}  // namespace

void add_scenario_recompute(CLI::App& scenario, Action& action) {
    static RecomputeCommand options;
    auto* command = scenario.add_subcommand(
        "recompute", "Make a run of the log again from its stored input, and compare to the bit");
    command
        ->add_option("run", options.run,
                     "The newest run of that id, or the first digits of its input's SHA-256")
        ->required()
        ->type_name("RUN");
    command->add_option("--data-dir", options.data_dir, "The control room's, also while it serves")
        ->required()
        ->type_name("DIR");
    command->add_option("--lines", options.lines, "Lines of the table")
        ->check(CLI::Range(std::size_t{1}, std::size_t{100'000}))
        ->capture_default_str();
    command->add_flag("--json", options.is_json, "One JSON object on stdout");
    command->callback([&action] { action = [] { return run_recompute(options); }; });
    command->footer(
        "Exit: 0 the same, 1 another result or no such run, 65 when log or input are damaged.\nExample:\n"
        "  headroom scenario recompute run-1 --data-dir headroom-data");
}

}  // namespace headroom::app
