#include "net/http.hpp"

#include <algorithm>

namespace headroom::net {
namespace {

std::string_view trim(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string one_line(std::string_view text) {
    std::string out(text);
    std::erase_if(out, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
    return out;
}

}  // namespace

bool same_but_case(std::string_view a, std::string_view b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
               return ascii_lower(x) == ascii_lower(y);
           });
}

std::string_view Headers::get(std::string_view name) const {
    for (const auto& [key, value] : fields_) {
        if (same_but_case(key, name)) {
            return value;
        }
    }
    return {};
}

bool Headers::has(std::string_view name) const {
    return count(name) > 0;
}

std::size_t Headers::count(std::string_view name) const {
    return static_cast<std::size_t>(std::count_if(fields_.begin(), fields_.end(), [&](const Field& field) {
        return same_but_case(field.first, name);
    }));
}

bool Headers::lists(std::string_view name, std::string_view token) const {
    for (const auto& [key, value] : fields_) {
        if (!same_but_case(key, name)) {
            continue;
        }
        std::string_view rest = value;
        while (!rest.empty()) {
            const std::size_t comma = std::min(rest.find(','), rest.size());
            if (same_but_case(trim(rest.substr(0, comma)), token)) {
                return true;
            }
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
    }
    return false;
}

void Headers::set(std::string name, std::string value) {
    std::erase_if(fields_, [&](const Field& field) { return same_but_case(field.first, name); });
    fields_.emplace_back(std::move(name), std::move(value));
}

std::optional<std::string> Request::parameter(std::string_view name) const {
    for (const auto& [key, value] : query) {
        if (key == name) {
            return value;
        }
    }
    return std::nullopt;
}

const std::string& Request::path_parameter(std::string_view name) const {
    const auto found = path_parameters.find(std::string(name));
    HEADROOM_ASSERT(found != path_parameters.end());
    return found->second;
}

std::string_view status_phrase(int status) {
    switch (status) {
        case 100:
            return "Continue";
        case 101:
            return "Switching Protocols";
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 206:
            return "Partial Content";
        case 301:
            return "Moved Permanently";
        case 302:
            return "Found";
        case 303:
            return "See Other";
        case 304:
            return "Not Modified";
        case 307:
            return "Temporary Redirect";
        case 308:
            return "Permanent Redirect";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 406:
            return "Not Acceptable";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 410:
            return "Gone";
        case 411:
            return "Length Required";
        case 412:
            return "Precondition Failed";
        case 413:
            return "Content Too Large";
        case 414:
            return "URI Too Long";
        case 415:
            return "Unsupported Media Type";
        case 416:
            return "Range Not Satisfiable";
        case 417:
            return "Expectation Failed";
        case 421:
            return "Misdirected Request";
        case 422:
            return "Unprocessable Content";
        case 426:
            return "Upgrade Required";
        case 428:
            return "Precondition Required";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        case 505:
            return "HTTP Version Not Supported";
        case 507:
            return "Insufficient Storage";
        default:
            return "Status";
    }
}

Response json_response(int status, const json::Value& value) {
    return Response{
        .status = status, .content_type = "application/json", .body = json::write(value), .headers = {}};
}

Response text_response(int status, std::string text) {
    return Response{.status = status,
                    .content_type = "text/plain; charset=utf-8",
                    .body = std::move(text),
                    .headers = {}};
}

Response problem(int status, std::string_view title, std::string_view detail,
                 const std::vector<FieldFault>& errors, std::string_view instance) {
    json::Object members;
    members.set("type", "about:blank");
    members.set("title", title);
    members.set("status", status);
    members.set("detail", detail);
    members.set("instance", instance);
    if (!errors.empty()) {
        json::Array list;
        for (const FieldFault& fault : errors) {
            list.emplace_back(json::Object{{"pointer", fault.pointer}, {"detail", fault.detail}});
        }
        members.set("errors", std::move(list));
    }
    return Response{.status = status,
                    .content_type = "application/problem+json",
                    .body = json::write(json::Value(std::move(members))),
                    .headers = {}};
}

int status_of(Errc code) {
    switch (code) {
        case Errc::invalid:
            return 422;
        case Errc::not_found:
            return 404;
        case Errc::conflict:
            return 409;
        case Errc::denied:
            return 403;
        case Errc::unavailable:
            return 503;
        case Errc::timeout:
            return 504;
        case Errc::corrupt:
            return 500;
        case Errc::unsupported:
            return 501;
    }
    HEADROOM_ASSERT(false && "an Errc outside its enumeration");
    return 500;
}

Response problem_of(const Error& error, std::string_view instance) {
    const int status = status_of(error.code);
    std::vector<FieldFault> errors;
    if (!error.pointer.empty()) {
        errors.push_back({error.pointer, error.message});
    }
    Response response = problem(status, status_phrase(status), error.message, errors, instance);
    if (status == 503) {
        response.headers.set("Retry-After", "1");
    }
    return response;
}

std::string sse_event(std::string_view data, std::string_view event, std::string_view id) {
    std::string out;
    out.reserve(data.size() + event.size() + id.size() + 32);
    if (!id.empty()) {
        out += "id: " + one_line(id) + "\n";
    }
    if (!event.empty()) {
        out += "event: " + one_line(event) + "\n";
    }
    while (true) {
        const std::size_t end = std::min(data.find_first_of("\r\n"), data.size());
        out += "data: ";
        out += data.substr(0, end);
        out += "\n";
        if (end == data.size()) {
            break;
        }
        const bool pair = data[end] == '\r' && end + 1 < data.size() && data[end + 1] == '\n';
        data.remove_prefix(end + (pair ? 2 : 1));
    }
    out += "\n";
    return out;
}

std::string sse_comment(std::string_view text) {
    return ": " + one_line(text) + "\n\n";
}

}  // namespace headroom::net
