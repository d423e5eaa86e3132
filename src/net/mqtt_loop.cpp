#include "net/mqtt_loop.hpp"

#include "net/mqtt_pace.hpp"
#include "net/mqtt_properties.hpp"
#include "net/thread_signals.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <mqtt_protocol.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace headroom::net {
namespace {

constexpr auto misc_every = milliseconds{500};  // the library's own clockwork: keepalive pings
constexpr int reason_no_subscribers = 16;
constexpr int reason_failure = 128;

void init_library_once() {
    static const int ready = mosquitto_lib_init();
    HEADROOM_ASSERT(ready == MOSQ_ERR_SUCCESS);
}

}  // namespace

MqttLoop::MqttLoop(MqttSettings settings, Events events)
    : settings_(std::move(settings)),
      events_(std::move(events)),
      wake_fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    HEADROOM_ASSERT(wake_fd_ >= 0);
    init_library_once();
}

MqttLoop::~MqttLoop() {
    stop();
    ::close(wake_fd_);
}

void MqttLoop::start() {
    HEADROOM_ASSERT(!thread_.joinable());
    thread_ = std::thread([this] { run(); });
}

void MqttLoop::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake();
    if (thread_.joinable()) {
        thread_.join();
    }
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
    }
    const std::lock_guard handle(handle_mutex_);
    run_commands();  // what was asked after the thread's last look: refused, for there is no connection
}

void MqttLoop::wake() {
    const std::uint64_t one = 1;
    // Full means that a wake-up is pending already.
    static_cast<void>(::write(wake_fd_, &one, sizeof one));
}

void MqttLoop::enqueue(std::function<void()> command) {
    {
        const std::lock_guard lock(mutex_);
        if (!stopped_) {
            commands_.push_back(std::move(command));
            command = nullptr;
        }
    }
    if (command) {
        const std::lock_guard handle(handle_mutex_);
        command();  // nobody else would: the thread has ended
    } else {
        wake();
    }
}

void MqttLoop::run_commands() {
    std::deque<std::function<void()>> commands;
    {
        const std::lock_guard lock(mutex_);
        commands.swap(commands_);
    }
    for (const auto& command : commands) {
        command();
    }
}

std::vector<MqttMessage> MqttLoop::take_inbox() {
    std::vector<MqttMessage> out;
    bool was_full = false;
    {
        const std::lock_guard lock(mutex_);
        was_full = inbox_.size() >= settings_.incoming_max;
        inbox_told_ = false;
        out.swap(inbox_);
    }
    if (was_full) {
        wake();
    }
    return out;
}

void MqttLoop::publish(MqttMessage message, PublishDone done) {
    std::string refused;
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) {
            refused = "the MQTT client is stopping";
        } else if (outgoing_ >= settings_.outgoing_max) {
            refused = std::to_string(outgoing_) + " messages to " + broker_name() +
                      " wait for their answer already";
        } else {
            ++outgoing_;
        }
    }
    if (!refused.empty()) {
        done(Error{Errc::unavailable, std::move(refused), {}});
        return;
    }
    auto counted = [this, done = std::move(done)](Result<PublishResult> result) {
        {
            const std::lock_guard lock(mutex_);
            --outgoing_;
        }
        done(std::move(result));
    };
    if (publish_here(message, counted)) {
        return;
    }
    enqueue([this, message = std::move(message), counted = std::move(counted)] {
        publish_now(message, counted);
    });
}

bool MqttLoop::publish_here(const MqttMessage& message, const PublishDone& done) {
    bool is_left_over = false;
    {
        const std::unique_lock handle(handle_mutex_, std::try_to_lock);
        if (!handle || !connected_) {
            return false;
        }
        {
            const std::lock_guard lock(mutex_);
            if (!commands_.empty() || stopping_) {
                return false;  // they were there before
            }
        }
        publish_now(message, done);
        is_left_over = mosquitto_want_write(handle_.get());
    }
    if (is_left_over) {
        wake();
    }
    return true;
}

void MqttLoop::subscribe(std::string filter, int qos, SubscribeDone done) {
    enqueue([this, filter = std::move(filter), qos, done = std::move(done)] {
        subscribe_now(filter, qos, done);
    });
}

void MqttLoop::unsubscribe(std::string filter) {
    enqueue([this, filter = std::move(filter)] {
        filters_.erase(filter);
        if (connected_) {
            // Without an answer nothing is lost: what still arrives finds no callback.
            mosquitto_unsubscribe(handle_.get(), nullptr, filter.c_str());
        }
    });
}

void MqttLoop::publish_now(const MqttMessage& message, const PublishDone& done) {
    if (!connected_) {
        done(Error{Errc::unavailable, "no connection to the MQTT broker " + broker_name(), {}});
        return;
    }
    const auto properties = to_property_list(message.properties);
    if (!properties) {
        done(properties.error());
        return;
    }
    int id = 0;
    finished_early_ = 0;
    const int code = mosquitto_publish_v5(handle_.get(), &id, message.topic.c_str(),
                                          static_cast<int>(message.payload.size()), message.payload.data(),
                                          message.qos, message.retain, properties->get());
    if (code != MOSQ_ERR_SUCCESS) {
        done(mqtt_error(code, "publish on " + message.topic));
        return;
    }
    if (finished_early_ == id) {
        done(PublishResult{});
        return;
    }
    publishing_.emplace(id, done);
}

void MqttLoop::subscribe_now(const std::string& filter, int qos, const SubscribeDone& done) {
    filters_[filter] = qos;
    if (!connected_) {
        done(Error{Errc::unavailable,
                   "no connection to the MQTT broker " + broker_name() + "; " + filter +
                       " is subscribed at the next one",
                   {}});
        return;
    }
    int id = 0;
    const int code = mosquitto_subscribe_v5(handle_.get(), &id, filter.c_str(), qos, 0, nullptr);
    if (code != MOSQ_ERR_SUCCESS) {
        done(mqtt_error(code, "subscribe to " + filter));
        return;
    }
    subscribing_.emplace(id, std::pair(filter, done));
}

void MqttLoop::on_connect(mosquitto*, void* self, int reason, int, const mosquitto_property*) {
    auto& loop = *static_cast<MqttLoop*>(self);
    if (reason == MQTT_RC_SUCCESS) {
        loop.connected_ = true;
        loop.resubscribe_ = true;
        loop.why_.clear();
        return;
    }
    loop.refused_ = true;
    loop.why_ = "the MQTT broker " + loop.broker_name() + " refused the connection with reason " +
                std::to_string(reason) + ", " + mosquitto_reason_string(reason);
}

void MqttLoop::on_disconnect(mosquitto*, void* self, int reason, const mosquitto_property*) {
    auto& loop = *static_cast<MqttLoop*>(self);
    if (loop.why_.empty()) {
        const char* text =
            reason >= reason_failure ? mosquitto_reason_string(reason) : mosquitto_strerror(reason);
        loop.why_ = "the connection to the MQTT broker " + loop.broker_name() + " ended: " + text;
    }
}

void MqttLoop::on_publish(mosquitto*, void* self, int id, int reason, const mosquitto_property*) {
    auto& loop = *static_cast<MqttLoop*>(self);
    loop.complete_publish(id, reason);
}

void MqttLoop::complete_publish(int id, int reason) {
    const auto found = publishing_.find(id);
    if (found == publishing_.end()) {
        finished_early_ = id;
        return;
    }
    const PublishDone done = std::move(found->second);
    publishing_.erase(found);
    if (reason >= reason_failure) {
        done(Error{Errc::denied,
                   "the MQTT broker " + broker_name() + " refused a message with reason " +
                       std::to_string(reason) + ", " + mosquitto_reason_string(reason),
                   {}});
        return;
    }
    done(PublishResult{.reason_code = reason, .no_subscribers = reason == reason_no_subscribers});
}

void MqttLoop::on_subscribe(mosquitto*, void* self, int id, int count, const int* granted,
                            const mosquitto_property*) {
    auto& loop = *static_cast<MqttLoop*>(self);
    const auto found = loop.subscribing_.find(id);
    if (found == loop.subscribing_.end()) {
        return;  // one of ours after a reconnect
    }
    const auto [filter, done] = std::move(found->second);
    loop.subscribing_.erase(found);
    if (count < 1 || granted[0] >= reason_failure) {
        loop.filters_.erase(filter);
        done(Error{
            Errc::denied, "the MQTT broker " + loop.broker_name() + " refused to subscribe " + filter, {}});
        return;
    }
    done(Result<void>{});
}

void MqttLoop::on_message(mosquitto*, void* self, const mosquitto_message* message,
                          const mosquitto_property* properties) {
    auto& loop = *static_cast<MqttLoop*>(self);
    MqttMessage received;
    received.topic = message->topic;
    if (message->payloadlen > 0) {
        received.payload.assign(static_cast<const char*>(message->payload),
                                static_cast<std::size_t>(message->payloadlen));
    }
    received.qos = message->qos;
    received.retain = message->retain;
    received.properties = from_property_list(properties);
    bool tell = false;
    {
        const std::lock_guard lock(loop.mutex_);
        loop.inbox_.push_back(std::move(received));
        tell = !std::exchange(loop.inbox_told_, true);
    }
    if (tell) {
        loop.events_.inbox_filled();
    }
}

short MqttLoop::wait(int socket, short events, milliseconds time) {
    std::array<pollfd, 2> files{pollfd{.fd = wake_fd_, .events = POLLIN, .revents = 0},
                                pollfd{.fd = socket, .events = events, .revents = 0}};
    handle_mutex_.unlock();
    const int ready =
        ::poll(files.data(), files.size(), static_cast<int>(std::max<std::int64_t>(0, time.count())));
    handle_mutex_.lock();
    if (ready <= 0) {
        return 0;
    }
    if ((files[0].revents & POLLIN) != 0) {
        std::uint64_t count = 0;
        static_cast<void>(::read(wake_fd_, &count, sizeof count));
    }
    return files[1].revents;
}

void MqttLoop::pause(milliseconds time) {
    const SteadyTime until = steady_now() + time;
    while (true) {
        run_commands();
        {
            const std::lock_guard lock(mutex_);
            if (stopping_) {
                return;
            }
        }
        const auto left = std::chrono::ceil<milliseconds>(until - steady_now());
        if (left <= milliseconds::zero()) {
            return;
        }
        wait(-1, 0, left);
    }
}

bool MqttLoop::read_some() {
    for (int i = 0; i < packets_per_turn; ++i) {
        {
            const std::lock_guard lock(mutex_);
            if (inbox_.size() >= settings_.incoming_max) {
                return true;
            }
        }
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

void MqttLoop::serve() {
    bool told = false;
    while (true) {
        run_commands();
        bool full = false;
        {
            const std::lock_guard lock(mutex_);
            if (stopping_) {
                break;
            }
            full = inbox_.size() >= settings_.incoming_max;
        }
        const int socket = mosquitto_socket(handle_.get());
        if (socket < 0 || refused_) {
            break;
        }
        const bool writing = mosquitto_want_write(handle_.get());
        const auto events = static_cast<short>((full ? 0 : POLLIN) | (writing ? POLLOUT : 0));
        const short ready = wait(socket, events, misc_every);
        if ((ready & (POLLIN | POLLERR | POLLHUP)) != 0 && !full && !read_some()) {
            break;
        }
        if (mosquitto_socket(handle_.get()) < 0) {
            break;
        }
        if (mosquitto_want_write(handle_.get()) &&
            mosquitto_loop_write(handle_.get(), 1) != MOSQ_ERR_SUCCESS) {
            break;
        }
        if (mosquitto_loop_misc(handle_.get()) != MOSQ_ERR_SUCCESS) {
            break;
        }
        if (!connected_ && steady_now() > connect_deadline_) {
            why_ = "the MQTT broker " + broker_name() + " did not answer CONNECT in time";
            break;
        }
        if (std::exchange(resubscribe_, false)) {
            for (const auto& [filter, qos] : filters_) {
                mosquitto_subscribe_v5(handle_.get(), nullptr, filter.c_str(), qos, 0, nullptr);
            }
        }
        if (connected_ && !told) {
            told = true;
            events_.state_changed(true, {});
        }
    }
}

void MqttLoop::goodbye() {
    if (!connected_ || mosquitto_disconnect_v5(handle_.get(), 0, nullptr) != MOSQ_ERR_SUCCESS) {
        return;
    }
    const SteadyTime until = steady_now() + goodbye_time;
    while (mosquitto_socket(handle_.get()) >= 0 && mosquitto_want_write(handle_.get()) &&
           steady_now() < until) {
        wait(mosquitto_socket(handle_.get()), POLLOUT, goodbye_time);
        if (mosquitto_loop_write(handle_.get(), 1) != MOSQ_ERR_SUCCESS) {
            return;
        }
    }
}

void MqttLoop::drop_pending() {
    const Error lost{Errc::unavailable, why_.empty() ? "the MQTT client is stopping" : why_, {}};
    for (const auto& [id, done] : std::exchange(publishing_, {})) {
        done(lost);
    }
    for (const auto& [id, pending] : std::exchange(subscribing_, {})) {
        pending.second(lost);
    }
}

void MqttLoop::run() {
    block_signals_in_this_thread();
    const std::lock_guard handle(handle_mutex_);
    milliseconds delay = settings_.reconnect_first;
    while (true) {
        const bool opened = open();
        bool was_connected = false;
        if (opened) {
            serve();
            was_connected = connected_;
        }
        bool stopping = false;
        {
            const std::lock_guard lock(mutex_);
            stopping = stopping_;
        }
        if (stopping && handle_) {
            goodbye();
        }
        connected_ = false;
        handle_.reset();
        drop_pending();
        events_.state_changed(false, stopping ? "stopped" : why_);
        if (stopping) {
            run_commands();
            return;
        }
        if (was_connected) {
            delay = settings_.reconnect_first;
        }
        pause(delay);
        delay = std::min(delay * 2, settings_.reconnect_longest);
    }
}

}  // namespace headroom::net
