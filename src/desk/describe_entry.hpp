#pragma once

#include "audit/entry.hpp"

#include <string>

namespace headroom::desk {

/// The entry in a sentence for the operator; empty for entries that tell an operator nothing.
[[nodiscard]] std::string describe(const audit::Entry& entry);

}  // namespace headroom::desk
