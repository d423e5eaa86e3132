#include "app/process_memory.hpp"

#include "core/log.hpp"

#include <link.h>
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
void keep_memory_at_hand() {}

#else

namespace {

constexpr std::size_t mib = 1024UL * 1024;
constexpr std::size_t huge_page = 2 * mib;
constexpr std::size_t small_page = 4096;
constexpr int piece_bytes = 24 * mib;  // glibc has nothing above 32 MiB in the heap itself
constexpr int keep_bytes = 128 * mib;  // free memory at the heap's end beyond this goes back
constexpr int grow_bytes = 4 * mib;
constexpr int mapped_from_bytes = 4 * mib;  // a whole upload goes back to the system when it is done

/// The whole pages of a size between two addresses. Kernels without what is advised answer an error, and
/// fetch pages as they are used.
bool advise(std::uintptr_t begin, std::uintptr_t end, std::size_t page, int advice) {
    const std::uintptr_t from = (begin + page - 1) / page * page;
    const std::uintptr_t to = end / page * page;
    return from >= to || ::madvise(reinterpret_cast<void*>(from), to - from, advice) == 0;  // NOLINT
}

void make_present(void* piece) {
    const auto begin = reinterpret_cast<std::uintptr_t>(piece);
    const auto end = begin + piece_bytes;
    if (!advise(begin, end, huge_page, MADV_HUGEPAGE) ||
        !advise(begin, end, small_page, MADV_POPULATE_WRITE)) {
        log::debug("the heap's pages are fetched as they are used");
    }
}

/// Code of the program and of its libraries.
int fetch_code(dl_phdr_info* object, std::size_t /*bytes*/, void* /*context*/) {
    for (int i = 0; i < object->dlpi_phnum; ++i) {
        const ElfW(Phdr)& segment = object->dlpi_phdr[i];  // NOLINT: a table of the loader's
        if (segment.p_type == PT_LOAD && (segment.p_flags & PF_X) != 0) {
            const std::uintptr_t begin = object->dlpi_addr + segment.p_vaddr;
            if (!advise(begin, begin + segment.p_memsz, small_page, MADV_POPULATE_READ)) {
                log::debug("code is fetched as it is used", {{"of", object->dlpi_name}});
            }
        }
    }
    return 0;
}

void take_heap() {
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

void keep_memory_at_hand() {
    static std::once_flag once;
    std::call_once(once, [] {
        take_heap();
        ::dl_iterate_phdr(fetch_code, nullptr);
    });
}

#endif

}  // namespace headroom::app
