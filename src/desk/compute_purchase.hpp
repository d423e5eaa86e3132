#pragma once

#include "core/async.hpp"
#include "core/caller.hpp"
#include "core/json.hpp"
#include "desk/desk.hpp"
#include "flex/compute_window.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace headroom::desk {

/// What is asked of a window of computing power.
struct WindowRequest {
    std::int64_t carbon_max_g_per_kwh = 200;
    std::int64_t renewable_min_ppm = 700'000;
    WattHours energy{150'000};
};
/// The window that fits best: within both bounds and large enough for the energy, the least carbon, then the
/// lowest price, then the earliest. Nothing when none fits. Pure.
[[nodiscard]] std::optional<flex::ComputeWindow> choose_window(
    const std::vector<flex::ComputeWindow>& windows, const WindowRequest& request);
/// discover → select → init → confirm for a window of computing power; the answer of POST
/// /beckn/execute-journey.
/// Errors: `not_found` when no window fits or nobody sells any, `denied` in shadow mode, `unavailable` when
/// the provider did not confirm.
Awaitable<Result<json::Object>> buy_compute_window(Desk& desk, WindowRequest request, Caller caller);

}  // namespace headroom::desk
