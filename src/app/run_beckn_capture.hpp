#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace headroom::app {

struct BecknCaptureCommand {
    std::string dialect = "1.1";
    std::string flow = "full";  ///< order: one order from search to confirm; full: every action
    std::filesystem::path out;  ///< empty: stdout
    std::uint64_t seed = 7;
};
/// `headroom beckn capture`: a buyer's and a seller's messages over loopback sockets, as lines of JSON.
int run_beckn_capture(const BecknCaptureCommand& command);

}  // namespace headroom::app
