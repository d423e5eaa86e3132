#include "app/cli_beckn.hpp"
#include "app/run_beckn_ask.hpp"
#include "app/run_beckn_capture.hpp"
#include "app/run_beckn_serve_bpp.hpp"

#include <array>
#include <cstddef>
#include <string>

namespace headroom::app {

void add_self_options(CLI::App& command, BecknSelf& self, std::int64_t ttl_s_max, std::int64_t wait_s_max) {
    command.add_option("--state", self.state_file, "Small file that is kept between calls")
        ->type_name("FILE")
        ->capture_default_str();
    command.add_option("--subscriber", self.subscriber, "Our name in the network")
        ->type_name("ID")
        ->capture_default_str();
    command.add_option("--key-file", self.key_file, "Our signing key, made when it is not there")
        ->type_name("FILE")
        ->capture_default_str();
    command.add_option("--key-id", self.key_id, "Its name in the registry (left out: made from it)")
        ->type_name("ID");
    command
        .add_option("--public-url", self.public_url,
                    "Our address in messages, where that is not our listener")
        ->type_name("URL");
    command.add_option("--listen-host", self.host, "Address on which the answer is awaited")
        ->type_name("ADDRESS")
        ->capture_default_str();
    command.add_option("--listen-port", self.port, "Its port; 0 takes a free one")->capture_default_str();
    command.add_option("--ttl", self.ttl_s, "How long our messages stay valid")
        ->check(CLI::Range(std::int64_t{1}, ttl_s_max))
        ->type_name("SECONDS")
        ->capture_default_str();
    command.add_option("--wait", self.wait_s, "How long an answer is awaited")
        ->check(CLI::Range(std::int64_t{1}, wait_s_max))
        ->type_name("SECONDS")
        ->capture_default_str();
    command
        .add_option("--allow-private", self.allow_private,
                    "Private address that may be asked, host:port or host:*; may be repeated")
        ->type_name("HOST:PORT");
    command.add_flag("--json", self.is_json, "One JSON object on stdout");
}

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
    command
        ->add_option(
            "--gateway", options.gateways,
            "Whose X-Gateway-Authorization is taken: 'SUBSCRIBER|KEY ID|PUBLIC KEY'; may be repeated")
        ->type_name("KEY");
    command
        ->add_option("--publish", options.services,
                     "Discovery service to publish the catalogues to, at the start and whenever they change: "
                     "'SUBSCRIBER|KEY ID|PUBLIC KEY|URL'; in 2.0-rc1 with --dialect 2.0-rc1, else in 2.0; "
                     "may be repeated")
        ->type_name("SERVICE");
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

void add_beckn_capture(CLI::App& group, Action& action) {
    auto* command = group.add_subcommand(
        "capture",
        "Let a buyer and a simulated provider talk over loopback, and write down every message of both");
    static BecknCaptureCommand options;
    command->add_option("--dialect", options.dialect, "Which Beckn they speak")
        ->check(CLI::IsMember({"0.9.3", "1.1", "2.0-rc1", "2.0"}))
        ->capture_default_str();
    command
        ->add_option("--flow", options.flow,
                     "order: from search to confirm; full: every action, an order given back, in 2.0 windows "
                     "and catalogues")
        ->check(CLI::IsMember({"order", "full"}))
        ->capture_default_str();
    command->add_option("--out", options.out, "File of JSON lines (left out: stdout)")->type_name("FILE");
    command->add_option("--seed", options.seed, "Seed of keys and ids")->capture_default_str();
    command->footer("Example:\n  headroom beckn capture --dialect 1.1 --flow full --out flow.jsonl");
    command->callback([&action] { action = [] { return run_beckn_capture(options); }; });
}

namespace {

/// A verb of the shell: what it says, what it takes beside what all take, and an example.
struct ProviderVerb {
    const char* name;
    const char* description;
    const char* example;
};

void add_amounts(CLI::App& command, BecknAskCommand& options) {
    command.add_option("--from", options.from, "Begin of the first half-hour, RFC 3339 (left out: the next)")
        ->type_name("TIME");
    command.add_option("--kw", options.kw, "Power of each half-hour, one number each")
        ->type_name("KW")
        ->delimiter(',')
        ->check(CLI::Range(0.0, 100000.0));
}

void add_provider_verb(CLI::App& group, Action& action, const ProviderVerb& verb, BecknAskCommand& options) {
    options.verb = verb.name;
    auto* command = group.add_subcommand(verb.name, verb.description);
    command
        ->add_option("--provider", options.provider_url,
                     "Address of the provider (left out: that of the last call)")
        ->type_name("URL");
    auto* key = command
                    ->add_option("--provider-key", options.provider_key,
                                 "Its public key in base64 (left out: a simulator is asked for it)")
                    ->type_name("KEY");
    command->add_option("--provider-id", options.provider_subscriber, "Its name in the network (bpp_id)")
        ->type_name("ID")
        ->needs(key);
    command->add_option("--dialect", options.dialect, "Which Beckn is spoken; an order stays in its own")
        ->check(CLI::IsMember({"0.9.3", "1.1", "2.0-rc1", "2.0"}))
        ->capture_default_str();
    add_self_options(*command, options, 3'600, 600);
    const std::string name(verb.name);
    if (name == "discover") {
        command->add_option("--feeder", options.feeder, "Where the change is needed")
            ->type_name("ID")
            ->capture_default_str();
        command->add_option("--phase", options.phase, "On which phase")
            ->check(CLI::IsMember({"L1", "L2", "L3", "sum"}))
            ->capture_default_str();
        command->add_flag("--turn-up", options.turn_up, "More load is wanted, not less");
    }
    if (name == "select") {
        command
            ->add_option("--item", options.items, "What to buy (left out: the first offer); may be repeated")
            ->type_name("ID");
    }
    if (name == "discover" || name == "select" || name == "update") {
        add_amounts(*command, options);
    }
    if (name == "cancel") {
        command->add_option("--reason", options.reason, "Why")->type_name("TEXT")->capture_default_str();
    }
    if (name == "support") {
        command->add_option("--phone", options.phone, "Where we can be reached")->type_name("NUMBER");
        command->add_option("--email", options.email, "The same by mail")->type_name("ADDRESS");
    }
    if (name == "rating") {
        command->add_option("--value", options.rating, "Points, of 5")
            ->check(CLI::Range(0.0, 5.0))
            ->type_name("POINTS")
            ->capture_default_str();
    }
    command->footer(std::string("Exit: 0 answered, 1 refused, 2 no answer.\nExample:\n  ") + verb.example);
    command->callback([&action, &options] { action = [&options] { return run_beckn_ask(options); }; });
}

}  // namespace

void add_beckn_verbs(CLI::App& group, Action& action) {
    static constexpr std::array<ProviderVerb, 10> verbs{{
        {"discover", "Ask a provider what it offers",
         "headroom beckn discover --provider http://127.0.0.1:9090/mock-bpp/tesla-vpp --feeder F-0101"},
        {"select", "Ask a provider for the price of an offer",
         "headroom beckn select --item of-TVPP-1 --kw 60,40"},
        {"init", "Have the quote held for us", "headroom beckn init"},
        {"confirm", "Make the order: from here on it is owed", "headroom beckn confirm"},
        {"status", "Ask where the order stands", "headroom beckn status --json"},
        {"update", "Fire an armed order", "headroom beckn update --kw 30,20"},
        {"cancel", "Give the order back", "headroom beckn cancel --reason \"the fault is cleared\""},
        {"track", "Ask where the delivery can be watched", "headroom beckn track --json"},
        {"support", "Ask how the provider can be reached about the order", "headroom beckn support"},
        {"rating", "Say how the order went", "headroom beckn rating --value 4.5"},
    }};
    static std::array<BecknAskCommand, verbs.size()> options;
    for (std::size_t i = 0; i < verbs.size(); ++i) {
        add_provider_verb(group, action, verbs[i], options[i]);
    }
}

}  // namespace headroom::app
