#pragma once

#include "grid/quantity.hpp"

#include <string_view>

namespace headroom::telemetry {

/// What a topic or a message's key says about readings that name no feeder themselves.
struct DecodeContext {
    std::string_view point_id;  ///< empty: every reading must name its feeder
    grid::Phase phase = grid::Phase::sum;
};

}  // namespace headroom::telemetry
