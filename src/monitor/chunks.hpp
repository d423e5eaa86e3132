#pragma once

#include "core/result.hpp"

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>
#include <vector>

namespace headroom::monitor {

inline constexpr std::size_t huge_page = 2UL << 20U;

/// Memory in 64-byte lines; larger pieces on huge pages, where the system has any: random looks into them
/// then miss the TLB less. Null when there is none.
[[nodiscard]] inline void* lines_of_memory(std::size_t bytes) {
    const std::size_t alignment = bytes >= 4 * huge_page ? huge_page : 64;
    void* memory = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
    if (memory != nullptr && alignment == huge_page) {
        ::madvise(memory, bytes, MADV_HUGEPAGE);  // a wish; 4 KiB pages do as well
    }
    return memory;
}

/// The same for a standard container.
template <class T>
struct HugePages {
    using value_type = T;
    HugePages() = default;
    template <class U>
    HugePages(const HugePages<U>&) {}  // NOLINT(google-explicit-constructor): allocators are converted
    T* allocate(std::size_t count) {
        void* memory = lines_of_memory(count * sizeof(T));
        if (memory == nullptr) {
            throw std::bad_alloc();
        }
        return static_cast<T*>(memory);
    }
    void deallocate(T* memory, std::size_t) { std::free(memory); }
    bool operator==(const HugePages&) const = default;
};

/// An array of plain records, `stride` elements each, that grows by chunks: nothing is moved when a point
/// appears, and memory that nobody touches is not there. Records begin unfilled.
template <class T>
class Chunks {
    static_assert(std::is_trivially_copyable_v<T>);

  public:
    static constexpr std::size_t chunk_shift = 12;
    static constexpr std::size_t chunk_records = 1UL << chunk_shift;

    explicit Chunks(std::size_t stride = 1) : stride_(stride) {}

    /// Room for so many records, in one piece on huge pages where it is worth while.
    void reserve(std::size_t records) {
        const std::size_t wanted = (records + chunk_records - 1) / chunk_records;
        if (wanted > chunks_.size()) {
            add(wanted - chunks_.size());
        }
    }
    void ensure(std::size_t record) {
        while (record / chunk_records >= chunks_.size()) {
            add(1);
        }
    }
    [[nodiscard]] T* at(std::size_t record) {
        return chunks_[record >> chunk_shift] + (record & (chunk_records - 1)) * stride_;
    }
    [[nodiscard]] const T* at(std::size_t record) const {
        return chunks_[record >> chunk_shift] + (record & (chunk_records - 1)) * stride_;
    }
    [[nodiscard]] std::size_t stride() const { return stride_; }
    /// What has been asked for.
    [[nodiscard]] std::size_t bytes() const { return chunks_.size() * chunk_bytes(); }

  private:
    struct Free {
        void operator()(T* block) const { std::free(block); }
    };
    [[nodiscard]] std::size_t chunk_bytes() const { return chunk_records * stride_ * sizeof(T); }

    void add(std::size_t count) {
        const std::size_t bytes = count * chunk_bytes();
        void* memory = lines_of_memory(bytes);
        if (memory == nullptr) {
            throw std::bad_alloc();
        }
        T* block = static_cast<T*>(memory);
        blocks_.emplace_back(block);
        for (std::size_t i = 0; i < count; ++i) {
            chunks_.push_back(block + i * chunk_records * stride_);
        }
    }

    std::size_t stride_;
    std::vector<T*> chunks_;
    std::vector<std::unique_ptr<T, Free>> blocks_;
};

}  // namespace headroom::monitor
