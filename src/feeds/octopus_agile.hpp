#pragma once

#include "feeds/feed_request.hpp"
#include "feeds/feed_rows.hpp"

#include <optional>
#include <string>

namespace headroom::feeds::octopus_agile {

/// A retail price by the half-hour. Negative ones exist.
struct UnitRate {
    UtcTime from{};
    std::optional<UtcTime> until = {};  ///< absent: until further notice
    double gbp_per_mwh_without_vat = 0.0;
    double gbp_per_mwh = 0.0;
    bool operator==(const UnitRate&) const = default;
};

/// Half-hourly unit rates of a product ("AGILE-24-10-01") for a GSP group ('C' is London). Shape: Octopus
/// Energy API v1. Errors: `invalid` for a product or group that is none.
[[nodiscard]] Result<FeedRequest> unit_rates(std::string_view product, char gsp_group, UtcTime from,
                                             UtcTime until);
/// Oldest first, though the service gives the newest first; `next` is the whole address of the next page.
/// Errors: `invalid` when it is no such answer.
[[nodiscard]] Result<FeedValues<UnitRate>> decode_unit_rates(std::string_view body);

}  // namespace headroom::feeds::octopus_agile
