#include "app/process_heap.hpp"

#include "core/log.hpp"

#include <malloc.h>
#include <sys/mman.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <mutex>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HEADROOM_FOREIGN_HEAP 1
#endif
#endif

namespace headroom::app {

#if defined(HEADROOM_FOREIGN_HEAP)

// A sanitizer brings a heap of its own, which knows nothing of all this.
void keep_heap_at_hand() {}

#else

namespace {

constexpr std::size_t mib = 1024UL * 1024;
constexpr std::size_t huge_page = 2 * mib;
constexpr std::size_t small_page = 4096;
constexpr int piece_bytes = 24 * mib;  // glibc has nothing above 32 MiB in the heap itself
constexpr int keep_bytes = 128 * mib;  // free memory at the heap's end beyond this goes back
constexpr int grow_bytes = 4 * mib;
constexpr int mapped_from_bytes = 4 * mib;  // a whole upload goes back to the system when it is done

void make_present(void* piece) {
    const auto begin = reinterpret_cast<std::uintptr_t>(piece);
    const auto end = begin + piece_bytes;
    const auto range = [&](std::size_t page, int advice) {
        const std::uintptr_t from = (begin + page - 1) / page * page;
        const std::uintptr_t to = end / page * page;
        return ::madvise(reinterpret_cast<void*>(from), to - from, advice);  // NOLINT: the heap's own pages
    };
    // Kernels without one or the other (the second is of 5.14) fetch pages as they are used.
    if (range(huge_page, MADV_HUGEPAGE) != 0 || range(small_page, MADV_POPULATE_WRITE) != 0) {
        log::debug("the heap's pages are fetched as they are used");
    }
}

void take_once() {
    ::mallopt(M_TRIM_THRESHOLD, keep_bytes);
    ::mallopt(M_TOP_PAD, grow_bytes);
    ::mallopt(M_MMAP_THRESHOLD, piece_bytes + static_cast<int>(mib));
    std::array<void*, 2> pieces{};
    for (void*& piece : pieces) {
        piece = std::malloc(piece_bytes);  // NOLINT: the heap is what is meant here
        if (piece != nullptr) {
            make_present(piece);
        }
    }
    for (void* piece : pieces) {
        std::free(piece);  // NOLINT
    }
    ::mallopt(M_MMAP_THRESHOLD, mapped_from_bytes);
}

}  // namespace

void keep_heap_at_hand() {
    static std::once_flag once;
    std::call_once(once, take_once);
}

#endif

}  // namespace headroom::app
