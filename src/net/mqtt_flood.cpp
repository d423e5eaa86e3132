#include "net/mqtt_flood.hpp"

#include "net/mqtt_wire.hpp"

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

Error lost(const std::string& what) {
    return Error{Errc::unavailable, "MQTT bench sender: " + what + ": " + std::strerror(errno), {}};
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
    mqtt::put_connect(buffer_, {.client_id = client_id});
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
    if (qos > 0) {
        packet_id_ = packet_id_ == 0xffffU ? std::uint16_t{1} : static_cast<std::uint16_t>(packet_id_ + 1);
        sent_qos1_ += 1;
    }
    mqtt::put_publish(buffer_, topic, payload, qos, packet_id_);
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
        for (;;) {
            const auto frame = mqtt::frame_of(std::string_view(answers_).substr(at));
            if (!frame) {
                return frame.error();
            }
            if (!frame->has_value() || at + (*frame)->bytes() > answers_.size()) {
                break;
            }
            answered_ += (*frame)->type() == mqtt::PacketType::puback ? 1U : 0U;
            at += (*frame)->bytes();
        }
        answers_.erase(0, at);
    }
}

}  // namespace headroom::net
