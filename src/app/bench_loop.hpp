#pragma once

#include "core/json.hpp"
#include "core/result.hpp"

#include <filesystem>

namespace headroom::app {

/// Measures the path from a reading received to the first instruction at the device on this machine: real
/// sockets on loopback, one provider, every Beckn message signed and verified, plan and intent durable before
/// anything is sent.
///
/// `loop.detection_to_command_ms_p50|p99`: spot, with search, select, init and confirm in between.
/// `loop.armed_detection_to_command_ms_p50|p99`: armed beforehand, one activation in between.
/// Answers `{"results":[…]}`. Errors: as those of the parts.
[[nodiscard]] Result<json::Object> bench_loop(const std::filesystem::path& dir, int runs);

}  // namespace headroom::app
