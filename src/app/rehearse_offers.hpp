#pragma once

#include "core/result.hpp"
#include "flex/offer.hpp"
#include "grid/network.hpp"

#include <filesystem>
#include <vector>

namespace headroom::app {

/// Reads `der_id,feeder_id,kw` and, where given, `provider,kind,phase,energy_kwh,notice_minutes,
/// max_duration_minutes,utilisation_gbp_per_mwh,availability_gbp_per_mw_h,reliability` (CSV, any order of
/// columns). What is left out: phase sum, no notice, unlimited energy and duration, `price`, reliability 1.
/// Errors: those of the file; `invalid` with line and column.
[[nodiscard]] Result<std::vector<flex::Offer>> read_offers(const std::filesystem::path& file,
                                                           MicroPoundsPerMwh price);

/// An offer of each DER of a network that can turn down, at `price`.
[[nodiscard]] std::vector<flex::Offer> offers_of(const grid::Network& network, MicroPoundsPerMwh price);

}  // namespace headroom::app
