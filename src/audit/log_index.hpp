#pragma once

#include "audit/tree.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace headroom::audit {

/// Where an entry lies.
struct EntryPlace {
    std::uint64_t segment = 0;  ///< first index of its segment, which is the file's name
    std::uint64_t offset = 0;
};

/// One durable entry as the index takes it in.
struct IndexedEntry {
    Hash leaf{};
    std::uint64_t offset = 0;
    std::string_view corr;  ///< empty when there is none
};

/// What is kept in memory of every durable entry: its leaf hash, its place and its event. Thread-safe: one
/// writer, many readers.
class LogIndex {
  public:
    /// The entries that follow belong to the segment that begins with index `first_index`.
    void begin_segment(std::uint64_t first_index);
    void append(std::span<const IndexedEntry> entries);

    [[nodiscard]] std::uint64_t size() const;
    /// Errors: `not_found` at or above size().
    [[nodiscard]] Result<EntryPlace> place(std::uint64_t seq) const;
    /// Numbers of the entries of an event, ascending.
    [[nodiscard]] std::vector<std::uint64_t> find_corr(std::string_view corr) const;
    [[nodiscard]] Hash root() const;
    /// Errors: `not_found` when `size` is above size().
    [[nodiscard]] Result<Hash> root_at(std::uint64_t size) const;
    [[nodiscard]] Frontier frontier() const;
    /// Errors: as `LeafTree`.
    [[nodiscard]] Result<Proof> inclusion(std::uint64_t index, std::uint64_t size) const;
    [[nodiscard]] Result<Proof> consistency(std::uint64_t from, std::uint64_t to) const;

  private:
    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };

    mutable std::shared_mutex mutex_;
    LeafTree tree_;
    std::vector<std::uint32_t> offsets_;   // a segment stays far below 4 GiB
    std::vector<std::uint64_t> segments_;  // first indices, ascending
    std::unordered_map<std::string, std::vector<std::uint64_t>, TextHash, std::equal_to<>> by_corr_;
};

}  // namespace headroom::audit
