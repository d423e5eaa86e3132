#include "net/mqtt_client.hpp"

#include "net/mqtt_loop.hpp"

#include <mosquitto.h>

#include <vector>

namespace headroom::net {

/// The side of the executor: subscriptions and callbacks. What the loop's thread has to tell is posted here.
class MqttClient::Impl : public std::enable_shared_from_this<MqttClient::Impl> {
  public:
    Impl(asio::any_io_executor executor, MqttSettings settings)
        : executor_(std::move(executor)), settings_(std::move(settings)) {}

    void begin() {
        const std::weak_ptr<Impl> weak = shared_from_this();
        MqttLoop::Events events;
        events.inbox_filled = [weak, executor = executor_] {
            asio::post(executor, [weak] {
                if (const auto self = weak.lock()) {
                    self->hand_over();
                }
            });
        };
        events.state_changed = [weak, executor = executor_](bool now_connected, std::string why) {
            asio::post(executor, [weak, now_connected, why = std::move(why)] {
                if (const auto self = weak.lock()) {
                    self->change(now_connected, why);
                }
            });
        };
        loop_ = std::make_unique<MqttLoop>(settings_, std::move(events));
    }

    struct Subscription {
        std::string filter;
        MessageCallback callback;
        bool active = true;
    };

    void hand_over() {
        const std::vector<MqttMessage> messages = loop_->take_inbox();
        for (const MqttMessage& message : messages) {
            // A copy, because a callback may subscribe or unsubscribe.
            const std::vector<std::shared_ptr<Subscription>> all = subscriptions;
            for (const auto& subscription : all) {
                bool matches = false;
                const int code = mosquitto_topic_matches_sub(subscription->filter.c_str(),
                                                             message.topic.c_str(), &matches);
                if (code == MOSQ_ERR_SUCCESS && matches && subscription->active) {
                    subscription->callback(message);
                }
            }
        }
    }

    void change(bool now_connected, const std::string& why) {
        const bool first_failure = !now_connected && !connected && !told_;
        if (now_connected == connected && !first_failure) {
            return;
        }
        told_ = true;
        connected = now_connected;
        if (on_state) {
            on_state(now_connected, why);
        }
    }

    void forget(const std::string& filter) {
        std::erase_if(subscriptions, [&](const std::shared_ptr<Subscription>& subscription) {
            subscription->active = subscription->active && subscription->filter != filter;
            return subscription->filter == filter;
        });
    }

    [[nodiscard]] const MqttSettings& settings() const { return settings_; }
    MqttLoop& loop() { return *loop_; }

    StateCallback on_state;
    bool connected = false;
    std::vector<std::shared_ptr<Subscription>> subscriptions;

  private:
    asio::any_io_executor executor_;
    MqttSettings settings_;
    bool told_ = false;
    std::unique_ptr<MqttLoop> loop_;
};

MqttClient::MqttClient(asio::any_io_executor executor, MqttSettings settings)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(settings))) {
    impl_->begin();
}

MqttClient::~MqttClient() {
    stop();
}

void MqttClient::on_state(StateCallback callback) {
    impl_->on_state = std::move(callback);
}

Result<void> MqttClient::start() {
    const MqttSettings& settings = impl_->settings();
    if (settings.host.empty() || settings.port == 0) {
        return Error{Errc::invalid, "MQTT needs a host and a port from 1 to 65535", {}};
    }
    if (settings.client_id.empty() && !settings.clean_start) {
        return Error{Errc::invalid, "MQTT needs a client id to keep a session (clean_start false)", {}};
    }
    if (settings.cert_file.empty() != settings.key_file.empty()) {
        return Error{Errc::invalid, "MQTT needs both a certificate and its key, or neither", {}};
    }
    if (settings.will && (settings.will->message.qos < 0 || settings.will->message.qos > 1)) {
        return Error{Errc::invalid, "MQTT will on " + settings.will->message.topic + " needs QoS 0 or 1", {}};
    }
    impl_->loop().start();
    return Result<void>{};
}

void MqttClient::stop() {
    impl_->loop().stop();
}

bool MqttClient::connected() const {
    return impl_->connected;
}

Awaitable<Result<PublishResult>> MqttClient::publish(std::string topic, std::string payload, int qos,
                                                     bool retain, MqttProperties properties) {
    if (qos < 0 || qos > 1) {
        co_return Error{Errc::invalid, "MQTT QoS " + std::to_string(qos) + " is not 0 or 1", {}};
    }
    if (topic.empty() || mosquitto_pub_topic_check2(topic.data(), topic.size()) != MOSQ_ERR_SUCCESS ||
        mosquitto_validate_utf8(topic.data(), static_cast<int>(topic.size())) != MOSQ_ERR_SUCCESS) {
        co_return Error{Errc::invalid, "MQTT topic \"" + topic + "\" is not one to publish on", {}};
    }
    const auto impl = impl_;
    MqttMessage message{std::move(topic), std::move(payload), qos, retain, std::move(properties)};
    auto start = [impl, message = std::move(message)](auto done) mutable {
        impl->loop().publish(std::move(message), std::move(done));
    };
    Result<PublishResult> result = co_await await_callback<Result<PublishResult>>(std::move(start));
    co_return result;
}

Awaitable<Result<void>> MqttClient::subscribe(std::string filter, int qos, MessageCallback callback) {
    if (qos < 0 || qos > 1 || filter.empty() ||
        mosquitto_sub_topic_check2(filter.data(), filter.size()) != MOSQ_ERR_SUCCESS ||
        mosquitto_validate_utf8(filter.data(), static_cast<int>(filter.size())) != MOSQ_ERR_SUCCESS) {
        co_return Error{
            Errc::invalid, "MQTT filter \"" + filter + "\" is malformed, or its QoS is not 0 or 1", {}};
    }
    const auto impl = impl_;
    auto subscription = std::make_shared<Impl::Subscription>();
    subscription->filter = filter;
    subscription->callback = std::move(callback);
    impl->subscriptions.push_back(std::move(subscription));
    auto start = [impl, filter, qos](auto done) { impl->loop().subscribe(filter, qos, std::move(done)); };
    Result<void> result = co_await await_callback<Result<void>>(std::move(start));
    if (!result && result.error().code != Errc::unavailable) {
        impl->forget(filter);
    }
    co_return result;
}

void MqttClient::unsubscribe(const std::string& filter) {
    impl_->forget(filter);
    impl_->loop().unsubscribe(filter);
}

}  // namespace headroom::net
