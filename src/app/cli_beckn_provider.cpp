#include "app/cli_beckn.hpp"
#include "app/run_beckn_serve_bpp.hpp"

namespace headroom::app {

void add_beckn_serve_bpp(CLI::App& group, Action& action) {
    auto* command = group.add_subcommand(
        "serve-bpp", "Run simulated providers of flexibility and computing power, with faults to switch on");
    static BecknServeBppCommand options;
    ProviderHouseOptions& house = options.house;
    command->add_option("--port", options.port, "TCP port; 0 takes a free one")
        ->check(CLI::Range(0, 65535))
        ->capture_default_str();
    command->add_option("--host", options.host, "Address to listen on")
        ->type_name("ADDRESS")
        ->capture_default_str();
    command
        ->add_option("--catalogue", house.catalogue,
                     "Catalogue file (docs/formats/beckn-provider.md), or sim for the DERs of a simulated "
                     "world; left out: the built-in one")
        ->type_name("FILE");
    command->add_option("--faults", house.faults, "Fault file (docs/formats/beckn-provider.md)")
        ->check(CLI::ExistingFile)
        ->type_name("FILE");
    command
        ->add_option(
            "--fault", house.fault_rules,
            "A fault and its chance, such as drop=0.2, confirm:crash=0.05 or all=0.2; may be repeated")
        ->type_name("FAULT");
    auto* seed = command->add_option("--seed", house.seed, "Seed of keys and faults")->capture_default_str();
    command
        ->add_option("--dialect", options.dialect,
                     "What is spoken to a message that does not say; an answer is in the request's dialect")
        ->check(CLI::IsMember({"0.9.3", "1.1", "2.0-rc1", "2.0"}))
        ->capture_default_str();
    command
        ->add_option(
            "--data-dir", house.data_dir,
            "Folder of the order books, which survive a kill (left out: one that is removed at the end)")
        ->type_name("DIR");
    command
        ->add_option(
            "--buyer", options.buyers,
            "Whose messages are taken: 'SUBSCRIBER|KEY ID|PUBLIC KEY', and behind another | where its "
            "callbacks may go; may be repeated")
        ->type_name("KEY");
    command->add_flag("--open", house.is_open, "Take messages without a look at their signatures");
    command->add_option("--public-url", house.public_url, "What bpp_uri says, where that is not this address")
        ->type_name("URL");
    command
        ->add_option("--allow-private", house.allow_private,
                     "Private address that callbacks may go to, host:port or host:*; may be repeated")
        ->type_name("HOST:PORT");
    command->add_option("--ttl", options.ttl_s, "How long a message of theirs stays valid")
        ->check(CLI::Range(1, 3600))
        ->type_name("SECONDS")
        ->capture_default_str();
    command->add_option("--quote-ttl", options.quote_ttl_s, "How long a quote holds its power")
        ->check(CLI::Range(1, 86400))
        ->type_name("SECONDS")
        ->capture_default_str();
    command->add_flag("--die", options.dies_in_a_crash,
                      "The fault crash kills this process; left out, it only forgets what is not written");
    command->add_flag("--print-catalogue", options.prints_catalogue,
                      "Print the built-in catalogue and end: a start for one's own");
    command->add_flag("--json", options.is_json, "Say addresses and keys as one JSON object on stdout");
    command->footer(
        "Example:\n  headroom beckn serve-bpp --port 9090 --buyer 'headroom.example|k-1|BASE64' "
        "--data-dir bpp-data\n  headroom beckn serve-bpp --open --fault all=0.2 --seed 11");
    command->callback([&action, seed] {
        action = [seed] {
            options.house.has_seed = seed->count() > 0;
            return run_beckn_serve_bpp(options);
        };
    });
}

}  // namespace headroom::app
