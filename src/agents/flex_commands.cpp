// What a person may do: decide about plans, grant authority, set states, stop.
#include "agents/flex_orchestration_impl.hpp"

#include "core/json_object.hpp"
#include "grid/grid_json.hpp"

#include <algorithm>
#include <utility>

namespace headroom::agents {

Awaitable<Result<void>> FlexOrchestration::Impl::answer(EventId id, Approval approval) {
    const Result<void> reasoned = with_reason(approval.caller);
    if (!reasoned) {
        co_return reasoned;
    }
    const auto found = events_.find(id.value);
    if (found == events_.end()) {
        co_return Error{Errc::not_found, "no event " + id.value};
    }
    FlexEvent& event = *found->second;
    if (approval.approved && approval.plan_sha256 != event.record().plan_sha256) {
        Result<AcceptedProposal> proposal = co_await event.proposal(approval.plan_sha256);
        if (!proposal && proposal.error().code == Errc::conflict) {
            co_return proposal.error();
        }
        if (proposal) {
            approval.proposal = std::make_shared<const AcceptedProposal>(std::move(*proposal));
        }
    }
    if (!approval.proposal && approval.plan_sha256 != event.record().plan_sha256) {
        co_return Error{Errc::conflict,
                        "the plan of event " + id.value + " is now " + event.record().plan_sha256, "/sha256"};
    }
    if (!event.answer(std::move(approval))) {
        co_return Error{Errc::conflict, "event " + id.value + " does not wait for an approval; it is " +
                                            std::string(to_string(event.record().state))};
    }
    co_return Result<void>{};
}

Awaitable<Result<void>> FlexOrchestration::Impl::cancel(EventId id, Caller caller) {
    const Result<void> reasoned = with_reason(caller);
    if (!reasoned) {
        co_return reasoned;
    }
    const auto found = events_.find(id.value);
    if (found == events_.end()) {
        co_return Error{Errc::not_found, "no event " + id.value};
    }
    const bool is_nothing_bought = found->second->record().state == EventState::proposed;
    if (is_nothing_bought && found->second->waits_for_approval()) {
        Approval rejected{
            .approved = false, .plan_sha256 = found->second->record().plan_sha256, .caller = caller};
        found->second->answer(std::move(rejected));
    } else {
        found->second->cancel(std::move(caller));
    }
    co_return Result<void>{};
}

Awaitable<Result<void>> FlexOrchestration::Impl::grant(grid::AuthorityEnvelope envelope, Caller caller) {
    const Result<void> reasoned = with_reason(caller);
    if (!reasoned) {
        co_return reasoned;
    }
    envelope.granted_by = caller.id;
    json::Object body =
        json::object({{"id", envelope.id}, {"envelope", grid::to_json(envelope)}, {"reason", caller.reason}});
    const Result<void> written = co_await write("authority.grant", std::move(body), caller);
    if (written) {
        std::erase_if(context_.envelopes, [&](const auto& known) { return known.id == envelope.id; });
        context_.envelopes.push_back(std::move(envelope));
    }
    co_return written;
}

Awaitable<Result<void>> FlexOrchestration::Impl::revoke(std::string id, Caller caller) {
    const Result<void> reasoned = with_reason(caller);
    if (!reasoned) {
        co_return reasoned;
    }
    const auto found = std::find_if(context_.envelopes.begin(), context_.envelopes.end(),
                                    [&](const auto& envelope) { return envelope.id == id; });
    if (found == context_.envelopes.end()) {
        co_return Error{Errc::not_found, "no authority envelope " + id};
    }
    found->revoked = true;  // stopping takes effect at once, whatever the disk does
    json::Object body =
        json::object({{"id", id}, {"envelope", grid::to_json(*found)}, {"reason", caller.reason}});
    co_return co_await write("authority.revoke", std::move(body), caller);
}

Awaitable<Result<void>> FlexOrchestration::Impl::set_state(std::string element, grid::StateEntry state,
                                                           Caller caller) {
    const Result<void> reasoned = with_reason(caller);
    if (!reasoned) {
        co_return reasoned;
    }
    if (context_.parts.network.feeder(element) == nullptr &&
        context_.parts.network.substation(element) == nullptr) {
        co_return Error{Errc::not_found, "no feeder or substation " + element};
    }
    const bool was_held = context_.states.of(element).held_by_engineer;
    state.person = caller.id;
    const std::string type = state.held_by_engineer && !was_held   ? "feeder.takeover"
                             : !state.held_by_engineer && was_held ? "feeder.handback"
                                                                   : "state.change";
    const grid::StateEntry before = context_.states.of(element);
    if (state.held_by_engineer || state.state != grid::OperationalState::normal) {
        context_.states.set(element, state);
    }
    if (state_listener_) {
        state_listener_(element, before, state);
    }
    json::Object body = json::object({{"element", element},
                                      {"state", std::string(grid::to_string(state.state))},
                                      {"entry", grid::to_json(state)},
                                      {"reason", caller.reason}});
    const Result<void> written = co_await write(type, std::move(body), caller);
    if (written) {
        context_.states.set(element, std::move(state));
    }
    co_return written;
}

Awaitable<Result<void>> FlexOrchestration::Impl::stop_all(std::string area, bool stopped, Caller caller) {
    const Result<void> reasoned = with_reason(caller);
    if (!reasoned) {
        co_return reasoned;
    }
    if (stopped) {
        context_.parts.dispatch.set_stop(area, true);  // before anything is written: never fail to stop
    }
    json::Object body = json::object(
        {{"area", area.empty() ? "everywhere" : area}, {"stopped", stopped}, {"reason", caller.reason}});
    const Result<void> written = co_await write("stop.all", std::move(body), caller);
    if (written && !stopped) {
        context_.parts.dispatch.set_stop(area, false);
    }
    co_return written;
}

Awaitable<Result<void>> FlexOrchestration::Impl::write(std::string type, json::Object body,
                                                       const Caller& caller) {
    std::vector<audit::Draft> drafts;
    drafts.push_back({.type = std::move(type), .actor = actor_of(caller), .body = std::move(body)});
    const Result<audit::Committed> committed = co_await context_.parts.journal.commit(std::move(drafts));
    co_return committed ? Result<void>{} : Result<void>(committed.error());
}

Awaitable<Result<void>> FlexOrchestration::approve(EventId event, std::string plan_sha256, Caller caller) {
    Approval approval{.approved = true, .plan_sha256 = std::move(plan_sha256), .caller = std::move(caller)};
    return impl_->answer(std::move(event), std::move(approval));
}

Awaitable<Result<void>> FlexOrchestration::reject(EventId event, std::string plan_sha256, Caller caller) {
    Approval approval{.approved = false, .plan_sha256 = std::move(plan_sha256), .caller = std::move(caller)};
    return impl_->answer(std::move(event), std::move(approval));
}

Awaitable<Result<void>> FlexOrchestration::cancel(EventId event, Caller caller) {
    return impl_->cancel(std::move(event), std::move(caller));
}

Awaitable<Result<void>> FlexOrchestration::grant(grid::AuthorityEnvelope envelope, Caller caller) {
    return impl_->grant(std::move(envelope), std::move(caller));
}

Awaitable<Result<void>> FlexOrchestration::revoke(std::string envelope, Caller caller) {
    return impl_->revoke(std::move(envelope), std::move(caller));
}

Awaitable<Result<void>> FlexOrchestration::set_state(std::string element, grid::StateEntry state,
                                                     Caller caller) {
    return impl_->set_state(std::move(element), std::move(state), std::move(caller));
}

Awaitable<Result<void>> FlexOrchestration::stop_all(std::string area, bool stopped, Caller caller) {
    return impl_->stop_all(std::move(area), stopped, std::move(caller));
}

}  // namespace headroom::agents
