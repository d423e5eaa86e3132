#pragma once

#include "core/caller.hpp"
#include "core/json.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "desk/page.hpp"
#include "net/http.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace headroom::api {

/// Who calls, as the session door found out, with the reason given; without that door, nobody who may do
/// anything.
[[nodiscard]] Caller caller_of(const net::Request& request, std::string reason);

/// The cursor that a client gets for a place in a list, and back. It carries a checksum, so that what was
/// typed by hand or cut off is refused. Errors: `invalid` with "/cursor".
[[nodiscard]] std::string write_cursor(std::string_view place);
[[nodiscard]] Result<std::string> read_cursor(std::string_view cursor);

/// `limit` (1…1000, 100 unless given) and `cursor`. Errors: `invalid` naming the parameter.
[[nodiscard]] Result<desk::PageRequest> page_of(const net::Request& request);
/// A query parameter, "" when absent. Errors: `invalid` above `max` bytes.
[[nodiscard]] Result<std::string> text_parameter(const net::Request& request, std::string_view name,
                                                 std::size_t max = 256);
/// A whole number in bounds, `otherwise` when absent. Errors: `invalid`.
[[nodiscard]] Result<std::int64_t> number_parameter(const net::Request& request, std::string_view name,
                                                    std::int64_t min, std::int64_t max,
                                                    std::int64_t otherwise);
/// RFC 3339 with a zone, nothing when absent. Errors: `invalid`.
[[nodiscard]] Result<std::optional<UtcTime>> time_parameter(const net::Request& request,
                                                            std::string_view name);
/// `dry_run=true`: validate, say what would happen, change nothing. Errors: `invalid` for another word.
[[nodiscard]] Result<bool> dry_run_of(const net::Request& request);

/// A JSON object of at most 64 KiB; an empty body counts as {}. Errors: `invalid`.
[[nodiscard]] Result<json::Value> object_body(const net::Request& request);

/// 200 with `{name: items, next_cursor}` and a `Link` to the next page. `?fields=a,b` leaves only these
/// members of each item.
[[nodiscard]] net::Response list_response(const net::Request& request, std::string_view name,
                                          json::Value items, const std::optional<std::string>& next);

}  // namespace headroom::api
