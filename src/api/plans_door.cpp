#include "api/plans_door.hpp"

#include "api/answer.hpp"
#include "api/bodies.hpp"
#include "api/operation.hpp"
#include "desk/feeds.hpp"

#include <utility>

namespace headroom::api {
namespace {

using Shared = std::shared_ptr<const Door>;
using Plans = std::shared_ptr<desk::Planning>;

constexpr std::size_t body_most = 16UL * 1024 * 1024;  // 10,000 DERs and their windows

Awaitable<net::Response> make(Shared door, Plans plans, net::Request request) {
    Body<flex::PlanRequest> body = read_body<flex::PlanRequest>(request);
    if (!body.value) {
        co_return std::move(body.refused);
    }
    std::vector<Fault> faults;
    flex::check_plan_request(*body.value, faults);
    if (!faults.empty()) {
        co_return detail::refuse_faults(request, faults);
    }
    if (!body.value->now) {
        body.value->now = door->clock.now();
    }
    flex::PlanRequest wanted = std::move(*body.value);
    std::shared_ptr<const flex::RuleBook> rules = door->desk().parts().rules;
    std::string carbon_source = desk::carbon_source_text(door->feeds->fill_carbon(wanted));
    const Result<flex::SchedulePlan> plan =
        co_await plans->plan(std::move(wanted), std::move(rules), std::move(carbon_source));
    co_return respond(request, plan);
}

constexpr std::string_view example = R"({"dry_run":true,"seed":7,"now":"2026-11-20T15:00:00Z",
  "need":{"feeder_id":"F-017","start":"2026-11-20T17:00:00Z","step_minutes":30,"required_kw":[10,20]},
  "ders":[{"der_id":"BAT-17","provider":"tesla-vpp","kind":"battery","max_kw":25,"energy_kwh":20,
    "notice_minutes":5,"max_activations":2,"activation_gbp":0.1,"price_gbp_per_kwh":0.21,"reliability":0.97,
    "available":[{"from":"2026-11-20T16:00:00Z","to":"2026-11-20T20:00:00Z"}]}],
  "shortfall_gbp_per_kwh":6})";

}  // namespace

void add_plans(net::HttpServer& server, const Shared& door, const Plans& plans) {
    net::RouteOptions post =
        Operation("viewer", "Plan what is handed in")
            .about(
                "Chooses DERs and their power slot by slot at least cost. Buys nothing and writes nothing "
                "down: the same request gives the same sha256. With `probability` so much is bought that "
                "the need is covered that often, each DER delivering or not by its reliability; without "
                "it, in expectation. DERs without a carbon figure of their own get that of the grid in the "
                "need's hours where a feed tells it. See docs/formats/plans.md.")
            .takes<flex::PlanRequest>(example)
            .answers<flex::SchedulePlan>(
                "The plan, beside others; with the best part cover when there is not "
                "enough.")
            .fails({400, 413, 415, 422})
            .options();
    post.max_body = body_most;
    server.route(
        "POST", "/api/v1/plans",
        [door, plans](net::Request request) { return make(door, plans, std::move(request)); }, post);
}

}  // namespace headroom::api
