#pragma once

#include "core/async.hpp"
#include "core/result.hpp"
#include "desk/knowledge_answers.hpp"
#include "desk/plan_answers.hpp"
#include "knowledge/library.hpp"
#include "knowledge/rule_refs.hpp"

#include <memory>
#include <string>
#include <vector>

namespace headroom::desk {

[[nodiscard]] DocumentAnswer document_answer(const knowledge::Document& document);
[[nodiscard]] PassageHitAnswer hit_answer(const knowledge::Hit& hit);
[[nodiscard]] RuleRefAnswer rule_ref_answer(const knowledge::RuleRef& ref);

/// The rulebooks for readers with questions. The file is read on a thread of its own; documents come and go
/// by `headroom knowledge`, also while this process runs.
class KnowledgeDesk {
  public:
    explicit KnowledgeDesk(std::unique_ptr<knowledge::Library> library)
        : library_(std::move(library)), worker_("knowledge") {}

    /// By name. Errors: as those of the file.
    Awaitable<Result<std::vector<DocumentAnswer>>> documents();
    /// Best first. Errors: `invalid` for a question without words, `not_found` for an unknown document.
    Awaitable<Result<std::vector<PassageHitAnswer>>> search(knowledge::SearchQuery query);
    /// Errors: `not_found`.
    Awaitable<Result<PassageAnswer>> passage(std::int64_t id);
    /// Passages that speak of these subjects: see `knowledge::find_rule_refs`.
    Awaitable<Result<std::vector<knowledge::RuleRef>>> rule_refs(
        std::vector<knowledge::RuleSubject> subjects);

    /// For what reads the disk beside it.
    [[nodiscard]] Worker& worker() { return worker_; }

  private:
    std::unique_ptr<knowledge::Library> library_;
    Worker worker_;
};

}  // namespace headroom::desk
