#include "api/commands_door.hpp"

#include "api/answer.hpp"
#include "api/bodies.hpp"
#include "api/door_routes.hpp"
#include "api/idempotency.hpp"
#include "desk/authority.hpp"
#include "grid/new_envelope.hpp"

#include <utility>

namespace headroom::api {
namespace {

using Shared = std::shared_ptr<const Door>;

net::Response done_or_problem(const net::Request& request, const Result<void>& done, json::Object answer) {
    return done ? net::json_response(200, std::move(answer)) : net::problem_of(done.error(), request.path);
}

Awaitable<net::Response> stop(Shared door, net::Request request) {
    Body<StopBody> body = read_body<StopBody>(request);
    const Result<bool> dry_run = dry_run_of(request);
    if (!body.value || !dry_run) {
        co_return body.value ? net::problem_of(dry_run.error(), request.path) : std::move(body.refused);
    }
    std::string area = body.value->area == "everywhere" ? "" : body.value->area;
    const Result<void> known = door->desk().check_area(area);
    if (!known) {
        co_return net::problem_of(known.error(), request.path);
    }
    json::Object answer{{"area", area.empty() ? "everywhere" : area}, {"stopped", body.value->stopped}};
    if (*dry_run) {
        answer.set("dry_run", true);
        co_return net::json_response(200, std::move(answer));
    }
    Caller caller = caller_of(request, std::move(body.value->reason));
    const Result<void> done =
        co_await door->desk().stop_all(std::move(area), body.value->stopped, std::move(caller));
    co_return done_or_problem(request, done, std::move(answer));
}

Awaitable<net::Response> stops(Shared door, net::Request) {
    json::Array areas;
    for (const std::string& area : door->desk().parts().orchestration.stopped_areas()) {
        areas.emplace_back(area.empty() ? "everywhere" : area);
    }
    co_return net::json_response(200, json::Object{{"stopped_areas", std::move(areas)}});
}

Awaitable<net::Response> set_feeder(Shared door, net::Request request) {
    Body<FeederStateBody> body = read_body<FeederStateBody>(request);
    const Result<bool> dry_run = dry_run_of(request);
    if (!body.value || !dry_run) {
        co_return body.value ? net::problem_of(dry_run.error(), request.path) : std::move(body.refused);
    }
    const std::string& id = request.path_parameter("id");
    json::Object answer{{"feeder_id", id}, {"state", body.value->state}, {"held", body.value->held}};
    const Result<void> fits = door->desk().check_feeder_state(id, body.value->state);
    if (!fits || *dry_run) {
        answer.set("dry_run", true);
        co_return done_or_problem(request, fits, std::move(answer));
    }
    Caller caller = caller_of(request, std::move(body.value->reason));
    std::string feeder = id;
    const Result<void> done = co_await door->desk().set_feeder(
        std::move(feeder), std::move(body.value->state), body.value->held, std::move(caller));
    co_return done_or_problem(request, done, std::move(answer));
}

Awaitable<net::Response> authority(Shared door, net::Request) {
    const desk::AuthorityAnswer answer = desk::authority_answer(door->desk().parts());
    co_return net::json_response(200, to_json(answer));
}

Awaitable<net::Response> grant(Shared door, net::Request request) {
    Body<grid::NewEnvelope> body = read_body<grid::NewEnvelope>(request);
    const Result<bool> dry_run = dry_run_of(request);
    if (!body.value || !dry_run) {
        co_return body.value ? net::problem_of(dry_run.error(), request.path) : std::move(body.refused);
    }
    Result<grid::AuthorityEnvelope> envelope = grid::envelope_of(*body.value);
    const Result<void> fits =
        envelope ? desk::check_envelope(door->desk().parts(), *envelope) : envelope.error();
    if (!fits) {
        co_return net::problem_of(fits.error(), request.path);
    }
    Caller caller = caller_of(request, std::move(body.value->reason));
    envelope->granted_by = caller.id;
    json::Value answer = to_json(desk::envelope_answer(*envelope));
    if (*dry_run) {
        answer.as_object()->set("dry_run", true);
        co_return net::json_response(200, answer);
    }
    const Result<void> done =
        co_await door->desk().parts().orchestration.grant(std::move(*envelope), std::move(caller));
    co_return done ? net::json_response(201, answer) : net::problem_of(done.error(), request.path);
}

/// A DELETE's reason stands in its body, or, for clients that send none, in `?reason=`.
Awaitable<net::Response> revoke(Shared door, net::Request request) {
    if (request.body.empty()) {
        request.body = json::write(json::Object{{"reason", request.parameter("reason").value_or("")}});
    }
    Body<ReasonBody> body = read_body<ReasonBody>(request);
    const Result<bool> dry_run = dry_run_of(request);
    if (!body.value || !dry_run) {
        co_return body.value ? net::problem_of(dry_run.error(), request.path) : std::move(body.refused);
    }
    std::string id = request.path_parameter("id");
    json::Object answer{{"envelope_id", id}, {"revoked", true}};
    if (*dry_run) {
        const Result<void> known = desk::check_granted(door->desk().parts(), id);
        answer.set("dry_run", true);
        co_return done_or_problem(request, known, std::move(answer));
    }
    Caller caller = caller_of(request, std::move(body.value->reason));
    const Result<void> done =
        co_await door->desk().parts().orchestration.revoke(std::move(id), std::move(caller));
    co_return done_or_problem(request, done, std::move(answer));
}

}  // namespace

void add_commands(net::HttpServer& server, const Shared& door, const std::shared_ptr<Idempotency>& once) {
    const DoorRoutes routes(server, door, once);
    routes.read("/api/v1/stop", stops,
                Operation("viewer", "Areas under stop-all")
                    .answers_like(200, "Areas.", R"({"stopped_areas":["F-0130"]})"));
    routes.write("POST", "/api/v1/stop", stop,
                 Operation("operator", "Stop everything new in an area, or lift the stop")
                     .about("Takes effect before it is written down. Releases are always sent.")
                     .takes<StopBody>(R"({"area":"F-0130","stopped":true,"reason":"drill"})")
                     .answers_like(200, "In force.", R"({"area":"F-0130","stopped":true})")
                     .fails({400, 404, 409, 422, 503}));
    routes.write(
        "POST", "/api/v1/feeders/{id}/state", set_feeder,
        Operation("engineer", "Set a feeder's operational state, take it over or hand it back")
            .path("id", "Feeder or substation.", "F-0130")
            .takes<FeederStateBody>(R"({"state":"permit","held":true,"reason":"work on the line"})")
            .answers_like(200, "As it is now.", R"({"feeder_id":"F-0130","state":"permit","held":true})")
            .fails({400, 404, 409, 422, 503}));
    routes.read("/api/v1/authority", authority,
                Operation("viewer", "What Headroom may do by itself")
                    .answers<desk::AuthorityAnswer>("Level and envelopes."));
    routes.write("POST", "/api/v1/authority/envelopes", grant,
                 Operation("admin", "Allow acting within bounds")
                     .takes<grid::NewEnvelope>(
                         R"({"id":"winter-evenings","asset":"","power_max_kw":500,"cost_max_gbp":250,
                  "from":"2027-01-14T00:00:00Z","until":"2027-03-01T00:00:00Z","reason":"agreed on 4 January"})")
                     .answers<desk::EnvelopeAnswer>("The envelope, for a dry run.")
                     .answers_like(201, "Granted.", R"({"envelope_id":"winter-evenings"})")
                     .fails({400, 409, 422, 503}));
    routes.write("DELETE", "/api/v1/authority/envelopes/{id}", revoke,
                 Operation("admin", "Take an envelope back")
                     .path("id", "Envelope.", "demo")
                     .query("reason", "Why, for clients that send no body with a DELETE.", text_schema(1000),
                            "agreement has ended")
                     .answers_like(200, "Revoked.", R"({"envelope_id":"demo","revoked":true})")
                     .fails({400, 404, 409, 422, 503}));
}

}  // namespace headroom::api
