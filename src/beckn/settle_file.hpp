#pragma once

#include "beckn/policy_settle.hpp"

#include <string_view>

namespace headroom::beckn {

/// Settles what a file holds: one 2.0 message with a contract, a contract alone, or a capture of JSON lines
/// ({"body"} or {"raw"}), of which the last contract whose evidence is whole counts; pages are put together.
/// Errors: `invalid` with the pointer, naming the line of a capture; those of `settle_by_policy`.
[[nodiscard]] Result<PolicySettlement> settle_text(std::string_view text);

}  // namespace headroom::beckn
