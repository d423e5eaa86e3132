#include "app/cli_plan.hpp"
#include "app/run_plan_desk.hpp"

#include <memory>

namespace headroom::app {
namespace {

using PlanRun = int (*)(const PlanDeskCommand&);

struct HeldPlanOptions {
    PlanDeskCommand options;
    SettingsFlags flags;
};

/// One command below `plan`; its options live as long as its callback.
std::shared_ptr<HeldPlanOptions> add_plan_verb(CLI::App& command, Action& action, PlanRun run) {
    auto held = std::make_shared<HeldPlanOptions>();
    held->flags.add_to(command);
    add_server_options(command, held->options.server);
    command.callback([&action, held, run] {
        action = [held, run] {
            held->options.server.sources = held->flags.sources();
            return run(held->options);
        };
    });
    return held;
}

void add_list(CLI::App& plan, Action& action) {
    CLI::App& command = *plan.add_subcommand("list", "Plans of events and plans handed in, newest first");
    PlanDeskCommand& options = add_plan_verb(command, action, run_plan_list)->options;
    command.add_option("--event", options.event, "Only of this event")->type_name("ID");
    command.add_option("--feeder", options.feeder, "Only about this feeder's limits")->type_name("ID");
    command.add_option("--state", options.state, "Only in this state")
        ->check(CLI::IsMember({"proposed", "approved", "rejected", "authorised", "superseded", "expired",
                               "shadow", "dry_run"}));
    command.add_option("--kind", options.kind, "event, or asked: handed in")
        ->check(CLI::IsMember({"event", "asked"}));
    command.add_option("--since", options.since, "Planned at or after it: 2027-01-14T17:00:00Z")
        ->type_name("TIME");
    command.add_option("--limit", options.limit, "At most so many (whole events)")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    command.footer("Example:\n  headroom plan list --state proposed --feeder F-0130");
}

void add_plan_show(CLI::App& plan, Action& action) {
    CLI::App& command = *plan.add_subcommand("show", "One plan with everything beside it");
    PlanDeskCommand& options = add_plan_verb(command, action, run_plan_show)->options;
    command.add_option("ID", options.plan, "<event_id>.<round>, or P-… of one handed in")->required();
    command.footer("Example:\n  headroom plan show ev-20270114-7i3whrtl.1");
}

void add_judgement(CLI::App& plan, Action& action, bool approve) {
    CLI::App& command = *plan.add_subcommand(
        approve ? "approve" : "reject",
        approve ? "Let a plan that waits be carried out" : "Refuse a plan that waits: its event ends");
    PlanDeskCommand& options =
        add_plan_verb(command, action, approve ? run_plan_approve : run_plan_reject)->options;
    command.add_option("ID", options.plan, "<event_id>.<round>")->required();
    command.add_option("--reason", options.reason, "Why, for the audit log")->required();
    command.add_option("--sha256", options.sha256, "Hash of the plan that was looked at")->type_name("HASH");
    command.add_flag("--yes", options.is_yes, "Do not ask: the plan as the server has it now");
    if (approve) {
        command.add_flag("--proposal", options.is_proposal,
                         "What the co-pilot proposed beside it, in the plan's stead");
    }
    command.add_flag("--dry-run", options.is_dry_run, "Say whether it may be done, and do nothing");
    command.footer(std::string("Bound to the exact plan: without --sha256 or --yes it is shown and asked "
                               "about.\nExit: 0 done, 1 refused or not confirmed, 2 no answer.\nExample:\n"
                               "  headroom plan ") +
                   (approve ? "approve ev-20270114-7i3whrtl.1 --reason \"covers the peak\""
                            : "reject ev-20270114-7i3whrtl.1 --reason \"the street is dug up\""));
}

}  // namespace

void add_plan_desk(CLI::App& plan, Action& action) {
    add_list(plan, action);
    add_plan_show(plan, action);
    add_judgement(plan, action, true);
    add_judgement(plan, action, false);
}

}  // namespace headroom::app
