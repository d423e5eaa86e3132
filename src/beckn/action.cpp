#include "beckn/action.hpp"

#include <array>
#include <cstddef>

namespace headroom::beckn {

namespace {

struct Words {
    std::string_view v1;  // 0.9 and 1.1
    std::string_view v2;
};

constexpr std::array<Words, 22> action_words{{
    {"search", "discover"},
    {"on_search", "on_discover"},
    {"select", "select"},
    {"on_select", "on_select"},
    {"init", "init"},
    {"on_init", "on_init"},
    {"confirm", "confirm"},
    {"on_confirm", "on_confirm"},
    {"status", "status"},
    {"on_status", "on_status"},
    {"update", "update"},
    {"on_update", "on_update"},
    {"cancel", "cancel"},
    {"on_cancel", "on_cancel"},
    {"track", "track"},
    {"on_track", "on_track"},
    {"support", "support"},
    {"on_support", "on_support"},
    {"rating", "rate"},
    {"on_rating", "on_rate"},
    {"catalog/publish", "catalog/publish"},
    {"catalog/on_publish", "catalog/on_publish"},
}};
static_assert(static_cast<std::size_t>(Action::on_catalog_publish) + 1 == action_words.size());

}  // namespace

std::string_view to_string(Action action) {
    return action_words[static_cast<std::size_t>(action)].v1;
}

std::string_view to_string(Action action, WireVersion version) {
    // rc1 kept the older word for ratings.
    const bool is_rating = action == Action::rating || action == Action::on_rating;
    if (version == WireVersion::v2_lts || (version == WireVersion::v2_rc1 && !is_rating)) {
        return action_words[static_cast<std::size_t>(action)].v2;
    }
    return to_string(action);
}

std::optional<Action> parse_action(std::string_view text) {
    for (std::size_t i = 0; i < action_words.size(); ++i) {
        if (action_words[i].v1 == text || action_words[i].v2 == text) {
            return static_cast<Action>(i);
        }
    }
    // The published demand-flex messages write these two without the path.
    if (text == "publish") {
        return Action::catalog_publish;
    }
    if (text == "on_publish") {
        return Action::on_catalog_publish;
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
