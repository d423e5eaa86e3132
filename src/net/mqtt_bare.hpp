#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace headroom::net {

/// What a program with the usual client library and nothing else does: subscribes on this machine, counts
/// what comes, forgets it. For benches, as the floor beside ours; it knows no reconnect.
class MqttBare {
  public:
    struct Settings {
        std::uint16_t port = 1883;
        std::string client_id;
        std::string filter;
        int qos = 0;
    };
    explicit MqttBare(Settings settings);
    /// As `stop`.
    ~MqttBare();
    MqttBare(const MqttBare&) = delete;
    MqttBare& operator=(const MqttBare&) = delete;

    /// Connects and reads on a thread of its own. Errors: `unavailable`.
    Result<void> start();
    void stop();
    // Any thread.
    [[nodiscard]] std::uint64_t messages() const;
    [[nodiscard]] bool is_subscribed() const;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace headroom::net
