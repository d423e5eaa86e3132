// How the loop gets a connection: the library's handle, the broker's address, CONNECT.
#include "net/mqtt_loop.hpp"
#include "net/mqtt_properties.hpp"

#include <cerrno>
#include <cstring>

#include <mqtt_protocol.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace headroom::net {
namespace {

const char* text_or_null(const std::string& text) {
    return text.empty() ? nullptr : text.c_str();
}

}  // namespace

std::string MqttLoop::broker_name() const {
    return settings_.host + ":" + std::to_string(settings_.port);
}

Result<void> MqttLoop::configure() {
    handle_.reset(mosquitto_new(text_or_null(settings_.client_id), settings_.clean_start, this));
    HEADROOM_ASSERT(handle_ != nullptr);
    mosquitto* handle = handle_.get();
    HEADROOM_ASSERT(mosquitto_int_option(handle, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5) ==
                    MOSQ_ERR_SUCCESS);
    HEADROOM_ASSERT(mosquitto_int_option(handle, MOSQ_OPT_TCP_NODELAY, 1) == MOSQ_ERR_SUCCESS);
    HEADROOM_ASSERT(mosquitto_int_option(handle, MOSQ_OPT_SEND_MAXIMUM, 65'535) == MOSQ_ERR_SUCCESS);
    if (!settings_.user.empty()) {
        const int code =
            mosquitto_username_pw_set(handle, settings_.user.c_str(), text_or_null(settings_.password));
        if (code != MOSQ_ERR_SUCCESS) {
            return mqtt_error(code, "MQTT user");
        }
    }
    if (!settings_.ca_file.empty()) {
        const int code =
            mosquitto_tls_set(handle, settings_.ca_file.c_str(), nullptr, text_or_null(settings_.cert_file),
                              text_or_null(settings_.key_file), nullptr);
        if (code != MOSQ_ERR_SUCCESS) {
            return mqtt_error(code, "MQTT TLS files " + settings_.ca_file + " " + settings_.cert_file + " " +
                                        settings_.key_file);
        }
    }
    if (settings_.will) {
        const MqttMessage& message = settings_.will->message;
        auto properties = to_property_list(message.properties, settings_.will->delay_s);
        if (!properties) {
            return properties.error();
        }
        const int code =
            mosquitto_will_set_v5(handle, message.topic.c_str(), static_cast<int>(message.payload.size()),
                                  message.payload.data(), message.qos, message.retain, properties->get());
        if (code != MOSQ_ERR_SUCCESS) {
            return mqtt_error(code, "MQTT will on " + message.topic);
        }
        static_cast<void>(properties->release());  // the library owns it now
    }
    mosquitto_connect_v5_callback_set(handle, &MqttLoop::on_connect);
    mosquitto_disconnect_v5_callback_set(handle, &MqttLoop::on_disconnect);
    mosquitto_publish_v5_callback_set(handle, &MqttLoop::on_publish);
    mosquitto_subscribe_v5_callback_set(handle, &MqttLoop::on_subscribe);
    mosquitto_message_v5_callback_set(handle, &MqttLoop::on_message);
    return Result<void>{};
}

/// Whether anybody listens. The library's own connect blocks for as long as the kernel likes; this one ends
/// in time and at a stop, and only what it found alive is handed to the library.
bool MqttLoop::reachable() {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    const int code =
        ::getaddrinfo(settings_.host.c_str(), std::to_string(settings_.port).c_str(), &hints, &list);
    if (code != 0) {
        why_ = "the MQTT broker's name " + settings_.host + " is not known: " + ::gai_strerror(code);
        return false;
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(list, &::freeaddrinfo);
    int fault = ETIMEDOUT;
    for (const addrinfo* at = list; at != nullptr; at = at->ai_next) {
        const int fd = ::socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, at->ai_protocol);
        if (fd < 0) {
            fault = errno;
            continue;
        }
        fault = ::connect(fd, at->ai_addr, at->ai_addrlen) == 0 ? 0 : errno;
        const SteadyTime until = steady_now() + settings_.connect_timeout;
        while (fault == EINPROGRESS) {
            const auto left = std::chrono::ceil<milliseconds>(until - steady_now());
            bool stopping = false;
            {
                const std::lock_guard lock(mutex_);
                stopping = stopping_;
            }
            if (left <= milliseconds::zero() || stopping) {
                fault = ETIMEDOUT;
            } else if (wait(fd, POLLOUT, left) != 0) {
                socklen_t size = sizeof fault;
                ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &fault, &size);
            } else {
                run_commands();
            }
        }
        ::close(fd);
        if (fault == 0) {
            return true;
        }
    }
    why_ = "no connection to the MQTT broker " + broker_name() + ": " + std::strerror(fault);
    return false;
}

bool MqttLoop::open() {
    connected_ = false;
    refused_ = false;
    resubscribe_ = false;
    why_.clear();
    if (!reachable()) {
        return false;
    }
    const auto configured = configure();
    if (!configured) {
        why_ = configured.error().message;
        return false;
    }
    mosquitto_property* expiry = nullptr;
    if (settings_.session_expiry_s > 0) {
        HEADROOM_ASSERT(mosquitto_property_add_int32(&expiry, MQTT_PROP_SESSION_EXPIRY_INTERVAL,
                                                     settings_.session_expiry_s) == MOSQ_ERR_SUCCESS);
    }
    const PropertyList properties(expiry);
    const int code = mosquitto_connect_bind_v5(handle_.get(), settings_.host.c_str(), settings_.port,
                                               settings_.keepalive_s, nullptr, properties.get());
    if (code != MOSQ_ERR_SUCCESS) {
        why_ = mqtt_error(code, "connect to the MQTT broker " + broker_name()).message;
        return false;
    }
    connect_deadline_ = steady_now() + settings_.connect_timeout;
    return true;
}

}  // namespace headroom::net
