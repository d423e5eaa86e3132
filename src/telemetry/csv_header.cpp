#include "telemetry/csv_header.hpp"

#include "core/csv.hpp"
#include "core/small_letters.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

namespace headroom::telemetry {
namespace {

using grid::Quantity;

enum class Role : std::uint8_t { time, place, feeder, phase, unit, value, passed_over };

struct KnownColumn {
    std::string_view name;
    Role role = Role::passed_over;
    Quantity quantity = Quantity::p_kw;
    double factor = 1.0;
    CsvPart part = CsvPart::site;
};

constexpr std::array own_columns{KnownColumn{"feeder_id", Role::place}, KnownColumn{"feeder", Role::place},
                                 KnownColumn{"timestamp", Role::time},  KnownColumn{"ts", Role::time},
                                 KnownColumn{"kw", Role::value},        KnownColumn{"phase", Role::phase}};

constexpr std::array lv_gb_columns{
    KnownColumn{"timestamp", Role::time}, KnownColumn{"substation", Role::place},
    KnownColumn{"feeder", Role::feeder}, KnownColumn{"phase", Role::phase}, KnownColumn{"kw", Role::value}};

// The publisher names the same measurement differently from site to site.
constexpr std::array nged_flow_columns{KnownColumn{"valuedate", Role::time},
                                       KnownColumn{"mw inst", Role::value, Quantity::p_kw, 1000.0},
                                       KnownColumn{"mw", Role::value, Quantity::p_kw, 1000.0},
                                       KnownColumn{"mvar inst", Role::value, Quantity::q_kvar, 1000.0},
                                       KnownColumn{"mvar", Role::value, Quantity::q_kvar, 1000.0},
                                       KnownColumn{"derived mva", Role::value, Quantity::s_kva, 1000.0},
                                       KnownColumn{"mva", Role::value, Quantity::s_kva, 1000.0},
                                       KnownColumn{"current inst", Role::value, Quantity::i_a, 1.0},
                                       KnownColumn{"amps", Role::value, Quantity::i_a, 1.0},
                                       KnownColumn{"volts inst", Role::value, Quantity::v_v, 1000.0},
                                       KnownColumn{"volts", Role::value, Quantity::v_v, 1000.0}};

constexpr std::array nged_long_columns{KnownColumn{"site", Role::place}, KnownColumn{"time", Role::time},
                                       KnownColumn{"unit", Role::unit}, KnownColumn{"value", Role::value}};

// A generator's output is load with its sign turned.
constexpr std::array stentaway_columns{
    KnownColumn{"timestamp_utc", Role::time}, KnownColumn{"demand_mw", Role::value, Quantity::p_kw, 1000.0},
    KnownColumn{"pv_power_mw", Role::value, Quantity::p_kw, -1000.0, CsvPart::pv},
    KnownColumn{"irradiance_wm2"}, KnownColumn{"panel_temp_c"}};

constexpr std::array nl_columns{KnownColumn{"timestamp_utc", Role::time},
                                KnownColumn{"net_load_mw", Role::value, Quantity::p_kw, 1000.0},
                                KnownColumn{"solar_mw", Role::value, Quantity::p_kw, 1000.0, CsvPart::solar},
                                KnownColumn{"wind_mw", Role::value, Quantity::p_kw, 1000.0, CsvPart::wind},
                                KnownColumn{"radiation"},
                                KnownColumn{"windspeed_100m"},
                                KnownColumn{"lat"},
                                KnownColumn{"lon"}};

struct KnownHeader {
    CsvFormat format;
    std::string_view name;
    std::span<const KnownColumn> columns;
    std::string_view example;
};

constexpr std::array<KnownHeader, 6> known_headers{
    {{CsvFormat::own, "own", own_columns, "feeder_id,timestamp,kw[,phase] (also feeder, ts)"},
     {CsvFormat::lv_gb, "lv_gb", lv_gb_columns, "timestamp,substation,feeder,phase,kw"},
     {CsvFormat::nged_flows, "nged_flows", nged_flow_columns,
      "ValueDate with any of MW, MVAr, MVA, Amps, Volts (or MW Inst, MVAr Inst, Derived MVA, Current Inst, "
      "Volts Inst)"},
     {CsvFormat::nged_long, "nged_long", nged_long_columns, "site,time,unit,value"},
     {CsvFormat::stentaway, "stentaway", stentaway_columns,
      "timestamp_utc,demand_mw[,pv_power_mw,irradiance_wm2,panel_temp_c]"},
     {CsvFormat::nl_substations, "nl_substations", nl_columns,
      "timestamp_utc,net_load_mw[,solar_mw,wind_mw,radiation,windspeed_100m,lat,lon]"}}};

struct NamedUnit {
    std::string_view name;
    CsvUnit unit;
};
constexpr std::array<NamedUnit, 11> units{{{"mw", {Quantity::p_kw, 1000.0}},
                                           {"kw", {Quantity::p_kw, 1.0}},
                                           {"mvar", {Quantity::q_kvar, 1000.0}},
                                           {"kvar", {Quantity::q_kvar, 1.0}},
                                           {"mva", {Quantity::s_kva, 1000.0}},
                                           {"kva", {Quantity::s_kva, 1.0}},
                                           {"amps", {Quantity::i_a, 1.0}},
                                           {"a", {Quantity::i_a, 1.0}},
                                           {"volts", {Quantity::v_v, 1.0}},
                                           {"v", {Quantity::v_v, 1.0}},
                                           {"kv", {Quantity::v_v, 1000.0}}}};

constexpr std::size_t header_shown_bytes = 160;

std::string name_of(std::string_view header) {
    return small_letters(trim_blanks(header));
}

/// Whether `field` is the first of its role; a role can be held once.
bool claim(std::size_t& role, std::size_t field) {
    return std::exchange(role, field) == no_field;
}

bool place_column(const KnownColumn& known, std::size_t field, CsvLayout& layout) {
    switch (known.role) {
        case Role::time:
            return claim(layout.time, field);
        case Role::place:
            return claim(layout.place, field);
        case Role::feeder:
            return claim(layout.feeder, field);
        case Role::phase:
            return claim(layout.phase, field);
        case Role::unit:
            return claim(layout.unit, field);
        case Role::value: {
            const bool is_new =
                std::none_of(layout.columns.begin(), layout.columns.end(), [&known](const CsvColumn& column) {
                    return column.quantity == known.quantity && column.part == known.part;
                });
            layout.columns.push_back({field, known.quantity, known.factor, known.part});
            return is_new;
        }
        case Role::passed_over:
            return true;
    }
    HEADROOM_ASSERT(false && "a column without a role");
    return false;
}

bool has_role(const KnownHeader& known, Role role) {
    return std::any_of(known.columns.begin(), known.columns.end(),
                       [role](const KnownColumn& column) { return column.role == role; });
}

/// Whether what rows of this format cannot do without is there. A phase may be missing in our own files only.
bool is_complete(const KnownHeader& known, const CsvLayout& layout) {
    const bool has_site_value =
        std::any_of(layout.columns.begin(), layout.columns.end(),
                    [](const CsvColumn& column) { return column.part == CsvPart::site; });
    return layout.time != no_field && has_site_value &&
           (layout.place != no_field || !has_role(known, Role::place)) &&
           (layout.feeder != no_field || !has_role(known, Role::feeder)) &&
           (layout.unit != no_field || !has_role(known, Role::unit)) &&
           (layout.phase != no_field || known.format != CsvFormat::lv_gb);
}

std::optional<CsvLayout> match(const KnownHeader& known, std::span<const std::string> names) {
    CsvLayout layout;
    layout.format = known.format;
    layout.fields = names.size();
    for (std::size_t field = 0; field < names.size(); ++field) {
        const auto column =
            std::find_if(known.columns.begin(), known.columns.end(),
                         [&](const KnownColumn& candidate) { return candidate.name == names[field]; });
        if (column == known.columns.end() || !place_column(*column, field, layout)) {
            return std::nullopt;
        }
    }
    return is_complete(known, layout) ? std::optional(std::move(layout)) : std::nullopt;
}

}  // namespace

std::string_view to_string(CsvFormat format) {
    return known_headers[static_cast<std::size_t>(format)].name;
}

Result<CsvLayout> recognise_header(std::span<const std::string_view> header, std::string_view file_name) {
    std::vector<std::string> names;
    names.reserve(header.size());
    std::transform(header.begin(), header.end(), std::back_inserter(names), name_of);
    for (const KnownHeader& known : known_headers) {
        if (std::optional<CsvLayout> layout = match(known, names)) {
            return *std::move(layout);
        }
    }

    std::string shown;
    for (const std::string_view name : header) {
        shown += shown.empty() ? "" : ",";
        shown += name;
    }
    if (shown.size() > header_shown_bytes) {
        shown.resize(header_shown_bytes);
        shown += "…";
    }
    const bool is_weather = std::any_of(names.begin(), names.end(), [](const std::string& name) {
        return name.starts_with("temp_location") || name.starts_with("solar_location");
    });
    std::string message = std::string(file_name) + ": the header '" + shown + "' is " +
                          (is_weather ? "that of weather, not of readings" : "not one of readings") + "; " +
                          expected_headers();
    return Error{Errc::invalid, std::move(message)};
}

std::string expected_headers() {
    std::string message = "expected one of:";
    for (const KnownHeader& known : known_headers) {
        message += message.ends_with(':') ? " " : "; ";
        message += known.example;
    }
    return message;
}

const CsvUnit* find_unit(std::string_view text) {
    const std::string small = name_of(text);
    const auto found =
        std::find_if(units.begin(), units.end(), [&](const NamedUnit& unit) { return unit.name == small; });
    return found == units.end() ? nullptr : &found->unit;
}

}  // namespace headroom::telemetry
