#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "flex/performance.hpp"
#include "grid/network.hpp"
#include "settlement/statement.hpp"
#include "store/series.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::agents {

// Load that our own events turned down, the meters do not show either. What a settlement has verified of it
// stands beside the metered loads, so that what is learnt is the load had nothing been asked.

/// Half-hours that are kept of one delivery: an order of a need may last a week.
inline constexpr std::size_t delivery_periods_max = 336;

/// What one event turned down, or one order of a need, by the feeder of its DERs. Nothing was delivered: no
/// feeders.
struct VerifiedDelivery {
    std::string event;  ///< an order: its transaction
    UtcTime start{};    ///< on the period grid
    /// Wh of the half-hours from `start` on, all equally many; negative where load was turned up.
    std::map<std::string, std::vector<std::int64_t>> wh;
    bool operator==(const VerifiedDelivery&) const = default;
};

/// Whether the meter of a DER is kept apart by trust in a half-hour.
using IsKeptApart = std::function<bool(const std::string& der, UtcTime period)>;

/// Of a settlement's result what counts as turned down: deliveries that are verified, in half-hours in which
/// something was instructed, from nothing up to what was instructed. What is held for a meter in doubt does
/// not count, nor what lacks a reading or a baseline, nor a half-hour that trust keeps apart. DERs that the
/// network does not know are passed over. Pure.
[[nodiscard]] VerifiedDelivery verified_delivery(const settlement::SettlementInput& input,
                                                 const settlement::SettlementResult& result,
                                                 const grid::Network& network,
                                                 const IsKeptApart& is_kept_apart);

/// Of an order of an own need what counts as turned down, by what our own meters showed of it: baseline less
/// usage of each of its meters that is a DER of the network, half-hour by half-hour, from nothing up. All of
/// its meters together count for no more than was awarded: beyond that each counts in proportion. Of meters
/// that the network does not know nobody knows under which feeder they are; they are passed over, and so are
/// half-hours that trust keeps apart. Pure.
[[nodiscard]] VerifiedDelivery verified_delivery(const std::string& transaction,
                                                 const flex::Performance& shown,
                                                 const flex::IntervalGrid& awarded_w,
                                                 const grid::Network& network,
                                                 const IsKeptApart& is_kept_apart);

/// {"event", "start", "feeders": [{"feeder", "wh": […]}]}
[[nodiscard]] json::Value to_json(const VerifiedDelivery& delivery);
/// Errors: `invalid` with the pointer.
[[nodiscard]] Result<VerifiedDelivery> verified_delivery_from_json(const json::Value& value);

/// Where the delivered load of an element is stored: "F-1/p_kw/sum/delivered".
[[nodiscard]] std::string delivered_key(std::string_view element);

/// Sums what all events turned down at each feeder and at everything that supplies it, exactly, in Wh. One
/// thread.
class DeliveredLoad {
  public:
    /// Takes an event's delivery in place of what was said of that event before. Answers, for each element
    /// that it touches, the sums of the half-hours in between in kW: to be stored.
    [[nodiscard]] std::vector<store::SeriesBlock> take(VerifiedDelivery delivery,
                                                       const grid::Network& network);

  private:
    using Sums = std::map<std::string, std::map<std::int64_t, std::int64_t>>;  // by element and period, Wh
    struct Laid {
        Sums wh;
        std::int64_t first = 0;
        std::int64_t end = 0;
    };
    std::map<std::string, Laid> events_;
    Sums total_;
};

/// What is to be added to a metered load, kW, of what UK Power Networks publishes as bought and what our own
/// events delivered; NaN: nothing is known of it. What is published may hold our own events: where both
/// turned the same way, the larger counts and not the sum.
[[nodiscard]] double added_back_kw(double dispatched_kw, double delivered_kw);

}  // namespace headroom::agents
