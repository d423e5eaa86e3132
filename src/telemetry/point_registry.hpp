#pragma once

#include "grid/quantity.hpp"
#include "telemetry/stable_vector.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace headroom::telemetry {

/// What is measured where: a point is one quantity on one phase at one place (feeder, substation or DER id).
struct PointKey {
    std::string point_id;
    grid::Quantity quantity = grid::Quantity::p_kw;
    grid::Phase phase = grid::Phase::sum;

    bool operator==(const PointKey&) const = default;
    /// "F-017/p_kw/L1": the series key and the name in logs.
    [[nodiscard]] std::string text() const;
};

/// A dense handle for a point, so that a reading carries no string.
using PointRef = std::uint32_t;
inline constexpr PointRef no_point = 0xffff'ffffU;

/// A point to be looked up: made by `PointRegistry::ask`, which also sends for the memory it will be found
/// in. Whoever asks for several points before it looks for the first hides most of that memory's latency.
struct PointQuery {
    std::string_view id;                   ///< must stay valid until it is looked for
    std::array<std::uint64_t, 3> words{};  ///< its first 24 bytes
    std::uint64_t hash = 0;
    std::uint8_t slot = 0;  ///< quantity and phase
};

/// Gives points and sources their handles. Filled at start (from the grid) or as points appear, when allowed.
///
/// Any thread may `find`, `ask` and read keys and sources without a lock while others intern under the lock
/// inside. Open addressing, 32 bytes an entry with the id inside it up to 24 bytes: one cache line for most
/// lookups. The hash has a secret key, so nobody outside can choose ids that meet in one place. Tables that
/// were outgrown are kept (a reader may stand in one): `reserve` avoids them.
class PointRegistry {
  public:
    PointRegistry();
    ~PointRegistry();
    PointRegistry(const PointRegistry&) = delete;
    PointRegistry& operator=(const PointRegistry&) = delete;

    /// The handle of `key`, made when new.
    PointRef intern(const PointKey& key);
    /// Makes room for so many points in one step.
    void reserve(std::size_t points);

    [[nodiscard]] PointQuery ask(std::string_view point_id, grid::Quantity quantity, grid::Phase phase) const;
    /// `no_point` when unknown. No allocation.
    [[nodiscard]] PointRef find(const PointQuery& query) const;
    [[nodiscard]] PointRef find(std::string_view point_id, grid::Quantity quantity, grid::Phase phase) const {
        return find(ask(point_id, quantity, phase));
    }
    [[nodiscard]] const PointKey& key(PointRef point) const { return keys_[point]; }
    [[nodiscard]] std::size_t size() const { return keys_.size(); }
    /// Bytes of the tables, outgrown ones included; names are beside them.
    [[nodiscard]] std::size_t table_bytes() const;

    /// The handle of a source's name. So that no sender can fill the table, names beyond `sources_max` share
    /// the handle of "other".
    std::uint16_t intern_source(std::string_view name);
    static constexpr std::size_t sources_max = 1024;
    [[nodiscard]] const std::string& source(std::uint16_t ref) const { return sources_[ref]; }

  private:
    struct alignas(32) Entry {
        std::array<std::uint64_t, 3> words;
        std::atomic<PointRef> ref;  // `no_point` = empty; written last
        std::uint8_t length;
        std::uint8_t slot;
    };
    static_assert(sizeof(Entry) == 32);
    struct Free {
        void operator()(Entry* entries) const;
    };
    struct Table {
        explicit Table(std::size_t capacity);
        std::uint64_t mask;
        std::unique_ptr<Entry[], Free> entries;
    };
    struct NameHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>{}(text);
        }
    };

    static constexpr std::size_t word_bytes = 24;
    static constexpr std::uint8_t slot_of(grid::Quantity quantity, grid::Phase phase) {
        constexpr unsigned phase_count = 5;
        return static_cast<std::uint8_t>(static_cast<unsigned>(quantity) * phase_count +
                                         static_cast<unsigned>(phase));
    }
    static std::uint64_t fold(std::uint64_t a, std::uint64_t b);
    static std::uint64_t word_at(std::string_view text, std::size_t from);
    [[nodiscard]] bool is_same(const Entry& entry, PointRef ref, const PointQuery& query) const;
    void grow(std::size_t capacity);
    static void put(Table& table, const PointQuery& query, PointRef ref);

    std::atomic<const Table*> table_{nullptr};
    std::array<std::uint64_t, 4> secret_{};
    StableVector<PointKey> keys_;
    StableVector<std::string> sources_;

    mutable std::mutex mutex_;  // of whoever interns
    std::vector<std::unique_ptr<Table>> tables_;
    std::unordered_map<std::string, std::uint16_t, NameHash, std::equal_to<>> source_refs_;
};

inline std::uint64_t PointRegistry::fold(std::uint64_t a, std::uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

/// Up to eight bytes of `text` from `from` on, the rest zero; reads no byte outside the text.
inline std::uint64_t PointRegistry::word_at(std::string_view text, std::size_t from) {
    std::uint64_t word = 0;
    if (text.size() <= from) {
        return word;
    }
    const std::size_t left = text.size() - from;
    if (left >= 8) {
        std::memcpy(&word, text.data() + from, 8);
        return word;
    }
    if (text.size() >= 8) {  // the last eight bytes, of which the first were seen already
        std::memcpy(&word, text.data() + text.size() - 8, 8);
        return word >> (8 * (8 - left));
    }
    for (std::size_t i = 0; i < left; ++i) {
        word |= std::uint64_t{static_cast<unsigned char>(text[from + i])} << (8 * i);
    }
    return word;
}

inline PointQuery PointRegistry::ask(std::string_view point_id, grid::Quantity quantity,
                                     grid::Phase phase) const {
    PointQuery query{.id = point_id,
                     .words = {word_at(point_id, 0), word_at(point_id, 8), word_at(point_id, 16)},
                     .hash = 0,
                     .slot = slot_of(quantity, phase)};
    std::uint64_t hash = fold(query.words[0] ^ secret_[0], query.words[1] ^ secret_[1]);
    for (std::size_t at = word_bytes; at < point_id.size(); at += 8) {
        hash = fold(hash ^ word_at(point_id, at), secret_[3]);
    }
    query.hash = fold(hash ^ query.words[2] ^ secret_[2], (point_id.size() << 8U | query.slot) ^ secret_[3]);
    const Table* table = table_.load(std::memory_order_acquire);
    __builtin_prefetch(&table->entries[query.hash & table->mask]);
    return query;
}

inline bool PointRegistry::is_same(const Entry& entry, PointRef ref, const PointQuery& query) const {
    return entry.words == query.words && entry.length == query.id.size() && entry.slot == query.slot &&
           (query.id.size() <= word_bytes || keys_[ref].point_id == query.id);
}

inline PointRef PointRegistry::find(const PointQuery& query) const {
    const Table* table = table_.load(std::memory_order_acquire);
    for (std::uint64_t at = query.hash;; ++at) {
        const Entry& entry = table->entries[at & table->mask];
        const PointRef ref = entry.ref.load(std::memory_order_acquire);
        if (ref == no_point || is_same(entry, ref, query)) {
            return ref;
        }
    }
}

}  // namespace headroom::telemetry
