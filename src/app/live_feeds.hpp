#pragma once

#include "agents/network_feeds.hpp"
#include "agents/public_feeds.hpp"
#include "app/control_room.hpp"
#include "core/settings_feeds.hpp"

#include <memory>

namespace headroom::app {

/// The feeds of a serving control room, as the settings want them; what they are is told by its desk. Lives
/// to the end of the process.
class LiveFeeds {
  public:
    /// Power cuts and ratings of UK Power Networks only with a key: the service answers nobody else. The
    /// other services only with `feeds.live`: nobody is asked whom the operator did not name.
    [[nodiscard]] static LiveFeeds& open(const FeedsSettings& settings, ControlRoom& room);
    void stop();

  private:
    std::unique_ptr<agents::NetworkFeeds> network_;
    std::unique_ptr<agents::PublicFeeds> values_;
};

}  // namespace headroom::app
