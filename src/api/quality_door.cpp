#include "api/quality_door.hpp"

#include "api/answer.hpp"
#include "desk/quality.hpp"

#include <utility>

namespace headroom::api {
namespace {

using Shared = std::shared_ptr<const Door>;

bool wants_csv(const net::Request& request) {
    return request.headers.get("Accept").find("text/csv") != std::string_view::npos;
}

net::Response csv_response(std::string body) {
    net::Response response;
    response.content_type = "text/csv; charset=utf-8";
    response.headers.set("Vary", "Accept");
    response.body = std::move(body);
    return response;
}

Awaitable<net::Response> data_quality(Shared door, net::Request request) {
    const desk::QualityAnswer answer = door->desk().parts().quality.summary();
    if (wants_csv(request)) {
        co_return csv_response(desk::sources_csv(answer.sources));
    }
    co_return net::json_response(200, to_json(answer));
}

Result<desk::FindingQuery> finding_query(const net::Request& request) {
    Result<desk::PageRequest> page = page_of(request);
    Result<std::string> source = text_parameter(request, "source", 64);
    Result<std::string> feeder = text_parameter(request, "feeder", 64);
    const Result<std::string> kind = text_parameter(request, "kind", 16);
    const Result<std::string> open = text_parameter(request, "open", 8);
    const Result<std::string> sort = text_parameter(request, "sort", 16);
    for (const Error* fault : {page ? nullptr : &page.error(), source ? nullptr : &source.error(),
                               feeder ? nullptr : &feeder.error(), kind ? nullptr : &kind.error(),
                               open ? nullptr : &open.error(), sort ? nullptr : &sort.error()}) {
        if (fault != nullptr) {
            return *fault;
        }
    }
    desk::FindingQuery query{
        .source = std::move(*source), .place = std::move(*feeder), .page = std::move(*page)};
    query.kind = telemetry::parse_finding_kind(*kind);
    if (!kind->empty() && !query.kind) {
        return Error{
            Errc::invalid,
            "kind must be stale, missing_phase, gap, duplicate, conflict, stuck, spike, range, late, "
            "sign or balance",
            "/kind"};
    }
    if (!open->empty() && *open != "true" && *open != "false") {
        return Error{Errc::invalid, "open must be true or false", "/open"};
    }
    query.open_only = *open == "true";
    if (!sort->empty() && *sort != "newest" && *sort != "count" && *sort != "place") {
        return Error{Errc::invalid, "sort must be newest, count or place", "/sort"};
    }
    query.order = *sort == "count"   ? desk::FindingOrder::count
                  : *sort == "place" ? desk::FindingOrder::place
                                     : desk::FindingOrder::newest;
    return query;
}

Awaitable<net::Response> findings(Shared door, net::Request request) {
    Result<desk::FindingQuery> query = finding_query(request);
    if (!query) {
        co_return net::problem_of(query.error(), request.path);
    }
    const bool is_csv = wants_csv(request);
    if (is_csv) {  // a file is whole; there are no more than the ledger keeps
        query->page = {.limit = telemetry::QualityLedger::findings_max};
    }
    const Result<desk::Page<desk::FindingAnswer>> page = door->desk().parts().quality.findings(*query);
    if (page && is_csv) {
        co_return csv_response(desk::findings_csv(page->items));
    }
    co_return respond_list(request, "findings", page);
}

}  // namespace

void add_quality(net::HttpServer& server, const std::shared_ptr<const Door>& door) {
    const auto with = [&door](auto handler) {
        return [door, handler](net::Request request) { return handler(door, std::move(request)); };
    };
    server.route(
        "GET", "/api/v1/data-quality", with(data_quality),
        Operation("viewer", "Quality of the data: sources, coverage, findings by kind, busbars")
            .about("What every source has sent and what was kept out, with the newest examples; whether its "
                   "clock is "
                   "right; how far the feeders are covered; busbars against the sum of their feeders. "
                   "`Accept: text/csv` gives the counters by source.")
            .answers<desk::QualityAnswer>("The data as it stands.")
            .answers_text(200, "Counters by source.", "text/csv")
            .options());
    server.route(
        "GET", "/api/v1/data-quality/findings", with(findings),
        Operation("viewer", "What is odd about which feeder")
            .about("Gaps, duplicates, conflicts, values that stand still, phases that are missing, feeders "
                   "that fell "
                   "silent … one entry for each place, phase and kind, however often. `Accept: text/csv` "
                   "gives all "
                   "of them that fit, not in pages.")
            .query("source", "Only those found with readings of this source.", text_schema(64))
            .query("feeder", "Only those of this feeder, substation or DER.", text_schema(64))
            .query("kind", "Only this kind.",
                   word_schema({"stale", "missing_phase", "gap", "duplicate", "conflict", "stuck", "spike",
                                "range", "late", "sign", "balance"}))
            .query("open", "Only conditions that hold now.", word_schema({"true", "false"}))
            .query("sort", "newest (when absent), count or place.", word_schema({"newest", "count", "place"}))
            .paged()
            .answers_list<desk::FindingAnswer>("findings")
            .answers_text(200, "The same as a table.", "text/csv")
            .fails({422})
            .options());
}

}  // namespace headroom::api
