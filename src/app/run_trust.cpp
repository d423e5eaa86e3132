#include "app/run_trust.hpp"

#include "app/cli_parts.hpp"
#include "app/commands.hpp"
#include "app/trust_score.hpp"

#include <fmt/format.h>

#include <iostream>

namespace headroom::app {
namespace {

Result<TrustScore> score_of(const TrustScoreCommand& command, const Progress& progress) {
    if (!command.readings.empty()) {
        return score_readings(command.readings, command.out, progress);
    }
    if (!command.nab.empty()) {
        return score_nab(command.nab, command.out, progress);
    }
    return score_fdia(command.fdia, command.samples_a_day, command.out, progress);
}

}  // namespace

int run_trust_score(const TrustScoreCommand& command) {
    const Progress progress = [](std::uint64_t rows) { std::cerr << "\rrows: " << rows << std::flush; };
    const Result<TrustScore> score = score_of(command, progress);
    std::cerr << "\n";
    if (!score) {
        std::cerr << "headroom trust score: " << score.error().message << "\n";
        return exit_code_of(score.error());
    }
    std::cout << fmt::format("{} samples of {} {}, {} alarms, written to {}\n", score->samples, score->places,
                             score->places == 1 ? "place" : "places", score->alarms, command.out.string());
    if (!score->detail.empty()) {
        std::cout << score->detail << "\n";
    }
    return 0;
}

void add_trust(CLI::App& app, Action& action) {
    auto* trust = app.add_subcommand("trust", "What readings are worth");
    trust->require_subcommand(1);
    trust->footer("Example:\n  headroom trust score --readings readings.csv.gz --out alarms.csv");
    add_trust_desk(*trust, action);
    auto* command = trust->add_subcommand(
        "score", "Run the trust layers over a file and write their alarms for a scorer");
    static TrustScoreCommand options;
    auto* readings =
        command
            ->add_option("--readings", options.readings,
                         "LV readings, timestamp,substation,feeder,phase,kw, feeder 0 the busbar (CSV, plain "
                         "or gzip); writes substation,timestamp,feeder and the evidence")
            ->check(CLI::ExistingFile);
    auto* fdia = command
                     ->add_option("--fdia", options.fdia,
                                  "Folder with a network's model h.csv and its measurements z.csv.gz; writes "
                                  "t,alarm,score")
                     ->type_name("DIR")
                     ->check(CLI::ExistingDirectory)
                     ->excludes(readings);
    command
        ->add_option("--nab", options.nab,
                     "Folder with data/<group>/<file>.csv of timestamp,value; writes a folder of "
                     "timestamp,score")
        ->type_name("DIR")
        ->check(CLI::ExistingDirectory)
        ->excludes(readings)
        ->excludes(fdia);
    command->add_option("--samples-a-day", options.samples_a_day, "How many samples of --fdia are a day")
        ->check(CLI::Range(24, 1440))
        ->capture_default_str();
    command->add_option("--out", options.out, "Where the alarms go")->type_name("PATH")->required();
    command->footer(
        "Example:\n  headroom trust score --readings readings.csv.gz --out alarms.csv\n  headroom trust "
        "score --fdia fdia14 --out alarms.csv");
    command->callback([&action] {
        if (options.readings.empty() && options.fdia.empty() && options.nab.empty()) {
            throw CLI::RequiredError("--readings FILE, --fdia DIR or --nab DIR");
        }
        action = [] { return run_trust_score(options); };
    });
}

}  // namespace headroom::app
