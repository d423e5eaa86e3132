#pragma once

#include <string>
#include <string_view>

namespace headroom::knowledge {

/// Text of HTML with its character references resolved: the numeric ones and those that documents use most.
/// Others stay as they stand.
[[nodiscard]] std::string resolve_entities(std::string_view text);

}  // namespace headroom::knowledge
