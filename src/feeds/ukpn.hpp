#pragma once

#include "feeds/feed_request.hpp"
#include "feeds/feed_rows.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::feeds::ukpn {

// Shapes: UK Power Networks Open Data, Opendatasoft Explore API v2.1.

/// A power cut as it is published.
struct LiveFault {
    std::string reference;
    std::string kind;  ///< "Planned", "Unplanned" …
    std::optional<UtcTime> reported = {};
    std::optional<UtcTime> restoration_expected = {};
    std::optional<UtcTime> restored = {};
    std::int64_t customers = 0;
    std::vector<std::string> postcode_sectors;  ///< "SE1 7"
    std::string message;
    std::optional<double> lat = {};
    std::optional<double> lon = {};
    bool operator==(const LiveFault&) const = default;
};
/// What the network bought: volumes as requested, not as delivered.
struct FlexibilityDispatch {
    std::string company;
    std::string unit;
    std::string zone;
    std::string product;
    std::string technology;
    std::string kind;  ///< demand_turn_down, demand_turn_up, generation_turn_up, generation_turn_down
    UtcTime start{};
    UtcTime end{};
    double requested_mw = 0.0;
    double requested_mwh = 0.0;
    double availability_gbp_per_mw_h = 0.0;
    double utilisation_gbp_per_mwh = 0.0;
    bool operator==(const FlexibilityDispatch&) const = default;
};
/// A grid or primary substation with the rating of its transformers.
struct PrimarySite {
    std::string id;  ///< functional location
    std::string name;
    std::string kind;
    std::optional<double> rating_summer_mva = {};
    std::optional<double> rating_winter_mva = {};
    std::optional<double> peak_summer_mw = {};
    std::optional<double> peak_winter_mw = {};
    std::optional<double> lat = {};
    std::optional<double> lon = {};
    bool operator==(const PrimarySite&) const = default;
};

inline constexpr std::size_t page_records = 100;    ///< the most that the service gives at a time
inline constexpr std::size_t records_max = 10'000;  ///< limit and offset together stay below it

/// A literal for a `where` clause. Errors: `invalid` for text with quotes, backslashes or control characters.
[[nodiscard]] Result<std::string> quoted(std::string_view text);

/// One page of a dataset; `where` may be empty. Errors: `invalid` beyond `records_max` or for a dataset that
/// is none.
[[nodiscard]] Result<FeedRequest> records(std::string_view dataset, std::string where, std::string order_by,
                                          std::size_t offset);
[[nodiscard]] Result<FeedRequest> live_faults(std::size_t offset);
/// Those that start at or after `from`, the newest first.
[[nodiscard]] Result<FeedRequest> flexibility_dispatches(UtcTime from, std::size_t offset);
[[nodiscard]] Result<FeedRequest> primary_sites(std::size_t offset);

// Errors: `invalid` when it is no such answer. `next` is the offset of the next page, given the one that was
// asked for.
[[nodiscard]] Result<FeedValues<LiveFault>> decode_live_faults(std::string_view body, std::size_t offset);
[[nodiscard]] Result<FeedValues<FlexibilityDispatch>> decode_dispatches(std::string_view body,
                                                                        std::size_t offset);
[[nodiscard]] Result<FeedValues<PrimarySite>> decode_primary_sites(std::string_view body, std::size_t offset);

}  // namespace headroom::feeds::ukpn
