#pragma once

#include <string>

namespace headroom::api {

/// `process_*` of this process, as Prometheus names them: processor time, memory, open files, start. Lines
/// that the system does not tell are left out. Source: /proc (Linux).
[[nodiscard]] std::string process_metrics(bool is_openmetrics);

}  // namespace headroom::api
