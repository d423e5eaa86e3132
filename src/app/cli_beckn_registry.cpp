#include "app/cli_beckn.hpp"
#include "app/run_beckn_registry.hpp"

namespace headroom::app {

void add_beckn_registry(CLI::App& group, Action& action) {
    auto* command = group.add_subcommand("registry",
                                         "Be the registry of a network, its gateway and its discovery "
                                         "service: POST /lookup and /subscribe, with challenges, /search, "
                                         "/catalog/publish and /discover");
    static BecknRegistryCommand options;
    command->add_option("--host", options.host, "Address to listen on")
        ->type_name("ADDRESS")
        ->capture_default_str();
    command->add_option("--port", options.port, "TCP port; 0 takes a free one")->capture_default_str();
    command->add_option("--data-dir", options.data_dir, "Folder of its keys and its book")
        ->type_name("DIR")
        ->capture_default_str();
    command->add_option("--subscriber", options.subscriber, "Its own id")
        ->type_name("ID")
        ->capture_default_str();
    command
        ->add_option("--allow", options.allow,
                     "Who may be called with a challenge, such as bpp.example:443 or 10.0.0.7:*; may be "
                     "repeated (default: this machine)")
        ->type_name("HOST:PORT");
    command->add_flag("--signed-lookups", options.needs_signed_lookups, "Only subscribers may look keys up");
    auto* gateway =
        command
            ->add_option(
                "--gateway", options.gateway,
                "Be the network's gateway too, under this id: hand searches of 1.x on to every provider "
                "that is registered for their domain")
            ->type_name("ID");
    command->add_option("--domain", options.domain, "What the gateway is listed for")
        ->needs(gateway)
        ->capture_default_str();
    auto* discovery =
        command
            ->add_option("--discovery", options.discovery,
                         "Be the network's discovery service too, under this id: providers publish their "
                         "catalogues to it, and discover of 2.0 is answered from them")
            ->type_name("ID");
    command
        ->add_option("--capture", options.capture,
                     "Write every message that the discovery service takes or sends to the end of this file, "
                     "as lines of JSON")
        ->needs(discovery)
        ->type_name("FILE");
    command->add_flag("--json", options.is_json, "One JSON object on stdout, once it listens");
    command->footer(
        "Example:\n  headroom beckn registry --port 8090 --data-dir beckn-registry --gateway "
        "gateway.example\n  headroom beckn registry --port 8090 --discovery discovery.example");
    command->callback([&action] { action = [] { return run_beckn_registry(options); }; });
}

void add_beckn_subscribe(CLI::App& group, Action& action) {
    auto* command = group.add_subcommand(
        "subscribe", "Have a registry list a key: signs the request and answers the challenge");
    static BecknSubscribeCommand options;
    command->add_option("--registry", options.registry, "Base address of the registry")
        ->required()
        ->type_name("URL");
    command->add_option("--subscriber", options.subscriber, "Our id in the network")
        ->required()
        ->type_name("ID");
    command
        ->add_option("--url", options.url,
                     "Base of our callbacks; until the challenge is answered this command listens there")
        ->required()
        ->type_name("URL");
    command->add_option("--key-file", options.key_file, "Secret key, as headroom beckn keygen makes it")
        ->required()
        ->type_name("FILE");
    command->add_option("--key-id", options.key_id, "The key's name (default: made from the public key)")
        ->type_name("ID");
    command->add_option("--type", options.type, "What we are to the network")
        ->check(CLI::IsMember({"BAP", "BPP", "BG"}))
        ->capture_default_str();
    command->add_option("--domain", options.domain, "The network's word for this market")
        ->capture_default_str();
    auto* signed_by =
        command
            ->add_option("--signed-by", options.signed_by,
                         "The key that is listed now, when this one is to follow it; both count for a while")
            ->type_name("FILE");
    command->add_option("--signed-by-id", options.signed_by_id, "Its name")
        ->needs(signed_by)
        ->type_name("ID");
    command
        ->add_option("--registry-key", options.registry_key,
                     "Public key of the registry (default: what it says itself)")
        ->type_name("BASE64");
    command->add_flag("--no-listen", options.is_elsewhere, "Somebody else answers /on_subscribe");
    command->add_flag("--json", options.is_json, "One JSON object on stdout");
    command->footer(
        "Example:\n  headroom beckn subscribe --registry http://127.0.0.1:8090 --subscriber headroom.example "
        "--url http://127.0.0.1:8000/beckn --key-file headroom-data/keys/beckn.key");
    command->callback([&action] { action = [] { return run_beckn_subscribe(options); }; });
}

}  // namespace headroom::app
