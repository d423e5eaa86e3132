#pragma once

#include "core/result.hpp"

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace headroom::telemetry {

/// Values that are only ever appended and never move. One thread at a time appends; any thread may read what
/// it knows to be there (below `size`) meanwhile, without a lock.
template <class T>
class StableVector {
  public:
    [[nodiscard]] std::size_t size() const { return size_.load(std::memory_order_acquire); }

    [[nodiscard]] const T& operator[](std::size_t index) const {
        const Place place = place_of(index);
        return blocks_[place.block].load(std::memory_order_acquire)[place.offset];
    }

    void push_back(T value) {
        const std::size_t index = size_.load(std::memory_order_relaxed);
        const Place place = place_of(index);
        HEADROOM_ASSERT(place.block < block_count);
        if (place.offset == 0) {
            owned_[place.block] = std::make_unique<T[]>(first_block << place.block);
            blocks_[place.block].store(owned_[place.block].get(), std::memory_order_release);
        }
        owned_[place.block][place.offset] = std::move(value);
        size_.store(index + 1, std::memory_order_release);
    }

  private:
    // Each block is twice as long as the one before it.
    static constexpr std::size_t first_block = 1024;
    static constexpr std::size_t block_count = 23;

    struct Place {
        std::size_t block;
        std::size_t offset;
    };
    static Place place_of(std::size_t index) {
        const std::uint64_t shifted = index + first_block;
        const auto highest = static_cast<std::size_t>(std::bit_width(shifted)) - 1;
        return {highest - (static_cast<std::size_t>(std::bit_width(first_block)) - 1),
                static_cast<std::size_t>(shifted - (std::uint64_t{1} << highest))};
    }

    std::array<std::atomic<T*>, block_count> blocks_{};
    std::array<std::unique_ptr<T[]>, block_count> owned_;
    std::atomic<std::size_t> size_{0};
};

}  // namespace headroom::telemetry
