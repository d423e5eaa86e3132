#include "net/mqtt_bare.hpp"

#include "net/mqtt_pace.hpp"
#include "net/mqtt_properties.hpp"
#include "net/thread_signals.hpp"

#include <mosquitto.h>

#include <atomic>
#include <cerrno>
#include <thread>
#include <utility>

#include <mqtt_protocol.h>
#include <poll.h>

namespace headroom::net {
namespace {

constexpr int look_every_ms = 50;

}  // namespace

class MqttBare::Impl {
  public:
    explicit Impl(Settings settings) : settings_(std::move(settings)) {
        static const int ready = mosquitto_lib_init();
        HEADROOM_ASSERT(ready == MOSQ_ERR_SUCCESS);
    }
    ~Impl() { stop(); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    Result<void> start() {
        handle_.reset(mosquitto_new(settings_.client_id.c_str(), true, this));
        HEADROOM_ASSERT(handle_ != nullptr);
        static_cast<void>(mosquitto_int_option(handle_.get(), MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5));
        static_cast<void>(mosquitto_int_option(handle_.get(), MOSQ_OPT_RECEIVE_MAXIMUM, 65'535));
        mosquitto_connect_callback_set(handle_.get(), [](mosquitto* handle, void* self, int) {
            const Settings& settings = static_cast<Impl*>(self)->settings_;
            static_cast<void>(mosquitto_subscribe(handle, nullptr, settings.filter.c_str(), settings.qos));
        });
        mosquitto_subscribe_callback_set(handle_.get(), [](mosquitto*, void* self, int, int, const int*) {
            static_cast<Impl*>(self)->is_subscribed_ = true;
        });
        mosquitto_message_callback_set(handle_.get(), [](mosquitto*, void* self, const mosquitto_message*) {
            auto& messages = static_cast<Impl*>(self)->messages_;
            messages.store(messages.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        });
        const int code = mosquitto_connect(handle_.get(), "127.0.0.1", settings_.port, 60);
        if (code != MOSQ_ERR_SUCCESS) {
            return mqtt_error(code, "bare MQTT subscriber");
        }
        thread_ = std::thread([this] { run(); });
        return {};
    }
    void stop() {
        is_stopping_ = true;
        if (thread_.joinable()) {
            thread_.join();
        }
        handle_.reset();
    }
    [[nodiscard]] std::uint64_t messages() const { return messages_.load(std::memory_order_relaxed); }
    [[nodiscard]] bool is_subscribed() const { return is_subscribed_; }

  private:
    /// As quick as the library can be: it is asked for packets until the socket is empty.
    bool read_some() {
        for (int i = 0; i < packets_per_turn; ++i) {
            errno = 0;
            if (mosquitto_loop_read(handle_.get(), 1) != MOSQ_ERR_SUCCESS) {
                return false;
            }
            if (errno == EAGAIN || errno == EWOULDBLOCK) {
                break;
            }
        }
        return true;
    }
    void run() {
        block_signals_in_this_thread();
        while (!is_stopping_) {
            pollfd file{.fd = mosquitto_socket(handle_.get()), .events = POLLIN, .revents = 0};
            if (file.fd < 0 || (::poll(&file, 1, look_every_ms) > 0 && !read_some())) {
                return;
            }
            if (mosquitto_want_write(handle_.get())) {
                static_cast<void>(mosquitto_loop_write(handle_.get(), 1));
            }
            static_cast<void>(mosquitto_loop_misc(handle_.get()));
        }
        static_cast<void>(mosquitto_disconnect(handle_.get()));
        static_cast<void>(mosquitto_loop_write(handle_.get(), 1));
    }

    struct FreeHandle {
        void operator()(mosquitto* handle) const { mosquitto_destroy(handle); }
    };
    const Settings settings_;
    std::unique_ptr<mosquitto, FreeHandle> handle_;
    std::atomic<bool> is_stopping_ = false;
    std::atomic<bool> is_subscribed_ = false;
    std::atomic<std::uint64_t> messages_ = 0;
    std::thread thread_;
};

MqttBare::MqttBare(Settings settings) : impl_(std::make_unique<Impl>(std::move(settings))) {}
MqttBare::~MqttBare() = default;

Result<void> MqttBare::start() {
    return impl_->start();
}
void MqttBare::stop() {
    impl_->stop();
}
std::uint64_t MqttBare::messages() const {
    return impl_->messages();
}
bool MqttBare::is_subscribed() const {
    return impl_->is_subscribed();
}

}  // namespace headroom::net
