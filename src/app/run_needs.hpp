#pragma once

#include "app/run_status.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace headroom::app {

/// `headroom beckn need …`, asked of a running server.
struct NeedsCommand {
    StatusCommand server;
    std::string need;
    std::string state;           ///< of `list`
    std::filesystem::path file;  ///< terms as JSON, of `publish`; the rest of these is then left out
    std::string feeder;
    std::string rule = "fixed_price";
    std::string start;
    std::vector<double> kw;
    std::vector<double> prices;
    std::vector<double> shortfall;
    double ceiling = 0.0;
    std::string gate;
    std::int64_t next_round_minutes = 0;
    std::string reason;
    bool is_dry_run = false;
};

// Exit: 0 done, 1 the server refused, 2 no answer or wrong use.
int run_needs_list(const NeedsCommand& command);
int run_need_publish(const NeedsCommand& command);
int run_need_withdraw(const NeedsCommand& command);
int run_need_clear(const NeedsCommand& command);

}  // namespace headroom::app
