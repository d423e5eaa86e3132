#include "core/hash_stream.hpp"

#include "core/big_endian.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace headroom {

namespace {

// FIPS 180-4 §4.2.2
alignas(16) constexpr std::array<std::uint32_t, 64> round_constants{
    0x428A2F98U, 0x71374491U, 0xB5C0FBCFU, 0xE9B5DBA5U, 0x3956C25BU, 0x59F111F1U, 0x923F82A4U, 0xAB1C5ED5U,
    0xD807AA98U, 0x12835B01U, 0x243185BEU, 0x550C7DC3U, 0x72BE5D74U, 0x80DEB1FEU, 0x9BDC06A7U, 0xC19BF174U,
    0xE49B69C1U, 0xEFBE4786U, 0x0FC19DC6U, 0x240CA1CCU, 0x2DE92C6FU, 0x4A7484AAU, 0x5CB0A9DCU, 0x76F988DAU,
    0x983E5152U, 0xA831C66DU, 0xB00327C8U, 0xBF597FC7U, 0xC6E00BF3U, 0xD5A79147U, 0x06CA6351U, 0x14292967U,
    0x27B70A85U, 0x2E1B2138U, 0x4D2C6DFCU, 0x53380D13U, 0x650A7354U, 0x766A0ABBU, 0x81C2C92EU, 0x92722C85U,
    0xA2BFE8A1U, 0xA81A664BU, 0xC24B8B70U, 0xC76C51A3U, 0xD192E819U, 0xD6990624U, 0xF40E3585U, 0x106AA070U,
    0x19A4C116U, 0x1E376C08U, 0x2748774CU, 0x34B0BCB5U, 0x391C0CB3U, 0x4ED8AA4AU, 0x5B9CCA4FU, 0x682E6FF3U,
    0x748F82EEU, 0x78A5636FU, 0x84C87814U, 0x8CC70208U, 0x90BEFFFAU, 0xA4506CEBU, 0xBEF9A3F7U, 0xC67178F2U};

#if defined(__x86_64__)

// The state stands as ABEF and CDGH in two registers; four message words are scheduled per step.
__attribute__((target("sha,sse4.1,ssse3"))) void compress_by_hardware(std::array<std::uint32_t, 8>& state,
                                                                      const std::uint8_t* bytes,
                                                                      std::size_t blocks) {
    const __m128i byte_order = _mm_set_epi64x(0x0C0D0E0F08090A0B, 0x0405060700010203);
    const __m128i dcba = _mm_loadu_si128(reinterpret_cast<const __m128i*>(state.data()));
    const __m128i hgfe = _mm_loadu_si128(reinterpret_cast<const __m128i*>(state.data() + 4));
    const __m128i cdab = _mm_shuffle_epi32(dcba, 0xB1);
    const __m128i efgh = _mm_shuffle_epi32(hgfe, 0x1B);
    __m128i abef = _mm_alignr_epi8(cdab, efgh, 8);
    __m128i cdgh = _mm_blend_epi16(efgh, cdab, 0xF0);
    for (; blocks != 0; --blocks, bytes += 64) {
        const __m128i abef_before = abef;
        const __m128i cdgh_before = cdgh;
        std::array<__m128i, 4> words{};
        for (std::size_t i = 0; i < 4; ++i) {
            words[i] =
                _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes) + i), byte_order);
        }
#pragma clang loop unroll(full)
        for (std::size_t step = 0; step < 16; ++step) {
            __m128i& now = words[step % 4];
            const __m128i next = words[(step + 1) % 4];
            const __m128i second = words[(step + 2) % 4];
            const __m128i last = words[(step + 3) % 4];
            const __m128i with_constants = _mm_add_epi32(
                now, _mm_load_si128(reinterpret_cast<const __m128i*>(round_constants.data()) + step));
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, with_constants);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(with_constants, 0x0E));
            if (step < 12) {
                const __m128i sum =
                    _mm_add_epi32(_mm_sha256msg1_epu32(now, next), _mm_alignr_epi8(last, second, 4));
                now = _mm_sha256msg2_epu32(sum, last);
            }
        }
        abef = _mm_add_epi32(abef, abef_before);
        cdgh = _mm_add_epi32(cdgh, cdgh_before);
    }
    const __m128i feba = _mm_shuffle_epi32(abef, 0x1B);
    const __m128i dchg = _mm_shuffle_epi32(cdgh, 0xB1);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(state.data()), _mm_blend_epi16(feba, dchg, 0xF0));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(state.data() + 4), _mm_alignr_epi8(dchg, feba, 8));
}

#endif

void compress(std::array<std::uint32_t, 8>& state, const std::uint8_t* bytes, std::size_t blocks) {
#if defined(__x86_64__)
    static const bool is_fast = has_sha_instructions();
    if (is_fast) {
        compress_by_hardware(state, bytes, blocks);
        return;
    }
#endif
    compress_portable(state, bytes, blocks);
}

}  // namespace

bool has_sha_instructions() {
#if defined(__x86_64__)
    constexpr unsigned sha_bit = 1U << 29U;
    unsigned eax = 0;
    unsigned ebx = 0;
    unsigned ecx = 0;
    unsigned edx = 0;
    return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 && (ebx & sha_bit) != 0 &&
           __builtin_cpu_supports("sse4.1") != 0 && __builtin_cpu_supports("ssse3") != 0;
#else
    return false;
#endif
}

// FIPS 180-4 §6.2.2
void compress_portable(std::array<std::uint32_t, 8>& state, const std::uint8_t* bytes, std::size_t blocks) {
    for (; blocks != 0; --blocks, bytes += 64) {
        std::array<std::uint32_t, 64> w{};
        std::memcpy(w.data(), bytes, 64);
        for (std::size_t t = 0; t < 16; ++t) {
            w[t] = swap_to_big_endian(w[t]);
        }
        for (std::size_t t = 16; t < 64; ++t) {
            const std::uint32_t s0 = std::rotr(w[t - 15], 7) ^ std::rotr(w[t - 15], 18) ^ (w[t - 15] >> 3U);
            const std::uint32_t s1 = std::rotr(w[t - 2], 17) ^ std::rotr(w[t - 2], 19) ^ (w[t - 2] >> 10U);
            w[t] = w[t - 16] + s0 + w[t - 7] + s1;
        }
        auto [a, b, c, d, e, f, g, h] = state;
        for (std::size_t t = 0; t < 64; ++t) {
            const std::uint32_t s1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
            const std::uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + round_constants[t] + w[t];
            const std::uint32_t s0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
            const std::uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
            h = g;
            g = f;
            f = e;
            e = d + t1;
            d = c;
            c = b;
            b = a;
            a = t1 + t2;
        }
        const std::array<std::uint32_t, 8> added{a, b, c, d, e, f, g, h};
        std::ranges::transform(state, added, state.begin(), std::plus<>());
    }
}

void HashStream::update(std::string_view bytes) {
    const auto* from = reinterpret_cast<const std::uint8_t*>(bytes.data());
    std::size_t left = bytes.size();
    const std::size_t kept = length_ % block_bytes;
    length_ += left;
    if (kept != 0) {
        const std::size_t taken = std::min(left, block_bytes - kept);
        std::memcpy(rest_.data() + kept, from, taken);
        from += taken;
        left -= taken;
        if (kept + taken < block_bytes) {
            return;
        }
        compress(state_, rest_.data(), 1);
    }
    compress(state_, from, left / block_bytes);
    if (left % block_bytes != 0) {
        std::memcpy(rest_.data(), from + left / block_bytes * block_bytes, left % block_bytes);
    }
}

Sha256 HashStream::digest() const {
    // One bit, zeros, and the length in bits fill up to a block's end (FIPS 180-4 §5.1.1).
    const std::size_t kept = length_ % block_bytes;
    std::array<std::uint8_t, 2 * block_bytes> last{};
    std::copy_n(rest_.begin(), kept, last.begin());
    last[kept] = 0x80;
    const std::size_t blocks = kept + 1 + sizeof(std::uint64_t) <= block_bytes ? 1 : 2;
    const std::uint64_t bits = swap_to_big_endian(length_ * 8);
    std::memcpy(last.data() + blocks * block_bytes - sizeof bits, &bits, sizeof bits);
    State state = state_;
    compress(state, last.data(), blocks);
    Sha256 hash{};
    for (std::size_t i = 0; i < state.size(); ++i) {
        const std::uint32_t word = swap_to_big_endian(state[i]);
        std::memcpy(hash.data() + i * sizeof word, &word, sizeof word);
    }
    return hash;
}

}  // namespace headroom
