#include "core/random.hpp"

#include "core/result.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace headroom {
namespace {

__extension__ using Uint128 = unsigned __int128;

struct Block {
    std::uint64_t first;
    std::uint64_t second;
};

constexpr int philox_rounds = 10;
constexpr std::uint64_t philox_left = 0xD2511F53U;
constexpr std::uint64_t philox_right = 0xCD9E8D57U;
constexpr std::uint32_t philox_key_low = 0x9E3779B9U;
constexpr std::uint32_t philox_key_high = 0xBB67AE85U;
constexpr std::uint64_t low_half = 0xFFFFFFFFU;

/// Philox4x32 with ten rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011): a 128-bit
/// counter and a 64-bit key give 128 bits.
Block philox(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key) {
    for (int round = 0; round < philox_rounds; ++round) {
        const std::uint64_t left = philox_left * counter[0];
        const std::uint64_t right = philox_right * counter[2];
        counter = {
            static_cast<std::uint32_t>(right >> 32U) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(right),
            static_cast<std::uint32_t>(left >> 32U) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(left)};
        key[0] += philox_key_low;
        key[1] += philox_key_high;
    }
    return {(std::uint64_t{counter[0]} << 32U) | counter[1], (std::uint64_t{counter[2]} << 32U) | counter[3]};
}

/// The finaliser of splitmix64: a bijection that spreads every input bit.
std::uint64_t mix(std::uint64_t x) {
    x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
    return x ^ (x >> 31U);
}

/// Seed and stream share the key; mixed, so that neighbouring seeds and streams do not meet.
std::uint64_t key_of(std::uint64_t seed, std::uint64_t stream) {
    return mix(seed + 0x9E3779B97F4A7C15U) ^ mix(mix(stream + 0xD1B54A32D192ED03U));
}

Block draw(std::uint64_t seed, std::uint64_t entity, std::uint64_t step, std::uint64_t stream) {
    const std::uint64_t key = key_of(seed, stream);
    return philox({static_cast<std::uint32_t>(entity), static_cast<std::uint32_t>(entity >> 32U),
                   static_cast<std::uint32_t>(step), static_cast<std::uint32_t>(step >> 32U)},
                  {static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32U)});
}

double to_unit(std::uint64_t bits) {
    return static_cast<double>(bits >> 11U) * 0x1.0p-53;
}

}  // namespace

std::uint64_t Random::bits(std::uint64_t entity, std::uint64_t step, std::uint64_t stream) const {
    return draw(seed_, entity, step, stream).first;
}

void Random::bits_from(std::uint64_t entity, std::uint64_t first, std::span<std::uint64_t> out,
                       std::uint64_t stream) const {
    // So many counters go through the rounds side by side: one waits for its products, several do not.
    constexpr std::size_t lanes = 8;
    const std::uint64_t key = key_of(seed_, stream);
    std::array<std::array<std::uint64_t, lanes>, 4> counter{};
    for (std::size_t done = 0; done < out.size(); done += lanes) {
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            const std::uint64_t step = first + done + lane;
            counter[0][lane] = static_cast<std::uint32_t>(entity);
            counter[1][lane] = entity >> 32U;
            counter[2][lane] = static_cast<std::uint32_t>(step);
            counter[3][lane] = step >> 32U;
        }
        auto key_low = static_cast<std::uint32_t>(key);
        auto key_high = static_cast<std::uint32_t>(key >> 32U);
        for (int round = 0; round < philox_rounds; ++round) {
            for (std::size_t lane = 0; lane < lanes; ++lane) {
                const std::uint64_t left = philox_left * (counter[0][lane] & low_half);
                const std::uint64_t right = philox_right * (counter[2][lane] & low_half);
                counter[0][lane] = (right >> 32U) ^ counter[1][lane] ^ key_low;
                counter[1][lane] = right & low_half;
                counter[2][lane] = (left >> 32U) ^ counter[3][lane] ^ key_high;
                counter[3][lane] = left & low_half;
            }
            key_low += philox_key_low;
            key_high += philox_key_high;
        }
        const std::size_t count = std::min(lanes, out.size() - done);
        for (std::size_t lane = 0; lane < count; ++lane) {
            out[done + lane] = (counter[0][lane] << 32U) | counter[1][lane];
        }
    }
}

double Random::uniform(std::uint64_t entity, std::uint64_t step, std::uint64_t stream) const {
    return to_unit(bits(entity, step, stream));
}

double Random::normal(std::uint64_t entity, std::uint64_t step, std::uint64_t stream) const {
    const Block block = draw(seed_, entity, step, stream);
    const double radius = std::sqrt(-2.0 * std::log(1.0 - to_unit(block.first)));  // 1 - u is never zero
    return radius * std::cos(2.0 * std::numbers::pi * to_unit(block.second));
}

std::uint64_t Random::below(std::uint64_t count, std::uint64_t entity, std::uint64_t step,
                            std::uint64_t stream) const {
    HEADROOM_ASSERT(count > 0);
    // Multiply and keep the high word: a bias of at most count / 2^64, and no second draw that would depend
    // on the first.
    return static_cast<std::uint64_t>((static_cast<Uint128>(bits(entity, step, stream)) * count) >> 64U);
}

std::uint64_t Random::key(std::string_view name) {
    std::uint64_t hash = 0xCBF29CE484222325U;
    for (const char c : name) {
        hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001B3U;
    }
    return hash;
}

}  // namespace headroom
