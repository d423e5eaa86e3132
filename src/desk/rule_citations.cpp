#include "desk/rule_citations.hpp"

#include "core/json_object.hpp"
#include "core/log.hpp"
#include "flex/event_plan.hpp"

#include <utility>

namespace headroom::desk {
namespace {

constexpr int open_max = 16;

/// `name` of the body, or what `name`_blob refers to. Blocking.
Result<json::Value> part_of(const agents::Journal& journal, const json::Object& body,
                            const std::string& name) {
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

struct Decision {
    std::string plan_sha256;
    std::vector<knowledge::RuleSubject> subjects;
};

/// What the plan in entry `seq` is about. Blocking.
Result<Decision> decision_in(const agents::Journal& journal, std::uint64_t seq) {
    const Result<audit::Entry> entry = journal.log().read(seq);
    if (!entry) {
        return entry.error();
    }
    const json::Object& body = entry->body;
    const Result<json::Value> input_json = part_of(journal, body, "input");
    const Result<json::Value> plan_json = part_of(journal, body, "plan");
    if (!input_json || !plan_json) {
        return input_json ? plan_json.error() : input_json.error();
    }
    const Result<flex::PlanInput> input = flex::recorded_plan_input(*input_json);
    const Result<flex::FlexPlan> plan = flex::flex_plan_from_json(*plan_json);
    if (!input || !plan) {
        return input ? plan.error() : input.error();
    }
    const json::Value* hash = body.find("plan_sha256");
    return Decision{hash != nullptr ? hash->text("") : "", knowledge::rule_subjects(input->overload, *plan)};
}

}  // namespace

RuleCitations::RuleCitations(Parts parts) : parts_(std::move(parts)) {
    parts_.journal.on_entry([this](const audit::Entry& entry) {
        if (entry.type != "dispatch.plan") {
            return;
        }
        if (open_ >= open_max) {
            ++passed_over_;
            return;
        }
        ++open_;
        spawn(parts_.executor, cite(entry.seq, entry.corr));
    });
}

/// Most desks have no rulebooks: the entry is read back when there are some, not copied for each plan.
Awaitable<void> RuleCitations::cite(std::uint64_t seq, std::string event) {
    Result<std::vector<DocumentAnswer>> documents = co_await parts_.knowledge.documents();
    if (!documents || documents->empty()) {
        --open_;
        co_return;
    }
    auto read = [this, seq] { return decision_in(parts_.journal, seq); };
    Result<Decision> decision = co_await parts_.knowledge.worker().run(std::move(read));
    if (!decision) {
        log::warn("a plan could not be held against the rulebooks", {{"error", decision.error().message}});
        --open_;
        co_return;
    }
    Result<std::vector<knowledge::RuleRef>> refs =
        co_await parts_.knowledge.rule_refs(std::move(decision->subjects));
    --open_;
    if (!refs) {
        log::warn("the rulebooks could not be read", {{"error", refs.error().message}});
        co_return;
    }
    if (refs->empty()) {
        co_return;
    }
    json::Array list;
    for (const knowledge::RuleRef& ref : *refs) {
        list.push_back(knowledge::to_json(ref));
    }
    parts_.journal.note({.type = "rules.cited",
                         .actor = agents::system_actor("knowledge"),
                         .body = json::object({{"plan_sha256", std::move(decision->plan_sha256)},
                                               {"rule_refs", std::move(list)}}),
                         .corr = std::move(event),
                         .caus = std::to_string(seq)});
}

}  // namespace headroom::desk
