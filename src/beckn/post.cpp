#include "beckn/post.hpp"

#include <utility>

namespace headroom::beckn {

net::ClientRequest post_of(std::string url, std::string authorization, std::string body,
                           std::int64_t deadline_ms) {
    net::ClientRequest request;
    request.method = "POST";
    request.url = std::move(url);
    request.headers.add("Content-Type", "application/json");
    request.headers.add("Authorization", std::move(authorization));
    request.body = std::move(body);
    request.deadline_ms = deadline_ms;
    request.max_response_bytes = ack_bytes_max;
    return request;
}

Ack ack_of(const Result<net::ClientResponse>& response) {
    if (!response) {
        Ack ack;
        ack.error.message = response.error().message;
        return ack;
    }
    Ack ack = read_ack(response->status, response->body);
    if (ack.kind == AckKind::failed && ack.error.message.empty()) {
        ack.error.message = "HTTP " + std::to_string(response->status);
    }
    return ack;
}

}  // namespace headroom::beckn
