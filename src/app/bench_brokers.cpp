#include "app/bench_brokers.hpp"

#include "app/bench_brokers_parts.hpp"
#include "core/clock.hpp"

#include <thread>

namespace headroom::app {

UtcTime bench_begin() {
    static const UtcTime begin = parse_utc("2026-11-20T12:00:00Z").value();
    return begin;
}

bool bench_wait_until(const std::function<bool()>& condition) {
    const SteadyTime until = steady_now() + seconds{20};
    while (!condition()) {
        if (steady_now() > until) {
            return false;
        }
        std::this_thread::sleep_for(milliseconds{1});
    }
    return true;
}

Result<net::BrokerProcess> start_bench_broker(const std::filesystem::path& dir) {
    return net::BrokerProcess::start(dir / "headroom-bench-mosquitto",
                                     "max_queued_messages 0\nmax_queued_bytes 0\n");
}

net::MqttSubscriberSettings bench_reader(const net::BrokerProcess& broker, int qos, const std::string& id) {
    net::MqttSubscriberSettings out;
    out.port = broker.port();
    out.client_id = id;
    out.filters = {"bench/#"};
    out.qos = qos;
    out.clean_start = true;
    out.receive_maximum = 65'535;
    return out;
}

}  // namespace headroom::app
