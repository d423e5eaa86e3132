#pragma once

#include "risk/assess.hpp"

#include <cstddef>
#include <vector>

namespace headroom::risk {

/// What the audit log says of an overload that an outlook showed, in the place of a forecast's method.
inline constexpr const char* outlook_method = "outlook";

/// An overload with the question that shows it: `assess(input)` gives it again.
struct ForeseenOverload {
    Overload overload;
    RiskInput input;
};

/// Every window over the limit in `input.forecast_w`, however far ahead, by the same rules as one that a live
/// forecast shows; oldest first. `input.recent` is empty. Each answer's input holds the half-hours of its
/// window and two on either side, so that it is small enough to be kept. Pure. Errors: those of `assess`.
[[nodiscard]] Result<std::vector<ForeseenOverload>> foreseen_overloads(RiskInput input);

/// One window of each trouble: of windows on one feeder that overlap or touch, the one with the worst loading
/// stands, and the sum of the phases gives way to a phase. In the order of feeders, then time.
[[nodiscard]] std::vector<ForeseenOverload> one_a_window(std::vector<ForeseenOverload> found);

}  // namespace headroom::risk
