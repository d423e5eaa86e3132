#pragma once

#include "app/beckn_self.hpp"

#include <string>
#include <vector>

namespace headroom::app {

/// An aggregator's bid for a buyer's need, from the shell.
struct BecknBidCommand : BecknSelf {
    BecknBidCommand() { subscriber = "aggregator.example"; }

    std::string buyer_url;
    std::string buyer_subscriber;
    std::string buyer_key;           ///< Base64
    std::string need;                ///< empty: the first that is told
    std::vector<double> kw;          ///< one for each slot, or one for all
    std::vector<std::string> steps;  ///< "KW@PRICE" of a curve, the same in every slot
    std::vector<std::string> meters;
    std::string seller;  ///< empty: the subscriber
    std::string until = "confirm";
};
/// `headroom beckn bid`: discover, select, init and confirm in 2.0, one after the other. What was agreed is
/// kept for `headroom beckn status`, `update` and `cancel`. Exit: 0 answered, 1 refused, 2 no answer.
int run_beckn_bid(const BecknBidCommand& command);

}  // namespace headroom::app
