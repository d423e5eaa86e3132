#pragma once

#include "core/json.hpp"

#include <cstddef>

namespace headroom::json {

/// An upper bound of what `write` or `write_canonical` would give, in bytes, close to it, and found in a
/// fraction of their time: for limits that hardly anything reaches.
[[nodiscard]] std::size_t text_bytes_max(const Value& value);
[[nodiscard]] std::size_t text_bytes_max(const Object& object);

}  // namespace headroom::json
