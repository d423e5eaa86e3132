#include "unit/net/support.hpp"

#include <cstdlib>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace headroom::net::testing {

TestServer::TestServer(const std::function<void(HttpServer&)>& set, ServerLimits limits) {
    io_.call([&] {
        server_ = std::make_unique<HttpServer>(io_.context(), limits);
        set(*server_);
        const auto listening = server_->listen();
        HEADROOM_ASSERT(listening.has_value());
        port_ = server_->port();
    });
}

TestServer::~TestServer() {
    io_.await(server_->drain(seconds{5}));
    io_.call([&] { server_.reset(); });
}

std::string RawResponse::header(std::string_view name) const {
    std::size_t at = 0;
    while ((at = head.find("\r\n", at)) != std::string::npos) {
        at += 2;
        const std::size_t end = head.find("\r\n", at);
        const std::string line = head.substr(at, end - at);
        const std::size_t colon = line.find(':');
        if (colon != std::string::npos && same_but_case(line.substr(0, colon), name)) {
            return line.substr(std::min(line.size(), colon + 2));
        }
    }
    return {};
}

RawClient::RawClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    HEADROOM_ASSERT(fd_ >= 0);
    timeval patience{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    HEADROOM_ASSERT(::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0);
}

RawClient::~RawClient() {
    if (fd_ >= 0) {
        ::close(fd_);
    }
}

bool RawClient::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

bool RawClient::fill() {
    char block[16384];
    const ssize_t count = ::recv(fd_, block, sizeof block, 0);
    if (count <= 0) {
        return false;
    }
    buffer_.append(block, static_cast<std::size_t>(count));
    return true;
}

std::string RawClient::read_until(std::string_view mark) {
    while (buffer_.find(mark) == std::string::npos) {
        if (!fill()) {
            return std::exchange(buffer_, {});
        }
    }
    const std::size_t end = buffer_.find(mark) + mark.size();
    std::string out = buffer_.substr(0, end);
    buffer_.erase(0, end);
    return out;
}

RawResponse RawClient::read_response(bool head_only) {
    RawResponse response;
    response.head = read_until("\r\n\r\n");
    if (!response.head.starts_with("HTTP/1.1 ")) {
        return response;
    }
    response.status = std::atoi(response.head.c_str() + 9);
    const std::string length = response.header("Content-Length");
    const std::size_t wanted = head_only || length.empty() ? 0 : std::stoul(length);
    while (buffer_.size() < wanted && fill()) {
    }
    response.body = buffer_.substr(0, wanted);
    buffer_.erase(0, wanted);
    return response;
}

std::string RawClient::read_to_end() {
    while (fill()) {
    }
    return std::exchange(buffer_, {});
}

bool RawClient::closed_by_peer() {
    if (!buffer_.empty()) {
        return false;
    }
    char byte = 0;
    const ssize_t count = ::recv(fd_, &byte, 1, 0);
    return count == 0 || (count < 0 && errno == ECONNRESET);
}

RawResponse RawClient::get(const std::string& path) {
    send("GET " + path + " HTTP/1.1\r\nHost: here\r\n\r\n");
    return read_response();
}

}  // namespace headroom::net::testing
