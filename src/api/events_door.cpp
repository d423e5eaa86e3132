#include "api/events_door.hpp"

#include "api/answer.hpp"

#include <utility>

namespace headroom::api {
namespace {

using Shared = std::shared_ptr<const Door>;

Result<desk::EventQuery> event_query(const net::Request& request) {
    Result<desk::PageRequest> page = page_of(request);
    Result<std::string> state = text_parameter(request, "state", 16);
    Result<std::string> feeder = text_parameter(request, "feeder", 64);
    for (const Error* fault : {page ? nullptr : &page.error(), state ? nullptr : &state.error(),
                               feeder ? nullptr : &feeder.error()}) {
        if (fault != nullptr) {
            return *fault;
        }
    }
    return desk::EventQuery{
        .state = std::move(*state), .feeder = std::move(*feeder), .page = std::move(*page)};
}

Awaitable<net::Response> events(Shared door, net::Request request) {
    const Result<desk::EventQuery> query = event_query(request);
    co_return query ? respond_list(request, "events", door->desk().events().list(*query))
                    : net::problem_of(query.error(), request.path);
}

Awaitable<net::Response> overloads(Shared door, net::Request request) {
    const Result<desk::EventQuery> query = event_query(request);
    co_return query ? respond_list(request, "overloads", door->desk().events().overloads(*query))
                    : net::problem_of(query.error(), request.path);
}

Awaitable<net::Response> event(Shared door, net::Request request) {
    EventId id{request.path_parameter("id")};
    const Result<json::Object> detail = co_await door->desk().events().detail(std::move(id));
    co_return detail ? net::json_response(200, *detail) : net::problem_of(detail.error(), request.path);
}

Awaitable<net::Response> replay(Shared door, net::Request request) {
    EventId id{request.path_parameter("id")};
    const Result<desk::ReplayAnswer> answer = co_await door->desk().events().replay(std::move(id));
    co_return respond(request, answer);
}

Awaitable<net::Response> plans(Shared door, net::Request request) {
    Result<desk::PageRequest> page = page_of(request);
    Result<std::string> state = text_parameter(request, "state", 16);
    Result<std::string> event = text_parameter(request, "event", 64);
    if (!page || !state || !event) {
        co_return net::problem_of(!page    ? page.error()
                                  : !state ? state.error()
                                           : event.error(),
                                  request.path);
    }
    EventId id{std::move(*event)};
    const Result<desk::Page<desk::PlanAnswer>> answer =
        co_await door->desk().events().plans(std::move(id), std::move(*state), std::move(*page));
    co_return respond_list(request, "plans", answer);
}

Awaitable<net::Response> plan(Shared door, net::Request request) {
    std::string id = request.path_parameter("plan_id");
    const Result<desk::PlanAnswer> answer = co_await door->desk().events().plan(std::move(id));
    co_return respond(request, answer);
}

Awaitable<net::Response> orders(Shared door, net::Request request) {
    Result<desk::PageRequest> page = page_of(request);
    Result<std::string> event = text_parameter(request, "event", 64);
    if (!page || !event) {
        co_return net::problem_of(!page ? page.error() : event.error(), request.path);
    }
    EventId id{std::move(*event)};
    const Result<desk::Page<desk::ContractAnswer>> answer =
        co_await door->desk().events().orders(std::move(id), std::move(*page));
    co_return respond_list(request, "orders", answer);
}

/// `{sha256, reason}` of an approval or rejection.
struct Judgement {
    std::string sha256;
    std::string reason;
};

Result<Judgement> read_judgement(const net::Request& request) {
    const Result<json::Value> parsed = object_body(request);
    if (!parsed) {
        return parsed.error();
    }
    Judgement judgement{parsed->text("/sha256"), parsed->text("/reason")};
    if (judgement.sha256.empty()) {
        return Error{Errc::invalid, "the plan's sha256 is needed", "/sha256"};
    }
    if (judgement.reason.empty()) {
        return Error{Errc::invalid, "a reason is needed", "/reason"};
    }
    return judgement;
}

Awaitable<net::Response> judge(Shared door, net::Request request, EventId event, Judgement judgement,
                               bool approve) {
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
            : record->plan_sha256 != judgement.sha256
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

Awaitable<net::Response> judge_event(Shared door, net::Request request, bool approve) {
    Result<Judgement> judgement = read_judgement(request);
    if (!judgement) {
        co_return net::problem_of(judgement.error(), request.path);
    }
    EventId event{request.path_parameter("id")};
    co_return co_await judge(std::move(door), std::move(request), std::move(event), std::move(*judgement),
                             approve);
}

Awaitable<net::Response> judge_plan(Shared door, net::Request request, bool approve) {
    Result<Judgement> judgement = read_judgement(request);
    if (!judgement) {
        co_return net::problem_of(judgement.error(), request.path);
    }
    std::string id = request.path_parameter("plan_id");
    const Result<desk::PlanAnswer> plan = co_await door->desk().events().plan(std::move(id));
    if (!plan) {
        co_return net::problem_of(plan.error(), request.path);
    }
    if (plan->sha256 != judgement->sha256) {
        const Error other{Errc::conflict, "plan " + plan->plan_id + " has the sha256 " + plan->sha256,
                          "/sha256"};
        co_return net::problem_of(other, request.path);
    }
    EventId event{plan->event_id};
    co_return co_await judge(std::move(door), std::move(request), std::move(event), std::move(*judgement),
                             approve);
}

Awaitable<net::Response> cancel(Shared door, net::Request request) {
    const Result<json::Value> body = object_body(request);
    const Result<bool> dry_run = dry_run_of(request);
    if (!body || !dry_run) {
        co_return net::problem_of(!body ? body.error() : dry_run.error(), request.path);
    }
    EventId event{request.path_parameter("id")};
    const std::string id = event.value;
    if (body->text("/reason").empty()) {
        const Error missing{Errc::invalid, "a reason is needed", "/reason"};
        co_return net::problem_of(missing, request.path);
    }
    const std::optional<agents::EventRecord> record = door->desk().parts().orchestration.event(event);
    if (!record) {
        co_return net::problem_of(Error{Errc::not_found, "no event " + id}, request.path);
    }
    if (agents::is_over(record->state)) {
        const Error over{Errc::conflict,
                         "event " + id + " is over; it is " + std::string(agents::to_string(record->state))};
        co_return net::problem_of(over, request.path);
    }
    if (*dry_run) {
        co_return net::json_response(
            200, json::Object{{"dry_run", true}, {"event_id", id}, {"status", "cancelling"}});
    }
    Caller caller = caller_of(request, body->text("/reason"));
    const Result<void> done = co_await door->desk().cancel(std::move(event), std::move(caller));
    co_return done ? net::json_response(200, json::Object{{"event_id", id}, {"status", "cancelling"}})
                   : net::problem_of(done.error(), request.path);
}

}  // namespace

void add_events(net::HttpServer& server, const Shared& door) {
    const auto add = [&](const char* method, const char* pattern, const char* role, auto handler,
                         const char* summary) {
        server.route(
            method, pattern,
            [door, handler](net::Request request) { return handler(door, std::move(request)); },
            least_role(role, summary));
    };
    add("GET", "/api/v1/events", "viewer", events, "Events, newest first");
    add("GET", "/api/v1/events/{id}", "viewer", event, "Everything of one event");
    add("GET", "/api/v1/overloads", "viewer", overloads, "Limits that are, or are expected to be, exceeded");
    add("GET", "/api/v1/plans", "viewer", plans, "Plans, newest event first");
    add("GET", "/api/v1/plans/{plan_id}", "viewer", plan, "One plan");
    add("GET", "/api/v1/orders", "viewer", orders, "Contracts with providers");
    add("POST", "/api/v1/events/{id}/replay", "viewer", replay, "Make every decision of the event again");
    add("POST", "/api/v1/events/{id}/cancel", "operator", cancel, "End an event before its time");
    const auto add_judgements = [&](const char* pattern, auto handler, const char* what) {
        for (const bool approve : {true, false}) {
            server.route(
                "POST", std::string(pattern) + (approve ? "/approve" : "/reject"),
                [door, handler, approve](net::Request request) {
                    return handler(door, std::move(request), approve);
                },
                least_role("approver", std::string(approve ? "Approve " : "Reject ") + what));
        }
    };
    add_judgements("/api/v1/events/{id}", judge_event, "the newest plan of an event");
    add_judgements("/api/v1/plans/{plan_id}", judge_plan, "a plan");
}

}  // namespace headroom::api
