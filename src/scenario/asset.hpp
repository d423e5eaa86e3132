#pragma once

#include "core/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::scenario {

/// What an asset is. `other` is a customer or plant of a kind that has no word here.
enum class AssetType : std::uint8_t {
    substation,
    feeder,
    ev_hub,
    solar_farm,
    battery,
    data_centre,
    heat_network,
    building,
    hospital,
    other,
};
enum class Criticality : std::uint8_t { low, medium, high };
/// How an element warms up under load. Transformers by their cooling (IEC 60076-7, table 4): `onan` small
/// distribution transformers, `onaf` and `ofaf` medium and large ones. `none` = not followed.
enum class ThermalKind : std::uint8_t { none, onan, onaf, ofaf, cable, overhead_line };

[[nodiscard]] std::string_view to_string(AssetType type);
[[nodiscard]] std::string_view to_string(Criticality criticality);
[[nodiscard]] std::string_view to_string(ThermalKind kind);
[[nodiscard]] std::optional<AssetType> parse_asset_type(std::string_view text);
[[nodiscard]] std::optional<Criticality> parse_criticality(std::string_view text);
[[nodiscard]] std::optional<ThermalKind> parse_thermal_kind(std::string_view text);

/// The classes of load that an asset's demand is made of, in the order of `LoadMix::shares`.
enum class LoadClass : std::uint8_t {
    domestic,
    electric_heating,
    commercial,  ///< offices and shops: cooling is what weather changes in them
    industrial,
    ev_charging,
    data_centre,
};
inline constexpr std::size_t load_class_count = 6;
[[nodiscard]] std::string_view to_string(LoadClass load_class);

/// Of what an asset's yearly peak is made. Shares need not add up to 1: only their proportions count. All 0 =
/// unknown: the usual mix of the asset's type is assumed, and the result says so.
struct LoadMix {
    double domestic = 0.0;
    double electric_heating = 0.0;
    double commercial = 0.0;
    double industrial = 0.0;
    double ev_charging = 0.0;
    double data_centre = 0.0;

    [[nodiscard]] std::array<double, load_class_count> shares() const {
        return {domestic, electric_heating, commercial, industrial, ev_charging, data_centre};
    }
    bool operator==(const LoadMix&) const = default;
};

/// What the owner says may be carried; 0 = not stated: derived from `capacity_kw`, the thermal kind and the
/// air temperature.
struct SeasonalRatings {
    double summer_kw = 0.0;         ///< May to August
    double winter_kw = 0.0;         ///< December to February
    double spring_autumn_kw = 0.0;  ///< the other months; 0 = between summer's and winter's
    double cyclic_kw = 0.0;         ///< with the usual daily cycle of load, all year; shown, never rated by
    bool operator==(const SeasonalRatings&) const = default;
};

/// A normally open switch over which load can move to another asset.
struct OpenPoint {
    std::string to;        ///< id of the asset that takes the load
    double move_kw = 0.0;  ///< as much as the tie carries
    bool operator==(const OpenPoint&) const = default;
};

/// Half-hourly means of an asset's own load with the weather that went with it; null = not known. The
/// lists are equally long (or empty: not known at all).
struct History {
    UtcTime start{};  ///< of the first half-hour, on the period grid
    std::vector<std::optional<double>> load_kw;
    std::vector<std::optional<double>> temperature_c;
    std::vector<std::optional<double>> radiation_w_per_m2;
    std::vector<std::optional<double>> wind_m_per_s = {};
    std::string source;
    bool operator==(const History&) const = default;
};

/// A thing in the network that a scenario is run over. Import to load is positive.
struct Asset {
    std::string id;  ///< [A-Za-z0-9][A-Za-z0-9._-]{0,63}
    std::string name;
    AssetType type = AssetType::other;
    double lat = 0.0;
    double lon = 0.0;
    double capacity_kw = 0.0;  ///< nameplate, > 0; of a solar farm its export at 1,000 W/m² and 25 °C
    Criticality criticality = Criticality::medium;
    std::vector<std::string> places;     ///< the places it belongs to: "London", "Greater London"
    int flood_zone = 0;                  ///< England's zones 1, 2, 3; 0 = unknown
    std::vector<std::string> feeds;      ///< ids of the assets that are fed from it
    std::vector<OpenPoint> open_points;  ///< where its load can move
    std::int64_t num_charging_stations = 0;
    double charger_kw = 0.0;       ///< of one charging station; 0 = the usual size below its share
    double surface_area_m2 = 0.0;  ///< cooled floor area behind it
    double energy_kwh = 0.0;       ///< of a battery
    double peak_kw = 0.0;          ///< load in a usual year's highest half-hour; 0 = assumed by type
    double solar_kw = 0.0;         ///< generation behind it, installed
    LoadMix mix;
    SeasonalRatings ratings;
    ThermalKind thermal = ThermalKind::none;
    std::optional<History> history;
    std::string source;         ///< where the data come from: "UK Power Networks open data", a file's name
    std::string source_ref;     ///< the foreign name, when it was not a valid id
    bool illustrative = false;  ///< made up to be plausible, not the network's real data
    bool operator==(const Asset&) const = default;
};

/// Bounds of what an asset may say; asset_fields.hpp holds them at every door, `check` in `run`.
inline constexpr double asset_kw_max = 1e7;
inline constexpr double asset_area_m2_max = 1e8;
inline constexpr std::size_t asset_links_max = 4096;
inline constexpr std::size_t history_half_hours_max = 48UL * 366 * 3;

}  // namespace headroom::scenario
