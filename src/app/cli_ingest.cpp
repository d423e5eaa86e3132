#include "app/cli_parts.hpp"
#include "app/run_ingest.hpp"

namespace headroom::app {

void add_ingest(CLI::App& app, Action& action) {
    auto* command = app.add_subcommand("ingest", "Replay files of readings into a running control room");
    static IngestCommand options;
    static SettingsFlags flags;
    static std::string speed = "max";
    flags.add_to(*command);
    command
        ->add_option("FILE", options.files,
                     "Files of readings (CSV, plain or gzip); the format is recognised")
        ->required()
        ->check(CLI::ExistingFile);
    command
        ->add_option(
            "--to", options.to,
            "The server's address (else $HEADROOM_SERVER, else the server of the data directory, else "
            "http://127.0.0.1 at server.port)")
        ->type_name("URL");
    command->add_option("--data-dir", options.data_dir, "Data directory of the server")->type_name("DIR");
    command->add_option("--key-file", options.key_file, "File with an API key (else $HEADROOM_KEY)")
        ->type_name("FILE");
    command
        ->add_option(
            "--speed", speed,
            "1: as fast as it was measured; 60: an hour a minute; max: as fast as the server takes it")
        ->check([](const std::string& text) {
            const Result<std::optional<double>> parsed = parse_speed(text);
            return parsed ? std::string() : parsed.error().message;
        })
        ->capture_default_str();
    command->add_option("--patience", options.patience_s, "Seconds to wait for a server that is busy or away")
        ->check(CLI::Range(0.0, 86400.0))
        ->capture_default_str();
    command->add_flag("--json", options.is_json, "One JSON object on stdout");
    command->footer(
        "Every reading is accounted for: sent = accepted + duplicates + conflicts + quarantined.\nExample:\n "
        " "
        "headroom ingest lv_feeders_10min.csv.gz --to http://127.0.0.1:8000 --speed 60");
    command->callback([&action] {
        action = [] {
            options.sources = flags.sources();
            options.speed = parse_speed(speed).value();
            return run_ingest(options);
        };
    });
}

}  // namespace headroom::app
