#include "core/edwards25519.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace headroom::edwards25519 {

#if defined(__x86_64__)

bool has_lanes() {
    return __builtin_cpu_supports("avx512ifma") != 0 && __builtin_cpu_supports("avx512vl") != 0;
}

#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512ifma"))), apply_to = function)

namespace {

/// Four numbers modulo p side by side, each in five limbs of 51 bits as `Field25519` has them. The processor
/// multiplies 52 bits: what stands here is "tight", below 2^51 + 2^13, whenever it is multiplied.
struct Lanes {
    __m256i a0;
    __m256i a1;
    __m256i a2;
    __m256i a3;
    __m256i a4;
};

inline __m256i all(std::uint64_t value) {
    return _mm256_set1_epi64x(static_cast<long long>(value));
}

inline __m256i plus(__m256i a, __m256i b) {
    return _mm256_add_epi64(a, b);
}

inline __m256i low_of(__m256i a) {
    return _mm256_and_si256(a, all(field25519::limb_mask));
}

inline __m256i carry_of(__m256i a) {
    return _mm256_srli_epi64(a, 51);
}

/// Limbs below 2^60 to tight ones: 2^255 is 19.
inline Lanes carried(const Lanes& r) {
    const __m256i around = _mm256_mul_epu32(carry_of(r.a4), all(19));
    return {plus(low_of(r.a0), around), plus(low_of(r.a1), carry_of(r.a0)),
            plus(low_of(r.a2), carry_of(r.a1)), plus(low_of(r.a3), carry_of(r.a2)),
            plus(low_of(r.a4), carry_of(r.a3))};
}

inline __m256i low_product(__m256i sum, __m256i a, __m256i b) {
    return _mm256_madd52lo_epu64(sum, a, b);
}

inline __m256i high_product(__m256i sum, __m256i a, __m256i b) {
    return _mm256_madd52hi_epu64(sum, a, b);
}

/// The lower 52 bits of the products, and twice the bits above them, which weigh 2^52 where a limb weighs
/// 2^51.
inline __m256i both(__m256i low, __m256i high) {
    return plus(low, plus(high, high));
}

/// here + 19 above, for above below 2^55.
inline __m256i folded(__m256i here, __m256i above) {
    const __m256i sixteen = _mm256_slli_epi64(above, 4);
    const __m256i three = plus(above, plus(above, above));
    return plus(here, plus(sixteen, three));
}

/// Lane by lane; of tight numbers a tight one. A limb's place has at most five products' lower halves, each
/// below 2^52, and twice five upper ones, each below 2^50 + 2^15: below 2^55 in all, and 2^60 when folded.
inline Lanes product(const Lanes& a, const Lanes& b) {
    const __m256i nothing = _mm256_setzero_si256();
    __m256i l0 = low_product(nothing, a.a0, b.a0);
    __m256i l1 = low_product(nothing, a.a0, b.a1);
    __m256i l2 = low_product(nothing, a.a0, b.a2);
    __m256i l3 = low_product(nothing, a.a0, b.a3);
    __m256i l4 = low_product(nothing, a.a0, b.a4);
    __m256i l5 = low_product(nothing, a.a1, b.a4);
    __m256i l6 = low_product(nothing, a.a2, b.a4);
    __m256i l7 = low_product(nothing, a.a3, b.a4);
    const __m256i l8 = low_product(nothing, a.a4, b.a4);
    __m256i h1 = high_product(nothing, a.a0, b.a0);
    __m256i h2 = high_product(nothing, a.a0, b.a1);
    __m256i h3 = high_product(nothing, a.a0, b.a2);
    __m256i h4 = high_product(nothing, a.a0, b.a3);
    __m256i h5 = high_product(nothing, a.a0, b.a4);
    __m256i h6 = high_product(nothing, a.a1, b.a4);
    __m256i h7 = high_product(nothing, a.a2, b.a4);
    __m256i h8 = high_product(nothing, a.a3, b.a4);
    const __m256i h9 = high_product(nothing, a.a4, b.a4);
    l1 = low_product(l1, a.a1, b.a0);
    l2 = low_product(l2, a.a1, b.a1);
    l3 = low_product(l3, a.a1, b.a2);
    l4 = low_product(l4, a.a1, b.a3);
    l5 = low_product(l5, a.a2, b.a3);
    l6 = low_product(l6, a.a3, b.a3);
    l7 = low_product(l7, a.a4, b.a3);
    h2 = high_product(h2, a.a1, b.a0);
    h3 = high_product(h3, a.a1, b.a1);
    h4 = high_product(h4, a.a1, b.a2);
    h5 = high_product(h5, a.a1, b.a3);
    h6 = high_product(h6, a.a2, b.a3);
    h7 = high_product(h7, a.a3, b.a3);
    h8 = high_product(h8, a.a4, b.a3);
    l2 = low_product(l2, a.a2, b.a0);
    l3 = low_product(l3, a.a2, b.a1);
    l4 = low_product(l4, a.a2, b.a2);
    l5 = low_product(l5, a.a3, b.a2);
    l6 = low_product(l6, a.a4, b.a2);
    h3 = high_product(h3, a.a2, b.a0);
    h4 = high_product(h4, a.a2, b.a1);
    h5 = high_product(h5, a.a2, b.a2);
    h6 = high_product(h6, a.a3, b.a2);
    h7 = high_product(h7, a.a4, b.a2);
    l3 = low_product(l3, a.a3, b.a0);
    l4 = low_product(l4, a.a3, b.a1);
    l5 = low_product(l5, a.a4, b.a1);
    h4 = high_product(h4, a.a3, b.a0);
    h5 = high_product(h5, a.a3, b.a1);
    h6 = high_product(h6, a.a4, b.a1);
    l4 = low_product(l4, a.a4, b.a0);
    h5 = high_product(h5, a.a4, b.a0);
    return carried({folded(l0, both(l5, h5)), folded(both(l1, h1), both(l6, h6)),
                    folded(both(l2, h2), both(l7, h7)), folded(both(l3, h3), both(l8, h8)),
                    folded(both(l4, h4), both(nothing, h9))});
}

template <int Order>
inline Lanes permuted(const Lanes& a) {
    return {_mm256_permute4x64_epi64(a.a0, Order), _mm256_permute4x64_epi64(a.a1, Order),
            _mm256_permute4x64_epi64(a.a2, Order), _mm256_permute4x64_epi64(a.a3, Order),
            _mm256_permute4x64_epi64(a.a4, Order)};
}

/// p + q, and p - q in the lanes of `minus`: by adding 2p - q, which no tight limb makes negative.
inline Lanes sum_or_difference(const Lanes& p, const Lanes& q, __mmask8 minus) {
    const __m256i lowest = all((1ULL << 52U) - 38);
    const __m256i other = all((1ULL << 52U) - 2);
    return carried({plus(p.a0, _mm256_mask_sub_epi64(q.a0, minus, lowest, q.a0)),
                    plus(p.a1, _mm256_mask_sub_epi64(q.a1, minus, other, q.a1)),
                    plus(p.a2, _mm256_mask_sub_epi64(q.a2, minus, other, q.a2)),
                    plus(p.a3, _mm256_mask_sub_epi64(q.a3, minus, other, q.a3)),
                    plus(p.a4, _mm256_mask_sub_epi64(q.a4, minus, other, q.a4))});
}

constexpr int order_of(int first, int second, int third, int fourth) {
    return first | second << 2 | third << 4 | fourth << 6;
}

/// y - x, y + x, t, z of x, y, z, t.
inline Lanes factors_of(const Lanes& point) {
    const Lanes p = permuted<order_of(1, 1, 3, 2)>(point);
    constexpr int xx = order_of(0, 0, 0, 0);
    const Lanes q{
        _mm256_maskz_permutex_epi64(0b0011, point.a0, xx), _mm256_maskz_permutex_epi64(0b0011, point.a1, xx),
        _mm256_maskz_permutex_epi64(0b0011, point.a2, xx), _mm256_maskz_permutex_epi64(0b0011, point.a3, xx),
        _mm256_maskz_permutex_epi64(0b0011, point.a4, xx)};
    return sum_or_difference(p, q, 0b0001);
}

inline __m256i permuted(__m256i order, const std::array<std::uint64_t, 4>& limb) {
    return _mm256_permutexvar_epi64(order, _mm256_load_si256(reinterpret_cast<const __m256i*>(limb.data())));
}

/// An entry's factors; of its negative y - x and y + x change places.
inline Lanes factors_of(const EdwardsMultiples::Entry& entry, bool is_negative) {
    const __m256i order = is_negative ? _mm256_setr_epi64x(1, 0, 2, 3) : _mm256_setr_epi64x(0, 1, 2, 3);
    return {permuted(order, entry.limb[0]), permuted(order, entry.limb[1]), permuted(order, entry.limb[2]),
            permuted(order, entry.limb[3]), permuted(order, entry.limb[4])};
}

/// The point plus an entry, or minus it: the two times four multiplications of an addition.
inline Lanes added(const Lanes& point, const EdwardsMultiples::Entry& entry, bool is_negative) {
    // low, high, cross, twice
    const Lanes products = product(factors_of(point), factors_of(entry, is_negative));
    // e = high - low, h = high + low, f = twice - cross, g = twice + cross; of a negative cross the latter
    // two change places.
    const Lanes corners =
        sum_or_difference(permuted<order_of(1, 1, 3, 3)>(products), permuted<order_of(0, 0, 2, 2)>(products),
                          is_negative ? 0b1001 : 0b0101);
    return product(permuted<order_of(0, 3, 2, 0)>(corners), permuted<order_of(2, 1, 3, 1)>(corners));
}

inline Lanes neutral() {
    const __m256i nothing = _mm256_setzero_si256();
    return {_mm256_setr_epi64x(0, 1, 1, 0), nothing, nothing, nothing, nothing};
}

EdwardsPoint point_of(const Lanes& lanes) {
    EdwardsMultiples::Entry apart;
    const std::array<__m256i, 5> limbs{lanes.a0, lanes.a1, lanes.a2, lanes.a3, lanes.a4};
    for (std::size_t i = 0; i < limbs.size(); ++i) {
        _mm256_store_si256(reinterpret_cast<__m256i*>(apart.limb[i].data()), limbs[i]);
    }
    return {.x = apart.factor(0), .y = apart.factor(1), .z = apart.factor(2), .t = apart.factor(3)};
}

}  // namespace

EdwardsPoint sum_by_lanes(const EdwardsSum& terms) {
    // Two sums, since each addition waits for the one before it.
    Lanes first = neutral();
    Lanes second = neutral();
    for (std::size_t digit = 0; digit < EdwardsMultiples::digits; ++digit) {
        if (const int value = terms.of_first[digit]; value != 0) {
            first = added(first, terms.first.entry(terms.of_first, digit), value < 0);
        }
        if (const int value = terms.of_second[digit]; value != 0) {
            second = added(second, terms.second.entry(terms.of_second, digit), value < 0);
        }
    }
    return headroom::added(point_of(first), point_of(second));
}

#pragma clang attribute pop

#else

bool has_lanes() {
    return false;
}

EdwardsPoint sum_by_lanes(const EdwardsSum& terms) {
    return sum_one_by_one(terms);
}

#endif

}  // namespace headroom::edwards25519
