#pragma once

#include "app/beckn_self.hpp"

#include <filesystem>
#include <string>

namespace headroom::app {

/// One publication from the shell.
struct BecknPublishCommand : BecknSelf {
    BecknPublishCommand() { subscriber = "bpp.headroom.example"; }

    std::string service;              ///< "SUBSCRIBER|KEY ID|PUBLIC KEY|URL"
    std::filesystem::path catalogue;  ///< docs/formats/beckn-provider.md; empty: the built-in one
    std::string provider;             ///< of several in the file
    std::string name;                 ///< the catalogue's id; empty: made from the provider's
    std::string dialect = "2.0";
    std::int64_t valid_minutes = 60;
    bool is_withdrawal = false;
};
/// `headroom beckn publish`. Exit: 0 published, 1 refused, in part or in whole, 2 no answer.
int run_beckn_publish(const BecknPublishCommand& command);

}  // namespace headroom::app
