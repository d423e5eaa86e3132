#pragma once

#include "grid/network.hpp"
#include "scenario/asset.hpp"
#include "scenario/event_weather.hpp"

#include <array>
#include <span>
#include <vector>

namespace headroom::scenario {

/// What elements may carry in every half-hour of a run.
///
/// A stated seasonal rating is lowered, never raised, by air that is hotter than the season's. Without one,
/// transformers follow the continuous load that holds the hot spot at 98 °C in the mean air of the last day
/// (between 70 % and 110 % of the nameplate), lines and cables the usual steps between the seasons, lines
/// also the air; everything else keeps its nameplate.
class RatingTable {
  public:
    RatingTable(const Scenario& scenario, const ScenarioWeather& weather);
    /// Writes the rating of each half-hour, kW.
    void rate(const Asset& asset, std::span<float> out_kw) const;
    [[nodiscard]] grid::Season season() const { return season_; }

  private:
    static constexpr std::size_t kinds = 6;
    grid::Season season_;
    std::array<std::vector<float>, kinds> stated_;    ///< on a seasonal rating
    std::array<std::vector<float>, kinds> unstated_;  ///< on the nameplate
    std::vector<float> inverter_;                     ///< on the nameplate of a battery
};

}  // namespace headroom::scenario
