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

/// `start`, `step`, `kw`: power by slot, none below `min_w`.
[[nodiscard]] std::optional<flex::IntervalGrid> read_grid(const Tags& tags, std::int64_t min_w = 0);
/// Whether a slot may be so long: one minute to one day.
[[nodiscard]] bool is_slot_length(milliseconds step);
/// FLEX_REQUEST.
[[nodiscard]] std::optional<SearchIntent> read_request(const Tags& tags);
/// Whether an offer must say its feeder: published resources of 2.0.0-rc1 do not.
enum class FeederIs { required, optional };
/// FLEX_RESOURCE of the item `id`; without provider and validity.
[[nodiscard]] std::optional<flex::Offer> read_resource(const Node& id, const Tags& tags,
                                                       FeederIs feeder = FeederIs::required);

void add_grid(NamedValues& list, const flex::IntervalGrid& grid);
[[nodiscard]] NamedValues write_request(const SearchIntent& intent);
[[nodiscard]] NamedValues write_resource(const flex::Offer& offer);
/// FLEX_GRID.
[[nodiscard]] NamedValues write_line_terms(const OrderLine& line);

}  // namespace headroom::beckn::v11
