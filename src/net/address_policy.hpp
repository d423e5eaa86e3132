#pragma once

#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include <sys/socket.h>

namespace headroom::net {

/// Whether an address belongs to the public internet: not loopback, private, link-local, carrier-grade NAT,
/// multicast, documentation, benchmark or unspecified, also not as an IPv4 address wrapped into IPv6
/// (mapped, NAT64, 6to4). Source: IANA special-purpose address registries.
[[nodiscard]] bool is_public_address(const sockaddr* address);

/// "host:port" targets that may be connected to although their address is not public. Any thread.
class PrivateTargets {
  public:
    /// "127.0.0.1:9000", "broker.local:1883", or "10.1.2.3:*" for every port. An IPv6 host in brackets.
    void add(std::string_view target);
    [[nodiscard]] bool allows(std::string_view host, std::uint16_t port) const;

  private:
    mutable std::mutex mutex_;
    std::set<std::string> targets_;
};

}  // namespace headroom::net
