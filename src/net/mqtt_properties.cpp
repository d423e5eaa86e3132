#include "net/mqtt_properties.hpp"

#include <cstdlib>

#include <mqtt_protocol.h>

namespace headroom::net {
namespace {

constexpr std::size_t text_bytes_max = 65'535;

bool fits(std::string_view text) {
    return text.size() <= text_bytes_max && text.find('\0') == std::string_view::npos;
}

/// The library hands texts out as C strings that the caller frees.
std::string take(char* text) {
    std::string out = text == nullptr ? "" : text;
    std::free(text);
    return out;
}

int add_text(mosquitto_property** list, int identifier, const std::string& text) {
    if (text.empty()) {
        return MOSQ_ERR_SUCCESS;
    }
    return fits(text) ? mosquitto_property_add_string(list, identifier, text.c_str()) : MOSQ_ERR_INVAL;
}

int add_all(mosquitto_property** list, const MqttProperties& properties, std::uint32_t will_delay_s) {
    int code = MOSQ_ERR_SUCCESS;
    if (properties.message_expiry_s) {
        code = mosquitto_property_add_int32(list, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL,
                                            *properties.message_expiry_s);
    }
    if (code == MOSQ_ERR_SUCCESS) {
        code = add_text(list, MQTT_PROP_RESPONSE_TOPIC, properties.response_topic);
    }
    if (code == MOSQ_ERR_SUCCESS && !properties.correlation_data.empty()) {
        const std::string& data = properties.correlation_data;
        code = data.size() > text_bytes_max
                   ? MOSQ_ERR_INVAL
                   : mosquitto_property_add_binary(list, MQTT_PROP_CORRELATION_DATA, data.data(),
                                                   static_cast<std::uint16_t>(data.size()));
    }
    if (code == MOSQ_ERR_SUCCESS) {
        code = add_text(list, MQTT_PROP_CONTENT_TYPE, properties.content_type);
    }
    for (const auto& [name, value] : properties.user) {
        if (code == MOSQ_ERR_SUCCESS) {
            code = fits(name) && fits(value) ? mosquitto_property_add_string_pair(
                                                   list, MQTT_PROP_USER_PROPERTY, name.c_str(), value.c_str())
                                             : MOSQ_ERR_INVAL;
        }
    }
    if (code == MOSQ_ERR_SUCCESS && will_delay_s > 0) {
        code = mosquitto_property_add_int32(list, MQTT_PROP_WILL_DELAY_INTERVAL, will_delay_s);
    }
    return code;
}

}  // namespace

Result<PropertyList> to_property_list(const MqttProperties& properties, std::uint32_t will_delay_s) {
    mosquitto_property* list = nullptr;
    const int code = add_all(&list, properties, will_delay_s);
    PropertyList owned(list);
    if (code != MOSQ_ERR_SUCCESS) {
        return mqtt_error(code, "MQTT properties");
    }
    return owned;
}

MqttProperties from_property_list(const mosquitto_property* list) {
    MqttProperties out;
    for (const mosquitto_property* at = list; at != nullptr; at = mosquitto_property_next(at)) {
        char* text = nullptr;
        switch (mosquitto_property_identifier(at)) {
            case MQTT_PROP_MESSAGE_EXPIRY_INTERVAL: {
                std::uint32_t expiry_s = 0;
                if (mosquitto_property_read_int32(at, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL, &expiry_s, false) !=
                    nullptr) {
                    out.message_expiry_s = expiry_s;
                }
                break;
            }
            case MQTT_PROP_RESPONSE_TOPIC:
                mosquitto_property_read_string(at, MQTT_PROP_RESPONSE_TOPIC, &text, false);
                out.response_topic = take(text);
                break;
            case MQTT_PROP_CONTENT_TYPE:
                mosquitto_property_read_string(at, MQTT_PROP_CONTENT_TYPE, &text, false);
                out.content_type = take(text);
                break;
            case MQTT_PROP_CORRELATION_DATA: {
                void* data = nullptr;
                std::uint16_t length = 0;
                if (mosquitto_property_read_binary(at, MQTT_PROP_CORRELATION_DATA, &data, &length, false) !=
                    nullptr) {
                    out.correlation_data.assign(static_cast<const char*>(data), length);
                    std::free(data);
                }
                break;
            }
            case MQTT_PROP_USER_PROPERTY: {
                char* value = nullptr;
                mosquitto_property_read_string_pair(at, MQTT_PROP_USER_PROPERTY, &text, &value, false);
                std::string name = take(text);
                out.user.emplace_back(std::move(name), take(value));
                break;
            }
            default:
                break;
        }
    }
    return out;
}

Error mqtt_error(int code, std::string_view what) {
    const std::string text = std::string(what) + ": " + mosquitto_strerror(code);
    switch (code) {
        case MOSQ_ERR_NO_CONN:
        case MOSQ_ERR_CONN_LOST:
        case MOSQ_ERR_CONN_REFUSED:
        case MOSQ_ERR_ERRNO:
        case MOSQ_ERR_EAI:
            return Error{Errc::unavailable, text, {}};
        case MOSQ_ERR_AUTH:
        case MOSQ_ERR_ACL_DENIED:
        case MOSQ_ERR_TLS:
            return Error{Errc::denied, text, {}};
        case MOSQ_ERR_NOT_SUPPORTED:
        case MOSQ_ERR_QOS_NOT_SUPPORTED:
            return Error{Errc::unsupported, text, {}};
        default:
            return Error{Errc::invalid, text, {}};
    }
}

}  // namespace headroom::net
