#include "beckn/action.hpp"

#include <array>
#include <cstddef>

namespace headroom::beckn {

namespace {

constexpr std::array<std::string_view, 14> words{
    "search",     "on_search", "select",    "on_select", "init",      "on_init", "confirm",
    "on_confirm", "status",    "on_status", "update",    "on_update", "cancel",  "on_cancel",
};

}  // namespace

std::string_view to_string(Action action) {
    return words[static_cast<std::size_t>(action)];
}

std::optional<Action> parse_action(std::string_view text) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == text) {
            return static_cast<Action>(i);
        }
    }
    return std::nullopt;
}

std::string flight_token(std::string_view message_id, Action action) {
    std::string token = "beckn/";
    token += to_string(request_of(action));
    token += '/';
    token += message_id;
    return token;
}

}  // namespace headroom::beckn
