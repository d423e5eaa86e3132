#pragma once

#include "app/provider_house.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace headroom::app {

struct BecknServeBppCommand {
    ProviderHouseOptions house;  ///< an empty data_dir: a folder that is removed at the end
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;
    std::vector<std::string> buyers;    ///< see `parse_buyer`
    std::vector<std::string> gateways;  ///< the same
    std::vector<std::string> services;  ///< see `parse_service`
    std::string dialect = "1.1";
    std::int64_t ttl_s = 30;
    std::int64_t quote_ttl_s = 300;
    bool dies_in_a_crash = false;
    bool prints_catalogue = false;
    bool is_json = false;
};
/// `headroom beckn serve-bpp`: until SIGINT or SIGTERM.
int run_beckn_serve_bpp(const BecknServeBppCommand& command);

}  // namespace headroom::app
