#pragma once

#include "feeds/feed_request.hpp"
#include "feeds/feed_rows.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace headroom::feeds::carbon_intensity {

/// Carbon intensity of electricity in one half-hour, of Great Britain or of a region of it.
struct CarbonPeriod {
    UtcTime from{};
    UtcTime until{};
    std::int64_t region_id = 0;  ///< 0: the nation; 1 to 17 otherwise
    std::string region;          ///< "London"
    std::optional<double> forecast_g_per_kwh = {};
    std::optional<double> actual_g_per_kwh = {};              ///< absent ahead of time, and in regions
    std::string index;                                        ///< "very low" to "very high"
    std::vector<std::pair<std::string, double>> fuel_shares;  ///< 0 to 1, regions only
    bool operator==(const CarbonPeriod&) const = default;
};

/// More than burning coal alone would give is not believed.
inline constexpr double intensity_max_g_per_kwh = 1'200.0;

/// The 48 hours from `from` on. Shape: NESO Carbon Intensity API.
[[nodiscard]] FeedRequest national_ahead(UtcTime from);
/// At most 14 days. Errors: `invalid`.
[[nodiscard]] Result<FeedRequest> national_between(UtcTime from, UtcTime until);
/// `region_id` from 1 to 17: 10 East England, 13 London, 14 South East England.
[[nodiscard]] FeedRequest regional_ahead(UtcTime from, int region_id);
/// Any of these answers, one region or all of them. Errors: `invalid` when it is no such answer.
[[nodiscard]] Result<FeedValues<CarbonPeriod>> decode(std::string_view body);

}  // namespace headroom::feeds::carbon_intensity
