#pragma once

#include "core/ids.hpp"

#include <random>
#include <string>
#include <string_view>

namespace headroom::app {

/// An id that nobody has had before: for conversations begun from the shell.
[[nodiscard]] inline std::string random_uuid(std::string_view material) {
    std::random_device device;
    std::string seed(material);
    for (int i = 0; i < 8; ++i) {
        seed += std::to_string(device()) + ",";
    }
    return make_uuid(seed);
}

}  // namespace headroom::app
