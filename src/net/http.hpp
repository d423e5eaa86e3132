#pragma once

#include "core/caller.hpp"
#include "core/json.hpp"
#include "core/result.hpp"
#include "net/url.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headroom::net {

/// Bytes of the last chunk of a body at its shortest: "0", CRLF, CRLF. Source: RFC 9112 §7.1.
inline constexpr std::size_t shortest_last_chunk = 5;

/// Header fields in the order they stood. Names compare without regard to case.
class Headers {
  public:
    using Field = std::pair<std::string, std::string>;

    Headers() = default;
    Headers(std::initializer_list<Field> fields) : fields_(fields) {}

    /// The first field of that name, empty when there is none.
    [[nodiscard]] std::string_view get(std::string_view name) const;
    [[nodiscard]] bool has(std::string_view name) const;
    /// How often the name stands.
    [[nodiscard]] std::size_t count(std::string_view name) const;
    /// Whether a comma-separated list field names `token`: `Connection: keep-alive, Upgrade`.
    [[nodiscard]] bool lists(std::string_view name, std::string_view token) const;
    void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
    /// Replaces every field of that name.
    void set(std::string name, std::string value);
    [[nodiscard]] const std::vector<Field>& fields() const { return fields_; }
    void clear() { fields_.clear(); }

  private:
    std::vector<Field> fields_;
};

/// Whether two ASCII texts are the same but for case.
[[nodiscard]] bool same_but_case(std::string_view a, std::string_view b);

/// One request as a handler sees it: parsed, bounded, decoded.
struct Request {
    std::string method;                                  ///< "GET"; HEAD arrives as HEAD on a GET route
    std::string target;                                  ///< as on the request line
    std::string path;                                    ///< the target's path, still percent-encoded
    QueryList query;                                     ///< decoded
    Headers headers;                                     ///< as received
    std::string body;                                    ///< empty on upload and WebSocket routes
    std::string remote_address;                          ///< the peer's IP address, without its port
    std::map<std::string, std::string> path_parameters;  ///< decoded, by the names in the route's pattern
    std::optional<Caller> caller;  ///< set by the hook that authenticates, `HttpServer::before`

    /// The first value of a query parameter, or nothing.
    [[nodiscard]] std::optional<std::string> parameter(std::string_view name) const;
    /// The path parameter of that name; its absence is our own bug.
    [[nodiscard]] const std::string& path_parameter(std::string_view name) const;
};

struct Response {
    int status = 200;
    std::string content_type;  ///< no Content-Type header when empty
    std::string body;
    Headers headers;  ///< besides Content-Type, Content-Length, Date, Connection
};

/// "Not Found"; "Status" for a number without a name.
[[nodiscard]] std::string_view status_phrase(int status);

[[nodiscard]] Response json_response(int status, const json::Value& value);
[[nodiscard]] Response text_response(int status, std::string text);

/// One fault of a body that does not fit: where, and what about it.
struct FieldFault {
    std::string pointer;  ///< JSON Pointer
    std::string detail;
};

/// application/problem+json with type, title, status, detail, instance and, when there are any, errors.
/// Source: RFC 9457.
[[nodiscard]] Response problem(int status, std::string_view title, std::string_view detail,
                               const std::vector<FieldFault>& errors = {}, std::string_view instance = {});

/// The HTTP status of an expected fault: what each code says the caller can do, in HTTP's words.
[[nodiscard]] int status_of(Errc code);
/// The answer to an expected fault; `errors` names `error.pointer` when it has one; 503 says when to retry.
[[nodiscard]] Response problem_of(const Error& error, std::string_view instance = {});

/// One server-sent event; each line of `data` becomes a data field. CR and LF inside `event` and `id` are
/// dropped. Source: HTML Living Standard §9.2.
[[nodiscard]] std::string sse_event(std::string_view data, std::string_view event = {},
                                    std::string_view id = {});
/// A comment that keeps the connection alive and reaches no listener.
[[nodiscard]] std::string sse_comment(std::string_view text = {});

}  // namespace headroom::net
