#pragma once

#include "agents/feed_table.hpp"
#include "core/async.hpp"
#include "flex/rules.hpp"
#include "flex/week_ahead_rules.hpp"
#include "monitor/monitor.hpp"
#include "risk/assess.hpp"

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
    bool is_outlook = false;  ///< from the weeks before; no live forecast reaches over all of the need
    /// Of an outlook, for each half-hour: from the median to the 90th percentile, kW, as it would be told 0,
    /// 1, 2 … days before.
    std::vector<std::vector<double>> upper_by_lead_kw = {};
};

/// What live events are planned by beside their offers.
struct EventRules {
    std::shared_ptr<const flex::RuleBook> book;  ///< nothing: no rules, and the shipped ladder
    std::function<LimitForecast(const risk::Overload&)> limit_forecast;
    std::shared_ptr<const FeedBoard> board = {};  ///< what feeds say of the hours; nothing: none is asked
    /// Makes the outlook anew that `limit_forecast` answers from where no live forecast reaches; nothing:
    /// there are none.
    std::function<Awaitable<void>(const risk::Overload&)> renew_outlook = {};
    risk::RiskRules risk = {};  ///< by which a need that lies ahead is judged again
    flex::WeekAheadRules week_ahead = {};
};

/// Answers from what the monitor last looked ahead to: load, import-positive.
[[nodiscard]] LimitForecast limit_forecast(const telemetry::PointRegistry& registry,
                                           const monitor::Monitor& monitor, const risk::Overload& overload);

}  // namespace headroom::agents
