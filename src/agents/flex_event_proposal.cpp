#include "agents/flex_event.hpp"

#include "core/json_object.hpp"
#include "flex/event_breaks.hpp"

#include <utility>

// A person approves what the co-pilot proposed, instead of the plan that waits.

namespace headroom::agents {
namespace {

Result<flex::FlexPlan> plan_in(const Journal& journal, const audit::Entry& entry) {
    const json::Value body(entry.body);
    const json::Value* kept = body.get("proposal");
    if (kept != nullptr) {
        return flex::flex_plan_from_json(*kept);
    }
    const Result<std::string> blob = journal.get_blob(body.text("/proposal_blob/sha256"));
    const Result<json::Value> parsed = blob ? json::parse(*blob) : Result<json::Value>(blob.error());
    return parsed ? flex::flex_plan_from_json(*parsed) : Result<flex::FlexPlan>(parsed.error());
}

/// The input that the plan's entry has or refers to. Blocking.
Result<std::optional<flex::EventPlanInput>> decided_in(const Journal& journal, const json::Object& kept) {
    const json::Value* inline_input = kept.find("input");
    const json::Value* reference = kept.find("input_blob");
    Result<json::Value> input =
        inline_input != nullptr ? Result<json::Value>(*inline_input) : Result<json::Value>(json::Value());
    if (reference != nullptr) {
        const Result<std::string> blob = journal.get_blob(reference->text("/sha256"));
        input = blob ? json::parse(*blob) : Result<json::Value>(blob.error());
    }
    if (!input) {
        return input.error();
    }
    if (input->get("base") == nullptr) {
        return std::optional<flex::EventPlanInput>();
    }
    Result<flex::EventPlanInput> decided = flex::event_plan_input_from_json(*input);
    return decided ? Result<std::optional<flex::EventPlanInput>>(std::move(*decided)) : decided.error();
}

/// Blocking.
Result<AcceptedProposal> find_proposal(Journal& journal, const std::string& event,
                                       const std::string& standing, const std::string& wanted) {
    AcceptedProposal out;
    bool is_found = false;
    for (const std::uint64_t seq : journal.log().find_corr(event)) {
        const Result<audit::Entry> entry = journal.log().read(seq);
        if (!entry) {
            return entry.error();
        }
        const json::Value body(entry->body);
        if (body.text("/plan_sha256") != standing) {
            continue;
        }
        if (entry->type == "dispatch.plan") {
            for (const char* name : {"input", "input_blob"}) {
                if (const json::Value* input = body.get(name)) {
                    out.input.set(name, *input);
                }
            }
        }
        if (entry->type != "ai.proposal" || body.text("/proposal_sha256") != wanted) {
            continue;
        }
        Result<flex::FlexPlan> plan = plan_in(journal, *entry);
        if (!plan || flex::plan_sha256(*plan) != wanted) {
            return Error{Errc::corrupt,
                         "entry " + std::to_string(seq) + ": the proposal is not what its hash says"};
        }
        out.plan = std::move(*plan);
        out.seq = seq;
        is_found = true;
    }
    if (!is_found) {
        return Error{Errc::not_found, "event " + event + " waits with no proposal " + wanted};
    }
    Result<std::optional<flex::EventPlanInput>> decided = decided_in(journal, out.input);
    if (!decided) {
        return decided.error();
    }
    out.decided = std::move(*decided);
    return out;
}

}  // namespace

/// Budgets and starts may have been used by others since it was proposed.
Result<void> FlexEvent::hold_against_rules(const AcceptedProposal& proposal) const {
    if (!proposal.decided || !plan_) {
        return {};
    }
    const flex::EventPlanInput input = context_.judged(proposal.decided->base, {}, standing());
    const std::vector<flex::RuleBreak> broken = flex::rule_breaks(input, proposal.plan, *plan_);
    if (broken.empty()) {
        return {};
    }
    return Error{Errc::conflict, "the proposal breaks rule " + broken.front().rule + " by now: " +
                                     (broken.front().offer.empty() ? "" : broken.front().offer + ", ") +
                                     broken.front().detail};
}

Awaitable<Result<AcceptedProposal>> FlexEvent::proposal(std::string sha256) {
    if (!waits_for_approval()) {
        co_return Error{Errc::not_found, "event " + record_.id().value + " does not wait for an approval"};
    }
    // The log is read where the store's thread waits for the disk anyway.
    auto job = [&journal = context_.parts.journal, event = record_.id().value, standing = record_.plan_sha256,
                wanted = std::move(sha256)](store::Records&) {
        return find_proposal(journal, event, standing, wanted);
    };
    const std::string standing = record_.plan_sha256;
    Result<AcceptedProposal> found = co_await context_.parts.journal.records().run(std::move(job));
    if (found && (!waits_for_approval() || record_.plan_sha256 != standing)) {
        co_return Error{Errc::not_found, "event " + record_.id().value + " has been planned anew"};
    }
    const Result<void> allowed = found ? hold_against_rules(*found) : Result<void>{};
    if (!allowed) {
        co_return allowed.error();
    }
    co_return found;
}

Awaitable<Result<audit::Draft>> FlexEvent::adopt(std::shared_ptr<const AcceptedProposal> proposal) {
    const flex::FlexPlan& plan = proposal->plan;
    Result<json::Object> plan_kept = co_await kept("plan", flex::to_json(plan));
    if (!plan_kept) {
        co_return plan_kept.error();
    }
    record_.round += 1;
    record_.plan_sha256 = flex::plan_sha256(plan);
    plan_ = plan;
    json::Object body = json::object({{"round", record_.round},
                                      {"why", "the co-pilot's proposal was approved"},
                                      {"planner", "llm+optimiser"},
                                      {"proposal", static_cast<std::int64_t>(proposal->seq)},
                                      {"plan_sha256", record_.plan_sha256},
                                      {"decision", "copilot.plan"},
                                      {"rule_set", plan.rule_set},
                                      {"chosen", plan.chosen},
                                      {"cost_micro_gbp", plan.cost.value},
                                      {"shortfall_w", plan.shortfall_peak.value},
                                      {"covers", plan.shortfall_peak.value == 0 && !plan.lines.empty()},
                                      {"authority", record_.authority},
                                      {"authority_reason", record_.authority_reason}});
    body.set_all(proposal->input);
    body.set_all(std::move(*plan_kept));
    co_return draft("dispatch.plan", std::move(body));
}

}  // namespace headroom::agents
