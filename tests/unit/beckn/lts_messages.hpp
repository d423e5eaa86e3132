#pragma once

#include <fstream>
#include <sstream>
#include <string>

namespace headroom::beckn::test {

/// A file of tests/unit/beckn/messages.
inline std::string file(const std::string& name) {
    std::ifstream in(std::string(HEADROOM_SOURCE_DIR) + "/tests/unit/beckn/messages/" + name);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

}  // namespace headroom::beckn::test
