#pragma once

#include "contingency/shelf_plan.hpp"
#include "core/json.hpp"
#include "core/result.hpp"
#include "grid/network.hpp"
#include "risk/overload.hpp"

#include <string>

namespace headroom::contingency {

/// An order of a plan that is used: everything that the event which it begins follows from.
struct ShelfCall {
    std::string element;      ///< that was lost
    UtcTime at{};             ///< of the loss
    UtcTime plan_start{};     ///< of the plan's first half-hour
    std::string plan_sha256;  ///< of the plan
    ShelfOrder order;
    grid::Limit limit;  ///< of the order's feeder, on its phase
};

/// The overload that relieves it: so much in each half-hour at the feeder's own limit, from when load
/// arrives. Pure. Errors: `invalid` when nothing is left to order.
[[nodiscard]] Result<risk::Overload> overload_of(const ShelfCall& call);

[[nodiscard]] json::Value to_json(const ShelfCall& call);
/// Errors: `corrupt`.
[[nodiscard]] Result<ShelfCall> shelf_call_from_json(const json::Value& value);

/// Reads a plan as the log has it. Errors: `corrupt`.
[[nodiscard]] Result<ShelfPlan> shelf_plan_from_json(const json::Value& value);

}  // namespace headroom::contingency
