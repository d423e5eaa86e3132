#pragma once

#include "core/async.hpp"
#include "core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace headroom::bus {

/// `key` orders (usually the feeder), `body` is JSON text. `offset` is set by the bus.
struct Message {
    std::string topic;
    std::string key;
    std::string body;
    int partition = 0;
    std::uint64_t offset = 0;
};

/// One reader of a group. Destroying it gives its unacknowledged messages to the group's other readers.
class Subscription {
  public:
    virtual ~Subscription() = default;
    /// Up to `max` messages, at least one; empty only on shutdown.
    virtual Awaitable<Result<std::vector<Message>>> next(std::size_t max) = 0;
    /// Acknowledges `last` and everything before it on its partition.
    virtual Awaitable<Result<void>> done(const Message& last) = 0;
};

/// Carries messages from stage to stage.
///
/// Order is kept per key. Delivery is at least once: a group sees a message again until `done`. Every group
/// sees every message published after its first subscription. Errors, every call: `unavailable` when the
/// broker cannot be reached or the bus is closed.
class Bus {
  public:
    virtual ~Bus() = default;
    /// Waits while the topic is full (bounded).
    virtual Awaitable<Result<void>> publish(Message message) = 0;
    virtual std::unique_ptr<Subscription> subscribe(std::string topic, std::string group) = 0;
    /// Ends every subscription's wait.
    virtual void close() = 0;
};

struct InProcessBusOptions {
    std::size_t capacity =
        65536;  ///< messages of a topic that some group has not done; publishers wait beyond
    int partitions = 4;
};

/// In this process, on one executor, forgets at exit.
[[nodiscard]] std::unique_ptr<Bus> make_in_process_bus(asio::any_io_executor executor,
                                                       InProcessBusOptions options = {});

}  // namespace headroom::bus
