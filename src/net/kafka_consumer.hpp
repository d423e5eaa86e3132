#pragma once

#include "net/kafka_settings.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace headroom::net {

/// One message; the views are valid until the handler that was given it returns.
struct KafkaRecord {
    std::string_view topic;
    std::int32_t partition = 0;
    std::int64_t offset = 0;
    std::string_view key;
    std::string_view value;
};

/// A member of a consumer group. Nothing is committed but what the owner commits. A message is handed over
/// once per stay of its partition here: what a rebalance in the middle of a `poll` took away is not handed
/// over any more, for its new reader gets it.
///
/// `poll` and `close` on one thread, on which every handler runs; `commit` and `counts` on any.
class KafkaConsumer {
  public:
    struct Handlers {
        /// Where to begin with a partition that is given to us, unless the group has committed beyond it;
        /// nothing: where the group has committed.
        std::function<std::optional<std::int64_t>(const std::string& topic, std::int32_t partition)> start_of;
        /// Partitions are about to be given up: the last moment to make durable what was taken in of them,
        /// and to commit it.
        std::function<void(std::span<const KafkaPosition>)> revoked;
        /// Partitions have been taken away already (we were too slow or cut off): nothing can be committed.
        std::function<void(std::span<const KafkaPosition>)> lost;
        /// The library's own figures, JSON. Source: librdkafka STATISTICS.md.
        std::function<void(std::string_view json)> statistics;
        /// A fault that the library gets over by itself.
        std::function<void(const Error&)> fault;
    };
    struct Counts {
        std::uint64_t messages = 0;
        std::uint64_t bytes = 0;
        std::uint64_t repeated = 0;  ///< known by their offset, or of a partition given up: passed over
        std::uint64_t skipped = 0;   ///< offsets that were expected and are gone from the log
        std::uint64_t rebalances = 0;
        std::uint64_t partitions = 0;  ///< held now
    };

    /// Joins the group. Errors: `invalid`, naming the setting.
    [[nodiscard]] static Result<std::unique_ptr<KafkaConsumer>> open(const KafkaConsumerSettings& settings,
                                                                     Handlers handlers);
    /// As `close`.
    ~KafkaConsumer();
    KafkaConsumer(const KafkaConsumer&) = delete;
    KafkaConsumer& operator=(const KafkaConsumer&) = delete;

    using Take = std::function<void(std::span<const KafkaRecord>)>;
    /// Waits up to `timeout` for a message, then hands over what is there, at most `max` messages, in one
    /// call of `take`. Answers how many. Errors: a fatal fault of the library; the consumer is of no more
    /// use.
    Result<std::size_t> poll(std::size_t max, milliseconds timeout, const Take& take);
    /// Where each partition held has been read to.
    [[nodiscard]] std::vector<KafkaPosition> positions() const;
    /// A commit now bears a generation that the group is still in. Otherwise wait: for one that is over,
    /// everything held is taken away. Once in each heartbeat's time at least, outside rebalances. Not needed
    /// in `revoked`.
    [[nodiscard]] bool may_commit() const;
    /// Blocking. Errors: `conflict` when a partition is no longer ours, `unavailable`, `timeout`.
    Result<void> commit(std::span<const KafkaPosition> positions);
    /// Gives everything up (`revoked` is called) and leaves the group.
    void close();
    [[nodiscard]] Counts counts() const;

  private:
    class Impl;
    explicit KafkaConsumer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace headroom::net
