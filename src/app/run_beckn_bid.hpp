#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace headroom::app {

/// An aggregator's bid for a buyer's need, from the shell.
struct BecknBidCommand {
    std::string buyer_url;
    std::string buyer_subscriber;
    std::string buyer_key;           ///< Base64
    std::string need;                ///< empty: the first that is told
    std::vector<double> kw;          ///< one for each slot, or one for all
    std::vector<std::string> steps;  ///< "KW@PRICE" of a curve, the same in every slot
    std::vector<std::string> meters;
    std::string seller;  ///< empty: the subscriber
    std::string until = "confirm";
    std::string subscriber = "aggregator.example";
    std::string key_id;
    std::filesystem::path key_file = "headroom-beckn.key";
    std::filesystem::path state_file = "headroom-order.json";
    std::string public_url;
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;
    std::int64_t ttl_s = 30;
    std::int64_t wait_s = 10;
    std::vector<std::string> allow_private{"127.0.0.1:*", "localhost:*", "[::1]:*"};
    bool is_json = false;
};
/// `headroom beckn bid`: discover, select, init and confirm in 2.0, one after the other. What was agreed is
/// kept for `headroom beckn status`, `update` and `cancel`. Exit: 0 answered, 1 refused, 2 no answer.
int run_beckn_bid(const BecknBidCommand& command);

}  // namespace headroom::app
