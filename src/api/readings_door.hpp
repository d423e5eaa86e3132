#pragma once

#include "api/routes.hpp"

namespace headroom::api {

/// `POST /api/v1/readings`: JSON, NDJSON of any length, CBOR or compact batches, each also as gzip
/// (docs/formats/readings.md), answered with
/// `{received, accepted, duplicates, conflicts, quarantined:{reason:n}, errors:[{pointer|line, detail}]}`.
/// 200 also when some were quarantined; 400 for what cannot be read at all, 413 for a document that is too
/// large, 415 for another media type or encoding, 429 with Retry-After while as many uploads as are taken are
/// in progress, 503 while the process stops.
void add_readings(net::HttpServer& server, const Door& door);

}  // namespace headroom::api
