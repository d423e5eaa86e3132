#pragma once

#include "app/run_status.hpp"

#include <string>

namespace headroom::app {

/// `headroom models list | show | promote | revert`, asked of a running server.
struct ModelsCommand {
    StatusCommand server;
    std::string what = "list";  ///< list, show, promote or revert
    std::string id;             ///< of show and promote
    std::string reason;         ///< of promote and revert
};
/// Exit: 0 done, 1 the server refused, 2 no answer or wrong use.
int run_models(const ModelsCommand& command);

/// `headroom forecast --live FEEDER`: the forecast of a feeder from a running server.
struct LiveForecastCommand {
    StatusCommand server;
    std::string feeder;
    std::string phase = "sum";
    double hours = 24.0;
    bool is_plot = false;
};
int run_live_forecast(const LiveForecastCommand& command);

}  // namespace headroom::app
