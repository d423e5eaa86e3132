#include "app/complaint.hpp"

#include "app/commands.hpp"

#include <iostream>

namespace headroom::app {

int complain(std::string_view command, const Error& error) {
    return complain(command, error.message, exit_code_of(error));
}

int complain(std::string_view command, std::string_view why, int code) {
    std::cerr << "headroom " << command << ": " << why << "\n";
    return code;
}

}  // namespace headroom::app
