#pragma once

#include "core/async.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "grid/quantity.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace headroom::app {

/// Where `headroom produce` publishes: a topic of Kafka or of an MQTT broker. One thread.
class ProduceTarget {
  public:
    struct Counts {
        std::uint64_t sent = 0;
        std::uint64_t delivered = 0;  ///< the broker has said so
        std::uint64_t failed = 0;
    };
    virtual ~ProduceTarget() = default;
    /// Publishes; waits while too much is on its way. `feeder` names the topic where it stands in it, `key`
    /// the partition. Errors: as those of the client.
    virtual Result<void> send(std::string_view feeder, grid::Phase phase, std::string_view key,
                              std::string payload) = 0;
    /// Waits, and lets the client work meanwhile.
    virtual void rest(milliseconds time) = 0;
    /// Waits for the broker's answers. Errors: `timeout`, `unavailable`.
    virtual Result<void> finish(milliseconds timeout) = 0;
    [[nodiscard]] virtual Counts counts() const = 0;
    /// Every message may be about one feeder only.
    [[nodiscard]] virtual bool is_by_feeder() const = 0;
    [[nodiscard]] virtual bool is_by_phase() const = 0;
};

/// "kafka://host:port/topic" or "mqtt://host:port/topic template" (`agents::TopicTemplate`); connects.
/// Errors: `invalid` for another form, `unavailable` when the broker is not there.
[[nodiscard]] Result<std::unique_ptr<ProduceTarget>> make_produce_target(const std::string& url,
                                                                         asio::io_context& context);

}  // namespace headroom::app
