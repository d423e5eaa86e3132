#include "app/run_identity.hpp"

#include "app/commands.hpp"
#include "core/clock.hpp"
#include "desk/identity/password.hpp"
#include "desk/identity/principals_file.hpp"
#include "desk/identity/secret.hpp"
#include "store/data_dir.hpp"

#include <fmt/format.h>

#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <utility>

namespace headroom::app {
namespace {

namespace identity = desk::identity;

int complain_of_identity(const Error& error) {
    std::cerr << "headroom: " << error.message << "\n";
    return exit_code_of(error);
}

/// One line of a file, or of standard input; a line break at its end is no part of it.
Result<std::string> read_password(const std::string& path) {
    std::ifstream file;
    if (path != "-") {
        file.open(path, std::ios::binary);
    }
    std::istream& in = path == "-" ? std::cin : file;
    std::string text(identity::password_bytes_max + 3, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (in.bad() || (path != "-" && !file.is_open())) {
        return Error{Errc::not_found, "the password file " + path +
                                          " cannot be read. Remedy: name a file that holds the "
                                          "password, or - to give it on standard input"};
    }
    if (text.ends_with('\n')) {
        text.pop_back();
    }
    if (text.ends_with('\r')) {
        text.pop_back();
    }
    const Result<void> fits = identity::check_password(text);
    return fits ? Result<std::string>(std::move(text)) : fits.error();
}

Result<std::string> hash_from(const std::string& path) {
    const Result<std::string> password = read_password(path);
    return password ? identity::hash_password(*password) : password;
}

/// The folder must be a data folder; a new one is made for the first user or key. A server that holds it may
/// go on running.
Result<std::unique_ptr<store::DataDir>> prepare(const std::filesystem::path& data_dir, bool may_make) {
    std::error_code fault;
    const bool exists = std::filesystem::is_directory(data_dir / "keys", fault);
    if (!exists && !may_make) {
        return Error{Errc::not_found,
                     "there is no data folder at " + data_dir.string() + ". Remedy: name it with --data-dir"};
    }
    Result<std::unique_ptr<store::DataDir>> held = store::DataDir::open(data_dir);
    if (!held && held.error().code == Errc::unavailable && exists) {
        return std::unique_ptr<store::DataDir>{};  // in use: the server takes the change up
    }
    return held;
}

Result<identity::Principals> edit(
    const IdentityCommand& command, bool may_make,
    const std::function<Result<identity::Principals>(identity::Principals)>& change) {
    const Result<std::unique_ptr<store::DataDir>> held = prepare(command.data_dir, may_make);
    if (!held) {
        return held.error();
    }
    return identity::edit_principals(identity::principals_path(command.data_dir), change);
}

Result<identity::Principals> load(const IdentityCommand& command) {
    std::error_code fault;
    if (!std::filesystem::is_directory(command.data_dir / "keys", fault)) {
        return Error{Errc::not_found, "there is no data folder at " + command.data_dir.string() +
                                          ". Remedy: name it with --data-dir"};
    }
    return identity::load_principals(identity::principals_path(command.data_dir));
}

/// Ends a change: one JSON object, or a sentence.
int finish(const Result<identity::Principals>& changed, const IdentityCommand& command, json::Object answer,
           const std::string& sentence) {
    if (!changed) {
        return complain_of_identity(changed.error());
    }
    if (command.is_json) {
        std::cout << json::write(std::move(answer)) << "\n";
    } else {
        std::cout << sentence << "\n";
    }
    return 0;
}

UtcTime now() {
    return make_system_wall_clock()->now();
}

identity::Role role_of(const IdentityCommand& command) {
    const std::optional<identity::Role> role = identity::parse_role(command.role);
    HEADROOM_ASSERT(role.has_value());  // the flags' check knows the same words
    return *role;
}

}  // namespace

int run_user_add(const IdentityCommand& command) {
    Result<std::string> hash = hash_from(command.password_file);
    if (!hash) {
        return complain_of_identity(hash.error());
    }
    const UtcTime at = now();
    const auto change = [&](identity::Principals principals) {
        identity::User user{.name = command.name,
                            .role = role_of(command),
                            .password = *hash,
                            .created_at = at,
                            .password_at = at};
        return identity::with_user(std::move(principals), std::move(user));
    };
    return finish(
        edit(command, true, change), command,
        json::Object{{"name", command.name}, {"role", command.role}, {"created_at", format_utc(at)}},
        fmt::format("{} may sign in as {}", command.name, command.role));
}

int run_user_list(const IdentityCommand& command) {
    const Result<identity::Principals> principals = load(command);
    if (!principals) {
        return complain_of_identity(principals.error());
    }
    json::Array users;
    for (const identity::User& user : principals->users) {
        users.emplace_back(json::Object{{"name", user.name},
                                        {"role", std::string(to_string(user.role))},
                                        {"created_at", format_utc(user.created_at)},
                                        {"password_at", format_utc(user.password_at)}});
    }
    if (command.is_json) {
        std::cout << json::write(json::Object{{"users", std::move(users)}}) << "\n";
        return 0;
    }
    for (const identity::User& user : principals->users) {
        std::cout << fmt::format("{:<24} {:<9} password of {}\n", user.name, to_string(user.role),
                                 format_utc(user.password_at));
    }
    if (principals->users.empty()) {
        std::cerr << "no users; make one with headroom user add NAME --role ROLE --password-file FILE\n";
    }
    return 0;
}

int run_user_remove(const IdentityCommand& command) {
    const auto change = [&](identity::Principals principals) {
        return identity::without_user(std::move(principals), command.name);
    };
    return finish(edit(command, false, change), command,
                  json::Object{{"name", command.name}, {"removed", true}},
                  command.name + " is removed; sessions of that name are over");
}

int run_user_password(const IdentityCommand& command) {
    Result<std::string> hash = hash_from(command.password_file);
    if (!hash) {
        return complain_of_identity(hash.error());
    }
    const UtcTime at = now();
    const auto change = [&](identity::Principals principals) {
        return identity::with_password(std::move(principals), command.name, *hash, at);
    };
    return finish(edit(command, false, change), command,
                  json::Object{{"name", command.name}, {"password_at", format_utc(at)}},
                  command.name + " has a new password; sessions of that name are over");
}

int run_user_role(const IdentityCommand& command) {
    const auto change = [&](identity::Principals principals) {
        return identity::with_role(std::move(principals), command.name, role_of(command));
    };
    return finish(edit(command, false, change), command,
                  json::Object{{"name", command.name}, {"role", command.role}},
                  fmt::format("{} is {} now", command.name, command.role));
}

int run_key_add(const IdentityCommand& command) {
    const identity::BearerKey key = identity::new_bearer_key();
    const UtcTime at = now();
    const auto change = [&](identity::Principals principals) {
        identity::ApiKey kept{.name = command.name,
                              .role = role_of(command),
                              .key_id = key.id,
                              .secret = sha256(key.secret),
                              .created_at = at};
        return identity::with_key(std::move(principals), std::move(kept));
    };
    const Result<identity::Principals> changed = edit(command, true, change);
    const int code = finish(changed, command,
                            json::Object{{"name", command.name},
                                         {"role", command.role},
                                         {"key_id", key.id},
                                         {"key", key.text()},
                                         {"created_at", format_utc(at)}},
                            key.text());
    if (code == 0 && !command.is_json) {
        std::cerr << "this is the only time the key of " << command.name
                  << " is shown; send it as: Authorization: Bearer KEY\n";
    }
    return code;
}

int run_key_list(const IdentityCommand& command) {
    const Result<identity::Principals> principals = load(command);
    if (!principals) {
        return complain_of_identity(principals.error());
    }
    json::Array keys;
    for (const identity::ApiKey& key : principals->keys) {
        keys.emplace_back(json::Object{{"name", key.name},
                                       {"role", std::string(to_string(key.role))},
                                       {"key_id", key.key_id},
                                       {"created_at", format_utc(key.created_at)}});
    }
    if (command.is_json) {
        std::cout << json::write(json::Object{{"keys", std::move(keys)}}) << "\n";
        return 0;
    }
    for (const identity::ApiKey& key : principals->keys) {
        std::cout << fmt::format("{:<24} {:<9} hr_{}_… of {}\n", key.name, to_string(key.role), key.key_id,
                                 format_utc(key.created_at));
    }
    if (principals->keys.empty()) {
        std::cerr << "no keys; make one with headroom key add NAME --role ROLE\n";
    }
    return 0;
}

int run_key_revoke(const IdentityCommand& command) {
    const auto change = [&](identity::Principals principals) {
        return identity::without_key(std::move(principals), command.name);
    };
    return finish(edit(command, false, change), command,
                  json::Object{{"name", command.name}, {"revoked", true}}, command.name + " is revoked");
}

}  // namespace headroom::app
