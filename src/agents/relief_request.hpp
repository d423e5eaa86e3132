#pragma once

#include "core/result.hpp"
#include "core/time.hpp"
#include "core/units.hpp"
#include "grid/network.hpp"
#include "risk/overload.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace headroom::agents {

/// Relief that a person wants, whatever readings and forecasts say.
struct ReliefRequest {
    std::string feeder;
    std::optional<grid::DerClass> only_class = {};  ///< nothing: any
    Watts power{};                                  ///< > 0, in each half-hour
    UtcTime from{};                                 ///< taken up to now, and down to its half-hour
    std::int64_t half_hours = 2;                    ///< 1 … 48
};

/// The request in the shape of an overload, at the feeder's import limit that is nearest to being exceeded.
/// `load_kw` answers the newest load at the limit of an overload. The same request in the same half-hour has
/// the same event id.
/// Errors: `not_found` for a feeder that is not there or has no limit on its import, `invalid`.
[[nodiscard]] Result<risk::Overload> overload_for(
    const ReliefRequest& wanted, const grid::Network& network, UtcTime now,
    const std::function<std::optional<double>(const risk::Overload&)>& load_kw);

}  // namespace headroom::agents
