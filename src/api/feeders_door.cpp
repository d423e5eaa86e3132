#include "api/feeders_door.hpp"

#include "api/answer.hpp"

#include <fmt/format.h>

#include <utility>

namespace headroom::api {
namespace {

using Shared = std::shared_ptr<const Door>;

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

Result<desk::SeriesQuery> series_query(const net::Request& request, UtcTime now) {
    const Result<std::string> point = text_parameter(request, "point", 256);
    const Result<std::optional<UtcTime>> from = time_parameter(request, "from");
    const Result<std::optional<UtcTime>> to = time_parameter(request, "to");
    const Result<std::int64_t> step = number_parameter(request, "step", 60, 1800, 60);
    const Result<std::string> aggregate = text_parameter(request, "agg", 8);
    const Result<std::string> kind = text_parameter(request, "kind", 16);
    for (const Error* fault : {point ? nullptr : &point.error(), from ? nullptr : &from.error(),
                               to ? nullptr : &to.error(), step ? nullptr : &step.error(),
                               aggregate ? nullptr : &aggregate.error(), kind ? nullptr : &kind.error()}) {
        if (fault != nullptr) {
            return *fault;
        }
    }
    if (!aggregate->empty() && *aggregate != "mean" && *aggregate != "max") {
        return Error{Errc::invalid, "agg must be mean or max", "/agg"};
    }
    if (!kind->empty() && *kind != "measured" && *kind != "without") {
        return Error{Errc::invalid, "kind must be measured or without", "/kind"};
    }
    const UtcTime end = to->value_or(now);
    return desk::SeriesQuery{
        .point = *point,
        .from = from->value_or(end - hours{3}),
        .to = end,
        .step = seconds{*step},
        .aggregate = *aggregate == "max" ? desk::SeriesAggregate::max : desk::SeriesAggregate::mean,
        .kind = *kind == "without" ? desk::SeriesKind::without : desk::SeriesKind::measured};
}

/// `at_utc,value`, CRLF; an unknown value is an empty field.
net::Response series_csv(const desk::SeriesAnswer& series) {
    net::Response response;
    response.content_type = "text/csv; charset=utf-8";
    response.headers.set("Vary", "Accept");
    response.body = "start_utc,load_kw\r\n";
    for (std::size_t i = 0; i < series.values.size(); ++i) {
        const UtcTime at = series.start + seconds{series.step_s} * static_cast<std::int64_t>(i);
        response.body += format_utc(at) + "," +
                         (series.values[i] ? fmt::format("{}", *series.values[i]) : std::string()) + "\r\n";
    }
    return response;
}

Awaitable<net::Response> series(Shared door, net::Request request) {
    Result<desk::SeriesQuery> query = series_query(request, door->clock.now());
    if (!query) {
        co_return net::problem_of(query.error(), request.path);
    }
    desk::SeriesQuery wanted = std::move(*query);
    const Result<desk::SeriesAnswer> answer = co_await door->desk().series().read(std::move(wanted));
    if (answer && request.headers.get("Accept").find("text/csv") != std::string_view::npos) {
        co_return series_csv(*answer);
    }
    co_return respond(request, answer);
}

Awaitable<net::Response> forecasts(Shared door, net::Request request) {
    const Result<std::string> point = text_parameter(request, "point", 256);
    if (!point) {
        co_return net::problem_of(point.error(), request.path);
    }
    co_return respond(request, door->desk().series().forecast(*point));
}

}  // namespace

void add_feeders(net::HttpServer& server, const Shared& door) {
    const auto get = [&](const char* pattern, auto handler, const char* summary) {
        server.route(
            "GET", pattern,
            [door, handler](net::Request request) { return handler(door, std::move(request)); },
            least_role("viewer", summary));
    };
    server.route(
        "GET", "/api/v1/status",
        [door](net::Request) -> Awaitable<net::Response> {
            co_return net::json_response(200, door->desk().status());
        },
        least_role("viewer", "What stands in the header of every page"));
    get("/api/v1/feeders", feeders, "Feeders with their tightest phase now and ahead");
    get("/api/v1/feeders/{id}", feeder, "One feeder with its limits, points, resources and events");
    get("/api/v1/substations", substations, "Substations");
    get("/api/v1/points", points, "What is measured, with the newest reading");
    get("/api/v1/series", series, "Load over time, measured or had nothing been asked");
    get("/api/v1/forecasts", forecasts, "The newest forecast of a point");
}

}  // namespace headroom::api
