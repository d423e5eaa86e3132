#pragma once

#include "core/result.hpp"
#include "grid/quantity.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

namespace headroom::telemetry {

/// The files of readings that are known by their header (docs/formats/readings.md).
enum class CsvFormat : std::uint8_t { own, lv_gb, nged_flows, nged_long, stentaway, nl_substations };
[[nodiscard]] std::string_view to_string(CsvFormat format);

/// What of the site a column measures, in a file that has one site.
enum class CsvPart : std::uint8_t { site, pv, solar, wind };

/// A column of measured values.
struct CsvColumn {
    std::size_t field = 0;
    grid::Quantity quantity = grid::Quantity::p_kw;
    double factor = 1.0;  ///< from the file's unit and sign to the quantity's unit, import-positive
    CsvPart part = CsvPart::site;
};

inline constexpr std::size_t no_field = std::numeric_limits<std::size_t>::max();

/// Which field of a row is what.
struct CsvLayout {
    CsvFormat format = CsvFormat::own;
    std::size_t fields = 0;  ///< of every row
    std::size_t time = no_field;
    std::size_t place = no_field;   ///< feeder, substation or site; none when the file has one site
    std::size_t feeder = no_field;  ///< number of the feeder at the substation
    std::size_t phase = no_field;
    std::size_t unit = no_field;     ///< in which the row's value is
    std::vector<CsvColumn> columns;  ///< in the order of the header
};

/// The layout that this header announces; names are taken without blanks around them and in either case.
/// Errors: `invalid`, naming the file, its columns and the headers that are known; a weather file is named as
/// such.
[[nodiscard]] Result<CsvLayout> recognise_header(std::span<const std::string_view> header,
                                                 std::string_view file_name);

/// "expected one of: …", the header of every known format.
[[nodiscard]] std::string expected_headers();

/// What a unit of a row means: "MW", "MVA", "kV" …
struct CsvUnit {
    grid::Quantity quantity = grid::Quantity::p_kw;
    double factor = 1.0;
};
/// In either case; nullptr for an unknown one.
[[nodiscard]] const CsvUnit* find_unit(std::string_view text);

}  // namespace headroom::telemetry
