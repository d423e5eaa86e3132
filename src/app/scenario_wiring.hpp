#pragma once

#include "core/settings_feeds.hpp"
#include "core/settings_services.hpp"

namespace headroom::app {

/// What scenarios are made of, from the settings.
struct ScenarioWiring {
    ScenarioSettings scenario;
    FeedsSettings feeds;
};

/// The parts of scenarios in the control room: scenario_parts.hpp.
struct ScenarioParts;

}  // namespace headroom::app
