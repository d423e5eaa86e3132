#pragma once

#include "app/run_status.hpp"

#include <string>

namespace headroom::app {

/// `headroom ask "…"`, of a running server.
struct AskCommand {
    StatusCommand server;
    std::string question;
};

/// Exit: 0 answered with a source, 1 answered without one or refused, 2 no answer.
int run_ask(const AskCommand& command);

}  // namespace headroom::app
