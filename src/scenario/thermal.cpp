#include "scenario/thermal.hpp"

#include "core/result.hpp"

#include <cmath>

namespace headroom::scenario {
namespace {

// Rated rises and loss ratios are those the standard's loading tables are reckoned with.
constexpr ThermalCharacter onan{.top_oil_rise_k = 55.0,
                                .hot_spot_gradient_k = 23.0,
                                .loss_ratio = 5.0,
                                .oil_exponent = 0.8,
                                .winding_exponent = 1.6,
                                .k11 = 1.0,
                                .k21 = 1.0,
                                .k22 = 2.0,
                                .oil_minutes = 180.0,
                                .winding_minutes = 4.0};
constexpr ThermalCharacter onaf{.top_oil_rise_k = 52.0,
                                .hot_spot_gradient_k = 26.0,
                                .loss_ratio = 6.0,
                                .oil_exponent = 0.8,
                                .winding_exponent = 1.3,
                                .k11 = 0.5,
                                .k21 = 2.0,
                                .k22 = 2.0,
                                .oil_minutes = 150.0,
                                .winding_minutes = 7.0};
constexpr ThermalCharacter ofaf{.top_oil_rise_k = 56.0,
                                .hot_spot_gradient_k = 22.0,
                                .loss_ratio = 6.0,
                                .oil_exponent = 1.0,
                                .winding_exponent = 1.3,
                                .k11 = 1.0,
                                .k21 = 1.3,
                                .k22 = 1.0,
                                .oil_minutes = 90.0,
                                .winding_minutes = 7.0};

double share_of_way(double step_minutes, double constant_minutes) {
    return 1.0 - std::exp(-step_minutes / constant_minutes);
}

double steady_rise_k(const ThermalCharacter& character, double load_pu) {
    const double losses = (1.0 + character.loss_ratio * load_pu * load_pu) / (1.0 + character.loss_ratio);
    const double oil = character.oil_exponent == 1.0 ? losses : std::pow(losses, character.oil_exponent);
    return character.top_oil_rise_k * oil;
}

double steady_gradient_k(const ThermalCharacter& character, double load_pu) {
    return character.hot_spot_gradient_k * std::pow(load_pu, character.winding_exponent);
}

}  // namespace

bool is_transformer(ThermalKind kind) {
    return kind == ThermalKind::onan || kind == ThermalKind::onaf || kind == ThermalKind::ofaf;
}

const ThermalCharacter& character_of(ThermalKind kind) {
    HEADROOM_ASSERT(is_transformer(kind));
    return kind == ThermalKind::onan ? onan : kind == ThermalKind::onaf ? onaf : ofaf;
}

ThermalModel::ThermalModel(const ThermalCharacter& character, double step_minutes)
    : character_(character),
      k21_(character.k21),
      oil_share_(share_of_way(step_minutes, character.k11 * character.oil_minutes)),
      fast_share_(share_of_way(step_minutes, character.k22 * character.winding_minutes)),
      slow_share_(share_of_way(step_minutes, character.oil_minutes / character.k22)) {
    HEADROOM_ASSERT(step_minutes > 0.0);
}

ThermalModel::Target ThermalModel::target(double load_pu) const {
    return {.top_oil_rise_k = steady_rise_k(character_, load_pu),
            .gradient_k = steady_gradient_k(character_, load_pu)};
}

ThermalState ThermalModel::steady(double load_pu) const {
    const Target there = target(load_pu);
    return {.top_oil_rise_k = there.top_oil_rise_k,
            .gradient_fast_k = k21_ * there.gradient_k,
            .gradient_slow_k = (k21_ - 1.0) * there.gradient_k};
}

double relative_ageing(double hot_spot_c) {
    return std::exp2((hot_spot_c - normal_life_hot_spot_c) / 6.0);
}

double continuous_load_pu(const ThermalCharacter& character, double air_c) {
    const double rise_k = normal_life_hot_spot_c - air_c;
    double low = 0.0;
    double high = 4.0;
    constexpr int halvings = 40;
    for (int i = 0; i < halvings; ++i) {
        const double middle = 0.5 * (low + high);
        const double reached = steady_rise_k(character, middle) + steady_gradient_k(character, middle);
        (reached <= rise_k ? low : high) = middle;
    }
    return low;
}

}  // namespace headroom::scenario
