#include "telemetry/point_registry.hpp"

#include "core/result.hpp"

#include <sodium.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <new>

#include <sys/mman.h>

namespace headroom::telemetry {
namespace {

constexpr std::size_t first_capacity = 1024;
/// Tables are doubled when they are fuller than 3/5: half a lookup more than one, and at most 86 bytes a
/// point just after doubling.
constexpr std::size_t full_of_five = 3;
constexpr std::size_t huge_page = 2UL * 1024 * 1024;
constexpr std::size_t length_max = 255;

std::size_t capacity_for(std::size_t points) {
    return std::max(first_capacity, std::bit_ceil(points * 5 / full_of_five + 1));
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

void PointRegistry::Free::operator()(Entry* entries) const {
    std::free(entries);
}

PointRegistry::Table::Table(std::size_t capacity) : mask(capacity - 1) {
    const std::size_t bytes = capacity * sizeof(Entry);
    const std::size_t alignment = std::min(bytes, huge_page);
    auto* memory = static_cast<Entry*>(std::aligned_alloc(alignment, bytes));
    if (memory == nullptr) {
        throw std::bad_alloc();
    }
    if (bytes >= huge_page) {
        // Random lookups in a table of megabytes miss the TLB too. The advice may be refused; nothing is
        // lost.
        static_cast<void>(::madvise(memory, bytes, MADV_HUGEPAGE));
    }
    for (std::size_t i = 0; i < capacity; ++i) {
        new (memory + i) Entry{.words = {}, .ref = no_point, .length = 0, .slot = 0};
    }
    entries.reset(memory);
}

PointRegistry::PointRegistry() {
    // Where entries lie depends on it, and nothing that anyone sees.
    randombytes_buf(secret_.data(), sizeof secret_);
    grow(first_capacity);
}

PointRegistry::~PointRegistry() = default;

void PointRegistry::put(Table& table, const PointQuery& query, PointRef ref) {
    std::uint64_t at = query.hash;
    while (table.entries[at & table.mask].ref.load(std::memory_order_relaxed) != no_point) {
        ++at;
    }
    Entry& entry = table.entries[at & table.mask];
    entry.words = query.words;
    entry.length = static_cast<std::uint8_t>(query.id.size());
    entry.slot = query.slot;
    entry.ref.store(ref, std::memory_order_release);
}

/// Readers go on in the old table until they look at `table_` again, so it is kept.
void PointRegistry::grow(std::size_t capacity) {
    auto table = std::make_unique<Table>(capacity);
    table_.store(tables_.empty() ? table.get() : table_.load(std::memory_order_relaxed),
                 std::memory_order_release);
    for (std::size_t i = 0; i < keys_.size(); ++i) {
        const PointKey& key = keys_[i];
        put(*table, ask(key.point_id, key.quantity, key.phase), static_cast<PointRef>(i));
    }
    table_.store(table.get(), std::memory_order_release);
    tables_.push_back(std::move(table));
}

void PointRegistry::reserve(std::size_t points) {
    const std::lock_guard lock(mutex_);
    const std::size_t capacity = capacity_for(points);
    if (capacity > tables_.back()->mask + 1) {
        grow(capacity);
    }
}

PointRef PointRegistry::intern(const PointKey& key) {
    HEADROOM_ASSERT(key.point_id.size() <= length_max);
    const std::lock_guard lock(mutex_);
    const PointQuery query = ask(key.point_id, key.quantity, key.phase);
    if (const PointRef known = find(query); known != no_point) {
        return known;
    }
    HEADROOM_ASSERT(keys_.size() < no_point);
    const auto ref = static_cast<PointRef>(keys_.size());
    if ((keys_.size() + 1) * 5 > (tables_.back()->mask + 1) * full_of_five) {
        grow((tables_.back()->mask + 1) * 2);
    }
    keys_.push_back(key);
    put(*tables_.back(), query, ref);
    return ref;
}

std::size_t PointRegistry::table_bytes() const {
    const std::lock_guard lock(mutex_);
    std::size_t bytes = 0;
    for (const auto& table : tables_) {
        bytes += (table->mask + 1) * sizeof(Entry);
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
