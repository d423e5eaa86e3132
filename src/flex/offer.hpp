#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "core/units.hpp"
#include "flex/interval_grid.hpp"
#include "grid/network.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace headroom::flex {

/// Bounds of what is believed of an offer; they keep every sum of a plan exact in 64 bits.
inline constexpr Watts offer_power_max{100'000'000};
inline constexpr MicroPoundsPerMwh price_max{100'000'000'000};  ///< also of a MW and hour of availability

/// What a provider offers from one DER. Dialect-free.
struct Offer {
    std::string provider;  ///< provider's subscriber id or name
    std::string id;        ///< unique within the provider
    std::string der;
    grid::DerClass der_class = grid::DerClass::other;
    std::string feeder;
    grid::Phase phase = grid::Phase::sum;
    bool turn_up = false;  ///< direction; false = turn-down
    Watts power{};         ///< > 0, largest change
    WattHours energy{};    ///< over all slots of an event; 0 = not limited
    UtcTime available_from{};
    UtcTime available_until{};
    milliseconds notice{};
    milliseconds duration_max{};  ///< longest continuous run; 0 = not limited
    milliseconds duration_min{};
    std::int64_t ramp_w_per_s = 0;             ///< 0 = at once
    MicroPoundsPerMwh utilisation{};           ///< price of delivered energy
    MicroPounds availability_per_mw_h{};       ///< price of being armed, per MW and hour
    std::string baseline_method;               ///< settlement profile id, "bl01" …
    std::int64_t reliability_ppm = 1'000'000;  ///< share delivered in the past
    UtcTime valid_until{};                     ///< the quote's expiry, wall time
    bool operator==(const Offer&) const = default;
};

[[nodiscard]] json::Value to_json(const Offer& offer);
/// Errors: `invalid` with the pointer: a member missing, unknown, of another kind or out of bounds.
[[nodiscard]] Result<Offer> offer_from_json(const json::Value& value);

}  // namespace headroom::flex
