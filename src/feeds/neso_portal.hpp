#pragma once

#include "feeds/feed_request.hpp"
#include "feeds/feed_rows.hpp"

#include <cstddef>
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

inline constexpr std::size_t page_records = 1'000;

/// One page of a resource. Shape: CKAN `datastore_search`, two requests a minute at most. Errors: `invalid`
/// when the resource is no UUID.
[[nodiscard]] Result<FeedRequest> datastore(std::string_view resource_id, std::size_t offset);
/// Errors: `invalid` when it is no such answer; `unavailable` with the service's own words when it refused.
[[nodiscard]] Result<Table> decode_datastore(std::string_view body);

}  // namespace headroom::feeds::neso_portal
