#pragma once

#include <cstdint>

namespace headroom::test {

/// Counts what the process asks the allocator for, on every thread, while one lives: malloc and its like, and
/// so `new` and every library's memory too. Not while a sanitizer has the allocator: see `is_counting`.
class AllocationCount {
  public:
    AllocationCount();
    ~AllocationCount();
    AllocationCount(const AllocationCount&) = delete;
    AllocationCount& operator=(const AllocationCount&) = delete;

    [[nodiscard]] std::uint64_t count() const;
    /// Whether this binary can count at all.
    [[nodiscard]] static bool is_counting();
};

}  // namespace headroom::test
