#pragma once

#include "agents/sources/checkpoint.hpp"
#include "agents/sources/intake.hpp"
#include "net/kafka_consumer.hpp"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace headroom::agents {

struct KafkaSourceOptions {
    net::KafkaConsumerSettings broker;
    std::string name = "kafka";  ///< in checkpoints; unique among sources
    bool key_is_feeder = false;  ///< the message's key names the feeder of readings that do not
    std::size_t poll_messages = 1'000;
    IntakeOptions intake;
};

/// Readings from Kafka (docs/formats/brokers.md), from its own thread straight into the monitor.
///
/// An offset is committed only when a checkpoint holds what came before it. Partitions are given up with
/// everything taken in of them in a checkpoint and committed. After a crash reading goes on where the
/// restored state ends, so that each message counts once.
class KafkaSource {
  public:
    struct Figures {
        net::KafkaConsumer::Counts consumer;
        std::int64_t lag = -1;  ///< messages in the held partitions that wait for us; -1: not known
        std::int64_t brokers_up = 0;
        bool connected = false;
    };

    /// `checkpoints` may be null: then nothing is ever committed.
    /// Errors: `invalid`, naming the setting.
    [[nodiscard]] static Result<std::unique_ptr<KafkaSource>> make(telemetry::PointRegistry& registry,
                                                                   ReadingsSink sink,
                                                                   std::function<UtcTime()> now,
                                                                   KafkaSourceOptions options,
                                                                   Checkpoints* checkpoints);
    /// As `stop`.
    ~KafkaSource();
    KafkaSource(const KafkaSource&) = delete;
    KafkaSource& operator=(const KafkaSource&) = delete;

    /// Joins the group and reads.
    void start();
    /// Asks the thread to end: a last checkpoint, a last commit, goodbye to the group. `is_stopped` tells
    /// when that is done.
    void request_stop() { is_stopping_ = true; }
    [[nodiscard]] bool is_stopped() const { return is_stopped_; }
    /// Waits for it.
    void stop();

    /// Any thread.
    [[nodiscard]] SourceCounts counts() const { return intake_.counts(); }
    [[nodiscard]] Figures figures() const;
    /// Before `start`.
    void restore(const SourceCounts& counts) { intake_.restore(counts); }

  private:
    KafkaSource(telemetry::PointRegistry& registry, ReadingsSink sink, std::function<UtcTime()> now,
                KafkaSourceOptions options, Checkpoints* checkpoints);
    Result<void> open();
    void run();
    /// Until it is asked to stop, or the consumer is of no more use.
    void read();
    void take(std::span<const net::KafkaRecord> records);
    void take_in(const net::KafkaRecord& record);
    void advance(Checkpoints::Batch& batch, std::span<const net::KafkaRecord> records);
    void give_up(std::span<const net::KafkaPosition> positions, bool is_lost);
    void commit_saved();
    void note_statistics(std::string_view json);
    void pause(milliseconds time) const;

    const KafkaSourceOptions options_;
    Checkpoints* const checkpoints_;
    Intake intake_;
    std::unique_ptr<net::KafkaConsumer> consumer_;  // of the thread once it runs
    std::uint64_t known_checkpoint_ = 0;
    std::map<std::string, std::int64_t> first_places_;  // behind the first batch of what is held

    mutable std::mutex mutex_;
    Figures figures_;

    std::atomic<bool> is_stopping_ = false;
    std::atomic<bool> is_stopped_ = false;
    std::thread thread_;
};

}  // namespace headroom::agents
