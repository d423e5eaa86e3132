#include "app/cli_verb.hpp"
#include "app/run_programmes.hpp"

namespace headroom::app {
namespace {

using ProgrammesVerb = ServerVerb<ProgrammesCommand>;

ProgrammesVerb& of_enrolment(ProgrammesVerb& verb) {
    verb->add_option("programme", verb.options().programme, "Programme")->required()->type_name("PROGRAMME");
    verb->add_option("der", verb.options().der, "Resource")->required()->type_name("DER");
    return verb.with_reason();
}

void add_enrol(CLI::App& programmes, Action& action) {
    ProgrammesVerb verb(programmes, action, "enrol", "Enrol a resource, or change its terms", run_enrol);
    of_enrolment(verb);
    ProgrammesCommand& options = verb.options();
    verb->add_option("--provider", options.provider, "Who may offer it")->required()->type_name("ID");
    verb->add_option("--power-kw", options.power_kw, "Largest change")->required()->type_name("KW");
    verb->add_option("--consent-by", options.consent_by, "Who agrees on the site's behalf")->required();
    verb->add_option("--from", options.from, "Begin of the consent")->required()->type_name("TIME");
    verb->add_option("--until", options.until, "Its end")->required()->type_name("TIME");
    verb->add_flag("--dry-run", options.is_dry_run, "Say what would be done");
    verb.examples(
        "  headroom programmes enrol WINTER-26 BAT-17 --provider tesla-vpp --power-kw 6 --consent-by \"A. "
        "Site\" "
        "--from 2026-11-01T00:00:00Z --until 2027-11-01T00:00:00Z --reason \"signed on 20 October\"");
}

void add_test(CLI::App& programmes, Action& action) {
    ProgrammesVerb verb(programmes, action, "test", "Record the outcome of a qualification test",
                        run_enrolment_test);
    of_enrolment(verb);
    ProgrammesCommand& options = verb.options();
    auto* event = verb->add_option("--event", options.event, "A settled event that used it")->type_name("ID");
    auto* at = verb->add_option("--at", options.at, "When it was tested elsewhere")
                   ->type_name("TIME")
                   ->excludes(event);
    verb->add_option("--asked-kw", options.asked_kw, "Asked of it")->type_name("KW")->needs(at);
    verb->add_option("--delivered-kw", options.delivered_kw, "What came")->type_name("KW")->needs(at);
    verb->add_option("--evidence", options.evidence, "Where the measurement is kept")->needs(at);
    verb.examples(
        "  headroom programmes test WINTER-26 BAT-17 --event ev-20270114-abcdefgh --reason \"first event\"\n"
        "  headroom programmes test WINTER-26 BAT-17 --at 2026-11-10T17:00:00Z --asked-kw 6 --delivered-kw "
        "5.7 "
        "--evidence \"visit of 10 November\" --reason \"yearly test\"");
}

}  // namespace

void add_programmes(CLI::App& app, Action& action) {
    auto* programmes = app.add_subcommand(
        "programmes", "Programmes of a running server: terms, enrolments, tests, suspensions");
    programmes->require_subcommand(1);
    programmes->footer(
        "Example:\n  headroom programmes list\n  headroom programmes enrolments --standing suspended");

    ProgrammesVerb list(*programmes, action, "list", "Programmes, and how much may be used now",
                        run_programmes_list);
    list.examples("  headroom programmes list");

    ProgrammesVerb enrolments(*programmes, action, "enrolments", "Who takes part, and who may be used now",
                              run_enrolments);
    enrolments->add_option("--programme", enrolments.options().programme, "Only of this one")
        ->type_name("ID");
    enrolments->add_option("--der", enrolments.options().der, "Only of this resource")->type_name("ID");
    enrolments->add_option("--standing", enrolments.options().standing, "Only these, now")
        ->check(CLI::IsMember(
            {"eligible", "no_consent", "not_qualified", "failed_test", "suspended", "withdrawn"}));
    enrolments.examples("  headroom programmes enrolments --programme WINTER-26 --standing not_qualified");

    ProgrammesVerb set(*programmes, action, "set", "Make a programme, or change its terms",
                       run_programme_set);
    set->add_option("programme", set.options().programme, "Its id")->required()->type_name("PROGRAMME");
    set->add_option("--terms", set.options().file, "Terms as JSON: docs/formats/programmes.md")
        ->required()
        ->type_name("FILE");
    set->add_flag("--dry-run", set.options().is_dry_run, "Say what would be done");
    set.with_reason().examples(
        "  headroom programmes set WINTER-26 --terms winter.json --reason \"board of 4 October\"");

    add_enrol(*programmes, action);
    add_test(*programmes, action);

    ProgrammesVerb suspend(*programmes, action, "suspend", "Bar a resource for a while",
                           run_enrolment_suspend);
    of_enrolment(suspend);
    suspend->add_option("--until", suspend.options().until, "Otherwise until it is lifted")
        ->type_name("TIME");
    suspend.examples(
        "  headroom programmes suspend WINTER-26 BAT-17 --reason \"its meter is being changed\"");

    ProgrammesVerb resume(*programmes, action, "resume", "Lift a suspension", run_enrolment_resume);
    of_enrolment(resume).examples(
        "  headroom programmes resume WINTER-26 BAT-17 --reason \"the new meter is in\"");

    ProgrammesVerb withdraw(*programmes, action, "withdraw", "The site leaves a programme",
                            run_enrolment_withdraw);
    of_enrolment(withdraw).examples(
        "  headroom programmes withdraw WINTER-26 BAT-17 --reason \"letter of 3 December\"");
}

}  // namespace headroom::app
