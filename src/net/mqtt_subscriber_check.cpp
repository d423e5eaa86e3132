// What of a subscriber's settings cannot be used.
#include "net/mqtt_subscriber.hpp"
#include "net/mqtt_wire.hpp"

#include <mosquitto.h>

namespace headroom::net {
namespace {

constexpr std::size_t filters_max = 64;

Error bad_mqtt_setting(const std::string& field, const std::string& message) {
    return Error{Errc::invalid, "MQTT " + field + " " + message, "/" + field};
}

Result<void> check_filter(const std::string& filter) {
    std::string_view rest = filter;
    constexpr std::string_view share = "$share/";
    if (rest.starts_with(share)) {
        rest.remove_prefix(share.size());
        const std::size_t slash = rest.find('/');
        if (slash == 0 || slash == std::string_view::npos ||
            rest.substr(0, slash).find_first_of("+#") != std::string_view::npos) {
            return bad_mqtt_setting("filter", "'" + filter + "' needs the form $share/GROUP/FILTER");
        }
        rest.remove_prefix(slash + 1);
    }
    if (rest.empty() || rest.size() > mqtt::text_bytes_max || rest.find('\0') != std::string_view::npos ||
        mosquitto_sub_topic_check(std::string(rest).c_str()) != MOSQ_ERR_SUCCESS) {
        return bad_mqtt_setting("filter", "'" + filter + "' is no topic filter");
    }
    return {};
}

}  // namespace

Result<void> check(const MqttSubscriberSettings& settings) {
    if (settings.host.empty() || settings.host.size() > 255 || settings.port == 0) {
        return bad_mqtt_setting("host", "and port are needed: a name of at most 255 bytes, and 1 to 65535");
    }
    if (settings.client_id.empty() || settings.client_id.size() > 64) {
        return bad_mqtt_setting("client_id", "must have 1 to 64 characters");
    }
    if (settings.user.size() > 256 || settings.password.size() > 512) {
        return bad_mqtt_setting("user", "and password must be at most 256 and 512 bytes long");
    }
    if (settings.user.empty() && !settings.password.empty()) {
        return bad_mqtt_setting("password", "needs a user");
    }
    if (settings.cert_file.empty() != settings.key_file.empty()) {
        return bad_mqtt_setting("cert_file", "and key_file are needed both, or neither");
    }
    if (!settings.cert_file.empty() && settings.ca_file.empty()) {
        return bad_mqtt_setting("ca_file", "is needed with cert_file: without it nothing is encrypted");
    }
    if (settings.filters.empty() || settings.filters.size() > filters_max) {
        return bad_mqtt_setting("filter", "is needed, at most " + std::to_string(filters_max) + " of them");
    }
    if (settings.qos < 0 || settings.qos > 1) {
        return bad_mqtt_setting("qos", std::to_string(settings.qos) + " is not 0 or 1");
    }
    if (settings.receive_maximum == 0) {
        return bad_mqtt_setting("receive_maximum", "must be from 1 to 65535");
    }
    if (settings.payload_bytes_max == 0 || settings.payload_bytes_max > 64UL * 1024 * 1024) {
        return bad_mqtt_setting("payload_bytes_max", "must be from 1 to 64 MiB");
    }
    for (const std::string& filter : settings.filters) {
        if (const Result<void> good = check_filter(filter); !good) {
            return good;
        }
    }
    return {};
}

}  // namespace headroom::net
