#pragma once

#include "core/time.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace headroom::desk::identity {

/// After `free` failures in a row each further one makes its key wait: 1 s, 2 s, 4 s … up to `longest_wait`.
struct ThrottleRule {
    int free = 5;
    milliseconds longest_wait = minutes{1};
    milliseconds forget_after = minutes{15};  ///< since the last failure
    std::size_t keys = 10'000;                ///< beyond this the key that failed longest ago is forgotten
};

/// Slows down whoever fails again and again. One thread, no clock: times are handed in.
class Throttle {
  public:
    explicit Throttle(ThrottleRule rule) : rule_(rule) {}

    /// How long the key must still wait; nothing when it may try.
    [[nodiscard]] std::optional<milliseconds> wait(std::string_view key, UtcTime now) const;
    void failed(std::string_view key, UtcTime now);
    /// Takes one failure back: an attempt counts as failed from its beginning, so that many at once do not
    /// all pass before the first has failed.
    void take_back(std::string_view key);
    void forget(std::string_view key);
    [[nodiscard]] std::size_t size() const { return keys_.size(); }

  private:
    struct Failures {
        int count = 0;
        UtcTime last{};
        UtcTime until{};
    };
    void make_room(UtcTime now);

    ThrottleRule rule_;
    std::unordered_map<std::string, Failures> keys_;
};

/// The part of an address that one subscriber holds: an IPv4 address, or the /64 of an IPv6 address.
[[nodiscard]] std::string throttle_address(std::string_view ip);

/// Sign-ins by name and by address. A name waits a minute at most, so that nobody can lock a colleague out
/// for long; an address, which may try many names, up to five. A wrong password for a name that does not
/// exist counts the same.
class LoginThrottle {
  public:
    LoginThrottle() = default;
    LoginThrottle(ThrottleRule by_name, ThrottleRule by_address) : names_(by_name), addresses_(by_address) {}

    /// Begins an attempt, or answers how long to wait instead.
    [[nodiscard]] std::optional<milliseconds> begin(std::string_view name, std::string_view ip, UtcTime now);
    /// The attempt was right: its name starts afresh, its address has this one less.
    void succeeded(std::string_view name, std::string_view ip);
    /// The attempt was neither right nor wrong: it could not be made.
    void abandoned(std::string_view name, std::string_view ip);

  private:
    Throttle names_{ThrottleRule{}};
    Throttle addresses_{ThrottleRule{.free = 20, .longest_wait = minutes{5}}};
};

}  // namespace headroom::desk::identity
