#include "telemetry/point_registry.hpp"

#include "core/result.hpp"

#include <sodium.h>

#include <algorithm>
#include <cstdlib>
#include <new>

#include <sys/mman.h>

namespace headroom::telemetry {
namespace {

constexpr std::size_t first_entries = 1024;
/// Tables are made anew, twice as long, when they are fuller than three quarters.
constexpr std::size_t entries_in(std::size_t capacity) {
    return capacity / 4 * 3;
}
constexpr std::size_t capacity_for(std::size_t entries) {
    return (entries / 3 + 1) * 4;
}
constexpr std::size_t huge_page = 2UL * 1024 * 1024;
constexpr std::size_t length_max = 255;

/// Random lookups in a table of megabytes miss the TLB too. The advice may be refused; nothing is lost.
void* memory_of(std::size_t bytes) {
    const std::size_t alignment = bytes >= 2 * huge_page ? huge_page : 64;
    void* memory = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
    if (memory == nullptr) {
        throw std::bad_alloc();
    }
    if (alignment == huge_page) {
        static_cast<void>(::madvise(memory, bytes, MADV_HUGEPAGE));
    }
    return memory;
}

}  // namespace

std::string PointKey::text() const {
    std::string text = point_id;
    text += '/';
    text += grid::to_string(quantity);
    text += '/';
    text += grid::to_string(phase);
    return text;
}

void PointRegistry::Free::operator()(void* memory) const {
    std::free(memory);
}

PointRegistry::Table::Table(std::size_t wanted_entries, std::size_t wanted_refs)
    : capacity(capacity_for(wanted_entries)),
      refs(wanted_refs),
      entries(static_cast<Entry*>(memory_of(capacity * sizeof(Entry)))),
      entry_of(static_cast<std::uint32_t*>(memory_of(refs * sizeof(std::uint32_t)))) {
    for (std::size_t i = 0; i < capacity; ++i) {
        new (&entries[i]) Entry{.words = {}, .ref = no_point, .length = 0, .slot = 0};
    }
}

PointRegistry::PointRegistry() {
    // Where entries lie depends on it, and nothing that anyone sees.
    randombytes_buf(secret_.data(), sizeof secret_);
    grow(first_entries, first_entries);
}

PointRegistry::~PointRegistry() = default;

std::string_view PointRegistry::id_of(const Entry& entry) const {
    return entry.length > word_bytes
               ? std::string_view(long_ids_[entry.words[1]])
               : std::string_view(reinterpret_cast<const char*>(entry.words.data()), entry.length);
}

PointKey PointRegistry::key(PointRef point) const {
    const Table* table = table_.load(std::memory_order_acquire);
    const Entry& entry = table->entries[table->entry_of[point]];
    PointKey key{.point_id = std::string(id_of(entry))};
    if (entry.slot == place_slot) {
        key.phase = place_phases[point - entry.ref.load(std::memory_order_relaxed)];
    } else {
        key.quantity = static_cast<grid::Quantity>(entry.slot / phase_count);
        key.phase = static_cast<grid::Phase>(entry.slot % phase_count);
    }
    return key;
}

std::size_t PointRegistry::free_place(const Table& table, std::uint64_t hash) const {
    std::size_t at = start_of(hash, table.capacity);
    while (table.entries[at].ref.load(std::memory_order_relaxed) != no_point) {
        at = at + 1 == table.capacity ? 0 : at + 1;
    }
    return at;
}

/// Readers go on in the old table until they look at `table_` again, so it is kept.
void PointRegistry::grow(std::size_t entries, std::size_t refs) {
    auto table = std::make_unique<Table>(entries, refs);
    if (!tables_.empty()) {
        const Table& before = *tables_.back();
        table->used = before.used;
        const std::size_t count = size_.load(std::memory_order_relaxed);
        for (PointRef ref = 0; ref < count;) {
            const Entry& entry = before.entries[before.entry_of[ref]];
            const bool is_place = entry.slot == place_slot;
            const std::uint64_t hash =
                query_of(id_of(entry), entry.slot,
                         is_place ? std::uint8_t{0}
                                  : place_of(static_cast<grid::Quantity>(entry.slot / phase_count),
                                             static_cast<grid::Phase>(entry.slot % phase_count)))
                    .hash;
            const std::size_t at = free_place(*table, hash);
            Entry& moved = table->entries[at];
            moved.words = entry.words;
            moved.length = entry.length;
            moved.slot = entry.slot;
            moved.ref.store(ref, std::memory_order_relaxed);
            for (const PointRef end = ref + (is_place ? PointRef{loads_of_place} : 1U); ref < end; ++ref) {
                table->entry_of[ref] = static_cast<std::uint32_t>(at);
            }
        }
    }
    table_.store(table.get(), std::memory_order_release);
    tables_.push_back(std::move(table));
}

void PointRegistry::reserve(std::size_t entries, std::size_t points) {
    const std::lock_guard lock(mutex_);
    const Table& table = *tables_.back();
    if (entries > entries_in(table.capacity) || points > table.refs) {
        grow(std::max(entries, table.used), std::max(points, table.refs));
    }
}

void PointRegistry::make_room(std::size_t entries, std::size_t refs) {
    const Table& table = *tables_.back();
    const bool is_full = table.used + entries > entries_in(table.capacity);
    const bool is_out_of_refs = size_.load(std::memory_order_relaxed) + refs > table.refs;
    if (is_full || is_out_of_refs) {
        grow(is_full ? 2 * entries_in(table.capacity) : entries_in(table.capacity),
             is_out_of_refs ? 2 * table.refs : table.refs);
    }
}

PointRef PointRegistry::add(const PointQuery& query, std::uint8_t slot, std::size_t refs) {
    make_room(1, refs);
    Table& table = *tables_.back();
    const auto ref = static_cast<PointRef>(size_.load(std::memory_order_relaxed));
    HEADROOM_ASSERT(ref < no_point - refs);
    const std::size_t at = free_place(table, query.hash);
    Entry& entry = table.entries[at];
    entry.words = query.words;
    if (query.id.size() > word_bytes) {
        entry.words = {query.hash, long_ids_.size(), 0};
        long_ids_.push_back(std::string(query.id));
    }
    entry.length = static_cast<std::uint8_t>(query.id.size());
    entry.slot = slot;
    for (std::size_t i = 0; i < refs; ++i) {
        table.entry_of[ref + i] = static_cast<std::uint32_t>(at);
    }
    table.used += 1;
    entry.ref.store(ref, std::memory_order_release);
    size_.store(ref + refs, std::memory_order_release);
    return ref;
}

PointRef PointRegistry::intern(const PointKey& key) {
    HEADROOM_ASSERT(key.point_id.size() <= length_max);
    const std::lock_guard lock(mutex_);
    const PointQuery query = ask(key.point_id, key.quantity, key.phase);
    const PointRef known = find(query);
    return known != no_point ? known : add(query, query.slot, 1);
}

void PointRegistry::intern_loads(std::string_view point_id) {
    HEADROOM_ASSERT(point_id.size() <= length_max);
    const std::lock_guard lock(mutex_);
    const auto query_for = [&](grid::Phase phase) { return ask(point_id, grid::Quantity::p_kw, phase); };
    const auto is_known = [&](grid::Phase phase) { return find(query_for(phase)) != no_point; };
    if (std::none_of(place_phases.begin(), place_phases.end(), is_known)) {
        add(query_for(grid::Phase::sum), place_slot, loads_of_place);
        return;
    }
    // Some were heard of before: they keep their handles, and each has an entry of its own.
    for (const grid::Phase phase : place_phases) {
        if (!is_known(phase)) {
            const PointQuery query = query_for(phase);
            add(query, query.slot, 1);
        }
    }
}

std::size_t PointRegistry::table_bytes() const {
    const std::lock_guard lock(mutex_);
    std::size_t bytes = 0;
    for (const auto& table : tables_) {
        bytes += table->capacity * sizeof(Entry) + table->refs * sizeof(std::uint32_t);
    }
    return bytes;
}

std::uint16_t PointRegistry::intern_source(std::string_view name) {
    const std::lock_guard lock(mutex_);
    if (const auto known = source_refs_.find(name); known != source_refs_.end()) {
        return known->second;
    }
    const bool is_full = sources_.size() + 1 >= sources_max;
    const std::string_view kept = is_full ? std::string_view("other") : name;
    if (const auto known = source_refs_.find(kept); known != source_refs_.end()) {
        return known->second;
    }
    const auto ref = static_cast<std::uint16_t>(sources_.size());
    sources_.push_back(std::string(kept));
    source_refs_.emplace(kept, ref);
    return ref;
}

}  // namespace headroom::telemetry
