#include "store/influx_wire.hpp"

#include "core/digest.hpp"
#include "net/url.hpp"
#include "store/gzip.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace headroom::store::influx {
namespace {

constexpr std::size_t fault_bytes_max = 300;

std::optional<std::size_t> number_after(std::string_view text, std::string_view word) {
    const std::size_t at = text.find(word);
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view digits = text.substr(at + word.size());
    std::size_t value = 0;
    const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return fault == std::errc{} ? std::optional(value) : std::nullopt;
}

std::size_t count_of(std::string_view text, std::string_view word) {
    std::size_t count = 0;
    for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
        ++count;
    }
    return count;
}

/// In seconds; a date is passed over, and the ordinary delay holds.
std::optional<milliseconds> retry_after_of(const net::ClientResponse& response) {
    const std::string_view text = response.headers.get("Retry-After");
    std::int64_t value = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool is_number = fault == std::errc{} && end == text.data() + text.size() && value >= 0;
    return is_number ? std::optional<milliseconds>(seconds{std::min<std::int64_t>(value, 86'400)})
                     : std::nullopt;
}

/// 400: a part was written, or one line spoils the whole.
Answer bad_request(const net::ClientResponse& response) {
    const Result<json::Value> body = json::parse(response.body);
    const std::string text = body ? body->text("/error", body->text("/message")) : response.body;
    Answer answer{.kind = Answer::Kind::one_is_bad, .fault = fault_text(response)};
    if (text.find("partial write") != std::string::npos) {
        answer.kind = Answer::Kind::written;
        answer.rejected = number_after(text, "dropped=").value_or(0) + count_of(text, "unable to parse");
    } else if (body && body->integer("/line") > 0) {
        answer.bad_line = static_cast<std::size_t>(body->integer("/line"));
    }
    return answer;
}

}  // namespace

Result<Wire> Wire::make(InfluxOptions options) {
    const Result<net::Url> url = net::parse_url(options.url);
    if (!url) {
        return Error{Errc::invalid, "influx.url: " + url.error().message, "/influx/url"};
    }
    if ((url->path != "/" && !url->path.empty()) || !url->query.empty()) {
        return Error{Errc::invalid, "influx.url is the server alone, like http://127.0.0.1:8086",
                     "/influx/url"};
    }
    std::string target = url->authority();
    while (!options.url.empty() && options.url.back() == '/') {
        options.url.pop_back();
    }
    return Wire(std::move(options), std::move(target));
}

void Wire::authorise(net::ClientRequest& request) const {
    if (is_v2() || !options_.token.empty()) {
        request.headers.set("Authorization", "Token " + options_.token);
    } else if (!options_.user.empty()) {
        request.headers.set("Authorization", "Basic " + to_base64(options_.user + ":" + options_.password));
    }
}

Result<net::ClientRequest> Wire::write(std::string_view lines) const {
    const net::QueryList where =
        is_v2() ? net::QueryList{{"org", options_.org}, {"bucket", options_.bucket}, {"precision", "ms"}}
                : net::QueryList{{"db", options_.database}, {"precision", "ms"}};
    Result<std::string> body = gzip(lines);
    if (!body) {
        return body.error();
    }
    net::ClientRequest request;
    request.method = "POST";
    request.url = options_.url + (is_v2() ? "/api/v2/write?" : "/write?") + net::format_query(where);
    request.headers.set("Content-Type", "text/plain; charset=utf-8");
    request.headers.set("Content-Encoding", "gzip");
    request.body = std::move(*body);
    request.deadline_ms = options_.deadline.count();
    authorise(request);
    return request;
}

net::ClientRequest Wire::query(std::string_view influx_ql) const {
    net::ClientRequest request;
    request.method = "POST";
    request.url =
        options_.url + "/query?" + net::format_query(net::QueryList{{"db", database()}, {"epoch", "ms"}});
    request.headers.set("Content-Type", "application/x-www-form-urlencoded");
    request.headers.set("Accept", "application/json");
    request.body = net::format_query(net::QueryList{{"q", std::string(influx_ql)}});
    request.deadline_ms = options_.deadline.count();
    request.max_response_bytes = answer_bytes_max;
    request.compressed = true;
    authorise(request);
    return request;
}

net::ClientSettings client_for(const Wire& wire) {
    net::ClientSettings settings;
    settings.allow_private = {wire.target()};
    return settings;
}

Answer answer_of(const Result<net::ClientResponse>& response) {
    if (!response) {
        return {.kind = Answer::Kind::later, .fault = response.error().message};
    }
    const int status = response->status;
    if (status == 204 || status == 200) {
        return {.kind = Answer::Kind::written};
    }
    if (status == 400) {
        return bad_request(*response);
    }
    if (status == 413) {
        return {.kind = Answer::Kind::too_large, .fault = fault_text(*response)};
    }
    // Who may not write today may tomorrow, when a token or a database has been put right.
    const bool is_for_people = status == 401 || status == 403 || status == 404;
    if (status == 429 || status >= 500 || is_for_people) {
        return {.kind = Answer::Kind::later,
                .retry_after = retry_after_of(*response),
                .fault = fault_text(*response)};
    }
    return {.kind = Answer::Kind::rejected, .fault = fault_text(*response)};
}

bool is_database_missing(const Result<net::ClientResponse>& response) {
    return response && response->status == 404 &&
           response->body.find("database not found") != std::string::npos;
}

std::string fault_text(const net::ClientResponse& response) {
    const Result<json::Value> body = json::parse(response.body);
    std::string text = body ? body->text("/error", body->text("/message", response.body)) : response.body;
    text.resize(std::min(text.size(), fault_bytes_max));
    std::replace_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    return "status " + std::to_string(response.status) + (text.empty() ? "" : ": " + text);
}

std::string quoted_name(std::string_view name) {
    std::string out = "\"";
    for (const char c : name) {
        out += c == '"' || c == '\\' ? "\\" : "";
        out += c;
    }
    return out + "\"";
}

std::string quoted_text(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        out += c == '\'' || c == '\\' ? "\\" : "";
        out += c;
    }
    return out + "'";
}

}  // namespace headroom::store::influx
