#pragma once

#include "core/json.hpp"
#include "core/reflect.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace headroom::desk {

/// The tightest half-hour ahead.
struct ExpectedAnswer {
    double quantile = 0.0;
    double peak_kw = 0.0;
    double limit_kw = 0.0;
    std::string phase = {};
    UtcTime at{};
    double over_kw = 0.0;
    double covered_kw = 0.0;
};

struct FeederAnswer {
    std::string feeder_id = {};
    std::string name = {};
    std::string kind = {};
    std::string level = {};
    std::string parent_id = {};
    std::string primary_id = {};
    double lat = 0.0;
    double lon = 0.0;
    std::optional<double> rating_kw = {};
    std::string phase = {};
    std::optional<double> load_kw = {};
    std::optional<double> limit_kw = {};
    std::optional<double> headroom_kw = {};
    std::optional<double> headroom_share = {};
    std::optional<UtcTime> at = {};
    std::optional<double> age_s = {};
    std::string source = {};
    std::string quality = {};
    bool stale = true;
    std::string state = {};
    bool held = false;
    std::optional<ExpectedAnswer> expected = {};
    std::optional<std::string> event_id = {};
};

struct LimitAnswer {
    std::string quantity = {};
    std::string phase = {};
    std::string direction = {};
    std::string kind = {};
    double value = 0.0;
    std::string unit = {};
    std::string source = {};
    std::string verified_by = {};
};

struct PointAnswer {
    std::string point_id = {};
    std::optional<std::string> feeder_id = {};
    std::optional<std::string> der_id = {};
    std::string quantity = {};
    std::string phase = {};
    std::optional<double> load_kw = {};
    std::optional<UtcTime> at = {};
    std::string quality = {};
    std::string source = {};
    std::optional<double> limit_kw = {};
    std::int64_t readings = 0;
};

struct DerAnswer {
    std::string der_id = {};
    std::string name = {};
    std::string der_class = {};
    std::string phase = {};
    double turn_down_max_kw = 0.0;
    double turn_up_max_kw = 0.0;
    std::optional<double> energy_kwh = {};
    std::optional<double> load_kw = {};
};

/// What the detail of a feeder has besides the feeder itself.
struct FeederPartsAnswer {
    std::vector<LimitAnswer> limits = {};
    std::vector<PointAnswer> points = {};
    std::vector<DerAnswer> ders = {};
    std::vector<std::string> events = {};
};

struct SubstationAnswer {
    std::string substation_id = {};
    std::string name = {};
    std::string kind = {};
    std::string parent_id = {};
    double lat = 0.0;
    double lon = 0.0;
    std::optional<double> rating_kw = {};
};

}  // namespace headroom::desk

namespace headroom {

template <>
struct Fields<desk::ExpectedAnswer> {
    using T = desk::ExpectedAnswer;
    static constexpr std::string_view name = "Expected";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("quantile", &T::quantile, "Quantile of the forecast that alarms are raised at."),
        field("peak_kw", &T::peak_kw,
              "Load at that quantile in the half-hour nearest to its limit, or most over it.",
              {.unit = "kW"}),
        field("limit_kw", &T::limit_kw, "Limit of the phase.", {.unit = "kW"}),
        field("phase", &T::phase, "L1, L2, L3 or sum."), field("at", &T::at, "Start of that half-hour."),
        field("over_kw", &T::over_kw, "Load above the limit; 0 within it.", {.unit = "kW"}),
        field("covered_kw", &T::covered_kw, "Relief contracted for that half-hour on that phase.",
              {.unit = "kW"}));
};

template <>
struct Fields<desk::FeederAnswer> {
    using T = desk::FeederAnswer;
    static constexpr std::string_view name = "Feeder";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("feeder_id", &T::feeder_id, "Our id of the feeder."),
        field("name", &T::name, "Name in the grid file."),
        field("kind", &T::kind, "Class of customers: domestic, commercial, mixed …"),
        field("level", &T::level, "hv when substations hang below it, else lv."),
        field("parent_id", &T::parent_id, "Substation it leaves; empty when that is not known."),
        field("primary_id", &T::primary_id, "Topmost substation above it; empty when there is none."),
        field("lat", &T::lat, "Latitude, WGS 84.", {.unit = "°"}),
        field("lon", &T::lon, "Longitude, WGS 84.", {.unit = "°"}),
        field("rating_kw", &T::rating_kw, "Of all phases together; null when unknown.", {.unit = "kW"}),
        field("phase", &T::phase,
              "The phase with the least headroom: L1, L2, L3 or sum; empty when nothing is known."),
        field("load_kw", &T::load_kw, "Its newest usable reading, import positive.", {.unit = "kW"}),
        field("limit_kw", &T::limit_kw, "Its limit.", {.unit = "kW"}),
        field("headroom_kw", &T::headroom_kw, "Limit minus load; negative when it is exceeded.",
              {.unit = "kW"}),
        field("headroom_share", &T::headroom_share, "Headroom as a share of the limit."),
        field("at", &T::at, "End of the reading's interval."),
        field("age_s", &T::age_s, "Age of the reading in domain time.", {.unit = "s"}),
        field("source", &T::source, "Where the reading came from."),
        field("quality", &T::quality, "measured, estimated or substituted."),
        field("stale", &T::stale, "Too old to act upon by ourselves (15 minutes), or never read."),
        field("state", &T::state,
              "Operational state: normal, abnormal, outage, isolated, permit, restoring."),
        field("held", &T::held, "A control engineer has taken the feeder: nothing is sent."),
        field("expected", &T::expected,
              "The tightest half-hour that the forecast sees; null without a forecast."),
        field("event_id", &T::event_id, "The newest event of the feeder that is not over."));
};

template <>
struct Fields<desk::LimitAnswer> {
    using T = desk::LimitAnswer;
    static constexpr std::string_view name = "Limit";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("quantity", &T::quantity, "p_kw, i_a …"), field("phase", &T::phase, "L1, L2, L3, N or sum."),
        field("direction", &T::direction, "import or export."),
        field("kind", &T::kind, "continuous, cyclic, emergency, fuse, protection, voltage or contract."),
        field("value", &T::value, "In `unit`."), field("unit", &T::unit, "kW, A …"),
        field("source", &T::source, "Where the value comes from."),
        field("verified_by", &T::verified_by, "Empty: nobody verified it, so it never allows acting."));
};

template <>
struct Fields<desk::PointAnswer> {
    using T = desk::PointAnswer;
    static constexpr std::string_view name = "Point";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("point_id", &T::point_id, "Place, quantity and phase: F-001/p_kw/L1."),
        field("feeder_id", &T::feeder_id, "The feeder it belongs to, unless it is a DER's."),
        field("der_id", &T::der_id, "The DER it belongs to, unless it is a feeder's."),
        field("quantity", &T::quantity, "p_kw, i_a …"), field("phase", &T::phase, "L1, L2, L3, N or sum."),
        field("load_kw", &T::load_kw, "Newest usable reading, in the quantity's unit.", {.unit = "kW"}),
        field("at", &T::at, "End of its interval."),
        field("quality", &T::quality, "measured, estimated or substituted."),
        field("source", &T::source, "Where it came from."),
        field("limit_kw", &T::limit_kw, "Import limit of the point, when it has one.", {.unit = "kW"}),
        field("readings", &T::readings, "Readings taken since start."));
};

template <>
struct Fields<desk::DerAnswer> {
    using T = desk::DerAnswer;
    static constexpr std::string_view name = "Der";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("der_id", &T::der_id, "Our id of the resource."),
        field("name", &T::name, "Name in the grid file."),
        field("class", &T::der_class, "battery, ev_charger, heat_pump, hvac, generator, compute or other."),
        field("phase", &T::phase, "L1, L2, L3, or sum for a balanced three-phase one."),
        field("turn_down_max_kw", &T::turn_down_max_kw, "Largest reduction of import.", {.unit = "kW"}),
        field("turn_up_max_kw", &T::turn_up_max_kw, "Largest increase of import.", {.unit = "kW"}),
        field("energy_kwh", &T::energy_kwh, "Store behind it; null when it is not limited by energy.",
              {.unit = "kWh"}),
        field("load_kw", &T::load_kw, "Newest usable reading of its own meter.", {.unit = "kW"}));
};

template <>
struct Fields<desk::FeederPartsAnswer> {
    using T = desk::FeederPartsAnswer;
    static constexpr std::string_view name = "FeederParts";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("limits", &T::limits, "Every limit of the feeder."),
        field("points", &T::points, "What is measured on it."), field("ders", &T::ders, "Resources on it."),
        field("events", &T::events, "Ids of its events, newest first."));
};

template <>
struct Fields<desk::SubstationAnswer> {
    using T = desk::SubstationAnswer;
    static constexpr std::string_view name = "Substation";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("substation_id", &T::substation_id, "Our id."),
        field("name", &T::name, "Name in the grid file."), field("kind", &T::kind, "primary, secondary …"),
        field("parent_id", &T::parent_id, "Feeder or substation that supplies it; empty at the top."),
        field("lat", &T::lat, "Latitude, WGS 84.", {.unit = "°"}),
        field("lon", &T::lon, "Longitude, WGS 84.", {.unit = "°"}),
        field("rating_kw", &T::rating_kw, "Null when unknown.", {.unit = "kW"}));
};

}  // namespace headroom
