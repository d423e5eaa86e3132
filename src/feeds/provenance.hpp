#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

#include <string>

namespace headroom::feeds {

/// Where a value comes from. Keys never stand in it.
struct Provenance {
    std::string source;   ///< "open_meteo"
    std::string url;      ///< as asked, without secrets
    UtcTime fetched{};    ///< wall time
    int status = 0;       ///< of HTTP
    std::string sha256;   ///< of the answer's bytes
    std::string licence;  ///< "CC BY 4.0"
    bool operator==(const Provenance&) const = default;
};

/// An answer as it came.
struct FeedDocument {
    std::string body;
    Provenance provenance;
    bool is_from_cache = false;
    std::string stale_because;  ///< why an old answer stands in for a new one; empty when it is young enough
};

}  // namespace headroom::feeds
