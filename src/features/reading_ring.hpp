#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

namespace headroom::features {

/// So many readings of a point are kept, one per slot of its own grid.
inline constexpr std::size_t ring_size = 50;

/// What an empty slot holds.
inline constexpr float unknown_reading = std::numeric_limits<float>::quiet_NaN();

/// Not a number like an empty slot, and told apart from it: a reading was there and could not be used.
[[nodiscard]] constexpr float unused_reading() {
    return std::bit_cast<float>(0x7fc0'0001U);
}
[[nodiscard]] constexpr bool is_unused_reading(float value) {
    return std::bit_cast<std::uint32_t>(value) == 0x7fc0'0001U;
}

/// Mean and spread of the known values of a ring.
struct Spread {
    double mean = 0.0;     ///< NaN without values
    double std = 0.0;      ///< of the population; NaN with fewer than two values
    double max_abs = 0.0;  ///< NaN without values
    std::size_t count = 0;
};

/// The last readings of one point on the point's grid: slot = floor(time / cadence). A slot without a usable
/// reading is NaN, so that lag i is the reading i slots back and never "the i-th last message".
///
/// Looks at memory that its owner keeps (structure of arrays); costs nothing to make.
class ReadingRing {
  public:
    ReadingRing(std::span<float, ring_size> values, std::int64_t& newest_slot)
        : values_(values), newest_slot_(newest_slot) {}

    /// All unknown, the newest slot being `slot`.
    void restart(std::int64_t slot);
    /// Writes a slot: a newer one moves the ring on, the slots between become unknown. Answers false, and
    /// changes nothing, when the slot is older than the ring.
    bool write(std::int64_t slot, float value);
    [[nodiscard]] bool holds(std::int64_t slot) const {
        return slot <= newest_slot_ && slot > newest_slot_ - static_cast<std::int64_t>(ring_size);
    }
    /// NaN when unknown, older than the ring or to come.
    [[nodiscard]] float at(std::int64_t slot) const;
    [[nodiscard]] float lag(std::int64_t slots) const { return at(newest_slot_ - slots); }
    /// Two passes over the ring: no running sums that one bad value would spoil for good.
    [[nodiscard]] Spread spread() const;

  private:
    [[nodiscard]] static std::size_t index(std::int64_t slot) {
        const auto size = static_cast<std::int64_t>(ring_size);
        return static_cast<std::size_t>(((slot % size) + size) % size);
    }
    std::span<float, ring_size> values_;
    std::int64_t& newest_slot_;
};

}  // namespace headroom::features
