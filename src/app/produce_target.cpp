#include "app/produce_target.hpp"

#include "agents/sources/topic_template.hpp"
#include "app/broker_url.hpp"
#include "net/kafka_producer.hpp"
#include "net/mqtt_client.hpp"

#include <functional>
#include <utility>

namespace headroom::app {
namespace {

constexpr milliseconds connect_limit{10'000};
constexpr milliseconds wait_step{20};
constexpr std::uint64_t mqtt_on_the_way_max = 500;

/// Runs the io_context until `is_done` or the time is over; answers which.
bool run_until_or(asio::io_context& context, milliseconds limit, const std::function<bool()>& is_done) {
    const SteadyTime until = steady_now() + limit;
    while (!is_done()) {
        const auto left = until - steady_now();
        if (left <= SteadyTime::duration::zero()) {
            return false;
        }
        if (context.stopped()) {
            context.restart();
        }
        context.run_one_for(std::min<SteadyTime::duration>(left, wait_step));
    }
    return true;
}

class KafkaTarget final : public ProduceTarget {
  public:
    KafkaTarget(asio::io_context& context, std::unique_ptr<net::KafkaProducer> producer, std::string topic)
        : context_(context), producer_(std::move(producer)), topic_(std::move(topic)) {}

    Result<void> send(std::string_view, grid::Phase, std::string_view key, std::string payload) override {
        return producer_->send(topic_, key, payload);
    }
    void rest(milliseconds time) override {
        static_cast<void>(run_until_or(context_, time, [] { return false; }));
    }
    Result<void> finish(milliseconds timeout) override { return producer_->flush(timeout); }
    [[nodiscard]] Counts counts() const override {
        const net::KafkaProducer::Counts counts = producer_->counts();
        return {.sent = counts.queued, .delivered = counts.delivered, .failed = counts.failed};
    }
    [[nodiscard]] bool is_by_feeder() const override { return false; }
    [[nodiscard]] bool is_by_phase() const override { return false; }

  private:
    asio::io_context& context_;
    std::unique_ptr<net::KafkaProducer> producer_;
    std::string topic_;
};

class MqttTarget final : public ProduceTarget {
  public:
    MqttTarget(asio::io_context& context, net::MqttSettings settings, agents::TopicTemplate topic)
        : context_(context), topic_(std::move(topic)), client_(context.get_executor(), std::move(settings)) {}

    Result<void> connect() {
        client_.on_state([this](bool connected, const std::string& why) { why_ = connected ? "" : why; });
        if (const Result<void> started = client_.start(); !started) {
            return started;
        }
        if (!wait_for_connection()) {
            return Error{Errc::unavailable, why_.empty() ? "the MQTT broker does not answer" : why_, {}};
        }
        return {};
    }

    Result<void> send(std::string_view feeder, grid::Phase phase, std::string_view,
                      std::string payload) override {
        Result<std::string> topic = topic_.topic_of(feeder, phase);
        if (!topic) {
            return topic.error();
        }
        const bool has_room =
            run_until_or(context_, connect_limit, [this] { return on_the_way_ < mqtt_on_the_way_max; });
        if (!has_room || !wait_for_connection()) {
            return Error{Errc::unavailable, "the MQTT broker takes no messages: " + why_, {}};
        }
        counts_.sent += 1;
        on_the_way_ += 1;
        spawn(context_.get_executor(), deliver(std::move(*topic), std::move(payload)));
        return {};
    }
    void rest(milliseconds time) override {
        static_cast<void>(run_until_or(context_, time, [] { return false; }));
    }
    Result<void> finish(milliseconds timeout) override {
        if (!run_until_or(context_, timeout, [this] { return on_the_way_ == 0; })) {
            return Error{Errc::timeout, "messages wait for the MQTT broker's answer", {}};
        }
        if (counts_.failed > 0) {
            return Error{Errc::unavailable,
                         std::to_string(counts_.failed) + " messages were not delivered: " + first_failure_,
                         {}};
        }
        return {};
    }
    [[nodiscard]] Counts counts() const override { return counts_; }
    [[nodiscard]] bool is_by_feeder() const override { return topic_.names_feeder(); }
    [[nodiscard]] bool is_by_phase() const override { return topic_.names_phase(); }

  private:
    bool wait_for_connection() {
        return run_until_or(context_, connect_limit, [this] { return client_.connected(); });
    }
    /// A publish without an answer may not have arrived: it is sent again, for the reader knows a repeat.
    Awaitable<void> deliver(std::string topic, std::string payload) {
        constexpr int attempts = 5;
        for (int attempt = 1;; ++attempt) {
            const Result<net::PublishResult> sent = co_await client_.publish(topic, payload, 1, false);
            if (sent || sent.error().code != Errc::unavailable || attempt == attempts) {
                (sent ? counts_.delivered : counts_.failed) += 1;
                if (!sent && first_failure_.empty()) {
                    first_failure_ = sent.error().message;
                }
                break;
            }
            asio::steady_timer timer(context_, milliseconds{500});
            auto token = asio::as_tuple(asio::use_awaitable);
            co_await timer.async_wait(token);
        }
        on_the_way_ -= 1;
    }

    asio::io_context& context_;
    agents::TopicTemplate topic_;
    net::MqttClient client_;
    Counts counts_;
    std::uint64_t on_the_way_ = 0;
    std::string why_;
    std::string first_failure_;
};

Result<std::unique_ptr<ProduceTarget>> make_mqtt(const std::string& address, const std::string& path,
                                                 asio::io_context& context) {
    const auto broker = broker_of(address, "--to");
    if (!broker) {
        return broker.error();
    }
    Result<agents::TopicTemplate> topic = agents::TopicTemplate::parse(path);
    if (!topic) {
        return topic.error();
    }
    if (const auto tried = topic->topic_of("F-1", grid::Phase::sum); !tried) {
        return tried.error();
    }
    net::MqttSettings settings;
    settings.host = broker->first;
    settings.port = broker->second;
    auto target = std::make_unique<MqttTarget>(context, std::move(settings), std::move(*topic));
    if (const Result<void> connected = target->connect(); !connected) {
        return connected.error();
    }
    return std::unique_ptr<ProduceTarget>(std::move(target));
}

Result<std::unique_ptr<ProduceTarget>> make_kafka(const std::string& brokers, const std::string& topic,
                                                  asio::io_context& context) {
    net::KafkaProducerSettings settings;
    settings.cluster.brokers = brokers;
    auto producer = net::KafkaProducer::open(settings);
    if (!producer) {
        return producer.error();
    }
    return std::unique_ptr<ProduceTarget>(
        std::make_unique<KafkaTarget>(context, std::move(*producer), topic));
}

}  // namespace

Result<std::unique_ptr<ProduceTarget>> make_produce_target(const std::string& url,
                                                           asio::io_context& context) {
    const std::size_t scheme = url.find("://");
    const std::size_t slash = scheme == std::string::npos ? scheme : url.find('/', scheme + 3);
    if (slash == std::string::npos || slash + 1 == url.size()) {
        return Error{Errc::invalid,
                     "--to needs kafka://host:port/topic or mqtt://host:port/topic, it is '" + url + "'",
                     {}};
    }
    const std::string path = url.substr(slash + 1);
    if (url.starts_with("mqtt://")) {
        return make_mqtt(url.substr(0, slash), path, context);
    }
    if (url.starts_with("kafka://")) {
        return make_kafka(url.substr(scheme + 3, slash - scheme - 3), path, context);
    }
    return Error{Errc::invalid, "--to knows kafka:// and mqtt://, it is '" + url + "'", {}};
}

}  // namespace headroom::app
