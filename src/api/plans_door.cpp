#include "api/plans_door.hpp"

#include "api/answer.hpp"
#include "api/bodies.hpp"
#include "api/door_routes.hpp"
#include "api/judgement.hpp"
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
    const Result<void> started = rules == nullptr ? Result<void>{} : door->desk().check_started();
    if (!started) {
        co_return net::problem_of(started.error(), request.path);  // what the rules count is not all there
    }
    std::string carbon_source = desk::carbon_source_text(door->feeds->fill_carbon(wanted, rules.get()));
    flex::RuleFacts facts = door->desk().parts().orchestration.rule_facts(wanted.need.feeder_id);
    const Result<flex::SchedulePlan> plan =
        co_await plans->plan(std::move(wanted), std::move(rules), std::move(facts), std::move(carbon_source),
                             door->clock.now(), door->wall.now());
    co_return respond(request, plan);
}

Awaitable<net::Response> list_plans(Shared door, Plans plans, net::Request request) {
    Result<desk::PageRequest> page = page_of(request);
    Result<std::string> event = text_parameter(request, "event", 64);
    Result<std::string> feeder = text_parameter(request, "feeder", 64);
    Result<std::string> state = text_parameter(request, "state", 16);
    Result<std::string> kind = text_parameter(request, "kind", 16);
    const Result<std::optional<UtcTime>> since = time_parameter(request, "since");
    for (const Error* fault : {page ? nullptr : &page.error(), event ? nullptr : &event.error(),
                               feeder ? nullptr : &feeder.error(), state ? nullptr : &state.error(),
                               kind ? nullptr : &kind.error(), since ? nullptr : &since.error()}) {
        if (fault != nullptr) {
            co_return net::problem_of(*fault, request.path);
        }
    }
    desk::PlanQuery query{.event = EventId{std::move(*event)},
                          .feeder = std::move(*feeder),
                          .state = std::move(*state),
                          .kind = std::move(*kind),
                          .since = *since,
                          .page = std::move(*page)};
    const Result<desk::Page<desk::PlanAnswer>> answer =
        co_await desk::list_plans(door->desk().events(), *plans, std::move(query));
    co_return respond_list(request, "plans", answer);
}

Awaitable<net::Response> one(Shared door, Plans plans, net::Request request) {
    std::string id = request.path_parameter("plan_id");
    const Result<desk::WholePlan> plan =
        co_await desk::find_plan(door->desk().events(), *plans, std::move(id));
    co_return plan ? net::json_response(200, desk::to_json(*plan))
                   : net::problem_of(plan.error(), request.path);
}

Awaitable<net::Response> judge_plan(Shared door, Plans plans, net::Request request, bool approve) {
    Body<JudgementBody> judgement = read_body<JudgementBody>(request);
    if (!judgement.value) {
        co_return std::move(judgement.refused);
    }
    std::string id = request.path_parameter("plan_id");
    const Result<desk::WholePlan> found =
        co_await desk::find_plan(door->desk().events(), *plans, std::move(id));
    if (!found) {
        co_return net::problem_of(found.error(), request.path);
    }
    const desk::PlanAnswer& plan = found->plan;
    if (plan.kind == "asked") {
        const Error nothing{Errc::conflict, "plan " + plan.plan_id +
                                                " was handed in and buys nothing: there is nothing to judge"};
        co_return net::problem_of(nothing, request.path);
    }
    const std::string& wanted = judgement.value->sha256;
    const bool is_proposal =
        plan.copilot && plan.copilot->may_be_approved && approve && plan.copilot->proposal_sha256 == wanted;
    if (plan.sha256 != wanted && !is_proposal) {
        const Error other{Errc::conflict, "plan " + plan.plan_id + " has the sha256 " + plan.sha256,
                          "/sha256"};
        co_return net::problem_of(other, request.path);
    }
    EventId event{plan.event_id};
    co_return co_await judge(std::move(door), std::move(request), std::move(event),
                             std::move(*judgement.value), approve, is_proposal);
}

constexpr std::string_view example = R"({"dry_run":true,"seed":7,"now":"2026-11-20T15:00:00Z",
  "need":{"feeder_id":"F-017","start":"2026-11-20T17:00:00Z","step_minutes":30,"required_kw":[10,20]},
  "ders":[{"der_id":"BAT-17","provider":"tesla-vpp","kind":"battery","max_kw":25,"energy_kwh":20,
    "notice_minutes":5,"max_activations":2,"activation_gbp":0.1,"price_gbp_per_kwh":0.21,"reliability":0.97,
    "available":[{"from":"2026-11-20T16:00:00Z","to":"2026-11-20T20:00:00Z"}]}],
  "shortfall_gbp_per_kwh":6})";

}  // namespace

void add_plans(net::HttpServer& server, const Shared& door, const Plans& plans,
               const std::shared_ptr<Idempotency>& once) {
    const DoorRoutes routes(server, door, once);
    routes.read(
        "/api/v1/plans",
        [plans](Shared shared, net::Request request) {
            return list_plans(std::move(shared), plans, std::move(request));
        },
        Operation("viewer", "Plans, newest first")
            .about("Of events and handed in. An event's plans stand where it was detected, and a page ends "
                   "behind an event, so it may hold a few plans more than asked. Of those handed in the "
                   "newest 64 since start are there.")
            .query("event", "Only of this event.", text_schema(64))
            .query("feeder", "Only about this feeder's limits.", text_schema(64))
            .query("kind", "event, or asked: handed in.", word_schema({"event", "asked"}))
            .query("state", "Only in this state.",
                   word_schema({"proposed", "approved", "rejected", "authorised", "superseded", "expired",
                                "shadow", "dry_run"}),
                   "authorised")
            .query("since", "Planned at or after it, domain time.", time_schema())
            .paged()
            .answers_list<desk::PlanAnswer>("plans")
            .fails({404, 422}));
    routes.read(
        "/api/v1/plans/{plan_id}",
        [plans](Shared shared, net::Request request) {
            return one(std::move(shared), plans, std::move(request));
        },
        Operation("viewer", "One plan with everything beside it")
            .about("Of an event, or handed in: both in the same words.")
            .path("plan_id", "<event_id>.<round>, or P-… of one handed in.", "ev-20270114-7i3whrtl.1")
            .answers_both<desk::PlanAnswer, desk::PlanDetailAnswer>("The plan.")
            .fails({404}));
    for (const bool approve : {true, false}) {
        const std::string pattern =
            std::string("/api/v1/plans/{plan_id}/") + (approve ? "approve" : "reject");
        routes.write(
            "POST", pattern.c_str(),
            [plans, approve](Shared shared, net::Request request) {
                return judge_plan(std::move(shared), plans, std::move(request), approve);
            },
            describe_judgement(Operation("approver", approve ? "Approve a plan" : "Reject a plan")
                                   .path("plan_id", "<event_id>.<round>", "ev-20270114-7i3whrtl.1"),
                               approve));
    }
    net::RouteOptions post =
        Operation("viewer", "Plan what is handed in")
            .about(
                "Chooses DERs and their power slot by slot at least cost. Buys nothing and writes nothing "
                "down: the same request gives the same sha256. With `probability` so much is bought that "
                "the need is covered that often, each DER delivering or not by its reliability; without "
                "it, in expectation. DERs without a carbon figure of their own get that of the grid in the "
                "need's hours where a feed tells it. What the operator's rules count (budgets, starts) is "
                "counted from every event and purchase so far. See docs/formats/plans.md.")
            .takes<flex::PlanRequest>(example)
            .answers<flex::SchedulePlan>(
                "The plan, beside others; with the best part cover when there is not "
                "enough.")
            .fails({400, 413, 415, 422, 503})
            .options();
    post.max_body = body_most;
    server.route(
        "POST", "/api/v1/plans",
        [door, plans](net::Request request) { return make(door, plans, std::move(request)); }, post);
}

}  // namespace headroom::api
