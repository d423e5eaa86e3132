#include "api/events_door.hpp"

#include "api/answer.hpp"
#include "api/bodies.hpp"
#include "api/idempotency.hpp"
#include "api/judgement.hpp"

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

Awaitable<net::Response> judge_event(Shared door, net::Request request, bool approve) {
    Body<JudgementBody> judgement = read_body<JudgementBody>(request);
    if (!judgement.value) {
        co_return std::move(judgement.refused);
    }
    EventId event{request.path_parameter("id")};
    co_return co_await judge(std::move(door), std::move(request), std::move(event),
                             std::move(*judgement.value), approve);
}

Awaitable<net::Response> cancel_event(Shared door, net::Request request) {
    Body<ReasonBody> body = read_body<ReasonBody>(request);
    const Result<bool> dry_run = dry_run_of(request);
    if (!body.value || !dry_run) {
        co_return body.value ? net::problem_of(dry_run.error(), request.path) : std::move(body.refused);
    }
    EventId event{request.path_parameter("id")};
    const std::string id = event.value;
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
    Caller caller = caller_of(request, std::move(body.value->reason));
    const Result<void> done = co_await door->desk().cancel(std::move(event), std::move(caller));
    co_return done ? net::json_response(200, json::Object{{"event_id", id}, {"status", "cancelling"}})
                   : net::problem_of(done.error(), request.path);
}

void add_lists(net::HttpServer& server, const Shared& door) {
    const auto get = [&](const char* pattern, auto handler, const Operation& operation) {
        server.route(
            "GET", pattern,
            [door, handler](net::Request request) { return handler(door, std::move(request)); },
            operation.options());
    };
    const json::Object states = word_schema({"open", "over", "all", "proposed", "approved", "armed",
                                             "notified", "active", "completed", "failed", "cancelled"});
    get("/api/v1/events", events,
        Operation("viewer", "Events, newest first")
            .query("state", "A state, open, over or all.", states, "all")
            .query("feeder", "Only of this feeder.", text_schema(64))
            .paged()
            .answers_list<desk::EventSummaryAnswer>("events")
            .fails({422}));
    get("/api/v1/events/{id}", event,
        Operation("viewer", "Everything of one event")
            .about("From its record and the audit log, so that it is as complete after a restart as before.")
            .path("id", "Event.", "ev-20270114-7i3whrtl")
            .answers_both<desk::EventSummaryAnswer, desk::EventPartsAnswer>("The event.")
            .fails({404, 503}));
    get("/api/v1/overloads", overloads,
        Operation("viewer", "Limits that are, or are expected to be, exceeded")
            .query("state", "A state of the event, open, over or all.", states, "all")
            .query("feeder", "Only of this feeder.", text_schema(64))
            .paged()
            .answers_list<desk::OverloadAnswer>("overloads")
            .fails({422}));
    get("/api/v1/orders", orders,
        Operation("viewer", "Contracts with providers")
            .query("event", "Only of this event.", text_schema(64))
            .paged()
            .answers_list<desk::ContractAnswer>("orders")
            .fails({422}));
}

}  // namespace

void add_events(net::HttpServer& server, const Shared& door, const std::shared_ptr<Idempotency>& once) {
    add_lists(server, door);
    const auto post = [&](const std::string& pattern, auto handler, Operation operation, bool can_dry_run) {
        net::Handler bound = [door, handler](net::Request request) {
            return handler(door, std::move(request));
        };
        server.route("POST", pattern, observed(once, std::move(bound)),
                     operation.writes(can_dry_run).options());
    };
    post("/api/v1/events/{id}/replay", replay,
         Operation("viewer", "Make every decision of the event again")
             .about("From the inputs that the audit log kept; changes nothing.")
             .path("id", "Event.", "ev-20270114-7i3whrtl")
             .answers<desk::ReplayAnswer>("What came out the same.")
             .fails({404, 409, 422, 503}),
         false);
    post("/api/v1/events/{id}/cancel", cancel_event,
         Operation("operator", "End an event before its time")
             .path("id", "Event.", "ev-20270114-7i3whrtl")
             .takes<ReasonBody>(R"({"reason":"the customer called"})")
             .answers_like(200, "It is being ended.",
                           R"({"event_id":"ev-20270114-7i3whrtl","status":"cancelling"})")
             .fails({400, 404, 409, 422}),
         true);
    for (const bool approve : {true, false}) {
        post(
            std::string("/api/v1/events/{id}/") + (approve ? "approve" : "reject"),
            [approve](Shared shared, net::Request request) {
                return judge_event(std::move(shared), std::move(request), approve);
            },
            describe_judgement(Operation("approver", std::string(approve ? "Approve" : "Reject") +
                                                         " the newest plan of an event")
                                   .path("id", "Event.", "ev-20270114-7i3whrtl"),
                               approve),
            true);
    }
}

}  // namespace headroom::api
