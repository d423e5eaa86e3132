#pragma once

#include "grid/quantity.hpp"
#include "telemetry/reading.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace headroom::telemetry {

/// Bytes behind a text that may be looked at (not used) while it is read.
inline constexpr std::size_t usual_padding = 64;

/// A reading of the usual shape, as it stood in the text.
struct UsualReading {
    enum Member : std::uint16_t {
        id_member = 1U << 0U,
        start_member = 1U << 1U,
        end_member = 1U << 2U,
        value_member = 1U << 3U,
        quantity_member = 1U << 4U,
        phase_member = 1U << 5U,
        quality_member = 1U << 6U,
        source_member = 1U << 7U,
        seq_member = 1U << 8U,
        kw_name = 1U << 9U,         // the value stands under this name
        ts_name = 1U << 10U,        // the start stands under this name
        timestamp_name = 1U << 11U  // or this
    };
    std::uint16_t has = 0;  // bits of Member
    grid::Quantity quantity = grid::Quantity::p_kw;
    grid::Phase phase = grid::Phase::sum;
    Quality quality = Quality::measured;
    double value = 0.0;
    std::uint64_t seq = 0;
    std::string_view id;
    std::string_view start;
    std::string_view end;
    std::string_view source;
};

/// Where the members of an object stood, in their order, but for those that say nothing.
struct UsualPlaces {
    struct Place {
        std::uint16_t bits = 0;       ///< of Member, the name's own too
        const char* begin = nullptr;  ///< of the value
        const char* end = nullptr;
    };
    std::array<Place, 9> places;
    std::size_t count = 0;
};

/// What may stand between two words.
enum class Blank : std::uint8_t {
    any,      ///< JSON's blanks
    no_break  ///< the same without line feeds, of which each ends a line
};

/// Reads the object at `text` when it has the usual shape: members of readings in any order, each at most
/// once, with strings of plain ASCII and without escapes; unknown members of simple values. Answers the place
/// behind it, or null for anything else, which is then for the general reader to judge. Takes nothing that
/// the general reader refuses, and reads it as that one does.
///
/// The text ends with a control character that is no blank, and `usual_padding` bytes behind that are
/// readable.
[[nodiscard]] const char* read_usual_object(const char* text, Blank blank, UsualReading& out);
/// The same, and tells where the values stand.
[[nodiscard]] const char* read_usual_object(const char* text, Blank blank, UsualReading& out,
                                            UsualPlaces& places);

}  // namespace headroom::telemetry
