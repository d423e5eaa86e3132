#pragma once

#include "agents/network_feeds.hpp"
#include "app/control_room.hpp"
#include "core/settings_feeds.hpp"

#include <memory>

namespace headroom::app {

/// Power cuts and ratings of UK Power Networks for the control room. Nothing without a key: the service
/// answers nobody else, and nobody is asked whom the operator did not name.
[[nodiscard]] std::unique_ptr<agents::NetworkFeeds> open_network_feeds(const FeedsSettings& settings,
                                                                       ControlRoom& room);

}  // namespace headroom::app
