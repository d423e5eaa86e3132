#pragma once

#include "scenario/event_weather.hpp"
#include "scenario/projection.hpp"
#include "scenario/run_result.hpp"
#include "scenario/thermal.hpp"
#include "scenario/transfer.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace headroom::scenario {

/// Runs a transformer's temperatures through the window and writes its hot spot's highest of each half-hour;
/// fills the thermal members of `outcome`. Starts in balance with the first half-hour.
class ThermalRun {
  public:
    explicit ThermalRun(std::span<const double> air_c);
    void follow(const Asset& asset, std::span<const float> load_kw, std::span<float> hot_spot_c,
                AssetOutcome& outcome) const;

  private:
    static constexpr std::size_t steps = 3;  ///< in a half-hour: the fast part overshoots within it
    std::span<const double> air_c_;
    std::array<ThermalModel, 3> models_;
};

/// Fills in peak, time over, energies and loadings of an asset from its curves.
void measure(const Scenario& scenario, std::size_t asset, CurveBook& book, AssetOutcome& outcome);

/// What deserves attention, most severe first: everything from MEDIUM up, what is loaded to
/// `watched_loading_percent` or more, and what flood or storm may put out; the most heavily loaded asset when
/// there is nothing else.
[[nodiscard]] std::vector<Risk> rank_risks(const Scenario& scenario, std::span<const Asset> assets,
                                           const ScenarioWeather& weather,
                                           std::span<const AssetOutcome> outcomes,
                                           std::span<const ProjectionNote> notes,
                                           const std::vector<std::string>& weather_sources);

inline constexpr double watched_loading_percent = 75.0;
inline constexpr double watched_outage_probability = 0.03;

}  // namespace headroom::scenario
