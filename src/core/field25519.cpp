#include "core/field25519.hpp"

namespace headroom {
namespace {

using field25519::limb_mask;

std::uint64_t read_word(std::span<const std::uint8_t, 32> bytes, std::size_t index) {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < 8; ++i) {
        word |= static_cast<std::uint64_t>(bytes[index * 8 + i]) << (8 * i);
    }
    return word;
}

/// Limbs below 2^51, but for the rest of one addition of 19.
std::array<std::uint64_t, 5> weakly_reduced(std::array<std::uint64_t, 5> t) {
    for (int round = 0; round < 2; ++round) {
        for (std::size_t i = 0; i < 4; ++i) {
            t[i + 1] += t[i] >> 51U;
            t[i] &= limb_mask;
        }
        t[0] += 19 * (t[4] >> 51U);
        t[4] &= limb_mask;
    }
    return t;
}

/// a^(2^250 - 1), and a^11 on the way: the chain that both powers share.
struct Chain {
    Field25519 a11;
    Field25519 a250;
};

Chain chain_of(const Field25519& a) {
    const Field25519 a2 = square(a);
    const Field25519 a9 = square_times(a2, 2) * a;
    const Field25519 a11 = a9 * a2;
    const Field25519 ones5 = square(a11) * a9;
    const Field25519 ones10 = square_times(ones5, 5) * ones5;
    const Field25519 ones20 = square_times(ones10, 10) * ones10;
    const Field25519 ones40 = square_times(ones20, 20) * ones20;
    const Field25519 ones50 = square_times(ones40, 10) * ones10;
    const Field25519 ones100 = square_times(ones50, 50) * ones50;
    const Field25519 ones200 = square_times(ones100, 100) * ones100;
    return {.a11 = a11, .a250 = square_times(ones200, 50) * ones50};
}

}  // namespace

Field25519 field_of(std::uint64_t small) {
    return {{small & limb_mask, small >> 51U, 0, 0, 0}};
}

Field25519 field_from_bytes(std::span<const std::uint8_t, 32> bytes) {
    const std::uint64_t w0 = read_word(bytes, 0);
    const std::uint64_t w1 = read_word(bytes, 1);
    const std::uint64_t w2 = read_word(bytes, 2);
    const std::uint64_t w3 = read_word(bytes, 3);
    return {{w0 & limb_mask, (w0 >> 51U | w1 << 13U) & limb_mask, (w1 >> 38U | w2 << 26U) & limb_mask,
             (w2 >> 25U | w3 << 39U) & limb_mask, w3 >> 12U & limb_mask}};
}

std::array<std::uint8_t, 32> field_to_bytes(const Field25519& a) {
    std::array<std::uint64_t, 5> t = weakly_reduced(a.limb);
    // One more than it is a multiple of p, when the number is not below p.
    std::uint64_t over = (t[0] + 19) >> 51U;
    for (std::size_t i = 1; i < 5; ++i) {
        over = (t[i] + over) >> 51U;
    }
    t[0] += 19 * over;
    for (std::size_t i = 0; i < 4; ++i) {
        t[i + 1] += t[i] >> 51U;
        t[i] &= limb_mask;
    }
    t[4] &= limb_mask;
    const std::array<std::uint64_t, 4> words{t[0] | t[1] << 51U, t[1] >> 13U | t[2] << 38U,
                                             t[2] >> 26U | t[3] << 25U, t[3] >> 39U | t[4] << 12U};
    std::array<std::uint8_t, 32> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] = static_cast<std::uint8_t>(words[i / 8] >> (8 * (i % 8)));
    }
    return bytes;
}

Field25519 square_times(Field25519 a, int count) {
    for (int i = 0; i < count; ++i) {
        a = square(a);
    }
    return a;
}

Field25519 invert(const Field25519& a) {
    const Chain chain = chain_of(a);
    return square_times(chain.a250, 5) * chain.a11;  // 2^255 - 32 + 11
}

Field25519 power_p58(const Field25519& a) {
    return square_times(chain_of(a).a250, 2) * a;  // 2^252 - 4 + 1
}

bool same(const Field25519& a, const Field25519& b) {
    return field_to_bytes(a) == field_to_bytes(b);
}

bool is_odd(const Field25519& a) {
    return (field_to_bytes(a)[0] & 1U) != 0;
}

}  // namespace headroom
