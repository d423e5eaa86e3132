#pragma once

#include "core/result.hpp"
#include "net/mqtt_message.hpp"

#include <mosquitto.h>

#include <memory>

namespace headroom::net {

struct FreeProperties {
    void operator()(mosquitto_property* list) const { mosquitto_property_free_all(&list); }
};
using PropertyList = std::unique_ptr<mosquitto_property, FreeProperties>;

/// Our properties as the library's list, null when there are none; `will_delay_s` for a will.
/// Errors: `invalid` for text that is not UTF-8, holds a zero byte or is longer than 65,535 bytes.
[[nodiscard]] Result<PropertyList> to_property_list(const MqttProperties& properties,
                                                    std::uint32_t will_delay_s = 0);
[[nodiscard]] MqttProperties from_property_list(const mosquitto_property* list);

/// A code of the library as our fault.
[[nodiscard]] Error mqtt_error(int code, std::string_view what);

}  // namespace headroom::net
