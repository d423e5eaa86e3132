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
    std::uint8_t slot = 0;   ///< quantity and phase
    std::uint8_t place = 0;  ///< for the loads of a place: which of its four, else `no_place`
    std::size_t at = 0;      ///< where it is looked for next
    const void* table = nullptr;
    static constexpr std::uint8_t no_place = 0xff;
};

/// Gives points and sources their handles. Filled at start (from the grid) or as points appear, when allowed.
///
/// Any thread may `find`, `ask` and read keys and sources without a lock while others intern under the lock
/// inside. Open addressing, 32 bytes an entry with the id inside it up to 24 bytes: one or two cache lines
/// for most lookups. The loads of a place, by phase and in sum, share one entry, so that phases which nobody
/// meters cost next to nothing. The hash has a secret key, so nobody outside can choose ids that meet in one
/// place. Tables that were outgrown are kept (a reader may stand in one): `reserve` avoids them.
class PointRegistry {
  public:
    PointRegistry();
    ~PointRegistry();
    PointRegistry(const PointRegistry&) = delete;
    PointRegistry& operator=(const PointRegistry&) = delete;

    /// The handle of `key`, made when new.
    PointRef intern(const PointKey& key);
    /// The load of a place (p_kw) on L1, L2, L3 and in sum, all four of them made when new.
    void intern_loads(std::string_view point_id);
    static constexpr std::size_t loads_of_place = 4;
    /// Makes room for so many entries (points, or places with their loads) and handles in one step.
    void reserve(std::size_t entries, std::size_t points);
    void reserve(std::size_t points) { reserve(points, points); }

    [[nodiscard]] PointQuery ask(std::string_view point_id, grid::Quantity quantity, grid::Phase phase) const;
    /// A first look, some time after `ask`: where the point is not in the line that was sent for, the next
    /// one is.
    void look(PointQuery& query) const;
    /// `no_point` when unknown. No allocation.
    [[nodiscard]] PointRef find(const PointQuery& query) const;
    [[nodiscard]] PointRef find(std::string_view point_id, grid::Quantity quantity, grid::Phase phase) const {
        return find(ask(point_id, quantity, phase));
    }
    /// Precondition: point < size().
    [[nodiscard]] PointKey key(PointRef point) const;
    [[nodiscard]] std::size_t size() const { return size_.load(std::memory_order_acquire); }
    /// Bytes of the tables, outgrown ones included.
    [[nodiscard]] std::size_t table_bytes() const;

    /// The handle of a source's name. So that no sender can fill the table, names beyond `sources_max` share
    /// the handle of "other".
    std::uint16_t intern_source(std::string_view name);
    static constexpr std::size_t sources_max = 1024;
    [[nodiscard]] const std::string& source(std::uint16_t ref) const { return sources_[ref]; }

  private:
    struct alignas(32) Entry {
        std::array<std::uint64_t, 3> words;  // of a longer id: its hash and its number among those
        std::atomic<PointRef> ref;           // `no_point` = empty; written last
        std::uint8_t length;
        std::uint8_t slot;  // or `place_slot`: the loads of a place, from `ref` on
    };
    static_assert(sizeof(Entry) == 32);
    struct Free {
        void operator()(void* memory) const;
    };
    struct Table {
        Table(std::size_t entries, std::size_t refs);
        std::size_t capacity;
        std::size_t refs;
        std::size_t used = 0;
        std::unique_ptr<Entry[], Free> entries;
        std::unique_ptr<std::uint32_t[], Free> entry_of;  // by handle
    };
    struct NameHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>{}(text);
        }
    };

    static constexpr std::size_t word_bytes = 24;
    static constexpr unsigned phase_count = 5;
    static constexpr std::uint8_t place_slot = 0xff;
    static constexpr std::array<grid::Phase, loads_of_place> place_phases{grid::Phase::l1, grid::Phase::l2,
                                                                          grid::Phase::l3, grid::Phase::sum};
    static constexpr std::uint8_t slot_of(grid::Quantity quantity, grid::Phase phase) {
        return static_cast<std::uint8_t>(static_cast<unsigned>(quantity) * phase_count +
                                         static_cast<unsigned>(phase));
    }
    static constexpr std::uint8_t place_of(grid::Quantity quantity, grid::Phase phase) {
        if (quantity != grid::Quantity::p_kw || phase == grid::Phase::n) {
            return PointQuery::no_place;
        }
        return phase == grid::Phase::sum ? std::uint8_t{3} : static_cast<std::uint8_t>(phase);
    }
    static std::uint64_t fold(std::uint64_t a, std::uint64_t b);
    static std::uint64_t word_at(std::string_view text, std::size_t from);
    static constexpr std::size_t line_entries = 2;
    static std::size_t start_of(std::uint64_t hash, std::size_t capacity);
    [[nodiscard]] PointQuery query_of(std::string_view point_id, std::uint8_t slot, std::uint8_t place) const;
    [[nodiscard]] bool is_same(const Entry& entry, const PointQuery& query) const;
    [[nodiscard]] std::string_view id_of(const Entry& entry) const;
    void make_room(std::size_t entries, std::size_t refs);
    void grow(std::size_t entries, std::size_t refs);
    std::size_t free_place(const Table& table, std::uint64_t hash) const;
    PointRef add(const PointQuery& query, std::uint8_t slot, std::size_t refs);

    std::atomic<const Table*> table_{nullptr};
    std::atomic<std::size_t> size_{0};
    std::array<std::uint64_t, 4> secret_{};
    StableVector<std::string> long_ids_;
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

/// Where in a table to begin: the hash as a share of the table, at the begin of a cache line.
inline std::size_t PointRegistry::start_of(std::uint64_t hash, std::size_t capacity) {
    __extension__ using Wide = unsigned __int128;
    return line_entries *
           static_cast<std::size_t>(static_cast<Wide>(hash) * (capacity / line_entries) >> 64U);
}

inline PointQuery PointRegistry::query_of(std::string_view point_id, std::uint8_t slot,
                                          std::uint8_t place) const {
    PointQuery query{.id = point_id,
                     .words = {word_at(point_id, 0), word_at(point_id, 8), word_at(point_id, 16)},
                     .hash = 0,
                     .slot = slot,
                     .place = place};
    std::uint64_t hash = fold(query.words[0] ^ secret_[0], query.words[1] ^ secret_[1]);
    for (std::size_t at = word_bytes; at < point_id.size(); at += 8) {
        hash = fold(hash ^ word_at(point_id, at), secret_[3]);
    }
    // The loads of a place begin to be looked for where the place is.
    const std::uint64_t what = place == PointQuery::no_place ? slot : place_slot;
    query.hash = fold(hash ^ query.words[2] ^ secret_[2], (point_id.size() << 8U | what) ^ secret_[3]);
    return query;
}

inline PointQuery PointRegistry::ask(std::string_view point_id, grid::Quantity quantity,
                                     grid::Phase phase) const {
    PointQuery query = query_of(point_id, slot_of(quantity, phase), place_of(quantity, phase));
    const Table* table = table_.load(std::memory_order_acquire);
    query.table = table;
    query.at = start_of(query.hash, table->capacity);
    __builtin_prefetch(&table->entries[query.at]);
    return query;
}

inline void PointRegistry::look(PointQuery& query) const {
    const Table* table = static_cast<const Table*>(query.table);
    for (std::size_t i = 0; i < line_entries; ++i) {
        const Entry& entry = table->entries[query.at + i];
        if (entry.ref.load(std::memory_order_acquire) == no_point || is_same(entry, query)) {
            query.at += i;
            return;
        }
    }
    query.at = query.at + line_entries == table->capacity ? 0 : query.at + line_entries;
    __builtin_prefetch(&table->entries[query.at]);
}

inline bool PointRegistry::is_same(const Entry& entry, const PointQuery& query) const {
    const bool is_slot =
        entry.slot == query.slot || (entry.slot == place_slot && query.place != PointQuery::no_place);
    if (entry.length != query.id.size() || !is_slot) {
        return false;
    }
    return query.id.size() <= word_bytes
               ? entry.words == query.words
               : entry.words[0] == query.hash && long_ids_[entry.words[1]] == query.id;
}

inline PointRef PointRegistry::find(const PointQuery& query) const {
    const Table* table = table_.load(std::memory_order_acquire);
    // Points may have got another table since the query was made.
    std::size_t at = query.table == table ? query.at : start_of(query.hash, table->capacity);
    for (;;) {
        const Entry& entry = table->entries[at];
        const PointRef ref = entry.ref.load(std::memory_order_acquire);
        if (ref == no_point) {
            return ref;
        }
        if (is_same(entry, query)) {
            return entry.slot == place_slot ? ref + query.place : ref;
        }
        at = at + 1 == table->capacity ? 0 : at + 1;
    }
}

}  // namespace headroom::telemetry
