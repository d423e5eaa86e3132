#pragma once

#include "core/caller.hpp"
#include "core/result.hpp"

namespace headroom::agents {

/// Errors: `invalid` for a caller who does not say why.
[[nodiscard]] inline Result<void> with_reason(const Caller& caller) {
    if (caller.reason.empty()) {
        return Error{Errc::invalid, "a reason is needed", "/reason"};
    }
    return {};
}

}  // namespace headroom::agents
