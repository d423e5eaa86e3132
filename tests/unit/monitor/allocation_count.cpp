#include "unit/monitor/allocation_count.hpp"

#include <atomic>
#include <cerrno>
#include <cstddef>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define HEADROOM_ALLOCATOR_IS_TAKEN
#endif
#endif
#if !defined(__GLIBC__)
#define HEADROOM_ALLOCATOR_IS_TAKEN
#endif

namespace headroom::test {
namespace {

std::atomic<bool> is_on{false};
std::atomic<std::uint64_t> allocations{0};

}  // namespace

#if !defined(HEADROOM_ALLOCATOR_IS_TAKEN)
void note_allocation() {
    if (is_on.load(std::memory_order_relaxed)) {
        allocations.fetch_add(1, std::memory_order_relaxed);
    }
}
#endif

AllocationCount::AllocationCount() {
    allocations = 0;
    is_on = true;
}
AllocationCount::~AllocationCount() {
    is_on = false;
}
std::uint64_t AllocationCount::count() const {
    return allocations;
}
bool AllocationCount::is_counting() {
#if defined(HEADROOM_ALLOCATOR_IS_TAKEN)
    return false;
#else
    return true;
#endif
}

}  // namespace headroom::test

#if !defined(HEADROOM_ALLOCATOR_IS_TAKEN)

// glibc's own names for what stands behind malloc. A definition in the program goes before the library's, for
// every library in the process.
extern "C" {

void* __libc_malloc(std::size_t size);                           // NOLINT(bugprone-reserved-identifier)
void* __libc_calloc(std::size_t count, std::size_t size);        // NOLINT(bugprone-reserved-identifier)
void* __libc_realloc(void* old, std::size_t size);               // NOLINT(bugprone-reserved-identifier)
void* __libc_memalign(std::size_t alignment, std::size_t size);  // NOLINT(bugprone-reserved-identifier)

void* malloc(std::size_t size) {
    headroom::test::note_allocation();
    return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
    headroom::test::note_allocation();
    return __libc_calloc(count, size);
}
void* realloc(void* old, std::size_t size) {
    headroom::test::note_allocation();
    return __libc_realloc(old, size);
}
void* memalign(std::size_t alignment, std::size_t size) {
    headroom::test::note_allocation();
    return __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
    headroom::test::note_allocation();
    return __libc_memalign(alignment, size);
}
int posix_memalign(void** out, std::size_t alignment, std::size_t size) {
    headroom::test::note_allocation();
    void* memory = __libc_memalign(alignment, size);
    if (memory == nullptr) {
        return ENOMEM;
    }
    *out = memory;
    return 0;
}
}

#endif
