#pragma once

#include "core/result.hpp"
#include "core/time.hpp"
#include "core/units.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace headroom::dispatch {

/// What a device says of itself when it appears: `up/birth`.
struct DeviceBirth {
    std::string der;   ///< from the topic or session
    std::string type;  ///< "battery", "ev_charger" …
    Watts power_min{};
    Watts power_max{};
    WattHours energy{};             ///< 0 = no store, or unknown
    std::int64_t ramp_w_per_s = 0;  ///< 0 = at once, or unknown
    std::string default_behaviour;  ///< what it does when no order stands: "zero", "schedule" …
    seconds watchdog{};             ///< after which it falls back by itself
    std::string firmware;
    bool operator==(const DeviceBirth&) const = default;
};

[[nodiscard]] std::string encode_birth(const DeviceBirth& birth);
/// Members that are not known here are ignored. Errors: `invalid` with the pointer.
[[nodiscard]] Result<DeviceBirth> decode_birth(std::string_view payload, std::string_view der);

/// `up/state`: {"state":"online","v":1}; offline is the will message.
[[nodiscard]] std::string encode_presence(bool is_online);
[[nodiscard]] Result<bool> decode_presence(std::string_view payload);

}  // namespace headroom::dispatch
