#include "api/series_door.hpp"

#include "api/answer.hpp"

#include <fmt/format.h>
#include <charconv>

#include <array>
#include <iterator>
#include <utility>

namespace headroom::api {
namespace {

using Shared = std::shared_ptr<const Door>;
using Aggregate = desk::SeriesAggregate;

constexpr std::array<std::pair<std::string_view, Aggregate>, 6> aggregates{{{"mean", Aggregate::mean},
                                                                            {"max", Aggregate::max},
                                                                            {"min", Aggregate::min},
                                                                            {"sum", Aggregate::sum},
                                                                            {"last", Aggregate::last},
                                                                            {"minmax", Aggregate::minmax}}};

Result<Aggregate> aggregate_of(const net::Request& request) {
    const Result<std::string> word = text_parameter(request, "agg", 8);
    if (!word) {
        return word.error();
    }
    if (word->empty()) {
        return Aggregate::mean;
    }
    for (const auto& [name, aggregate] : aggregates) {
        if (name == *word) {
            return aggregate;
        }
    }
    return Error{Errc::invalid, "agg must be mean, max, min, sum, last or minmax", "/agg"};
}

Result<desk::SeriesKind> kind_of(const net::Request& request) {
    const Result<std::string> word = text_parameter(request, "kind", 16);
    if (!word) {
        return word.error();
    }
    if (!word->empty() && *word != "measured" && *word != "without") {
        return Error{Errc::invalid, "kind must be measured or without", "/kind"};
    }
    return *word == "without" ? desk::SeriesKind::without : desk::SeriesKind::measured;
}

/// Nothing for a step that is to be found.
Result<std::optional<seconds>> step_of(const net::Request& request) {
    if (!request.parameter("step")) {
        return std::optional<seconds>();
    }
    const Result<std::int64_t> step =
        number_parameter(request, "step", 60, desk::series_step_max.count(), 60);
    return step ? Result<std::optional<seconds>>(seconds{*step})
                : Result<std::optional<seconds>>(step.error());
}

std::vector<std::string> points_of(const net::Request& request) {
    std::vector<std::string> points;
    for (const auto& [name, value] : request.query) {
        if (name == "point") {
            points.push_back(value);
        }
    }
    return points;
}

Result<desk::SeriesQuery> series_query(const net::Request& request, UtcTime now) {
    const Result<std::optional<UtcTime>> from = time_parameter(request, "from");
    const Result<std::optional<UtcTime>> to = time_parameter(request, "to");
    const Result<std::optional<seconds>> step = step_of(request);
    const Result<std::int64_t> values = number_parameter(request, "points", 1, desk::series_values_max, 500);
    const Result<Aggregate> aggregate = aggregate_of(request);
    const Result<desk::SeriesKind> kind = kind_of(request);
    for (const Error* fault : {from ? nullptr : &from.error(), to ? nullptr : &to.error(),
                               step ? nullptr : &step.error(), values ? nullptr : &values.error(),
                               aggregate ? nullptr : &aggregate.error(), kind ? nullptr : &kind.error()}) {
        if (fault != nullptr) {
            return *fault;
        }
    }
    const UtcTime end = to->value_or(now);
    return desk::SeriesQuery{.points = points_of(request),
                             .from = from->value_or(end - hours{3}),
                             .to = end,
                             .step = *step,
                             .values_wanted = *values,
                             .aggregate = *aggregate,
                             .kind = *kind};
}

void append_csv_value(std::string& out, const std::vector<std::optional<double>>& values, std::size_t at) {
    out += ',';
    if (at < values.size() && values[at]) {
        fmt::format_to(std::back_inserter(out), "{}", *values[at]);
    }
}

/// RFC 4180; an unknown value is an empty field. Point ids need no quotes.
net::Response series_csv(const std::vector<desk::SeriesAnswer>& lines, Aggregate aggregate) {
    net::Response response;
    response.content_type = "text/csv; charset=utf-8";
    response.headers.set("Vary", "Accept");
    const bool has_range = aggregate == Aggregate::minmax;
    const bool has_points = lines.size() > 1;
    response.body = std::string(has_points ? "point_id," : "") + "start_utc,load_kw" +
                    (has_range ? ",min_kw,max_kw" : "") + "\r\n";
    for (const desk::SeriesAnswer& line : lines) {
        for (std::size_t i = 0; i < line.values.size(); ++i) {
            response.body += has_points ? line.point_id + "," : "";
            response.body += format_utc(line.start + seconds{line.step_s} * static_cast<std::int64_t>(i));
            append_csv_value(response.body, line.values, i);
            if (has_range) {
                append_csv_value(response.body, line.min, i);
                append_csv_value(response.body, line.max, i);
            }
            response.body += "\r\n";
        }
    }
    return response;
}

Awaitable<net::Response> series(Shared door, net::Request request) {
    Result<desk::SeriesQuery> query = series_query(request, door->clock.now());
    if (!query) {
        co_return net::problem_of(query.error(), request.path);
    }
    const Aggregate aggregate = query->aggregate;
    desk::SeriesQuery wanted = std::move(*query);
    const Result<std::vector<desk::SeriesAnswer>> answer =
        co_await door->desk().series().read(std::move(wanted));
    if (!answer) {
        co_return net::problem_of(answer.error(), request.path);
    }
    if (request.headers.get("Accept").find("text/csv") != std::string_view::npos) {
        co_return series_csv(*answer, aggregate);
    }
    if (answer->size() == 1) {
        co_return net::json_response(200, to_json(answer->front()));
    }
    co_return net::json_response(200, json::Object{{"series", to_json(*answer)}});
}

Awaitable<net::Response> forecasts(Shared door, net::Request request) {
    const Result<std::string> point = text_parameter(request, "point", 256);
    if (!point) {
        co_return net::problem_of(point.error(), request.path);
    }
    co_return respond(request, door->desk().series().forecast(*point));
}

Awaitable<net::Response> feeder_forecast(Shared door, net::Request request) {
    const Result<std::string> phase = text_parameter(request, "phase", 8);
    const Result<std::string> half_hours = text_parameter(request, "half_hours", 8);
    if (!phase || !half_hours) {
        co_return net::problem_of(phase ? half_hours.error() : phase.error(), request.path);
    }
    std::int64_t wanted = 48;
    if (!half_hours->empty()) {
        const char* const end = half_hours->data() + half_hours->size();
        const auto [stop, fault] = std::from_chars(half_hours->data(), end, wanted);
        if (fault != std::errc{} || stop != end || wanted < 1 || wanted > 96) {
            co_return net::problem_of(
                Error{Errc::invalid, "half_hours must be a whole number from 1 to 96", "/half_hours"},
                request.path);
        }
    }
    co_return respond(request,
                      door->desk().series().forecast_ahead(request.path_parameter("id"), *phase, wanted));
}

}  // namespace

void add_series(net::HttpServer& server, const Shared& door) {
    server.route(
        "GET", "/api/v1/series", [door](net::Request request) { return series(door, std::move(request)); },
        Operation("viewer", "Load over time, measured or had nothing been asked")
            .about(
                "Minutes of the last six hours come from memory, older ones and half-hours from the store. "
                "However long the steps are, `min`, `max` and `minmax` are those of everything known of a "
                "step: no peak is lost. `sum` adds up minutes, and half-hours where steps have half an hour "
                "or more; `last` is the newest of them. `point` may be given up to 50 times: the answer is "
                "then `{\"series\":[…]}` in that order. `without` is the simulator's twin in a simulated "
                "grid, else the measured load plus what devices were metered to give. `Accept: text/csv` "
                "gives start_utc,load_kw, with min_kw,max_kw for minmax and point_id ahead for several "
                "points.")
            .query("point", "Place, quantity and phase; may be repeated.", text_schema(), "F-0130/p_kw/L1")
            .query("from", "Start; three hours before `to` unless given.", time_schema())
            .query("to", "End; now unless given.", time_schema())
            .query("step",
                   "Seconds, whole minutes; unless given, a round step with which there are no more values "
                   "than `points`.",
                   number_schema(60, desk::series_step_max.count()), "60")
            .query("points", "Most values of each point when `step` is not given.",
                   number_schema(1, desk::series_values_max), "500")
            .query("agg", "What stands for a step: mean unless given; minmax gives mean, min and max.",
                   word_schema({"mean", "max", "min", "sum", "last", "minmax"}), "mean")
            .query("kind", "measured, or without: the load had nothing been asked.",
                   word_schema({"measured", "without"}), "measured")
            .answers_one_or_list<desk::SeriesAnswer>("series", "Values per step.")
            .answers_text(200, "Values per step.", "text/csv")
            .fails({404, 422})
            .options());
    server.route(
        "GET", "/api/v1/forecasts",
        [door](net::Request request) { return forecasts(door, std::move(request)); },
        Operation("viewer", "The newest forecast of a point")
            .query("point", "Place, quantity and phase.", text_schema(), "F-0130/p_kw/L1")
            .answers<desk::ForecastAnswer>("Quantiles per half-hour.")
            .fails({404, 422})
            .options());
    server.route(
        "GET", "/api/v1/feeders/{id}/forecast",
        [door](net::Request request) { return feeder_forecast(door, std::move(request)); },
        Operation("viewer", "The forecast of a feeder or substation, made now")
            .about("By the learnt ensemble where one serves and enough is known of the point, up to two days "
                   "ahead; else by the ridge, the same half-hour of earlier days or the newest load, a day "
                   "ahead. `method`, `model` and `reason` say which and why.")
            .path("id", "Feeder or substation.", "F-0130")
            .query("phase", "L1, L2, L3, N or sum; sum unless given.",
                   word_schema({"L1", "L2", "L3", "N", "sum"}), "sum")
            .query("half_hours", "How far ahead.", number_schema(1, 96), "48")
            .answers<desk::ForecastAnswer>("Quantiles per half-hour.")
            .fails({404, 422})
            .options());
}

}  // namespace headroom::api
