#include "desk/desk.hpp"

#include "desk/identity/role.hpp"
#include "desk/status.hpp"

#include <optional>
#include <utility>

namespace headroom::desk {
namespace {

/// Judging a plan is asked for here too, whatever the door.
Result<void> may_judge(const Caller& caller) {
    if (identity::role_allows(caller.role, "approver")) {
        return {};
    }
    return Error{Errc::denied, caller.id + " has not the role approver, which judging a plan needs"};
}

}  // namespace

Desk::Desk(Parts parts, Mode mode)
    : parts_(std::move(parts)),
      mode_(std::move(mode)),
      feeders_(parts_),
      events_(parts_, worker_),
      series_(parts_),
      live_(parts_.journal, worker_),
      audit_(parts_.journal, worker_),
      grid_(parts_, worker_),
      worker_("desk") {
    parts_.journal.on_entry([this](const audit::Entry& entry) { activity_.take(entry); });
}

json::Object Desk::status() {
    return status_json(parts_, mode_, feeders_);
}

json::Object Desk::health() const {
    return health_json(parts_);
}

json::Object Desk::agents_status() const {
    return agents_json(parts_, activity_);
}

Result<void> Desk::check_area(const std::string& area) const {
    if (area.empty() || parts_.network.feeder(area) != nullptr ||
        parts_.network.substation(area) != nullptr) {
        return {};
    }
    return Error{Errc::not_found, "no feeder or substation " + area, "/area"};
}

Result<void> Desk::check_feeder_state(const std::string& element, const std::string& state) const {
    if (parts_.network.feeder(element) == nullptr && parts_.network.substation(element) == nullptr) {
        return Error{Errc::not_found, "no feeder or substation " + element};
    }
    if (!grid::parse_operational_state(state)) {
        return Error{
            Errc::invalid,
            "state must be normal, abnormal, outage, isolated, permit or restoring, it is '" + state + "'",
            "/state"};
    }
    return {};
}

Awaitable<Result<void>> Desk::approve(EventId event, std::string plan_sha256, Caller caller) {
    const Result<void> allowed = may_judge(caller);
    if (!allowed) {
        co_return allowed;
    }
    co_return co_await parts_.orchestration.approve(std::move(event), std::move(plan_sha256),
                                                    std::move(caller));
}

Awaitable<Result<void>> Desk::reject(EventId event, std::string plan_sha256, Caller caller) {
    const Result<void> allowed = may_judge(caller);
    if (!allowed) {
        co_return allowed;
    }
    co_return co_await parts_.orchestration.reject(std::move(event), std::move(plan_sha256),
                                                   std::move(caller));
}

Awaitable<Result<void>> Desk::cancel(EventId event, Caller caller) {
    return parts_.orchestration.cancel(std::move(event), std::move(caller));
}

Awaitable<Result<void>> Desk::stop_all(std::string area, bool stopped, Caller caller) {
    return parts_.orchestration.stop_all(std::move(area), stopped, std::move(caller));
}

Awaitable<Result<GridChangeAnswer>> Desk::reload_grid(Caller caller) {
    Result<GridChangeAnswer> answer = co_await grid_.reload(std::move(caller));
    if (answer && answer->applied) {
        feeders_.rebuild();
    }
    co_return answer;
}

Awaitable<Result<void>> Desk::set_feeder(std::string feeder, std::string state, bool held, Caller caller) {
    const std::optional<grid::OperationalState> parsed = grid::parse_operational_state(state);
    if (!parsed) {
        co_return Error{Errc::invalid, "'" + state + "' is no operational state", "/state"};
    }
    grid::StateEntry entry{.state = *parsed,
                           .since = parts_.clock.now(),
                           .source = "desk",
                           .person = caller.id,
                           .held_by_engineer = held};
    co_return co_await parts_.orchestration.set_state(std::move(feeder), std::move(entry), std::move(caller));
}

}  // namespace headroom::desk
