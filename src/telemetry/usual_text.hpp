#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace headroom::telemetry {

// What the readers of the usual shape are made of.

inline bool is_digit(char c) {
    return static_cast<unsigned char>(c - '0') < 10;
}

template <std::size_t size>
bool begins(const char* text, const char (&word)[size]) {
    return std::memcmp(text, word, size - 1) == 0;
}

/// So many bytes are looked at together.
inline constexpr std::size_t text_block = 16;

/// Where in the next block a quote, an escape, a control character or one beyond ASCII comes first;
/// `text_block` when there is none.
inline std::size_t plain_in_block(const char* text) {
#ifdef __SSE2__
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i escape = _mm_set1_epi8('\\');
    const __m128i first_plain = _mm_set1_epi8(0x20);  // signed: what is beyond ASCII is below it too
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text));
    const __m128i stop =
        _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, escape)),
                     _mm_cmplt_epi8(bytes, first_plain));
    const auto stops = static_cast<unsigned>(_mm_movemask_epi8(stop)) | 1U << text_block;
    return static_cast<std::size_t>(std::countr_zero(stops));
#else
    std::size_t at = 0;
    while (at < text_block && text[at] != '"' && text[at] != '\\' &&
           static_cast<unsigned char>(text[at] - 0x20) < 0x60) {
        ++at;
    }
    return at;
#endif
}

/// The quote that ends the string, when it does so in `blocks_max` blocks; null when something else than
/// plain text comes first.
inline const char* end_of_text(const char* text, std::size_t blocks_max) {
    for (std::size_t block = 0; block < blocks_max; ++block) {
        const std::size_t plain = plain_in_block(text);
        text += plain;
        if (plain < text_block) {
            return *text == '"' ? text : nullptr;
        }
    }
    return nullptr;
}

/// Whether `text` begins with the first `size` bytes of `word`; whole blocks of both are readable.
inline bool begins_as(const char* text, const char* word, std::size_t size) {
#ifdef __SSE2__
    for (std::size_t at = 0; at < size; at += text_block) {
        const __m128i ours = _mm_loadu_si128(reinterpret_cast<const __m128i*>(word + at));
        const __m128i theirs = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + at));
        const auto other = ~static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(ours, theirs)));
        const std::size_t left = size - at;
        if ((left < text_block ? other << (32 - left) : other << text_block) != 0) {
            return false;
        }
    }
    return true;
#else
    return std::memcmp(text, word, size) == 0;
#endif
}

}  // namespace headroom::telemetry
