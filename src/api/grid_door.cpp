#include "api/grid_door.hpp"

#include "api/answer.hpp"
#include "api/bodies.hpp"

#include <utility>

namespace headroom::api {
namespace {

Awaitable<net::Response> reload(std::shared_ptr<const Door> door, net::Request request) {
    Body<ReasonBody> body = read_body<ReasonBody>(request);
    const Result<bool> dry_run = dry_run_of(request);
    if (!body.value || !dry_run) {
        co_return body.value ? net::problem_of(dry_run.error(), request.path) : std::move(body.refused);
    }
    if (*dry_run) {
        const Result<desk::GridChangeAnswer> change = co_await door->desk().preview_grid();
        co_return respond(request, change);
    }
    Caller caller = caller_of(request, std::move(body.value->reason));
    const Result<desk::GridChangeAnswer> change = co_await door->desk().reload_grid(std::move(caller));
    co_return respond(request, change);
}

}  // namespace

void add_grid(net::HttpServer& server, const std::shared_ptr<const Door>& door,
              const std::shared_ptr<Idempotency>& once) {
    net::Handler handler = [door](net::Request request) { return reload(door, std::move(request)); };
    server.route(
        "POST", "/api/v1/grid/reload", observed(once, std::move(handler)),
        Operation("engineer", "Read the grid file again, without a restart")
            .about("Feeders, resources and limits appear, change and go; what is known of the others "
                   "stays. Refused while an open event needs what would go. SIGHUP does the same.")
            .takes<ReasonBody>(R"({"reason":"rating of F-0130 after the transformer was changed"})")
            .answers<desk::GridChangeAnswer>("What changed, or would.")
            .fails({400, 409, 422, 503})
            .writes()
            .options());
}

}  // namespace headroom::api
