#pragma once

#include "core/result.hpp"

#include <string>
#include <utility>

namespace headroom::audit {

/// What is wrong with bytes that were to be read, as a fault `invalid`.
[[nodiscard]] inline Error refuse(std::string message) {
    return Error{Errc::invalid, std::move(message), ""};
}

}  // namespace headroom::audit
