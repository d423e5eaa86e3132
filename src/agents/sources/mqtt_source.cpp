#include "agents/sources/mqtt_source.hpp"

#include <utility>

namespace headroom::agents {

Result<std::unique_ptr<MqttSource>> MqttSource::make(telemetry::PointRegistry& registry, ReadingsSink sink,
                                                     std::function<UtcTime()> now, MqttSourceOptions options,
                                                     State state) {
    std::vector<TopicTemplate> topics;
    options.broker.filters.clear();
    for (const std::string& text : options.topics) {
        Result<TopicTemplate> topic = TopicTemplate::parse(text);
        if (!topic) {
            return topic.error();
        }
        const std::string share = options.share_group.empty() ? "" : "$share/" + options.share_group + "/";
        options.broker.filters.push_back(share + topic->filter());
        topics.push_back(std::move(*topic));
    }
    if (const Result<void> good = net::check(options.broker); !good) {
        return good.error();
    }
    options.intake.counts_missing = options.share_group.empty();
    std::unique_ptr<MqttSource> source(new MqttSource(registry, std::move(sink), std::move(now),
                                                      std::move(options.intake), std::move(topics),
                                                      options.checkpoints));
    net::MqttSubscriber::Handlers handlers;
    handlers.message = [self = source.get()](std::string_view topic, std::string_view payload) {
        self->take(topic, payload);
    };
    handlers.rest = [self = source.get()] { self->rest(); };
    handlers.state = std::move(state);
    source->subscriber_ =
        std::make_unique<net::MqttSubscriber>(std::move(options.broker), std::move(handlers));
    return source;
}

MqttSource::MqttSource(telemetry::PointRegistry& registry, ReadingsSink sink, std::function<UtcTime()> now,
                       IntakeOptions options, std::vector<TopicTemplate> topics, Checkpoints* checkpoints)
    : topics_(std::move(topics)),
      checkpoints_(checkpoints),
      intake_(registry, std::move(sink), std::move(now), std::move(options)) {}

Result<void> MqttSource::start() {
    return subscriber_->start();
}

void MqttSource::stop() {
    subscriber_->stop();
}

void MqttSource::rest() {
    intake_.flush();
    batch_.reset();
}

void MqttSource::take(std::string_view topic, std::string_view payload) {
    if (checkpoints_ != nullptr && !batch_) {
        batch_.emplace(*checkpoints_);
    }
    for (const TopicTemplate& candidate : topics_) {
        if (const auto names = candidate.match(topic)) {
            intake_.take(payload, {.point_id = names->feeder, .phase = names->phase});
            return;
        }
    }
    intake_.refuse("the topic names no feeder and phase");
}

}  // namespace headroom::agents
