#pragma once

#include "flex/interval_grid.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace headroom::flex {

/// What one meter would have shown and what it showed, in W of import.
struct MeterSeries {
    std::string meter;
    std::optional<IntervalGrid> baseline_w;
    std::optional<IntervalGrid> usage_w;  ///< absent before the event has ended

    bool operator==(const MeterSeries&) const = default;
};

/// Where one message stands among those that carry a long list of meters.
struct PageInfo {
    std::int64_t sequence = 0;
    bool is_last = false;
    std::string cursor;       ///< of this page; the sender's own word
    std::string next_cursor;  ///< to ask for the next; empty on the last

    bool operator==(const PageInfo&) const = default;
};

/// The meters lie elsewhere: fetched only from a host that is allowed, and believed only when the hash fits.
struct MetersRef {
    std::string uri;
    std::string sha256;  ///< 64 lower-case hexadecimal digits
    std::int64_t count = 0;

    bool operator==(const MetersRef&) const = default;
};

/// Evidence of delivery for one event.
struct Performance {
    std::string id;
    std::string state;  ///< the sender's word
    std::string event;
    std::string methodology;  ///< "5of10"; "RESOURCE_TELEMETRY" is never settled
    std::vector<std::string> commitments;
    std::vector<MeterSeries> meters;
    std::optional<PageInfo> page;
    std::optional<MetersRef> meters_ref;

    [[nodiscard]] bool is_settled_from() const { return methodology != "RESOURCE_TELEMETRY"; }
    bool operator==(const Performance&) const = default;
};

/// What one role receives (positive) or pays (negative), in millionths of the currency's unit.
struct RevenueFlow {
    std::string role;
    std::int64_t value_micro = 0;
    std::string currency;
    std::string description;

    bool operator==(const RevenueFlow&) const = default;
};

}  // namespace headroom::flex
