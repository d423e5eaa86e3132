#include "desk/identity/throttle.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>

namespace headroom::desk::identity {
namespace {

constexpr std::size_t name_bytes = 64;  // no user's name is longer
constexpr int doublings_max = 20;

std::string name_key(std::string_view name) {
    return std::string(name.substr(0, name_bytes));
}

}  // namespace

std::optional<milliseconds> Throttle::wait(std::string_view key, UtcTime now) const {
    const auto found = keys_.find(std::string(key));
    if (found == keys_.end() || now >= found->second.until) {
        return std::nullopt;
    }
    // Never longer than the rule says, also when the clock was set back.
    return std::min(found->second.until - now, rule_.longest_wait);
}

void Throttle::failed(std::string_view key, UtcTime now) {
    make_room(now);
    Failures& failures = keys_[std::string(key)];
    if (now >= failures.last + rule_.forget_after) {
        failures = {};
    }
    failures.count += 1;
    failures.last = now;
    if (failures.count > rule_.free) {
        const int doublings = std::min(failures.count - rule_.free - 1, doublings_max);
        failures.until =
            now + std::min<milliseconds>(seconds{std::int64_t{1} << doublings}, rule_.longest_wait);
    }
}

void Throttle::take_back(std::string_view key) {
    const auto found = keys_.find(std::string(key));
    if (found != keys_.end()) {
        found->second.count -= 1;
        found->second.until = {};
        if (found->second.count <= 0) {
            keys_.erase(found);
        }
    }
}

void Throttle::forget(std::string_view key) {
    keys_.erase(std::string(key));
}

void Throttle::make_room(UtcTime now) {
    if (keys_.size() < rule_.keys) {
        return;
    }
    std::erase_if(keys_, [&](const auto& item) { return now >= item.second.last + rule_.forget_after; });
    if (keys_.size() >= rule_.keys) {
        keys_.erase(std::min_element(keys_.begin(), keys_.end(), [](const auto& a, const auto& b) {
            return a.second.last < b.second.last;
        }));
    }
}

std::string throttle_address(std::string_view ip) {
    boost::system::error_code fault;
    const auto address = boost::asio::ip::make_address(std::string(ip), fault);
    if (fault || !address.is_v6() || address.to_v6().is_v4_mapped()) {
        return std::string(ip.substr(0, name_bytes));
    }
    auto bytes = address.to_v6().to_bytes();
    std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
    return boost::asio::ip::address_v6(bytes).to_string() + "/64";
}

std::optional<milliseconds> LoginThrottle::begin(std::string_view name, std::string_view ip, UtcTime now) {
    const std::string address = throttle_address(ip);
    const std::string key = name_key(name);
    const std::optional<milliseconds> by_name = names_.wait(key, now);
    const std::optional<milliseconds> by_address = addresses_.wait(address, now);
    if (by_name || by_address) {
        return std::max(by_name.value_or(milliseconds{0}), by_address.value_or(milliseconds{0}));
    }
    names_.failed(key, now);
    addresses_.failed(address, now);
    return std::nullopt;
}

void LoginThrottle::succeeded(std::string_view name, std::string_view ip) {
    names_.forget(name_key(name));
    addresses_.take_back(throttle_address(ip));
}

void LoginThrottle::abandoned(std::string_view name, std::string_view ip) {
    names_.take_back(name_key(name));
    addresses_.take_back(throttle_address(ip));
}

}  // namespace headroom::desk::identity
