#include "net/loopback.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace headroom::net {
namespace {

bool is_loopback(const sockaddr_storage& address) {
    if (address.ss_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &address, sizeof v4);
        return ntohl(v4.sin_addr.s_addr) >> 24U == 127U;
    }
    if (address.ss_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &address, sizeof v6);
        return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr) ||
               (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr) && v6.sin6_addr.s6_addr[12] == 127U);
    }
    return false;
}

}  // namespace

void send_unpaced_on_loopback(int socket) {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    if (::getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &size) != 0 || !is_loopback(peer)) {
        return;
    }
    constexpr std::string_view reno = "reno";
    // A refusal leaves the system's own choice, which is slower and works.
    static_cast<void>(::setsockopt(socket, IPPROTO_TCP, TCP_CONGESTION, reno.data(), reno.size()));
}

}  // namespace headroom::net
