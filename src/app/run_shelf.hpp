#pragma once

#include "app/run_status.hpp"

#include <filesystem>
#include <string>

namespace headroom::app {

/// `headroom shelf …`: of a running server, or of a grid file and loads without one.
struct ShelfCommand {
    StatusCommand server;
    std::string what;  ///< list, show or carry-out
    std::string element;
    std::string cover;
    std::string kind;
    std::string reason;
    std::filesystem::path grid;   ///< of `list` and `show`: a grid file instead of a server
    std::filesystem::path loads;  ///< with `grid`: CSV `element_id,phase,load_kw`
    std::string now;              ///< with `grid`: when the loss is planned for; empty: now
};

// Exit: 0 done, 1 the server refused or a file is wrong, 2 no answer or wrong use.
int run_shelf(const ShelfCommand& command);

}  // namespace headroom::app
