#pragma once

#include <bit>
#include <concepts>
#include <cstring>
#include <string>
#include <string_view>

namespace headroom {

template <std::unsigned_integral T>
constexpr T swap_to_big_endian(T value) {
    if constexpr (sizeof(T) == 1 || std::endian::native == std::endian::big) {
        return value;
    } else if constexpr (sizeof(T) == 2) {
        return __builtin_bswap16(value);
    } else if constexpr (sizeof(T) == 4) {
        return __builtin_bswap32(value);
    } else {
        return __builtin_bswap64(value);
    }
}

/// Precondition: `at` + sizeof(T) bytes are there.
template <std::unsigned_integral T>
T get_big_endian(std::string_view bytes, std::size_t at) {
    T value{};
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return swap_to_big_endian(value);
}

/// Precondition: `at` + sizeof(T) bytes are there.
template <std::unsigned_integral T>
void put_big_endian(std::string& bytes, std::size_t at, T value) {
    value = swap_to_big_endian(value);
    std::memcpy(bytes.data() + at, &value, sizeof value);
}

template <std::unsigned_integral T>
void append_big_endian(std::string& bytes, T value) {
    bytes.resize(bytes.size() + sizeof value);
    put_big_endian(bytes, bytes.size() - sizeof value, value);
}

}  // namespace headroom
