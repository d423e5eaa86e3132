#pragma once

#include "app/control_room.hpp"
#include "app/simulated_grid.hpp"
#include "core/result.hpp"
#include "sim/story.hpp"

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace headroom::app {

/// For how long a plan that waits for somebody slows the evening down. A plan that nobody looks at does not
/// hold the world up for longer.
class DecisionPatience {
  public:
    static constexpr auto patience = std::chrono::seconds{120};

    /// `waiting`: the plans that expire unless somebody decides. Whether one of them has waited for less than
    /// `patience` of wall time.
    [[nodiscard]] bool holds(const std::vector<std::string>& waiting, SteadyTime now);

  private:
    std::map<std::string, SteadyTime> since_;
};

/// The simulated evening at its pace, minute by minute. A decision is bound in time where the approval that a
/// plan waits for would expire within `DecisionPatience::patience` of wall time at that pace; then domain
/// time is wall time for as long as the patience lasts.
class DemoPace {
  public:
    /// `speed` domain seconds in a second of the wall; `is_asked_to_stop` may become true at any time.
    DemoPace(SimulatedGrid& grid, ControlRoom& room, double speed, const bool& is_asked_to_stop)
        : grid_(grid), room_(room), speed_(speed), is_asked_to_stop_(is_asked_to_stop) {}

    /// Returns when somebody has asked for anything, or after a minute.
    void wait_for_visitor_of(const sim::Story& story);
    /// Returns when asked to stop; the evening may be over long before. Errors: as `SimulatedGrid::step`.
    Result<void> run();

  private:
    [[nodiscard]] bool expires_soon() const;
    void rest_until_next(SteadyTime begun);
    void tell_that_it_is_over();

    SimulatedGrid& grid_;
    ControlRoom& room_;
    double speed_;
    const bool& is_asked_to_stop_;
    DecisionPatience patience_;
    bool is_told_ = false;
};

}  // namespace headroom::app
