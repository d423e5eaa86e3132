#include "api/outlook_door.hpp"

#include "api/answer.hpp"
#include "api/operation.hpp"
#include "api/request.hpp"
#include "desk/outlook.hpp"

#include <utility>

namespace headroom::api {
namespace {

using Look = std::function<desk::OutlookDesk()>;

Awaitable<net::Response> feeder_outlook(Look look, net::Request request) {
    const Result<std::string> phase = text_parameter(request, "phase", 8);
    if (!phase) {
        co_return net::problem_of(phase.error(), request.path);
    }
    const desk::OutlookDesk desk = look();
    std::string place(request.path_parameter("id"));
    const Result<desk::OutlookAnswer> answer = co_await desk.outlook(std::move(place), *phase);
    co_return respond(request, answer);
}

}  // namespace

void add_outlook(net::HttpServer& server, std::function<desk::OutlookDesk()> look) {
    server.route(
        "GET", "/api/v1/feeders/{id}/outlook",
        [look](net::Request request) { return feeder_outlook(look, std::move(request)); },
        Operation("viewer", "From two days to a week ahead, as the weeks before show it")
            .about("Made now from the half-hours that are stored: the same half-hour of the same kind of day "
                   "in the last "
                   "weeks, at the level of the newest days, with the errors that the same rule would have "
                   "made with the "
                   "same lead on the weeks before. What trust keeps apart is unknown to it. `reason` says "
                   "why there is "
                   "none, such as less than two weeks of readings. Days ahead are those of the rules "
                   "(`[week_ahead] days`), whether or not overloads in it are raised.")
            .path("id", "Feeder or substation.", "F-0130")
            .query("phase", "L1, L2, L3, N or sum; sum unless given.",
                   word_schema({"L1", "L2", "L3", "N", "sum"}), "sum")
            .answers<desk::OutlookAnswer>("Quantiles per half-hour.")
            .fails({404, 422})
            .options());
}

}  // namespace headroom::api
