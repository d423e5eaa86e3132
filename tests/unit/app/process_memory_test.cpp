#include "app/process_memory.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <cstddef>
#include <cstring>
#include <memory>
#include <vector>

namespace headroom::app {
namespace {

constexpr std::size_t page = 4096;

long faults() {
    rusage usage{};
    ::getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_minflt;
}

bool can_populate() {
    void* mapped = ::mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const bool can = ::madvise(mapped, page, MADV_POPULATE_WRITE) == 0;
    ::munmap(mapped, page);
    return can;
}

/// Page faults of writing 16 MiB in pieces of a page, all of which are freed.
long faults_of_a_burst() {
    constexpr std::size_t pieces = 4096;
    std::vector<std::unique_ptr<char[]>> kept;  // NOLINT: bare memory is what is looked at
    kept.reserve(pieces);
    const long before = faults();
    for (std::size_t i = 0; i < pieces; ++i) {
        kept.push_back(std::make_unique_for_overwrite<char[]>(page));  // NOLINT
        std::memset(kept.back().get(), 1, page);
    }
    return faults() - before;
}

TEST(ProcessMemory, HasItsHeapsPagesBeforeTheyAreUsedAndKeepsThem) {
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    GTEST_SKIP() << "a sanitizer has a heap of its own";
#endif
#endif
    if (!can_populate()) {
        GTEST_SKIP() << "this kernel makes no pages present ahead (before 5.14)";
    }
    keep_memory_at_hand();
    keep_memory_at_hand();
    EXPECT_LT(faults_of_a_burst(), 200);
    EXPECT_LT(faults_of_a_burst(), 200);  // what was freed was not given back
}

}  // namespace
}  // namespace headroom::app
