#include "knowledge/rule_refs.hpp"

#include "core/json_object.hpp"
#include "core/object_reader.hpp"
#include "knowledge/search_words.hpp"

#include <algorithm>
#include <set>

namespace headroom::knowledge {
namespace {

constexpr std::size_t words_cited_max = 32;

std::vector<std::string> limit_wordings(const grid::Limit& limit) {
    using grid::LimitKind;
    switch (limit.kind) {
        case LimitKind::continuous:
            return {"continuous thermal rating", "continuous rating", "thermal rating", "overload limit"};
        case LimitKind::cyclic:
            return {"cyclic rating", "thermal rating", "overload limit"};
        case LimitKind::emergency:
            return {"emergency rating", "short term rating", "overload limit"};
        case LimitKind::fuse:
            return {"fuse rating", "overload limit"};
        case LimitKind::protection:
            return {"protection setting limit", "protection limit"};
        case LimitKind::voltage:
            return {"statutory voltage limit", "voltage limit"};
        case LimitKind::contract:
            return {"agreed import capacity", "contracted limit", "capacity limit"};
    }
    HEADROOM_ASSERT(false);
    return {};
}

bool any_needs_notice(const flex::FlexPlan& plan) {
    return std::any_of(plan.lines.begin(), plan.lines.end(),
                       [](const flex::PlanLine& line) { return line.offer.notice > milliseconds{0}; });
}

RuleRef ref_of(const std::string& subject, const Hit& hit) {
    RuleRef ref{.subject = subject,
                .document = hit.passage.document,
                .document_sha256 = hit.document_sha256,
                .section = hit.passage.section,
                .page = hit.passage.page,
                .line = hit.passage.line,
                .quote = hit.quote,
                .words = hit.words};
    ref.words.resize(std::min(ref.words.size(), words_cited_max));
    return ref;
}

}  // namespace

std::vector<RuleSubject> rule_subjects(const risk::Overload& overload, const flex::FlexPlan& plan) {
    std::vector<RuleSubject> subjects{{"limit", limit_wordings(overload.limit)}};
    if (!plan.lines.empty()) {
        subjects.push_back({"dispatch",
                            {"flexibility dispatch order", "dispatch flexibility", "demand turn-down",
                             "demand reduction", "demand control"}});
        subjects.push_back({"margin", {"flexibility margin need", "procurement margin", "safety margin"}});
        if (any_needs_notice(plan)) {
            subjects.push_back({"notice", {"notice period provider", "notice dispatch", "notice period"}});
        }
        std::set<std::string> programmes;
        for (const flex::PlanLine& line : plan.lines) {
            if (!line.programme.empty()) {
                programmes.insert(line.programme);
            }
        }
        if (!programmes.empty()) {
            subjects.push_back({"programme", {programmes.begin(), programmes.end()}});
        }
    }
    if (plan.shortfall_peak > Watts{}) {
        subjects.push_back(
            {"shortfall", {"demand disconnection", "load shedding", "demand control", "residual overload"}});
    }
    return subjects;
}

Result<std::vector<RuleRef>> find_rule_refs(const std::vector<RuleSubject>& subjects,
                                            const FindPassages& find) {
    std::vector<RuleRef> refs;
    std::set<std::int64_t> cited;
    for (const RuleSubject& subject : subjects) {
        bool is_found = false;
        for (const std::string& wording : subject.wordings) {
            if (is_found || refs.size() >= rule_refs_max) {
                break;
            }
            const Result<std::vector<Hit>> hits = find(wording);
            if (!hits) {
                return hits.error();
            }
            const std::vector<std::string> words = search_words(wording);
            for (const Hit& hit : *hits) {
                // What does not hold every word is not what it would be cited for.
                if (words_covered(words, hit.words) == words.size() && !hit.quote.empty() &&
                    cited.insert(hit.passage.id).second) {
                    refs.push_back(ref_of(subject.subject, hit));
                    is_found = true;
                    break;
                }
            }
        }
    }
    return refs;
}

json::Value to_json(const RuleRef& ref) {
    json::Array words;
    for (const std::string& word : ref.words) {
        words.emplace_back(word);
    }
    return json::object({{"subject", ref.subject},
                         {"document", ref.document},
                         {"document_sha256", ref.document_sha256},
                         {"section", ref.section},
                         {"page", ref.page},
                         {"line", ref.line},
                         {"quote", ref.quote},
                         {"words", std::move(words)}});
}

Result<RuleRef> rule_ref_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    RuleRef ref;
    ref.subject = read.text("subject", 32, 1);
    ref.document = read.text("document", 96, 1);
    ref.document_sha256 = read.text("document_sha256", 64, 64);
    ref.section = read.text("section", 512);
    ref.page = read.integer("page", 0, 10'000'000);
    ref.line = read.integer("line", 0);
    ref.quote = read.text("quote", quote_bytes_max, 1);
    ref.words = read.texts("words", words_cited_max, passage_bytes_max);
    read.refuse_unknown();
    if (!read.ok()) {
        return read.error();
    }
    return ref;
}

}  // namespace headroom::knowledge
