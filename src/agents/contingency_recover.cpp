// The plans that a former process used.
#include "agents/contingency.hpp"
#include "agents/each_record.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace headroom::agents {
namespace {

/// A use as its record has it, and where its plan stands when it was too large for an entry.
struct Kept {
    ShelfUse use;
    std::string plan_blob;
};

Result<Kept> read_use(const store::Record& record) {
    const Result<json::Value> body = json::parse(record.json);
    if (!body) {
        return body.error();
    }
    const Result<UtcTime> at = parse_utc(body->text("/at"));
    if (!at) {
        return at.error();
    }
    Kept out;
    out.use.element = body->text("/element");
    out.use.at = *at;
    out.use.state = body->text("/state");
    out.use.source = body->text("/source");
    out.use.plan_sha256 = body->text("/plan_sha256");
    out.use.carried_out = body->text("/carried_out");
    out.use.detail = body->text("/detail");
    const json::Value* events = body->get("events");
    for (const json::Value& event :
         events != nullptr && events->as_array() != nullptr ? *events->as_array() : json::Array{}) {
        if (const std::string* id = event.as_string()) {
            out.use.events.push_back(EventId{*id});
        }
    }
    out.plan_blob = body->text("/plan_blob/sha256");
    if (const json::Value* plan = body->get("plan")) {
        Result<contingency::ShelfPlan> read = contingency::shelf_plan_from_json(*plan);
        if (!read) {
            return read.error();
        }
        out.use.plan = std::move(*read);
    }
    return out;
}

/// Blocking.
Result<std::vector<ShelfUse>> read_uses(const Journal& journal, store::Records& records) {
    std::vector<Kept> all;
    std::string after;
    for (;;) {
        const Result<std::vector<store::Record>> stored = records.list("shelf_use", after, records_page);
        if (!stored) {
            return stored.error();
        }
        if (stored->empty()) {
            break;
        }
        after = stored->back().id;
        for (const store::Record& record : *stored) {
            Result<Kept> kept = read_use(record);
            if (!kept) {
                return kept.error();
            }
            all.push_back(std::move(*kept));
        }
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const Kept& a, const Kept& b) { return a.use.at < b.use.at; });
    all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(std::min(all.size(), shelf_uses_kept)));
    std::vector<ShelfUse> out;
    for (Kept& kept : all) {
        if (!kept.plan_blob.empty()) {
            const Result<std::string> bytes = journal.get_blob(kept.plan_blob);
            const Result<json::Value> json = bytes ? json::parse(*bytes) : Result<json::Value>(bytes.error());
            Result<contingency::ShelfPlan> plan = json ? contingency::shelf_plan_from_json(*json)
                                                       : Result<contingency::ShelfPlan>(json.error());
            if (!plan) {
                return plan.error();
            }
            kept.use.plan = std::move(*plan);
        }
        out.push_back(std::move(kept.use));
    }
    return out;
}

}  // namespace

Awaitable<Result<void>> Contingency::recover() {
    auto job = [&journal = parts_.journal](store::Records& records) { return read_uses(journal, records); };
    Result<std::vector<ShelfUse>> uses = co_await parts_.journal.records().run(std::move(job));
    if (!uses) {
        co_return uses.error();
    }
    uses_.insert(uses_.begin(), std::make_move_iterator(uses->begin()), std::make_move_iterator(uses->end()));
    while (uses_.size() > shelf_uses_kept) {
        uses_.pop_front();
    }
    co_return Result<void>{};
}

}  // namespace headroom::agents
