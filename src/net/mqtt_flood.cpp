#include "net/mqtt_flood.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace headroom::net {
namespace {

constexpr std::size_t buffer_bytes = 64UL * 1024;
constexpr int answer_limit_ms = 10'000;

void put_length(std::string& out, std::size_t length) {
    do {
        auto byte = static_cast<unsigned char>(length % 128);
        length /= 128;
        if (length > 0) {
            byte |= 0x80U;
        }
        out += static_cast<char>(byte);
    } while (length > 0);
}

void put_u16(std::string& out, std::size_t value) {
    out += static_cast<char>(value >> 8U);
    out += static_cast<char>(value & 0xffU);
}

Error lost(const std::string& what) {
    return Error{Errc::unavailable, "MQTT bench sender: " + what + ": " + std::strerror(errno), {}};
}

/// The size of the first packet in `data`, with its header; 0 when it is not whole.
std::size_t packet_size(std::string_view data) {
    std::size_t length = 0;
    for (std::size_t i = 1; i < data.size() && i <= 4; ++i) {
        const auto byte = static_cast<unsigned char>(data[i]);
        length |= static_cast<std::size_t>(byte & 0x7fU) << (7 * (i - 1));
        if ((byte & 0x80U) == 0) {
            return data.size() >= i + 1 + length ? i + 1 + length : 0;
        }
    }
    return 0;
}

}  // namespace

MqttFlood::~MqttFlood() {
    if (fd_ >= 0) {
        ::close(fd_);
    }
}

Result<void> MqttFlood::connect(std::uint16_t port, const std::string& client_id) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd_ < 0 || ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        return lost("no connection");
    }
    const int one = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    std::string body;
    put_u16(body, 4);
    body += "MQTT";
    body += '\x05';  // version
    body += '\x02';  // clean start
    put_u16(body, 60);
    body += '\0';  // no properties
    put_u16(body, client_id.size());
    body += client_id;
    buffer_ = "\x10";
    put_length(buffer_, body.size());
    buffer_ += body;
    if (const Result<void> written = write_all(); !written) {
        return written;
    }
    pollfd file{.fd = fd_, .events = POLLIN, .revents = 0};
    std::array<char, 256> answer{};
    if (::poll(&file, 1, answer_limit_ms) != 1 || ::read(fd_, answer.data(), answer.size()) < 4 ||
        answer[0] != 0x20 || answer[3] != 0) {
        return lost("CONNECT was refused");
    }
    return {};
}

Result<void> MqttFlood::send(std::string_view topic, std::string_view payload, int qos) {
    buffer_ += qos == 0 ? '\x30' : '\x32';
    put_length(buffer_, 2 + topic.size() + (qos == 0 ? 0U : 2U) + 1 + payload.size());
    put_u16(buffer_, topic.size());
    buffer_ += topic;
    if (qos > 0) {
        packet_id_ = packet_id_ == 0xffffU ? std::uint16_t{1} : static_cast<std::uint16_t>(packet_id_ + 1);
        put_u16(buffer_, packet_id_);
        sent_qos1_ += 1;
    }
    buffer_ += '\0';  // no properties
    buffer_ += payload;
    return buffer_.size() >= buffer_bytes ? flush() : Result<void>{};
}

Result<void> MqttFlood::flush() {
    if (const Result<void> written = write_all(); !written) {
        return written;
    }
    return read_answers();
}

Result<void> MqttFlood::write_all() {
    std::size_t done = 0;
    while (done < buffer_.size()) {
        const ssize_t count = ::send(fd_, buffer_.data() + done, buffer_.size() - done, MSG_NOSIGNAL);
        if (count <= 0) {
            return lost("write");
        }
        done += static_cast<std::size_t>(count);
    }
    buffer_.clear();
    return {};
}

Result<void> MqttFlood::read_answers() {
    std::array<char, 16'384> chunk{};
    while (true) {
        const ssize_t count = ::recv(fd_, chunk.data(), chunk.size(), MSG_DONTWAIT);
        if (count == 0 || (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK)) {
            return lost("read");
        }
        if (count < 0) {
            return {};
        }
        answers_.append(chunk.data(), static_cast<std::size_t>(count));
        std::size_t at = 0;
        while (const std::size_t size = packet_size(std::string_view(answers_).substr(at))) {
            answered_ += static_cast<unsigned char>(answers_[at]) == 0x40U ? 1U : 0U;
            at += size;
        }
        answers_.erase(0, at);
    }
}

}  // namespace headroom::net
