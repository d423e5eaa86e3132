#pragma once

#include "beckn/key_record.hpp"
#include "core/time.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace headroom::beckn {

struct KeyCacheRules {
    milliseconds lasts = hours{1};       ///< then a key is asked for again, also without a valid_until
    milliseconds negative = minutes{1};  ///< so long nobody is asked again for a key that is not there
    milliseconds overlap = minutes{10};  ///< a key that was replaced under its id counts on for so long
    milliseconds refetch = seconds{10};  ///< a signature that does not verify asks again at most so often
    std::size_t keys_max = 10'000;
    std::size_t missing_max = 10'000;
};

/// Keys that were found, and ids under which there is none, each with its time. Pure: the caller brings the
/// clock and fetches. Beyond its bounds the oldest go; ids that are missing never push out keys.
class KeyCache {
  public:
    explicit KeyCache(KeyCacheRules rules = {}) : rules_(rules) {}

    enum class State : std::uint8_t {
        fresh,    ///< `find` answers it
        stale,    ///< `find` answers it, but it should be fetched again
        missing,  ///< it was asked for lately, and there is none
        absent,   ///< nobody knows yet
    };
    [[nodiscard]] State state(const KeyId& id, UtcTime now) const;
    [[nodiscard]] KeyCandidates find(const KeyId& id, UtcTime now) const;
    /// Both at once.
    [[nodiscard]] std::pair<State, KeyCandidates> look(const KeyId& id, UtcTime now) const;

    /// What a source answered. Another key than before makes that one the former.
    void put(const KeyId& id, PublishedKey key, UtcTime now);
    /// The source has no such key (any more): it counts no longer, at once.
    void put_missing(const KeyId& id, UtcTime now);
    /// Whether a signature that failed may have the key fetched again.
    [[nodiscard]] bool may_refetch(const KeyId& id, UtcTime now) const;
    /// The same; when it may, the next has to wait.
    [[nodiscard]] bool take_refetch(const KeyId& id, UtcTime now);
    [[nodiscard]] std::size_t size() const { return keys_.size(); }
    [[nodiscard]] std::size_t missing() const { return missing_.size(); }

  private:
    using Name = std::tuple<std::string, std::string, std::string>;  // subscriber, registry, key
    struct Entry {
        PublishedKey key;
        UtcTime fetched{};
        std::optional<PublishedKey> former;
        UtcTime replaced{};
    };
    using NameView = std::tuple<std::string_view, std::string_view, std::string_view>;
    [[nodiscard]] static Name name_of(const KeyId& id) { return {id.subscriber, id.registry, id.key}; }
    [[nodiscard]] static NameView view_of(const KeyId& id) { return {id.subscriber, id.registry, id.key}; }

    KeyCacheRules rules_;
    std::map<Name, Entry, std::less<>> keys_;
    std::deque<Name> key_order_;
    std::map<Name, UtcTime, std::less<>> missing_;
    std::deque<Name> missing_order_;
    std::map<Name, UtcTime, std::less<>> refetched_;
};

}  // namespace headroom::beckn
