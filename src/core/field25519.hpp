#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace headroom {

// Arithmetic modulo p = 2^255 - 19 in variable time, for checking signatures: nothing here may touch a
// secret.

/// A number modulo p as five limbs of 51 bits, not necessarily reduced.
///
/// Bounds: a product has limbs below 2^51 + 2^13 ("tight"). The sum of two tight ones, and the difference of
/// anything below 2^52.6 and a sum of two tight ones, are below 2^54, which is what a product takes.
struct Field25519 {
    std::array<std::uint64_t, 5> limb{};
};

[[nodiscard]] Field25519 field_of(std::uint64_t small);
/// 32 bytes, least significant first; the highest bit is passed over.
[[nodiscard]] Field25519 field_from_bytes(std::span<const std::uint8_t, 32> bytes);
/// The one reduced form.
[[nodiscard]] std::array<std::uint8_t, 32> field_to_bytes(const Field25519& a);

[[nodiscard]] Field25519 operator*(const Field25519& a, const Field25519& b);
[[nodiscard]] Field25519 square(const Field25519& a);
/// a^(2^count)
[[nodiscard]] Field25519 square_times(Field25519 a, int count);
[[nodiscard]] Field25519 invert(const Field25519& a);     ///< a^(p-2); zero for zero
[[nodiscard]] Field25519 power_p58(const Field25519& a);  ///< a^((p-5)/8)

[[nodiscard]] inline Field25519 operator+(const Field25519& a, const Field25519& b) {
    return {{a.limb[0] + b.limb[0], a.limb[1] + b.limb[1], a.limb[2] + b.limb[2], a.limb[3] + b.limb[3],
             a.limb[4] + b.limb[4]}};
}

[[nodiscard]] inline Field25519 operator-(const Field25519& a, const Field25519& b) {
    constexpr std::uint64_t low = (1ULL << 53U) - 76;  // 4p, limb by limb: above every limb of b
    constexpr std::uint64_t high = (1ULL << 53U) - 4;
    return {{a.limb[0] + low - b.limb[0], a.limb[1] + high - b.limb[1], a.limb[2] + high - b.limb[2],
             a.limb[3] + high - b.limb[3], a.limb[4] + high - b.limb[4]}};
}

[[nodiscard]] bool same(const Field25519& a, const Field25519& b);
[[nodiscard]] bool is_odd(const Field25519& a);  ///< of the reduced form

}  // namespace headroom
