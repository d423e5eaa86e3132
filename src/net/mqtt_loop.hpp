#pragma once

#include "core/clock.hpp"
#include "net/mqtt_client.hpp"

#include <mosquitto.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace headroom::net {

/// The thread behind a client. It owns the library's handle and holds `handle_mutex_` but while it waits for
/// bytes; a publisher that finds it waiting writes its message to the socket itself, which saves a change of
/// thread, and leaves it to the thread otherwise. One handle per connection, so that nothing of an old
/// connection is sent again on a new one.
class MqttLoop {
  public:
    struct Events {
        /// Messages wait in the inbox; called once until `take_inbox`.
        std::function<void()> inbox_filled;
        std::function<void(bool connected, std::string why)> state_changed;
    };

    MqttLoop(MqttSettings settings, Events events);
    ~MqttLoop();
    MqttLoop(const MqttLoop&) = delete;
    MqttLoop& operator=(const MqttLoop&) = delete;

    void start();
    void stop();

    /// Called with the handle held: hands its result on and does no more.
    using PublishDone = std::function<void(Result<PublishResult>)>;
    using SubscribeDone = std::function<void(Result<void>)>;
    void publish(MqttMessage message, PublishDone done);
    void subscribe(std::string filter, int qos, SubscribeDone done);
    void unsubscribe(std::string filter);

    /// What has arrived since the last call.
    std::vector<MqttMessage> take_inbox();

  private:
    /// The thread's own commands run in the order given.
    void enqueue(std::function<void()> command);
    void run_commands();
    void wake();

    void run();
    /// Connects and sends CONNECT; false says why in `why_`.
    bool open();
    /// Moves bytes until the connection ends or `stop`.
    void serve();
    bool read_some();
    bool reachable();
    void goodbye();
    void drop_pending();
    void pause(milliseconds time);
    /// Waits for the socket (or -1) and for `wake`, without the handle meanwhile.
    short wait(int socket, short events, milliseconds time);
    Result<void> configure();
    /// "host:port", for messages.
    [[nodiscard]] std::string broker_name() const;

    /// False when the thread is at work or others wait for it.
    bool publish_here(const MqttMessage& message, const PublishDone& done);
    void publish_now(const MqttMessage& message, const PublishDone& done);
    void subscribe_now(const std::string& filter, int qos, const SubscribeDone& done);
    void complete_publish(int id, int reason);

    static void on_connect(mosquitto*, void* self, int reason, int flags, const mosquitto_property*);
    static void on_disconnect(mosquitto*, void* self, int reason, const mosquitto_property*);
    static void on_publish(mosquitto*, void* self, int id, int reason, const mosquitto_property*);
    static void on_subscribe(mosquitto*, void* self, int id, int count, const int* granted,
                             const mosquitto_property*);
    static void on_message(mosquitto*, void* self, const mosquitto_message* message,
                           const mosquitto_property* properties);

    struct FreeHandle {
        void operator()(mosquitto* handle) const { mosquitto_destroy(handle); }
    };

    const MqttSettings settings_;
    const Events events_;
    int wake_fd_;

    std::mutex mutex_;
    std::deque<std::function<void()>> commands_;
    std::vector<MqttMessage> inbox_;
    std::size_t outgoing_ = 0;
    bool stopping_ = false;
    bool stopped_ = false;
    bool inbox_told_ = false;

    /// Never taken with `mutex_` held.
    std::mutex handle_mutex_;
    // Of whoever holds that.
    std::unique_ptr<mosquitto, FreeHandle> handle_;
    std::map<std::string, int> filters_;
    std::map<int, PublishDone> publishing_;
    std::map<int, std::pair<std::string, SubscribeDone>> subscribing_;
    int finished_early_ = 0;  // a QoS 0 publish is done before its id is known here
    bool connected_ = false;
    bool refused_ = false;
    bool resubscribe_ = false;
    SteadyTime connect_deadline_{};
    std::string why_;

    std::thread thread_;
};

}  // namespace headroom::net
