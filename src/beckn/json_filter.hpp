#pragma once

#include "core/json.hpp"
#include "core/result.hpp"

#include <cstddef>
#include <memory>
#include <string_view>

namespace headroom::beckn {

/// A filter of a `discover` of 2.0: the JSONPath (RFC 9535) expression that asks of each item of a catalog
/// whether it is wanted. Of the language that part which such filters are written in:
///
///     $[?(@.beckn:itemAttributes.feederId == 'F-1' && (@.price['schema:price'] <= 2000 || !@.withdrawn))]
///     $.catalogs[*].resources[?@.resourceAttributes.direction=='turn_down']
///
/// One filter selector at the end, behind names and wildcards that are not looked at: items are what is given
/// to `fits`. Within it `||`, `&&`, `!`, brackets, `== != < <= > >=`, and `~`, by which Beckn's examples ask
/// for a text within a text, in either case of its letters; texts, numbers, true, false and null; paths from
/// `@` of names (a colon may stand in them), quoted names, indexes and wildcards, of which any may fit. A
/// name finds the member of JSON-LD that has it behind `beckn:`, too. Values of different types are neither
/// equal nor in any order. Functions, slices, descents and paths from `$` within the filter are refused.
class JsonFilter {
  public:
    /// Errors: `invalid` saying what was expected at which byte, `unsupported` for what of the language is
    /// not known here; also for an expression of more than 32 parts, or nested deeper than 16.
    [[nodiscard]] static Result<JsonFilter> parse(std::string_view expression);

    [[nodiscard]] bool fits(const json::Value& item) const;

    struct Node;  ///< of the parsed expression

  private:
    explicit JsonFilter(std::shared_ptr<const Node> root) : root_(std::move(root)) {}
    std::shared_ptr<const Node> root_;
};

}  // namespace headroom::beckn
