#pragma once

namespace headroom::flex {

/// What an offer counts as of which nobody says how much carbon it emits, g/kWh: about a diesel generator at
/// part load, so that saying nothing is never better than saying it. It depends on nothing that is offered
/// beside it.
inline constexpr double unknown_carbon_g_per_kwh = 1'000.0;

}  // namespace headroom::flex
