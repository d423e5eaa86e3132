#pragma once

#include "core/result.hpp"

#include <string>
#include <string_view>

namespace headroom::store {

/// One gzip member, by the fastest level: lines of text become about a tenth. Errors: `invalid` when zlib
/// refuses.
[[nodiscard]] Result<std::string> gzip(std::string_view bytes);

}  // namespace headroom::store
