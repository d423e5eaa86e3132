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
/// Nine of twelve places of the index are taken when the entries are full: one point in thirty is then in
/// another line than its first.
constexpr std::size_t entries_per_line = 9;
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
    : capacity(wanted_entries),
      refs(wanted_refs),
      line_count(wanted_entries / entries_per_line + 1),
      entries(static_cast<Entry*>(memory_of(capacity * sizeof(Entry)))),
      lines(static_cast<Line*>(memory_of(line_count * sizeof(Line)))),
      entry_of(static_cast<std::uint32_t*>(memory_of(refs * sizeof(std::uint32_t)))) {
    for (std::size_t i = 0; i < line_count; ++i) {
        new (&lines[i]) Line{.tags = {}, .entries = {}};
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
        key.phase = place_phases[point - entry.ref];
    } else {
        key.quantity = static_cast<grid::Quantity>(entry.slot / phase_count);
        key.phase = static_cast<grid::Phase>(entry.slot % phase_count);
    }
    return key;
}

PointRef PointRegistry::search(const Table& table, const PointQuery& query) const {
    const std::uint8_t tag = tag_of(query.hash);
    for (std::size_t at = line_of(query.hash, table.line_count);;) {
        const Line& line = table.lines[at];
        const bool is_last = !is_full(line);
        for (std::size_t word = 0; word < line.tags.size(); ++word) {
            const std::uint64_t tags = line.tags[word].load(std::memory_order_acquire);
            for (std::uint64_t equal = equal_tags(tags, tag); equal != 0; equal &= equal - 1) {
                const std::size_t place = word * 8 + static_cast<std::size_t>(std::countr_zero(equal)) / 8;
                // A bit that stands for no equal byte may lie behind the last place, or at a free one.
                if (place >= Line::places || static_cast<std::uint8_t>(tags >> place % 8 * 8) != tag) {
                    continue;
                }
                const Entry& entry = table.entries[line.entries[place].load(std::memory_order_relaxed)];
                if (is_same(entry, query)) {
                    return entry.slot == place_slot ? entry.ref + query.place : entry.ref;
                }
            }
        }
        if (is_last) {
            return no_point;
        }
        at = at + 1 == table.line_count ? 0 : at + 1;
    }
}

void PointRegistry::put(Table& table, std::uint64_t hash, const Entry& entry, std::size_t refs) {
    const std::uint32_t number = table.used;
    table.entries[number] = entry;
    for (std::size_t i = 0; i < refs; ++i) {
        table.entry_of[entry.ref + i] = number;
    }
    table.used += 1;
    std::size_t at = line_of(hash, table.line_count);
    while (is_full(table.lines[at])) {
        at = at + 1 == table.line_count ? 0 : at + 1;
    }
    Line& line = table.lines[at];
    std::size_t place = 0;
    const auto tag_at = [&line](std::size_t of) {
        return line.tags[of / 8].load(std::memory_order_relaxed) >> of % 8 * 8 & 0xffU;
    };
    while (tag_at(place) != 0) {
        place += 1;
    }
    line.entries[place].store(number, std::memory_order_relaxed);
    std::atomic<std::uint64_t>& tags = line.tags[place / 8];
    tags.store(tags.load(std::memory_order_relaxed) | std::uint64_t{tag_of(hash)} << place % 8 * 8,
               std::memory_order_release);
}

/// Readers go on in the old table until they look at `table_` again, so it is kept.
void PointRegistry::grow(std::size_t entries, std::size_t refs) {
    auto table = std::make_unique<Table>(entries, refs);
    if (!tables_.empty()) {
        const Table& before = *tables_.back();
        for (std::uint32_t number = 0; number < before.used; ++number) {
            const Entry& entry = before.entries[number];
            const bool is_place = entry.slot == place_slot;
            const std::uint64_t hash =
                query_of(id_of(entry), entry.slot,
                         is_place ? std::uint8_t{0}
                                  : place_of(static_cast<grid::Quantity>(entry.slot / phase_count),
                                             static_cast<grid::Phase>(entry.slot % phase_count)))
                    .hash;
            put(*table, hash, entry, is_place ? loads_of_place : 1);
        }
    }
    tables_.push_back(std::move(table));  // owned before anybody can find it
    table_.store(tables_.back().get(), std::memory_order_release);
}

void PointRegistry::reserve(std::size_t entries, std::size_t points) {
    const std::lock_guard lock(mutex_);
    const Table& table = *tables_.back();
    if (entries > table.capacity || points > table.refs) {
        grow(std::max(entries, table.capacity), std::max(points, table.refs));
    }
}

void PointRegistry::make_room(std::size_t entries, std::size_t refs) {
    const Table& table = *tables_.back();
    const bool is_full = table.used + entries > table.capacity;
    const bool is_out_of_refs = size_.load(std::memory_order_relaxed) + refs > table.refs;
    if (is_full || is_out_of_refs) {
        grow(is_full ? 2 * table.capacity : table.capacity, is_out_of_refs ? 2 * table.refs : table.refs);
    }
}

PointRef PointRegistry::add(const PointQuery& query, std::uint8_t slot, std::size_t refs) {
    make_room(1, refs);
    Table& table = *tables_.back();
    const auto ref = static_cast<PointRef>(size_.load(std::memory_order_relaxed));
    HEADROOM_ASSERT(ref < no_point - refs);
    Entry entry{
        .words = query.words, .ref = ref, .length = static_cast<std::uint8_t>(query.id.size()), .slot = slot};
    if (query.id.size() > word_bytes) {
        entry.words = {query.hash, long_ids_.size(), 0};
        long_ids_.push_back(std::string(query.id));
    }
    put(table, query.hash, entry, refs);
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
        bytes += table->capacity * sizeof(Entry) + table->line_count * sizeof(Line) +
                 table->refs * sizeof(std::uint32_t);
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
