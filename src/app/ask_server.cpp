#include "app/ask_server.hpp"

#include <utility>

namespace headroom::app {
namespace {

constexpr std::int64_t status_deadline_ms = 5'000;

}  // namespace

Result<ServerReply> ask(net::HttpClient& client, const std::string& url, const std::string& key) {
    net::ClientRequest request;
    request.url = url;
    request.deadline_ms = status_deadline_ms;
    request.headers.set("Accept", "application/json");
    if (!key.empty()) {
        request.headers.set("Authorization", "Bearer " + key);
    }
    Result<net::ClientResponse> response = client.send_wait(std::move(request));
    if (!response) {
        return response.error();
    }
    Result<json::Value> body = json::parse(response->body);
    if (!body) {
        return Error{Errc::invalid, "no JSON came back: is this a Headroom server?"};
    }
    return ServerReply{response->status, std::move(*body)};
}

}  // namespace headroom::app
