#include "api/scenario_door.hpp"

#include "api/answer.hpp"
#include "api/bodies.hpp"
#include "api/door_routes.hpp"
#include "desk/scenarios.hpp"
#include "scenario/scenario_file.hpp"

#include <string>
#include <utility>
#include <vector>

namespace headroom::api {

/// A run to be started: a listed scenario or one's own, in the words of the contract.
struct ScenarioRunBody {
    std::string scenario_id = {};
    std::optional<json::Object> scenario = {};
    std::optional<UtcTime> start = {};
    std::int64_t seed = 1;
};

}  // namespace headroom::api

namespace headroom {

template <>
struct Fields<api::ScenarioRunBody> {
    using T = api::ScenarioRunBody;
    static constexpr std::string_view name = "ScenarioRunOrder";
    static constexpr auto table = field_table(
        field("scenario_id", &T::scenario_id, "One of GET /api/v1/scenarios.",
              {.maximum = 64, .required = false}),
        field("scenario", &T::scenario,
              "Or one's own: location, event_type, start_date, duration_hours, weather, levers, "
              "lost_elements."),
        field("start", &T::start, "Instead of the scenario's own first half-hour.", {.required = false}),
        field("seed", &T::seed, "Of all that is drawn.",
              {.minimum = 0, .maximum = 9007199254740991.0, .required = false}));
};

}  // namespace headroom

namespace headroom::api {
namespace {

using Shared = std::shared_ptr<const Door>;

constexpr std::int64_t curves_usual = 20;
constexpr std::int64_t curves_max = 200;
constexpr const char* asked_through_api = "asked through the API";

Awaitable<net::Response> run_contract(Shared door, net::Request request) {
    Body<json::Value> body = detail::parse_body(request);
    if (!body.value) {
        co_return std::move(body.refused);
    }
    std::vector<Fault> faults;
    std::optional<scenario::Scenario> asked = scenario::scenario_of_request(*body.value, faults);
    if (!asked) {
        co_return detail::refuse_faults(request, faults);
    }
    desk::ScenarioOrder order{.scenario = std::move(*asked)};
    order.seed = static_cast<std::uint64_t>(
        std::clamp<std::int64_t>(body.value->integer("/seed", 1), 0, 9'007'199'254'740'991));
    Caller caller = caller_of(request, asked_through_api);
    const Result<desk::Scenarios::Told> told =
        co_await door->scenarios().run(std::move(order), std::move(caller));
    co_return told ? net::json_response(200, desk::contract_answer(*told->run, told->run_id))
                   : net::problem_of(told.error(), request.path);
}

Awaitable<net::Response> list_scenarios(Shared door, net::Request) {
    const desk::ScenariosAnswer answer = co_await door->scenarios().list();
    co_return net::json_response(200, to_json(answer));
}

/// The scenario of a body, or the refusal.
Awaitable<Body<scenario::Scenario>> scenario_of(Shared door, net::Request request, ScenarioRunBody body) {
    if (body.scenario_id.empty() == !body.scenario) {
        const std::vector<Fault> faults{{"/scenario_id", "give either scenario_id or scenario"}};
        co_return Body<scenario::Scenario>{.value = std::nullopt,
                                           .refused = detail::refuse_faults(request, faults)};
    }
    if (body.scenario) {
        std::vector<Fault> faults;
        std::optional<scenario::Scenario> own =
            scenario::scenario_of_request(json::Value(std::move(*body.scenario)), faults);
        for (Fault& fault : faults) {
            fault.pointer.insert(0, "/scenario");
        }
        if (!own) {
            co_return Body<scenario::Scenario>{.value = std::nullopt,
                                               .refused = detail::refuse_faults(request, faults)};
        }
        co_return Body<scenario::Scenario>{.value = std::move(own), .refused = {}};
    }
    Result<scenario::Scenario> listed = co_await door->scenarios().find(std::move(body.scenario_id));
    if (!listed) {
        co_return Body<scenario::Scenario>{.value = std::nullopt,
                                           .refused = net::problem_of(listed.error(), request.path)};
    }
    co_return Body<scenario::Scenario>{.value = std::move(*listed), .refused = {}};
}

Awaitable<net::Response> start_run(Shared door, net::Request request) {
    Body<ScenarioRunBody> body = read_body<ScenarioRunBody>(request);
    if (!body.value) {
        co_return std::move(body.refused);
    }
    const std::optional<UtcTime> start = body.value->start;
    desk::ScenarioOrder order{.seed = static_cast<std::uint64_t>(body.value->seed)};
    Body<scenario::Scenario> asked = co_await scenario_of(door, request, std::move(*body.value));
    if (!asked.value) {
        co_return std::move(asked.refused);
    }
    order.scenario = std::move(*asked.value);
    if (start) {
        order.scenario.start = floor_period(*start);
    }
    const Caller caller = caller_of(request, asked_through_api);
    const Result<desk::ScenarioRunAnswer> started = door->scenarios().start(std::move(order), caller);
    if (!started) {
        co_return net::problem_of(started.error(), request.path);
    }
    net::Response response = net::json_response(202, to_json(*started));
    response.headers.set("Location", "/api/v1/scenarios/runs/" + started->run_id);
    co_return response;
}

Awaitable<net::Response> runs(Shared door, net::Request request) {
    const Result<desk::PageRequest> page = page_of(request);
    if (!page) {
        co_return net::problem_of(page.error(), request.path);
    }
    co_return respond_list(request, "runs", desk::page_of_list(door->scenarios().runs(), *page));
}

std::vector<std::string> words_of(std::string_view list) {
    std::vector<std::string> out;
    while (!list.empty()) {
        const std::size_t end = std::min(list.find(','), list.size());
        if (end > 0) {
            out.emplace_back(list.substr(0, end));
        }
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return out;
}

Awaitable<net::Response> result(Shared door, net::Request request) {
    const std::string id = request.path_parameter("id");
    const Result<desk::ScenarioRunAnswer> listed = door->scenarios().run_answer(id);
    const Result<std::string> named = text_parameter(request, "assets", 4'096);
    const Result<std::int64_t> curves = number_parameter(request, "curves", 0, curves_max, curves_usual);
    if (!listed || !named || !curves) {
        co_return net::problem_of(!listed  ? listed.error()
                                  : !named ? named.error()
                                           : curves.error(),
                                  request.path);
    }
    const Result<std::shared_ptr<const desk::FinishedRun>> finished = door->scenarios().finished(id);
    if (!finished) {
        // It waits, runs, was stopped or failed: that is all there is to tell.
        const desk::ScenarioResultAnswer nothing_yet{.run = *listed};
        co_return net::json_response(200, to_json(nothing_yet));
    }
    const std::vector<std::string> assets = words_of(*named);
    if (assets.size() > static_cast<std::size_t>(curves_max)) {
        co_return net::problem_of(
            Error{Errc::invalid, "at most " + std::to_string(curves_max) + " assets", "/assets"},
            request.path);
    }
    co_return respond(request,
                      desk::result_answer(**finished, *listed, assets, static_cast<std::size_t>(*curves)));
}

Awaitable<net::Response> cancel_run(Shared door, net::Request request) {
    co_return respond(request, door->scenarios().cancel(request.path_parameter("id")));
}

Awaitable<net::Response> diff(Shared door, net::Request request) {
    const std::string id = request.path_parameter("id");
    const std::string other = request.path_parameter("other");
    const Result<std::shared_ptr<const desk::FinishedRun>> first = door->scenarios().finished(id);
    const Result<std::shared_ptr<const desk::FinishedRun>> second = door->scenarios().finished(other);
    if (!first || !second) {
        co_return net::problem_of(!first ? first.error() : second.error(), request.path);
    }
    desk::ScenarioDiffAnswer answer = desk::diff_answer(**first, **second);
    answer.run = *door->scenarios().run_answer(id);
    answer.other = *door->scenarios().run_answer(other);
    co_return net::json_response(200, to_json(answer));
}

constexpr const char* request_example =
    R"({"location":"London","event_type":"heatwave","start_date":"2027-07-13T00:00:00Z","duration_hours":72,
        "weather":{"max_temp_celsius":38,"min_temp_celsius":22}})";

Operation contract_operation() {
    return Operation("operator", "Project a place's assets through an event")
        .about(
            "The event is imposed on the weather of the place and dates, from the configured service or, "
            "where "
            "none answers, from the built-in climatology; each asset's load is projected from it, and rated "
            "by its peak loading. Members that are not named here are passed over.")
        .takes_json(schema_like(*json::parse(request_example)), request_example)
        .answers_like(
            200, "The assets, and the risks, most severe first.",
            R"({"scenario":{"location":"London","event_type":"heatwave","start_date":"2027-07-13T00:00:00.000Z",
                 "duration_hours":72,"weather":{"max_temp_celsius":38.0,"min_temp_celsius":22.0,
                 "total_rainfall_mm":0.5,"max_rainfall_per_hour_mm":0.5},"id":"","lost_elements":[],
                 "hypothetical":false},
                "assets":[{"id":"P-BANKSIDE","name":"Bankside primary","type":"substation","lat":51.5069,
                 "lon":-0.0996,"capacity_kw":54000.5,"criticality":"high","flood_zone":3,
                 "feeds":["F-SOUTHBANK"],"source":"","illustrative":true}],
                "risks":[{"asset_id":"P-BANKSIDE","risk_level":"HIGH","reason":"","expected_impact":"",
                 "projected_peak_kw":54100.5,"loading_percent":107.5,"peak_time":"2027-07-14T14:30:00.000Z",
                 "headroom_kw":-3900.5,"over_hours":6.5,"energy_over_kwh":9000.5,"outage_probability":0.5,
                 "data_sources":["climatology"]}],
                "hypothetical":false,"hypothetical_reason":"","illustrative":true,
                "data_sources":["climatology"],
                "weather_sources":[{"source":"climatology","hours":73,"fetched":null,"licence":"","url":"",
                 "why":""}],"seed":1,"run_id":"run-1"})")
        .fails({400, 404, 409, 413, 415, 422, 503});
}

}  // namespace

void add_scenarios(net::HttpServer& server, const Shared& door, const std::shared_ptr<Idempotency>& once) {
    const DoorRoutes routes(server, door, once);
    // Another media type than JSON is refused before the body is read.
    const auto post_json = [&](const char* pattern, auto handler, Operation operation) {
        net::RouteOptions options = operation.writes(false).options();
        options.media_types = {"application/json"};
        net::Handler bound = [door, handler](net::Request request) {
            return handler(door, std::move(request));
        };
        server.route("POST", pattern, observed(once, std::move(bound)), options);
    };
    post_json("/scenario/run", run_contract, contract_operation());
    routes.read("/api/v1/scenarios", list_scenarios,
                Operation("viewer", "Scenarios that can be run by their id, and places with assets")
                    .answers<desk::ScenariosAnswer>("Scenarios and places."));
    post_json("/api/v1/scenarios/runs", start_run,
              Operation("operator", "Start a run")
                  .about("It goes on by itself; GET its Location for progress and result, DELETE stops it.")
                  .takes<ScenarioRunBody>(R"({"scenario_id":"london_heatwave_3d","seed":7})")
                  .answers_like(202, "Taken on.", R"({"run_id":"run-1","state":"waiting"})")
                  .fails({400, 404, 413, 415, 422, 503}));
    routes.read(
        "/api/v1/scenarios/runs", runs,
        Operation("viewer", "Runs, newest first")
            .about("A bounded number is kept, until the process ends; the audit log has their inputs.")
            .paged()
            .answers_list<desk::ScenarioRunAnswer>("runs")
            .fails({422}));
    const auto about_run = [](Operation operation) { return operation.path("id", "Run.", "run-1"); };
    routes.read(
        "/api/v1/scenarios/runs/{id}", result,
        about_run(
            Operation("viewer", "A run: its progress, and what it found")
                .about("Until it is done, `run` is all there is and every list is empty.")
                .query("assets", "Assets whose curves are wanted, with commas between.", text_schema(4'096))
                .query("curves", "Curves of so many of the first risks, when no asset is named.",
                       number_schema(0, curves_max))
                .answers<desk::ScenarioResultAnswer>("What it found.")
                .fails({404, 422})));
    routes.write(
        "DELETE", "/api/v1/scenarios/runs/{id}", cancel_run,
        about_run(Operation("operator", "Stop a run that waits or goes on; let go of one that is over")
                      .answers<desk::ScenarioRunAnswer>("As it stands now.")
                      .fails({404})),
        false);
    routes.read("/api/v1/scenarios/runs/{id}/diff/{other}", diff,
                Operation("viewer", "Two runs side by side, largest change of loading first")
                    .path("id", "Run.", "run-1")
                    .path("other", "The other run.", "run-2")
                    .answers<desk::ScenarioDiffAnswer>("Both, and asset by asset.")
                    .fails({404, 409}));
}

}  // namespace headroom::api
