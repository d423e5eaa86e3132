#include "beckn/inbox.hpp"

namespace headroom::beckn {

Inbox::Seen Inbox::judge(const std::string& sender, Action action, const std::string& message_id,
                         const Sha256& digest) const {
    const auto found = entries_.find(Key{sender, action, message_id});
    if (found == entries_.end()) {
        return {};
    }
    const bool same = found->second.digest == digest;
    return {same ? InboxVerdict::repeat : InboxVerdict::conflict, &found->second};
}

void Inbox::remember(const std::string& sender, Action action, const std::string& message_id,
                     InboxEntry entry) {
    Key key{sender, action, message_id};
    const auto found = entries_.find(key);
    if (found != entries_.end()) {
        by_age_.erase({found->second.keep_until, key});
        entries_.erase(found);
    }
    by_age_.emplace(entry.keep_until, key);
    entries_.emplace(std::move(key), std::move(entry));
    while (entries_.size() > entries_max_) {
        forget_oldest();
    }
}

void Inbox::forget_oldest() {
    entries_.erase(by_age_.begin()->second);
    by_age_.erase(by_age_.begin());
}

void Inbox::forget_before(UtcTime now) {
    while (!by_age_.empty() && by_age_.begin()->first < now) {
        forget_oldest();
    }
}

}  // namespace headroom::beckn
