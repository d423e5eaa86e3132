#pragma once

#include "core/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace headroom::telemetry {

/// What the delay between the end of readings' intervals and their arrival says of a source.
enum class SkewVerdict : std::uint8_t {
    unknown,  ///< too few readings
    ok,
    ahead,    ///< readings end after they arrive: the source's clock is ahead of ours
    behind,   ///< all arrive late by the same time: its clock is behind, or everything is held back so long
    delayed,  ///< they arrive late by different times: a matter of the way they take
};
[[nodiscard]] std::string_view to_string(SkewVerdict verdict);

/// The distribution of arrival − interval end of the newest readings of one source. Constant memory.
class ArrivalSkew {
  public:
    static constexpr std::size_t window = 256;

    void take(milliseconds delay);
    /// Of the newest `window` readings; nothing before the first. `share` 0…1, the nearest rank.
    [[nodiscard]] std::optional<milliseconds> quantile(double share) const;
    [[nodiscard]] std::size_t samples() const {
        return count_ < window ? static_cast<std::size_t>(count_) : window;
    }
    /// Of all readings taken.
    [[nodiscard]] std::uint64_t taken() const { return count_; }
    /// Ahead when the middle delay is below −30 s; late when it is above two minutes, and then `behind` when
    /// the middle nine tenths lie within a fifth of it (at least within 30 s), else `delayed`.
    [[nodiscard]] SkewVerdict verdict() const;

  private:
    std::array<std::int64_t, window> delays_{};  // ms, the newest ones
    std::uint64_t count_ = 0;
};

}  // namespace headroom::telemetry
