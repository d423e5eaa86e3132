#pragma once

#include "telemetry/json_usual.hpp"
#include "telemetry/usual_number.hpp"
#include "telemetry/usual_text.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace headroom::telemetry {

/// An object that was read, to compare the next with: most readings of a batch are the same byte for byte but
/// for their id, the digits of their value and of their sequence number, and which of three phases they are
/// of. One thread.
class UsualTwin {
  public:
    /// Longer objects have none. So many bytes of a text are looked at.
    static constexpr std::size_t bytes_max = 240;

    /// Where in an object its value stands, and its phase and number when it has them.
    struct Places {
        const char* value = nullptr;
        const char* phase = nullptr;  // behind the quote
        const char* seq = nullptr;
    };
    /// Keeps the object in [begin, end), which holds `reading`. Nothing is kept of one that is too long or
    /// has numbers that `read` does not know: `is_known` is false then.
    void keep(const char* begin, const char* end, const Places& places, const UsualReading& reading);
    void forget() { size_ = 0; }
    [[nodiscard]] bool is_known() const { return size_ > 0; }
    /// The object at `text`, when it is one's twin, as `read_usual_object` reads it; the place behind it.
    /// Null for any other. `bytes_max` bytes are readable.
    [[nodiscard]] const char* read(const char* text, UsualReading& out) const;

  private:
    [[nodiscard]] bool is_alike(const char* text) const;
    [[nodiscard]] bool read_value(const char* text, double& out) const;
    [[nodiscard]] bool read_phase(const char* text, grid::Phase& out) const;
    [[nodiscard]] bool read_seq(const char* text, std::uint64_t& out) const;
    void let(const char* begin, const char* from, const char* to);
    bool keep_value(const char* begin, const char* value);

    struct Stretch {
        std::uint8_t at = 0;
        std::uint8_t size = 0;
        [[nodiscard]] std::string_view of(const char* text) const { return {text + at, size}; }
    };
    static Stretch stretch_of(std::string_view view, const char* begin) {
        return {static_cast<std::uint8_t>(view.data() - begin), static_cast<std::uint8_t>(view.size())};
    }

    alignas(text_block) std::array<char, bytes_max> bytes_{};
    alignas(text_block) std::array<char, bytes_max> fixed_{};  // ones where a twin has the same
    std::size_t size_ = 0;
    std::uint64_t others_ = 0;      // of the eight bytes from the value's first digit on: what is no digit
    std::uint64_t value_mask_ = 0;  // and which of them are the value's
    std::uint8_t value_at_ = 0;
    std::uint8_t whole_ = 0;  // digits
    std::uint8_t digits_ = 0;
    std::uint8_t phase_at_ = 0;  // of the digit of L1; 0: it is fixed, or there is none
    std::uint8_t seq_at_ = 0;
    std::uint8_t seq_size_ = 0;  // 0: it has none
    bool is_negative_ = false;
    UsualReading same_;  // what all of them have
    Stretch id_;
    Stretch start_;
    Stretch end_;
    Stretch source_;
};

inline bool UsualTwin::is_alike(const char* text) const {
#ifdef __SSE2__
    __m128i other = _mm_setzero_si128();
    for (std::size_t at = 0; at < size_; at += text_block) {
        const auto load = [](const char* from) {
            return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
        };
        other = _mm_or_si128(other, _mm_and_si128(_mm_xor_si128(load(text + at), load(bytes_.data() + at)),
                                                  load(fixed_.data() + at)));
    }
    return _mm_movemask_epi8(_mm_cmpeq_epi8(other, _mm_setzero_si128())) == 0xffff;
#else
    unsigned other = 0;
    for (std::size_t at = 0; at < size_; ++at) {
        other |= static_cast<unsigned char>((text[at] ^ bytes_[at]) & fixed_[at]);
    }
    return other == 0;
#endif
}

inline bool UsualTwin::read_value(const char* text, double& out) const {
    const std::uint64_t values = digit_values(text + value_at_);
    if ((others_in(values) & value_mask_) != others_ || (whole_ > 1 && text[value_at_] == '0')) {
        return false;
    }
    const double size = short_number(values, whole_, digits_);
    out = is_negative_ ? -size : size;
    return true;
}

inline bool UsualTwin::read_phase(const char* text, grid::Phase& out) const {
    out = same_.phase;
    if (phase_at_ == 0) {
        return true;
    }
    const auto phase = static_cast<unsigned char>(text[phase_at_] - '1');
    constexpr std::array<grid::Phase, 3> phases{grid::Phase::l1, grid::Phase::l2, grid::Phase::l3};
    if (phase > 2) {
        return false;
    }
    out = phases[phase];
    return true;
}

inline bool UsualTwin::read_seq(const char* text, std::uint64_t& out) const {
    if (seq_size_ == 0) {
        return true;
    }
    const char* const first = text + seq_at_;
    const std::uint64_t values = digit_values(first);
    const unsigned unused = 8U * (8U - seq_size_);
    if (others_in(values) << unused != 0 || (seq_size_ > 1 && *first == '0')) {
        return false;
    }
    out = eight_digits(values << unused);
    return true;
}

inline const char* UsualTwin::read(const char* text, UsualReading& out) const {
    const char* const id = text + id_.at;
    if (!is_alike(text) || end_of_text(id, 5) != id + id_.size || !read_value(text, out.value) ||
        !read_phase(text, out.phase) || !read_seq(text, out.seq)) {
        return nullptr;
    }
    out.has = same_.has;
    out.quantity = same_.quantity;
    out.quality = same_.quality;
    out.id = id_.of(text);
    out.start = start_.of(text);
    out.end = end_.of(text);
    out.source = source_.of(text);
    return text + size_;
}

}  // namespace headroom::telemetry
