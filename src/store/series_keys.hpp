#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::store {

/// Keys of series with their numbers, for a million of them: about 45 bytes each, one look-up a hash and a
/// comparison.
class SeriesKeys {
  public:
    struct Key {
        std::int64_t id = 0;
        std::int64_t step_ms = 0;
    };
    [[nodiscard]] std::optional<Key> find(std::string_view key) const;
    /// A key that is not there yet.
    void add(std::string_view key, Key value);
    void clear();
    [[nodiscard]] std::size_t size() const { return entries_.size(); }

  private:
    struct Entry {
        std::uint64_t offset = 0;
        std::uint32_t length = 0;
        std::uint32_t step_ms = 0;
        std::int64_t id = 0;
    };
    [[nodiscard]] std::string_view text(const Entry& entry) const;
    void grow();

    std::string texts_;
    std::vector<Entry> entries_;
    std::vector<std::uint32_t> slots_;  // open addressing; position in `entries_` plus one, 0 = free
};

}  // namespace headroom::store
