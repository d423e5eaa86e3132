#include "beckn/registry_book.hpp"

#include "beckn/registry_message.hpp"

#include <sodium.h>

#include <algorithm>
#include <utility>

namespace headroom::beckn {
namespace {

constexpr std::size_t request_max = 16UL * 1024;
constexpr std::size_t nonce_max = 128;

bool stands(const PublishedKey& key, UtcTime now) {
    return key.status == SubscriptionStatus::subscribed && (!key.valid_from || *key.valid_from <= now) &&
           (!key.valid_until || *key.valid_until >= now);
}

/// Whether `wanted` is empty or the same.
bool fits(const std::string& wanted, std::string_view value) {
    return wanted.empty() || wanted == value;
}

/// Compares without telling by its time how much was right.
bool is_same_secret(std::string_view a, std::string_view b) {
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

Result<SubscribeRequest> read_subscribe_request(std::string_view body) {
    const Result<json::Value> parsed = json::parse(body, {.bytes = request_max, .depth = 8});
    if (!parsed) {
        return parsed.error();
    }
    Result<PublishedKey> key = read_subscription(*parsed);
    if (!key) {
        return key.error();
    }
    SubscribeRequest request{.key = std::move(*key), .nonce = parsed->text("/nonce")};
    if (request.key.url.empty()) {
        return Error{Errc::invalid, "the subscription has no url", "/url"};
    }
    if (!request.key.encryption) {
        return Error{Errc::invalid, "the subscription has no encryption key", "/encr_public_key"};
    }
    if (request.nonce.empty() || request.nonce.size() > nonce_max) {
        return Error{Errc::invalid, "a nonce of 1 to 128 characters is needed", "/nonce"};
    }
    return request;
}

std::string write_subscribe_request(const SubscribeRequest& request) {
    json::Object object = to_json(request.key);
    object.erase("status");  // the registry's to say
    object.set("nonce", request.nonce);
    return json::write(std::move(object));
}

RegistryBook::RegistryBook(std::vector<PublishedKey> known, RegistryRules rules) : rules_(rules) {
    for (PublishedKey& key : known) {
        put(std::move(key));
    }
}

void RegistryBook::put(PublishedKey key) {
    Name name{key.subscriber, key.key};
    keys_.insert_or_assign(std::move(name), std::move(key));
}

KeyFinder RegistryBook::keys_for(const SubscribeRequest& request, UtcTime now) const {
    const auto first = keys_.lower_bound({request.key.subscriber, ""});
    const bool has_key = std::any_of(first, keys_.end(), [&](const auto& entry) {
        return entry.first.first == request.key.subscriber && stands(entry.second, now);
    });
    return [this, &request, has_key](const KeyId& id) -> KeyCandidates {
        if (id.subscriber != request.key.subscriber) {
            return {};
        }
        if (has_key) {
            return find(id);
        }
        return {.current = id.key == request.key.key ? &request.key : nullptr};
    };
}

void RegistryBook::forget(UtcTime now) {
    std::erase_if(pending_, [now](const auto& entry) { return entry.second.until < now; });
    std::erase_if(nonces_, [now](const auto& entry) { return entry.second < now; });
}

Result<void> RegistryBook::begin(const SubscribeRequest& request, std::string expected, UtcTime now) {
    forget(now);
    if (nonces_.contains({request.key.subscriber, request.nonce})) {
        return Error{Errc::denied, "the nonce was used before", "/nonce"};
    }
    if (pending_.size() >= rules_.pending_max || nonces_.size() >= rules_.nonces_max ||
        keys_.size() >= rules_.subscriptions_max) {
        return Error{Errc::unavailable, "too many subscriptions are under way", ""};
    }
    nonces_.emplace(Name{request.key.subscriber, request.nonce}, now + rules_.nonces_last);
    Pending pending{
        .key = request.key, .expected = std::move(expected), .until = now + rules_.challenge_lasts};
    pending.key.status = SubscriptionStatus::under_subscription;
    pending_.insert_or_assign(Name{request.key.subscriber, request.key.key}, std::move(pending));
    return {};
}

Result<void> RegistryBook::confirm(const std::string& subscriber, const std::string& key,
                                   std::string_view answer, UtcTime now) {
    forget(now);
    const auto found = pending_.find({subscriber, key});
    if (found == pending_.end()) {
        return Error{Errc::not_found, "no challenge of " + subscriber + " is open", ""};
    }
    Pending pending = std::move(found->second);
    pending_.erase(found);
    if (!is_same_secret(pending.expected, answer)) {
        return Error{Errc::denied, subscriber + " answered its challenge wrongly", ""};
    }
    pending.key.status = SubscriptionStatus::subscribed;
    const UtcTime last = now + rules_.overlap;
    for (auto& [name, older] : keys_) {
        const bool is_older = name.first == subscriber && name.second != key &&
                              older.domain == pending.key.domain && stands(older, now);
        if (is_older) {
            older.valid_until = older.valid_until ? std::min(*older.valid_until, last) : last;
        }
    }
    keys_.insert_or_assign(Name{subscriber, key}, std::move(pending.key));
    return {};
}

std::vector<PublishedKey> RegistryBook::lookup(const json::Value& filter, UtcTime now) const {
    const std::string subscriber = filter.text("/subscriber_id");
    const std::string key_id = filter.text("/key_id", filter.text("/unique_key_id"));
    const std::string url = filter.text("/url");
    const std::string type = filter.text("/type");
    const std::string domain = filter.text("/domain");
    std::vector<PublishedKey> found;
    for (const auto& [name, key] : keys_) {
        const bool is_match = fits(subscriber, key.subscriber) && fits(key_id, key.key) &&
                              fits(url, key.url) && fits(type, to_string(key.type)) &&
                              fits(domain, key.domain);
        if (!is_match || found.size() >= rules_.answers_max) {
            continue;
        }
        found.push_back(key);
        if (key.valid_until && *key.valid_until < now) {
            found.back().status = SubscriptionStatus::expired;
        }
    }
    return found;
}

KeyCandidates RegistryBook::find(const KeyId& id) const {
    const auto found = keys_.find({id.subscriber, id.key});
    return {.current = found == keys_.end() ? nullptr : &found->second};
}

std::vector<PublishedKey> RegistryBook::all() const {
    std::vector<PublishedKey> keys;
    for (const auto& [name, key] : keys_) {
        keys.push_back(key);
    }
    return keys;
}

}  // namespace headroom::beckn
