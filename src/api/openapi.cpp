#include "api/openapi.hpp"

#include "api/docs_page.hpp"
#include "api/operation.hpp"
#include "core/small_letters.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace headroom::api {
namespace {

/// "/api/v1/feeders/{id}" → feeders, id.
std::vector<std::string> segments_of(const std::string& pattern) {
    std::vector<std::string> out;
    std::string_view rest = pattern;
    if (rest.starts_with("/api/v1")) {
        rest.remove_prefix(7);
    }
    while (!rest.empty()) {
        rest.remove_prefix(1);
        const std::size_t end = std::min(rest.find('/'), rest.size());
        if (end > 0) {
            out.emplace_back(rest.substr(0, end));
        }
        rest.remove_prefix(end);
    }
    return out;
}

std::string operation_id(const net::RouteInfo& route) {
    std::string id = small_letters(route.method);
    for (const std::string& segment : segments_of(route.pattern)) {
        id += segment.front() == '{' ? "_by_" : "_";
        for (const char c : segment) {
            if (c != '{' && c != '}') {
                id += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
            }
        }
    }
    return segments_of(route.pattern).empty() ? id + "_root" : id;
}

std::string tag_of(const net::RouteInfo& route) {
    const std::vector<std::string> segments = segments_of(route.pattern);
    if (!route.pattern.starts_with("/api/v1/")) {
        return segments.empty() || segments.front() != "beckn" ? "process" : "beckn";
    }
    return segments.front();
}

/// OpenAPI knows no "{rest...}".
std::string path_of(const std::string& pattern) {
    std::string out = pattern;
    if (const std::size_t dots = out.find("..."); dots != std::string::npos) {
        out.erase(dots, 3);
    }
    return out;
}

/// Path parameters that the route did not describe itself.
void add_path_parameters(const std::string& path, json::Object& operation) {
    json::Array parameters;
    if (const json::Value* given = operation.find("parameters")) {
        parameters = *given->as_array();
    }
    for (std::size_t begin = path.find('{'); begin != std::string::npos; begin = path.find('{', begin + 1)) {
        const std::string name = path.substr(begin + 1, path.find('}', begin) - begin - 1);
        const bool is_known =
            std::any_of(parameters.begin(), parameters.end(), [&](const json::Value& known) {
                return known.text("/name") == name && known.text("/in") == "path";
            });
        if (!is_known) {
            parameters.emplace_back(
                json::Object{{"name", name}, {"in", "path"}, {"required", true}, {"schema", text_schema()}});
        }
    }
    if (!parameters.empty()) {
        operation.set("parameters", std::move(parameters));
    }
}

json::Object problem_response(int status) {
    return json::Object{
        {"description", std::string(net::status_phrase(status))},
        {"content",
         json::Object{{"application/problem+json",
                       json::Object{{"schema", json::Object{{"$ref", "#/components/schemas/Problem"}}}}}}}};
}

json::Object problem_schema() {
    const json::Object text{{"type", "string"}};
    const json::Object fault{
        {"type", "object"},
        {"properties", json::Object{{"pointer", json::Object{{"type", "string"},
                                                             {"description",
                                                              "JSON Pointer of the member or "
                                                              "parameter."}}},
                                    {"detail", text}}},
        {"required", json::Array{"pointer", "detail"}}};
    return json::Object{
        {"type", "object"},
        {"title", "Problem"},
        {"description", "RFC 9457."},
        {"properties", json::Object{{"type", text},
                                    {"title", text},
                                    {"status", json::Object{{"type", "integer"}}},
                                    {"detail", text},
                                    {"instance", text},
                                    {"errors", json::Object{{"type", "array"}, {"items", fault}}}}},
        {"required", json::Array{"type", "title", "status"}}};
}

json::Object operation_of(const net::RouteInfo& route) {
    json::Object out{{"operationId", operation_id(route)},
                     {"tags", json::Array{tag_of(route)}},
                     {"summary", route.options.summary},
                     {"x-role", route.options.role}};
    for (const auto& [key, value] : route.options.operation.members()) {
        out.set(key, value);
    }
    add_path_parameters(path_of(route.pattern), out);
    json::Object responses;
    if (const json::Value* given = out.find("responses")) {
        responses = *given->as_object();
    }
    if (route.kind == net::RouteKind::websocket) {
        out.set("x-websocket", true);
        responses.set("101", json::Object{{"description", "The WebSocket is open."}});
    }
    const bool is_guarded =
        route.options.role != "none" && route.options.role != "peer" && route.options.role != "device";
    for (const int status : is_guarded ? std::vector<int>{401, 403} : std::vector<int>{}) {
        responses.set(std::to_string(status),
                      json::Object{{"$ref", "#/components/responses/Problem" + std::to_string(status)}});
    }
    std::vector<json::Object::Member> sorted = responses.members();
    std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
    out.set("responses", json::Object::from_distinct(std::move(sorted)));
    if (!is_guarded) {
        out.set("security", json::Array{});
    }
    return out;
}

std::string rest_of_head() {
    return "A demand-flexibility control room for electricity distribution system operators. Times are RFC "
           "3339 in "
           "UTC; numbers carry their unit in their name; an unknown number is null, never 0. Errors are "
           "application/problem+json and name the member by JSON Pointer. Lists are paged by cursor. Live: "
           "`/ws?since=N` and `/api/v1/stream` carry every audit entry, `/ws/state` what changes every "
           "second. "
           "Clients must accept members that they do not know.";
}

}  // namespace

json::Object openapi_document(const std::vector<net::RouteInfo>& routes) {
    std::map<std::string, std::map<std::string, json::Object>> paths;
    std::map<std::string, json::Value> schemas{{"Problem", problem_schema()}};
    for (const net::RouteInfo& route : routes) {
        if (!route.options.is_documented) {
            continue;
        }
        paths[path_of(route.pattern)][small_letters(route.method)] = operation_of(route);
        for (const auto& [name, schema] : route.options.schemas.members()) {
            schemas[name.str()] = schema;
        }
    }
    json::Object path_objects;
    for (auto& [path, operations] : paths) {
        json::Object methods;
        for (auto& [method, operation] : operations) {
            methods.set(method, std::move(operation));
        }
        path_objects.set(path, std::move(methods));
    }
    json::Object schema_objects;
    for (auto& [name, schema] : schemas) {
        schema_objects.set(name, std::move(schema));
    }
    json::Object problems;
    for (const int status : {400, 401, 403, 404, 409, 413, 415, 422, 429, 503}) {
        problems.set("Problem" + std::to_string(status), problem_response(status));
    }
    const json::Object security{
        {"bearer", json::Object{{"type", "http"}, {"scheme", "bearer"}}},
        {"session", json::Object{{"type", "apiKey"}, {"in", "cookie"}, {"name", "headroom_session"}}}};
    return json::Object{
        {"openapi", "3.1.0"},
        {"info",
         json::Object{{"title", "Headroom"},
                      {"version", HEADROOM_VERSION},
                      {"description", rest_of_head()},
                      {"license", json::Object{{"name", "Apache 2.0"}, {"identifier", "Apache-2.0"}}}}},
        {"servers", json::Array{json::Object{{"url", "/"}}}},
        {"security",
         json::Array{json::Object{{"bearer", json::Array{}}}, json::Object{{"session", json::Array{}}}}},
        {"paths", std::move(path_objects)},
        {"components", json::Object{{"schemas", std::move(schema_objects)},
                                    {"responses", std::move(problems)},
                                    {"securitySchemes", security}}}};
}

void add_openapi(net::HttpServer& server) {
    // Made when it is first asked for: then every route is set.
    const auto document = std::make_shared<std::string>();
    const auto page = std::make_shared<net::Response>();
    net::HttpServer* const all = &server;
    server.route(
        "GET", "/openapi.json",
        [all, document](net::Request) -> Awaitable<net::Response> {
            if (document->empty()) {
                *document = json::write_pretty(openapi_document(all->routes()));
            }
            net::Response response;
            response.content_type = "application/json";
            response.body = *document;
            co_return response;
        },
        Operation("none", "This document")
            .answers_json(200, "OpenAPI 3.1.", json::Object{{"type", "object"}})
            .options());
    server.route(
        "GET", "/docs",
        [all, page](net::Request) -> Awaitable<net::Response> {
            if (page->body.empty()) {
                *page = docs_page(openapi_document(all->routes()));
            }
            co_return *page;
        },
        Operation("none", "The routes for people to read")
            .answers_text(200, "A page without scripts or requests to other hosts.", "text/html")
            .options());
}

}  // namespace headroom::api
