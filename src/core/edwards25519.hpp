#pragma once

#include "core/field25519.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace headroom {

// Points of the curve of Ed25519, in variable time, for checking signatures: nothing here may touch a secret.
// Source: RFC 8032 §5.1; additions after Hisil, Wong, Carter and Dawson, "Twisted Edwards Curves Revisited".

/// (X/Z, Y/Z) on -x² + y² = 1 + d x² y², with T = XY/Z. As made: the neutral point.
struct EdwardsPoint {
    Field25519 x;
    Field25519 y = field_of(1);
    Field25519 z = field_of(1);
    Field25519 t;
};

/// The point with this y and the sign of x in the highest bit; nothing when there is none.
[[nodiscard]] std::optional<EdwardsPoint> decompressed(std::span<const std::uint8_t, 32> bytes);
[[nodiscard]] std::array<std::uint8_t, 32> compressed(const EdwardsPoint& p);
/// The point from which all others are multiplied: y = 4/5, x even.
[[nodiscard]] EdwardsPoint edwards_base();
[[nodiscard]] EdwardsPoint negated(const EdwardsPoint& p);
[[nodiscard]] EdwardsPoint added(const EdwardsPoint& p, const EdwardsPoint& q);
[[nodiscard]] EdwardsPoint doubled(const EdwardsPoint& p);
/// Whether eight times the point is the neutral one.
[[nodiscard]] bool has_small_order(const EdwardsPoint& p);

/// A number below 2^253, least significant byte first.
using EdwardsScalar = std::array<std::uint8_t, 32>;

/// 1 to 16 times a point, times each power of 32: a multiple of it is then 51 additions, 128 KiB.
class EdwardsMultiples {
  public:
    static constexpr std::size_t digit_bits = 5;
    static constexpr std::size_t digits = 51;          // of a number below 2^253, and a carry
    static constexpr std::size_t multiples_each = 16;  // 1 to 16 times; the other half by their negatives

    /// From -16 to 15, the lowest first.
    using Digits = std::array<std::int8_t, digits>;

    /// A point as it is added: limb by limb y - x, y + x, 2 d x y, and 2, which is what Z is taken by. In
    /// this order four numbers stand in one register of the processor.
    struct alignas(32) Entry {
        std::array<std::array<std::uint64_t, 4>, 5> limb{};

        [[nodiscard]] Field25519 factor(std::size_t lane) const {
            return {{limb[0][lane], limb[1][lane], limb[2][lane], limb[3][lane], limb[4][lane]}};
        }
    };

    [[nodiscard]] static std::unique_ptr<const EdwardsMultiples> of(EdwardsPoint point);
    [[nodiscard]] static Digits digits_of(const EdwardsScalar& scalar);

    /// The entry of a digit that is not 0, without its sign.
    [[nodiscard]] const Entry& entry(const Digits& scalar, std::size_t digit) const {
        const int value = scalar[digit];
        return by_digit_[digit][static_cast<std::size_t>(value < 0 ? -value : value) - 1];
    }
    /// Asks for all that a scalar will add: between two messages the entries have left the nearest caches,
    /// and one addition is too long for the processor to look past it by itself.
    void fetch(const Digits& scalar) const;

  private:
    std::array<std::array<Entry, multiples_each>, digits> by_digit_;
};

/// One point's multiple and another's, to be added.
struct EdwardsSum {
    const EdwardsMultiples& first;
    const EdwardsMultiples::Digits& of_first;
    const EdwardsMultiples& second;
    const EdwardsMultiples::Digits& of_second;
};

/// By four multiplications at a time where the processor has them.
[[nodiscard]] EdwardsPoint sum_of(const EdwardsSum& terms);

namespace edwards25519 {

[[nodiscard]] EdwardsPoint sum_one_by_one(const EdwardsSum& terms);
/// Whether this processor multiplies four numbers of 52 bits at once (AVX-512 IFMA).
[[nodiscard]] bool has_lanes();
/// The same point, where there are lanes; Z may be another.
[[nodiscard]] EdwardsPoint sum_by_lanes(const EdwardsSum& terms);

}  // namespace edwards25519

}  // namespace headroom
