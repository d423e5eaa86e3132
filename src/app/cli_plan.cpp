#include "app/cli_plan.hpp"

#include "app/cli_parts.hpp"
#include "app/run_plan.hpp"

namespace headroom::app {
namespace {

void add_file_options(CLI::App& command, PlanCommand& options) {
    command
        .add_option("--rules", options.rules, "Of a request: the operator's rules (docs/formats/rules.md)")
        ->check(CLI::ExistingFile);
}

/// `explain` and `diff` take their plans behind the word "plan" or as "plan/ID" each.
void add_diff(CLI::App& app, Action& action) {
    static PlanCommand options;
    static SettingsFlags flags;
    auto* group = app.add_subcommand("diff", "What two things do differently");
    group->require_subcommand(0, 1);
    const auto take = [&action](CLI::App& command, const char* about) {
        command.add_option("A", options.file, about)->type_name("PLAN");
        command.add_option("B", options.other, "Another")->type_name("PLAN");
        add_file_options(command, options);
        flags.add_to(command);
        add_server_options(command, options.server);
        command.callback([&action, &command] {
            if (!command.get_subcommands().empty()) {
                return;
            }
            if (options.file.empty() || options.other.empty()) {
                throw CLI::ValidationError("diff",
                                           "two plans are needed, as in: headroom diff plan/A plan/B");
            }
            action = [] {
                options.server.sources = flags.sources();
                options.is_json = options.server.is_json;
                return run_diff_plan(options);
            };
        });
        command.footer(
            "Exit: 0 the same, 1 different.\nExample:\n  headroom diff plan/ev-20270114-7i3whrtl.1 "
            "plan/ev-20270114-7i3whrtl.2\n  headroom diff plan monday.json tuesday.json");
    };
    take(*group, "A plan of a running server: plan/ID");
    auto* command = group->add_subcommand("plan", "Two plans: who is asked for what, and what it costs");
    take(*command, "plan/ID, a request, or what `headroom plan --json` wrote");
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
        app.add_subcommand("plan", "Plan what a file asks for, or look at and judge a server's plans");
    static PlanCommand options;
    command->require_subcommand(0, 1);
    command
        ->add_option("FILE", options.file,
                     "The request as POST /api/v1/plans takes it (docs/formats/plans.md)")
        ->check(CLI::ExistingFile);
    add_file_options(*command, options);
    command->add_flag("--json", options.is_json, "One JSON object on stdout");
    command->footer("Example:\n  headroom plan request.json --json\n  headroom plan list --state proposed");
    command->callback([&action, command] {
        if (!command->get_subcommands().empty()) {
            return;
        }
        if (options.file.empty()) {
            throw CLI::ValidationError(
                "plan", "FILE is missing: a request to plan, or one of list, show, approve and reject");
        }
        action = [] { return run_plan(options); };
    });
    add_plan_desk(*command, action);
    add_diff(app, action);
    add_rules(app, action);
}

void add_explain_plan(CLI::App& explain, Action& action) {
    static PlanCommand options;
    static SettingsFlags flags;
    const auto take = [&action](CLI::App& command, const char* about) {
        command.add_option("WHAT", options.file, about)->type_name("PLAN");
        add_file_options(command, options);
        flags.add_to(command);
        add_server_options(command, options.server);
        command.callback([&action, &command] {
            if (!command.get_subcommands().empty()) {
                return;
            }
            if (options.file.empty()) {
                throw CLI::ValidationError(
                    "explain", "a plan is needed, as in: headroom explain plan/ev-20270114-7i3whrtl.1");
            }
            action = [] {
                options.server.sources = flags.sources();
                options.is_json = options.server.is_json;
                return run_explain_plan(options);
            };
        });
    };
    explain.require_subcommand(0, 1);
    take(explain, "A plan of a running server: plan/ID");
    auto* command =
        explain.add_subcommand("plan", "Why a plan is as it is, what binds it, and what else there was");
    take(*command, "plan/ID, a request, or what `headroom plan --json` wrote");
    command->footer(
        "Example:\n  headroom explain plan plan/ev-20270114-7i3whrtl.1\n  headroom explain plan "
        "request.json");
}

}  // namespace headroom::app
