#pragma once

#include "beckn/action.hpp"
#include "core/digest.hpp"
#include "core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>

namespace headroom::beckn {

/// What is known of a message that was received before.
struct InboxEntry {
    Sha256 digest{};        ///< of the raw body
    bool accepted = false;  ///< ACK or NACK
    std::string answer;     ///< the body of our answer
    int http_status = 200;  ///< and its status
    UtcTime keep_until{};   ///< wall time
};

enum class InboxVerdict : std::uint8_t {
    fresh,     ///< never seen: handle it, then `remember`
    repeat,    ///< the same bytes again: the same answer, no effect
    conflict,  ///< other bytes under the same ids: refuse
};

/// Remembers received messages by (sender, action, message id), so that what arrives twice acts once. Forgets
/// entries whose signature cannot be valid any more, and the oldest beyond `entries_max`.
class Inbox {
  public:
    /// Its table has room for all of them at once: growing would stop a conversation to sort everything anew.
    explicit Inbox(std::size_t entries_max = 20'000);
    Inbox(Inbox&&) = default;  // by_age_ points to keys, which stay where they are
    Inbox& operator=(Inbox&&) = default;

    struct Seen {
        InboxVerdict verdict = InboxVerdict::fresh;
        const InboxEntry* entry = nullptr;  ///< of a repeat
    };
    [[nodiscard]] Seen judge(const std::string& sender, Action action, const std::string& message_id,
                             const Sha256& digest) const;
    void remember(const std::string& sender, Action action, const std::string& message_id, InboxEntry entry);
    void forget_before(UtcTime now);
    [[nodiscard]] std::size_t entries_max() const { return entries_max_; }
    [[nodiscard]] std::size_t size() const { return entries_.size(); }

  private:
    using ByAge = std::multimap<UtcTime, const std::string*>;  // keys of entries_
    struct Kept {
        InboxEntry entry;
        ByAge::iterator age;
    };
    void forget_oldest();

    std::size_t entries_max_;
    std::unordered_map<std::string, Kept> entries_;
    ByAge by_age_;
};

}  // namespace headroom::beckn
