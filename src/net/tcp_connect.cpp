#include "net/tcp_connect.hpp"

#include "core/clock.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace headroom::net {
namespace {

/// The socket's answer to a connect that was begun: 0, an errno, or ETIMEDOUT.
int outcome_of(int fd, SteadyTime until, int wake_fd, const std::function<bool()>& is_stopped) {
    while (!is_stopped()) {
        const auto left = std::chrono::ceil<milliseconds>(until - steady_now());
        if (left <= milliseconds::zero()) {
            break;
        }
        std::array<pollfd, 2> files{pollfd{.fd = fd, .events = POLLOUT, .revents = 0},
                                    pollfd{.fd = wake_fd, .events = POLLIN, .revents = 0}};
        const int ready =
            ::poll(files.data(), files.size(), static_cast<int>(std::min(left, stop_look_every).count()));
        if (ready > 0 && (files[1].revents & POLLIN) != 0) {
            std::uint64_t count = 0;
            static_cast<void>(::read(wake_fd, &count, sizeof count));
        }
        if (ready > 0 && files[0].revents != 0) {
            int fault = 0;
            socklen_t size = sizeof fault;
            ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &fault, &size);
            return fault;
        }
    }
    return ETIMEDOUT;
}

}  // namespace

Result<Descriptor> tcp_connect(const std::string& host, std::uint16_t port, milliseconds timeout, int wake_fd,
                               const std::function<bool()>& is_stopped) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
    if (code != 0) {
        return Error{Errc::unavailable, "the name " + host + " is not known: " + ::gai_strerror(code), {}};
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(list, &::freeaddrinfo);
    const SteadyTime until = steady_now() + timeout;
    int fault = ETIMEDOUT;
    for (const addrinfo* at = list; at != nullptr; at = at->ai_next) {
        Descriptor fd(::socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, at->ai_protocol));
        if (fd.get() < 0) {
            fault = errno;
            continue;
        }
        fault = ::connect(fd.get(), at->ai_addr, at->ai_addrlen) == 0 ? 0 : errno;
        if (fault == EINPROGRESS) {
            fault = outcome_of(fd.get(), until, wake_fd, is_stopped);
        }
        if (fault == 0) {
            const int one = 1;
            ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            return fd;
        }
    }
    return Error{Errc::unavailable,
                 "no connection to " + host + ":" + std::to_string(port) + ": " + std::strerror(fault),
                 {}};
}

}  // namespace headroom::net
