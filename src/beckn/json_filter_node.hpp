#pragma once

// The parsed expression of a JsonFilter. Not for others.

#include "beckn/json_filter.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace headroom::beckn {

/// A step of a path: a member's name, an element's number, or all of them.
struct JsonFilterStep {
    enum class Kind : std::uint8_t { name, index, all };
    Kind kind = Kind::all;
    std::string name;
    std::int64_t index = 0;
};
using JsonFilterPath = std::vector<JsonFilterStep>;

struct JsonFilter::Node {
    enum class Kind : std::uint8_t { any_of, all_of, negation, exists, compare };
    enum class Order : std::uint8_t { equal, unequal, less, less_equal, greater, greater_equal, holds };
    using Operand = std::variant<json::Value, JsonFilterPath>;

    Kind kind = Kind::exists;
    Order order = Order::equal;
    std::vector<Node> parts;  ///< of any_of, all_of and negation
    Operand left;             ///< of exists a path
    Operand right;
};

}  // namespace headroom::beckn
