#include "api/contingency_door.hpp"

#include "api/answer.hpp"
#include "api/bodies.hpp"
#include "api/operation.hpp"

#include <string>
#include <utility>

namespace headroom::api {
namespace {

using SharedContingency = std::shared_ptr<const ContingencyDoor>;

Awaitable<net::Response> list_contingencies(SharedContingency door, net::Request request) {
    const Result<desk::PageRequest> page = page_of(request);
    if (!page) {
        co_return net::problem_of(page.error(), request.path);
    }
    const Result<std::string> text = text_parameter(request, "q");
    if (!text) {
        co_return net::problem_of(text.error(), request.path);
    }
    const desk::ContingencyQuery query{.cover = request.parameter("cover").value_or(""),
                                       .kind = request.parameter("kind").value_or(""),
                                       .text = *text,
                                       .page = *page};
    const auto part = desk::ContingencyDesk(*door->shelf()).list(query);
    co_return respond_list(request, "contingencies", part);
}

Awaitable<net::Response> show_contingency(SharedContingency door, net::Request request) {
    const auto plan = desk::ContingencyDesk(*door->shelf()).show(request.path_parameter("element"));
    co_return respond(request, plan);
}

Awaitable<net::Response> carry_out(SharedContingency door, net::Request request) {
    Body<ReasonBody> body = read_body<ReasonBody>(request);
    if (!body.value) {
        co_return std::move(body.refused);
    }
    Caller caller = caller_of(request, std::move(body.value->reason));
    std::string element = request.path_parameter("element");
    desk::ContingencyDesk desk(*door->shelf());
    const auto done = co_await desk.carry_out(std::move(element), std::move(caller));
    co_return respond(request, done);
}

/// Once the shelf is there.
template <class Handler>
net::Handler with_shelf(const SharedContingency& door, Handler handler) {
    return [door, handler](net::Request request) -> Awaitable<net::Response> {
        if (door->shelf() == nullptr) {
            const Error early{Errc::unavailable, "the shelf is served in a moment: the server is starting"};
            co_return net::problem_of(early, request.path);
        }
        co_return co_await handler(door, std::move(request));
    };
}

}  // namespace

void add_contingencies(net::HttpServer& server, ContingencyDoor given,
                       const std::shared_ptr<Idempotency>& once) {
    const auto door = std::make_shared<const ContingencyDoor>(std::move(given));
    server.route(
        "GET", "/api/v1/contingencies", with_shelf(door, list_contingencies),
        Operation("viewer", "The shelf: what the loss of each element would mean, worst first")
            .about("A plan lies ready for every feeder and substation and the next 6 h; uncovered ones come "
                   "first, those with the most energy not served before the others.")
            .query("cover", "Only these.", word_schema({"covered", "partly", "uncovered"}))
            .query("kind", "Only these.", word_schema({"feeder", "substation"}))
            .query("q", "Part of id or name.", text_schema())
            .paged()
            .answers_list<desk::ContingencyAnswer>("contingencies")
            .fails({422, 503})
            .options());
    server.route("GET", "/api/v1/contingencies/{element}", with_shelf(door, show_contingency),
                 Operation("viewer", "The ready plan for the loss of one element")
                     .path("element", "Feeder or substation.", "F-0001")
                     .answers<desk::ContingencyDetail>("The plan.")
                     .fails({404, 503})
                     .options());
    server.route(
        "POST", "/api/v1/contingencies/{element}/carry-out", observed(once, with_shelf(door, carry_out)),
        Operation("operator", "Have the orders of a used plan carried out that waits for a person")
            .about("When an element is lost outside of what the system knows well, nothing is begun by "
                   "itself. Switching is for the operator's own system in any case.")
            .path("element", "Feeder or substation.", "F-0001")
            .takes<ReasonBody>(R"({"reason":"as forecast: the weather is not what it looks like"})")
            .answers<desk::ContingencyDetail>("The plan, with its use.")
            .writes(false)
            .fails({400, 404, 409, 422, 503})
            .options());
}

}  // namespace headroom::api
