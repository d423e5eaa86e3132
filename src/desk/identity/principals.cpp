#include "desk/identity/principals.hpp"

#include "core/ids.hpp"
#include "desk/identity/password.hpp"

#include <algorithm>
#include <utility>

namespace headroom::desk::identity {
namespace {

constexpr std::size_t fingerprint_digits = 16;

template <class T>
auto place_of(std::vector<T>& list, std::string_view name) {
    return std::lower_bound(list.begin(), list.end(), name,
                            [](const T& item, std::string_view wanted) { return item.name < wanted; });
}

template <class T>
const T* find_by_name(const std::vector<T>& list, std::string_view name) {
    const auto found =
        std::lower_bound(list.begin(), list.end(), name,
                         [](const T& item, std::string_view wanted) { return item.name < wanted; });
    return found != list.end() && found->name == name ? &*found : nullptr;
}

Result<void> check_name(const Principals& principals, std::string_view name) {
    if (!is_valid_id(name)) {
        return Error{Errc::invalid,
                     "a name is 1 to 64 letters, digits, '.', '_' and '-', beginning with a letter or digit; "
                     "it stays in the audit log, so take a pseudonym such as op-17",
                     "/name"};
    }
    if (principals.has_name(name)) {
        return Error{Errc::conflict, "the name " + std::string(name) + " is taken", "/name"};
    }
    return {};
}

template <class T>
Result<void> insert(std::vector<T>& list, T item) {
    if (list.size() >= principals_max) {
        return Error{Errc::conflict,
                     "there are " + std::to_string(principals_max) + " already, which is the most"};
    }
    const auto place = place_of(list, item.name);
    list.insert(place, std::move(item));
    return {};
}

Error no_user(std::string_view name) {
    return {Errc::not_found, "there is no user " + std::string(name) + "; see: headroom user list", "/name"};
}

Standing standing(std::string kind, const std::string& name, Role role, std::string_view stored) {
    return {.kind = std::move(kind),
            .name = name,
            .role = role,
            .credential = sha256_hex(stored).substr(0, fingerprint_digits)};
}

/// The role that may be used before the change from `was` to `wanted` is written down.
Role cautious_role(Role was, Role wanted) {
    if (role_allows(to_string(was), to_string(wanted))) {
        return wanted;
    }
    return role_allows(to_string(wanted), to_string(was)) ? was : Role::viewer;
}

template <class T>
void keep_in_force(std::vector<T>& list, const Standings& audited) {
    std::erase_if(list, [&](const T& item) {
        const Standing mine = standing_of(item);
        const auto known = audited.find(standing_id(mine));
        return known == audited.end() || known->second.credential != mine.credential;
    });
    for (T& item : list) {
        const Role was = audited.find(standing_id(standing_of(item)))->second.role;
        item.role = cautious_role(was, item.role);
    }
}

}  // namespace

const User* Principals::user(std::string_view name) const {
    return find_by_name(users, name);
}

const ApiKey* Principals::key_by_id(std::string_view key_id) const {
    const auto found =
        std::find_if(keys.begin(), keys.end(), [&](const ApiKey& key) { return key.key_id == key_id; });
    return found == keys.end() ? nullptr : &*found;
}

bool Principals::has_name(std::string_view name) const {
    return find_by_name(users, name) != nullptr || find_by_name(keys, name) != nullptr;
}

Result<Principals> with_user(Principals principals, User user) {
    const Result<void> named = check_name(principals, user.name);
    if (!named) {
        return named.error();
    }
    if (user.role == Role::device) {
        return Error{Errc::invalid, "device is a role of keys, not of people", "/role"};
    }
    if (!is_password_hash(user.password)) {
        return Error{Errc::invalid, "the password of " + user.name + " is not kept as an argon2id hash",
                     "/password"};
    }
    const Result<void> inserted = insert(principals.users, std::move(user));
    return inserted ? Result<Principals>(std::move(principals)) : inserted.error();
}

Result<Principals> with_key(Principals principals, ApiKey key) {
    const Result<void> named = check_name(principals, key.name);
    if (!named) {
        return named.error();
    }
    if (principals.key_by_id(key.key_id) != nullptr) {
        return Error{Errc::conflict, "the key id " + key.key_id + " is taken", "/key_id"};
    }
    const Result<void> inserted = insert(principals.keys, std::move(key));
    return inserted ? Result<Principals>(std::move(principals)) : inserted.error();
}

Result<Principals> without_user(Principals principals, std::string_view name) {
    if (principals.user(name) == nullptr) {
        return no_user(name);
    }
    std::erase_if(principals.users, [&](const User& user) { return user.name == name; });
    return principals;
}

Result<Principals> without_key(Principals principals, std::string_view name) {
    if (std::erase_if(principals.keys, [&](const ApiKey& key) { return key.name == name; }) == 0) {
        return Error{Errc::not_found, "there is no key " + std::string(name) + "; see: headroom key list",
                     "/name"};
    }
    return principals;
}

Result<Principals> with_role(Principals principals, std::string_view name, Role role) {
    const auto found = place_of(principals.users, name);
    if (found == principals.users.end() || found->name != name) {
        return no_user(name);
    }
    if (role == Role::device) {
        return Error{Errc::invalid, "device is a role of keys, not of people", "/role"};
    }
    found->role = role;
    return principals;
}

Result<Principals> with_password(Principals principals, std::string_view name, std::string hash,
                                 UtcTime now) {
    const auto found = place_of(principals.users, name);
    if (found == principals.users.end() || found->name != name) {
        return no_user(name);
    }
    found->password = std::move(hash);
    found->password_at = now;
    return principals;
}

Standing standing_of(const User& user) {
    return standing("user", user.name, user.role, user.password);
}

Standing standing_of(const ApiKey& key) {
    return standing("apikey", key.name, key.role, key.key_id + to_hex(key.secret));
}

std::string standing_id(const Standing& standing) {
    return standing.kind + ":" + standing.name;
}

Standings standings_of(const Principals& principals) {
    Standings all;
    for (const User& user : principals.users) {
        Standing standing = standing_of(user);
        all.emplace(standing_id(standing), std::move(standing));
    }
    for (const ApiKey& key : principals.keys) {
        Standing standing = standing_of(key);
        all.emplace(standing_id(standing), std::move(standing));
    }
    return all;
}

std::vector<RoleChange> differences(const Standings& before, const Standings& after) {
    std::vector<RoleChange> changes;
    for (const auto& [id, old] : before) {
        if (!after.contains(id)) {
            changes.push_back({.change = "removed", .now = old, .was = old.role});
        }
    }
    for (const auto& [id, now] : after) {
        const auto known = before.find(id);
        if (known == before.end()) {
            changes.push_back({.change = "added", .now = now, .was = now.role});
            continue;
        }
        if (known->second.role != now.role) {
            changes.push_back({.change = "role", .now = now, .was = known->second.role});
        }
        if (known->second.credential != now.credential) {
            changes.push_back({.change = "credential", .now = now, .was = known->second.role});
        }
    }
    return changes;
}

Principals in_force(const Principals& principals, const Standings& audited) {
    Principals allowed = principals;
    keep_in_force(allowed.users, audited);
    keep_in_force(allowed.keys, audited);
    return allowed;
}

}  // namespace headroom::desk::identity
