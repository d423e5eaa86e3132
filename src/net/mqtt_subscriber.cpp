#include "net/mqtt_subscriber.hpp"

#include "core/clock.hpp"
#include "net/mqtt_properties.hpp"
#include "net/tcp_reachable.hpp"
#include "net/thread_signals.hpp"

#include <mosquitto.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <optional>
#include <thread>
#include <utility>

#include <mqtt_protocol.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace headroom::net {
namespace {

constexpr auto misc_every = milliseconds{500};  // the library's own clockwork: keepalive pings
constexpr auto goodbye_time = milliseconds{500};
constexpr int packets_per_turn = 256;
constexpr int reason_failure = 128;
constexpr std::size_t filters_max = 64;
constexpr std::size_t topic_bytes_max = 65'535;

void init_library_once() {
    static const int ready = mosquitto_lib_init();
    HEADROOM_ASSERT(ready == MOSQ_ERR_SUCCESS);
}

Error bad(const std::string& field, const std::string& message) {
    return Error{Errc::invalid, "MQTT " + field + " " + message, "/" + field};
}

const char* text_or_null(const std::string& text) {
    return text.empty() ? nullptr : text.c_str();
}

Result<void> check_filter(const std::string& filter) {
    std::string_view rest = filter;
    constexpr std::string_view share = "$share/";
    if (rest.starts_with(share)) {
        rest.remove_prefix(share.size());
        const std::size_t slash = rest.find('/');
        if (slash == 0 || slash == std::string_view::npos ||
            rest.substr(0, slash).find_first_of("+#") != std::string_view::npos) {
            return bad("filter", "'" + filter + "' needs the form $share/GROUP/FILTER");
        }
        rest.remove_prefix(slash + 1);
    }
    if (rest.empty() || rest.size() > topic_bytes_max || rest.find('\0') != std::string_view::npos ||
        mosquitto_sub_topic_check(std::string(rest).c_str()) != MOSQ_ERR_SUCCESS) {
        return bad("filter", "'" + filter + "' is no topic filter");
    }
    return {};
}

}  // namespace

Result<void> check(const MqttSubscriberSettings& settings) {
    if (settings.host.empty() || settings.host.size() > 255 || settings.port == 0) {
        return bad("host", "and port are needed: a name of at most 255 bytes, and 1 to 65535");
    }
    if (settings.client_id.empty() || settings.client_id.size() > 64) {
        return bad("client_id", "must have 1 to 64 characters");
    }
    if (settings.user.size() > 256 || settings.password.size() > 512) {
        return bad("user", "and password must be at most 256 and 512 bytes long");
    }
    if (settings.user.empty() && !settings.password.empty()) {
        return bad("password", "needs a user");
    }
    if (settings.cert_file.empty() != settings.key_file.empty()) {
        return bad("cert_file", "and key_file are needed both, or neither");
    }
    if (!settings.cert_file.empty() && settings.ca_file.empty()) {
        return bad("ca_file", "is needed with cert_file: without it nothing is encrypted");
    }
    if (settings.filters.empty() || settings.filters.size() > filters_max) {
        return bad("filter", "is needed, at most " + std::to_string(filters_max) + " of them");
    }
    if (settings.qos < 0 || settings.qos > 1) {
        return bad("qos", std::to_string(settings.qos) + " is not 0 or 1");
    }
    if (settings.receive_maximum == 0) {
        return bad("receive_maximum", "must be from 1 to 65535");
    }
    if (settings.payload_bytes_max == 0 || settings.payload_bytes_max > 64UL * 1024 * 1024) {
        return bad("payload_bytes_max", "must be from 1 to 64 MiB");
    }
    for (const std::string& filter : settings.filters) {
        if (const Result<void> good = check_filter(filter); !good) {
            return good;
        }
    }
    return {};
}

/// The thread; one handle of the library per connection.
class MqttSubscriber::Loop {
  public:
    Loop(MqttSubscriberSettings settings, Handlers handlers)
        : settings_(std::move(settings)),
          handlers_(std::move(handlers)),
          wake_fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
        HEADROOM_ASSERT(wake_fd_ >= 0);
        init_library_once();
    }
    ~Loop() {
        stop();
        ::close(wake_fd_);
    }
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    Result<void> start() {
        HEADROOM_ASSERT(!thread_.joinable());
        if (const Result<void> good = check(settings_); !good) {
            return good;
        }
        thread_ = std::thread([this] { run(); });
        return {};
    }

    void stop() {
        stopping_ = true;
        const std::uint64_t one = 1;
        static_cast<void>(::write(wake_fd_, &one, sizeof one));  // full: a wake-up is pending already
        if (thread_.joinable()) {
            thread_.join();
        }
    }

    [[nodiscard]] Counts counts() const {
        return {.messages = messages_.load(std::memory_order_relaxed),
                .payload_bytes = payload_bytes_.load(std::memory_order_relaxed),
                .oversize = oversize_.load(std::memory_order_relaxed),
                .connections = connections_.load(std::memory_order_relaxed),
                .connected = is_connected_.load(std::memory_order_relaxed)};
    }

  private:
    [[nodiscard]] std::string broker_name() const {
        return settings_.host + ":" + std::to_string(settings_.port);
    }

    Result<void> configure();
    bool open();
    void serve();
    bool read_some();
    void subscribe_all();
    void goodbye();
    void pause(milliseconds time);
    short wait(int socket, short events, milliseconds time);
    void tell(bool connected);
    void run();

    static void on_connect(mosquitto*, void* self, int reason, int, const mosquitto_property*);
    static void on_disconnect(mosquitto*, void* self, int reason, const mosquitto_property*);
    static void on_subscribe(mosquitto*, void* self, int, int count, const int* granted,
                             const mosquitto_property*);
    static void on_message(mosquitto*, void* self, const mosquitto_message* message,
                           const mosquitto_property*);

    struct FreeHandle {
        void operator()(mosquitto* handle) const { mosquitto_destroy(handle); }
    };

    const MqttSubscriberSettings settings_;
    const Handlers handlers_;
    int wake_fd_;
    std::atomic<bool> stopping_ = false;
    // One writer, the thread: plain stores, so that counting a message costs no locked instruction.
    std::atomic<std::uint64_t> messages_ = 0;
    std::atomic<std::uint64_t> payload_bytes_ = 0;
    std::atomic<std::uint64_t> oversize_ = 0;
    std::atomic<std::uint64_t> connections_ = 0;
    std::atomic<bool> is_connected_ = false;

    // Of the thread alone.
    std::unique_ptr<mosquitto, FreeHandle> handle_;
    bool accepted_ = false;  // CONNACK said yes
    bool refused_ = false;
    bool subscribing_ = false;
    std::size_t granted_ = 0;
    SteadyTime connect_deadline_{};
    std::string why_;
    std::optional<bool> told_;

    std::thread thread_;
};

Result<void> MqttSubscriber::Loop::configure() {
    handle_.reset(mosquitto_new(settings_.client_id.c_str(), settings_.clean_start, this));
    HEADROOM_ASSERT(handle_ != nullptr);
    mosquitto* handle = handle_.get();
    HEADROOM_ASSERT(mosquitto_int_option(handle, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5) ==
                    MOSQ_ERR_SUCCESS);
    HEADROOM_ASSERT(mosquitto_int_option(handle, MOSQ_OPT_TCP_NODELAY, 1) == MOSQ_ERR_SUCCESS);
    HEADROOM_ASSERT(mosquitto_int_option(handle, MOSQ_OPT_RECEIVE_MAXIMUM, settings_.receive_maximum) ==
                    MOSQ_ERR_SUCCESS);
    if (!settings_.user.empty()) {
        const int code =
            mosquitto_username_pw_set(handle, settings_.user.c_str(), text_or_null(settings_.password));
        if (code != MOSQ_ERR_SUCCESS) {
            return mqtt_error(code, "MQTT user");
        }
    }
    if (!settings_.ca_file.empty()) {
        const int code =
            mosquitto_tls_set(handle, settings_.ca_file.c_str(), nullptr, text_or_null(settings_.cert_file),
                              text_or_null(settings_.key_file), nullptr);
        if (code != MOSQ_ERR_SUCCESS) {
            return mqtt_error(code, "MQTT TLS files " + settings_.ca_file + " " + settings_.cert_file + " " +
                                        settings_.key_file);
        }
    }
    mosquitto_connect_v5_callback_set(handle, &Loop::on_connect);
    mosquitto_disconnect_v5_callback_set(handle, &Loop::on_disconnect);
    mosquitto_subscribe_v5_callback_set(handle, &Loop::on_subscribe);
    mosquitto_message_v5_callback_set(handle, &Loop::on_message);
    return {};
}

bool MqttSubscriber::Loop::open() {
    accepted_ = false;
    refused_ = false;
    subscribing_ = false;
    granted_ = 0;
    why_.clear();
    const Result<void> reached =
        tcp_reachable(settings_.host, settings_.port, settings_.connect_timeout, wake_fd_,
                      [this] { return stopping_.load(std::memory_order_relaxed); });
    if (!reached) {
        why_ = "the MQTT broker is not reached: " + reached.error().message;
        return false;
    }
    if (const Result<void> configured = configure(); !configured) {
        why_ = configured.error().message;
        return false;
    }
    mosquitto_property* list = nullptr;
    int code = MOSQ_ERR_SUCCESS;
    if (settings_.session_expiry_s > 0 && !settings_.clean_start) {
        code = mosquitto_property_add_int32(&list, MQTT_PROP_SESSION_EXPIRY_INTERVAL,
                                            settings_.session_expiry_s);
    }
    if (code == MOSQ_ERR_SUCCESS) {
        // A larger packet is not even sent to us: the bound of our memory.
        const auto bytes = static_cast<std::uint32_t>(settings_.payload_bytes_max + 2 * topic_bytes_max);
        code = mosquitto_property_add_int32(&list, MQTT_PROP_MAXIMUM_PACKET_SIZE, bytes);
    }
    HEADROOM_ASSERT(code == MOSQ_ERR_SUCCESS);
    const PropertyList properties(list);
    code = mosquitto_connect_bind_v5(handle_.get(), settings_.host.c_str(), settings_.port,
                                     settings_.keepalive_s, nullptr, properties.get());
    if (code != MOSQ_ERR_SUCCESS) {
        why_ = mqtt_error(code, "connect to the MQTT broker " + broker_name()).message;
        return false;
    }
    connect_deadline_ = steady_now() + settings_.connect_timeout;
    return true;
}

void MqttSubscriber::Loop::on_connect(mosquitto*, void* self, int reason, int, const mosquitto_property*) {
    auto& loop = *static_cast<Loop*>(self);
    if (reason == MQTT_RC_SUCCESS) {
        loop.accepted_ = true;
        return;
    }
    loop.refused_ = true;
    loop.why_ = "the MQTT broker " + loop.broker_name() + " refused the connection with reason " +
                std::to_string(reason) + ", " + mosquitto_reason_string(reason);
}

void MqttSubscriber::Loop::on_disconnect(mosquitto*, void* self, int reason, const mosquitto_property*) {
    auto& loop = *static_cast<Loop*>(self);
    if (loop.why_.empty()) {
        const char* text =
            reason >= reason_failure ? mosquitto_reason_string(reason) : mosquitto_strerror(reason);
        loop.why_ = "the connection to the MQTT broker " + loop.broker_name() + " ended: " + text;
    }
}

void MqttSubscriber::Loop::on_subscribe(mosquitto*, void* self, int, int count, const int* granted,
                                        const mosquitto_property*) {
    auto& loop = *static_cast<Loop*>(self);
    for (int i = 0; i < count; ++i) {
        if (granted[i] >= reason_failure) {
            loop.refused_ = true;
            loop.why_ = "the MQTT broker " + loop.broker_name() + " refused a subscription with reason " +
                        std::to_string(granted[i]) + ", " + mosquitto_reason_string(granted[i]);
            return;
        }
    }
    loop.granted_ += 1;
}

void MqttSubscriber::Loop::on_message(mosquitto*, void* self, const mosquitto_message* message,
                                      const mosquitto_property*) {
    auto& loop = *static_cast<Loop*>(self);
    const auto bytes = static_cast<std::size_t>(std::max(0, message->payloadlen));
    if (!loop.is_connected_.load(std::memory_order_relaxed)) {
        // What a kept session held comes before the SUBACK: the broker is not silent.
        loop.connect_deadline_ = steady_now() + loop.settings_.connect_timeout;
    }
    if (bytes > loop.settings_.payload_bytes_max) {
        loop.oversize_.store(loop.oversize_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        return;
    }
    loop.messages_.store(loop.messages_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    loop.payload_bytes_.store(loop.payload_bytes_.load(std::memory_order_relaxed) + bytes,
                              std::memory_order_relaxed);
    loop.handlers_.message(message->topic,
                           bytes == 0 ? std::string_view{}
                                      : std::string_view(static_cast<const char*>(message->payload), bytes));
}

void MqttSubscriber::Loop::subscribe_all() {
    subscribing_ = true;
    for (const std::string& filter : settings_.filters) {
        // What is retained is sent for a new subscription only, not at every reconnect.
        const int options = filter.starts_with("$share/") ? 0 : MQTT_SUB_OPT_SEND_RETAIN_NEW;
        const int code =
            mosquitto_subscribe_v5(handle_.get(), nullptr, filter.c_str(), settings_.qos, options, nullptr);
        if (code != MOSQ_ERR_SUCCESS) {
            refused_ = true;
            why_ = mqtt_error(code, "subscribe to " + filter).message;
        }
    }
}

bool MqttSubscriber::Loop::read_some() {
    for (int i = 0; i < packets_per_turn; ++i) {
        errno = 0;
        if (mosquitto_loop_read(handle_.get(), 1) != MOSQ_ERR_SUCCESS) {
            return false;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return true;
        }
    }
    return true;
}

short MqttSubscriber::Loop::wait(int socket, short events, milliseconds time) {
    std::array<pollfd, 2> files{pollfd{.fd = wake_fd_, .events = POLLIN, .revents = 0},
                                pollfd{.fd = socket, .events = events, .revents = 0}};
    const int ready =
        ::poll(files.data(), files.size(), static_cast<int>(std::max<std::int64_t>(0, time.count())));
    return ready > 0 ? files[1].revents : short{0};
}

void MqttSubscriber::Loop::serve() {
    SteadyTime next_misc = steady_now() + misc_every;
    while (!stopping_.load(std::memory_order_relaxed) && !refused_) {
        const int socket = mosquitto_socket(handle_.get());
        if (socket < 0) {
            return;
        }
        const bool writing = mosquitto_want_write(handle_.get());
        const short ready = wait(socket, static_cast<short>(POLLIN | (writing ? POLLOUT : 0)), misc_every);
        bool is_open = true;
        if ((ready & (POLLIN | POLLERR | POLLHUP)) != 0) {
            is_open = read_some();
            handlers_.rest();
        }
        if (!is_open || mosquitto_socket(handle_.get()) < 0) {
            return;
        }
        if (accepted_ && !subscribing_) {
            subscribe_all();
        }
        if (mosquitto_want_write(handle_.get()) &&
            mosquitto_loop_write(handle_.get(), 1) != MOSQ_ERR_SUCCESS) {
            return;
        }
        const SteadyTime now = steady_now();
        if (now >= next_misc) {
            next_misc = now + misc_every;
            if (mosquitto_loop_misc(handle_.get()) != MOSQ_ERR_SUCCESS) {
                return;
            }
        }
        if (granted_ < settings_.filters.size()) {
            if (now > connect_deadline_) {
                why_ = "the MQTT broker " + broker_name() + " did not answer CONNECT and SUBSCRIBE in time";
                return;
            }
        } else if (!is_connected_.load(std::memory_order_relaxed)) {
            connections_.fetch_add(1, std::memory_order_relaxed);
            tell(true);
        }
    }
}

void MqttSubscriber::Loop::tell(bool connected) {
    is_connected_.store(connected, std::memory_order_relaxed);
    if (told_ != connected && handlers_.state) {
        handlers_.state(connected, connected ? std::string{} : why_);
    }
    told_ = connected;
}

void MqttSubscriber::Loop::goodbye() {
    if (!accepted_ || mosquitto_disconnect_v5(handle_.get(), 0, nullptr) != MOSQ_ERR_SUCCESS) {
        return;
    }
    const SteadyTime until = steady_now() + goodbye_time;
    while (mosquitto_socket(handle_.get()) >= 0 && mosquitto_want_write(handle_.get()) &&
           steady_now() < until) {
        pollfd file{.fd = mosquitto_socket(handle_.get()), .events = POLLOUT, .revents = 0};
        static_cast<void>(::poll(&file, 1, static_cast<int>(goodbye_time.count())));
        if (mosquitto_loop_write(handle_.get(), 1) != MOSQ_ERR_SUCCESS) {
            return;
        }
    }
}

void MqttSubscriber::Loop::pause(milliseconds time) {
    pollfd file{.fd = wake_fd_, .events = POLLIN, .revents = 0};
    if (!stopping_.load(std::memory_order_relaxed)) {
        static_cast<void>(::poll(&file, 1, static_cast<int>(time.count())));
    }
}

void MqttSubscriber::Loop::run() {
    block_signals_in_this_thread();
    milliseconds delay = settings_.reconnect_first;
    while (!stopping_.load(std::memory_order_relaxed)) {
        if (open()) {
            serve();
        }
        const bool was_connected = is_connected_.load(std::memory_order_relaxed);
        if (stopping_.load(std::memory_order_relaxed)) {
            why_ = "stopped";
            if (handle_) {
                goodbye();
            }
        }
        handle_.reset();
        tell(false);
        if (was_connected) {
            delay = settings_.reconnect_first;
        }
        pause(delay);
        delay = std::min(delay * 2, settings_.reconnect_longest);
    }
    handlers_.rest();
}

MqttSubscriber::MqttSubscriber(MqttSubscriberSettings settings, Handlers handlers)
    : loop_(std::make_unique<Loop>(std::move(settings), std::move(handlers))) {}

MqttSubscriber::~MqttSubscriber() = default;

Result<void> MqttSubscriber::start() {
    return loop_->start();
}

void MqttSubscriber::stop() {
    loop_->stop();
}

MqttSubscriber::Counts MqttSubscriber::counts() const {
    return loop_->counts();
}

}  // namespace headroom::net
