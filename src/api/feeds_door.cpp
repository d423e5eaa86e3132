#include "api/feeds_door.hpp"

#include "api/answer.hpp"
#include "api/operation.hpp"
#include "desk/feeds.hpp"

#include <utility>

namespace headroom::api {
namespace {

using Shared = std::shared_ptr<const Door>;

Awaitable<net::Response> feeds(Shared door, net::Request) {
    const desk::FeedsAnswer answer = door->feeds->answer(door->wall.now(), door->clock.now());
    co_return net::json_response(200, to_json(answer));
}

}  // namespace

void add_feeds(net::HttpServer& server, const Shared& door) {
    server.route(
        "GET", "/api/v1/feeds", [door](net::Request request) { return feeds(door, std::move(request)); },
        Operation("viewer", "Public data from elsewhere: how each feed stands, and what it says now")
            .about("Every value comes with its source and age. A feed that is down, slow or wrong stops "
                   "nothing: what it would have told is unknown. See docs/formats/feeds.md.")
            .answers<desk::FeedsAnswer>("Feeds and values.")
            .options());
}

}  // namespace headroom::api
