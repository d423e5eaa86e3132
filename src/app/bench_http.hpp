#pragma once

#include "core/json.hpp"
#include "core/result.hpp"

#include <filesystem>

namespace headroom::app {

/// Measures the HTTP door of a whole control room on loopback: `GET /livez`, and `POST /api/v1/readings` with
/// one reading a request. A load generator on a thread of its own keeps 32 connections busy, one request at a
/// time on each.
///
/// `http.get_per_s`, `http.post_per_s`: requests a second, as answered. `http.get_cpu_us`,
/// `http.post_cpu_us`: processor time of the server's thread per request. Answers `{"results":[…]}`. Errors:
/// as those of the parts, `unavailable` when the answers are not 200.
[[nodiscard]] Result<json::Object> bench_http(const std::filesystem::path& dir, double seconds);

}  // namespace headroom::app
