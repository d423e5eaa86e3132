#include "core/digest.hpp"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace headroom {
namespace {

constexpr std::uint32_t reflected_polynomial = 0x82F63B78U;

constexpr std::array<std::uint32_t, 256> crc_table = [] {
    std::array<std::uint32_t, 256> rows{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t sum = byte;
        for (int bit = 0; bit < 8; ++bit) {
            sum = (sum & 1U) != 0 ? (sum >> 1U) ^ reflected_polynomial : sum >> 1U;
        }
        rows[byte] = sum;
    }
    return rows;
}();

std::uint32_t update_by_table(std::uint32_t sum, std::string_view data) {
    for (const char c : data) {
        sum = crc_table[(sum ^ static_cast<std::uint8_t>(c)) & 0xFFU] ^ (sum >> 8U);
    }
    return sum;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t update_by_hardware(std::uint32_t sum, std::string_view data) {
    std::uint64_t wide = sum;
    while (data.size() >= sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, data.data(), sizeof word);
        wide = _mm_crc32_u64(wide, word);
        data.remove_prefix(sizeof word);
    }
    auto narrow = static_cast<std::uint32_t>(wide);
    for (const char c : data) {
        narrow = _mm_crc32_u8(narrow, static_cast<std::uint8_t>(c));
    }
    return narrow;
}
#endif

}  // namespace

std::uint32_t crc32c_portable(std::string_view data, std::uint32_t seed) {
    return ~update_by_table(~seed, data);
}

std::uint32_t crc32c(std::string_view data, std::uint32_t seed) {
#if defined(__x86_64__)
    static const bool hardware = __builtin_cpu_supports("sse4.2") != 0;
    if (hardware) {
        return ~update_by_hardware(~seed, data);
    }
#endif
    return crc32c_portable(data, seed);
}

}  // namespace headroom
