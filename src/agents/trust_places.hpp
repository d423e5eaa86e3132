#pragma once

#include "grid/network.hpp"
#include "monitor/monitor.hpp"
#include "telemetry/reading.hpp"
#include "trust/live_substation.hpp"
#include "trust/univariate.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace headroom::agents {

/// A power that nobody told.
inline constexpr double unknown_kw = std::numeric_limits<double>::quiet_NaN();
/// The phases of a feeder, in the order of lists by phase.
inline constexpr std::array<grid::Phase, 3> three_phases{grid::Phase::l1, grid::Phase::l2, grid::Phase::l3};

/// Readings that belong together, gathered slot by slot from what the monitor saw last: each slot is handed
/// on once, complete, or with NaN for what did not come before the next one began.
///
/// The slot is ten minutes, or the distance of the slowest of the meters (15, 30, 60), learnt from the first
/// few readings.
class SlotGatherer {
  public:
    explicit SlotGatherer(std::size_t meters) : values_(meters), newest_(meters), distance_(meters) {}

    struct Slot {
        UtcTime start{};
        std::vector<double> kw;
        std::size_t missed = 0;  ///< slots before it of which nothing came at all
    };
    /// Looks at the newest readings (`views` by meter). Answers a slot that has become complete or has
    /// passed.
    [[nodiscard]] std::optional<Slot> look(const std::vector<monitor::PointView>& views);
    /// 0 until it is known.
    [[nodiscard]] milliseconds slot() const { return slot_; }

  private:
    void learn(const std::vector<monitor::PointView>& views);
    [[nodiscard]] Slot finish(std::int64_t next);

    static constexpr std::int64_t none = -1;
    std::vector<double> values_;
    std::vector<UtcTime> newest_;
    std::vector<milliseconds> distance_;
    std::uint32_t changes_ = 0;  // of the first meter
    milliseconds slot_{0};
    std::int64_t pending_ = none;
    std::int64_t handed_on_ = none;  // the newest slot that was
    std::size_t known_ = 0;          // values of the pending slot
};

/// How far the layers can see at one place.
enum class WatchState : std::uint8_t { waiting, learning, watching };
[[nodiscard]] std::string_view to_string(WatchState state);

/// A substation whose busbar is metered, or a feeder that is looked at alone.
struct WatchedPlace {
    std::string id;
    std::vector<std::string> feeders;               ///< leaving the substation; the feeder itself when alone
    std::size_t phases = 0;                         ///< 3, or 1 where only sums come; 0: not decided yet
    std::vector<telemetry::PointRef> points;        ///< feeder by feeder, phase by phase, the busbar last
    std::unique_ptr<SlotGatherer> gatherer;         ///< once `phases` is known
    std::unique_ptr<trust::LiveSubstation> layers;  ///< of a substation, once the slot is known
    std::vector<trust::UnivariateWatch> alone;      ///< where there is nothing to compare with
    UtcTime last_slot{};
    bool is_substation = false;
    bool has_busbar = false;  ///< the last points are its; otherwise feeders are looked at alone
    std::vector<monitor::PointView> views = {};

    [[nodiscard]] WatchState state() const;
    [[nodiscard]] std::size_t seen() const;
    [[nodiscard]] std::size_t warm_up() const;
};

/// The places of a network, in its order: substations that feeders leave, then feeders of no substation.
/// `feeders_max` bounds the memory (some 15 KB a feeder once its busbar sends readings).
[[nodiscard]] std::vector<WatchedPlace> watched_places(const grid::Network& network, std::size_t feeders_max);

/// Looks up the place's points and decides whether phases or sums are compared. Answers false while nothing
/// of it has been read.
[[nodiscard]] bool find_points(WatchedPlace& place, const telemetry::PointRegistry& registry,
                               const monitor::Monitor& monitor);

}  // namespace headroom::agents
