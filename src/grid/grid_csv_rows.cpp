#include "grid/grid_csv_rows.hpp"

#include "core/utf8.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>

namespace headroom::grid::csv {
namespace {

constexpr std::size_t text_bytes_max = 256;
constexpr double rating_kw_max = 10'000'000.0;
constexpr double energy_kwh_max = 100'000'000.0;

/// Reads the fields of one row, noting what is wrong with each.
class RowReader {
  public:
    RowReader(const Header& header, const CsvRow& row, Faults& faults)
        : header_(header), row_(row), faults_(faults) {}

    Element read() {
        element_.line = row_.line;
        const bool type_is_known = read_type();
        element_.name_in_file = text(Column::id);
        if (element_.name_in_file.empty()) {
            refuse(Column::id, "is empty");
        }
        element_.id =
            is_valid_id(element_.name_in_file) ? element_.name_in_file : to_id(element_.name_in_file);
        element_.parent_in_file = text(Column::parent_id);
        element_.name = text(Column::name);
        element_.kind = text(Column::kind);
        read_place();
        element_.rating = Kilowatts{number(Column::rating_kw, 0.0, rating_kw_max).value_or(0.0)};
        if (const std::string_view word = field(Column::phase); !word.empty()) {
            const std::optional<Phase> phase = parse_phase(word);
            if (!phase || *phase == Phase::n) {
                refuse(Column::phase, shown(word) + " is not L1, L2, L3 or sum");
            }
            element_.phase = phase.value_or(Phase::sum);
        }
        if (type_is_known) {
            read_by_type();
        }
        return std::move(element_);
    }

  private:
    [[nodiscard]] std::string_view field(Column column) const { return header_.field(row_, column); }
    void refuse(Column column, const std::string& what) { faults_.add(row_.line, column, what); }

    bool read_type() {
        const std::string_view word = field(Column::type);
        if (word == "substation") {
            element_.type = Type::substation;
        } else if (word == "feeder") {
            element_.type = Type::feeder;
        } else if (word == "der") {
            element_.type = Type::der;
        } else if (word == "tie") {
            element_.type = Type::tie;
        } else {
            refuse(Column::type, shown(word) + " is not substation, feeder, der or tie");
            return false;
        }
        return true;
    }

    std::string text(Column column) {
        const std::string_view value = field(column);
        if (value.size() > text_bytes_max) {
            refuse(column, "longer than " + std::to_string(text_bytes_max) + " bytes");
            return {};
        }
        for (std::size_t i = 0; i < value.size();) {
            const std::size_t length = utf8_character_length(value.substr(i));
            const auto first = static_cast<unsigned char>(value[i]);
            if (length == 0 || first < 0x20 || first == 0x7F) {
                refuse(column, length == 0 ? "is no UTF-8" : "holds a control character");
                return {};
            }
            i += length;
        }
        return std::string(value);
    }

    std::optional<double> number(Column column, double min, double max) {
        const std::string_view value = field(column);
        if (value.empty()) {
            return std::nullopt;
        }
        const std::optional<double> parsed = parse_csv_number(value);
        if (!parsed) {
            refuse(column, shown(value) + " is not a number");
        } else if (*parsed < min || *parsed > max) {
            refuse(column, shown(value) + " is not from " + std::to_string(static_cast<std::int64_t>(min)) +
                               " to " + std::to_string(static_cast<std::int64_t>(max)));
        } else {
            return parsed;
        }
        return std::nullopt;
    }

    void read_place() {
        if (field(Column::lat).empty() != field(Column::lon).empty()) {
            refuse(field(Column::lat).empty() ? Column::lat : Column::lon,
                   "is empty, while the other half of the place is given");
        }
        element_.lat = number(Column::lat, -90.0, 90.0).value_or(0.0);
        element_.lon = number(Column::lon, -180.0, 180.0).value_or(0.0);
    }

    void read_by_type() {
        if (element_.type == Type::der) {
            read_der();
            return;
        }
        if (!field(Column::energy_kwh).empty()) {
            refuse(Column::energy_kwh, "belongs to a DER only");
        }
        if (element_.type != Type::feeder && !field(Column::phase).empty()) {
            refuse(Column::phase, "belongs to a feeder or DER only");
        }
        if (element_.type == Type::tie) {
            read_tie();
        }
    }

    void read_der() {
        element_.energy = KilowattHours{number(Column::energy_kwh, 0.0, energy_kwh_max).value_or(0.0)};
        const std::optional<DerClass> der_class = parse_der_class(element_.kind);
        if (!der_class) {
            refuse(Column::kind, shown(element_.kind) + " is not " + der_class_words());
        }
        element_.der_class = der_class.value_or(DerClass::other);
        if (field(Column::rating_kw).empty()) {
            refuse(Column::rating_kw, "is empty, and a DER needs one");
        }
        if (element_.parent_in_file.empty()) {
            refuse(Column::parent_id, "is empty, and a DER sits on a feeder");
        }
    }

    void read_tie() {
        if (field(Column::rating_kw).empty() || element_.rating.value == 0.0) {
            // A number that is none has been told already.
            if (field(Column::rating_kw).empty() || parse_csv_number(field(Column::rating_kw)) == 0.0) {
                refuse(Column::rating_kw, "a tie says what it may carry, above 0");
            }
        }
        read_ends();
        read_switching();
    }

    /// "A|B", names as they stand in the file.
    void read_ends() {
        const std::string both = std::move(element_.parent_in_file);
        const std::size_t bar = both.find('|');
        if (bar == std::string::npos || both.find('|', bar + 1) != std::string::npos) {
            refuse(Column::parent_id, shown(both) + " does not name the two ends of a tie as A|B");
            return;
        }
        element_.parent_in_file = trim_blanks(std::string_view(both).substr(0, bar));
        element_.other_end_in_file = trim_blanks(std::string_view(both).substr(bar + 1));
        if (element_.parent_in_file.empty() || element_.other_end_in_file.empty()) {
            refuse(Column::parent_id, shown(both) + " does not name the two ends of a tie as A|B");
        } else if (element_.parent_in_file == element_.other_end_in_file) {
            refuse(Column::parent_id, shown(both) + " joins an element with itself");
        }
    }

    /// "remote" or "manual", and how many minutes closing takes: "manual:45".
    void read_switching() {
        const std::string_view word = element_.kind;
        const std::size_t colon = word.find(':');
        const std::string_view how = trim_blanks(word.substr(0, colon));
        element_.is_remote = how == "remote";
        if (!element_.is_remote && how != "manual") {
            refuse(Column::kind, shown(word) + " is not remote or manual, with minutes as in manual:45");
            return;
        }
        element_.switching = element_.is_remote ? tie_switching_remote : tie_switching_manual;
        if (colon == std::string_view::npos) {
            return;
        }
        const std::optional<double> given = parse_csv_number(trim_blanks(word.substr(colon + 1)));
        if (!given || *given < 0.0 || *given > static_cast<double>(tie_switching_max.count()) ||
            *given != std::floor(*given)) {
            refuse(Column::kind, shown(word) + " does not end in whole minutes from 0 to " +
                                     std::to_string(tie_switching_max.count()));
            return;
        }
        element_.switching = minutes{static_cast<std::int64_t>(*given)};
    }

    const Header& header_;
    const CsvRow& row_;
    Faults& faults_;
    Element element_;
};

}  // namespace

std::string shown(std::string_view text) {
    std::string out = "'" + std::string(text.substr(0, 40)) + (text.size() > 40 ? "…" : "") + "'";
    std::replace_if(
        out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; },
        '?');
    return out;
}

Header::Header(const CsvRow& row, Faults& faults) : width_(row.fields.size()) {
    places_.fill(absent);
    for (std::size_t place = 0; place < row.fields.size(); ++place) {
        const std::string_view name = trim_blanks(row.fields[place]);
        const auto known = std::find(column_names.begin(), column_names.end(), name);
        if (known == column_names.end()) {
            faults.add("line " + std::to_string(row.line) + ": the column " + shown(name) +
                       " is not known here");
            continue;
        }
        std::size_t& at = places_[static_cast<std::size_t>(known - column_names.begin())];
        if (at != absent) {
            faults.add("line " + std::to_string(row.line) + ": the column " + std::string(name) +
                       " stands twice");
        }
        at = place;
    }
    for (std::size_t column = 0; column < column_names.size(); ++column) {
        if (places_[column] == absent) {
            faults.add("line " + std::to_string(row.line) + ": the column " +
                       std::string(column_names[column]) + " is missing");
        }
    }
}

Element read_row(const Header& header, const CsvRow& row, Faults& faults) {
    return RowReader(header, row, faults).read();
}

}  // namespace headroom::grid::csv
