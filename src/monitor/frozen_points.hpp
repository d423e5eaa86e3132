#pragma once

#include "monitor/chunks.hpp"
#include "monitor/point_state.hpp"

#include <cstddef>
#include <memory>
#include <new>
#include <span>

namespace headroom::monitor {

/// Room for a copy of a shard's points. It is made, and touched, before readings have to wait for the copy:
/// most of the time of a first copy into new memory goes into the memory.
class FrozenPoints {
  public:
    /// Room for so many points; what was in it is gone.
    void make_room(std::size_t points) {
        count_ = 0;
        blocks_.reset(static_cast<PointBlock*>(lines_of_memory(points * sizeof(PointBlock))));
        if (!blocks_ && points > 0) {
            throw std::bad_alloc();
        }
        room_ = points;
        constexpr std::size_t page = 4096;
        auto* const bytes = reinterpret_cast<std::byte*>(blocks_.get());
        for (std::size_t at = 0; at < points * sizeof(PointBlock); at += page) {
            bytes[at] = std::byte{0};
        }
    }
    /// The first `points` of the room, to be copied into.
    [[nodiscard]] std::span<PointBlock> take(std::size_t points) {
        if (points > room_) {
            make_room(points);  // some have appeared since
        }
        count_ = points;
        return {blocks_.get(), points};
    }
    [[nodiscard]] std::span<const PointBlock> all() const { return {blocks_.get(), count_}; }

  private:
    struct Free {
        void operator()(PointBlock* blocks) const { std::free(blocks); }
    };
    std::unique_ptr<PointBlock, Free> blocks_;
    std::size_t room_ = 0;
    std::size_t count_ = 0;
};

}  // namespace headroom::monitor
