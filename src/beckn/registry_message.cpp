#include "beckn/registry_message.hpp"

#include "net/http.hpp"
#include "net/url.hpp"

#include <algorithm>
#include <utility>

namespace headroom::beckn {
namespace {

constexpr std::size_t field_text_max = 512;
constexpr std::size_t networks_max = 64;

Error missing(std::string pointer, std::string_view why) {
    return Error{Errc::invalid, "the subscription's " + pointer.substr(1) + " " + std::string(why),
                 std::move(pointer)};
}

/// Reads an optional time; false when one stands there that cannot be read.
bool read_time(const json::Value& value, std::string_view pointer, std::optional<UtcTime>& time) {
    const std::string text = value.text(pointer);
    if (text.empty()) {
        return true;
    }
    const Result<UtcTime> parsed = parse_utc(text);
    if (parsed) {
        time = *parsed;
    }
    return parsed.has_value();
}

/// Memberships stand as texts or as objects with an id.
std::vector<std::string> read_networks(const json::Value* list) {
    std::vector<std::string> networks;
    const json::Array* items = list != nullptr ? list->as_array() : nullptr;
    for (std::size_t i = 0; items != nullptr && i < items->size() && i < networks_max; ++i) {
        const json::Value& item = (*items)[i];
        std::string text = item.is_string() ? *item.as_string() : item.text("/network_id", item.text("/id"));
        if (!text.empty() && text.size() <= field_text_max) {
            networks.push_back(std::move(text));
        }
    }
    return networks;
}

}  // namespace

json::Object to_json(const PublishedKey& key) {
    json::Object object{{"subscriber_id", key.subscriber}};
    const auto set = [&object](const char* name, std::string_view text) {
        if (!text.empty()) {
            object.set(name, text);
        }
    };
    set("url", key.url);
    set("type", to_string(key.type));
    set("domain", key.domain);
    object.set("key_id", key.key);
    object.set("signing_public_key", to_base64(key.signing));
    if (key.encryption) {
        object.set("encr_public_key", to_base64(*key.encryption));
    }
    if (key.valid_from) {
        object.set("valid_from", format_utc(*key.valid_from));
    }
    if (key.valid_until) {
        object.set("valid_until", format_utc(*key.valid_until));
    }
    object.set("status", to_string(key.status));
    if (!key.networks.empty()) {
        object.set("network_memberships", json::Array(key.networks.begin(), key.networks.end()));
    }
    return object;
}

Result<PublishedKey> read_subscription(const json::Value& value) {
    PublishedKey key;
    key.subscriber = value.text("/subscriber_id");
    if (key.subscriber.empty() || key.subscriber.size() > field_text_max) {
        return missing("/subscriber_id", "is missing or too long");
    }
    key.key = value.text("/key_id", value.text("/unique_key_id"));
    if (const Result<void> fits = check_key_name(key.key); !fits) {
        return missing("/key_id", "names no key");
    }
    const Result<Ed25519PublicKey> signing = parse_ed25519_key(value.text("/signing_public_key"));
    if (!signing) {
        return missing("/signing_public_key", "is no Ed25519 key in Base64");
    }
    key.signing = *signing;
    if (const std::string encryption = value.text("/encr_public_key"); !encryption.empty()) {
        const Result<X25519PublicKey> parsed = parse_x25519_key(encryption);
        if (!parsed) {
            return missing("/encr_public_key", "is no X25519 key in Base64");
        }
        key.encryption = *parsed;
    }
    key.url = value.text("/url", value.text("/subscriber_url"));
    key.domain = value.text("/domain");
    if (key.url.size() > field_text_max || key.domain.size() > field_text_max) {
        return missing("/url", "or domain is longer than 512 bytes");
    }
    key.type = parse_participant_type(value.text("/type"));
    if (!read_time(value, "/valid_from", key.valid_from)) {
        return missing("/valid_from", "is no time with a zone");
    }
    if (!read_time(value, "/valid_until", key.valid_until)) {
        return missing("/valid_until", "is no time with a zone");
    }
    if (const std::string status = value.text("/status"); !status.empty()) {
        const std::optional<SubscriptionStatus> parsed = parse_subscription_status(status);
        if (!parsed) {
            return missing("/status", "is not a known one");
        }
        key.status = *parsed;
    }
    key.networks = read_networks(value.get("network_memberships"));
    return key;
}

std::string lookup_request(const KeyId& id) {
    if (id.key.empty()) {
        return json::write(json::Object{{"subscriber_id", id.subscriber}, {"type", "BPP"}});
    }
    return json::write(json::Object{{"subscriber_id", id.subscriber}, {"key_id", id.key}});
}

Result<std::vector<PublishedKey>> read_subscriptions(std::string_view body) {
    const Result<json::Value> parsed = json::parse(body, {.bytes = registry_answer_max, .depth = 16});
    if (!parsed) {
        return parsed.error();
    }
    const json::Array* items = parsed->as_array();
    if (items == nullptr) {
        return Error{Errc::invalid, "the registry's answer is no array of subscriptions", ""};
    }
    std::vector<PublishedKey> found;
    for (const json::Value& item : *items) {
        Result<PublishedKey> key = read_subscription(item);
        if (key) {
            found.push_back(std::move(key).value());
        }
    }
    return found;
}

Result<PublishedKey> pick_key(const std::vector<PublishedKey>& found, const KeyId& id) {
    const PublishedKey* best = nullptr;
    for (const PublishedKey& key : found) {
        const bool is_any = id.key.empty() && key.type == ParticipantType::bpp;
        const bool is_named = key.subscriber == id.subscriber && (is_any || key.key == id.key);
        // A registry may list a key once for each domain; one that stands wins.
        if (is_named && (best == nullptr || best->status != SubscriptionStatus::subscribed)) {
            best = &key;
        }
    }
    if (best == nullptr) {
        return Error{Errc::not_found, "no registry knows the key " + id.subscriber + "|" + id.key, ""};
    }
    return *best;
}

Result<PublishedKey> read_dedi_record(std::string_view body, const KeyId& id) {
    const Result<json::Value> parsed = json::parse(body, {.bytes = registry_answer_max, .depth = 16});
    if (!parsed) {
        return parsed.error();
    }
    const json::Value* data = parsed->get("data");
    const json::Value* details = data != nullptr ? data->get("details") : nullptr;
    if (details == nullptr || !details->is_object()) {
        return Error{Errc::invalid, "the DeDi record has no details", "/data/details"};
    }
    json::Object record = *details->as_object();
    // The record's own name is the key's; some networks repeat it inside, some do not.
    record.set("key_id", id.key);
    Result<PublishedKey> key = read_subscription(record);
    if (!key) {
        return Error{key.error().code, key.error().message, "/data/details" + key.error().pointer};
    }
    if (id.form == KeyIdForm::parts && key->subscriber != id.subscriber) {
        return Error{Errc::invalid, "the DeDi record belongs to " + key->subscriber.substr(0, 64),
                     "/data/details/subscriber_id"};
    }
    key->networks = read_networks(data->get("network_memberships"));
    if (data->boolean("/is_revoked") || data->text("/state") == "revoked") {
        key->status = SubscriptionStatus::unsubscribed;
    }
    return key;
}

std::string dedi_path(const KeyId& id, std::string_view wildcard) {
    const std::string registry = !id.registry.empty()
                                     ? net::percent_encode(id.registry)
                                     : (wildcard == "*" ? std::string("*") : net::percent_encode(wildcard));
    return "/lookup/" + net::percent_encode(id.subscriber) + "/" + registry + "/" +
           net::percent_encode(id.key);
}

bool is_in_network(const PublishedKey& key, const std::vector<std::string>& allowed) {
    return allowed.empty() ||
           std::any_of(key.networks.begin(), key.networks.end(), [&allowed](const std::string& network) {
               return std::any_of(allowed.begin(), allowed.end(), [&network](const std::string& one) {
                   return net::same_but_case(one, network);
               });
           });
}

}  // namespace headroom::beckn
