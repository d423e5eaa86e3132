#pragma once

#include "app/beckn_self.hpp"

#include <string>
#include <vector>

namespace headroom::app {

/// One exchange with a provider from the shell.
struct BecknAskCommand : BecknSelf {
    BecknAskCommand() { subscriber = "headroom.example"; }

    std::string verb;  ///< discover, select, init, confirm, status, update, cancel, track, support, rating
    std::string provider_url;
    std::string provider_subscriber;  ///< with `provider_key`; left out: asked of a simulator
    std::string provider_key;
    std::string dialect = "1.1";
    std::string feeder = "F-0101";
    std::string phase = "sum";
    std::string from;  ///< RFC 3339; empty: the next half-hour
    std::vector<double> kw;
    bool turn_up = false;
    std::vector<std::string> items;
    std::string reason = "not needed any more";
    double rating = 5.0;  ///< of the order, of 5
    std::string phone;    ///< where we can be reached
    std::string email;
};
/// `headroom beckn discover` and its siblings. Exit: 0 answered, 1 refused or answered with an error, 2 no
/// answer.
int run_beckn_ask(const BecknAskCommand& command);

}  // namespace headroom::app
