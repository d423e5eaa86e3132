#pragma once

#include "core/random.hpp"
#include "scenario/class_profiles.hpp"
#include "scenario/event_weather.hpp"
#include "scenario/history_model.hpp"
#include "scenario/topology.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace headroom::scenario {

/// Where the curves of one asset are written, one value a half-hour.
struct LoadRows {
    std::span<float> load_kw;
    std::span<float> low_kw;
    std::span<float> high_kw;
};

/// Where an asset's projection came from.
enum class Basis : std::uint8_t { history, class_profile, chargers, sunshine, battery_cycle };

struct ProjectionNote {
    Basis basis = Basis::class_profile;
    bool assumed_peak = false;    ///< its yearly peak was assumed from its capacity
    bool assumed_mix = false;     ///< so was what its load is made of
    std::string history_refused;  ///< why its own history could not be used; empty otherwise
};

/// Projects the load of assets in one scenario. Keeps what all of them share; makes no allocation for an
/// asset without a history.
class Projection {
  public:
    Projection(const Scenario& scenario, const ScenarioWeather& weather, double lat, double lon,
               std::uint64_t seed);

    /// The asset's load that comes from itself: from its history, or the part of its yearly peak that
    /// `fed_peak_kw` (what it feeds, at its usual peak, as it arrives here) does not explain. What it feeds
    /// is added by the caller. Rows are overwritten; low ≤ load at the median ≤ high.
    ProjectionNote project(const Asset& asset, double fed_peak_kw, const LoadRows& rows) const;

    /// Load of the asset and all it feeds in a usual year's highest half-hour, as it is taken to be.
    [[nodiscard]] double usual_peak_kw(const Asset& asset, double fed_peak_kw) const;

    /// Output of 1 kW of installed sun in each half-hour, heat of the cells counted.
    [[nodiscard]] std::span<const double> sun_pu() const { return sun_pu_; }

  private:
    void add_history(const Asset& asset, const HistoryModel& model, const LoadRows& rows) const;
    void add_profile(const Asset& asset, double fed_peak_kw, const LoadRows& rows,
                     ProjectionNote& note) const;
    void add_chargers(const Asset& asset, const LoadRows& rows) const;
    void add_cooled_area(const Asset& asset, const LoadRows& rows) const;
    void add_sunshine(double installed_kw, const LoadRows& rows) const;
    void add_battery(const Asset& asset, const LoadRows& rows) const;
    /// Adds `kw` at the wanted quantile of a lognormal of that spread, and the band around it.
    void add(const LoadRows& rows, std::size_t i, double kw, double spread) const;
    [[nodiscard]] bool is_out(const Asset& asset) const;
    [[nodiscard]] double own_parts_peak_kw(const Asset& asset) const;

    const Scenario& scenario_;
    const ScenarioWeather& weather_;
    Random random_;
    std::size_t periods_;
    double quantile_z_;
    ClassTable table_;
    std::vector<DaySlot> slots_;
    std::vector<double> sun_pu_;
    double ev_factor_;
};

/// Share of the installed power that `count` charging stations draw together at their busiest: 1 for one,
/// 0.30 and a part that falls with the root of their number. Own fit to what trials of home and public
/// charging report (Electric Nation, My Electric Avenue: about 1/3 and less beyond 50).
[[nodiscard]] double charging_coincidence(std::int64_t count);
/// Power of one charging station where the asset does not say: the usual size (7.4, 22, 50, 150 kW) next
/// below its share of the connection.
[[nodiscard]] double usual_charger_kw(const Asset& asset);

}  // namespace headroom::scenario
