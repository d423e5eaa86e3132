#include "beckn/inbox.hpp"

#include <utility>

namespace headroom::beckn {
namespace {

/// A sender is a registered subscriber and has no zero byte in its name.
std::string key_of(const std::string& sender, Action action, const std::string& message_id) {
    std::string key;
    key.reserve(sender.size() + message_id.size() + 3);
    key.append(sender).push_back('\0');
    key.push_back(static_cast<char>(action));
    key.append(message_id);
    return key;
}

}  // namespace

Inbox::Inbox(std::size_t entries_max) : entries_max_(entries_max) {
    entries_.reserve(entries_max);
}

Inbox::Seen Inbox::judge(const std::string& sender, Action action, const std::string& message_id,
                         const Sha256& digest) const {
    const auto found = entries_.find(key_of(sender, action, message_id));
    if (found == entries_.end()) {
        return {};
    }
    const InboxEntry& entry = found->second.entry;
    return {entry.digest == digest ? InboxVerdict::repeat : InboxVerdict::conflict, &entry};
}

void Inbox::remember(const std::string& sender, Action action, const std::string& message_id,
                     InboxEntry entry) {
    const auto [place, is_new] = entries_.try_emplace(key_of(sender, action, message_id));
    Kept& kept = place->second;
    if (!is_new) {
        by_age_.erase(kept.age);
    }
    kept.age = by_age_.emplace_hint(by_age_.end(), entry.keep_until, &place->first);
    kept.entry = std::move(entry);
    while (entries_.size() > entries_max_) {
        forget_oldest();
    }
}

void Inbox::forget_oldest() {
    const auto oldest = by_age_.begin();
    entries_.erase(entries_.find(*oldest->second));
    by_age_.erase(oldest);
}

void Inbox::forget_before(UtcTime now) {
    while (!by_age_.empty() && by_age_.begin()->first < now) {
        forget_oldest();
    }
}

}  // namespace headroom::beckn
