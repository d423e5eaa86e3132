#pragma once

#include "agents/feed_table.hpp"
#include "flex/rules.hpp"
#include "monitor/monitor.hpp"
#include "risk/overload.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace headroom::agents {

/// The newest forecast of the load at a limit, in each half-hour of an overload's need: the median, the 90th
/// percentile, and the load at each of forecast::quantiles, W. Empty lists where there is none.
struct LimitForecast {
    std::vector<std::int64_t> median_w;
    std::vector<std::int64_t> upper_w;
    /// Where the running half-hour is forecast no longer it spreads as the next one.
    std::vector<std::vector<std::int64_t>> rows_w = {};
};

/// What live events are planned by beside their offers.
struct EventRules {
    std::shared_ptr<const flex::RuleBook> book;  ///< nothing: no rules, and the shipped ladder
    std::function<LimitForecast(const risk::Overload&)> limit_forecast;
    std::shared_ptr<const FeedBoard> board = {};  ///< what feeds say of the hours; nothing: none is asked
};

/// Answers from what the monitor last looked ahead to: load, import-positive.
[[nodiscard]] LimitForecast limit_forecast(const telemetry::PointRegistry& registry,
                                           const monitor::Monitor& monitor, const risk::Overload& overload);

}  // namespace headroom::agents
