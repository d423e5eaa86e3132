#pragma once

#include "beckn/wire_version.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace headroom::beckn {

/// What a message asks or answers. A request is followed by its callback.
enum class Action : std::uint8_t {
    search,
    on_search,
    select,
    on_select,
    init,
    on_init,
    confirm,
    on_confirm,
    status,
    on_status,
    update,
    on_update,
    cancel,
    on_cancel,
    track,
    on_track,
    support,
    on_support,
    rating,
    on_rating,
    catalog_publish,  ///< 2.0
    on_catalog_publish,
};

/// The word of 1.x: "on_search". Also for logs, records and flight tokens.
[[nodiscard]] std::string_view to_string(Action action);
/// The word of a dialect, as it stands in the context and, behind the peer's base, in the path: 2.0 says
/// "discover", "rate" and "catalog/publish".
[[nodiscard]] std::string_view to_string(Action action, WireVersion version);
/// Reads the words of every dialect.
[[nodiscard]] std::optional<Action> parse_action(std::string_view text);

[[nodiscard]] constexpr bool is_callback(Action action) {
    return static_cast<std::uint8_t>(action) % 2 == 1;
}
/// on_search for search; a callback answers itself.
[[nodiscard]] constexpr Action callback_of(Action action) {
    return is_callback(action) ? action : static_cast<Action>(static_cast<std::uint8_t>(action) + 1);
}
/// search for on_search; a request answers itself.
[[nodiscard]] constexpr Action request_of(Action action) {
    return is_callback(action) ? static_cast<Action>(static_cast<std::uint8_t>(action) - 1) : action;
}

/// The token under which a request waits for its callback in `InFlight`. Both ends of a simulated wire make
/// the same one: whoever sends begins it, whoever settles it ends it. `action` may be either of the pair.
[[nodiscard]] std::string flight_token(std::string_view message_id, Action action);

}  // namespace headroom::beckn
