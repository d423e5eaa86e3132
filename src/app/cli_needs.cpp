#include "app/cli_beckn.hpp"
#include "app/cli_verb.hpp"
#include "app/run_beckn_bid.hpp"
#include "app/run_needs.hpp"

namespace headroom::app {
namespace {

using NeedsVerb = ServerVerb<NeedsCommand>;

NeedsVerb& of_need(NeedsVerb& verb) {
    verb->add_option("need", verb.options().need, "Need")->required()->type_name("NEED");
    return verb.with_reason();
}

void add_publish(CLI::App& needs, Action& action) {
    NeedsVerb verb(needs, action, "publish", "Publish a need, so that aggregators come with bids",
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

    NeedsVerb list(*needs, action, "list", "Needs, with who has come and what was cleared", run_needs_list);
    list->add_option("--state", list.options().state, "Only these")
        ->check(CLI::IsMember({"open", "closed", "withdrawn"}));
    list.examples("  headroom beckn need list --state open");

    NeedsVerb withdraw(*needs, action, "withdraw", "Take no more bids; contracts stand", run_need_withdraw);
    of_need(withdraw).examples(
        "  headroom beckn need withdraw need-20270114-LV-001 --reason \"relieved by switching\"");

    NeedsVerb clear(*needs, action, "clear", "Close the gate now: step bids are cleared", run_need_clear);
    of_need(clear).examples(
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
    add_self_options(*command, options, 86'400, 86'400);
    command->footer(
        "Example:\n  headroom beckn bid --buyer http://127.0.0.1:8000/beckn --buyer-id dso.example "
        "--buyer-key BASE64 --kw 20 --meter meter-1");
    command->callback([&action] { action = [] { return run_beckn_bid(options); }; });
}

}  // namespace headroom::app
