#pragma once

#include "api/routes.hpp"

namespace headroom::api {

/// `POST /api/v1/readings`: one reading, an array, or NDJSON of any length (docs/formats/readings.md),
/// answered with
/// `{received, accepted, duplicates, conflicts, quarantined:{reason:n}, errors:[{pointer|line, detail}]}`.
/// 200 also when some were quarantined; 400 for JSON that cannot be read at all, 413 for a JSON body that is
/// too large, 415 for another media type.
void add_readings(net::HttpServer& server, const Door& door);

}  // namespace headroom::api
