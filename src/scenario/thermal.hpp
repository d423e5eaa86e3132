#pragma once

#include "scenario/asset.hpp"

#include <cstddef>
#include <span>

namespace headroom::scenario {

/// How one kind of transformer warms up. Source: IEC 60076-7:2018, tables 4 and 5.
struct ThermalCharacter {
    double top_oil_rise_k = 0.0;       ///< Δθor: over the air in steady state at rated losses
    double hot_spot_gradient_k = 0.0;  ///< Δθhr: over the top oil at rated current
    double loss_ratio = 0.0;           ///< R: load losses at rated current over no-load losses
    double oil_exponent = 0.0;         ///< x
    double winding_exponent = 0.0;     ///< y
    double k11 = 0.0;
    double k21 = 0.0;
    double k22 = 0.0;
    double oil_minutes = 0.0;      ///< τo
    double winding_minutes = 0.0;  ///< τw
};

/// Of the three transformer kinds. Precondition: `is_transformer(kind)`.
[[nodiscard]] const ThermalCharacter& character_of(ThermalKind kind);
[[nodiscard]] bool is_transformer(ThermalKind kind);

/// Hot-spot temperature at which paper that is not thermally upgraded lives its normal life, and the limit of
/// normal cyclic loading.
inline constexpr double normal_life_hot_spot_c = 98.0;
inline constexpr double cyclic_hot_spot_max_c = 120.0;

/// Where a transformer's temperatures stand.
struct ThermalState {
    double top_oil_rise_k = 0.0;   ///< over the air
    double gradient_fast_k = 0.0;  ///< the two parts of the hot spot's rise over the top oil
    double gradient_slow_k = 0.0;
    [[nodiscard]] double hot_spot_rise_k() const {
        return top_oil_rise_k + gradient_fast_k - gradient_slow_k;
    }
};

/// The temperatures of a transformer under a load and an air temperature that stay as they are over each
/// step: the exponential equations of IEC 60076-7:2018, 8.2.2, in their state form, of which the difference
/// equations of 8.2.3 are the first order. Exact for any length of step.
class ThermalModel {
  public:
    /// `step_minutes` > 0 is the length of every step.
    ThermalModel(const ThermalCharacter& character, double step_minutes);

    /// In balance under load factor `load_pu` ≥ 0 (of the rating).
    [[nodiscard]] ThermalState steady(double load_pu) const;
    /// One step on at that load.
    void step(ThermalState& state, double load_pu) const { step_to(state, target(load_pu)); }

    /// Where the temperatures go under a load: what `step` needs, when several steps share one.
    struct Target {
        double top_oil_rise_k = 0.0;
        double gradient_k = 0.0;
    };
    [[nodiscard]] Target target(double load_pu) const;
    void step_to(ThermalState& state, const Target& target) const {
        state.top_oil_rise_k += (target.top_oil_rise_k - state.top_oil_rise_k) * oil_share_;
        state.gradient_fast_k += (k21_ * target.gradient_k - state.gradient_fast_k) * fast_share_;
        state.gradient_slow_k += ((k21_ - 1.0) * target.gradient_k - state.gradient_slow_k) * slow_share_;
    }

  private:
    ThermalCharacter character_;
    double k21_;
    double oil_share_;
    double fast_share_;
    double slow_share_;
};

/// How many times as fast as at 98 °C the paper ages: doubling every 6 K. Source: IEC 60076-7:2018, 6.3,
/// paper that is not thermally upgraded.
[[nodiscard]] double relative_ageing(double hot_spot_c);

/// The load, as a share of the nameplate, that holds the hot spot at 98 °C for ever in air of this
/// temperature: 1 at 20 °C.
[[nodiscard]] double continuous_load_pu(const ThermalCharacter& character, double air_c);

}  // namespace headroom::scenario
