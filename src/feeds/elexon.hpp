#pragma once

#include "feeds/feed_request.hpp"
#include "feeds/feed_rows.hpp"

#include <optional>
#include <string>

namespace headroom::feeds::elexon {

// Shapes: Elexon Insights (BMRS) API v1. Prices in GBP per MWh, which may be negative; energies in MWh.

/// What an imbalance of the system cost in one settlement period.
struct SystemPrice {
    SettlementPeriod period;
    UtcTime start{};
    double sell_gbp_per_mwh = 0.0;
    double buy_gbp_per_mwh = 0.0;
    std::optional<double> imbalance_mwh = {};  ///< positive: the system was short
    bool operator==(const SystemPrice&) const = default;
};
/// The market's price in one settlement period, weighed by volume over the providers that traded; absent when
/// none did.
struct MarketPrice {
    UtcTime start{};
    std::optional<double> gbp_per_mwh = {};
    double volume_mwh = 0.0;
    bool operator==(const MarketPrice&) const = default;
};
/// Demand expected a day ahead, in megawatts.
struct DemandForecast {
    UtcTime start{};
    UtcTime published{};
    double national_mw = 0.0;
    double transmission_mw = 0.0;
    bool operator==(const DemandForecast&) const = default;
};

/// Demand as it was, in megawatts: means of half-hours, published some minutes after their end.
struct DemandOutturn {
    UtcTime start{};
    UtcTime published{};
    double national_mw = 0.0;
    double transmission_mw = 0.0;
    bool operator==(const DemandOutturn&) const = default;
};

[[nodiscard]] FeedRequest system_prices(Date settlement_date);
[[nodiscard]] FeedRequest market_index(UtcTime from, UtcTime until);
[[nodiscard]] FeedRequest demand_day_ahead();
/// Settlement days from `first` to `last`.
[[nodiscard]] FeedRequest demand_outturn(Date first, Date last);

// Errors: `invalid` when it is no such answer. Periods that the day does not have are faults.
[[nodiscard]] Result<FeedValues<SystemPrice>> decode_system_prices(std::string_view body);
[[nodiscard]] Result<FeedValues<MarketPrice>> decode_market_index(std::string_view body);
/// The newest of each half-hour.
[[nodiscard]] Result<FeedValues<DemandForecast>> decode_demand(std::string_view body);
/// The newest of each half-hour.
[[nodiscard]] Result<FeedValues<DemandOutturn>> decode_demand_outturn(std::string_view body);

}  // namespace headroom::feeds::elexon
