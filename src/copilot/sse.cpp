#include "copilot/wire_parts.hpp"

namespace headroom::copilot {

std::vector<std::string> read_sse(std::string_view body) {
    std::vector<std::string> events;
    std::string data;
    bool has_data = false;
    const auto finish = [&] {
        if (has_data) {
            events.push_back(std::move(data));
        }
        data.clear();
        has_data = false;
    };
    while (!body.empty()) {
        const std::size_t end = body.find_first_of("\r\n");
        const std::string_view line = body.substr(0, end);
        if (end == std::string_view::npos) {
            body = {};
        } else {
            body.remove_prefix(end + (body.substr(end).starts_with("\r\n") ? 2U : 1U));
        }
        if (line.empty()) {
            finish();
        } else if (line.starts_with("data:")) {
            std::string_view value = line.substr(5);
            value.remove_prefix(value.starts_with(' ') ? 1U : 0U);
            data += has_data ? "\n" : "";
            data += value;
            has_data = true;
        }
    }
    finish();  // the last event's blank line is often left out
    return events;
}

}  // namespace headroom::copilot
