#pragma once

#include <filesystem>
#include <string>

namespace headroom::app {

struct BecknKeygenCommand {
    std::filesystem::path data_dir;     ///< the keys lie in `keys/` below it, where `headroom serve` looks
    std::filesystem::path file;         ///< instead: the signing key's file
    std::string key_id;                 ///< empty: made from the public key
    std::filesystem::path import_from;  ///< Base64 of a secret that a network handed out; empty: a new key
    bool is_json = false;
};
/// `headroom beckn keygen`: makes what is missing, replaces nothing, shows the public halves.
int run_beckn_keygen(const BecknKeygenCommand& command);

}  // namespace headroom::app
