#include "api/judgement.hpp"

#include "api/request.hpp"

#include <utility>

namespace headroom::api {

Awaitable<net::Response> judge(std::shared_ptr<const Door> door, net::Request request, EventId event,
                               JudgementBody judgement, bool approve, bool is_proposal) {
    const Result<bool> dry_run = dry_run_of(request);
    if (!dry_run) {
        co_return net::problem_of(dry_run.error(), request.path);
    }
    const std::string id = event.value;
    if (*dry_run) {
        const std::optional<agents::EventRecord> record = door->desk().parts().orchestration.event(event);
        const bool waits = door->desk().parts().orchestration.waits_for_approval(event);
        const Result<void> may =
            !record ? Result<void>(Error{Errc::not_found, "no event " + id})
            : !is_proposal && record->plan_sha256 != judgement.sha256
                ? Result<void>(Error{Errc::conflict,
                                     "the plan of event " + id + " is now " + record->plan_sha256, "/sha256"})
            : !waits ? Result<void>(Error{Errc::conflict, "event " + id + " does not wait for an approval"})
                     : Result<void>{};
        co_return may ? net::json_response(200, json::Object{{"dry_run", true},
                                                             {"event_id", id},
                                                             {"status", approve ? "approved" : "rejected"}})
                      : net::problem_of(may.error(), request.path);
    }
    Caller caller = caller_of(request, std::move(judgement.reason));
    desk::Desk& desk = door->desk();
    const Result<void> done =
        approve ? co_await desk.approve(std::move(event), std::move(judgement.sha256), std::move(caller))
                : co_await desk.reject(std::move(event), std::move(judgement.sha256), std::move(caller));
    co_return done ? net::json_response(
                         200, json::Object{{"status", approve ? "approved" : "rejected"}, {"event_id", id}})
                   : net::problem_of(done.error(), request.path);
}

Operation describe_judgement(Operation operation, bool approve) {
    const std::string answer = std::string(R"({"status":")") + (approve ? "approved" : "rejected") +
                               R"(","event_id":"ev-20270114-7i3whrtl"})";
    return operation
        .about(
            "Bound to the plan's sha256 that was looked at: another one is refused, and what was approved is "
            "what is bought.")
        .takes<JudgementBody>(
            R"({"sha256":"47701c43fd724d91cfdbd835148447e1eed5ad549241c88f1ffcde226cc977c2","reason":"covers the peak"})")
        .answers_like(200, "Written down.", answer)
        .fails({400, 404, 409, 422, 503});
}

}  // namespace headroom::api
