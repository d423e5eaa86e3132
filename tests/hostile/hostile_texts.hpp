#pragma once

#include "core/json.hpp"

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace headroom::test {

struct HostileText {
    std::string where;
    std::string text;
};

/// The set of tests/hostile/texts.json.
inline std::vector<HostileText> hostile_texts() {
    std::ifstream file(HEADROOM_SOURCE_DIR "/tests/hostile/texts.json", std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    const Result<json::Value> parsed = json::parse(bytes);
    std::vector<HostileText> out;
    if (parsed && parsed->as_array() != nullptr) {
        for (const json::Value& item : *parsed->as_array()) {
            out.push_back({item.text("/where"), item.text("/text")});
        }
    }
    return out;
}

}  // namespace headroom::test
