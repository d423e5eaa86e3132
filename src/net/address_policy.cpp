#include "net/address_policy.hpp"

#include <array>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace headroom::net {
namespace {

struct Block {
    std::uint32_t first;
    unsigned prefix;
};

constexpr std::uint32_t ip(unsigned a, unsigned b, unsigned c, unsigned d) {
    return (a << 24U) | (b << 16U) | (c << 8U) | d;
}

constexpr std::array<Block, 15> special_ipv4{{
    {ip(0, 0, 0, 0), 8},        // this network
    {ip(10, 0, 0, 0), 8},       // private
    {ip(100, 64, 0, 0), 10},    // carrier-grade NAT
    {ip(127, 0, 0, 0), 8},      // loopback
    {ip(169, 254, 0, 0), 16},   // link-local, cloud metadata
    {ip(172, 16, 0, 0), 12},    // private
    {ip(192, 0, 0, 0), 24},     // protocol assignments
    {ip(192, 0, 2, 0), 24},     // documentation
    {ip(192, 88, 99, 0), 24},   // 6to4 relays
    {ip(192, 168, 0, 0), 16},   // private
    {ip(198, 18, 0, 0), 15},    // benchmarks
    {ip(198, 51, 100, 0), 24},  // documentation
    {ip(203, 0, 113, 0), 24},   // documentation
    {ip(224, 0, 0, 0), 4},      // multicast
    {ip(240, 0, 0, 0), 4},      // reserved, broadcast
}};

bool is_public_ipv4(std::uint32_t address) {
    for (const Block& block : special_ipv4) {
        const std::uint32_t mask = ~std::uint32_t{0} << (32U - block.prefix);
        if ((address & mask) == block.first) {
            return false;
        }
    }
    return true;
}

std::uint32_t ipv4_at(const std::array<std::uint8_t, 16>& bytes, std::size_t at) {
    return ip(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]);
}

bool is_public_ipv6(const std::array<std::uint8_t, 16>& bytes) {
    static constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    static constexpr std::array<std::uint8_t, 12> nat64{0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};
    if (std::memcmp(bytes.data(), mapped.data(), mapped.size()) == 0 ||
        std::memcmp(bytes.data(), nat64.data(), nat64.size()) == 0) {
        return is_public_ipv4(ipv4_at(bytes, 12));
    }
    if (bytes[0] == 0x20 && bytes[1] == 0x02) {  // 6to4
        return is_public_ipv4(ipv4_at(bytes, 2));
    }
    const bool global_unicast = (bytes[0] & 0xe0U) == 0x20U;  // 2000::/3, all that is assigned
    const bool documentation = bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] == 0x0d && bytes[3] == 0xb8;
    const bool teredo_and_benchmarks = bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] < 0x02;  // 2001::/23
    return global_unicast && !documentation && !teredo_and_benchmarks;
}

}  // namespace

bool is_public_address(const sockaddr* address) {
    if (address->sa_family == AF_INET) {
        sockaddr_in ipv4{};
        std::memcpy(&ipv4, address, sizeof ipv4);
        return is_public_ipv4(ntohl(ipv4.sin_addr.s_addr));
    }
    if (address->sa_family == AF_INET6) {
        sockaddr_in6 ipv6{};
        std::memcpy(&ipv6, address, sizeof ipv6);
        std::array<std::uint8_t, 16> bytes{};
        std::memcpy(bytes.data(), &ipv6.sin6_addr, bytes.size());
        return is_public_ipv6(bytes);
    }
    return false;
}

void PrivateTargets::add(std::string_view target) {
    const std::lock_guard lock(mutex_);
    targets_.emplace(target);
}

bool PrivateTargets::allows(std::string_view host, std::uint16_t port) const {
    const bool ipv6 = host.find(':') != std::string_view::npos;
    const std::string name = (ipv6 ? "[" + std::string(host) + "]" : std::string(host)) + ":";
    const std::lock_guard lock(mutex_);
    return targets_.contains(name + std::to_string(port)) || targets_.contains(name + "*");
}

}  // namespace headroom::net
