#include "api/trust_door.hpp"

#include "api/answer.hpp"
#include "api/bodies.hpp"
#include "api/door_routes.hpp"
#include "desk/trust.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace headroom::api {

/// A correction that an incident proposes, or one's own.
struct CorrectionBody {
    std::string incident_id = {};
    std::string meter = {};
    std::string kind = {};
    std::vector<double> factor = {};
    std::vector<std::int64_t> order = {};
    std::string reason = {};
};

}  // namespace headroom::api

namespace headroom {

template <>
struct Fields<api::CorrectionBody> {
    using T = api::CorrectionBody;
    static constexpr std::string_view name = "NewCorrection";
    static constexpr auto table = field_table(
        field("incident_id", &T::incident_id,
              "The incident whose proposal is applied; the rest is then left out.",
              {.maximum = 64, .required = false}),
        field("meter", &T::meter, "Feeder or substation, for a correction of one's own.",
              {.maximum = 64, .required = false}),
        field("kind", &T::kind, "reversed, unit or phase_order.", {.maximum = 16, .required = false}),
        field("factor", &T::factor, "By phase: what its readings are multiplied by; 1 when left out.",
              {.maximum = 3, .required = false, .example = "[-1.0,-1.0,-1.0]"}),
        field("order", &T::order, "By phase, from 1: the meter's phase that it is taken from.",
              {.maximum = 3, .required = false, .example = "[1,2,3]"}),
        field("reason", &T::reason, "Why, in a sentence.", {.minimum = 1, .maximum = reason_max}));
};

}  // namespace headroom

namespace headroom::api {
namespace {

using Shared = std::shared_ptr<const Door>;

constexpr double factor_max = 10'000.0;
constexpr double factor_min = 1e-4;

agents::TrustMonitoring& trust_of(const Shared& door) {
    return door->desk().parts().trust;
}

Result<desk::IncidentQuery> incident_query(const net::Request& request) {
    Result<desk::PageRequest> page = page_of(request);
    Result<std::string> place = text_parameter(request, "place", 64);
    const Result<std::string> kind = text_parameter(request, "kind", 32);
    const Result<std::string> open = text_parameter(request, "open", 8);
    for (const Error* fault : {page ? nullptr : &page.error(), place ? nullptr : &place.error(),
                               kind ? nullptr : &kind.error(), open ? nullptr : &open.error()}) {
        if (fault != nullptr) {
            return *fault;
        }
    }
    desk::IncidentQuery query{.place = std::move(*place), .page = std::move(*page)};
    query.kind = trust::parse_incident_kind(*kind);
    if (!kind->empty() && !query.kind) {
        return Error{Errc::invalid,
                     "kind must be tampering, commissioning, masking, baseline_inflation, flat_delivery or "
                     "communication",
                     "/kind"};
    }
    if (!open->empty() && *open != "true" && *open != "false") {
        return Error{Errc::invalid, "open must be true or false", "/open"};
    }
    query.open_only = *open == "true";
    return query;
}

Awaitable<net::Response> trust(Shared door, net::Request request) {
    const Result<desk::IncidentQuery> query = incident_query(request);
    if (!query) {
        co_return net::problem_of(query.error(), request.path);
    }
    Result<desk::TrustAnswer> answer =
        desk::trust_answer(trust_of(door), door->desk().parts().clock.now(), *query);
    if (answer && answer->next_cursor) {
        answer->next_cursor = write_cursor(*answer->next_cursor);
    }
    co_return respond(request, answer);
}

Awaitable<net::Response> places(Shared door, net::Request request) {
    const Result<desk::PageRequest> page = page_of(request);
    if (!page) {
        co_return net::problem_of(page.error(), request.path);
    }
    const auto part = desk::trust_places(trust_of(door), *page);
    co_return respond_list(request, "places", part);
}

Awaitable<net::Response> incident(Shared door, net::Request request) {
    const Result<desk::IncidentAnswer> answer =
        desk::trust_incident(trust_of(door), request.path_parameter("id"));
    co_return respond(request, answer);
}

Awaitable<net::Response> dismiss(Shared door, net::Request request) {
    Body<ReasonBody> body = read_body<ReasonBody>(request);
    const Result<bool> dry_run = dry_run_of(request);
    if (!body.value || !dry_run) {
        co_return body.value ? net::problem_of(dry_run.error(), request.path) : std::move(body.refused);
    }
    std::string id = request.path_parameter("id");
    if (*dry_run) {
        const Result<desk::IncidentAnswer> answer = desk::trust_incident(trust_of(door), id);
        co_return respond(request, answer);
    }
    Caller caller = caller_of(request, std::move(body.value->reason));
    const Result<agents::TrustIncident> done =
        co_await trust_of(door).dismiss(std::move(id), std::move(caller));
    co_return done ? net::json_response(200, to_json(desk::incident_answer(*done)))
                   : net::problem_of(done.error(), request.path);
}

Result<agents::MeterCorrection> own_correction(const CorrectionBody& body) {
    agents::MeterCorrection correction{.meter = body.meter};
    if (body.meter.empty()) {
        return Error{Errc::invalid, "either incident_id or meter is needed", "/meter"};
    }
    if (body.kind == "reversed") {
        correction.kind = trust::CommissioningKind::reversed;
    } else if (body.kind == "unit") {
        correction.kind = trust::CommissioningKind::unit;
    } else if (body.kind == "phase_order") {
        correction.kind = trust::CommissioningKind::phase_order;
    } else {
        return Error{Errc::invalid, "kind must be reversed, unit or phase_order", "/kind"};
    }
    if (!body.factor.empty()) {
        const bool is_fit =
            body.factor.size() == 3 && std::all_of(body.factor.begin(), body.factor.end(), [](double factor) {
                return std::abs(factor) >= factor_min && std::abs(factor) <= factor_max;
            });
        if (!is_fit) {
            return Error{Errc::invalid, "factor must be three numbers of 0.0001 to 10000, or their negatives",
                         "/factor"};
        }
        std::copy(body.factor.begin(), body.factor.end(), correction.factor.begin());
    }
    if (!body.order.empty()) {
        std::vector<std::int64_t> sorted = body.order;
        std::sort(sorted.begin(), sorted.end());
        if (sorted != std::vector<std::int64_t>{1, 2, 3}) {
            return Error{Errc::invalid, "order must name each of 1, 2 and 3 once", "/order"};
        }
        for (std::size_t p = 0; p < 3; ++p) {
            correction.order[p] = static_cast<std::uint8_t>(body.order[p] - 1);
        }
    }
    correction.proposal = "as told by an operator";
    return correction;
}

Awaitable<net::Response> apply(Shared door, net::Request request) {
    Body<CorrectionBody> body = read_body<CorrectionBody>(request);
    const Result<bool> dry_run = dry_run_of(request);
    if (!body.value || !dry_run) {
        co_return body.value ? net::problem_of(dry_run.error(), request.path) : std::move(body.refused);
    }
    agents::TrustMonitoring& trust = trust_of(door);
    Result<agents::MeterCorrection> correction = body.value->incident_id.empty()
                                                     ? own_correction(*body.value)
                                                     : trust.proposal_of(body.value->incident_id);
    if (!correction) {
        co_return net::problem_of(correction.error(), request.path);
    }
    if (*dry_run) {
        const Result<void> fits = trust.check(*correction);
        co_return fits ? net::json_response(200, to_json(desk::correction_answer(*correction)))
                       : net::problem_of(fits.error(), request.path);
    }
    Caller caller = caller_of(request, std::move(body.value->reason));
    const Result<agents::MeterCorrection> done =
        co_await trust.apply(std::move(*correction), std::move(caller));
    co_return done ? net::json_response(201, to_json(desk::correction_answer(*done)))
                   : net::problem_of(done.error(), request.path);
}

Awaitable<net::Response> corrections(Shared door, net::Request request) {
    const Result<desk::PageRequest> page = page_of(request);
    if (!page) {
        co_return net::problem_of(page.error(), request.path);
    }
    std::vector<desk::CorrectionAnswer> all;
    for (const auto& [id, correction] : trust_of(door).corrections()) {
        all.push_back(desk::correction_answer(correction));
    }
    const auto part = desk::page_of_list(std::move(all), *page);
    co_return respond_list(request, "corrections", part);
}

/// A DELETE's reason stands in its body, or, for clients that send none, in `?reason=`.
Awaitable<net::Response> revert_correction(Shared door, net::Request request) {
    if (request.body.empty()) {
        request.body = json::write(json::Object{{"reason", request.parameter("reason").value_or("")}});
    }
    Body<ReasonBody> body = read_body<ReasonBody>(request);
    const Result<bool> dry_run = dry_run_of(request);
    if (!body.value || !dry_run) {
        co_return body.value ? net::problem_of(dry_run.error(), request.path) : std::move(body.refused);
    }
    std::string id = request.path_parameter("id");
    if (*dry_run) {
        const auto& known = trust_of(door).corrections();
        const auto found = known.find(id);
        co_return found == known.end()
            ? net::problem_of(Error{Errc::not_found, "no correction " + id + " is in force"}, request.path)
            : net::json_response(200, to_json(desk::correction_answer(found->second)));
    }
    Caller caller = caller_of(request, std::move(body.value->reason));
    const Result<agents::MeterCorrection> done =
        co_await trust_of(door).revert(std::move(id), std::move(caller));
    co_return done ? net::json_response(200, to_json(desk::correction_answer(*done)))
                   : net::problem_of(done.error(), request.path);
}

}  // namespace

void add_trust(net::HttpServer& server, const Shared& door, const std::shared_ptr<Idempotency>& once) {
    const DoorRoutes routes(server, door, once);
    routes.read(
        "/api/v1/trust", trust,
        Operation("viewer", "Which readings can be believed: incidents, corrections, places")
            .about("Open incidents first, then the newest closed ones, in pages. While an incident is "
                   "distrusting, the forecast stands for the meter's readings.")
            .query("place", "Only of this substation, feeder or meter.", text_schema(64))
            .query("kind", "Only this kind.",
                   word_schema({"tampering", "commissioning", "masking", "baseline_inflation",
                                "flat_delivery", "communication"}))
            .query("open", "Only those that are not over.", word_schema({"true", "false"}))
            .query("limit", "Incidents of a page.", number_schema(1, 1000))
            .query("cursor", "As an earlier page gave it.", text_schema(256))
            .answers<desk::TrustAnswer>("As it stands.")
            .fails({422}));
    routes.read("/api/v1/trust/places", places,
                Operation("viewer", "What the trust layers look at, and how far they are")
                    .paged()
                    .answers_list<desk::TrustPlaceAnswer>("places")
                    .fails({422}));
    routes.read("/api/v1/trust/incidents/{id}", incident,
                Operation("viewer", "One incident")
                    .path("id", "Incident.", "T-20261120T1210-1f3a9c02")
                    .answers<desk::IncidentAnswer>("The incident.")
                    .fails({404}));
    routes.write("POST", "/api/v1/trust/incidents/{id}/dismiss", dismiss,
                 Operation("operator", "Believe a meter again")
                     .about("The incident is over, and nothing of its kind is opened there for a day.")
                     .path("id", "Incident.", "T-20261120T1210-1f3a9c02")
                     .takes<ReasonBody>(R"({"reason":"the bakery has a new oven"})")
                     .answers<desk::IncidentAnswer>("As it is now.")
                     .fails({400, 404, 409, 422, 503}));
    routes.read("/api/v1/trust/corrections", corrections,
                Operation("viewer", "Corrections of meters that are in force")
                    .paged()
                    .answers_list<desk::CorrectionAnswer>("corrections")
                    .fails({422}));
    routes.write(
        "POST", "/api/v1/trust/corrections", apply,
        Operation("operator", "Apply a correction to a meter's readings")
            .about("What an incident proposes, or one's own. Readings are mapped from the next batch on, the "
                   "half-hours that forecasts are made from too; as the meter has them they are kept as "
                   "series KEY/raw. It stays in force over restarts until it is reverted.")
            .takes<CorrectionBody>(
                R"({"meter":"F-0130","kind":"reversed","factor":[-1,-1,-1],"reason":"CTs are reversed, seen on site"})")
            .answers<desk::CorrectionAnswer>("The correction, for a dry run.")
            .answers_like(201, "In force.", R"({"correction_id":"C-1f3a9c02b7d4"})")
            .fails({400, 404, 409, 422, 503}));
    routes.write("DELETE", "/api/v1/trust/corrections/{id}", revert_correction,
                 Operation("operator", "Take a correction back")
                     .path("id", "Correction.", "C-1f3a9c02b7d4")
                     .query("reason", "Why, for clients that send no body with a DELETE.", text_schema(1000),
                            "the CTs were turned round")
                     .answers<desk::CorrectionAnswer>("That was in force.")
                     .fails({400, 404, 409, 422, 503}));
}

}  // namespace headroom::api
