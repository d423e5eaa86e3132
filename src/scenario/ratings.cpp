#include "scenario/ratings.hpp"

#include "grid/season.hpp"
#include "scenario/thermal.hpp"

#include <algorithm>
#include <cmath>

namespace headroom::scenario {
namespace {

/// Air that a season's rating is made for, and steps of lines and cables against spring and autumn.
struct SeasonFigures {
    double air_c;
    double line;
    double cable;
};

SeasonFigures figures_of(grid::Season season) {
    // Air and lines: of the size of P27's tables for conductors at 50 °C (2, 9 and 20 °C of air; about
    // 1.07 : 1 : 0.87). Cables: the soil's 10 K between the seasons (P17).
    switch (season) {
        case grid::Season::summer:
            return {20.0, 0.87, 0.96};
        case grid::Season::winter:
            return {2.0, 1.07, 1.04};
        case grid::Season::all:
        case grid::Season::spring_autumn:
            break;
    }
    return {9.0, 1.0, 1.0};
}

double line_factor(double air_c, double season_air_c) {
    constexpr double conductor_c = 65.0;
    return std::sqrt(std::max(5.0, conductor_c - air_c) / (conductor_c - season_air_c));
}

double seasonal_kw(const SeasonalRatings& ratings, grid::Season season) {
    switch (season) {
        case grid::Season::summer:
            return ratings.summer_kw;
        case grid::Season::winter:
            return ratings.winter_kw;
        case grid::Season::all:
        case grid::Season::spring_autumn:
            break;
    }
    if (ratings.spring_autumn_kw > 0.0) {
        return ratings.spring_autumn_kw;
    }
    return ratings.summer_kw > 0.0 && ratings.winter_kw > 0.0
               ? 0.5 * (ratings.summer_kw + ratings.winter_kw)
               : std::max(ratings.summer_kw, ratings.winter_kw);
}

}  // namespace

RatingTable::RatingTable(const Scenario& scenario, const ScenarioWeather& weather)
    : season_(grid::season_at(scenario.start)) {
    const std::size_t periods = static_cast<std::size_t>(scenario.hours) * 2;
    const SeasonFigures figures = figures_of(season_);
    for (std::size_t k = 0; k < kinds; ++k) {
        const auto kind = static_cast<ThermalKind>(k);
        stated_[k].assign(periods, 1.0F);
        unstated_[k].assign(periods, 1.0F);
        for (std::size_t i = 0; i < periods; ++i) {
            const double air_c = weather.event.temperature_c[i];
            double stated = 1.0;
            double unstated = 1.0;
            if (is_transformer(kind)) {
                constexpr double least = 0.7;
                constexpr double most = 1.1;
                const ThermalCharacter& character = character_of(kind);
                const double now = continuous_load_pu(character, weather.day_mean_c[i]);
                stated = std::clamp(now / continuous_load_pu(character, figures.air_c), least, 1.0);
                unstated = std::clamp(now, least, most);
            } else if (kind == ThermalKind::overhead_line) {
                stated = std::min(1.0, line_factor(air_c, figures.air_c));
                unstated = figures.line * stated;
            } else if (kind == ThermalKind::cable) {
                unstated = figures.cable;
            }
            stated_[k][i] = static_cast<float>(stated);
            unstated_[k][i] = static_cast<float>(unstated);
        }
    }
    inverter_.resize(periods);
    for (std::size_t i = 0; i < periods; ++i) {
        // Inverters are turned down by about 2 % a degree above 40 °C of air.
        const double hot = std::max(0.0, weather.event.temperature_c[i] - 40.0);
        inverter_[i] = static_cast<float>(std::max(0.5, 1.0 - 0.02 * hot));
    }
}

void RatingTable::rate(const Asset& asset, std::span<float> out_kw) const {
    const auto kind = static_cast<std::size_t>(asset.thermal);
    const double stated_kw = seasonal_kw(asset.ratings, season_);
    const std::vector<float>& factors = asset.type == AssetType::battery ? inverter_
                                        : stated_kw > 0.0                ? stated_[kind]
                                                                         : unstated_[kind];
    const auto base = static_cast<float>(stated_kw > 0.0 ? stated_kw : asset.capacity_kw);
    for (std::size_t i = 0; i < out_kw.size(); ++i) {
        out_kw[i] = base * factors[i];
    }
}

}  // namespace headroom::scenario
