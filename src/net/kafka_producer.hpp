#pragma once

#include "net/kafka_settings.hpp"

#include <memory>
#include <string_view>

namespace headroom::net {

/// Sends to Kafka: idempotent (a repeated request is written once, in order), gathered into batches, keys
/// spread over partitions as Java clients do it. One thread.
class KafkaProducer {
  public:
    struct Counts {
        std::uint64_t queued = 0;
        std::uint64_t delivered = 0;
        std::uint64_t failed = 0;  ///< given up after the time for delivery, or refused
    };

    /// Errors: `invalid`, naming the setting.
    [[nodiscard]] static Result<std::unique_ptr<KafkaProducer>> open(const KafkaProducerSettings& settings);
    /// Forgets what is not delivered: `flush` first.
    ~KafkaProducer();
    KafkaProducer(const KafkaProducer&) = delete;
    KafkaProducer& operator=(const KafkaProducer&) = delete;

    /// Queues a copy; waits while the queue is full. `partition` -1: by the key.
    /// Errors: `invalid` for a message that Kafka does not take, `timeout` when the queue stayed full for the
    /// time of delivery.
    Result<void> send(const std::string& topic, std::string_view key, std::string_view value,
                      std::int32_t partition = -1);
    /// Waits for the answers. Errors: `timeout`; `unavailable` with the first reason, when messages failed.
    Result<void> flush(milliseconds timeout);
    [[nodiscard]] Counts counts() const;

  private:
    class Impl;
    explicit KafkaProducer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace headroom::net
