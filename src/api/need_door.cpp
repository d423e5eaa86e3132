#include "api/need_door.hpp"

#include "api/answer.hpp"
#include "api/bodies.hpp"
#include "api/operation.hpp"
#include "desk/needs.hpp"

#include <string>
#include <utility>

namespace headroom::api {
namespace {

using SharedNeeds = std::shared_ptr<const NeedDoor>;

net::Response not_yet(const net::Request& request) {
    return net::problem_of(Error{Errc::unavailable, "needs are served in a moment: the server is starting"},
                           request.path);
}

net::Response answer_or_problem(const SharedNeeds& door, const net::Request& request, int status,
                                const Result<beckn::PublishedNeed>& done) {
    if (!done) {
        return net::problem_of(done.error(), request.path);
    }
    return net::json_response(status, to_json(desk::need_answer(door->needs()->board(), *done)));
}

Awaitable<net::Response> list_needs(SharedNeeds door, net::Request request) {
    const Result<desk::PageRequest> page = page_of(request);
    if (!page) {
        co_return net::problem_of(page.error(), request.path);
    }
    const std::string state = request.parameter("state").value_or("");
    if (!state.empty() && !beckn::parse_need_state(state)) {
        const Error unknown{Errc::invalid, "state is open, closed or withdrawn", "/state"};
        co_return net::problem_of(unknown, request.path);
    }
    const auto part = desk::page_of_list(desk::need_answers(door->needs()->board(), state), *page);
    co_return respond_list(request, "needs", part);
}

Awaitable<net::Response> show_need(SharedNeeds door, net::Request request) {
    const std::string& id = request.path_parameter("id");
    const beckn::PublishedNeed* need = door->needs()->board().need(id);
    if (need == nullptr) {
        const Error unknown{Errc::not_found, "no need " + id};
        co_return net::problem_of(unknown, request.path);
    }
    co_return net::json_response(200, to_json(desk::need_answer(door->needs()->board(), *need)));
}

Awaitable<net::Response> publish(SharedNeeds door, net::Request request) {
    Body<desk::NeedTerms> body = read_body<desk::NeedTerms>(request);
    const Result<bool> dry_run = dry_run_of(request);
    if (!body.value || !dry_run) {
        co_return body.value ? net::problem_of(dry_run.error(), request.path) : std::move(body.refused);
    }
    Result<beckn::PublishedNeed> need = desk::need_of(*body.value, door->network(), door->now());
    if (!need || *dry_run) {
        co_return answer_or_problem(door, request, 200, need);
    }
    Caller caller = caller_of(request, std::move(body.value->reason));
    const Result<beckn::PublishedNeed> done =
        co_await door->needs()->publish(std::move(*need), std::move(caller));
    co_return answer_or_problem(door, request, 201, done);
}

using NeedChange = Awaitable<Result<beckn::PublishedNeed>> (agents::NeedMarket::*)(std::string, Caller);

template <NeedChange change>
Awaitable<net::Response> change_need(SharedNeeds door, net::Request request) {
    Body<ReasonBody> body = read_body<ReasonBody>(request);
    if (!body.value) {
        co_return std::move(body.refused);
    }
    Caller caller = caller_of(request, std::move(body.value->reason));
    std::string id = request.path_parameter("id");
    const Result<beckn::PublishedNeed> done =
        co_await (door->needs()->*change)(std::move(id), std::move(caller));
    co_return answer_or_problem(door, request, 200, done);
}

/// Once needs are there.
template <class Handler>
net::Handler with_needs(const SharedNeeds& door, Handler handler) {
    return [door, handler](net::Request request) -> Awaitable<net::Response> {
        if (door->needs() == nullptr) {
            co_return not_yet(request);
        }
        co_return co_await handler(door, std::move(request));
    };
}

void add_request(net::HttpServer& server, const SharedNeeds& door, const char* method,
                 const std::string& action) {
    auto handler = [action](SharedNeeds given, net::Request request) -> Awaitable<net::Response> {
        return given->needs()->on_request(action, std::move(request));
    };
    server.route(method, "/beckn/" + action, with_needs(door, std::move(handler)),
                 Operation("peer", "Beckn request " + action + " of an aggregator")
                     .about("Answered with ACK or NACK at once; the answer itself comes as on_" + action +
                            ". Needs are told in Beckn 2.0 only.")
                     .answers_like(
                         200, "ACK of the protocol.",
                         R"({"message":{"status":"ACK","messageId":"5d0f3b52-53b7-4d4b-8d5e-1c2a2d3a0004"}})")
                     .fails({400, 401, 404, 413, 503})
                     .options());
}

void add_requests(net::HttpServer& server, const SharedNeeds& door) {
    // Peers prove themselves by signature, not by role. Search is discover in 2.0, rating is rate.
    for (const char* action : {"search", "discover", "select", "init", "confirm", "status", "update",
                               "cancel", "track", "support", "rating", "rate"}) {
        add_request(server, door, "POST", action);
    }
    add_request(server, door, "GET", "discover");  // with a body, as some still send it
}

constexpr const char* example_terms =
    R"({"feeder_id":"LV-001","rule":"fixed_price","start":"2027-01-14T17:00:00Z","requested_kw":[60,40],
        "prices_gbp_per_kwh":[0.3],"shortfall_gbp_per_kwh":[0.1],"gate":"2027-01-14T15:00:00Z",
        "reason":"the evening peak of Thursday"})";

}  // namespace

void add_needs(net::HttpServer& server, NeedDoor given, const std::shared_ptr<Idempotency>& once) {
    const auto door = std::make_shared<const NeedDoor>(std::move(given));
    server.route("GET", "/api/v1/needs", with_needs(door, list_needs),
                 Operation("viewer", "What we want from aggregators, and who has come")
                     .query("state", "Only these.", word_schema({"open", "closed", "withdrawn"}))
                     .paged()
                     .answers_list<desk::NeedAnswer>("needs")
                     .fails({422, 503})
                     .options());
    server.route("GET", "/api/v1/needs/{id}", with_needs(door, show_need),
                 Operation("viewer", "One need, with its orders and clearings")
                     .path("id", "Need.", "need-20270114-LV-001")
                     .answers<desk::NeedAnswer>("The need.")
                     .fails({404, 503})
                     .options());
    server.route(
        "POST", "/api/v1/needs", observed(once, with_needs(door, publish)),
        Operation("operator", "Publish a need")
            .about("Aggregators find it by discover and come with bids. Under a fixed price a confirm "
                   "is a contract at once; under pay_as_clear bids are cleared when the gate closes.")
            .takes<desk::NeedTerms>(example_terms)
            .answers<desk::NeedAnswer>("Would be published, for a dry run.")
            .answers_like(201, "Published.", R"({"need_id":"need-20270114-LV-001","state":"open"})")
            .writes()
            .fails({400, 409, 422, 503})
            .options());
    server.route("DELETE", "/api/v1/needs/{id}",
                 observed(once, with_needs(door, change_need<&agents::NeedMarket::withdraw>)),
                 Operation("operator", "Withdraw a need")
                     .about("No more bids; those that wait for a clearing are given back. Contracts stand.")
                     .path("id", "Need.", "need-20270114-LV-001")
                     .takes<ReasonBody>(R"({"reason":"the feeder was relieved by switching"})")
                     .answers<desk::NeedAnswer>("As it stands now.")
                     .writes(false)
                     .fails({400, 404, 409, 422, 503})
                     .options());
    server.route("POST", "/api/v1/needs/{id}/clear",
                 observed(once, with_needs(door, change_need<&agents::NeedMarket::close_gate>)),
                 Operation("operator", "Close a need's gate now")
                     .about("Step bids are cleared at once; a fixed price takes no more bids.")
                     .path("id", "Need.", "need-20270114-LV-001")
                     .takes<ReasonBody>(R"({"reason":"enough bids have come"})")
                     .answers<desk::NeedAnswer>("As it stands now.")
                     .writes(false)
                     .fails({400, 404, 409, 422, 503})
                     .options());
    add_requests(server, door);
}

}  // namespace headroom::api
