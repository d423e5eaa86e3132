#pragma once

#include "core/result.hpp"
#include "store/influx_queue.hpp"
#include "store/series.hpp"
#include "store/series_sink.hpp"

#include <memory>
#include <string>

namespace headroom::store {

/// An InfluxDB 1.x (database, user and password), or 2.x when there is a bucket (organisation and token).
struct InfluxOptions {
    std::string url;  ///< "http://127.0.0.1:8086"
    std::string database = "headroom";
    std::string user;
    std::string password;
    std::string org;
    std::string bucket;
    std::string token;
    std::string source = "headroom";  ///< which Headroom writes: a tag of every line
    influx::QueueOptions queue;
    milliseconds deadline{10'000};  ///< of one request
};

/// Sends a copy of everything from a thread of its own, by batches of gzipped lines, until each is answered
/// for. Errors: `invalid` for a URL that is none.
[[nodiscard]] Result<std::unique_ptr<SeriesSink>> make_influx_sink(InfluxOptions options);

/// Series kept by the InfluxDB itself, written and read while the caller waits; read by InfluxQL, which a 2.x
/// takes at /query for a bucket that is mapped to a database of its name. Retention is the server's.
/// Errors: as `Series`; `denied` when user or token do not hold, `invalid` for a URL that is none.
[[nodiscard]] Result<std::unique_ptr<Series>> open_influx_series(InfluxOptions options);

}  // namespace headroom::store
