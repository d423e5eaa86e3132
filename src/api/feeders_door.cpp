#include "api/feeders_door.hpp"

#include "api/answer.hpp"

#include <utility>

namespace headroom::api {
namespace {

using Shared = std::shared_ptr<const Door>;

Awaitable<net::Response> status(Shared door, net::Request) {
    co_return net::json_response(200, door->desk().status());
}

/// There are as many as there are names in the registry, 1,024 at most.
Awaitable<net::Response> sources(Shared door, net::Request request) {
    const Result<desk::PageRequest> page = page_of(request);
    if (!page) {
        co_return net::problem_of(page.error(), request.path);
    }
    const desk::Parts& parts = door->desk().parts();
    std::vector<desk::SourceAnswer> all =
        parts.sources.list(parts.registry, parts.clock.now(), door->desk().mode().simulated);
    const Result<desk::Page<desk::SourceAnswer>> part = desk::page_of_list(std::move(all), *page);
    co_return respond_list(request, "sources", part);
}

Result<desk::FeederQuery> feeder_query(const net::Request& request) {
    Result<desk::PageRequest> page = page_of(request);
    Result<std::string> parent = text_parameter(request, "parent", 64);
    Result<std::string> text = text_parameter(request, "q", 64);
    const Result<std::string> sort = text_parameter(request, "sort", 16);
    for (const Error* fault : {page ? nullptr : &page.error(), parent ? nullptr : &parent.error(),
                               text ? nullptr : &text.error(), sort ? nullptr : &sort.error()}) {
        if (fault != nullptr) {
            return *fault;
        }
    }
    if (!sort->empty() && *sort != "id" && *sort != "headroom") {
        return Error{Errc::invalid, "sort must be headroom or id", "/sort"};
    }
    return desk::FeederQuery{
        .parent = std::move(*parent),
        .text = std::move(*text),
        .order = *sort == "headroom" ? desk::FeederOrder::headroom : desk::FeederOrder::id,
        .page = std::move(*page)};
}

Awaitable<net::Response> feeders(Shared door, net::Request request) {
    const Result<desk::FeederQuery> query = feeder_query(request);
    if (!query) {
        co_return net::problem_of(query.error(), request.path);
    }
    co_return respond_list(request, "feeders", door->desk().feeders().list(*query));
}

Awaitable<net::Response> feeder(Shared door, net::Request request) {
    const std::string& id = request.path_parameter("id");
    const Result<desk::FeederAnswer> one = door->desk().feeders().one(id);
    const Result<desk::FeederPartsAnswer> parts = door->desk().feeders().parts_of(id);
    if (!one || !parts) {
        co_return net::problem_of(!one ? one.error() : parts.error(), request.path);
    }
    const json::Value first = to_json(*one);
    json::Object out = *first.as_object();
    const json::Value rest = to_json(*parts);
    for (const auto& [key, value] : rest.as_object()->members()) {
        out.set(key, value);
    }
    co_return net::json_response(200, std::move(out));
}

Awaitable<net::Response> substations(Shared door, net::Request request) {
    const Result<desk::PageRequest> page = page_of(request);
    if (!page) {
        co_return net::problem_of(page.error(), request.path);
    }
    co_return respond_list(request, "substations", door->desk().feeders().substations(*page));
}

Awaitable<net::Response> points(Shared door, net::Request request) {
    const Result<desk::PageRequest> page = page_of(request);
    const Result<std::string> feeder = text_parameter(request, "feeder", 64);
    if (!page || !feeder) {
        co_return net::problem_of(!page ? page.error() : feeder.error(), request.path);
    }
    co_return respond_list(request, "points", door->desk().feeders().points(*feeder, *page));
}

constexpr std::string_view status_example =
    R"({"mode":{"simulated":true,"seed":7,"speed":120.0,"authority":"act",
    "control_path":"mqtt","story":null},"now":"2027-01-14T16:55:00.000Z","wall_now":"2026-11-20T16:50:00.000Z",
    "settlement_period":{"date":"2027-01-14","number":34},
    "counts":{"constrained":0,"below_10_percent":8,"below_25_percent":7,"normal":235,"unknown":0},
    "armed_kw":42.398,"active_kw":36.56,"open_events":9,
    "readings":{"accepted":92000,"duplicates":0,"conflicts":0,"quarantined":0},"data_age_s":null,
    "audit":{"size":276,"root":"a8a61b275dd0d9151485f1aee71500dbc8872b74fc1a5d2a712d54708be6683b","healthy":true},
    "stopped_areas":[],"version":"0.1.0"})";

}  // namespace

void add_feeders(net::HttpServer& server, const Shared& door) {
    const auto get = [&](const char* pattern, auto handler, const Operation& operation) {
        server.route(
            "GET", pattern,
            [door, handler](net::Request request) { return handler(door, std::move(request)); },
            operation.options());
    };
    get("/api/v1/status", status,
        Operation("viewer", "What stands in the header of every page")
            .answers_like(200, "As it is now.", status_example));
    get("/api/v1/feeders", feeders,
        Operation("viewer", "Feeders with their tightest phase now and ahead")
            .query("parent", "Substation above, directly or not.", text_schema(64))
            .query("q", "Part of id or name, without regard to case.", text_schema(64), "a")
            .query("sort", "id, or headroom: the tightest first. A walk by headroom keeps its first order.",
                   word_schema({"id", "headroom"}), "headroom")
            .paged()
            .answers_list<desk::FeederAnswer>("feeders")
            .fails({422}));
    get("/api/v1/feeders/{id}", feeder,
        Operation("viewer", "One feeder with its limits, points, resources and events")
            .path("id", "Feeder.", "F-0130")
            .answers_both<desk::FeederAnswer, desk::FeederPartsAnswer>("The feeder.")
            .fails({404}));
    get("/api/v1/substations", substations,
        Operation("viewer", "Substations")
            .paged()
            .answers_list<desk::SubstationAnswer>("substations")
            .fails({422}));
    get("/api/v1/points", points,
        Operation("viewer", "What is measured, with the newest reading")
            .query("feeder", "Only of this feeder and the resources on it.", text_schema(64), "F-0130")
            .paged()
            .answers_list<desk::PointAnswer>("points")
            .fails({404, 422}));
    get("/api/v1/sources", sources,
        Operation("viewer", "Who sends readings, and whether they still do")
            .paged()
            .answers_list<desk::SourceAnswer>("sources")
            .fails({422}));
}

}  // namespace headroom::api
