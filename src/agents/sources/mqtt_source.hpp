#pragma once

#include "agents/sources/checkpoint.hpp"
#include "agents/sources/intake.hpp"
#include "agents/sources/topic_template.hpp"
#include "net/mqtt_subscriber.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace headroom::agents {

struct MqttSourceOptions {
    net::MqttSubscriberSettings broker;  ///< `filters` are made from the topics
    std::vector<std::string> topics;     ///< templates, see `TopicTemplate`
    std::string share_group;             ///< not empty: the members of the group share the messages out
    IntakeOptions intake;
    /// None is taken between a message and the rest behind it, so that state and counts are of one instant.
    /// May be null.
    Checkpoints* checkpoints = nullptr;
};

/// Readings from an MQTT 5 broker (docs/formats/brokers.md), decoded on a thread of its own straight into the
/// monitor while another reads on. A QoS 1 message is answered for when the monitor has its readings.
///
/// What is sent at QoS 1 while we are away is delivered when we are back, for as long as the broker keeps the
/// session. What was delivered and is in no snapshot when the process dies is lost to the monitor's state: a
/// broker of MQTT does not give it again. Sequence numbers tell what never came, unless a group shares.
class MqttSource {
  public:
    using State = std::function<void(bool connected, const std::string& why)>;

    /// Errors: `invalid`, naming topic or setting.
    [[nodiscard]] static Result<std::unique_ptr<MqttSource>> make(telemetry::PointRegistry& registry,
                                                                  ReadingsSink sink,
                                                                  std::function<UtcTime()> now,
                                                                  MqttSourceOptions options,
                                                                  State state = {});

    /// Begins to connect.
    Result<void> start();
    /// Ends the thread; what had been read has been passed on.
    void stop();

    /// Any thread.
    [[nodiscard]] SourceCounts counts() const { return intake_.counts(); }
    [[nodiscard]] net::MqttSubscriber::Counts connection() const { return subscriber_->counts(); }

    /// Before `start`.
    void restore(const SourceCounts& counts) { intake_.restore(counts); }

  private:
    MqttSource(telemetry::PointRegistry& registry, ReadingsSink sink, std::function<UtcTime()> now,
               IntakeOptions options, std::vector<TopicTemplate> topics, Checkpoints* checkpoints);
    void rest();
    void take(std::string_view topic, std::string_view payload);

    std::vector<TopicTemplate> topics_;
    Checkpoints* const checkpoints_;
    std::optional<Checkpoints::Batch> batch_;  // of the taking thread: since the last rest
    Intake intake_;
    std::unique_ptr<net::MqttSubscriber> subscriber_;  // last: its thread uses the others
};

}  // namespace headroom::agents
