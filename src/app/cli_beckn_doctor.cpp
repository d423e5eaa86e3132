#include "app/cli_beckn.hpp"
#include "app/run_beckn_doctor.hpp"

namespace headroom::app {

void add_beckn_doctor(CLI::App& group, Action& action) {
    auto* command = group.add_subcommand(
        "doctor",
        "Explain a signed message offline: which bytes, which key, which rule, which mistake; or sign one");
    static BecknDoctorCommand options;
    command
        ->add_option("--body", options.body, "File with the exact bytes of the body; - reads standard input")
        ->type_name("FILE");
    auto* headers = command
                        ->add_option("--headers", options.headers,
                                     "File with the headers: a line each, or one JSON object")
                        ->type_name("FILE");
    command->add_option("--authorization", options.authorization, "The Authorization header alone")
        ->excludes(headers);
    command->add_option("--request", options.request,
                        "Authorization header of the request that this message answers (2.0)");
    command->add_option("--key", options.key, "The sender's public key; its key id is then not looked at")
        ->type_name("BASE64");
    command->add_option("--keys", options.keys, "File of public keys, as POST /lookup of a registry answers")
        ->type_name("FILE");
    command->add_option("--profile", options.profile, "Signature profile of the peer")
        ->check(CLI::IsMember({"beckn-006", "onix-1.8", "nfh-004"}))
        ->capture_default_str();
    command
        ->add_option("--at", options.at,
                     "Time to judge by: RFC 3339, Unix seconds, or message for its own (default: now)")
        ->type_name("TIME");
    command
        ->add_option("--capture", options.capture,
                     "Instead of one message: a file of evidence, one message a line")
        ->type_name("FILE");
    auto* sign = command->add_flag("--sign", options.is_signing, "Sign the body and print the header");
    command->add_option("--key-file", options.key_file, "Secret key, as headroom beckn keygen makes it")
        ->needs(sign)
        ->type_name("FILE");
    command->add_option("--subscriber", options.subscriber, "Who signs")->needs(sign)->type_name("ID");
    command->add_option("--key-id", options.key_id, "The key's name in the registry")
        ->needs(sign)
        ->type_name("ID");
    command->add_option("--ttl", options.ttl_s, "Seconds that the signature is good for")
        ->needs(sign)
        ->check(CLI::Range(1, 86'400))
        ->capture_default_str();
    command->add_flag("--json", options.is_json, "JSON on stdout");
    command->footer(
        "Exit: 0 all is well, 1 something is wrong with the message, 2 usage.\nExample:\n  headroom beckn "
        "doctor --body body.json --headers headers.txt --keys keys.json --at message\n  headroom beckn "
        "doctor "
        "--sign --body body.json --key-file headroom-data/keys/beckn.key --subscriber headroom.example");
    command->callback([&action] {
        if (options.body.empty() == options.capture.empty()) {
            throw CLI::RequiredError("either --body FILE or --capture FILE");
        }
        action = [] { return run_beckn_doctor(options); };
    });
}

}  // namespace headroom::app
