#pragma once

#include "core/time.hpp"
#include "feeds/feed_rows.hpp"
#include "feeds/provenance.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headroom::agents {

// What public services say of the half-hours, for whoever decides by it. Names of series carry their unit:
inline constexpr std::string_view carbon_series = "carbon_g_per_kwh";
inline constexpr std::string_view retail_price_series = "price_gbp_per_mwh";
inline constexpr std::string_view market_price_series = "market_price_gbp_per_mwh";
inline constexpr std::string_view system_price_series = "system_price_gbp_per_mwh";

/// One quantity by half-hours, as one answer had it.
struct FeedSeries {
    std::string name;                       ///< "carbon_g_per_kwh"
    std::map<std::int64_t, double> values;  ///< by period number; what is not known is not there
    feeds::Provenance origin;
    std::string stale_because;  ///< an old answer stands in for a new one, because; empty when it is young
};

/// One value with where it comes from.
struct FeedFigure {
    double value = 0.0;
    std::string source;  ///< "carbon_intensity"
    std::string url;
    std::string licence;
    UtcTime fetched{};  ///< wall time; its age is that of the answer
    std::string stale_because;
};

/// "142 g/kWh of the grid in the need's hours, for DERs without a figure of their own: carbon_intensity, …".
[[nodiscard]] std::string carbon_source_text(const FeedFigure& figure);

/// The newest of every series. Immutable.
class FeedTable {
  public:
    FeedTable() = default;
    explicit FeedTable(std::map<std::string, FeedSeries, std::less<>> series) : series_(std::move(series)) {}

    /// The figure of the half-hour that `at` lies in; nothing where it is not known.
    [[nodiscard]] std::optional<FeedFigure> at(std::string_view name, UtcTime at) const;
    /// The newest figure that is known of the half-hours from `back` before `at` up to it, with the first
    /// instant of its half-hour: what is measured is told afterwards. Nothing when none is.
    [[nodiscard]] std::optional<std::pair<UtcTime, FeedFigure>> newest(std::string_view name, UtcTime at,
                                                                       milliseconds back) const;
    /// The mean over [from, until), of the half-hours that are known; nothing when none is.
    [[nodiscard]] std::optional<FeedFigure> mean(std::string_view name, UtcTime from, UtcTime until) const;
    [[nodiscard]] const std::map<std::string, FeedSeries, std::less<>>& series() const { return series_; }

  private:
    std::map<std::string, FeedSeries, std::less<>> series_;
};

/// Where the newest table hangs: put there as a whole, taken as a whole. Any thread.
class FeedBoard {
  public:
    [[nodiscard]] std::shared_ptr<const FeedTable> table() const {
        const std::lock_guard lock(mutex_);
        return table_;
    }
    void put(std::shared_ptr<const FeedTable> table) {
        const std::lock_guard lock(mutex_);
        table_ = std::move(table);
    }

  private:
    mutable std::mutex mutex_;
    std::shared_ptr<const FeedTable> table_ = std::make_shared<const FeedTable>();
};

}  // namespace headroom::agents
