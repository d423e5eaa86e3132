#pragma once

#include "agents/turns.hpp"
#include "core/caller.hpp"
#include "core/json.hpp"
#include "desk/activity.hpp"
#include "desk/audit.hpp"
#include "desk/describe_entry.hpp"
#include "desk/events.hpp"
#include "desk/feeders.hpp"
#include "desk/grid_desk.hpp"
#include "desk/live_log.hpp"
#include "desk/parts.hpp"
#include "desk/series.hpp"

#include <string>

namespace headroom::desk {

/// What an operator may see and do, once for all doors. Queries by subject read the agents' state on the io
/// thread and the disk behind workers; commands take the caller and a reason and end in the audit log.
class Desk {
  public:
    using Parts = desk::Parts;
    Desk(Parts parts, Mode mode);
    Desk(const Desk&) = delete;
    Desk& operator=(const Desk&) = delete;

    [[nodiscard]] FeederDesk& feeders() { return feeders_; }
    [[nodiscard]] EventDesk& events() { return events_; }
    [[nodiscard]] const SeriesDesk& series() const { return series_; }
    [[nodiscard]] LiveLog& live() { return live_; }
    [[nodiscard]] AuditDesk& audit() { return audit_; }
    [[nodiscard]] const Parts& parts() const { return parts_; }

    [[nodiscard]] json::Object status();
    /// `{status, checks}`; healthy when readings can be taken and decisions written down.
    [[nodiscard]] json::Object health() const;
    [[nodiscard]] bool is_healthy() const { return parts_.journal.healthy(); }
    /// What went on before the last restart has been taken up: orders may be given.
    [[nodiscard]] Result<void> check_started() const {
        return parts_.orchestration.is_recovered()
                   ? Result<void>{}
                   : Error{Errc::unavailable, "the control room is starting: ask again in a moment"};
    }
    [[nodiscard]] json::Object agents_status() const;

    /// Whether stop-all may name it. Errors: `not_found`.
    [[nodiscard]] Result<void> check_area(const std::string& area) const;
    /// Errors: `not_found` for an unknown element, `invalid` for a state that is none.
    [[nodiscard]] Result<void> check_feeder_state(const std::string& element, const std::string& state) const;

    Awaitable<Result<void>> approve(EventId event, std::string plan_sha256, Caller caller);
    Awaitable<Result<void>> reject(EventId event, std::string plan_sha256, Caller caller);
    Awaitable<Result<void>> cancel(EventId event, Caller caller);
    Awaitable<Result<void>> stop_all(std::string area, bool stopped, Caller caller);
    /// What reading the grid file again would change.
    Awaitable<Result<GridChangeAnswer>> preview_grid() { return grid_.preview(); }
    /// Reads it again and puts it in force.
    Awaitable<Result<GridChangeAnswer>> reload_grid(Caller caller);
    Awaitable<Result<void>> set_feeder(std::string feeder, std::string state, bool held, Caller caller);

    Mode& mode() { return mode_; }
    /// What people order is judged by what was spent so far: one order after the other, from there until it
    /// is written down.
    [[nodiscard]] agents::Turns& purchases() { return purchases_; }

  private:
    Parts parts_;
    Mode mode_;
    FeederDesk feeders_;
    EventDesk events_;
    SeriesDesk series_;
    LiveLog live_;
    Activity activity_;
    AuditDesk audit_;
    GridDesk grid_;
    agents::Turns purchases_;
    Worker worker_;  // waits for the disk; last, so that it is joined before what its jobs use goes
};

}  // namespace headroom::desk
