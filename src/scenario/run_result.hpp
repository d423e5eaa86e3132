#pragma once

#include "core/time.hpp"
#include "scenario/asset.hpp"
#include "scenario/scenario.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::scenario {

/// By peak loading in percent: critical > 120, high > 105, medium ≥ 95, low below that, but watched. In a
/// flood or storm also by the probability of being put out of service. Source: shared HTTP contract.
enum class RiskLevel : std::uint8_t { low, medium, high, critical };
[[nodiscard]] std::string_view to_string(RiskLevel level);  ///< "LOW", "MEDIUM", "HIGH", "CRITICAL"
[[nodiscard]] std::optional<RiskLevel> parse_risk_level(std::string_view text);
/// Precondition: finite.
[[nodiscard]] RiskLevel level_of_loading(double loading_percent);

/// An asset that deserves attention in the scenario.
struct Risk {
    std::string asset_id;
    RiskLevel risk_level = RiskLevel::low;
    std::string reason;
    std::string expected_impact;
    double projected_peak_kw = 0.0;
    double loading_percent = 0.0;  ///< at its highest, of the rating of that half-hour
    UtcTime peak_time{};           ///< start of the half-hour of the highest loading
    double headroom_kw = 0.0;      ///< rating minus load then; negative = overloaded
    double over_hours = 0.0;
    double energy_over_kwh = 0.0;
    double outage_probability = 0.0;  ///< from flood or storm, 0 to 1
    std::vector<std::string> data_sources;
    bool operator==(const Risk&) const = default;
};

/// One asset over the window.
struct AssetOutcome {
    std::string asset_id;
    double peak_kw = 0.0;               ///< load at the highest loading; export counts by its size
    double peak_rating_kw = 0.0;        ///< rating of that half-hour
    double loading_percent = 0.0;       ///< highest
    double loading_low_percent = 0.0;   ///< the same half-hour at the 10th percentile of load
    double loading_high_percent = 0.0;  ///< and at the 90th
    UtcTime peak_time{};
    double headroom_kw = 0.0;
    double over_hours = 0.0;  ///< time above the rating
    double energy_over_kwh = 0.0;
    double energy_kwh = 0.0;           ///< of the whole window, import positive
    double hot_spot_max_c = 0.0;       ///< 0 where nothing thermal is followed
    double loss_of_life_hours = 0.0;   ///< hours of normal life used up in the window (98 °C = 1 h/h)
    double relative_ageing_max = 0.0;  ///< fastest rate of it
    double outage_probability = 0.0;
    double unserved_kwh = 0.0;     ///< load that lost elements leave without supply
    double transferred_kwh = 0.0;  ///< load taken over from lost elements, or given away (negative)
    bool is_lost = false;
    bool operator==(const AssetOutcome&) const = default;
};

/// Half-hours of a day of 24 hours.
inline constexpr std::size_t day_periods = 48;
/// A half-hour, in hours.
inline constexpr double half_hour_h = 0.5;

/// Half-hourly curves of all assets, one after the other: [asset][period].
struct Curves {
    std::size_t periods = 0;
    std::vector<float> load_kw;
    std::vector<float> low_kw;   ///< 10th percentile
    std::vector<float> high_kw;  ///< 90th
    std::vector<float> rating_kw;
    std::vector<float> hot_spot_c;  ///< at its highest within the half-hour; 0 where not followed

    [[nodiscard]] std::span<const float> of(const std::vector<float>& curve, std::size_t asset) const {
        return std::span(curve).subspan(asset * periods, periods);
    }
    bool operator==(const Curves&) const = default;
};

/// What could be done about an element that is lost or overloaded.
enum class Remedy : std::uint8_t { do_nothing, reconfigure, dispatch, both };
[[nodiscard]] std::string_view to_string(Remedy remedy);

struct SwitchMove {
    std::string to;
    double peak_kw = 0.0;  ///< moved in the half-hour of the element's highest load
    double share = 0.0;    ///< of the element's load, all window
    bool operator==(const SwitchMove&) const = default;
};

struct RemedyOutcome {
    Remedy remedy = Remedy::do_nothing;
    std::vector<SwitchMove> moves;
    double dispatch_kw = 0.0;  ///< largest turn-down or local generation that has to be called
    double dispatch_kwh = 0.0;
    double unserved_kwh = 0.0;     ///< that remains
    double energy_over_kwh = 0.0;  ///< above ratings that remains, on the element and those that take over
    double loading_percent = 0.0;  ///< highest of the element and those that take over
    bool operator==(const RemedyOutcome&) const = default;
};

struct Alternatives {
    std::string asset_id;
    bool is_lost = false;  ///< otherwise overloaded
    std::vector<RemedyOutcome> remedies;
    bool operator==(const Alternatives&) const = default;
};

/// The weather after the event was imposed, by half-hour.
struct EventWeather {
    std::vector<double> temperature_c;
    std::vector<double> radiation_w_per_m2;
    std::vector<double> rain_mm;
    std::vector<double> wind_m_per_s;
    bool operator==(const EventWeather&) const = default;
};

/// What a run found.
struct RunResult {
    Scenario scenario;
    std::uint64_t seed = 0;
    bool hypothetical = false;  ///< the event does not happen in this season
    std::string hypothetical_reason;
    std::vector<std::string> data_sources;
    EventWeather weather;
    std::vector<AssetOutcome> outcomes;  ///< in the order of the assets given
    Curves curves;
    std::vector<Risk> risks;  ///< most severe first
    std::vector<Alternatives> alternatives;
    bool operator==(const RunResult&) const = default;
};

}  // namespace headroom::scenario
