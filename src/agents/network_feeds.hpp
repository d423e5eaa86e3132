#pragma once

#include "agents/feed_dispatches.hpp"
#include "agents/feed_loop.hpp"
#include "agents/feed_standing.hpp"
#include "core/async.hpp"
#include "core/caller.hpp"
#include "core/clock.hpp"
#include "feeds/provenance.hpp"
#include "feeds/ukpn.hpp"
#include "grid/network.hpp"
#include "grid/operational_state.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::agents {

// What public data of the network operator says about our network: power cuts set operational states, sites
// fill ratings that nobody has stated, and what was bought of flexibility is added back to histories.

/// Who sets states on the word of the feed; it takes back only what it set.
inline constexpr std::string_view fault_feed = "ukpn_live_faults";
/// A power cut within so many kilometres of a substation is taken to concern it: published places are those
/// of postcodes.
inline constexpr double fault_near_km = 0.5;

/// A power cut that concerns an element of ours.
struct FaultAtElement {
    std::string element;
    std::string reference;
    std::string detail;  ///< a sentence
    bool operator==(const FaultAtElement&) const = default;
};
/// The nearest substation within `fault_near_km` of each cut that is not restored, one fault an element,
/// sorted by element. Cuts without a place concern nobody. Pure.
[[nodiscard]] std::vector<FaultAtElement> faults_at(const grid::Network& network,
                                                    const std::vector<feeds::ukpn::LiveFault>& faults,
                                                    UtcTime now);

struct StateChange {
    std::string element;
    grid::StateEntry entry;
    std::string reason;
};
/// What the faults change: elements in service become abnormal; those that the feed had made so, and that no
/// cut concerns any more, are normal again. What a person set is left alone. Pure.
[[nodiscard]] std::vector<StateChange> changes_by_faults(const grid::OperationalStates& states,
                                                         const std::vector<FaultAtElement>& faults,
                                                         UtcTime now);

/// Limits of substations that have none of their own: the published firm capacity by season, as apparent
/// power, unverified, with its source and date. Matched by the operator's id of the site (`source_ref` or
/// id), or by name within a kilometre. Pure.
[[nodiscard]] std::vector<grid::Limit> ratings_from(const grid::Network& network,
                                                    const std::vector<feeds::ukpn::PrimarySite>& sites,
                                                    UtcTime as_of);

/// Every record that a service gave, with what of it was not believed and where it comes from.
template <class T>
struct NetworkRecords {
    std::vector<T> values = {};
    std::vector<feeds::RowFault> faults = {};
    std::size_t faults_total = 0;
    feeds::Provenance origin = {};
};

/// Asks all three on a thread of its own, again and again, and applies what follows on the io thread. A feed
/// that is down, slow or wrong changes nothing and stops nothing.
class NetworkFeeds {
  public:
    struct Parts {
        asio::any_io_executor executor;
        DomainClock& clock;
        WallClock& wall;
        const grid::Network& network;
        const grid::OperationalStates& states;
        std::function<Awaitable<Result<void>>(std::string element, grid::StateEntry entry, Caller caller)>
            set_state;
        std::function<void(grid::Network network)> adopt;
        /// Blocking, on the feeds' own thread.
        std::function<Result<NetworkRecords<feeds::ukpn::LiveFault>>()> ask_faults;
        std::function<Result<NetworkRecords<feeds::ukpn::PrimarySite>>()> ask_sites;
        /// Those that began at or after `from`.
        std::function<Result<NetworkRecords<feeds::ukpn::FlexibilityDispatch>>(UtcTime from)> ask_dispatches;
        /// Puts the dispatched load of elements into the series store.
        std::function<void(std::vector<store::SeriesBlock> blocks)> keep;
    };
    NetworkFeeds(Parts parts, milliseconds every);

    /// Asks at once, then every so often until it is destroyed or stopped.
    void start();
    void stop() { loop_.stop(); }
    /// One round; for tests, and for whoever wants it now.
    Awaitable<void> round();
    [[nodiscard]] std::vector<FeedStanding> standing() const { return {faults_, sites_, dispatches_}; }

  private:
    Awaitable<void> take_faults();
    Awaitable<void> take_sites();
    Awaitable<void> take_dispatches();

    Parts parts_;
    FeedStanding faults_{.id = "ukpn_live_faults", .reaches = "operational states", .source = "ukpn"};
    FeedStanding sites_{.id = "ukpn_primary_sites", .reaches = "limits of substations", .source = "ukpn"};
    FeedStanding dispatches_{
        .id = "ukpn_dispatches", .reaches = "histories behind forecasts and scenarios", .source = "ukpn"};
    UtcTime dispatches_due_{};          // wall time; they change once a month
    std::set<std::string> dispatched_;  // elements with a dispatched load
    FeedLoop loop_;                     // last: its thread is joined before what it uses goes
};

}  // namespace headroom::agents
