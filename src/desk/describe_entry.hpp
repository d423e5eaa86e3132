#pragma once

#include "audit/entry.hpp"

#include <string>

namespace headroom::desk {

/// "16:30" of an instant as entries have it; another text as it is.
[[nodiscard]] std::string hour_and_minute(const std::string& time);
/// The entry in a sentence for the operator; empty for entries that tell an operator nothing.
[[nodiscard]] std::string describe(const audit::Entry& entry);

}  // namespace headroom::desk
