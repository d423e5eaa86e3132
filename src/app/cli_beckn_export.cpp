#include "agents/market_evidence.hpp"
#include "app/cli_beckn.hpp"
#include "app/complaint.hpp"

#include <fstream>
#include <iostream>

namespace headroom::app {
namespace {

struct ExportCommand {
    std::string data_dir;
    std::string out;
    agents::EvidenceQuery query;
};

int run_export(const ExportCommand& command) {
    if (command.out.empty()) {
        const Result<std::size_t> lines = agents::export_evidence(command.data_dir, command.query, std::cout);
        return lines ? 0 : complain("beckn export", lines.error());
    }
    std::ofstream file(command.out, std::ios::binary | std::ios::trunc);
    if (!file) {
        return complain("beckn export",
                        {Errc::unavailable, "the file " + command.out + " cannot be written", ""});
    }
    const Result<std::size_t> lines = agents::export_evidence(command.data_dir, command.query, file);
    file.close();
    if (!lines || !file) {
        return complain("beckn export", !lines ? lines.error()
                                               : Error{Errc::unavailable,
                                                       "the file " + command.out + " was not written", ""});
    }
    std::cerr << *lines << " messages in " << command.out << "\n";
    return 0;
}

}  // namespace

void add_beckn_export(CLI::App& group, Action& action) {
    auto* command = group.add_subcommand(
        "export", "Write every Beckn message of a data folder, as it crossed the wire, as lines of JSON");
    static ExportCommand options;
    command->add_option("--data-dir", options.data_dir, "Data folder; a server may be running on it")
        ->type_name("DIR")
        ->required();
    command->add_option("--event", options.query.event, "Only the messages of this event")
        ->type_name("EVENT");
    command->add_option("--out", options.out, "Write to this file (default: stdout)")->type_name("FILE");
    command->add_flag("--refused", options.query.with_refused,
                      "Also messages that were refused for their signature");
    command->footer("Example:\n  headroom beckn export --data-dir headroom-data --out evidence.jsonl");
    command->callback([&action] { action = [] { return run_export(options); }; });
}

}  // namespace headroom::app
