#include "desk/replay_event.hpp"

#include "contingency/shelf_call.hpp"
#include "contingency/shelf_input.hpp"
#include "copilot/verdict.hpp"
#include "core/digest.hpp"
#include "core/reflect_json.hpp"
#include "dispatch/guard/guard.hpp"
#include "flex/commitment.hpp"
#include "flex/event_breaks.hpp"
#include "flex/event_plan.hpp"
#include "risk/assess.hpp"
#include "settlement/statement.hpp"

#include <utility>

namespace headroom::desk {
namespace {

/// A recorded part of a decision: inline, or in a blob.
Result<json::Value> part_of(const audit::Entry& entry, const json::Value& body, const std::string& name,
                            const BlobReader& blob) {
    if (const json::Value* value = body.get(name)) {
        return *value;
    }
    const std::string sha256 = body.text("/" + name + "_blob/sha256");
    if (sha256.empty()) {
        return Error{Errc::corrupt,
                     "entry " + std::to_string(entry.seq) + " records a decision without its " + name};
    }
    const Result<std::string> bytes = blob(sha256);
    if (!bytes) {
        return bytes.error();
    }
    return json::parse(*bytes);
}

Result<std::string> hash_of(const json::Value& value) {
    const Result<std::string> canonical = json::write_canonical(value);
    if (!canonical) {
        return canonical.error();
    }
    return sha256_hex(*canonical);
}

ReplayedDecision compare(const audit::Entry& entry, std::string decision, std::string recorded,
                         std::string replayed, std::string detail) {
    const bool same = recorded == replayed;
    return {.seq = entry.seq,
            .type = entry.type,
            .decision = std::move(decision),
            .same = same,
            .recorded_sha256 = std::move(recorded),
            .replayed_sha256 = std::move(replayed),
            .detail = same ? std::move(detail) : "the decision comes out differently"};
}

Result<ReplayedDecision> replay_risk(const audit::Entry& entry, const json::Value& body,
                                     const json::Value& input_json) {
    const Result<risk::RiskInput> input = risk::risk_input_from_json(input_json);
    if (!input) {
        return input.error();
    }
    const Result<std::optional<risk::Overload>> overload = risk::assess(*input);
    if (!overload) {
        return overload.error();
    }
    const json::Value* recorded = body.get("overload");
    if (recorded == nullptr) {
        return Error{Errc::corrupt, "entry " + std::to_string(entry.seq) + " raises no overload"};
    }
    const Result<std::string> recorded_hash = hash_of(*recorded);
    const Result<std::string> replayed_hash =
        hash_of(*overload ? risk::to_json(**overload) : json::Value("none"));
    if (!recorded_hash || !replayed_hash) {
        return !recorded_hash ? recorded_hash.error() : replayed_hash.error();
    }
    return compare(entry, "risk.raise", *recorded_hash, *replayed_hash,
                   (*overload ? "overload on " : "no overload on ") + input->feeder + " " +
                       std::string(grid::to_string(input->limit.phase)));
}

/// What an order of a plan on the shelf asks for, from the order as the plan had it.
Result<ReplayedDecision> replay_shelf_order(const audit::Entry& entry, const json::Value& body,
                                            const json::Value& input_json) {
    const Result<contingency::ShelfCall> call = contingency::shelf_call_from_json(input_json);
    if (!call) {
        return call.error();
    }
    const Result<risk::Overload> overload = contingency::overload_of(*call);
    const json::Value* recorded = body.get("overload");
    if (!overload || recorded == nullptr) {
        return overload ? Error{Errc::corrupt, "entry " + std::to_string(entry.seq) + " raises no overload"}
                        : overload.error();
    }
    const Result<std::string> recorded_hash = hash_of(*recorded);
    const Result<std::string> replayed_hash = hash_of(risk::to_json(*overload));
    if (!recorded_hash || !replayed_hash) {
        return !recorded_hash ? recorded_hash.error() : replayed_hash.error();
    }
    return compare(entry, "shelf.order", *recorded_hash, *replayed_hash,
                   "order at " + call->order.feeder + " for the loss of " + call->element);
}

/// A plan of the shelf, from what it was made from.
Result<ReplayedDecision> replay_shelf_plan(const audit::Entry& entry, const json::Value& body,
                                           const json::Value& input_json) {
    const Result<contingency::ShelfInput> input = contingency::shelf_input_from_json(input_json);
    if (!input) {
        return input.error();
    }
    const Result<contingency::ShelfPlan> plan = contingency::plan_loss(*input);
    if (!plan) {
        return plan.error();
    }
    return compare(entry, "shelf.plan", body.text("/plan_sha256"), contingency::plan_sha256(*plan),
                   "plan for the loss of " + input->element + ": " + plan->reason);
}

/// Plans of before the operator's rules were part of the decision hold the plan's input alone.
Result<ReplayedDecision> replay_plan(const audit::Entry& entry, const json::Value& body,
                                     const json::Value& input_json) {
    if (input_json.get("base") != nullptr) {
        const Result<flex::EventPlanInput> input = flex::event_plan_input_from_json(input_json);
        if (!input) {
            return input.error();
        }
        const Result<flex::EventPlan> made = flex::make_event_plan(*input);
        if (!made) {
            return made.error();
        }
        const flex::FlexPlan& plan = made->plan;
        const bool is_same_plan = flex::plan_sha256(plan) == body.text("/plan_sha256");
        return compare(entry, "flex.plan", body.text("/decision_sha256"),
                       is_same_plan ? flex::event_plan_sha256(*made) : flex::plan_sha256(plan),
                       plan.reasons.empty() ? plan.chosen : plan.reasons.front());
    }
    const Result<flex::PlanInput> input = flex::plan_input_from_json(input_json);
    if (!input) {
        return input.error();
    }
    const Result<flex::FlexPlan> plan = flex::make_plan(*input);
    if (!plan) {
        return plan.error();
    }
    return compare(entry, "flex.plan", body.text("/plan_sha256"), flex::plan_sha256(*plan),
                   plan->reasons.empty() ? plan->chosen : plan->reasons.front());
}

/// What a proposal chose from: what the operator's rules and the ladder leave of the decision's input.
Result<flex::PlanInput> proposed_from(const json::Value& input_json) {
    if (input_json.get("base") == nullptr) {
        return flex::plan_input_from_json(input_json);
    }
    const Result<flex::EventPlanInput> input = flex::event_plan_input_from_json(input_json);
    return input ? Result<flex::PlanInput>(flex::permitted_input(*input).input) : input.error();
}

/// A proposal that a person approved: its choices under the recorded input, reckoned again.
Result<ReplayedDecision> replay_proposal(const audit::Entry& entry, const json::Value& body,
                                         const json::Value& input_json, const BlobReader& blob) {
    const Result<flex::PlanInput> input = proposed_from(input_json);
    const Result<json::Value> kept = part_of(entry, body, "plan", blob);
    if (!input || !kept) {
        return input ? kept.error() : input.error();
    }
    const Result<flex::FlexPlan> proposed = flex::flex_plan_from_json(*kept);
    const Result<flex::FlexPlan> plan =
        proposed ? copilot::reckon_again(*input, *proposed) : Result<flex::FlexPlan>(proposed.error());
    if (!plan) {
        return plan.error();
    }
    return compare(entry, "copilot.plan", body.text("/plan_sha256"), flex::plan_sha256(*plan),
                   "the co-pilot's proposal, approved by a person");
}

Result<ReplayedDecision> replay_settlement(const audit::Entry& entry, const json::Value& body,
                                           const json::Value& input_json) {
    const Result<settlement::SettlementInput> input = settlement::settlement_input_from_json(input_json);
    if (!input) {
        return input.error();
    }
    const Result<settlement::SettlementResult> result = settlement::settle(*input);
    if (!result) {
        return result.error();
    }
    const Result<std::string> replayed = hash_of(settlement::to_json(*result));
    if (!replayed) {
        return replayed.error();
    }
    return compare(entry, "settlement.settle", body.text("/result_sha256"), *replayed,
                   "statement " + result->statement.id);
}

/// A contract judged once more where it was confirmed, by what the rules had counted by then.
Result<ReplayedDecision> replay_commitment(const audit::Entry& entry, const json::Value& body,
                                           const json::Value& kept) {
    const std::string* text = kept.as_string();
    const Result<json::Value> parsed =
        text == nullptr ? Result<json::Value>(Error{Errc::corrupt, "entry " + std::to_string(entry.seq) +
                                                                       " has no text of what was judged"})
                        : json::parse(*text);
    const Result<flex::CommitInput> input =
        parsed ? from_json<flex::CommitInput>(*parsed) : Result<flex::CommitInput>(parsed.error());
    if (!input) {
        return input.error();
    }
    const flex::CommitAnswer answer = flex::judge_commitment(*input);
    return compare(entry, "rules.commit", body.text("/decision_sha256"),
                   sha256_hex(json::write(headroom::to_json(answer))),
                   answer.refused.empty() ? input->provider + ": every line may be bought"
                                          : input->provider + ": " + answer.refused.front().sentence());
}

/// The guard asked again under the rules that the entry names: the answer it recorded, to the same bytes. An
/// intent records no answer but by being there: the guard let the instruction pass.
Result<ReplayedDecision> replay_guard(const audit::Entry& entry, const json::Value& body,
                                      const BlobReader& blob) {
    const json::Value* asked = body.get("guard");
    const Result<std::string> bytes = blob(body.text("/guard_rules_blob/sha256"));
    if (asked == nullptr || !bytes) {
        return asked != nullptr ? bytes.error()
                                : Error{Errc::corrupt, "entry " + std::to_string(entry.seq) +
                                                           " has no question to the guard"};
    }
    const Result<json::Value> rules_json = json::parse(*bytes);
    const Result<dispatch::guard::GuardQuestion> question = dispatch::guard::guard_question_from_json(*asked);
    if (!rules_json || !question) {
        return !rules_json ? rules_json.error() : question.error();
    }
    const Result<dispatch::guard::GuardRules> rules = dispatch::guard::guard_rules_from_json(*rules_json);
    if (!rules) {
        return rules.error();
    }
    const bool was_refused = entry.type == "guard.refused";
    const dispatch::guard::GuardAnswer recorded{.allowed = !was_refused,
                                                .rule = was_refused ? body.text("/rule") : "pass",
                                                .detail = was_refused ? body.text("/detail") : ""};
    dispatch::guard::GuardAnswer replayed = dispatch::guard::check(*rules, *question);
    if (replayed.allowed) {
        replayed.detail.clear();
    }
    // What is sent must be what was asked about, and the rules those that the entry names.
    const json::Value* sent = body.get("instruction");
    if (sent != nullptr && *sent != dispatch::to_json(question->instruction)) {
        replayed.rule = "another instruction than was asked about";
    }
    if (body.text("/guard_rules") != rules->id + "@" + std::to_string(rules->version)) {
        replayed.rule = "other rules than the entry names";
    }
    const auto as_json = [](const dispatch::guard::GuardAnswer& answer) {
        return json::Value(
            json::Object{{"allowed", answer.allowed}, {"rule", answer.rule}, {"detail", answer.detail}});
    };
    const Result<std::string> recorded_hash = hash_of(as_json(recorded));
    const Result<std::string> replayed_hash = hash_of(as_json(replayed));
    if (!recorded_hash || !replayed_hash) {
        return !recorded_hash ? recorded_hash.error() : replayed_hash.error();
    }
    return compare(
        entry, "guard.check", *recorded_hash, *replayed_hash,
        question->instruction.der + ": " + (recorded.allowed ? "passed" : "refused by " + recorded.rule));
}

/// Entries of before the rules were kept say nothing that could be made again.
bool is_guarded(const audit::Entry& entry, const json::Value& body) {
    return (entry.type == "dispatch.order.intent" || entry.type == "guard.refused") &&
           body.get("guard_rules_blob") != nullptr;
}

}  // namespace

Result<std::vector<ReplayedDecision>> replay_decisions(const std::vector<audit::Entry>& entries,
                                                       const BlobReader& blob) {
    std::vector<ReplayedDecision> decisions;
    for (const audit::Entry& entry : entries) {
        const json::Value body(entry.body);
        if (is_guarded(entry, body)) {
            Result<ReplayedDecision> guarded = replay_guard(entry, body, blob);
            if (!guarded) {
                return guarded.error();
            }
            decisions.push_back(std::move(*guarded));
            continue;
        }
        const std::string decision = body.text("/decision");
        if (decision.empty()) {
            continue;
        }
        const Result<json::Value> input = part_of(entry, body, "input", blob);
        if (!input) {
            return input.error();
        }
        Result<ReplayedDecision> replayed =
            decision == "risk.raise"     ? replay_risk(entry, body, *input)
            : decision == "flex.plan"    ? replay_plan(entry, body, *input)
            : decision == "rules.commit" ? replay_commitment(entry, body, *input)
            : decision == "shelf.order"  ? replay_shelf_order(entry, body, *input)
            : decision == "shelf.plan"   ? replay_shelf_plan(entry, body, *input)
            : decision == "copilot.plan" ? replay_proposal(entry, body, *input, blob)
            : decision == "settlement.settle"
                ? replay_settlement(entry, body, *input)
                : Result<ReplayedDecision>(Error{Errc::unsupported, "decision '" + decision + "' of entry " +
                                                                        std::to_string(entry.seq) +
                                                                        " is not known here"});
        if (!replayed) {
            return replayed.error();
        }
        decisions.push_back(std::move(*replayed));
    }
    return decisions;
}

}  // namespace headroom::desk
