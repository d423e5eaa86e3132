// Whether a model knows a better plan.
#include "agents/copilot.hpp"

#include "copilot/figures.hpp"
#include "copilot/untrusted.hpp"
#include "core/log.hpp"

#include <memory>
#include <utility>

namespace headroom::agents {
namespace {

using copilot::Reason;

/// What the guards need; lives on the worker's side of each job.
struct Asking {
    std::shared_ptr<const flex::EventPlanInput> ruled;
    std::shared_ptr<const flex::PermittedInput> permitted;
    std::shared_ptr<const flex::FlexPlan> plan;
    std::shared_ptr<const std::vector<knowledge::RuleRef>> rules;
    std::shared_ptr<const flex::Problem> problem;
    copilot::Share share = copilot::Share::figures;
    copilot::Pseudonyms names;
    copilot::Chat chat;

    [[nodiscard]] copilot::PlanQuestion question() const {
        return {.input = permitted->input,
                .plan = *plan,
                .problem = *problem,
                .rules = *rules,
                .share = share,
                .ruled = ruled.get(),
                .turns = permitted->turns};
    }
};

Result<Asking> prepare(Asking asking) {
    asking.permitted = std::make_shared<const flex::PermittedInput>(flex::permitted_input(*asking.ruled));
    if (asking.permitted->takes_nothing) {
        return Error{Errc::invalid, "nothing needs to be bought"};
    }
    Result<flex::Problem> problem = flex::make_problem(asking.permitted->input);
    if (!problem) {
        return problem.error();
    }
    asking.problem = std::make_shared<const flex::Problem>(std::move(*problem));
    asking.chat = copilot::plan_chat(asking.question(), asking.names);
    return asking;
}

struct Judged {
    copilot::Judgement judgement;
    std::string summary;
    std::string justification;
};

/// The model's words as they may be shown: every figure in them is the data's, or they are left out.
std::string words_of(const std::string& text, const Asking& asking, std::size_t bytes_max) {
    copilot::Sources sources;
    copilot::Pseudonyms names = asking.names;
    sources.add(copilot::plan_facts(asking.question(), names));
    std::string shown = copilot::as_shown(text, bytes_max);
    return copilot::unsourced_figures(shown, sources).empty() ? asking.names.shown(shown) : std::string();
}

Judged judge_answer(const copilot::Answer& answer, const Asking& asking) {
    Judged judged;
    if (answer.finish != copilot::Finish::done) {
        judged.judgement =
            copilot::refuse_schema({Errc::invalid, "the answer is " + std::string(to_string(answer.finish))});
        return judged;
    }
    const Result<copilot::Proposal> proposal = copilot::proposal_of(answer.turn);
    if (!proposal) {
        judged.judgement = copilot::refuse_schema(proposal.error());
        return judged;
    }
    judged.judgement = copilot::judge(asking.question(), *proposal, asking.names);
    if (judged.judgement.is_accepted()) {
        judged.summary = words_of(proposal->summary, asking, copilot::summary_bytes_max);
        judged.justification = words_of(proposal->justification, asking, copilot::justification_bytes_max);
    }
    return judged;
}

}  // namespace

Awaitable<Considered> Copilot::consider(flex::EventPlanInput input, flex::FlexPlan plan,
                                        std::vector<knowledge::RuleRef> rules,
                                        std::optional<milliseconds> budget) {
    Considered standing{.plan = std::move(plan)};
    std::optional<Turn> turn =
        begin("plan", input.base.overload.event.value, system_actor("copilot"), budget, standing.reason);
    if (!turn) {
        ++counts_.verdicts[std::string(copilot::to_string(standing.reason))];
        co_return standing;
    }
    auto shared_input = std::make_shared<const flex::EventPlanInput>(std::move(input));
    auto shared_rules = std::make_shared<const std::vector<knowledge::RuleRef>>(std::move(rules));
    Considered done =
        co_await propose(*turn, std::move(shared_input), std::move(standing), std::move(shared_rules));
    if (done.guard) {
        ++counts_.refusals[std::string(copilot::to_string(*done.guard))];
    }
    done.model = turn->model;
    done.tokens = turn->tokens;
    done.latency_ms = milliseconds_between(turn->begun, steady_now());
    const bool is_accepted = done.reason == Reason::none;
    std::string verdict = is_accepted ? "accepted" : std::string(copilot::to_string(done.reason));
    done.entries = co_await end(std::move(*turn), std::move(verdict));
    co_return done;
}

Awaitable<Considered> Copilot::propose(Turn& turn, std::shared_ptr<const flex::EventPlanInput> input,
                                       Considered standing,
                                       std::shared_ptr<const std::vector<knowledge::RuleRef>> rules) {
    Asking begun{.ruled = std::move(input),
                 .permitted = {},
                 .plan = std::make_shared<const flex::FlexPlan>(standing.plan),
                 .rules = std::move(rules),
                 .problem = {},
                 .share = options_.share,
                 .names = {},
                 .chat = {}};
    auto make = [begun = std::move(begun)]() mutable { return prepare(std::move(begun)); };
    Result<Asking> asking = co_await worker_.run(std::move(make));
    if (!asking) {
        log::warn("a plan could not be put to a language model", {{"error", asking.error().message}});
        standing.reason = Reason::llm_infeasible;
        co_return standing;
    }
    for (int round = 0; round < 2; ++round) {
        Asked asked = co_await ask(turn, asking->chat);
        if (!asked.answer) {
            standing.reason = asked.reason;
            co_return standing;
        }
        auto judge = [answer = *asked.answer, copy = *asking] { return judge_answer(answer, copy); };
        Judged judged = co_await worker_.run(std::move(judge));
        standing.reason = judged.judgement.reason;
        standing.guard = judged.judgement.failed;
        standing.violations = judged.judgement.violations;
        standing.rules_broken = std::move(judged.judgement.rules_broken);
        if (judged.judgement.is_accepted()) {
            standing.plan = std::move(*judged.judgement.plan);
            standing.planner = "llm+optimiser";
            standing.summary = std::move(judged.summary);
            standing.justification = std::move(judged.justification);
            co_return standing;
        }
        if (judged.judgement.reason == Reason::llm_worse) {
            co_return standing;  // nothing to mend: it is allowed, and no better
        }
        asking->chat =
            copilot::repair_chat(std::move(asking->chat), std::move(asked.answer->turn), standing.violations);
    }
    co_return standing;
}

}  // namespace headroom::agents
