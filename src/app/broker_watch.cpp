#include "app/broker_watch.hpp"

#include "core/log.hpp"

#include <memory>

namespace headroom::app {

void watch_broker(net::MqttClient& client, const std::string& broker) {
    // It is tried again and again, and a night without a broker must not fill the disk with one sentence.
    const auto last_why = std::make_shared<std::string>();
    client.on_state([broker, last_why](bool connected, const std::string& why) {
        if (connected) {
            log::info("devices are reached over the broker", {{"broker", broker}});
            last_why->clear();
        } else if (why != "stopped" && why != *last_why) {
            log::warn(
                "devices are not reached: no connection to the broker",
                {{"broker", broker},
                 {"why", why},
                 {"remedy", "start the broker, or set mqtt.url to the one that runs; it is tried again"}});
            *last_why = why;
        }
    });
}

}  // namespace headroom::app
