#include "beckn/key_cache.hpp"

#include <utility>

namespace headroom::beckn {

KeyCache::State KeyCache::state(const KeyId& id, UtcTime now) const {
    return look(id, now).first;
}

KeyCandidates KeyCache::find(const KeyId& id, UtcTime now) const {
    return look(id, now).second;
}

std::pair<KeyCache::State, KeyCandidates> KeyCache::look(const KeyId& id, UtcTime now) const {
    const auto found = keys_.find(view_of(id));
    if (found == keys_.end()) {
        const auto missing = missing_.find(view_of(id));
        const bool is_missing = missing != missing_.end() && now < missing->second + rules_.negative;
        return {is_missing ? State::missing : State::absent, {}};
    }
    const Entry& entry = found->second;
    // A key that is over may have been prolonged; that is asked as seldom as for one that is missing.
    const bool is_over = entry.key.valid_until && *entry.key.valid_until < now;
    const milliseconds lasts = is_over ? rules_.negative : rules_.lasts;
    const bool has_former = entry.former && now < entry.replaced + rules_.overlap;
    return {now >= entry.fetched + lasts ? State::stale : State::fresh,
            {.current = &entry.key,
             .former = has_former ? &*entry.former : nullptr,
             .replaced_at = entry.replaced}};
}

void KeyCache::put(const KeyId& id, PublishedKey key, UtcTime now) {
    const Name name = name_of(id);
    missing_.erase(name);
    const auto [entry, is_new] = keys_.try_emplace(name);
    if (is_new) {
        key_order_.push_back(name);
    } else if (entry->second.key.signing != key.signing) {
        entry->second.former = std::move(entry->second.key);
        entry->second.replaced = now;
    }
    entry->second.key = std::move(key);
    entry->second.fetched = now;
    while (keys_.size() > rules_.keys_max) {
        keys_.erase(key_order_.front());
        refetched_.erase(key_order_.front());
        key_order_.pop_front();
    }
}

void KeyCache::put_missing(const KeyId& id, UtcTime now) {
    const Name name = name_of(id);
    if (keys_.erase(name) > 0) {
        std::erase(key_order_, name);
        refetched_.erase(name);
    }
    if (missing_.insert_or_assign(name, now).second) {
        missing_order_.push_back(name);
    }
    // Names that became keys since then stand in the order only.
    while (missing_.size() > rules_.missing_max || missing_order_.size() > 2 * rules_.missing_max) {
        missing_.erase(missing_order_.front());
        missing_order_.pop_front();
    }
}

bool KeyCache::may_refetch(const KeyId& id, UtcTime now) const {
    const auto found = keys_.find(view_of(id));
    if (found == keys_.end() || now < found->second.fetched + rules_.refetch) {
        return false;  // there is nothing that could be outdated
    }
    const auto last = refetched_.find(view_of(id));
    return last == refetched_.end() || now >= last->second + rules_.refetch;
}

bool KeyCache::take_refetch(const KeyId& id, UtcTime now) {
    if (!may_refetch(id, now)) {
        return false;
    }
    refetched_.insert_or_assign(name_of(id), now);
    return true;
}

}  // namespace headroom::beckn
