#include "agents/copilot_events.hpp"

#include "agents/entry_body.hpp"
#include "core/json_object.hpp"
#include "core/log.hpp"
#include "flex/event_plan.hpp"

#include <utility>

namespace headroom::agents {
namespace {

struct Decided {
    flex::EventPlanInput input;
    flex::FlexPlan plan;
};

/// `name` of the body, or what `name`_blob refers to. Blocking.
Result<json::Value> part_of(const Journal& journal, const json::Object& body, const std::string& name) {
    if (const json::Value* value = body.find(name)) {
        return *value;
    }
    const json::Value* reference = body.find(name + "_blob");
    if (reference == nullptr) {
        return Error{Errc::corrupt, "the plan's entry has no " + name};
    }
    const Result<std::string> bytes = journal.get_blob(reference->text("/sha256"));
    return bytes ? json::parse(*bytes) : Result<json::Value>(bytes.error());
}

/// Entries of before the rules were part of the decision hold the plan's input alone.
Result<flex::EventPlanInput> decided_from(const json::Value& input) {
    if (input.get("base") != nullptr) {
        return flex::event_plan_input_from_json(input);
    }
    Result<flex::PlanInput> base = flex::plan_input_from_json(input);
    return base ? Result<flex::EventPlanInput>({.base = std::move(*base), .book = {}, .facts = {}})
                : base.error();
}

Result<Decided> read_decision(const Journal& journal, const json::Object& body) {
    const Result<json::Value> input_json = part_of(journal, body, "input");
    const Result<json::Value> plan_json = part_of(journal, body, "plan");
    if (!input_json || !plan_json) {
        return input_json ? plan_json.error() : input_json.error();
    }
    Result<flex::EventPlanInput> input = decided_from(*input_json);
    Result<flex::FlexPlan> plan = flex::flex_plan_from_json(*plan_json);
    if (!input || !plan) {
        return input ? plan.error() : input.error();
    }
    return Decided{std::move(*input), std::move(*plan)};
}

json::Array rules_of(const Considered& considered) {
    json::Array out;
    for (const flex::RuleBreak& broken : considered.rules_broken) {
        out.emplace_back(json::object({{"rule", broken.rule},
                                       {"provider", broken.provider},
                                       {"offer", broken.offer},
                                       {"detail", broken.detail}}));
    }
    return out;
}

}  // namespace

void CopilotEvents::take(const audit::Entry& entry) {
    // A proposal that was approved is not put to it again.
    if (entry.type != "dispatch.plan" || !parts_.copilot.is_enabled()) {
        return;
    }
    const json::Value* decision = entry.body.find("decision");
    if (decision != nullptr && decision->text("") == "copilot.plan") {
        return;
    }
    if (open_ >= turns_open_max) {
        ++passed_over_;
        log::warn("a plan was not put to the language model: it is busy with others",
                  {{"event", entry.corr}});
        return;
    }
    ++open_;
    spawn(parts_.executor, consider(entry));
}

Awaitable<void> CopilotEvents::consider(audit::Entry entry) {
    auto read = [this, body = entry.body] { return read_decision(parts_.journal, body); };
    Result<Decided> decided = co_await worker_.run(std::move(read));
    if (!decided) {
        log::warn("a plan could not be put to a language model", {{"error", decided.error().message}});
        --open_;
        co_return;
    }
    if (!decided->input.base.offers.empty()) {  // without offers there is nothing to choose from
        Considered considered =
            co_await parts_.copilot.consider(std::move(decided->input), std::move(decided->plan), {});
        co_await write_down(std::move(entry), std::move(considered));
    }
    --open_;
}

Awaitable<void> CopilotEvents::write_down(audit::Entry entry, Considered considered) {
    const bool is_accepted = considered.reason == copilot::Reason::none;
    const json::Value of(entry.body);
    json::Array exchanges;
    for (const std::uint64_t seq : considered.entries) {
        exchanges.emplace_back(static_cast<std::int64_t>(seq));
    }
    json::Object body = json::object(
        {{"plan_sha256", of.text("/plan_sha256")},
         {"round", of.integer("/round")},
         {"verdict",
          is_accepted ? std::string("accepted") : std::string(copilot::to_string(considered.reason))},
         {"guard", considered.guard ? std::string(copilot::to_string(*considered.guard)) : std::string()},
         {"violations", texts(considered.violations)},
         {"rules_broken", rules_of(considered)},
         {"summary", considered.summary},
         {"justification", considered.justification},
         {"model", considered.model},
         {"latency_us", static_cast<std::int64_t>(considered.latency_ms * 1000.0)},
         {"tokens", considered.tokens},
         {"exchanges", std::move(exchanges)}});
    if (is_accepted) {
        body.set("proposal_sha256", flex::plan_sha256(considered.plan));
        body.set("cost_micro_gbp", considered.plan.cost.value);
        body.set("shortfall_w", considered.plan.shortfall_peak.value);
        json::Value plan = flex::to_json(considered.plan);
        std::string bytes = json::write(plan);
        if (bytes.size() <= inline_bytes_max) {
            body.set("proposal", std::move(plan));
        } else {
            Result<json::Value> blob = co_await parts_.journal.put_blob(std::move(bytes));
            if (!blob) {
                log::error("a proposal could not be written down",
                           {{"event", entry.corr}, {"error", blob.error().message}});
                co_return;
            }
            body.set("proposal_blob", std::move(*blob));
        }
    }
    std::vector<audit::Draft> drafts;
    drafts.push_back({.type = is_accepted ? "ai.proposal" : "ai.rejected",
                      .actor = system_actor("copilot"),
                      .body = std::move(body),
                      .corr = entry.corr,
                      .caus = std::to_string(entry.seq)});
    const Result<audit::Committed> written = co_await parts_.journal.commit(std::move(drafts));
    if (!written) {
        log::error("what a language model said of a plan could not be written down",
                   {{"event", entry.corr}, {"error", written.error().message}});
    }
}

}  // namespace headroom::agents
