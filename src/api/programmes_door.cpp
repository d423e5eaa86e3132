#include "api/programmes_door.hpp"

#include "api/answer.hpp"
#include "api/bodies.hpp"
#include "api/door_routes.hpp"
#include "desk/programmes.hpp"

#include <cmath>
#include <utility>

namespace headroom::api {

struct ProgrammeBody {
    std::string name = {};
    std::string terms = {};
    std::vector<std::string> products = {};
    std::vector<std::string> der_classes = {};
    UtcTime from{};
    UtcTime until{};
    std::string day_from = "00:00";
    std::string day_until = "24:00";
    bool working_days_only = false;
    double test_share = 0.0;
    std::int64_t test_valid_days = 0;
    std::string reason = {};
};

struct EnrolmentBody {
    std::string der_id = {};
    std::string provider = {};
    double power_kw = 0.0;
    std::string consent_by = {};
    UtcTime consent_from{};
    UtcTime consent_until{};
    std::string reason = {};
};

/// A test: an event of ours, or figures with where they are kept.
struct TestBody {
    std::string event_id = {};
    std::optional<UtcTime> at = {};
    double asked_kw = 0.0;
    double delivered_kw = 0.0;
    std::string evidence = {};
    std::string reason = {};
};

struct SuspensionBody {
    std::optional<UtcTime> until = {};
    std::string reason = {};
};

}  // namespace headroom::api

namespace headroom {

template <>
struct Fields<api::ProgrammeBody> {
    using T = api::ProgrammeBody;
    static constexpr std::string_view name = "ProgrammeTerms";
    static constexpr auto table = field_table(
        field("name", &T::name, "As people call it.", {.minimum = 1, .maximum = 256}),
        field("terms", &T::terms, "The document and its version, or its address.",
              {.maximum = 1000, .required = false}),
        field("products", &T::products, "framework, availability (armed) or spot; at least one.",
              {.minimum = 1, .maximum = 3, .example = R"(["availability","spot"])"}),
        field("der_classes", &T::der_classes, "Which may enrol; none: every class.",
              {.maximum = 7, .required = false, .example = R"(["battery"])"}),
        field("from", &T::from, "Half-open."), field("until", &T::until, "Half-open."),
        field("day_from", &T::day_from, "Begin of the daily window, Europe/London.",
              {.minimum = 5, .maximum = 5, .required = false, .example = R"("16:00")"}),
        field("day_until", &T::day_until, "Its end; before its begin: past midnight.",
              {.minimum = 5, .maximum = 5, .required = false, .example = R"("20:00")"}),
        field("working_days_only", &T::working_days_only, "Monday to Friday.", {.required = false}),
        field("test_share", &T::test_share, "Of what was asked, that a test must have delivered; 0: no test.",
              {.minimum = 0, .maximum = 1, .required = false}),
        field("test_valid_days", &T::test_valid_days, "How long a passed test counts; 0: until the end.",
              {.minimum = 0, .maximum = 3653, .required = false}),
        field("reason", &T::reason, "Why, in a sentence.", {.minimum = 1, .maximum = reason_max}));
};

template <>
struct Fields<api::EnrolmentBody> {
    using T = api::EnrolmentBody;
    static constexpr std::string_view name = "EnrolmentTerms";
    static constexpr auto table = field_table(
        field("der_id", &T::der_id, "Resource of the network.", {.minimum = 1, .maximum = 64}),
        field("provider", &T::provider, "Who may offer it under the programme.",
              {.minimum = 1, .maximum = 256}),
        field("power_kw", &T::power_kw, "Largest change.", {.unit = "kW", .minimum = 0, .maximum = 100'000}),
        field("consent_by", &T::consent_by, "Who agrees on the site's behalf.",
              {.minimum = 1, .maximum = 256}),
        field("consent_from", &T::consent_from, "Half-open."),
        field("consent_until", &T::consent_until, "Half-open."),
        field("reason", &T::reason, "Why, in a sentence.", {.minimum = 1, .maximum = reason_max}));
};

template <>
struct Fields<api::TestBody> {
    using T = api::TestBody;
    static constexpr std::string_view name = "QualificationTest";
    static constexpr auto table = field_table(
        field("event_id", &T::event_id,
              "A settled event that used the resource: its statement says what came.",
              {.maximum = 64, .required = false}),
        field("at", &T::at, "When, for a test measured elsewhere.", {.required = false}),
        field("asked_kw", &T::asked_kw, "Asked of it.",
              {.unit = "kW", .minimum = 0, .maximum = 100'000, .required = false}),
        field("delivered_kw", &T::delivered_kw, "Mean that came, against the baseline.",
              {.unit = "kW", .minimum = -100'000, .maximum = 100'000, .required = false}),
        field("evidence", &T::evidence, "Where the measurement is kept.",
              {.maximum = 256, .required = false}),
        field("reason", &T::reason, "Why, in a sentence.", {.minimum = 1, .maximum = reason_max}));
};

template <>
struct Fields<api::SuspensionBody> {
    using T = api::SuspensionBody;
    static constexpr std::string_view name = "SuspensionTerms";
    static constexpr auto table = field_table(
        field("until", &T::until, "Left out: until it is lifted.", {.required = false}),
        field("reason", &T::reason, "Why, in a sentence.", {.minimum = 1, .maximum = reason_max}));
};

}  // namespace headroom

namespace headroom::api {
namespace {

using Shared = std::shared_ptr<const Door>;

agents::Programmes& programmes_of(const Shared& door) {
    return door->desk().parts().programmes;
}

Watts watts_of(double kw) {
    return Watts{std::llround(kw * 1000.0)};
}

json::Value answer_of(const Shared& door, const flex::Enrolment& enrolment) {
    const desk::Parts& parts = door->desk().parts();
    return to_json(desk::enrolment_answer(parts.programmes, parts.network, enrolment, parts.clock.now()));
}

net::Response answer_or_problem(const Shared& door, const net::Request& request, int status,
                                const Result<flex::Enrolment>& done) {
    return done ? net::json_response(status, answer_of(door, *done))
                : net::problem_of(done.error(), request.path);
}

Awaitable<net::Response> list_programmes(Shared door, net::Request request) {
    const Result<desk::PageRequest> page = page_of(request);
    if (!page) {
        co_return net::problem_of(page.error(), request.path);
    }
    const desk::Parts& parts = door->desk().parts();
    const auto part = desk::page_of_list(desk::programme_answers(parts.programmes, parts.clock.now()), *page);
    co_return respond_list(request, "programmes", part);
}

Awaitable<net::Response> enrolments(Shared door, net::Request request) {
    const Result<desk::PageRequest> page = page_of(request);
    if (!page) {
        co_return net::problem_of(page.error(), request.path);
    }
    desk::EnrolmentQuery query{.programme = request.parameter("programme").value_or(""),
                               .der = request.parameter("der").value_or(""),
                               .page = *page};
    if (const std::string word = request.parameter("standing").value_or(""); !word.empty()) {
        query.standing = flex::parse_standing(word);
        if (!query.standing) {
            const Error unknown{
                Errc::invalid,
                "standing is eligible, no_consent, not_qualified, failed_test, suspended or withdrawn",
                "/standing"};
            co_return net::problem_of(unknown, request.path);
        }
    }
    const desk::Parts& parts = door->desk().parts();
    co_return respond_list(
        request, "enrolments",
        desk::enrolment_answers(parts.programmes, parts.network, parts.clock.now(), query));
}

Awaitable<net::Response> put(Shared door, net::Request request) {
    Body<ProgrammeBody> body = read_body<ProgrammeBody>(request);
    const Result<bool> dry_run = dry_run_of(request);
    if (!body.value || !dry_run) {
        co_return body.value ? net::problem_of(dry_run.error(), request.path) : std::move(body.refused);
    }
    ProgrammeBody& terms = *body.value;
    Result<flex::Programme> programme = desk::programme_of({.id = request.path_parameter("id"),
                                                            .name = std::move(terms.name),
                                                            .terms = std::move(terms.terms),
                                                            .products = std::move(terms.products),
                                                            .der_classes = std::move(terms.der_classes),
                                                            .from = terms.from,
                                                            .until = terms.until,
                                                            .day_from = std::move(terms.day_from),
                                                            .day_until = std::move(terms.day_until),
                                                            .working_days_only = terms.working_days_only,
                                                            .test_share = terms.test_share,
                                                            .test_valid_days = terms.test_valid_days});
    const desk::Parts& parts = door->desk().parts();
    if (programme && !*dry_run) {
        Caller caller = caller_of(request, std::move(terms.reason));
        programme = co_await programmes_of(door).put(std::move(*programme), std::move(caller));
    }
    co_return programme
        ? net::json_response(
              200, to_json(desk::programme_answer(parts.programmes.book(), *programme, parts.clock.now())))
        : net::problem_of(programme.error(), request.path);
}

Awaitable<net::Response> enrol(Shared door, net::Request request) {
    Body<EnrolmentBody> body = read_body<EnrolmentBody>(request);
    const Result<bool> dry_run = dry_run_of(request);
    if (!body.value || !dry_run) {
        co_return body.value ? net::problem_of(dry_run.error(), request.path) : std::move(body.refused);
    }
    agents::EnrolmentTerms terms{.programme = request.path_parameter("id"),
                                 .der = std::move(body.value->der_id),
                                 .provider = std::move(body.value->provider),
                                 .power = watts_of(body.value->power_kw),
                                 .consent_by = std::move(body.value->consent_by),
                                 .consent_from = body.value->consent_from,
                                 .consent_until = body.value->consent_until};
    if (*dry_run) {
        const Result<void> fits = programmes_of(door).check(terms);
        co_return fits
            ? net::json_response(
                  200,
                  json::Object{{"programme_id", terms.programme}, {"der_id", terms.der}, {"dry_run", true}})
            : net::problem_of(fits.error(), request.path);
    }
    Caller caller = caller_of(request, std::move(body.value->reason));
    const Result<flex::Enrolment> done =
        co_await programmes_of(door).enrol(std::move(terms), std::move(caller));
    co_return answer_or_problem(door, request, 201, done);
}

/// What an event of ours says of a resource. Errors: `not_found`, `conflict`, those of the store.
Awaitable<Result<flex::QualificationTest>> test_from_event(Shared door, std::string event_id,
                                                           std::string der) {
    const desk::Parts& parts = door->desk().parts();
    const std::optional<agents::EventRecord> event = parts.orchestration.event(EventId{event_id});
    if (!event) {
        co_return Error{Errc::not_found, "no event " + event_id, "/event_id"};
    }
    if (event->statement.empty()) {
        co_return Error{Errc::conflict, "event " + event_id + " is not settled yet", "/event_id"};
    }
    const Result<store::Record> stored = co_await parts.journal.records().get("statement", event->statement);
    const Result<json::Value> parsed =
        stored ? json::parse(stored->json) : Result<json::Value>(stored.error());
    const Result<settlement::Statement> statement =
        parsed ? settlement::statement_from_json(*parsed) : Result<settlement::Statement>(parsed.error());
    co_return statement ? desk::test_of_event(*event, *statement, der) : statement.error();
}

Awaitable<net::Response> test(Shared door, net::Request request) {
    Body<TestBody> body = read_body<TestBody>(request);
    if (!body.value) {
        co_return std::move(body.refused);
    }
    TestBody& told = *body.value;
    std::string der = request.path_parameter("der");
    Result<flex::QualificationTest> test = Error{
        Errc::invalid, "either event_id, or at, asked_kw, delivered_kw and evidence are needed", "/event_id"};
    if (!told.event_id.empty()) {
        test = co_await test_from_event(door, told.event_id, der);
    } else if (told.at && told.asked_kw > 0.0 && !told.evidence.empty()) {
        test = flex::QualificationTest{.at = *told.at,
                                       .asked = watts_of(told.asked_kw),
                                       .delivered = watts_of(told.delivered_kw),
                                       .evidence = std::move(told.evidence)};
    }
    if (!test) {
        co_return net::problem_of(test.error(), request.path);
    }
    Caller caller = caller_of(request, std::move(told.reason));
    std::string programme = request.path_parameter("id");
    const Result<flex::Enrolment> done = co_await programmes_of(door).record_test(
        std::move(programme), std::move(der), std::move(*test), std::move(caller));
    co_return answer_or_problem(door, request, 200, done);
}

Awaitable<net::Response> suspend(Shared door, net::Request request) {
    Body<SuspensionBody> body = read_body<SuspensionBody>(request);
    if (!body.value) {
        co_return std::move(body.refused);
    }
    Caller caller = caller_of(request, std::move(body.value->reason));
    std::string programme = request.path_parameter("id");
    std::string der = request.path_parameter("der");
    const Result<flex::Enrolment> done = co_await programmes_of(door).suspend(
        std::move(programme), std::move(der), body.value->until, std::move(caller));
    co_return answer_or_problem(door, request, 200, done);
}

using EnrolmentChange = Awaitable<Result<flex::Enrolment>> (agents::Programmes::*)(std::string, std::string,
                                                                                   Caller);

/// A change that needs no more than a reason.
template <EnrolmentChange change>
Awaitable<net::Response> change_enrolment(Shared door, net::Request request) {
    Body<ReasonBody> body = read_body<ReasonBody>(request);
    if (!body.value) {
        co_return std::move(body.refused);
    }
    Caller caller = caller_of(request, std::move(body.value->reason));
    std::string programme = request.path_parameter("id");
    std::string der = request.path_parameter("der");
    const Result<flex::Enrolment> done =
        co_await (programmes_of(door).*change)(std::move(programme), std::move(der), std::move(caller));
    co_return answer_or_problem(door, request, 200, done);
}

Operation about_enrolment(Operation operation) {
    return operation.path("id", "Programme.", "WINTER-26")
        .path("der", "Resource.", "BAT-17")
        .answers<desk::EnrolmentAnswer>("As it stands now.")
        .fails({400, 404, 409, 422, 503});
}

}  // namespace

void add_programmes(net::HttpServer& server, const Shared& door, const std::shared_ptr<Idempotency>& once) {
    const DoorRoutes routes(server, door, once);
    routes.read(
        "/api/v1/programmes", list_programmes,
        Operation("viewer", "Programmes under which flexibility may be bought")
            .about("While there is none, every offer counts. As soon as there is one, only DERs that are "
                   "enrolled, "
                   "consented to, qualified and not suspended are used; a plan's refused offers say who was "
                   "not, "
                   "and why.")
            .paged()
            .answers_list<desk::ProgrammeAnswer>("programmes")
            .fails({422}));
    routes.write(
        "PUT", "/api/v1/programmes/{id}", put,
        Operation("admin", "Make a programme, or change its terms")
            .about("Enrolments stay; whether each still fits is judged anew at every plan.")
            .path("id", "Programme.", "WINTER-26")
            .takes<ProgrammeBody>(
                R"({"name":"Winter evenings 2026/27","terms":"terms-2026-10.pdf","products":["availability","spot"],
                  "der_classes":["battery"],"from":"2026-11-01T00:00:00Z","until":"2027-03-01T00:00:00Z",
                  "day_from":"16:00","day_until":"20:00","test_share":0.9,"test_valid_days":365,
                  "reason":"board of 4 October"})")
            .answers<desk::ProgrammeAnswer>("The programme.")
            .fails({400, 409, 422, 503}));
    routes.read("/api/v1/enrolments", enrolments,
                Operation("viewer", "Who takes part in which programme, and who may be used now")
                    .query("programme", "Only of this one.", text_schema(64))
                    .query("der", "Only of this resource.", text_schema(64))
                    .query("standing", "Only these.",
                           word_schema({"eligible", "no_consent", "not_qualified", "failed_test", "suspended",
                                        "withdrawn"}))
                    .paged()
                    .answers_list<desk::EnrolmentAnswer>("enrolments")
                    .fails({404, 422}));
    routes.write("POST", "/api/v1/programmes/{id}/enrolments", enrol,
                 Operation("operator", "Enrol a resource, or change its terms")
                     .path("id", "Programme.", "WINTER-26")
                     .takes<EnrolmentBody>(
                         R"({"der_id":"BAT-17","provider":"tesla-vpp","power_kw":6,"consent_by":"A. Site",
                  "consent_from":"2026-11-01T00:00:00Z","consent_until":"2027-11-01T00:00:00Z",
                  "reason":"signed on 20 October"})")
                     .answers<desk::EnrolmentAnswer>("Would be enrolled, for a dry run.")
                     .answers_like(201, "Enrolled.", R"({"programme_id":"WINTER-26","der_id":"BAT-17"})")
                     .fails({400, 404, 409, 422, 503}));
    routes.write(
        "POST", "/api/v1/programmes/{id}/enrolments/{der}/test", test,
        about_enrolment(Operation("operator", "Record the outcome of a qualification test")
                            .about("Out of a settled event of ours, or measured elsewhere.")
                            .takes<TestBody>(R"({"at":"2026-11-10T17:00:00Z","asked_kw":6,"delivered_kw":5.7,
                                  "evidence":"site visit of 10 November","reason":"yearly test"})")));
    routes.write("POST", "/api/v1/programmes/{id}/enrolments/{der}/suspend", suspend,
                 about_enrolment(Operation("operator", "Bar a resource for a while")
                                     .about("Contracts that stand are kept.")
                                     .takes<SuspensionBody>(R"({"reason":"its meter is being changed"})")));
    routes.write("POST", "/api/v1/programmes/{id}/enrolments/{der}/resume",
                 change_enrolment<&agents::Programmes::resume>,
                 about_enrolment(Operation("operator", "Lift a suspension")
                                     .takes<ReasonBody>(R"({"reason":"the new meter is in"})")));
    routes.write("POST", "/api/v1/programmes/{id}/enrolments/{der}/withdraw",
                 change_enrolment<&agents::Programmes::withdraw>,
                 about_enrolment(Operation("operator", "The site leaves the programme")
                                     .takes<ReasonBody>(R"({"reason":"letter of 3 December"})")));
}

}  // namespace headroom::api
