#pragma once

#include "core/async.hpp"
#include "core/json.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "desk/parts.hpp"
#include "flex/flex_plan.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace headroom::desk {

/// One risk of a scenario, with what is known of its asset.
struct RiskAtAsset {
    std::string asset;
    std::string name;
    std::string type;           ///< substation, feeder, ev_hub …; may be empty
    std::string level;          ///< CRITICAL, HIGH, MEDIUM or LOW
    Watts capacity{};           ///< what it carries at that time; 0: not stated
    std::optional<Watts> peak;  ///< projected; nothing: the least that the level stands for
    std::optional<UtcTime> at;  ///< of the peak
};

/// A load down to this share of the capacity leaves no risk that is rated MEDIUM or above.
inline constexpr std::int64_t relieved_ppm = 950'000;

/// What must go for the asset to be below MEDIUM; 0 when nothing must. The peak is taken as it was
/// projected, or as the threshold of the level (120, 105 or 95 % of the capacity).
[[nodiscard]] Watts relief_needed(const RiskAtAsset& risk);
/// "12 kW" and "£3.40", for sentences.
[[nodiscard]] std::string in_kw(Watts power);
[[nodiscard]] std::string in_pounds(MicroPounds amount);
/// high for CRITICAL and HIGH, medium for MEDIUM, low for LOW.
[[nodiscard]] std::string_view urgency_of(std::string_view level);
/// What is recommended at an asset at which nobody offers anything.
[[nodiscard]] std::string_view usual_action(std::string_view asset_type);

/// What to do about one risk: a plan over the offers at the asset, as actions by class of resource; and for
/// what the plan leaves, an action without an offer, said so. Pure.
struct Mitigation {
    json::Array actions;
    json::Array alternatives;
    Watts required{};
    Watts expected{};  ///< by their reliability
    MicroPounds cost{};
};
[[nodiscard]] Mitigation mitigate_one(const RiskAtAsset& risk, const flex::PlanInput& input,
                                      const Result<flex::FlexPlan>& plan);

/// The answer of POST /agent/mitigate: `{summary_text, mitigation_actions, planner, …}`. Asks the market for
/// offers at each asset that must be relieved, the worst first, and plans over them; no DER is counted for
/// two assets at the same time, nor what is promised already. Buys nothing. mitigate.cpp
Awaitable<json::Object> mitigate(const Parts& parts, std::vector<RiskAtAsset> risks, std::string scenario);

}  // namespace headroom::desk
