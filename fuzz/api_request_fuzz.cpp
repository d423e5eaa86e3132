// What a client writes into a query or a header: cursors, numbers, times,
// points, keys. Whatever comes, it is refused with a pointer or taken within
// its bounds, and what was taken as a cursor is written the same again.
#include "api/idempotency.hpp"
#include "api/request.hpp"
#include "desk/series.hpp"
#include "net/url.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace headroom;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const Result<std::string> place = api::read_cursor(text);
    if (place) {
        const Result<std::string> again = api::read_cursor(api::write_cursor(*place));
        HEADROOM_ASSERT(again && *again == *place);
    } else {
        HEADROOM_ASSERT(place.error().code == Errc::invalid && place.error().pointer == "/cursor");
    }
    HEADROOM_ASSERT(*api::read_cursor(api::write_cursor(text.substr(0, 512))) == text.substr(0, 512));

    net::Request request;
    request.path = "/api/v1/feeders";
    if (const Result<net::QueryList> query = net::parse_query(text)) {
        request.query = *query;
    }
    if (const Result<desk::PageRequest> page = api::page_of(request)) {
        HEADROOM_ASSERT(page->limit >= 1 && page->limit <= desk::page_max);
    }
    const Result<std::int64_t> step = api::number_parameter(request, "step", 60, 1800, 60);
    HEADROOM_ASSERT(step ? *step >= 60 && *step <= 1800 : step.error().pointer == "/step");
    const Result<std::optional<UtcTime>> from = api::time_parameter(request, "from");
    HEADROOM_ASSERT(from || from.error().pointer == "/from");
    static_cast<void>(api::dry_run_of(request));
    const net::Response list = api::list_response(
        request, "feeders", json::Array{json::Object{{"feeder_id", "F-1"}, {"name", "Mill"}}}, "id.1");
    HEADROOM_ASSERT(json::parse(list.body).has_value());
    HEADROOM_ASSERT(list.headers.get("Link").find_first_of("\r\n") == std::string_view::npos);

    if (const Result<telemetry::PointKey> point = desk::parse_point(text)) {
        HEADROOM_ASSERT(!point->point_id.empty());
        // Written out, "1" is "L1": a name at the very limit may become too long.
        HEADROOM_ASSERT(point->text().size() > 256 || desk::parse_point(point->text()).has_value());
    }
    if (api::is_idempotency_key(text)) {
        HEADROOM_ASSERT(text.size() <= 128 && text.find_first_of(" \r\n") == std::string_view::npos);
    }
    return 0;
}
