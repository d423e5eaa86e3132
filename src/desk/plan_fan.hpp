#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace headroom::desk {

/// A load forecast and who relieves it, all in the limit's direction: more is worse.
struct FanInput {
    std::vector<double> quantiles;                  ///< ascending, within (0, 1)
    std::vector<std::vector<std::int64_t>> rows_w;  ///< for each half-hour the load at each quantile
    std::int64_t limit_w = 0;
    std::vector<bool> in_window;       ///< by half-hour: whether it counts for the risk
    std::vector<std::int64_t> need_w;  ///< by half-hour: what the plan was to cover
    struct Action {
        double reliability = 1.0;            ///< probability that it delivers, all of it
        std::vector<std::int64_t> relief_w;  ///< by half-hour
    };
    std::vector<Action> actions;
    std::uint64_t seed = 0;
};

/// The same load with the relief, and what is left of the risk.
struct Fan {
    std::vector<std::vector<std::int64_t>> with_w;  ///< as `rows_w`; empty without a forecast
    double probability_without = 0.0;               ///< that the limit is exceeded in the window at all
    double probability_with = 0.0;
    double expected_over_without_wh = 0.0;
    double expected_over_with_wh = 0.0;
    double certainty = 0.0;  ///< share of draws whose deliveries cover the whole need
};

inline constexpr std::size_t fan_draws_max = 2'000;

/// Draws load and deliveries together. A draw's load lies on the same quantile in every half-hour (straight
/// between the quantiles, flat beyond the outermost, as `risk::assess` reckons); each action delivers all or
/// nothing for the whole window. Loads are drawn evenly over the quantiles, so that without relief the
/// quantiles come back. Half-hours are 30 minutes. Pure: the same input gives the same fan. `need_w`, the
/// actions' `relief_w` and, where there is a forecast, `rows_w` and `in_window` have the same length.
[[nodiscard]] Fan make_fan(const FanInput& input);

}  // namespace headroom::desk
