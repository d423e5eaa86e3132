#include "copilot/verdict.hpp"

#include "core/units.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace headroom::copilot {
namespace {

constexpr std::int64_t block_step_w = 100;  // a block's power was put to the model rounded down to this

/// A guard's faults, at most as many as are told.
class Faults {
  public:
    void add(std::string words) {
        if (words_.size() < violations_max) {
            words_.push_back(std::move(words));
        }
    }
    [[nodiscard]] bool any() const { return !words_.empty(); }
    [[nodiscard]] std::vector<std::string> take() { return std::move(words_); }

  private:
    std::vector<std::string> words_;
};

std::string kw_words(std::int64_t watts) {
    std::string digits = std::to_string(watts / 100 % 10);
    return std::to_string(watts / 1000) + "." + digits + " kW";
}

Judgement refused(Guard guard, Reason reason, Faults& faults, Judgement so_far) {
    so_far.reason = reason;
    so_far.failed = guard;
    so_far.violations = faults.take();
    return so_far;
}

/// Names of what was asked, to indexes of candidates.
std::map<std::string, std::size_t> vocabulary(const PlanQuestion& question, const Pseudonyms& names) {
    std::map<std::string, std::size_t> out;
    Pseudonyms again = names;  // gives the names that it has given; none is new
    for (const std::size_t index : offers_asked(question)) {
        const flex::Offer& offer = question.input.offers[question.problem.candidates[index].offer];
        out.emplace(again.name_of("offer", offer.provider + "\n" + offer.id), index);
    }
    return out;
}

/// The words are ours: an id that the model made up is not repeated.
void check_ids(const PlanQuestion& question, const Proposal& proposal, const Pseudonyms& names,
               const std::map<std::string, std::size_t>& known, Faults& faults) {
    if (names.id_of(proposal.event) != question.input.overload.event.value) {
        faults.add("event: not the event of the data");
    }
    for (std::size_t i = 0; i < proposal.actions.size(); ++i) {
        if (!known.contains(proposal.actions[i].offer)) {
            faults.add("action " + std::to_string(i + 1) + ": no such offer in the data");
        }
    }
}

/// Actions as powers by candidate and slot.
flex::Cover cover_of(const PlanQuestion& question, const Proposal& proposal,
                     const std::map<std::string, std::size_t>& known, Faults& faults) {
    const std::size_t slots = question.problem.slots;
    flex::Cover cover;
    cover.power_w.assign(question.problem.candidates.size() * slots, 0);
    std::vector<bool> is_set(cover.power_w.size(), false);
    for (const ProposedAction& action : proposal.actions) {
        const std::size_t index = known.at(action.offer);
        const std::string where = action.offer + ", slot " + std::to_string(action.slot);
        if (action.slot < 1 || action.slot > static_cast<std::int64_t>(slots)) {
            faults.add(where + ": there are slots 1 to " + std::to_string(slots));
            continue;
        }
        const std::size_t place = index * slots + static_cast<std::size_t>(action.slot - 1);
        if (is_set[place]) {
            faults.add(where + ": stands twice");
            continue;
        }
        is_set[place] = true;
        cover.power_w[place] = std::llround(action.power_kw * 1000.0);
    }
    return cover;
}

/// The run of half-hours that are used; nothing when there are none, or more than one run.
std::optional<flex::Run> single_run(const std::int64_t* power, std::size_t slots, bool& is_used) {
    std::optional<flex::Run> run;
    is_used = false;
    for (std::size_t slot = 0; slot < slots; ++slot) {
        if (power[slot] == 0) {
            continue;
        }
        is_used = true;
        if (!run) {
            run = flex::Run{slot, slot + 1};
        } else if (run->end == slot) {
            ++run->end;
        } else {
            return std::nullopt;
        }
    }
    return run;
}

void check_block(const flex::Candidate& candidate, const std::string& name, flex::Run run,
                 std::int64_t* power, Faults& faults) {
    if (run.length() < candidate.run_min) {
        faults.add(name + ": runs for " + std::to_string(candidate.run_min) + " half-hours or not at all");
        return;
    }
    const std::int64_t whole = flex::block_power(candidate, run);
    for (std::size_t slot = run.begin; slot < run.end; ++slot) {
        // The model knows the power of the shortest run, rounded down; a longer one may have less.
        if (power[slot] > whole || whole - power[slot] >= block_step_w) {
            faults.add(name + ": its run there has " + kw_words(whole) + ", all of it");
            return;
        }
    }
    for (std::size_t slot = run.begin; slot < run.end; ++slot) {
        power[slot] = whole;
    }
}

void check_candidate(const PlanQuestion& question, std::size_t index, const std::string& name,
                     flex::Cover& cover, Faults& faults) {
    const flex::Candidate& candidate = question.problem.candidates[index];
    const std::size_t slots = question.problem.slots;
    std::int64_t* const power = cover.power_w.data() + index * slots;
    bool is_used = false;
    const std::optional<flex::Run> run = single_run(power, slots, is_used);
    if (!is_used) {
        return;
    }
    if (candidate.has_runs(slots) && (!run || run->length() > candidate.run_max)) {
        faults.add(name + ": one run of at most " + std::to_string(candidate.run_max) + " half-hours");
        return;
    }
    if (candidate.is_block()) {
        check_block(candidate, name, *run, power, faults);
    }
    std::int64_t sum = 0;
    for (std::size_t slot = 0; slot < slots; ++slot) {
        if (power[slot] > candidate.cap_w[slot]) {
            faults.add(name + ", slot " + std::to_string(slot + 1) + ": has " +
                       kw_words(candidate.cap_w[slot]));
        }
        sum += power[slot];
    }
    if (sum > candidate.supply_w) {
        faults.add(name + ": its energy is used up");
    }
}

/// Powers of a plan that is known to fit the problem; nothing for a plan that was made by other means.
std::optional<flex::Cover> cover_of_plan(const PlanQuestion& question) {
    const std::size_t slots = question.problem.slots;
    flex::Cover cover;
    cover.power_w.assign(question.problem.candidates.size() * slots, 0);
    for (const flex::PlanLine& line : question.plan.lines) {
        const auto& all = question.problem.candidates;
        const auto found = std::find_if(all.begin(), all.end(), [&](const flex::Candidate& candidate) {
            const flex::Offer& offer = question.input.offers[candidate.offer];
            return offer.provider == line.offer.provider && offer.id == line.offer.id;
        });
        if (found == all.end() || line.power_w.values.size() != slots ||
            line.power_w.start != question.input.overload.need.start) {
            return std::nullopt;
        }
        const auto index = static_cast<std::size_t>(found - all.begin());
        std::copy(line.power_w.values.begin(), line.power_w.values.end(),
                  cover.power_w.begin() + static_cast<std::ptrdiff_t>(index * slots));
    }
    flex::evaluate(question.problem, question.input, cover);
    return cover;
}

/// What is left of each half-hour's need by expected relief, in microwatts.
std::vector<std::int64_t> uncovered(const PlanQuestion& question, const flex::Cover& cover) {
    const std::size_t slots = question.problem.slots;
    std::vector<std::int64_t> left;
    for (const std::int64_t need : question.problem.need_w) {
        left.push_back(need * whole_ppm);
    }
    for (std::size_t i = 0; i < question.problem.candidates.size(); ++i) {
        for (std::size_t slot = 0; slot < slots; ++slot) {
            left[slot] -= cover.power_w[i * slots + slot] * question.problem.candidates[i].relief_uw_per_w;
        }
    }
    std::transform(left.begin(), left.end(), left.begin(),
                   [](std::int64_t w) { return std::max<std::int64_t>(w, 0); });
    return left;
}

flex::FlexPlan plan_of(const PlanQuestion& question, const flex::Cover& cover) {
    flex::FlexPlan plan = question.plan;
    flex::fill_plan(question.input, question.problem, cover, plan);
    plan.chosen = "llm";
    plan.alternatives.push_back(
        {.name = "llm",
         .cost = MicroPounds{cover.cost},
         .shortfall_peak = Watts{cover.shortfall_peak},
         .shortfall_energy = WattHours{cover.shortfall_wh},
         .lines = cover.lines,
         .note = "Proposed by a language model; passed every guard and is better on the objective"});
    return plan;
}

}  // namespace

std::string_view to_string(Reason reason) {
    switch (reason) {
        case Reason::none:
            return "none";
        case Reason::llm_timeout:
            return "llm_timeout";
        case Reason::llm_schema:
            return "llm_schema";
        case Reason::llm_infeasible:
            return "llm_infeasible";
        case Reason::llm_worse:
            return "llm_worse";
        case Reason::llm_breaker_open:
            return "llm_breaker_open";
        case Reason::llm_disabled:
            return "llm_disabled";
        case Reason::llm_unavailable:
            return "llm_unavailable";
        case Reason::llm_budget:
            return "llm_budget";
    }
    HEADROOM_ASSERT(false);
    return "";
}

std::string_view to_string(Guard guard) {
    switch (guard) {
        case Guard::schema:
            return "schema";
        case Guard::ids:
            return "ids";
        case Guard::semantics:
            return "semantics";
        case Guard::rules:
            return "rules";
        case Guard::physics:
            return "physics";
        case Guard::cost:
            return "cost";
    }
    HEADROOM_ASSERT(false);
    return "";
}

Result<flex::FlexPlan> reckon_again(const flex::PlanInput& input, const flex::FlexPlan& proposed) {
    const Result<flex::Problem> problem = flex::make_problem(input);
    if (!problem) {
        return problem.error();
    }
    const std::vector<knowledge::RuleRef> none;
    flex::FlexPlan beside = proposed;
    const PlanQuestion question{.input = input, .plan = beside, .problem = *problem, .rules = none};
    const std::optional<flex::Cover> cover = cover_of_plan(question);
    if (!cover) {
        return Error{Errc::invalid, "the proposal for event " + proposed.event.value +
                                        " chooses what the plan's input does not hold"};
    }
    std::erase_if(beside.alternatives, [](const flex::Alternative& each) { return each.name == "llm"; });
    return plan_of(question, *cover);
}

Judgement refuse_schema(const Error& why) {
    Judgement judgement;
    judgement.reason = Reason::llm_schema;
    judgement.failed = Guard::schema;
    // The pointer may hold a name that the model chose: only what is ours goes back.
    judgement.violations = {
        "the answer does not fit the schema of propose_plan" +
        (why.pointer.starts_with("/actions/") ? std::string(": an action") : std::string())};
    return judgement;
}

namespace {

/// Rules go by names of their own: what an operator wrote does not go to the model.
void check_rules(const PlanQuestion& question, const flex::Cover& cover, const Pseudonyms& names,
                 Judgement& judgement, Faults& faults) {
    if (question.ruled == nullptr) {
        return;
    }
    flex::FlexPlan proposed = question.plan;
    flex::fill_plan(question.input, question.problem, cover, proposed);
    Pseudonyms again = names;
    judgement.rules_broken = flex::rule_breaks(*question.ruled, proposed, question.plan);
    for (const flex::RuleBreak& broken : judgement.rules_broken) {
        const std::string where = broken.offer.empty()
                                      ? std::string("the plan")
                                      : again.name_of("offer", broken.provider + "\n" + broken.offer);
        faults.add(where + ": breaks " + again.name_of("rule", broken.rule) + " of the operator (" +
                   (broken.action.empty() ? std::string("ladder") : broken.action) + ")");
    }
}

}  // namespace

Judgement judge(const PlanQuestion& question, const Proposal& proposal, const Pseudonyms& names) {
    Judgement judgement;
    Faults faults;
    const std::map<std::string, std::size_t> known = vocabulary(question, names);
    check_ids(question, proposal, names, known, faults);
    if (faults.any()) {
        return refused(Guard::ids, Reason::llm_infeasible, faults, std::move(judgement));
    }
    flex::Cover cover = cover_of(question, proposal, known, faults);
    for (const auto& [name, index] : known) {
        check_candidate(question, index, name, cover, faults);
    }
    if (faults.any()) {
        return refused(Guard::semantics, Reason::llm_infeasible, faults, std::move(judgement));
    }
    flex::evaluate(question.problem, question.input, cover);
    check_rules(question, cover, names, judgement, faults);
    if (faults.any()) {
        return refused(Guard::rules, Reason::llm_infeasible, faults, std::move(judgement));
    }
    const std::optional<flex::Cover> standing = cover_of_plan(question);
    judgement.objective_micro = cover.objective();
    if (!standing) {
        faults.add("the plan cannot be compared on this objective");
        return refused(Guard::cost, Reason::llm_worse, faults, std::move(judgement));
    }
    judgement.plan_objective_micro = standing->objective();
    const std::vector<std::int64_t> left = uncovered(question, cover);
    const std::vector<std::int64_t> left_by_plan = uncovered(question, *standing);
    for (std::size_t slot = 0; slot < left.size(); ++slot) {
        if (left[slot] > left_by_plan[slot]) {
            faults.add("slot " + std::to_string(slot + 1) + ": leaves " + kw_words(left[slot] / whole_ppm) +
                       " uncovered, the plan " + kw_words(left_by_plan[slot] / whole_ppm));
        }
    }
    if (faults.any()) {
        return refused(Guard::physics, Reason::llm_infeasible, faults, std::move(judgement));
    }
    if (cover.cost > question.problem.cost_max) {
        faults.add("cost: above cost_max_gbp");
        return refused(Guard::cost, Reason::llm_infeasible, faults, std::move(judgement));
    }
    if (cover.objective() >= standing->objective()) {
        faults.add("objective: not below the plan's");
        return refused(Guard::cost, Reason::llm_worse, faults, std::move(judgement));
    }
    judgement.reason = Reason::none;
    judgement.plan = plan_of(question, cover);
    return judgement;
}

}  // namespace headroom::copilot
