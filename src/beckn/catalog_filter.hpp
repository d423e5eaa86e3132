#pragma once

#include "beckn/envelope.hpp"
#include "beckn/json_filter.hpp"
#include "beckn/wire_version.hpp"

#include <cstddef>
#include <vector>

namespace headroom::beckn {

/// What of `catalogs` a filter wants: each offer, window and need stays when it fits, asked as the resource
/// (2.0) or the item (2.0.0-rc1) that an `on_discover` of that dialect would show. After `items_max` of them
/// no more are asked. Catalogs that are left with nothing go.
[[nodiscard]] std::vector<Catalog> fitting(std::vector<Catalog> catalogs, WireVersion version,
                                           const JsonFilter& filter, std::size_t items_max);

}  // namespace headroom::beckn
