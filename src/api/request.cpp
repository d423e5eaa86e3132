#include "api/request.hpp"

#include "core/digest.hpp"
#include "net/url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

namespace headroom::api {
namespace {

constexpr std::size_t cursor_max = 1024;
constexpr std::size_t body_max = 65'536;

std::string pointer_of(std::string_view name) {
    return "/" + json::escape_pointer(name);
}

std::set<std::string> fields_of(const net::Request& request) {
    std::set<std::string> fields;
    const std::string given = request.parameter("fields").value_or("");
    for (std::size_t begin = 0; begin < given.size();) {
        const std::size_t end = std::min(given.find(',', begin), given.size());
        fields.insert(given.substr(begin, end - begin));
        begin = end + 1;
    }
    return fields;
}

void keep_fields(json::Value& items, const std::set<std::string>& fields) {
    json::Array* list = items.as_array();
    if (fields.empty() || list == nullptr) {
        return;
    }
    for (json::Value& item : *list) {
        json::Object kept;
        const json::Object* whole = item.as_object();
        for (const std::string& field : fields) {
            if (const json::Value* value = whole != nullptr ? whole->find(field) : nullptr) {
                kept.set(field, *value);
            }
        }
        item = std::move(kept);
    }
}

std::string next_link(const net::Request& request, const std::string& cursor) {
    std::string link = "<" + request.path + "?";
    for (const auto& [name, value] : request.query) {
        if (name != "cursor") {
            link += net::percent_encode(name) + "=" + net::percent_encode(value) + "&";
        }
    }
    return link + "cursor=" + net::percent_encode(cursor) + ">; rel=\"next\"";
}

}  // namespace

Caller caller_of(const net::Request& request, std::string reason) {
    Caller caller = request.caller.value_or(
        Caller{.id = "unknown", .kind = "user", .role = "", .ip = request.remote_address, .reason = ""});
    caller.reason = std::move(reason);
    return caller;
}

std::string write_cursor(std::string_view place) {
    std::string text = fmt::format("{:08x}", crc32c(place));
    text += place;
    std::string out = to_base64(text);
    std::replace(out.begin(), out.end(), '+', '-');
    std::replace(out.begin(), out.end(), '/', '_');
    out.erase(std::find(out.begin(), out.end(), '='), out.end());
    return out;
}

Result<std::string> read_cursor(std::string_view cursor) {
    std::string text(cursor.substr(0, cursor_max));
    std::replace(text.begin(), text.end(), '-', '+');
    std::replace(text.begin(), text.end(), '_', '/');
    text.append((4 - text.size() % 4) % 4, '=');
    const Result<std::string> bytes = from_base64(text);
    if (cursor.size() > cursor_max || !bytes || bytes->size() < 8 ||
        fmt::format("{:08x}", crc32c(std::string_view(*bytes).substr(8))) != bytes->substr(0, 8)) {
        return desk::bad_cursor();
    }
    return bytes->substr(8);
}

Result<std::string> text_parameter(const net::Request& request, std::string_view name, std::size_t max) {
    std::string text = request.parameter(name).value_or("");
    if (text.size() > max) {
        return Error{Errc::invalid, std::string(name) + " may have " + std::to_string(max) + " bytes",
                     pointer_of(name)};
    }
    return text;
}

Result<std::int64_t> number_parameter(const net::Request& request, std::string_view name, std::int64_t min,
                                      std::int64_t max, std::int64_t otherwise) {
    const std::optional<std::string> text = request.parameter(name);
    if (!text) {
        return otherwise;
    }
    std::int64_t value = 0;
    const auto [end, fault] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (fault != std::errc{} || end != text->data() + text->size() || value < min || value > max) {
        return Error{Errc::invalid, fmt::format("{} must be a whole number from {} to {}", name, min, max),
                     pointer_of(name)};
    }
    return value;
}

Result<std::optional<UtcTime>> time_parameter(const net::Request& request, std::string_view name) {
    const std::optional<std::string> text = request.parameter(name);
    if (!text) {
        return std::optional<UtcTime>{};
    }
    const Result<UtcTime> time = parse_utc(*text);
    if (!time) {
        return Error{Errc::invalid, std::string(name) + ": " + time.error().message, pointer_of(name)};
    }
    return std::optional(*time);
}

Result<desk::PageRequest> page_of(const net::Request& request) {
    const Result<std::int64_t> limit =
        number_parameter(request, "limit", 1, static_cast<std::int64_t>(desk::page_max),
                         static_cast<std::int64_t>(desk::page_default));
    if (!limit) {
        return limit.error();
    }
    desk::PageRequest page{.limit = static_cast<std::size_t>(*limit)};
    if (const std::optional<std::string> cursor = request.parameter("cursor"); cursor && !cursor->empty()) {
        Result<std::string> place = read_cursor(*cursor);
        if (!place) {
            return place.error();
        }
        page.cursor = std::move(*place);
    }
    return page;
}

Result<bool> dry_run_of(const net::Request& request) {
    const std::string word = request.parameter("dry_run").value_or("false");
    if (word != "true" && word != "false") {
        return Error{Errc::invalid, "dry_run must be true or false", "/dry_run"};
    }
    return word == "true";
}

Result<json::Value> object_body(const net::Request& request) {
    if (request.body.empty()) {
        return json::Value(json::Object{});
    }
    Result<json::Value> parsed = json::parse(request.body, {.bytes = body_max, .depth = 8});
    if (parsed && !parsed->is_object()) {
        return Error{Errc::invalid, "the body must be a JSON object", ""};
    }
    return parsed;
}

net::Response list_response(const net::Request& request, std::string_view name, json::Value items,
                            const std::optional<std::string>& next) {
    keep_fields(items, fields_of(request));
    const std::optional<std::string> cursor = next ? std::optional(write_cursor(*next)) : std::nullopt;
    net::Response response =
        net::json_response(200, json::Object{{std::string(name), std::move(items)}, {"next_cursor", cursor}});
    if (cursor) {
        response.headers.set("Link", next_link(request, *cursor));
    }
    return response;
}

}  // namespace headroom::api
