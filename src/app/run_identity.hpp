#pragma once

#include <filesystem>
#include <string>

namespace headroom::app {

// What `headroom user …` and `headroom key …` do once their flags are parsed. They change
// `<data>/keys/identity.json`, also beside a running server, which takes it up within a second. Each prints
// its answer to stdout, everything else to stderr, and answers the exit code.

struct IdentityCommand {
    std::filesystem::path data_dir;
    std::string name;
    std::string role;
    std::string password_file;  ///< "-": standard input
    bool is_json = false;
};

int run_user_add(const IdentityCommand& command);
int run_user_list(const IdentityCommand& command);
int run_user_remove(const IdentityCommand& command);
int run_user_password(const IdentityCommand& command);
int run_user_role(const IdentityCommand& command);
/// Prints the key, which is kept nowhere.
int run_key_add(const IdentityCommand& command);
int run_key_list(const IdentityCommand& command);
int run_key_revoke(const IdentityCommand& command);

}  // namespace headroom::app
