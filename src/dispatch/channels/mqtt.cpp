#include "dispatch/channels/mqtt.hpp"

#include "core/log.hpp"
#include "dispatch/channels/drop_counter.hpp"
#include "dispatch/presence.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <string_view>
#include <utility>

namespace headroom::dispatch {

namespace {

constexpr std::array<std::string_view, 4> heard{"ack", "meas", "state", "birth"};
constexpr auto time_every = std::chrono::minutes{1};

/// What arrives from devices. Shared with the client's callbacks, which may outlive the channel.
class Inbox {
  public:
    explicit Inbox(std::string prefix) : prefix_(std::move(prefix)), dropped_("mqtt") {}

    void set_handlers(Channel::Handlers handlers) { handlers_ = std::move(handlers); }
    [[nodiscard]] const std::set<std::string>& online() const { return online_; }

    void take(const net::MqttMessage& message) {
        std::string_view topic = message.topic;
        if (!topic.starts_with(prefix_ + "/")) {
            return dropped_.add("topic " + message.topic + " is none of ours");
        }
        topic.remove_prefix(prefix_.size() + 1);
        const std::size_t slash = topic.find('/');
        const std::string der(topic.substr(0, slash));
        const std::string_view rest = slash == std::string_view::npos ? "" : topic.substr(slash + 1);
        if (!is_device_id(der) || !rest.starts_with("up/")) {
            return dropped_.add("topic " + message.topic + " is none of ours");
        }
        const Result<void> taken = take_from(der, rest.substr(3), message.payload);
        if (!taken) {
            dropped_.add(message.topic + ": " + taken.error().message);
        }
    }

  private:
    Result<void> take_from(const std::string& der, std::string_view what, const std::string& payload) {
        if (what == "ack") {
            Result<Ack> ack = decode_ack(payload, der);
            return pass(std::move(ack), handlers_.on_ack);
        }
        if (what == "meas") {
            Result<DeviceMeasurement> measurement = decode_measurement(payload, der);
            return pass(std::move(measurement), handlers_.on_measurement);
        }
        if (what == "birth") {
            const Result<DeviceBirth> birth = decode_birth(payload, der);
            if (!birth) {
                return birth.error();
            }
            set_presence(der, true);
            return {};
        }
        const Result<bool> is_online = decode_presence(payload);
        if (!is_online) {
            return is_online.error();
        }
        set_presence(der, *is_online);
        return {};
    }

    template <class T>
    static Result<void> pass(Result<T> read, const std::function<void(T)>& handler) {
        if (!read) {
            return read.error();
        }
        if (handler) {
            handler(std::move(read).value());
        }
        return {};
    }

    void set_presence(const std::string& der, bool is_online) {
        if (is_online) {
            online_.insert(der);
        } else {
            online_.erase(der);
        }
        if (handlers_.on_presence) {
            handlers_.on_presence(der, is_online);
        }
    }

    std::string prefix_;
    Channel::Handlers handlers_;
    std::set<std::string> online_;
    DropCounter dropped_;
};

Awaitable<void> subscribe(net::MqttClient& client, std::string filter, std::shared_ptr<Inbox> inbox) {
    net::MqttClient::MessageCallback callback =
        [weak = std::weak_ptr<Inbox>(inbox)](const net::MqttMessage& message) {
            if (const std::shared_ptr<Inbox> alive = weak.lock()) {
                alive->take(message);
            }
        };
    const std::string name = filter;
    const Result<void> subscribed = co_await client.subscribe(std::move(filter), 1, std::move(callback));
    // Without a connection the subscription stands and is made good later.
    if (!subscribed && subscribed.error().code != Errc::unavailable) {
        log::error("devices cannot be heard over MQTT",
                   {{"filter", name}, {"why", subscribed.error().message}});
    }
}

class MqttChannel final : public Channel {
  public:
    MqttChannel(asio::any_io_executor executor, net::MqttClient& client, std::string prefix,
                DomainClock& clock, WallClock& wall)
        : client_(client),
          prefix_(std::move(prefix)),
          clock_(clock),
          wall_(wall),
          inbox_(std::make_shared<Inbox>(prefix_)),
          minute_(executor) {
        for (const std::string_view what : heard) {
            filters_.push_back(prefix_ + "/+/up/" + std::string(what));
            spawn(executor, subscribe(client_, filters_.back(), inbox_));
        }
        tell_time_later();
    }

    MqttChannel(const MqttChannel&) = delete;
    MqttChannel& operator=(const MqttChannel&) = delete;

    ~MqttChannel() override {
        minute_.cancel();
        for (const std::string& filter : filters_) {
            client_.unsubscribe(filter);
        }
    }

    Awaitable<Result<void>> send(const Instruction& instruction) override {
        if (!is_device_id(instruction.der)) {
            co_return Error{Errc::invalid, "'" + instruction.der + "' cannot stand in an MQTT topic"};
        }
        const std::string up = prefix_ + "/" + instruction.der + "/up/";
        net::MqttProperties properties;
        properties.message_expiry_s = expiry_s(instruction.expires);
        properties.response_topic = up + "ack";
        properties.correlation_data = instruction.id.value;
        properties.content_type = "application/json";
        std::string topic = prefix_ + "/" + instruction.der + "/down/order";
        std::string payload = encode_order(instruction);
        const std::string der = instruction.der;
        const Result<net::PublishResult> published =
            co_await client_.publish(std::move(topic), std::move(payload), 1, false, std::move(properties));
        if (!published) {
            co_return published.error();
        }
        if (published->no_subscribers) {
            co_return Error{Errc::unavailable, "device " + der + " is not listening"};
        }
        if (published->reason_code >= 128) {
            co_return Error{Errc::denied, "the broker refused the order for " + der + " with reason " +
                                              std::to_string(published->reason_code)};
        }
        co_return Result<void>{};
    }

    void set_handlers(Handlers handlers) override { inbox_->set_handlers(std::move(handlers)); }
    [[nodiscard]] bool is_connected() const override { return client_.connected(); }
    [[nodiscard]] std::string name() const override { return "mqtt"; }

  private:
    /// Whole seconds until the order expires, so that the broker drops it when it is stale.
    [[nodiscard]] std::uint32_t expiry_s(UtcTime expires) const {
        const std::int64_t left = (expires - clock_.now()).count() / 1000;
        return static_cast<std::uint32_t>(
            std::clamp<std::int64_t>(left, 1, std::numeric_limits<std::uint32_t>::max()));
    }

    void tell_time_later() {
        minute_.expires_after(time_every);
        // A handler that is queued already must not touch a channel that has gone.
        minute_.async_wait(
            [this, alive = std::weak_ptr<Inbox>(inbox_)](const boost::system::error_code& fault) {
                if (!fault && !alive.expired()) {
                    tell_time();
                    tell_time_later();
                }
            });
    }

    void tell_time() {
        const std::string payload = json::write(
            json::Object{{"ts", format_utc(clock_.now())}, {"v", 1}, {"wall", format_utc(wall_.now())}});
        for (const std::string& der : inbox_->online()) {
            std::string topic = prefix_ + "/" + der + "/down/time";
            spawn(minute_.get_executor(), publish_time(client_, std::move(topic), payload));
        }
    }

    static Awaitable<void> publish_time(net::MqttClient& client, std::string topic, std::string payload) {
        const Result<net::PublishResult> published =
            co_await client.publish(std::move(topic), std::move(payload), 0, false);
        if (!published) {
            log::debug("the time was not told", {{"why", published.error().message}});
        }
    }

    net::MqttClient& client_;
    std::string prefix_;
    DomainClock& clock_;
    WallClock& wall_;
    std::shared_ptr<Inbox> inbox_;
    asio::steady_timer minute_;
    std::vector<std::string> filters_;
};

}  // namespace

std::unique_ptr<Channel> make_mqtt_channel(asio::any_io_executor executor, net::MqttClient& client,
                                           std::string prefix, DomainClock& clock, WallClock& wall) {
    return std::make_unique<MqttChannel>(std::move(executor), client, std::move(prefix), clock, wall);
}

}  // namespace headroom::dispatch
