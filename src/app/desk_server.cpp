#include "app/desk_server.hpp"

#include "app/server_target.hpp"
#include "net/http_client.hpp"

#include <fmt/format.h>

#include <random>
#include <utility>

namespace headroom::app {
namespace {

constexpr std::int64_t desk_deadline_ms = 30'000;
constexpr int desk_pages_max = 100;

/// A key of its own for each run, so that an answer that was lost on the way may be asked for again.
std::string idempotency_key() {
    std::random_device device;
    return fmt::format("cli-{:08x}{:08x}{:08x}", device(), device(), device());
}

}  // namespace

std::string DeskReply::refusal() const {
    return fmt::format("the server answered {}: {}", status, body.text("/detail", body.text("/title")));
}

const json::Array& list_of(const json::Value& value, std::string_view name) {
    static const json::Array none;
    const json::Value* member = value.get(name);
    return member != nullptr && member->as_array() != nullptr ? *member->as_array() : none;
}

Result<DeskServer> DeskServer::find(const StatusCommand& command) {
    const Result<ServerTarget> target = find_server(command.server, command.data_dir, command.sources);
    if (!target) {
        return target.error();
    }
    Result<std::string> key = read_api_key(command.key_file, command.sources);
    if (!key) {
        return key.error();
    }
    Result<net::Url> url = net::parse_url(target->url);
    if (!url || (url->scheme != "http" && url->scheme != "https")) {
        return Error{Errc::invalid,
                     "'" + target->url + "' (" + target->origin + ") is no http:// or https:// address"};
    }
    return DeskServer(std::move(*url), std::move(*key));
}

Result<DeskReply> DeskServer::ask(const std::string& method, const std::string& path,
                                  const std::optional<json::Object>& body) const {
    net::HttpClient client({.allow_private = {url_.authority()}});
    net::ClientRequest request;
    request.method = method;
    request.url = url_.scheme + "://" + url_.authority() + path;
    request.deadline_ms = desk_deadline_ms;
    request.headers.set("Accept", "application/json");
    if (!key_.empty()) {
        request.headers.set("Authorization", "Bearer " + key_);
    }
    if (body) {
        request.headers.set("Content-Type", "application/json");
        request.headers.set("Idempotency-Key", idempotency_key());
        request.body = json::write(*body);
    }
    Result<net::ClientResponse> response = client.send_wait(std::move(request));
    if (!response) {
        return response.error();
    }
    Result<json::Value> parsed = json::parse(response->body);
    if (!parsed) {
        return Error{Errc::invalid, "no JSON came back: is this a Headroom server?"};
    }
    return DeskReply{response->status, std::move(*parsed)};
}

Result<DeskReply> DeskServer::ask_all(const std::string& path, const std::string& query,
                                      const std::string& name) const {
    const std::string first = path + query + (query.empty() ? "?" : "&") + "limit=1000";
    Result<DeskReply> whole = ask("GET", first);
    for (int page = 1; whole && whole->is_done() && page < desk_pages_max; ++page) {
        const std::string cursor = whole->body.text("/next_cursor");
        if (cursor.empty()) {
            break;
        }
        Result<DeskReply> next = ask("GET", first + "&cursor=" + cursor);
        if (!next || !next->is_done()) {
            return next;
        }
        json::Array* all = whole->body.as_object()->find(name)->as_array();
        for (const json::Value& item : list_of(next->body, name)) {
            all->push_back(item);
        }
        whole->body.as_object()->set("next_cursor", next->body.text("/next_cursor"));
    }
    return whole;
}

}  // namespace headroom::app
