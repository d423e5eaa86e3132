// The text of keys/identity.json, read and written: docs/formats/identity.md.
#include "core/ids.hpp"
#include "core/object_reader.hpp"
#include "desk/identity/password.hpp"
#include "desk/identity/principals.hpp"
#include "desk/identity/secret.hpp"

#include <algorithm>
#include <utility>

namespace headroom::desk::identity {
namespace {

constexpr std::int64_t identity_format = 1;

User read_user(json::ObjectReader& reader) {
    User user;
    user.name = reader.text("name", 64, 1);
    user.role = reader.word("role", parse_role);
    user.password = reader.text("password", 127, 1);
    user.created_at = reader.time("created_at");
    user.password_at = reader.time("password_at");
    if (reader.ok() && user.role == Role::device) {
        reader.refuse("role", "device is a role of keys, not of people");
    }
    if (reader.ok() && !is_password_hash(user.password)) {
        reader.refuse("password", "is not an argon2id hash");
    }
    return user;
}

ApiKey read_key(json::ObjectReader& reader) {
    ApiKey key;
    key.name = reader.text("name", 64, 1);
    key.role = reader.word("role", parse_role);
    key.key_id = reader.text("key_id", 64, 1);
    const std::string secret = reader.text("sha256", hash_digits, hash_digits);
    key.created_at = reader.time("created_at");
    if (!reader.ok()) {
        return key;
    }
    if (!is_key_id(key.key_id)) {
        reader.refuse("key_id", "is not 12 hexadecimal digits");
    }
    const Result<std::string> bytes = from_hex(secret);
    if (!bytes || bytes->size() != key.secret.size()) {
        reader.refuse("sha256", "is not 64 hexadecimal digits");
    } else {
        std::copy(bytes->begin(), bytes->end(), key.secret.begin());
    }
    return key;
}

/// Reads a list whose names are ids that rise.
template <class T, class Read>
Result<std::vector<T>> read_list(json::ObjectReader& document, std::string_view name, Read read) {
    std::vector<T> list;
    const json::Array& items = document.array(name, principals_max);
    for (std::size_t i = 0; i < items.size(); ++i) {
        json::ObjectReader reader(items[i], document.path(name, i));
        T item = read(reader);
        if (reader.ok() && !is_valid_id(item.name)) {
            reader.refuse("name", "is no id");
        }
        if (reader.ok() && !list.empty() && list.back().name >= item.name) {
            reader.refuse("name", "stands twice or out of order");
        }
        reader.refuse_unknown();
        if (!reader.ok()) {
            return reader.error();
        }
        list.push_back(std::move(item));
    }
    return list;
}

Error damaged(const Error& fault) {
    return {Errc::corrupt, "the list of users and keys is damaged: " + fault.message, fault.pointer};
}

Result<void> check_together(const Principals& principals) {
    std::vector<std::string_view> ids;
    for (const ApiKey& key : principals.keys) {
        if (principals.user(key.name) != nullptr) {
            return Error{Errc::invalid, "the name " + key.name + " belongs to a user and to a key", "/keys"};
        }
        ids.push_back(key.key_id);
    }
    std::sort(ids.begin(), ids.end());
    if (std::adjacent_find(ids.begin(), ids.end()) != ids.end()) {
        return Error{Errc::invalid, "a key id stands twice", "/keys"};
    }
    return {};
}

}  // namespace

Result<Principals> parse_principals(std::string_view text) {
    const Result<json::Value> parsed = json::parse(text, {.bytes = principals_bytes_max, .depth = 4});
    if (!parsed) {
        return damaged(parsed.error());
    }
    json::ObjectReader document(*parsed);
    const std::int64_t found = document.integer("format", 1);
    if (document.ok() && found > identity_format) {
        return Error{Errc::unsupported,
                     "the list of users and keys has format " + std::to_string(found) +
                         ", this build knows formats up to " + std::to_string(identity_format) +
                         ". Remedy: run the newer Headroom that wrote it",
                     "/format"};
    }
    Principals principals;
    Result<std::vector<User>> users = read_list<User>(document, "users", read_user);
    if (!users) {
        return damaged(users.error());
    }
    Result<std::vector<ApiKey>> keys = read_list<ApiKey>(document, "keys", read_key);
    if (!keys) {
        return damaged(keys.error());
    }
    document.refuse_unknown();
    if (!document.ok()) {
        return damaged(document.error());
    }
    principals.users = std::move(*users);
    principals.keys = std::move(*keys);
    const Result<void> together = check_together(principals);
    return together ? Result<Principals>(std::move(principals)) : damaged(together.error());
}

std::string write_principals(const Principals& principals) {
    json::Array users;
    for (const User& user : principals.users) {
        users.emplace_back(json::Object{{"name", user.name},
                                        {"role", std::string(to_string(user.role))},
                                        {"password", user.password},
                                        {"created_at", format_utc(user.created_at)},
                                        {"password_at", format_utc(user.password_at)}});
    }
    json::Array keys;
    for (const ApiKey& key : principals.keys) {
        keys.emplace_back(json::Object{{"name", key.name},
                                       {"role", std::string(to_string(key.role))},
                                       {"key_id", key.key_id},
                                       {"sha256", to_hex(key.secret)},
                                       {"created_at", format_utc(key.created_at)}});
    }
    return json::write_pretty(
        json::Object{{"format", identity_format}, {"users", std::move(users)}, {"keys", std::move(keys)}});
}

}  // namespace headroom::desk::identity
