#include "api/static_files.hpp"

#include "api/operation.hpp"
#include "api/process_door.hpp"
#include "core/json.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace headroom::api {
namespace {

constexpr std::string_view page_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
constexpr std::string_view permissions =
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), "
    "payment=(), "
    "usb=()";

/// Pages are for everybody who can reach the server: what they show is asked for with the person's own role.
net::RouteOptions open_route() {
    net::RouteOptions options;
    options.role = "none";
    options.summary = "A page or one of its files";
    options.is_documented = false;
    return options;
}

std::string_view trim(std::string_view text) {
    constexpr std::string_view blank = " \t";
    const std::size_t begin = text.find_first_not_of(blank);
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(blank) - begin + 1);
}

/// Calls `item` with each trimmed item of a comma-separated list.
template <typename Action>
void each_item(std::string_view list, Action item) {
    while (!list.empty()) {
        const std::size_t comma = list.find(',');
        item(trim(list.substr(0, comma)));
        list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
    }
}

/// q=0, q=0.0, q=0.00, q=0.000
bool is_refused(std::string_view parameters) {
    const std::size_t at = parameters.find("q=");
    if (at == std::string_view::npos) {
        return false;
    }
    const std::string_view weight = trim(parameters.substr(at + 2));
    return !weight.empty() && weight.find_first_not_of("0.") == std::string_view::npos;
}

bool has_bytes(const net::Request& request, std::string_view etag) {
    bool same = false;
    each_item(request.headers.get("If-None-Match"), [&](std::string_view item) {
        if (item.starts_with("W/")) {
            item.remove_prefix(2);
        }
        same = same || item == "*" || item == etag;
    });
    return same;
}

struct Form {
    std::string_view bytes;
    std::string_view coding;  ///< empty: as it is
};

Form choose(const WebFile& file, std::string_view accepted) {
    if (!file.brotli.empty() && accepts_coding(accepted, "br")) {
        return {file.brotli, "br"};
    }
    if (!file.gzip.empty() && accepts_coding(accepted, "gzip")) {
        return {file.gzip, "gzip"};
    }
    return {file.plain, {}};
}

bool wants_html(const net::Request& request) {
    return request.headers.get("Accept").find("text/html") != std::string_view::npos;
}

net::Response no_file(const net::Request& request) {
    return net::problem(404, "Not Found", "there is no " + request.path + " here", {}, request.path);
}

/// The page that finds by its address what to show.
net::Response page_response(const net::Request& request) {
    const WebFile* page = find_web_file(web_files(), "/index.html");
    net::Response response = page != nullptr ? file_response(*page, request) : no_file(request);
    response.headers.set("Vary", "Accept, Accept-Encoding");
    return response;
}

}  // namespace

const WebFile* find_web_file(std::span<const WebFile> files, std::string_view path) {
    const auto found =
        std::find_if(files.begin(), files.end(), [&](const WebFile& file) { return file.path == path; });
    return found == files.end() ? nullptr : &*found;
}

bool accepts_coding(std::string_view field, std::string_view coding) {
    bool named = false;
    bool allowed = false;
    bool any = false;
    each_item(field, [&](std::string_view item) {
        const std::size_t semicolon = item.find(';');
        const std::string_view name = trim(item.substr(0, semicolon));
        const bool refused = semicolon != std::string_view::npos && is_refused(item.substr(semicolon + 1));
        if (net::same_but_case(name, coding)) {
            named = true;
            allowed = !refused;
        } else if (name == "*") {
            any = !refused;
        }
    });
    return named ? allowed : any;
}

net::Response file_response(const WebFile& file, const net::Request& request) {
    const Form form = choose(file, request.headers.get("Accept-Encoding"));
    std::string etag = "\"" + std::string(file.etag);
    if (!form.coding.empty()) {
        etag += "-" + std::string(form.coding);
    }
    etag += "\"";

    net::Response response;
    const bool is_kept = file.path.starts_with("/assets/");
    response.headers.set("ETag", etag);
    response.headers.set("Cache-Control", is_kept ? "public, max-age=31536000, immutable" : "no-cache");
    response.headers.set("Vary", "Accept-Encoding");
    if (has_bytes(request, etag)) {
        response.status = 304;
        return response;
    }
    response.content_type = file.type;
    response.body = form.bytes;
    if (!form.coding.empty()) {
        response.headers.set("Content-Encoding", std::string(form.coding));
    }
    if (file.type.starts_with("text/html") || file.type.starts_with("image/svg")) {
        response.headers.set("Content-Security-Policy", std::string(page_policy));
        response.headers.set("Permissions-Policy", std::string(permissions));
        response.headers.set("Cross-Origin-Opener-Policy", "same-origin");
    }
    response.headers.set("Cross-Origin-Resource-Policy", "same-origin");
    return response;
}

void add_pages(net::HttpServer& server) {
    server.route(
        "GET", "/",
        [](net::Request request) -> Awaitable<net::Response> {
            if (wants_html(request)) {
                co_return page_response(request);
            }
            net::Response response = net::json_response(200, service_description());
            response.headers.set("Vary", "Accept, Accept-Encoding");
            co_return response;
        },
        Operation("none", "The pages; a description of the service for clients that do not ask for HTML")
            .answers_like(200, "What the service is and where its routes are.", service_example)
            .answers_text(200, "The pages.", "text/html")
            .options());
    for (const char* pattern : {"/login", "/quality", "/models", "/trust", "/programmes", "/scenarios",
                                "/plans", "/plans/{plan}", "/contingencies", "/events/{event}"}) {
        server.route(
            "GET", pattern,
            [](net::Request request) -> Awaitable<net::Response> {
                co_return wants_html(request) ? page_response(request) : no_file(request);
            },
            open_route());
    }
    for (const WebFile& file : web_files()) {
        if (file.path == "/index.html") {
            continue;  // it is the answer of `/`
        }
        server.route(
            "GET", std::string(file.path),
            [&file](net::Request request) -> Awaitable<net::Response> {
                co_return file_response(file, request);
            },
            open_route());
    }
}

}  // namespace headroom::api
