#include "desk/event_evidence.hpp"

#include "desk/describe_entry.hpp"
#include "settlement/statement.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace headroom::desk {
namespace {

constexpr std::size_t events_kept = 32;

/// `name` of the body, or what `name`_blob refers to.
Result<json::Value> inline_or_blob(const json::Object& body, const std::string& name,
                                   const BlobReader& blob) {
    if (const json::Value* value = body.find(name)) {
        return *value;
    }
    const json::Value* reference = body.find(name + "_blob");
    if (reference == nullptr) {
        return json::Value();
    }
    const Result<std::string> bytes = blob(reference->text("/sha256"));
    if (!bytes) {
        return bytes.error();
    }
    return json::parse(*bytes);
}

/// The plan says which offers it left out by their ids alone; the input knows whose they are.
json::Array refused_offers(const json::Value& input, const json::Value& plan) {
    json::Array out;
    const json::Value* sentences = plan.get("left_out");
    const json::Value* offers = input.get("offers");
    if (sentences == nullptr || sentences->as_array() == nullptr) {
        return out;
    }
    std::multimap<std::string, const json::Value*> by_id;
    if (offers != nullptr && offers->as_array() != nullptr) {
        for (const json::Value& offer : *offers->as_array()) {
            by_id.emplace(offer.text("/id"), &offer);
        }
    }
    for (const json::Value& item : *sentences->as_array()) {
        const std::string sentence = item.as_string() == nullptr ? "" : *item.as_string();
        json::Object refused{{"reason", sentence}};
        for (std::size_t colon = sentence.find(": "); colon != std::string::npos;
             colon = sentence.find(": ", colon + 1)) {
            const auto offer = by_id.find(sentence.substr(0, colon));
            if (offer != by_id.end()) {
                refused = json::Object{{"offer_id", offer->first},
                                       {"der_id", offer->second->text("/der")},
                                       {"provider", offer->second->text("/provider")},
                                       {"reason", sentence.substr(colon + 2)}};
                by_id.erase(offer);  // another provider's offer may have the same id
                break;
            }
        }
        out.emplace_back(std::move(refused));
    }
    return out;
}

Result<void> shorten_plan(json::Object& body, const BlobReader& blob) {
    Result<json::Value> plan = inline_or_blob(body, "plan", blob);
    const Result<json::Value> input = inline_or_blob(body, "input", blob);
    if (!plan || !input) {
        return !plan ? plan.error() : input.error();
    }
    // Where the operator's rules are part of the decision, the plan's own input stands within it.
    const json::Value* base = input->get("base");
    const json::Value& of_plan = base != nullptr ? *base : *input;
    body.set("refused", refused_offers(of_plan, *plan));
    body.set("cost_max_micro_gbp", of_plan.integer("/rules/cost_max_micro_pounds"));
    Result<json::Value> notes = inline_or_blob(body, "notes", blob);
    if (!notes) {
        return notes.error();
    }
    body.set("notes", std::move(*notes));
    body.set("plan", std::move(*plan));
    body.set("planned_at", of_plan.text("/now"));
    body.erase("input");
    return {};
}

Result<void> read_proposal(json::Object& body, const BlobReader& blob) {
    Result<json::Value> plan = inline_or_blob(body, "proposal", blob);
    if (!plan) {
        return plan.error();
    }
    body.set("proposal", std::move(*plan));
    return {};
}

/// The result is not written down, for it follows from the input: it is reckoned again.
Result<void> settle_again(json::Object& body, const BlobReader& blob) {
    const Result<json::Value> input_json = inline_or_blob(body, "input", blob);
    if (!input_json) {
        return input_json.error();
    }
    const Result<settlement::SettlementInput> input = settlement::settlement_input_from_json(*input_json);
    if (!input) {
        return input.error();
    }
    const Result<settlement::SettlementResult> result = settlement::settle(*input);
    if (!result) {
        return result.error();
    }
    body.set("result", settlement::to_json(*result));
    body.erase("input");
    return {};
}

Result<std::shared_ptr<const EvidenceEntry>> evidence_of(audit::Entry entry, const BlobReader& blob) {
    auto out = std::make_shared<EvidenceEntry>();
    out->text = describe(entry);
    const bool settles = entry.type == "settlement.record" || entry.type == "settlement.correction";
    Result<void> shortened = entry.type == "dispatch.plan" ? shorten_plan(entry.body, blob)
                             : entry.type == "ai.proposal" ? read_proposal(entry.body, blob)
                             : settles                     ? settle_again(entry.body, blob)
                                                           : Result<void>{};
    if (!shortened) {
        return shortened.error();
    }
    // The state after an entry and the question to the guard are large; the word of a co-pilot's guard is
    // not.
    for (const char* name : {"event_after", "contract_after", "guard"}) {
        const json::Value* member = entry.body.find(name);
        if (member != nullptr && member->as_object() != nullptr) {
            entry.body.erase(name);
        }
    }
    out->entry = std::move(entry);
    return std::shared_ptr<const EvidenceEntry>(std::move(out));
}

}  // namespace

Result<std::vector<std::shared_ptr<const EvidenceEntry>>> EventReader::read_entries(
    const std::string& event) {
    const auto found =
        std::find_if(kept_.begin(), kept_.end(), [&](const Kept& kept) { return kept.event == event; });
    if (found != kept_.end()) {
        kept_.splice(kept_.begin(), kept_, found);
    } else {
        kept_.push_front({.event = event, .entries = {}});
        if (kept_.size() > events_kept) {
            kept_.pop_back();
        }
    }
    std::vector<std::shared_ptr<const EvidenceEntry>>& entries = kept_.front().entries;
    const BlobReader blob = [this](const std::string& sha256) { return journal_.get_blob(sha256); };
    const std::vector<std::uint64_t> numbers = journal_.log().find_corr(event);
    for (std::size_t i = entries.size(); i < numbers.size(); ++i) {
        Result<audit::Entry> entry = journal_.log().read(numbers[i]);
        if (!entry) {
            return entry.error();
        }
        Result<std::shared_ptr<const EvidenceEntry>> evidence = evidence_of(std::move(*entry), blob);
        if (!evidence) {
            return evidence.error();
        }
        entries.push_back(std::move(*evidence));
    }
    return entries;
}

Awaitable<Result<EventEvidence>> EventReader::read(std::string event) {
    auto contracts_of = [event](store::Records& records) -> Result<std::vector<store::Record>> {
        Result<std::vector<store::Record>> all = records.list_by_corr(event);
        if (all) {
            std::erase_if(*all, [](const store::Record& record) { return record.kind != "contract"; });
        }
        return all;
    };
    Result<std::vector<store::Record>> contracts = co_await journal_.records().run(std::move(contracts_of));
    if (!contracts) {
        co_return contracts.error();
    }
    auto job = [this, event = std::move(event)] { return read_entries(event); };
    Result<std::vector<std::shared_ptr<const EvidenceEntry>>> entries = co_await worker_.run(std::move(job));
    if (!entries) {
        co_return entries.error();
    }
    co_return EventEvidence{.entries = std::move(*entries), .contracts = std::move(*contracts)};
}

Result<std::vector<audit::Entry>> EventReader::read_all(const std::string& event) const {
    std::vector<audit::Entry> entries;
    for (const std::uint64_t number : journal_.log().find_corr(event)) {
        Result<audit::Entry> entry = journal_.log().read(number);
        if (!entry) {
            return entry.error();
        }
        entries.push_back(std::move(*entry));
    }
    return entries;
}

Awaitable<Result<std::vector<audit::Entry>>> EventReader::read_whole(std::string event) {
    auto job = [this, event = std::move(event)] { return read_all(event); };
    co_return co_await worker_.run(std::move(job));
}

Awaitable<Result<std::vector<ReplayedDecision>>> EventReader::replay(std::string event) {
    auto job = [this, event = std::move(event)]() -> Result<std::vector<ReplayedDecision>> {
        const Result<std::vector<audit::Entry>> entries = read_all(event);
        if (!entries) {
            return entries.error();
        }
        return replay_decisions(*entries,
                                [this](const std::string& sha256) { return journal_.get_blob(sha256); });
    };
    co_return co_await worker_.run(std::move(job));
}

}  // namespace headroom::desk
