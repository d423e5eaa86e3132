#pragma once

#include "grid/quantity.hpp"
#include "telemetry/stable_vector.hpp"

#include <array>
#include <atomic>
#include <bit>
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
    std::uint8_t slot = 0;               ///< quantity and phase
    std::uint8_t place = 0;              ///< for the loads of a place: which of its four, else `no_place`
    std::uint32_t candidate = no_entry;  ///< the entry that it probably is
    const void* table = nullptr;         ///< in which that was seen
    static constexpr std::uint8_t no_place = 0xff;
    static constexpr std::uint32_t no_entry = 0xffff'ffffU;
};

/// Gives points and sources their handles. Filled at start (from the grid) or as points appear, when allowed.
///
/// Any thread may `find`, `ask` and read keys and sources without a lock while others intern under the lock
/// inside. Entries stand densely in the order in which they came, 32 bytes each with the id inside it up to
/// 24 bytes; an open index over them has lines of twelve places, a byte of the hash and the number of an
/// entry each. A lookup takes one line of the index, nearly always, and the entry's: small enough for the
/// first of them to stay in the last cache with a million places. The loads of a place, by phase and in sum,
/// share one entry, so that phases which nobody meters cost next to nothing. The hash has a secret key, so
/// nobody outside can choose ids that meet in one place. Tables that were outgrown are kept (a reader may
/// stand in one): `reserve` avoids them.
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
    /// A first look, some time after `ask`, into the index: sends for the entry that the point probably is.
    /// May be left out.
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
        PointRef ref;
        std::uint8_t length;
        std::uint8_t slot;  // or `place_slot`: the loads of a place, from `ref` on
    };
    static_assert(sizeof(Entry) == 32);
    /// Places are taken from the first on and never given up. A tag is a byte of the hash, 0 = free, and is
    /// written last: whoever sees it sees the number and the entry.
    struct alignas(64) Line {
        static constexpr std::size_t places = 12;
        std::array<std::atomic<std::uint64_t>, 2> tags;
        std::array<std::atomic<std::uint32_t>, places> entries;
    };
    static_assert(sizeof(Line) == 64);
    struct Free {
        void operator()(void* memory) const;
    };
    struct Table {
        Table(std::size_t wanted_entries, std::size_t wanted_refs);
        std::size_t capacity;  // entries
        std::size_t refs;
        std::size_t line_count;
        std::uint32_t used = 0;
        std::unique_ptr<Entry[], Free> entries;
        std::unique_ptr<Line[], Free> lines;
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
    /// Of __builtin_prefetch: the second cache can wait for more lines at a time than the first.
    static constexpr int second_cache = 2;
    static std::size_t line_of(std::uint64_t hash, std::size_t lines);
    /// Another part of the hash than `line_of` goes by.
    static std::uint8_t tag_of(std::uint64_t hash) {
        const auto tag = static_cast<std::uint8_t>(hash);
        return tag == 0 ? std::uint8_t{1} : tag;
    }
    /// The highest bit of every byte of `tags` that equals `tag`; of others perhaps too, all behind one that
    /// does.
    static std::uint64_t equal_tags(std::uint64_t tags, std::uint8_t tag);
    /// The first place of the line that may be it; `Line::places` for none.
    static std::size_t place_in(const Line& line, std::uint8_t tag);
    static bool is_full(const Line& line) { return line.tags[1].load(std::memory_order_acquire) >> 24U != 0; }
    [[nodiscard]] PointQuery query_of(std::string_view point_id, std::uint8_t slot, std::uint8_t place) const;
    [[nodiscard]] bool is_same(const Entry& entry, const PointQuery& query) const;
    [[nodiscard]] std::string_view id_of(const Entry& entry) const;
    /// All that may be it, in the index from its first line on.
    [[nodiscard]] PointRef search(const Table& table, const PointQuery& query) const;
    void make_room(std::size_t entries, std::size_t refs);
    void grow(std::size_t entries, std::size_t refs);
    static void put(Table& table, std::uint64_t hash, const Entry& entry, std::size_t refs);
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

/// Where in the index to begin: the hash as a share of it.
inline std::size_t PointRegistry::line_of(std::uint64_t hash, std::size_t lines) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::size_t>(static_cast<Wide>(hash) * lines >> 64U);
}

inline std::uint64_t PointRegistry::equal_tags(std::uint64_t tags, std::uint8_t tag) {
    constexpr std::uint64_t ones = 0x0101'0101'0101'0101U;
    const std::uint64_t differing = tags ^ (ones * tag);
    return (differing - ones) & ~differing & (ones << 7U);
}

inline std::size_t PointRegistry::place_in(const Line& line, std::uint8_t tag) {
    constexpr std::uint64_t last_four = 0x8080'8080U;
    const std::uint64_t first = equal_tags(line.tags[0].load(std::memory_order_acquire), tag);
    const std::uint64_t last = equal_tags(line.tags[1].load(std::memory_order_acquire), tag) & last_four;
    // Which of the two it is, nobody can foresee: no branch. The bit behind the last four stands for none.
    const std::uint64_t any = first != 0 ? first : last | (last_four + 1) << 32U;
    const auto byte = static_cast<std::size_t>(std::countr_zero(any)) / 8;
    return byte + (first != 0 ? 0 : 8);
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
    __builtin_prefetch(&table->lines[line_of(query.hash, table->line_count)], 0, second_cache);
    return query;
}

inline void PointRegistry::look(PointQuery& query) const {
    const Table* table = static_cast<const Table*>(query.table);
    const Line& line = table->lines[line_of(query.hash, table->line_count)];
    const std::size_t place = place_in(line, tag_of(query.hash));
    if (place < Line::places) {
        query.candidate = line.entries[place].load(std::memory_order_relaxed);
        __builtin_prefetch(&table->entries[query.candidate], 0, second_cache);
    }
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
    if (query.table == table && query.candidate != PointQuery::no_entry) {
        if (const Entry& entry = table->entries[query.candidate]; is_same(entry, query)) {
            return entry.slot == place_slot ? entry.ref + query.place : entry.ref;
        }
    }
    return search(*table, query);
}

}  // namespace headroom::telemetry
