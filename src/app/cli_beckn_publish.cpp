#include "app/cli_beckn.hpp"
#include "app/run_beckn_publish.hpp"

namespace headroom::app {

void add_beckn_publish(CLI::App& group, Action& action) {
    auto* command = group.add_subcommand(
        "publish", "Publish a catalogue to a discovery service of 2.0, and say what it made of it");
    static BecknPublishCommand options;
    command->add_option("--service", options.service, "The service: 'SUBSCRIBER|KEY ID|PUBLIC KEY|URL'")
        ->required()
        ->type_name("SERVICE");
    command
        ->add_option("--catalogue", options.catalogue,
                     "Catalogue file (docs/formats/beckn-provider.md; left out: the built-in one)")
        ->check(CLI::ExistingFile)
        ->type_name("FILE");
    command->add_option("--provider", options.provider, "Which provider of the file (left out: the first)")
        ->type_name("ID");
    command->add_option("--id", options.name, "The catalogue's id (left out: PROVIDER-catalog)")
        ->type_name("ID");
    command->add_option("--dialect", options.dialect, "Which Beckn is spoken")
        ->check(CLI::IsMember({"2.0-rc1", "2.0"}))
        ->capture_default_str();
    command->add_option("--valid", options.valid_minutes, "How long the catalogue is good for")
        ->check(CLI::Range(1, 10'080))
        ->type_name("MINUTES")
        ->capture_default_str();
    command->add_flag("--withdraw", options.is_withdrawal,
                      "Take back what was published under the id: an empty catalogue takes its place");
    add_self_options(*command, options, 3'600, 600);
    command->footer(
        "The registry of the service has to list our name, key and address. Exit: 0 published, 1 refused "
        "in part or in whole, 2 no answer.\nExample:\n  headroom beckn publish --service "
        "'discovery.example|k-1|BASE64|http://127.0.0.1:8090' --subscriber bpp.example --listen-port 9100");
    command->callback([&action] { action = [] { return run_beckn_publish(options); }; });
}

}  // namespace headroom::app
