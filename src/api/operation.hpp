#pragma once

#include "core/json.hpp"
#include "core/reflect_json.hpp"
#include "core/reflect_schema.hpp"
#include "net/http_server.hpp"

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace headroom::api {

/// Describes a route for OpenAPI beside its declaration:
///
///     server.route("GET", "/api/v1/feeders", handler,
///                  Operation("viewer",
///                  "Feeders").paged().answers_list<desk::FeederAnswer>("feeders").options());
///
/// Schemas come from the field tables of the types; examples from the tables and from `example_of`.
class Operation {
  public:
    /// `role` is the least role that may use the route; `summary` a line.
    Operation(std::string role, std::string summary);

    Operation& about(std::string description);
    /// A query parameter. `example` is its text in the example request, which is executed as a test; empty:
    /// it is left out there.
    Operation& query(std::string name, std::string description, json::Object schema,
                     std::string example = "");
    Operation& path(std::string name, std::string description, std::string example);
    /// `limit`, `cursor` and `fields` of a list.
    Operation& paged();
    /// `Idempotency-Key` and, unless `can_dry_run` is false, `dry_run`.
    Operation& writes(bool can_dry_run = true);

    template <class T>
    Operation& answers(std::string description) {
        json::Object schema = json_schema<T>(place_);
        return answers_json(200, std::move(description), std::move(schema));
    }
    /// `{name:[T], next_cursor}`
    template <class T>
    Operation& answers_list(const std::string& name) {
        json::Object items = json_schema<T>(place_);
        return answers_items(name, std::move(items));
    }
    /// One T, or `{name:[T]}` of several.
    template <class T>
    Operation& answers_one_or_list(const std::string& name, std::string description) {
        json::Object one = json_schema<T>(place_);
        json::Object list{
            {"type", "object"},
            {"properties", json::Object{{name, json::Object{{"type", "array"}, {"items", one}}}}},
            {"required", json::Array{name}}};
        return answers_json(200, std::move(description),
                            json::Object{{"anyOf", json::Array{std::move(one), std::move(list)}}});
    }
    /// One object with the members of both.
    template <class A, class B>
    Operation& answers_both(std::string description) {
        json::Object first = json_schema<A>(place_);
        json::Object second = json_schema<B>(place_);
        return answers_json(200, std::move(description),
                            json::Object{{"allOf", json::Array{std::move(first), std::move(second)}}});
    }
    /// By an example: `{"a":1}` has an integer member `a`, always there; null stands for anything.
    Operation& answers_like(int status, std::string description, std::string_view example);
    Operation& answers_json(int status, std::string description, json::Object schema);
    /// An answer that is not JSON.
    Operation& answers_text(int status, std::string description, std::string media_type);
    Operation& answers_nothing(int status, std::string description);

    /// The request's body. `example` is JSON text; it is what the example request sends.
    template <class T>
    Operation& takes(std::string_view example) {
        json::Object schema = json_schema<T>(place_);
        return takes_json(std::move(schema), example);
    }
    Operation& takes_json(json::Object schema, std::string_view example, bool is_required = true);
    /// Problem documents that this route may answer with, besides 401, 403 and 503.
    Operation& fails(std::initializer_list<int> statuses);

    [[nodiscard]] net::RouteOptions options() const;

  private:
    Operation& answers_items(const std::string& name, json::Object items);

    std::string role_;
    std::string summary_;
    SchemaPlace place_{.prefix = "#/components/schemas/", .definitions = {}};
    json::Array parameters_;
    json::Object responses_;
    json::Object operation_;
};

/// Schemas for parameters.
[[nodiscard]] json::Object text_schema(std::size_t max = 256);
[[nodiscard]] json::Object word_schema(std::initializer_list<std::string_view> words);
[[nodiscard]] json::Object number_schema(std::int64_t min, std::int64_t max);
[[nodiscard]] json::Object time_schema();

/// A value that fits `schema`, with the words that the product uses; `name` is the member it stands under.
/// References are looked up in `definitions`.
[[nodiscard]] json::Value example_of(const json::Object& schema, const json::Object& definitions,
                                     std::string_view name = "");
/// What an example is one of.
[[nodiscard]] json::Object schema_like(const json::Value& example);

}  // namespace headroom::api
