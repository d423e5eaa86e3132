#include "app/cli_plan.hpp"

#include "app/cli_parts.hpp"
#include "app/run_plan.hpp"

namespace headroom::app {

namespace {

void add_diff(CLI::App& app, Action& action) {
    auto* group = app.add_subcommand("diff", "What two things do differently");
    group->require_subcommand(1);
    group->footer("Example:\n  headroom diff plan monday.json tuesday.json");
    auto* command = group->add_subcommand("plan", "Two plans: who is asked for what, and what it costs");
    static PlanCommand options;
    command->add_option("A", options.file, "A request, or what `headroom plan --json` wrote")
        ->required()
        ->check(CLI::ExistingFile);
    command->add_option("B", options.other, "Another")->required()->check(CLI::ExistingFile);
    command->add_option("--rules", options.rules, "The operator's rules (docs/formats/rules.md)")
        ->check(CLI::ExistingFile);
    command->add_flag("--json", options.is_json, "One JSON object on stdout");
    command->footer("Example:\n  headroom diff plan monday.json tuesday.json");
    command->callback([&action] { action = [] { return run_diff_plan(options); }; });
}

void add_rules(CLI::App& app, Action& action) {
    auto* group = app.add_subcommand("rules", "The operator's rules");
    group->require_subcommand(1);
    group->footer("Example:\n  headroom rules test rules.toml");
    auto* command =
        group->add_subcommand("test", "Whether a file of rules is sound and free of contradictions");
    static PlanCommand options;
    command->add_option("FILE", options.file, "The file (docs/formats/rules.md)")
        ->required()
        ->check(CLI::ExistingFile);
    command->add_flag("--json", options.is_json, "The rules as one JSON object on stdout");
    command->footer("Example:\n  headroom rules test rules.toml");
    command->callback([&action] { action = [] { return run_rules_test(options); }; });
}

}  // namespace

void add_plan(CLI::App& app, Action& action) {
    auto* command =
        app.add_subcommand("plan", "Plan what a file asks for: a need and the DERs that are offered");
    static PlanCommand options;
    command
        ->add_option("FILE", options.file,
                     "The request as POST /api/v1/plans takes it (docs/formats/plans.md)")
        ->required()
        ->check(CLI::ExistingFile);
    command->add_option("--rules", options.rules, "The operator's rules (docs/formats/rules.md)")
        ->check(CLI::ExistingFile);
    command->add_flag("--json", options.is_json, "One JSON object on stdout");
    command->footer("Example:\n  headroom plan request.json --json");
    command->callback([&action] { action = [] { return run_plan(options); }; });
    add_diff(app, action);
    add_rules(app, action);
}

void add_explain_plan(CLI::App& explain, Action& action) {
    auto* command =
        explain.add_subcommand("plan", "Why a plan is as it is, what binds it, and what else there was");
    static PlanCommand options;
    command->add_option("FILE", options.file, "A request, or what `headroom plan --json` wrote")
        ->required()
        ->check(CLI::ExistingFile);
    command->add_option("--rules", options.rules, "The operator's rules (docs/formats/rules.md)")
        ->check(CLI::ExistingFile);
    command->add_flag("--json", options.is_json, "One JSON object on stdout");
    command->footer("Example:\n  headroom explain plan request.json");
    command->callback([&action] { action = [] { return run_explain_plan(options); }; });
}

}  // namespace headroom::app
