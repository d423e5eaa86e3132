#include "core/csv.hpp"
#include "core/utf8.hpp"
#include "grid/network.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace headroom::grid {
namespace {

enum class Column : std::size_t { type, id, parent_id, name, lat, lon, rating_kw, kind, phase, energy_kwh };
constexpr std::array<std::string_view, 10> column_names{
    "type", "id", "parent_id", "name", "lat", "lon", "rating_kw", "kind", "phase", "energy_kwh"};
constexpr std::size_t faults_told_max = 20;
constexpr std::size_t text_bytes_max = 256;
constexpr double rating_kw_max = 10'000'000.0;
constexpr double energy_kwh_max = 100'000'000.0;

/// What is wrong with the file; the first of them are told, all are counted.
class Faults {
  public:
    explicit Faults(std::string_view file_name) : file_name_(file_name) {}

    void add(std::size_t line, Column column, const std::string& what) {
        add("line " + std::to_string(line) + ", column " +
            std::string(column_names[static_cast<std::size_t>(column)]) + ": " + what);
    }
    void add(const std::string& what) {
        if (count_ < faults_told_max) {
            text_ += (count_ == 0 ? "" : "; ") + what;
        }
        ++count_;
    }
    [[nodiscard]] bool empty() const { return count_ == 0; }
    [[nodiscard]] Error as_error() const {
        const std::size_t untold = count_ > faults_told_max ? count_ - faults_told_max : 0;
        return Error{Errc::invalid, file_name_ + ": " + text_ +
                                        (untold == 0 ? "" : "; and " + std::to_string(untold) + " more")};
    }

  private:
    std::string file_name_;
    std::string text_;
    std::size_t count_ = 0;
};

/// A text of a message: cut, with nothing that would break its line.
std::string shown(std::string_view text) {
    std::string out = "'" + std::string(text.substr(0, 40)) + (text.size() > 40 ? "…" : "") + "'";
    std::replace_if(
        out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; },
        '?');
    return out;
}

/// Where each column stands in this file.
class Header {
  public:
    Header(const CsvRow& row, Faults& faults) : width_(row.fields.size()) {
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
    [[nodiscard]] std::size_t width() const { return width_; }
    [[nodiscard]] std::string_view field(const CsvRow& row, Column column) const {
        return trim_blanks(row.fields[places_[static_cast<std::size_t>(column)]]);
    }

  private:
    static constexpr std::size_t absent = std::numeric_limits<std::size_t>::max();
    std::size_t width_;
    std::array<std::size_t, column_names.size()> places_{};
};

enum class Type { substation, feeder, der };

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

    [[nodiscard]] std::string source_ref() const { return id == name_in_file ? "" : name_in_file; }
};

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
        } else {
            refuse(Column::type, shown(word) + " is not substation, feeder or der");
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
        if (element_.type != Type::der) {
            if (!field(Column::energy_kwh).empty()) {
                refuse(Column::energy_kwh, "belongs to a DER only");
            }
            if (element_.type == Type::substation && !field(Column::phase).empty()) {
                refuse(Column::phase, "belongs to a feeder or DER only");
            }
            return;
        }
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

    const Header& header_;
    const CsvRow& row_;
    Faults& faults_;
    Element element_;
};

/// Puts sound rows into a network, parents before children whatever the order of the rows.
class Builder {
  public:
    Builder(std::vector<Element> elements, std::string_view file_name, Faults& faults)
        : elements_(std::move(elements)), source_("grid file " + std::string(file_name)), faults_(faults) {}

    Network build() {
        std::unordered_map<std::string_view, std::size_t> by_name;
        std::unordered_map<std::string_view, std::vector<std::size_t>> waiting;  // by the parent's name
        std::vector<bool> is_settled(elements_.size(), false);
        for (std::size_t i = 0; i < elements_.size(); ++i) {
            const Element& element = elements_[i];
            const auto [first, is_new] = by_name.emplace(element.name_in_file, i);
            if (!is_new) {
                faults_.add(element.line, Column::id,
                            shown(element.name_in_file) + " stands on line " +
                                std::to_string(elements_[first->second].line) + " already");
                is_settled[i] = true;
            }
        }
        std::vector<std::size_t> ready;
        for (std::size_t i = elements_.size(); i-- > 0;) {
            const Element& element = elements_[i];
            if (is_settled[i]) {
                continue;
            }
            const auto parent = by_name.find(element.parent_in_file);
            if (element.parent_in_file.empty()) {
                ready.push_back(i);
            } else if (parent == by_name.end()) {
                faults_.add(element.line, Column::parent_id,
                            "there is no " + shown(element.parent_in_file) + " in this file");
                is_settled[i] = true;
            } else {
                waiting[element.parent_in_file].push_back(i);
            }
        }
        while (!ready.empty()) {
            const std::size_t i = ready.back();
            ready.pop_back();
            is_settled[i] = true;
            const Element& element = elements_[i];
            const auto parent = by_name.find(element.parent_in_file);
            add(element, parent == by_name.end() ? nullptr : &elements_[parent->second]);
            if (const auto children = waiting.find(element.name_in_file); children != waiting.end()) {
                ready.insert(ready.end(), children->second.begin(), children->second.end());
            }
        }
        tell_rings(by_name, is_settled);
        return std::move(network_);
    }

  private:
    /// What is neither added nor refused hangs on a refused row (told already) or in a ring, or below one.
    void tell_rings(const std::unordered_map<std::string_view, std::size_t>& by_name,
                    const std::vector<bool>& is_settled) {
        constexpr std::size_t not_walked = 0;
        std::vector<std::size_t> walked_in(elements_.size(), not_walked);  // the number of the walk up
        for (std::size_t i = 0; i < elements_.size(); ++i) {
            const std::size_t walk = i + 1;
            std::size_t at = i;
            while (!is_settled[at] && walked_in[at] == not_walked) {
                walked_in[at] = walk;
                at = by_name.at(elements_[at].parent_in_file);
            }
            if (is_settled[at] || walked_in[at] != walk) {
                continue;
            }
            const std::size_t ring = at;
            do {
                faults_.add(elements_[at].line, Column::parent_id, "leads in a ring back to itself");
                at = by_name.at(elements_[at].parent_in_file);
            } while (at != ring);
        }
    }

    void add(const Element& element, const Element* parent) {
        const std::string parent_id = parent == nullptr ? "" : parent->id;
        if (parent != nullptr && !may_hang_on(element.type, parent->type)) {
            faults_.add(element.line, Column::parent_id,
                        shown(element.parent_in_file) + " (line " + std::to_string(parent->line) +
                            ") is no " +
                            (element.type == Type::substation ? "feeder or substation"
                             : element.type == Type::feeder   ? "substation"
                                                              : "feeder"));
            return;
        }
        Result<void> added;
        if (element.type == Type::substation) {
            added = network_.add(Substation{.id = SubstationId{element.id},
                                            .parent = parent_id,
                                            .name = element.name,
                                            .kind = element.kind,
                                            .lat = element.lat,
                                            .lon = element.lon,
                                            .rating = element.rating,
                                            .source_ref = element.source_ref()});
        } else if (element.type == Type::feeder) {
            added = network_.add(Feeder{.id = FeederId{element.id},
                                        .parent = parent_id,
                                        .name = element.name,
                                        .kind = element.kind,
                                        .lat = element.lat,
                                        .lon = element.lon,
                                        .rating = element.rating,
                                        .source_ref = element.source_ref()});
        } else {
            added = network_.add(der_of(element, parent_id));
        }
        if (added && element.type == Type::feeder) {
            add_limits(element);
        }
        // A parent that was refused has been told; one fault is enough for the branch below it.
        if (!added && added.error().code != Errc::not_found) {
            faults_.add(element.line, Column::id, added.error().message);
        }
    }

    static bool may_hang_on(Type child, Type parent) {
        switch (child) {
            case Type::substation:
                return parent != Type::der;
            case Type::feeder:
                return parent == Type::substation;
            case Type::der:
                return parent == Type::feeder;
        }
        return false;
    }

    static Der der_of(const Element& element, const std::string& feeder) {
        Der der;
        der.id = DerId{element.id};
        der.name = element.name;
        der.der_class = element.der_class;
        der.feeder = FeederId{feeder};
        der.phase = element.phase;
        der.turn_down_max = to_watts(element.rating);
        if (element.der_class == DerClass::battery) {
            der.turn_up_max = der.turn_down_max;
        }
        der.energy = to_watt_hours(element.energy);
        der.lat = element.lat;
        der.lon = element.lon;
        der.source_ref = element.source_ref();
        return der;
    }

    void add_limits(const Element& feeder) {
        if (feeder.rating.value <= 0.0) {
            return;
        }
        Limit limit;
        limit.asset = feeder.id;
        limit.source = source_;
        limit.verified_by = source_;
        std::vector<Phase> phases(live_phases.begin(), live_phases.end());
        double phase_kw = feeder.rating.value / 3.0;
        if (feeder.phase != Phase::sum) {
            phases = {feeder.phase};
            phase_kw = feeder.rating.value;
        }
        phases.push_back(Phase::sum);
        for (const Phase phase : phases) {
            limit.phase = phase;
            limit.value = phase == Phase::sum ? feeder.rating.value : phase_kw;
            if (const Result<void> added = network_.add(limit); !added) {
                faults_.add(feeder.line, Column::rating_kw, added.error().message);
                return;
            }
        }
    }

    std::vector<Element> elements_;
    std::string source_;
    Faults& faults_;
    Network network_;
};

}  // namespace

Result<Network> read_grid_csv(std::string_view text, std::string_view file_name) {
    Faults faults(file_name);
    CsvReader rows(text);
    const std::optional<CsvRow> first = rows.next();
    if (!first) {
        faults.add(rows.fault() ? rows.fault()->message : "the file is empty");
        return faults.as_error();
    }
    const Header header(*first, faults);
    if (!faults.empty()) {
        return faults.as_error();
    }

    std::vector<Element> elements;
    while (const std::optional<CsvRow> row = rows.next()) {
        if (row->fields.size() != header.width()) {
            faults.add("line " + std::to_string(row->line) + ": " + std::to_string(row->fields.size()) +
                       " fields, the header has " + std::to_string(header.width()));
            continue;
        }
        elements.push_back(RowReader(header, *row, faults).read());
    }
    if (rows.fault()) {
        faults.add(rows.fault()->message);
    }
    if (!faults.empty()) {
        return faults.as_error();  // whether parents are there cannot be said while rows are missing
    }
    Network network = Builder(std::move(elements), file_name, faults).build();
    if (!faults.empty()) {
        return faults.as_error();
    }
    return network;
}

}  // namespace headroom::grid
