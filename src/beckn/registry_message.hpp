#pragma once

#include "beckn/key_record.hpp"
#include "core/json.hpp"
#include "core/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace headroom::beckn {

/// More of a registry's answer is not read.
inline constexpr std::size_t registry_answer_max = 1UL << 20U;

/// A subscription as registries of 1.x write it: subscriber_id, url, type, domain, key_id,
/// signing_public_key, encr_public_key, valid_from, valid_until, status.
[[nodiscard]] json::Object to_json(const PublishedKey& key);
/// Errors: `invalid` with the pointer of what is missing or cannot be read.
[[nodiscard]] Result<PublishedKey> read_subscription(const json::Value& value);

/// The body of POST /lookup that asks for one key; with an id that names none, for whatever key there is of
/// that participant as a provider (BPP).
[[nodiscard]] std::string lookup_request(const KeyId& id);
/// The answer to it: an array of subscriptions; those that cannot be read are left out. Also the form of a
/// file of keys. Errors: `invalid` when it is no array.
[[nodiscard]] Result<std::vector<PublishedKey>> read_subscriptions(std::string_view body);
/// The one of `found` that `id` names, as above. Errors: `not_found`.
[[nodiscard]] Result<PublishedKey> pick_key(const std::vector<PublishedKey>& found, const KeyId& id);

/// A DeDi registry's answer to GET /lookup/{namespace}/{registry}/{record}: data.details and
/// data.network_memberships. Errors: `invalid` with the pointer of what is missing.
[[nodiscard]] Result<PublishedKey> read_dedi_record(std::string_view body, const KeyId& id);
/// "/lookup/ns/registry/record", each part percent-encoded; `wildcard` stands for a registry that the key id
/// does not name.
[[nodiscard]] std::string dedi_path(const KeyId& id, std::string_view wildcard);

/// Whether the key's memberships hold one of `allowed`, or `allowed` is empty. Compared without regard to
/// case.
[[nodiscard]] bool is_in_network(const PublishedKey& key, const std::vector<std::string>& allowed);

}  // namespace headroom::beckn
