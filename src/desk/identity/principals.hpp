#pragma once

#include "core/digest.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "desk/identity/role.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::desk::identity {

/// A person who signs in with a password. The name is an id (it stays in the audit log for ever), so it
/// should be a pseudonym such as "op-17" and cannot be an e-mail address.
struct User {
    std::string name;
    Role role = Role::viewer;
    std::string password;  ///< argon2id hash, see password.hpp
    UtcTime created_at{};
    UtcTime password_at{};

    bool operator==(const User&) const = default;
};

/// A program that proves itself with a bearer key.
struct ApiKey {
    std::string name;
    Role role = Role::viewer;
    std::string key_id;  ///< the public part of the key
    Sha256 secret{};     ///< SHA-256 of its secret part
    UtcTime created_at{};

    bool operator==(const ApiKey&) const = default;
};

/// Everybody who may come in, each kind by name, ascending. A name stands once, for a user or for a key.
struct Principals {
    std::vector<User> users;
    std::vector<ApiKey> keys;

    [[nodiscard]] bool empty() const { return users.empty() && keys.empty(); }
    [[nodiscard]] const User* user(std::string_view name) const;
    [[nodiscard]] const ApiKey* key_by_id(std::string_view key_id) const;
    [[nodiscard]] bool has_name(std::string_view name) const;
    bool operator==(const Principals&) const = default;
};

inline constexpr std::size_t principals_max = 10'000;            ///< of each kind
inline constexpr std::size_t principals_bytes_max = 8UL << 20U;  ///< of the file

/// Reads the text of `keys/identity.json` (docs/formats/identity.md).
/// Errors: `unsupported` for a newer format, `corrupt` for anything else that is not as written there; the
/// message names the place and holds nothing secret.
[[nodiscard]] Result<Principals> parse_principals(std::string_view text);
[[nodiscard]] std::string write_principals(const Principals& principals);

// Each answers the principals as they are afterwards. Errors: `invalid` for a name, role or hash that does
// not fit, `conflict` for a name that is taken, `not_found` for one that is not there.
[[nodiscard]] Result<Principals> with_user(Principals principals, User user);
[[nodiscard]] Result<Principals> with_key(Principals principals, ApiKey key);
[[nodiscard]] Result<Principals> without_user(Principals principals, std::string_view name);
[[nodiscard]] Result<Principals> without_key(Principals principals, std::string_view name);
[[nodiscard]] Result<Principals> with_role(Principals principals, std::string_view user, Role role);
[[nodiscard]] Result<Principals> with_password(Principals principals, std::string_view user, std::string hash,
                                               UtcTime now);

/// What the audit log knows of a principal: no secret, nothing from which one could be found.
struct Standing {
    std::string kind;  ///< "user" or "apikey", as in the log's actor
    std::string name;
    Role role = Role::viewer;
    std::string credential;  ///< first 16 hex digits of a SHA-256 over the stored hash: tells a new one

    bool operator==(const Standing&) const = default;
};
/// By "kind:name".
using Standings = std::map<std::string, Standing, std::less<>>;
[[nodiscard]] Standing standing_of(const User& user);
[[nodiscard]] Standing standing_of(const ApiKey& key);
[[nodiscard]] Standings standings_of(const Principals& principals);
[[nodiscard]] std::string standing_id(const Standing& standing);

/// One difference between two states, as it is written down.
struct RoleChange {
    std::string change;  ///< added | removed | role | credential
    Standing now;        ///< the last one for "removed"
    Role was = Role::viewer;

    bool operator==(const RoleChange&) const = default;
};
[[nodiscard]] std::vector<RoleChange> differences(const Standings& before, const Standings& after);

/// Who of `principals` may already be let in while the log knows only `audited`: nobody gains anything that
/// is not written down yet, and whoever loses something loses it at once. A role that is not simply less than
/// before stays what it was, or becomes viewer where the two do not compare.
[[nodiscard]] Principals in_force(const Principals& principals, const Standings& audited);

}  // namespace headroom::desk::identity
