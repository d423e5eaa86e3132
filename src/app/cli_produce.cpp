#include "app/cli_parts.hpp"
#include "app/run_produce.hpp"

#include <iostream>

namespace headroom::app {

void add_produce(CLI::App& app, Action& action) {
    auto* command = app.add_subcommand(
        "produce", "Publish a file of readings as live pulses to Kafka or MQTT, with the current time");
    static ProduceCommand options;
    static std::string every = "5s";
    command
        ->add_option("FILE", options.file, "File of readings (CSV, plain or gzip); the format is recognised")
        ->required()
        ->check(CLI::ExistingFile);
    command
        ->add_option(
            "--to", options.to,
            "kafka://host:port/topic or mqtt://host:port/topic; in an MQTT topic {feeder} and {phase} stand "
            "for a level each")
        ->required()
        ->type_name("URL");
    auto* pause = command->add_option("--every", every, "Time between two times of the file: 5s, 250ms, 0")
                      ->capture_default_str()
                      ->type_name("TIME");
    command
        ->add_option("--speed", options.speed,
                     "The file's own distances of time instead, so many times as fast")
        ->check(CLI::Range(0.001, 1e9))
        ->excludes(pause);
    command->add_option("--batch", options.batch, "Readings in one message, at most")
        ->check(CLI::Range(1, 10'000))
        ->capture_default_str();
    command
        ->add_option("--format", options.format,
                     "json (an array when batched), json-array, or binary (compact batches)")
        ->check(CLI::IsMember({"json", "json-array", "binary"}))
        ->capture_default_str();
    command->add_option("--count", options.count, "Times of the file to publish; 0: all")
        ->capture_default_str();
    command->add_flag("--json", options.is_json, "One JSON object on stdout");
    command->footer(
        "Example:\n  headroom produce feeders.csv --to kafka://127.0.0.1:9092/readings\n  headroom produce "
        "feeders.csv "
        "--to 'mqtt://127.0.0.1:1883/readings/{feeder}/{phase}' --every 1s");
    command->callback([&action] {
        const Result<milliseconds> parsed = parse_pause(every);
        if (!parsed) {
            throw CLI::ValidationError("--every: " + parsed.error().message);
        }
        options.every = *parsed;
        action = [] { return run_produce(options); };
    });
}

}  // namespace headroom::app
