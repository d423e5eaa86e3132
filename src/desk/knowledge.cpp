#include "desk/knowledge.hpp"

#include <utility>

namespace headroom::desk {

DocumentAnswer document_answer(const knowledge::Document& document) {
    return {.name = document.name,
            .title = document.title,
            .format = std::string(knowledge::to_string(document.format)),
            .sha256 = document.sha256,
            .bytes = document.bytes,
            .pages = document.pages,
            .passages = document.passages,
            .added_at = document.added};
}

PassageHitAnswer hit_answer(const knowledge::Hit& hit) {
    return {.passage_id = hit.passage.id,
            .document = hit.passage.document,
            .document_sha256 = hit.document_sha256,
            .section = hit.passage.section,
            .page = hit.passage.page,
            .line = hit.passage.line,
            .quote = hit.quote,
            .words = hit.words,
            .score = hit.score};
}

RuleRefAnswer rule_ref_answer(const knowledge::RuleRef& ref) {
    return {.subject = ref.subject,
            .document = ref.document,
            .document_sha256 = ref.document_sha256,
            .section = ref.section,
            .page = ref.page,
            .line = ref.line,
            .quote = ref.quote,
            .words = ref.words};
}

Awaitable<Result<std::vector<DocumentAnswer>>> KnowledgeDesk::documents() {
    auto job = [this]() -> Result<std::vector<DocumentAnswer>> {
        const Result<std::vector<knowledge::Document>> all = library_->documents();
        if (!all) {
            return all.error();
        }
        std::vector<DocumentAnswer> out;
        for (const knowledge::Document& document : *all) {
            out.push_back(document_answer(document));
        }
        return out;
    };
    co_return co_await worker_.run(std::move(job));
}

Awaitable<Result<std::vector<PassageHitAnswer>>> KnowledgeDesk::search(knowledge::SearchQuery query) {
    auto job = [this, query = std::move(query)]() -> Result<std::vector<PassageHitAnswer>> {
        const Result<std::vector<knowledge::Hit>> hits = library_->search(query);
        if (!hits) {
            return hits.error();
        }
        std::vector<PassageHitAnswer> out;
        for (const knowledge::Hit& hit : *hits) {
            out.push_back(hit_answer(hit));
        }
        return out;
    };
    co_return co_await worker_.run(std::move(job));
}

Awaitable<Result<PassageAnswer>> KnowledgeDesk::passage(std::int64_t id) {
    auto job = [this, id]() -> Result<PassageAnswer> {
        const Result<knowledge::Passage> found = library_->passage(id);
        if (!found) {
            return found.error();
        }
        return PassageAnswer{.passage_id = found->id,
                             .document = found->document,
                             .section = found->section,
                             .page = found->page,
                             .line = found->line,
                             .text = found->text};
    };
    co_return co_await worker_.run(std::move(job));
}

Awaitable<Result<std::vector<knowledge::RuleRef>>> KnowledgeDesk::rule_refs(
    std::vector<knowledge::RuleSubject> subjects) {
    auto job = [this, subjects = std::move(subjects)] {
        return knowledge::find_rule_refs(subjects, [this](const std::string& wording) {
            return library_->search({.text = wording, .document = {}, .limit = 3, .all_words = true});
        });
    };
    co_return co_await worker_.run(std::move(job));
}

}  // namespace headroom::desk
