#include "app/cli_beckn.hpp"
#include "app/run_beckn_bid.hpp"
#include "app/run_needs.hpp"

#include <memory>

namespace headroom::app {
namespace {

using Run = int (*)(const NeedsCommand&);

/// One command below `beckn need`: its options live as long as its callback.
class Verb {
  public:
    Verb(CLI::App& needs, Action& action, const char* name, const char* about, Run run)
        : command_(*needs.add_subcommand(name, about)), held_(std::make_shared<Held>()) {
        held_->flags.add_to(command_);
        add_server_options(command_, held_->options.server);
        command_.callback([&action, held = held_, run] {
            action = [held, run] {
                held->options.server.sources = held->flags.sources();
                return run(held->options);
            };
        });
    }
    CLI::App* operator->() { return &command_; }
    [[nodiscard]] NeedsCommand& options() { return held_->options; }
    Verb& with_reason() {
        command_.add_option("--reason", options().reason, "Why, for the audit log")->required();
        return *this;
    }
    Verb& of_need() {
        command_.add_option("need", options().need, "Need")->required()->type_name("NEED");
        return with_reason();
    }
    void examples(const std::string& lines) { command_.footer("Example:\n" + lines); }

  private:
    struct Held {
        NeedsCommand options;
        SettingsFlags flags;
    };
    CLI::App& command_;
    std::shared_ptr<Held> held_;
};

void add_publish(CLI::App& needs, Action& action) {
    Verb verb(needs, action, "publish", "Publish a need, so that aggregators come with bids",
              run_need_publish);
    NeedsCommand& options = verb.options();
    auto* file = verb->add_option("--terms", options.file, "Terms as JSON: docs/formats/beckn-need.md")
                     ->type_name("FILE");
    verb->add_option("--id", options.need, "Its id (left out: made from feeder and start)")->type_name("ID");
    verb->add_option("--feeder", options.feeder, "Where less load is wanted")
        ->type_name("ID")
        ->excludes(file);
    verb->add_option("--start", options.start, "Begin of the first half-hour")
        ->type_name("TIME")
        ->excludes(file);
    verb->add_option("--kw", options.kw, "Wanted in each half-hour")
        ->type_name("KW")
        ->delimiter(',')
        ->excludes(file);
    verb->add_option("--rule", options.rule, "fixed_price, or pay_as_clear with step bids")
        ->check(CLI::IsMember({"fixed_price", "pay_as_clear"}))
        ->capture_default_str();
    verb->add_option("--price", options.prices, "Paid for a kWh, one for each half-hour or one for all")
        ->type_name("GBP")
        ->delimiter(',');
    verb->add_option("--shortfall", options.shortfall, "Charged for a kWh that was promised and did not come")
        ->type_name("GBP")
        ->delimiter(',');
    verb->add_option("--ceiling", options.ceiling, "pay_as_clear: the most for a kWh")->type_name("GBP");
    verb->add_option("--gate", options.gate, "Bids are taken until then (left out: an hour before the start)")
        ->type_name("TIME");
    verb->add_option("--next-round", options.next_round_minutes,
                     "pay_as_clear: what a clearing leaves open is wanted again for so long")
        ->type_name("MINUTES");
    verb->add_flag("--dry-run", options.is_dry_run, "Say what would be published");
    verb.with_reason().examples(
        "  headroom beckn need publish --feeder LV-001 --start 2027-01-14T17:00:00Z --kw 60,40 --price 0.3 "
        "--shortfall 0.1 --reason \"evening peak\"\n"
        "  headroom beckn need publish --feeder LV-001 --start 2027-01-14T17:00:00Z --kw 60,40 --rule "
        "pay_as_clear "
        "--ceiling 0.4 --reason \"evening peak\"");
}

}  // namespace

void add_beckn_need(CLI::App& group, Action& action) {
    auto* needs = group.add_subcommand("need", "What a running server wants from aggregators");
    needs->require_subcommand(1);
    needs->footer("Example:\n  headroom beckn need list");
    add_publish(*needs, action);

    Verb list(*needs, action, "list", "Needs, with who has come and what was cleared", run_needs_list);
    list->add_option("--state", list.options().state, "Only these")
        ->check(CLI::IsMember({"open", "closed", "withdrawn"}));
    list.examples("  headroom beckn need list --state open");

    Verb withdraw(*needs, action, "withdraw", "Take no more bids; contracts stand", run_need_withdraw);
    withdraw.of_need().examples(
        "  headroom beckn need withdraw need-20270114-LV-001 --reason \"relieved by switching\"");

    Verb clear(*needs, action, "clear", "Close the gate now: step bids are cleared", run_need_clear);
    clear.of_need().examples(
        "  headroom beckn need clear need-20270114-LV-001 --reason \"enough bids have come\"");
}

void add_beckn_bid(CLI::App& group, Action& action) {
    auto* command = group.add_subcommand(
        "bid", "Come to a buyer's need as an aggregator: discover, select, init and confirm in Beckn 2.0");
    static BecknBidCommand options;
    command->add_option("--buyer", options.buyer_url, "Address of the buyer's Beckn endpoints")
        ->required()
        ->type_name("URL");
    command->add_option("--buyer-id", options.buyer_subscriber, "Its name in the network (bpp_id)")
        ->required()
        ->type_name("ID");
    command->add_option("--buyer-key", options.buyer_key, "Its public key in base64")
        ->required()
        ->type_name("KEY");
    command->add_option("--need", options.need, "Which need (left out: the first that is told)")
        ->type_name("ID");
    command->add_option("--kw", options.kw, "Power for each slot, or one for all")
        ->type_name("KW")
        ->delimiter(',')
        ->check(CLI::Range(0.0, 100000.0));
    command
        ->add_option("--step", options.steps, "A step of a curve for every slot: KW@PRICE; may be repeated")
        ->type_name("KW@GBP");
    command->add_option("--meter", options.meters, "A meter that delivers; may be repeated")->type_name("ID");
    command->add_option("--seller", options.seller, "In whose name (left out: our own)")->type_name("ID");
    command->add_option("--until", options.until, "The last step")
        ->check(CLI::IsMember({"discover", "select", "init", "confirm"}))
        ->capture_default_str();
    command->add_option("--state", options.state_file, "Small file for status, update and cancel afterwards")
        ->type_name("FILE")
        ->capture_default_str();
    command->add_option("--subscriber", options.subscriber, "Our name in the network (bap_id)")
        ->type_name("ID")
        ->capture_default_str();
    command->add_option("--key-file", options.key_file, "Our signing key, made when it is not there")
        ->type_name("FILE")
        ->capture_default_str();
    command->add_option("--key-id", options.key_id, "Its name in the registry (left out: made from it)")
        ->type_name("ID");
    command
        ->add_option("--public-url", options.public_url, "What bap_uri says, where that is not our listener")
        ->type_name("URL");
    command->add_option("--listen-host", options.host, "Address of our listener")->capture_default_str();
    command->add_option("--listen-port", options.port, "Its port; 0 takes a free one")->capture_default_str();
    command
        ->add_option("--ttl", options.ttl_s,
                     "How long our messages stay valid; a confirm that outlives the gate "
                     "is answered with the clearing")
        ->check(CLI::Range(1, 86400))
        ->type_name("SECONDS")
        ->capture_default_str();
    command->add_option("--wait", options.wait_s, "How long to wait for an answer")
        ->check(CLI::Range(1, 86400))
        ->type_name("SECONDS")
        ->capture_default_str();
    command->add_option("--allow-private", options.allow_private, "Private address that may be called")
        ->type_name("HOST:PORT");
    command->add_flag("--json", options.is_json, "The last answer as one JSON object on stdout");
    command->footer(
        "Example:\n  headroom beckn bid --buyer http://127.0.0.1:8000/beckn --buyer-id dso.example "
        "--buyer-key BASE64 --kw 20 --meter meter-1");
    command->callback([&action] { action = [] { return run_beckn_bid(options); }; });
}

}  // namespace headroom::app
