#include "agents/sources/iec104_mapping.hpp"

#include "core/csv.hpp"
#include "core/ids.hpp"
#include "telemetry/validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <utility>

namespace headroom::agents {
namespace {

enum class Column : std::size_t {
    station,
    common_address,
    object_address,
    point_id,
    quantity,
    phase,
    scale,
    offset,
    deadband_class,
};
constexpr std::array<std::string_view, 9> column_names{"station",  "common_address", "object_address",
                                                       "point_id", "quantity",       "phase",
                                                       "scale",    "offset",         "deadband_class"};
constexpr std::size_t required_columns = 4;
constexpr std::size_t faults_told_max = 20;
constexpr double common_address_max = 65'534;  // 65535 is for all stations at once
constexpr double object_address_max = 16'777'215;
constexpr double factor_max = 1e9;

/// Reads the table row by row; what is wrong is collected.
class MappingReader {
  public:
    MappingReader(const std::string& file_name, const std::function<bool(std::string_view)>& is_known,
                  telemetry::PointRegistry& registry)
        : file_name_(file_name), is_known_(is_known), registry_(registry) {
        places_.fill(absent);
    }

    Result<std::map<std::string, Iec104Mapping>> read(std::string_view text) {
        CsvReader rows(text);
        const std::optional<CsvRow> header = rows.next();
        if (header) {
            read_header(*header);
        } else {
            add_fault("the file is empty");
        }
        if (faults_ == 0) {
            while (const std::optional<CsvRow> row = rows.next()) {
                read_row(*row);
            }
        }
        if (rows.fault()) {
            add_fault(rows.fault()->message);
        }
        if (faults_ > 0) {
            const std::size_t untold = faults_ > faults_told_max ? faults_ - faults_told_max : 0;
            return Error{Errc::invalid, file_name_ + ": " + told_ +
                                            (untold > 0 ? fmt::format("; and {} more", untold) : "")};
        }
        std::map<std::string, Iec104Mapping> mappings;
        for (auto& [station, objects] : objects_) {
            mappings.emplace(station, Iec104Mapping(std::move(objects)));
        }
        return mappings;
    }

  private:
    static constexpr std::size_t absent = std::numeric_limits<std::size_t>::max();

    void add_fault(const std::string& what) {
        if (faults_ < faults_told_max) {
            told_ += (faults_ == 0 ? "" : "; ") + what;
        }
        ++faults_;
    }
    void refuse(Column column, const std::string& what) {
        add_fault(fmt::format("line {}, column {}: {}", line_, column_names[static_cast<std::size_t>(column)],
                              what));
    }

    void read_header(const CsvRow& row) {
        width_ = row.fields.size();
        for (std::size_t place = 0; place < width_; ++place) {
            const std::string_view name = trim_blanks(row.fields[place]);
            const auto known = std::find(column_names.begin(), column_names.end(), name);
            if (known == column_names.end()) {
                add_fault("the column " + telemetry::quoted(name) + " is not known here");
                continue;
            }
            std::size_t& at = places_[static_cast<std::size_t>(known - column_names.begin())];
            if (at != absent) {
                add_fault("the column " + std::string(name) + " stands twice");
            }
            at = place;
        }
        for (std::size_t column = 0; column < required_columns; ++column) {
            if (places_[column] == absent) {
                add_fault("the column " + std::string(column_names[column]) + " is missing");
            }
        }
    }

    /// Empty for a column that the file does not have.
    std::string_view field(const CsvRow& row, Column column) const {
        const std::size_t place = places_[static_cast<std::size_t>(column)];
        return place == absent ? std::string_view{} : trim_blanks(row.fields[place]);
    }

    double number(const CsvRow& row, Column column, double min, double max, std::optional<double> otherwise) {
        const std::string_view text = field(row, column);
        if (text.empty() && otherwise) {
            return *otherwise;
        }
        const std::optional<double> value = parse_csv_number(text);
        if (!value || *value < min || *value > max) {
            refuse(column, fmt::format("{} is no number from {} to {}", telemetry::quoted(text), min, max));
            return min;
        }
        return *value;
    }
    double whole_number(const CsvRow& row, Column column, double min, double max) {
        const double value = number(row, column, min, max, std::nullopt);
        if (value != std::floor(value)) {
            refuse(column, fmt::format("{} is no whole number", value));
        }
        return std::floor(value);
    }

    void read_row(const CsvRow& row) {
        line_ = row.line;
        if (row.fields.size() != width_) {
            return add_fault(
                fmt::format("line {} has {} fields and not {}", line_, row.fields.size(), width_));
        }
        const std::size_t faults_before = faults_;
        const std::string station(field(row, Column::station));
        if (!is_valid_id(station)) {
            refuse(Column::station, telemetry::quoted(station) + " is no id");
        }
        Iec104Object object{
            .common_address =
                static_cast<std::uint16_t>(whole_number(row, Column::common_address, 1, common_address_max)),
            .object_address =
                static_cast<std::uint32_t>(whole_number(row, Column::object_address, 0, object_address_max)),
            .point = telemetry::no_point,
            .scale = number(row, Column::scale, -factor_max, factor_max, 1.0),
            .offset = number(row, Column::offset, -factor_max, factor_max, 0.0),
            .deadband_class = read_class(row),
            .switch_kind = read_switch(row)};
        const bool is_switch = object.switch_kind != SwitchKind::none;
        if (object.scale == 0.0) {
            refuse(Column::scale, "is 0, so that every value would be the same");
        }
        const telemetry::PointKey key = is_switch ? switch_place(row) : read_point(row);
        if (faults_ > faults_before) {
            return;
        }
        if (!addresses_.emplace(station, object.common_address, object.object_address).second) {
            return refuse(Column::object_address,
                          fmt::format("{}/{} of {} stands twice", object.common_address,
                                      object.object_address, station));
        }
        if (is_switch) {
            object.element = key.point_id;
            objects_[station].push_back(object);
            return;
        }
        object.point = registry_.intern(key);
        if (!points_.insert(object.point).second) {
            return refuse(Column::point_id, key.text() + " is measured by two objects");
        }
        objects_[station].push_back(object);
    }

    DeadbandClass read_class(const CsvRow& row) {
        const std::string_view word = field(row, Column::deadband_class);
        if (word == to_string(DeadbandClass::change)) {
            return DeadbandClass::change;
        }
        if (!word.empty() && word != to_string(DeadbandClass::cyclic)) {
            refuse(Column::deadband_class, telemetry::quoted(word) + " is not cyclic or change");
        }
        return DeadbandClass::cyclic;
    }

    SwitchKind read_switch(const CsvRow& row) const {
        const std::string_view word = field(row, Column::quantity);
        return word == "breaker" ? SwitchKind::breaker : word == "tie" ? SwitchKind::tie : SwitchKind::none;
    }

    telemetry::PointKey switch_place(const CsvRow& row) {
        for (const Column column : {Column::phase, Column::scale, Column::offset, Column::deadband_class}) {
            if (!field(row, column).empty()) {
                refuse(column, "a switch has none");
            }
        }
        telemetry::PointKey key{.point_id = std::string(field(row, Column::point_id))};
        if (!is_known_(key.point_id)) {
            refuse(Column::point_id, telemetry::quoted(key.point_id) + " is not in the grid");
        }
        return key;
    }

    telemetry::PointKey read_point(const CsvRow& row) {
        telemetry::PointKey key{.point_id = std::string(field(row, Column::point_id))};
        if (!is_known_(key.point_id)) {
            refuse(Column::point_id, telemetry::quoted(key.point_id) + " is not in the grid");
        }
        if (const std::string_view word = field(row, Column::quantity); !word.empty()) {
            const std::optional<grid::Quantity> quantity = grid::parse_quantity(word);
            if (!quantity) {
                refuse(Column::quantity, telemetry::quoted(word) + " is no quantity and no switch");
            }
            key.quantity = quantity.value_or(grid::Quantity::p_kw);
        }
        if (const std::string_view word = field(row, Column::phase); !word.empty()) {
            const std::optional<grid::Phase> phase = grid::parse_phase(word);
            if (!phase) {
                refuse(Column::phase, telemetry::quoted(word) + " is not L1, L2, L3, N or sum");
            }
            key.phase = phase.value_or(grid::Phase::sum);
        }
        return key;
    }

    const std::string& file_name_;
    const std::function<bool(std::string_view)>& is_known_;
    telemetry::PointRegistry& registry_;
    std::array<std::size_t, column_names.size()> places_{};
    std::size_t width_ = 0;
    std::size_t line_ = 0;
    std::size_t faults_ = 0;
    std::string told_;
    std::set<std::tuple<std::string, std::uint16_t, std::uint32_t>> addresses_;
    std::set<telemetry::PointRef> points_;
    std::map<std::string, std::vector<Iec104Object>> objects_;
};

bool is_before(const Iec104Object& object, const std::pair<std::uint16_t, std::uint32_t>& address) {
    return std::pair(object.common_address, object.object_address) < address;
}

}  // namespace

std::string_view to_string(DeadbandClass deadband_class) {
    return deadband_class == DeadbandClass::cyclic ? "cyclic" : "change";
}

Iec104Mapping::Iec104Mapping(std::vector<Iec104Object> objects) : objects_(std::move(objects)) {
    std::sort(objects_.begin(), objects_.end(), [](const Iec104Object& a, const Iec104Object& b) {
        return is_before(a, {b.common_address, b.object_address});
    });
}

const Iec104Object* Iec104Mapping::find(std::uint16_t common_address, std::uint32_t object_address) const {
    const std::pair address(common_address, object_address);
    const auto found = std::lower_bound(objects_.begin(), objects_.end(), address, is_before);
    return found != objects_.end() && std::pair(found->common_address, found->object_address) == address
               ? &*found
               : nullptr;
}

std::vector<std::uint16_t> Iec104Mapping::common_addresses() const {
    std::vector<std::uint16_t> addresses;
    for (const Iec104Object& object : objects_) {
        if (addresses.empty() || addresses.back() != object.common_address) {
            addresses.push_back(object.common_address);
        }
    }
    return addresses;
}

Result<std::map<std::string, Iec104Mapping>> read_iec104_mapping(
    std::string_view text, const std::string& file_name,
    const std::function<bool(std::string_view point_id)>& is_known, telemetry::PointRegistry& registry) {
    return MappingReader(file_name, is_known, registry).read(text);
}

}  // namespace headroom::agents
