#pragma once

#include "core/clock.hpp"

#include <cstddef>

namespace headroom::net {

/// Whether a stream is read byte by byte as it comes, or in floods. To be woken for every packet costs more
/// than to read it, reader and sender both, once they come faster than a thread goes to sleep; a reader that
/// then waits for a good many, or a moment, has them all the same. One thread.
class ReadPace {
  public:
    /// What is waited for in a flood, for `wait_max` at most.
    static constexpr std::size_t flood_bytes = 64UL * 1024;
    static constexpr std::chrono::microseconds wait_max{400};
    /// What comes faster than that is a flood. A hundred thousand feeders once a second are a sixth of it.
    static constexpr std::size_t flood_bytes_per_ms = 32UL * 1024;

    /// So many bytes, or none, have been read. Answers whether `is_flood` has changed.
    bool note(std::size_t bytes, SteadyTime now);
    [[nodiscard]] bool is_flood() const { return is_flood_; }

  private:
    static constexpr milliseconds look_every{1};
    SteadyTime from_{};
    std::size_t bytes_ = 0;  // since then
    bool is_flood_ = false;
};

}  // namespace headroom::net
