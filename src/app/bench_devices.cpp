#include "app/bench_devices.hpp"

#include "core/log.hpp"
#include "dispatch/instruction.hpp"

#include <fmt/format.h>

#include <utility>

namespace headroom::app {
namespace {

constexpr std::string_view topic_begin = "headroom/v1/";

net::MqttSettings settings(std::uint16_t port) {
    net::MqttSettings settings;
    settings.port = port;
    settings.client_id = "bench-devices";
    return settings;
}

}  // namespace

std::string bench_der_name(int number) {
    return fmt::format("D{:05}", number);
}

BenchDevices::BenchDevices(std::uint16_t broker_port)
    : work_(asio::make_work_guard(context_)), client_(context_.get_executor(), settings(broker_port)) {
    client_.on_state([this](bool is_connected, const std::string&) {
        if (is_connected && !are_ready()) {
            spawn(context_.get_executor(), subscribe());
        }
    });
    const Result<void> dialling = client_.start();
    HEADROOM_ASSERT(dialling.has_value());  // settings of ours
    thread_ = std::thread([this] { context_.run(); });
}

BenchDevices::~BenchDevices() {
    work_.reset();
    context_.stop();
    thread_.join();
}

std::optional<SteadyTime> BenchDevices::received(const std::string& der) const {
    const std::lock_guard lock(mutex_);
    const auto found = received_.find(der);
    return found == received_.end() ? std::nullopt : std::optional(found->second);
}

Awaitable<void> BenchDevices::subscribe() {
    const Result<void> subscribed = co_await client_.subscribe(
        "headroom/v1/+/down/order", 1, [this](const net::MqttMessage& message) { take(message); });
    if (!subscribed) {
        log::error("the bench's devices cannot subscribe", {{"error", subscribed.error().message}});
    }
    are_ready_.store(subscribed.has_value(), std::memory_order_release);
}

void BenchDevices::take(const net::MqttMessage& message) {
    const SteadyTime now = steady_now();
    Result<dispatch::Instruction> order = dispatch::decode_order(message.payload);
    if (!order) {
        log::warn("a bench device got an order that it cannot read", {{"error", order.error().message}});
        return;
    }
    const std::size_t end = message.topic.find('/', topic_begin.size());
    std::string der = message.topic.substr(topic_begin.size(), end - topic_begin.size());
    {
        const std::lock_guard lock(mutex_);
        received_.try_emplace(der, now);
    }
    spawn(context_.get_executor(), acknowledge(std::move(der), std::move(order->id)));
}

Awaitable<void> BenchDevices::acknowledge(std::string der, InstructionId id) {
    std::string payload =
        dispatch::encode_ack({.instruction = std::move(id),
                              .der = der,
                              .result = dispatch::AckResult::accepted,
                              .reason = {},
                              .ts = std::chrono::floor<milliseconds>(std::chrono::system_clock::now())});
    const Result<net::PublishResult> published =
        co_await client_.publish("headroom/v1/" + der + "/up/ack", std::move(payload), 1, false);
    if (!published) {
        log::warn("a bench device could not answer", {{"error", published.error().message}});
    }
}

}  // namespace headroom::app
