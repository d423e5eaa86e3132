#pragma once

#include "core/time.hpp"
#include "features/stream_row.hpp"
#include "forecast/trees.hpp"

#include <string>

namespace headroom::forecast {

/// Trees over streaming rows: how much the load of a point will have changed `lead` from now, in kW. For
/// points of one cadence.
struct StreamModel {
    std::string schema_hash;  ///< features::stream_schema_hash of the rows it was trained on
    milliseconds cadence{0};
    milliseconds lead{0};
    Trees trees;
};

}  // namespace headroom::forecast
