#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace headroom::app {

/// One exchange with a provider from the shell.
struct BecknAskCommand {
    std::string verb;  ///< discover, select, init, confirm, status, update, cancel
    std::string provider_url;
    std::string provider_subscriber;  ///< with `provider_key`; left out: asked of a simulator
    std::string provider_key;
    std::string dialect = "1.1";
    std::string subscriber = "headroom.example";
    std::string key_id;
    std::filesystem::path key_file = "headroom-beckn.key";
    std::filesystem::path state_file = "headroom-order.json";
    std::string feeder = "F-0101";
    std::string phase = "sum";
    std::string from;  ///< RFC 3339; empty: the next half-hour
    std::vector<double> kw;
    bool turn_up = false;
    std::vector<std::string> items;
    std::string reason = "not needed any more";
    std::string public_url;
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;
    std::int64_t ttl_s = 30;
    std::int64_t wait_s = 10;
    std::vector<std::string> allow_private{"127.0.0.1:*", "localhost:*", "[::1]:*"};
    bool is_json = false;
};
/// `headroom beckn discover` and its siblings. Exit: 0 answered, 1 refused or answered with an error, 2 no
/// answer.
int run_beckn_ask(const BecknAskCommand& command);

}  // namespace headroom::app
