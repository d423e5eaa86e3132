#pragma once

#include "core/clock.hpp"
#include "net/mqtt_client.hpp"
#include "unit/net/support.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include <stdlib.h>

namespace headroom::net::testing {

/// Looks again and again, twenty seconds at most, whether `condition` holds.
inline bool eventually(const std::function<bool()>& condition) {
    const SteadyTime until = steady_now() + seconds{20};
    while (!condition()) {
        if (steady_now() > until) {
            return false;
        }
        std::this_thread::sleep_for(milliseconds{1});
    }
    return true;
}

class ScratchFolder {
  public:
    ScratchFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "headroom-brokers-XXXXXX").string();
        HEADROOM_ASSERT(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~ScratchFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

/// Publishes and waits for the broker's answer.
class MqttFeed {
  public:
    explicit MqttFeed(std::uint16_t port) {
        io_.call([&] {
            MqttSettings settings;
            settings.port = port;
            settings.reconnect_first = milliseconds{5};
            settings.reconnect_longest = milliseconds{20};
            client_ = std::make_unique<MqttClient>(io_.context().get_executor(), settings);
            HEADROOM_ASSERT(client_->start().has_value());
        });
        HEADROOM_ASSERT(wait_for_connection());
    }
    ~MqttFeed() {
        io_.call([&] { client_.reset(); });
    }
    MqttFeed(const MqttFeed&) = delete;
    MqttFeed& operator=(const MqttFeed&) = delete;

    bool wait_for_connection() {
        return eventually([this] { return io_.call([this] { return client_->connected(); }); });
    }
    /// Whether the broker took it (QoS 0: whether it was written).
    bool publish(const std::string& topic, const std::string& payload, int qos = 1) {
        auto sending = client_->publish(topic, payload, qos, false);
        return io_.await(std::move(sending)).has_value();
    }

  private:
    IoThread io_;
    std::unique_ptr<MqttClient> client_;
};

}  // namespace headroom::net::testing
