#pragma once

#include <filesystem>

namespace headroom::app {

struct BecknSettleCommand {
    std::filesystem::path file;
    bool is_json = false;
};
/// `headroom beckn settle`: who receives and pays what by the contract's policy. Exit code 0, or 1 when the
/// file cannot be settled.
int run_beckn_settle(const BecknSettleCommand& command);

}  // namespace headroom::app
