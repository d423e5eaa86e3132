#include "api/models_door.hpp"

#include "api/answer.hpp"
#include "api/bodies.hpp"
#include "desk/models.hpp"

#include <string>
#include <utility>

namespace headroom::api {
namespace {

using Shared = std::shared_ptr<const Door>;

agents::Retraining& retraining_of(const Shared& door) {
    return door->desk().parts().retraining;
}

Awaitable<net::Response> models(Shared door, net::Request) {
    const desk::ModelsAnswer answer =
        desk::models_answer(retraining_of(door), door->desk().parts().clock.now());
    co_return net::json_response(200, to_json(answer));
}

Awaitable<net::Response> model(Shared door, net::Request request) {
    co_return respond(request, desk::model_answer(retraining_of(door), request.path_parameter("id")));
}

Awaitable<net::Response> promote(Shared door, net::Request request) {
    Body<ReasonBody> body = read_body<ReasonBody>(request);
    const Result<bool> dry_run = dry_run_of(request);
    if (!body.value || !dry_run) {
        co_return body.value ? net::problem_of(dry_run.error(), request.path) : std::move(body.refused);
    }
    std::string id = request.path_parameter("id");
    const Result<desk::ModelAnswer> known = desk::model_answer(retraining_of(door), id);
    if (!known || *dry_run) {
        co_return respond(request, known);
    }
    Caller caller = caller_of(request, std::move(body.value->reason));
    const Result<void> done = co_await retraining_of(door).promote(std::move(id), std::move(caller));
    co_return done ? respond(request, desk::model_answer(retraining_of(door), known->model_id))
                   : net::problem_of(done.error(), request.path);
}

Awaitable<net::Response> revert_model(Shared door, net::Request request) {
    Body<ReasonBody> body = read_body<ReasonBody>(request);
    const Result<bool> dry_run = dry_run_of(request);
    if (!body.value || !dry_run) {
        co_return body.value ? net::problem_of(dry_run.error(), request.path) : std::move(body.refused);
    }
    const std::string former = retraining_of(door).store().former_champion();
    const Result<desk::ModelAnswer> known =
        former.empty() ? Result<desk::ModelAnswer>(Error{Errc::conflict, "no model served before this one"})
                       : desk::model_answer(retraining_of(door), former);
    if (!known || *dry_run) {
        co_return respond(request, known);
    }
    Caller caller = caller_of(request, std::move(body.value->reason));
    const Result<void> done = co_await retraining_of(door).revert(std::move(caller));
    co_return done ? respond(request, desk::model_answer(retraining_of(door), former))
                   : net::problem_of(done.error(), request.path);
}

}  // namespace

void add_models(net::HttpServer& server, const Shared& door, const std::shared_ptr<Idempotency>& once) {
    const auto with = [&door](auto handler) {
        return [door, handler](net::Request request) { return handler(door, std::move(request)); };
    };
    server.route(
        "GET", "/api/v1/models", with(models),
        Operation("viewer",
                  "Forecast models that are kept, which serves, and what the nightly learning is at")
            .about("A model serves only after it has won against the one before on days that neither had "
                   "seen; every swap and every refusal is an entry of the audit log (forecast.model.…).")
            .answers<desk::ModelsAnswer>("The models.")
            .options());
    server.route("GET", "/api/v1/models/{id}", with(model),
                 Operation("viewer", "One forecast model")
                     .path("id", "Model.", "0f3c2a9b8d1e")
                     .answers<desk::ModelAnswer>("The model.")
                     .fails({404})
                     .options());
    server.route("POST", "/api/v1/models/{id}/promote", observed(once, with(promote)),
                 Operation("engineer", "Let a kept model serve")
                     .path("id", "Model.", "0f3c2a9b8d1e")
                     .takes<ReasonBody>(R"({"reason":"it was better after all"})")
                     .answers<desk::ModelAnswer>("It serves.")
                     .fails({400, 404, 409, 422, 503})
                     .writes()
                     .options());
    server.route("POST", "/api/v1/models/revert", observed(once, with(revert_model)),
                 Operation("engineer", "Go back to the model that served before")
                     .takes<ReasonBody>(R"({"reason":"it forecasts too low"})")
                     .answers<desk::ModelAnswer>("The one before serves again.")
                     .fails({400, 409, 422, 503})
                     .writes()
                     .options());
}

}  // namespace headroom::api
