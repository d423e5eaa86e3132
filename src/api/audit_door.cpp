#include "api/audit_door.hpp"

#include "api/answer.hpp"

#include <limits>
#include <optional>
#include <utility>

namespace headroom::api {
namespace {

using Shared = std::shared_ptr<const Door>;
constexpr std::int64_t number_max = 9'007'199'254'740'991;

Awaitable<net::Response> checkpoint(Shared door, net::Request request) {
    const Result<desk::CheckpointAnswer> answer = co_await door->desk().audit().checkpoint();
    co_return respond(request, answer);
}

Awaitable<net::Response> entries(Shared door, net::Request request) {
    const Result<std::int64_t> from = number_parameter(request, "from", 0, number_max, 0);
    Result<desk::PageRequest> page = page_of(request);
    if (!from || !page) {
        co_return net::problem_of(!from ? from.error() : page.error(), request.path);
    }
    const Result<desk::Page<json::Object>> answer =
        co_await door->desk().audit().entries(static_cast<std::uint64_t>(*from), std::move(*page));
    co_return respond_list(request, "entries", answer);
}

/// Nothing when the parameter is absent.
std::optional<std::uint64_t> size_of(std::int64_t given) {
    return given < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(given));
}

Awaitable<net::Response> inclusion(Shared door, net::Request request) {
    const Result<std::int64_t> index = number_parameter(request, "index", 0, number_max, -1);
    const Result<std::int64_t> size = number_parameter(request, "size", 1, number_max, -1);
    if (!index || !size || *index < 0) {
        const Error missing{Errc::invalid, "index is needed: the number of an entry", "/index"};
        co_return net::problem_of(!index ? index.error() : !size ? size.error() : missing, request.path);
    }
    const Result<desk::InclusionAnswer> answer =
        co_await door->desk().audit().inclusion(static_cast<std::uint64_t>(*index), size_of(*size));
    co_return respond(request, answer);
}

Awaitable<net::Response> consistency(Shared door, net::Request request) {
    const Result<std::int64_t> from = number_parameter(request, "from", 1, number_max, -1);
    const Result<std::int64_t> to = number_parameter(request, "to", 1, number_max, -1);
    if (!from || !to || *from < 0) {
        const Error missing{Errc::invalid, "from is needed: the size of an older checkpoint", "/from"};
        co_return net::problem_of(!from ? from.error() : !to ? to.error() : missing, request.path);
    }
    const Result<desk::ConsistencyAnswer> answer =
        co_await door->desk().audit().consistency(static_cast<std::uint64_t>(*from), size_of(*to));
    co_return respond(request, answer);
}

json::Object entry_schema() {
    json::Object schema = schema_like(*json::parse(R"({"actor":{"id":"core","kind":"system"},"body":{},
        "outcome":"ok","seq":1,"ts":"2026-11-20T16:50:00.000Z","type":"log.open","v":1})"));
    schema.set("description",
               "An entry as in the leaf (docs/formats/audit.md); the body depends on the type.");
    return schema;
}

}  // namespace

void add_audit(net::HttpServer& server, const Shared& door) {
    const auto get = [&](const char* pattern, auto handler, const Operation& operation) {
        server.route(
            "GET", pattern,
            [door, handler](net::Request request) { return handler(door, std::move(request)); },
            operation.options());
    };
    get("/api/v1/audit/checkpoint", checkpoint,
        Operation("viewer", "A signed checkpoint of everything in the audit log")
            .answers<desk::CheckpointAnswer>("The newest checkpoint; signed now when the log has grown.")
            .fails({503}));
    get("/api/v1/audit/entries", entries,
        Operation("auditor", "Entries of the audit log")
            .query("from", "Number of the first entry.", number_schema(0, number_max), "0")
            .paged()
            .answers_json(
                200, "A page.",
                json::Object{
                    {"type", "object"},
                    {"properties",
                     json::Object{{"entries", json::Object{{"type", "array"}, {"items", entry_schema()}}},
                                  {"next_cursor", json::Object{{"type", json::Array{"string", "null"}}}}}},
                    {"required", json::Array{"entries", "next_cursor"}}})
            .fails({422}));
    get("/api/v1/audit/proof/inclusion", inclusion,
        Operation("viewer", "Proof that an entry is in the log")
            .query("index", "Number of the entry.", number_schema(0, number_max), "1")
            .query("size", "Size of the tree, from a checkpoint; everything durable unless given.",
                   number_schema(1, number_max), "2")
            .answers<desk::InclusionAnswer>("RFC 6962 audit path.")
            .fails({404, 422}));
    get("/api/v1/audit/proof/consistency", consistency,
        Operation("viewer", "Proof that an older log is the beginning of a newer one")
            .query("from", "Size of the older checkpoint.", number_schema(1, number_max), "1")
            .query("to", "Size of the newer one; everything durable unless given.",
                   number_schema(1, number_max), "2")
            .answers<desk::ConsistencyAnswer>("RFC 6962 consistency proof.")
            .fails({404, 422}));
}

}  // namespace headroom::api
