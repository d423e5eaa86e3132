#pragma once

#include "core/result.hpp"
#include "scenario/asset.hpp"
#include "scenario/class_profiles.hpp"

#include <array>
#include <cstddef>
#include <vector>

namespace headroom::scenario {

/// What the load of one asset was, by time of day, calendar and weather: for every half-hour of the day a
/// ridge regression on kind of day, season, heating degrees (felt below 15.5 °C), cooling degrees (felt above
/// 18 °C), the air's own departure from what buildings feel, sunshine, and what wind turbines make of the
/// wind. Half-hours far outside the rest (stuck or spiking meters) are left out of a second fit. What is left
/// over gives the band.
class HistoryModel {
  public:
    /// Errors: `unsupported` with the reason when there are fewer than `known_days_min` days of known
    /// half-hours: the asset is then projected from its class profile.
    [[nodiscard]] static Result<HistoryModel> fit(const History& history);

    /// The weather of a half-hour.
    struct Weather {
        double felt_c = 0.0;
        double air_c = 0.0;
        double radiation_w_per_m2 = 0.0;
        double wind_m_per_s = 0.0;
    };
    /// Median load in kW. Stays within one observed range above and below what was observed.
    [[nodiscard]] double load_kw(const DaySlot& slot, const Weather& weather) const;
    /// What is added to it for a quantile in (0, 1), by time of day.
    [[nodiscard]] double offset_kw(const DaySlot& slot, double quantile) const;
    /// Highest load that was observed (and believed).
    [[nodiscard]] double highest_kw() const { return highest_kw_; }
    [[nodiscard]] bool knows_weather() const { return knows_weather_; }

    static constexpr std::size_t known_days_min = 21;

  private:
    static constexpr std::size_t slots = 48;
    static constexpr std::size_t features = 13;
    static constexpr std::size_t blocks = 6;
    static constexpr std::size_t quantile_steps = 33;
    using Row = std::array<double, features>;
    struct Sample {
        std::size_t slot = 0;
        double weight = 1.0;
        Row x{};
        double kw = 0.0;
    };

    [[nodiscard]] static Row row_of(const DaySlot& slot, const Weather& weather);
    [[nodiscard]] std::vector<Sample> samples_of(const History& history) const;
    [[nodiscard]] Weather as_known(const Weather& weather) const;
    void fit_slots(const std::vector<Sample>& samples, const std::vector<char>& is_used);
    [[nodiscard]] double raw_kw(std::size_t slot, const Row& x) const;
    void keep_spread(const std::vector<Sample>& samples, const std::vector<char>& is_used);

    std::array<Row, slots> weights_{};
    std::array<std::array<double, quantile_steps>, blocks> spread_{};
    double lowest_kw_ = 0.0;
    double highest_kw_ = 0.0;
    bool knows_weather_ = false;
    bool knows_sun_ = false;
    bool knows_wind_ = false;
};

}  // namespace headroom::scenario
