#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "flex/flex_plan.hpp"
#include "knowledge/library.hpp"
#include "risk/overload.hpp"

#include <functional>
#include <string>
#include <vector>

namespace headroom::knowledge {

inline constexpr std::size_t rule_refs_max = 6;

/// A passage of a rulebook that speaks of what a plan was made by.
struct RuleRef {
    std::string subject;  ///< "limit", "dispatch", "margin", "notice", "programme", "shortfall"
    std::string document;
    std::string document_sha256;
    std::string section;
    std::int64_t page = 0;  ///< 0 where the document has no pages
    std::int64_t line = 0;
    std::string quote;
    std::vector<std::string> words;  ///< why it is cited; each stands in the passage or its heading

    bool operator==(const RuleRef&) const = default;
};

/// What to look for in the rulebooks about one subject: wordings, the most telling first.
struct RuleSubject {
    std::string subject;
    std::vector<std::string> wordings;
};

/// The subjects of a plan: the kind of limit that it protects, how flexibility is dispatched, its margin,
/// notice where an offer needs any, the programmes that it buys under, and a shortfall where one is left.
/// Pure.
[[nodiscard]] std::vector<RuleSubject> rule_subjects(const risk::Overload& overload,
                                                     const flex::FlexPlan& plan);

/// Passages that hold every word of a wording, best first.
using FindPassages = std::function<Result<std::vector<Hit>>(const std::string& wording)>;

/// One passage a subject: the best for the first wording that is found with all its words. A subject that the
/// rulebooks are silent about has none; no passage is cited twice. Pure but for `find`.
/// Errors: as `find`.
[[nodiscard]] Result<std::vector<RuleRef>> find_rule_refs(const std::vector<RuleSubject>& subjects,
                                                          const FindPassages& find);

[[nodiscard]] json::Value to_json(const RuleRef& ref);
/// Errors: `invalid` with the pointer.
[[nodiscard]] Result<RuleRef> rule_ref_from_json(const json::Value& value);

}  // namespace headroom::knowledge
