#pragma once

#include "app/commands.hpp"
#include "app/control_room.hpp"
#include "core/result.hpp"

namespace headroom::app {

[[nodiscard]] grid::AuthorityLevel level_of(StartLevel level);

/// What `headroom serve` makes of a grid file, providers and a broker. Errors: `invalid` naming the setting,
/// `unavailable` for a grid file that cannot be read.
[[nodiscard]] Result<ControlRoomOptions> real_options(const ServeCommand& command);

/// Takes over what holds for a real and a simulated grid alike.
void apply_settings(const Settings& settings, ControlRoomOptions& options);

}  // namespace headroom::app
