#pragma once

#include "core/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace headroom::beckn {

/// How far a peer's clock is from ours, told from the timestamps of its messages.
///
/// A message is never older than its timestamp by less than nothing: what it spent on its way adds to the
/// difference. So the smallest difference of the last few messages is the closest to the truth, and one
/// message that lay in a queue is no alarm.
class ClockDrift {
  public:
    static constexpr std::size_t window = 8;  ///< messages looked at

    /// Takes a message that was `received` at our wall time and says `timestamp`. Answers the drift when it
    /// exceeds `limit` for the first time since it was last within it: positive when the peer's clock is
    /// behind, negative when ahead.
    [[nodiscard]] std::optional<milliseconds> observe(UtcTime received, UtcTime timestamp,
                                                      milliseconds limit);

    /// The newest estimate; nothing before `window` messages.
    [[nodiscard]] std::optional<milliseconds> estimate() const;
    [[nodiscard]] bool is_alarmed() const { return is_alarmed_; }

  private:
    std::array<milliseconds, window> differences_{};
    std::uint64_t seen_ = 0;
    bool is_alarmed_ = false;
};

}  // namespace headroom::beckn
