#pragma once

#include "core/result.hpp"
#include "scenario/run_result.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

namespace headroom::scenario {

/// How a run is watched. Both may be empty.
struct RunWatch {
    /// Told after every few hundred assets, in the thread of the run: done, of all.
    std::function<void(std::size_t done, std::size_t all)> progress = {};
    /// The run stops as soon as it sees it set.
    const std::atomic<bool>* cancelled = nullptr;
};

inline constexpr std::size_t run_assets_max = 200'000;
/// Half-hours of all assets together: what the curves of a result may hold (20 bytes each).
inline constexpr std::size_t run_cells_max = 20'000'000;

/// Projects every asset of `assets` through the scenario. The assets are those of the scenario's place (the
/// caller picks them); `weather` may be empty or have gaps: the climatology fills them. The same arguments
/// give the same bytes, on every machine of one kind. One pass on the calling thread, no I/O, no clock;
/// 10,000 assets over 72 hours take well below a second.
///
/// Errors: `invalid` with the pointer of the field for a scenario, an asset or a weather value outside its
/// bounds, for more half-hours than `run_cells_max`, for a repeated id, and for assets that feed each other
/// in a circle; `not_found` for no assets and for lost elements, fed assets or open points that name no
/// asset; `conflict` when it was cancelled. Model: docs/formats/scenario-model.md
[[nodiscard]] Result<RunResult> run(const Scenario& scenario, std::span<const Asset> assets,
                                    const BaseWeather& weather, std::uint64_t seed,
                                    const RunWatch& watch = {});

}  // namespace headroom::scenario
