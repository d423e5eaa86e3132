#pragma once

#include "feeds/feed_request.hpp"
#include "feeds/feed_rows.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::feeds::neso_portal {

/// Records of a resource, with the columns it has today: their names may change, so they are read with it.
struct Table {
    std::vector<std::string> columns;
    std::vector<std::vector<json::Value>> rows;  ///< parallel to `columns`
    std::size_t total = 0;                       ///< that the resource holds
};

/// What generators within the distribution networks are expected to give in one settlement period: the sun
/// and the wind that national demand does not see.
struct EmbeddedForecast {
    UtcTime start{};
    std::optional<double> solar_mw = {};
    std::optional<double> wind_mw = {};
    bool operator==(const EmbeddedForecast&) const = default;
};
/// "Embedded wind and solar forecasts", within the day up to 14 days ahead.
inline constexpr std::string_view embedded_resource = "db6c038f-98af-4570-ab60-24d71ebd0ae5";

inline constexpr std::size_t page_records = 1'000;

/// One page of a resource. Shape: CKAN `datastore_search`, two requests a minute at most. Errors: `invalid`
/// when the resource is no UUID.
[[nodiscard]] Result<FeedRequest> datastore(std::string_view resource_id, std::size_t offset);
[[nodiscard]] FeedRequest embedded_ahead();
/// Errors: `invalid` when it is no such answer; `unavailable` with the service's own words when it refused.
[[nodiscard]] Result<Table> decode_datastore(std::string_view body);
/// By settlement date and period, which name a half-hour also on days on which clocks change; of a period
/// that stands there twice, the last. Errors: as `decode_datastore`.
[[nodiscard]] Result<FeedValues<EmbeddedForecast>> decode_embedded(std::string_view body);

}  // namespace headroom::feeds::neso_portal
