#pragma once

#include "app/beckn_exchange.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace headroom::app {

/// Who we are in a conversation from the shell, where answers reach us and what is kept between calls.
struct BecknSelf {
    std::string subscriber;
    std::string key_id;  ///< empty: made from the key
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

/// The same as options of an exchange, with the key of its file, which is made when it is not there.
/// Errors: as `audit::load_or_create_key`.
[[nodiscard]] Result<ExchangeOptions> exchange_options(const BecknSelf& self, beckn::WireVersion wire);

}  // namespace headroom::app
