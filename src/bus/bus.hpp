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
    /// Up to `max` messages, at least one; empty only on shutdown. They are all of one partition, so that
    /// `done` with the last of them acknowledges them all. Messages that were given out and not done are not
    /// given out again while this lives. Errors: `invalid` for max = 0.
    virtual Awaitable<Result<std::vector<Message>>> next(std::size_t max) = 0;
    /// Acknowledges `last` and everything before it on its partition; again is harmless. Errors: `invalid`
    /// for a message that this group was not given, `conflict` when its partition is with another reader.
    virtual Awaitable<Result<void>> done(const Message& last) = 0;
};

/// Carries messages from stage to stage.
///
/// Order is kept per key. Delivery is at least once: a group sees a message again until `done`. Every group
/// sees every message published after its first subscription. Errors, every call: `unavailable` when the
/// broker cannot be reached or the bus is closed (but `next` then gives an empty batch).
class Bus {
  public:
    virtual ~Bus() = default;
    /// Waits while the topic is full (bounded); those who wait are served in the order they came. Errors:
    /// `invalid` for a message without a topic.
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

/// In this process, forgets at exit. Everything about it happens on `executor`, which one thread runs. A
/// topic without any group keeps nothing; a group whose readers have gone keeps its messages, and its share
/// of the capacity, for the next reader.
[[nodiscard]] std::unique_ptr<Bus> make_in_process_bus(asio::any_io_executor executor,
                                                       InProcessBusOptions options = {});

}  // namespace headroom::bus
