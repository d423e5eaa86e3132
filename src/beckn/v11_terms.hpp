#pragma once

#include "beckn/envelope.hpp"
#include "beckn/v11_node.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

// The named values of docs/formats/beckn-flex-resource.md. Where they stand differs by dialect (a tag group,
// keys of a map, an object of its own); what they say does not.
namespace headroom::beckn::v11 {

using NamedValues = std::vector<std::pair<std::string, std::string>>;

/// `start`, `step`, `kw`: power by slot.
[[nodiscard]] std::optional<flex::IntervalGrid> read_grid(const Tags& tags);
/// FLEX_REQUEST.
[[nodiscard]] std::optional<SearchIntent> read_request(const Tags& tags);
/// FLEX_RESOURCE of the item `id`; without provider and validity.
[[nodiscard]] std::optional<flex::Offer> read_resource(const Node& id, const Tags& tags);

void add_grid(NamedValues& list, const flex::IntervalGrid& grid);
[[nodiscard]] NamedValues write_request(const SearchIntent& intent);
[[nodiscard]] NamedValues write_resource(const flex::Offer& offer);
/// FLEX_GRID.
[[nodiscard]] NamedValues write_line_terms(const OrderLine& line);

}  // namespace headroom::beckn::v11
