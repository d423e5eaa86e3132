#pragma once

#include "net/iec104_asdu.hpp"
#include "net/iec104_wire.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace headroom::net::testing {

/// A controlled station on a free loopback port, played by the test line by line: it says exactly what the
/// test says, right or wrong. Gives up after ten seconds of silence.
class Iec104Station {
  public:
    Iec104Station() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        EXPECT_EQ(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        EXPECT_EQ(::listen(listener_, 8), 0);
        EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
        port_ = ntohs(address.sin_port);
    }
    ~Iec104Station() {
        hang_up();
        ::close(listener_);
    }
    Iec104Station(const Iec104Station&) = delete;
    Iec104Station& operator=(const Iec104Station&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }

    void accept() {
        hang_up();
        ASSERT_TRUE(wait(listener_)) << "nobody connects";
        peer_ = ::accept(listener_, nullptr, nullptr);
        ASSERT_GE(peer_, 0);
        sent_ = 0;
    }
    void hang_up() {
        if (peer_ >= 0) {
            ::close(peer_);
        }
        peer_ = -1;
        received_.clear();
    }

    void say(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t count = ::send(peer_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            ASSERT_GT(count, 0) << std::strerror(errno);
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
    }
    template <class Frame>
    void send(const Frame& frame) {
        std::string bytes;
        iec104::append_frame(bytes, frame);
        say(bytes);
    }
    /// The next I frame with a right number, acknowledging `acknowledged` frames of the other side.
    void information(std::string_view asdu, std::uint16_t acknowledged) {
        send(iec104::IFrame{sent_++, acknowledged, asdu});
    }

    /// The next frame of the other side; nothing once it has hung up.
    std::optional<std::string> hear() {
        for (;;) {
            const Result<std::size_t> length = iec104::frame_length(received_);
            EXPECT_TRUE(length.has_value());
            if (length && *length > 0 && received_.size() >= *length) {
                std::string frame = received_.substr(0, *length);
                received_.erase(0, *length);
                return frame;
            }
            char bytes[512];
            if (!wait(peer_)) {
                ADD_FAILURE() << "the client says nothing";
                return std::nullopt;
            }
            const ssize_t count = ::recv(peer_, bytes, sizeof bytes, 0);
            if (count <= 0) {
                return std::nullopt;
            }
            received_.append(bytes, static_cast<std::size_t>(count));
        }
    }
    void expect(const iec104::Frame& frame) {
        const std::optional<std::string> heard = hear();
        ASSERT_TRUE(heard.has_value()) << "the client has hung up";
        const Result<iec104::Frame> read = iec104::read_frame(*heard);
        ASSERT_TRUE(read.has_value());
        EXPECT_EQ(read->index(), frame.index());
        EXPECT_TRUE(*read == frame) << ::testing::PrintToString(*heard);
    }
    void expect_hang_up() {
        while (const std::optional<std::string> frame = hear()) {
            continue;  // what was under way
        }
    }
    /// STARTDT and the first interrogation.
    void begin(std::uint16_t common_address) {
        accept();
        expect(iec104::UFrame{iec104::Control::startdt_act});
        send(iec104::UFrame{iec104::Control::startdt_con});
        const std::string asdu = iec104::station_interrogation(common_address, 0);
        expect(iec104::IFrame{0, 0, asdu});
    }

  private:
    static bool wait(int fd) {
        pollfd one{.fd = fd, .events = POLLIN, .revents = 0};
        return ::poll(&one, 1, 10'000) == 1;
    }

    int listener_;
    int peer_ = -1;
    std::uint16_t port_ = 0;
    std::uint16_t sent_ = 0;
    std::string received_;
};

}  // namespace headroom::net::testing
