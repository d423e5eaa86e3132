#include "sim/fleet_websocket.hpp"

#include "core/json.hpp"
#include "core/log.hpp"
#include "dispatch/channels/websocket.hpp"
#include "net/websocket_client.hpp"

#include <algorithm>
#include <utility>

namespace headroom::sim {
namespace {

constexpr milliseconds redial_first{100};
constexpr milliseconds redial_longest{5000};
constexpr json::ParseLimits frame_limits{.bytes = 64UL * 1024, .depth = 6};

}  // namespace

class FleetWebSocket::Impl : public std::enable_shared_from_this<Impl> {
  public:
    Impl(asio::any_io_executor executor, Fleet& fleet, DomainClock& clock, std::string url)
        : executor_(std::move(executor)),
          fleet_(fleet),
          clock_(clock),
          url_(std::move(url)),
          pause_(executor_) {}

    void start() {
        if (!running_ && !stopped_) {
            running_ = true;
            spawn(executor_, run(shared_from_this()));
        }
    }
    void stop() {
        stopped_ = true;
        pause_.cancel();
        if (socket_) {
            socket_->close();
        }
    }
    [[nodiscard]] bool is_connected() const { return socket_ && socket_->is_open(); }
    void publish_measurements() {
        if (!is_connected()) {
            return;
        }
        for (const std::size_t device : fleet_.active()) {
            static_cast<void>(socket_->post(dispatch::encode_measurement_frame(fleet_.measurement(device))));
        }
    }

  private:
    static Awaitable<void> run(std::shared_ptr<Impl> self) {
        milliseconds pause = redial_first;
        while (!self->stopped_) {
            const bool was_open = co_await self->serve_once();
            if (self->stopped_) {
                break;
            }
            pause = was_open ? redial_first : std::min(pause * 2, redial_longest);
            self->pause_.expires_after(pause);
            auto token = asio::as_tuple(asio::use_awaitable);
            co_await self->pause_.async_wait(token);
        }
    }

    /// One connection from dialling to its end; true when it stood.
    Awaitable<bool> serve_once() {
        std::string url = url_;
        Result<std::shared_ptr<net::WebSocket>> opened = co_await net::connect_websocket(std::move(url));
        if (!opened) {
            log::warn("the simulated devices cannot reach the control room",
                      {{"error", opened.error().message}});
            co_return false;
        }
        if (stopped_) {
            (*opened)->close();
            co_return false;
        }
        const std::shared_ptr<net::WebSocket> socket = *opened;
        std::string hello = dispatch::encode_hello(fleet_.ders());
        const Result<void> sent = co_await socket->send(std::move(hello));
        if (!sent) {
            co_return false;
        }
        socket_ = socket;
        for (;;) {
            const Result<std::string> frame = co_await socket->read();
            if (!frame) {
                break;
            }
            const std::optional<dispatch::Ack> ack = take(*frame);
            if (ack && !socket->post(dispatch::encode_ack_frame(*ack))) {
                break;  // cut off; the core sends again what has no answer
            }
        }
        socket_.reset();
        co_return true;
    }

    std::optional<dispatch::Ack> take(const std::string& frame) {
        const Result<dispatch::Instruction> order = dispatch::decode_order_frame(frame);
        if (order) {
            return fleet_.receive(*order, clock_.now());
        }
        // Not an order as it should be: the fleet counts it and lets nobody wait for an answer.
        const Result<json::Value> value = json::parse(frame, frame_limits);
        const json::Value* payload = value ? value->get("order") : nullptr;
        return fleet_.receive(value ? value->text("/der") : std::string(),
                              payload != nullptr ? json::write(*payload) : std::string(), clock_.now());
    }

    asio::any_io_executor executor_;
    Fleet& fleet_;
    DomainClock& clock_;
    std::string url_;
    asio::steady_timer pause_;
    std::shared_ptr<net::WebSocket> socket_;
    bool running_ = false;
    bool stopped_ = false;
};

FleetWebSocket::FleetWebSocket(asio::any_io_executor executor, Fleet& fleet, DomainClock& clock,
                               std::string url)
    : impl_(std::make_shared<Impl>(std::move(executor), fleet, clock, std::move(url))) {}
FleetWebSocket::~FleetWebSocket() {
    impl_->stop();
}
void FleetWebSocket::start() {
    impl_->start();
}
void FleetWebSocket::stop() {
    impl_->stop();
}
bool FleetWebSocket::is_connected() const {
    return impl_->is_connected();
}
void FleetWebSocket::publish_measurements() {
    impl_->publish_measurements();
}

}  // namespace headroom::sim
