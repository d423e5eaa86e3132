#pragma once

#include "core/json.hpp"
#include "core/result.hpp"

#include <filesystem>

namespace headroom::app {

/// The deterministic plan's latency while the co-pilot is off, on, slow, down or hostile, in one run and in
/// turns, on one io_context as in the control room: a plan of 60 offers over eight half-hours is made, put to
/// the co-pilot without waiting, and the next is made. The model is a server in this process, on a thread of
/// its own.
///
/// `copilot.plan_ms_STATE`: make_plan and handing over, median; its min and max beside it.
/// `copilot.loop_lag_ms_STATE`: how late a timer of the same thread was meanwhile. `copilot.answered_STATE`:
/// turns that ended. Errors: as those of the parts.
[[nodiscard]] Result<json::Object> bench_copilot(const std::filesystem::path& dir);

}  // namespace headroom::app
