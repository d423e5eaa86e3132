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

namespace field25519 {

__extension__ using Wide = unsigned __int128;

inline constexpr std::uint64_t limb_mask = (1ULL << 51U) - 1;

inline Wide times(std::uint64_t a, std::uint64_t b) {
    return static_cast<Wide>(a) * b;
}

inline std::uint64_t low_of(Wide value) {
    return static_cast<std::uint64_t>(value) & limb_mask;
}

inline std::uint64_t carry_of(Wide value) {
    return static_cast<std::uint64_t>(value >> 51U);
}

/// Five sums of products, each below 2^115 and the last below 2^111, to a tight number.
inline Field25519 carried(Wide r0, Wide r1, Wide r2, Wide r3, Wide r4) {
    r1 += carry_of(r0);
    r2 += carry_of(r1);
    r3 += carry_of(r2);
    r4 += carry_of(r3);
    const std::uint64_t first = low_of(r0) + 19 * carry_of(r4);
    return {{first & limb_mask, low_of(r1) + (first >> 51U), low_of(r2), low_of(r3), low_of(r4)}};
}

}  // namespace field25519

[[nodiscard]] Field25519 field_of(std::uint64_t small);
/// 32 bytes, least significant first; the highest bit is passed over.
[[nodiscard]] Field25519 field_from_bytes(std::span<const std::uint8_t, 32> bytes);
/// The one reduced form.
[[nodiscard]] std::array<std::uint8_t, 32> field_to_bytes(const Field25519& a);

// In the header so that what an addition of points multiplies is interleaved.
[[nodiscard]] inline Field25519 operator*(const Field25519& a, const Field25519& b) {
    using namespace field25519;
    const auto [a0, a1, a2, a3, a4] = a.limb;
    const auto [b0, b1, b2, b3, b4] = b.limb;
    // 2^255 is 19: what lies above the fifth limb comes back at the bottom.
    const std::uint64_t c1 = b1 * 19;
    const std::uint64_t c2 = b2 * 19;
    const std::uint64_t c3 = b3 * 19;
    const std::uint64_t c4 = b4 * 19;
    return carried(times(a0, b0) + times(a1, c4) + times(a2, c3) + times(a3, c2) + times(a4, c1),
                   times(a0, b1) + times(a1, b0) + times(a2, c4) + times(a3, c3) + times(a4, c2),
                   times(a0, b2) + times(a1, b1) + times(a2, b0) + times(a3, c4) + times(a4, c3),
                   times(a0, b3) + times(a1, b2) + times(a2, b1) + times(a3, b0) + times(a4, c4),
                   times(a0, b4) + times(a1, b3) + times(a2, b2) + times(a3, b1) + times(a4, b0));
}

[[nodiscard]] inline Field25519 square(const Field25519& a) {
    using namespace field25519;
    const auto [a0, a1, a2, a3, a4] = a.limb;
    const std::uint64_t twice0 = a0 * 2;
    const std::uint64_t twice1 = a1 * 2;
    const std::uint64_t twice2 = a2 * 2;
    const std::uint64_t c3 = a3 * 19;
    const std::uint64_t c4 = a4 * 19;
    return carried(times(a0, a0) + times(twice1, c4) + times(twice2, c3),
                   times(twice0, a1) + times(twice2, c4) + times(a3, c3),
                   times(twice0, a2) + times(a1, a1) + times(a3 * 2, c4),
                   times(twice0, a3) + times(twice1, a2) + times(a4, c4),
                   times(twice0, a4) + times(twice1, a3) + times(a2, a2));
}

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
