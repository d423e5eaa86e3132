#pragma once

#include "core/csv.hpp"
#include "grid/network.hpp"

#include <array>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

/// Rows of the grid CSV by themselves, before they are put together (grid_csv.cpp).
namespace headroom::grid::csv {

enum class Column : std::size_t { type, id, parent_id, name, lat, lon, rating_kw, kind, phase, energy_kwh };
inline constexpr std::array<std::string_view, 10> column_names{
    "type", "id", "parent_id", "name", "lat", "lon", "rating_kw", "kind", "phase", "energy_kwh"};

/// What is wrong with the file; the first of them are told, all are counted.
class Faults {
  public:
    explicit Faults(std::string_view file_name) : file_name_(file_name) {}

    void add(std::size_t line, Column column, const std::string& what) {
        add("line " + std::to_string(line) + ", column " +
            std::string(column_names[static_cast<std::size_t>(column)]) + ": " + what);
    }
    void add(const std::string& what) {
        if (count_ < told_max) {
            text_ += (count_ == 0 ? "" : "; ") + what;
        }
        ++count_;
    }
    [[nodiscard]] bool empty() const { return count_ == 0; }
    [[nodiscard]] Error as_error() const {
        const std::size_t untold = count_ > told_max ? count_ - told_max : 0;
        return Error{Errc::invalid, file_name_ + ": " + text_ +
                                        (untold == 0 ? "" : "; and " + std::to_string(untold) + " more")};
    }

  private:
    static constexpr std::size_t told_max = 20;
    std::string file_name_;
    std::string text_;
    std::size_t count_ = 0;
};

/// A text of a message: cut, with nothing that would break its line.
[[nodiscard]] std::string shown(std::string_view text);

/// Where each column stands in this file.
class Header {
  public:
    Header(const CsvRow& row, Faults& faults);
    [[nodiscard]] std::size_t width() const { return width_; }
    [[nodiscard]] std::string_view field(const CsvRow& row, Column column) const {
        return trim_blanks(row.fields[places_[static_cast<std::size_t>(column)]]);
    }

  private:
    static constexpr std::size_t absent = std::numeric_limits<std::size_t>::max();
    std::size_t width_;
    std::array<std::size_t, column_names.size()> places_{};
};

enum class Type { substation, feeder, der, tie };

/// A sound row, its parent not yet looked for.
struct Element {
    std::size_t line = 0;
    Type type = Type::substation;
    std::string name_in_file;  ///< the id as it stands there
    std::string parent_in_file;
    std::string id;
    std::string name;
    std::string kind;
    double lat = 0.0;
    double lon = 0.0;
    Kilowatts rating{};
    DerClass der_class = DerClass::other;
    Phase phase = Phase::sum;
    KilowattHours energy{};
    std::string other_end_in_file;  ///< of a tie, whose first end is `parent_in_file`
    minutes switching{};
    bool is_remote = false;

    [[nodiscard]] std::string source_ref() const { return id == name_in_file ? "" : name_in_file; }
};

/// Reads one row, noting what is wrong with each of its fields.
[[nodiscard]] Element read_row(const Header& header, const CsvRow& row, Faults& faults);

}  // namespace headroom::grid::csv
