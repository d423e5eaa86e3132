#include "sim/fleet_mqtt.hpp"

#include "core/gather.hpp"
#include "core/log.hpp"
#include "dispatch/presence.hpp"

#include <string_view>
#include <utility>
#include <vector>

namespace headroom::sim {
namespace {

constexpr std::string_view order_suffix = "/down/order";
/// Publishes on their way at once while devices announce themselves.
constexpr std::size_t announce_batch = 200;

}  // namespace

class FleetMqtt::Impl : public std::enable_shared_from_this<Impl> {
  public:
    Impl(asio::any_io_executor executor, net::MqttClient& client, Fleet& fleet, DomainClock& clock,
         std::string prefix)
        : executor_(std::move(executor)),
          client_(client),
          fleet_(fleet),
          clock_(clock),
          prefix_(std::move(prefix)) {}

    Awaitable<Result<void>> start() {
        std::string filter = order_filter();
        net::MqttClient::MessageCallback callback = [weak =
                                                         weak_from_this()](const net::MqttMessage& message) {
            if (const std::shared_ptr<Impl> self = weak.lock()) {
                self->take(message);
            }
        };
        co_return co_await client_.subscribe(std::move(filter), 1, std::move(callback));
    }
    void stop() { client_.unsubscribe(order_filter()); }

    struct Outgoing {
        std::string topic;
        std::string payload;
    };

    Awaitable<Result<void>> announce() {
        std::vector<Outgoing> messages;
        for (std::size_t d = 0; d < fleet_.ders().size(); ++d) {
            const dispatch::DeviceBirth birth = fleet_.birth(d);
            messages.push_back({topic(birth.der, "/up/birth"), dispatch::encode_birth(birth)});
            messages.push_back({topic(birth.der, "/up/state"), dispatch::encode_presence(true)});
        }
        co_return co_await publish_all(std::move(messages));
    }
    Awaitable<Result<void>> leave() {
        std::vector<Outgoing> messages;
        for (const std::string& der : fleet_.ders()) {
            messages.push_back({topic(der, "/up/state"), dispatch::encode_presence(false)});
        }
        co_return co_await publish_all(std::move(messages));
    }
    void publish_measurements() {
        for (const std::size_t device : fleet_.active()) {
            const dispatch::DeviceMeasurement measurement = fleet_.measurement(device);
            send(topic(measurement.der, "/up/meas"), dispatch::encode_measurement(measurement), 0);
        }
    }

  private:
    [[nodiscard]] std::string topic(const std::string& der, std::string_view suffix) const {
        return prefix_ + "/" + der + std::string(suffix);
    }
    [[nodiscard]] std::string order_filter() const { return topic("+", order_suffix); }

    /// The device named by the topic of an order; empty when it is none.
    [[nodiscard]] std::string device_of(const std::string& order_topic) const {
        const std::size_t begin = prefix_.size() + 1;
        if (order_topic.size() <= begin + order_suffix.size() || !order_topic.ends_with(order_suffix)) {
            return {};
        }
        return order_topic.substr(begin, order_topic.size() - begin - order_suffix.size());
    }

    void take(const net::MqttMessage& message) {
        if (message.retain) {
            // An order kept for whoever comes is not meant for today.
            log::warn("a retained order was dropped", {{"topic", message.topic}});
            return;
        }
        const std::string der = device_of(message.topic);
        const std::optional<dispatch::Ack> ack = fleet_.receive(der, message.payload, clock_.now());
        if (ack) {
            send(topic(der, "/up/ack"), dispatch::encode_ack(*ack), 1);
        }
    }

    void send(std::string to, std::string payload, int qos) {
        spawn(executor_, send_one(shared_from_this(), std::move(to), std::move(payload), qos));
    }
    static Awaitable<void> send_one(std::shared_ptr<Impl> self, std::string to, std::string payload,
                                    int qos) {
        const std::string named = to;
        const Result<net::PublishResult> sent =
            co_await self->client_.publish(std::move(to), std::move(payload), qos, false);
        if (!sent) {
            // The core sends again what has no answer, and gets the same one.
            log::warn("a simulated device could not publish",
                      {{"topic", named}, {"error", sent.error().message}});
        }
    }

    static Awaitable<Result<net::PublishResult>> publish_retained(std::shared_ptr<Impl> self,
                                                                  Outgoing message) {
        co_return co_await self->client_.publish(std::move(message.topic), std::move(message.payload), 1,
                                                 true);
    }
    Awaitable<Result<void>> publish_all(std::vector<Outgoing> messages) {
        for (std::size_t first = 0; first < messages.size(); first += announce_batch) {
            std::vector<Awaitable<Result<net::PublishResult>>> work;
            for (std::size_t i = first; i < std::min(messages.size(), first + announce_batch); ++i) {
                work.push_back(publish_retained(shared_from_this(), std::move(messages[i])));
            }
            const std::vector<Result<net::PublishResult>> done = co_await gather(std::move(work));
            for (const Result<net::PublishResult>& each : done) {
                if (!each) {
                    co_return each.error();
                }
            }
        }
        co_return Result<void>{};
    }

    asio::any_io_executor executor_;
    net::MqttClient& client_;
    Fleet& fleet_;
    DomainClock& clock_;
    std::string prefix_;
};

FleetMqtt::FleetMqtt(asio::any_io_executor executor, net::MqttClient& client, Fleet& fleet,
                     DomainClock& clock, std::string prefix)
    : impl_(std::make_shared<Impl>(std::move(executor), client, fleet, clock, std::move(prefix))) {}
FleetMqtt::~FleetMqtt() {
    impl_->stop();
}
Awaitable<Result<void>> FleetMqtt::start() {
    co_return co_await impl_->start();
}
Awaitable<Result<void>> FleetMqtt::announce() {
    co_return co_await impl_->announce();
}
Awaitable<Result<void>> FleetMqtt::leave() {
    co_return co_await impl_->leave();
}
void FleetMqtt::publish_measurements() {
    impl_->publish_measurements();
}

}  // namespace headroom::sim
