#pragma once

#include "beckn/v11_node.hpp"
#include "core/units.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Inside of the reader for 2.0.0-rc1: its keys and its quantities.
namespace headroom::beckn::rc1 {

using v11::Node;
using v11::Tags;

/// The member "beckn:NAME", "schema:NAME" or NAME, whichever stands; an absent "beckn:NAME" otherwise.
[[nodiscard]] Node field(const Node& object, std::string_view name);
/// `@type` without prefix: "DemandFlexibilityResource"; "" when it is not said.
[[nodiscard]] std::string type_of(const Node& object);
/// An id that stands as a text, or as an object with an id.
[[nodiscard]] Node id_of(const Node& node);
/// An id of somebody else; "" and a fault otherwise.
[[nodiscard]] std::string id_text(const Node& node);

/// A number in units of 10^-decimals within [min, max]; digits beyond are cut off, so never more than was
/// written.
[[nodiscard]] std::optional<std::int64_t> number(const Node& node, int decimals, std::int64_t min,
                                                 std::int64_t max);
/// The power NAME of `object` in W, by the unit that stands beside it as NAMEUnit, `unit` or `unit_name`, or
/// inside it; kW when none does. Within [-10^12, 10^12].
[[nodiscard]] std::optional<std::int64_t> power_w(const Node& object, std::string_view name,
                                                  std::string_view unit_name = "unit");
/// An ISO 8601 duration; zero when it is absent.
[[nodiscard]] milliseconds duration_or_zero(const Node& node);

}  // namespace headroom::beckn::rc1
