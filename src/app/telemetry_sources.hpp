#pragma once

#include "agents/sources/checkpoint.hpp"
#include "agents/sources/kafka_source.hpp"
#include "agents/sources/mqtt_source.hpp"
#include "app/control_room.hpp"
#include "bus/bus.hpp"
#include "core/ids.hpp"
#include "core/settings.hpp"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace headroom::app {

/// The brokers that readings come from, and the snapshots that tie the monitor's state to the places read, as
/// the settings say (docs/formats/brokers.md).
///
/// `restore` before anything is read or warmed, `start` once the room has taken up what a former run left.
/// To end: `request_stop`, then run the io thread until `is_stopped`, because the last snapshot waits for
/// what is on its way there.
class TelemetrySources {
  public:
    /// Errors: `invalid`, naming the setting.
    [[nodiscard]] static Result<std::unique_ptr<TelemetrySources>> make(const Settings& settings,
                                                                        ControlRoom& room);
    ~TelemetrySources();
    TelemetrySources(const TelemetrySources&) = delete;
    TelemetrySources& operator=(const TelemetrySources&) = delete;

    /// Takes the state of the last snapshot; false when there is none. Errors: those of `Monitor::restore`.
    Result<bool> restore();
    /// Begins to read. Errors: as those of the sources.
    Result<void> start();
    void request_stop();
    [[nodiscard]] bool is_stopped() const { return is_stopped_; }
    /// A broker is named in the settings.
    [[nodiscard]] bool is_any() const { return mqtt_ != nullptr || kafka_ != nullptr; }

  private:
    explicit TelemetrySources(ControlRoom& room, const Settings& settings);
    Result<void> make_mqtt(const MqttReadingsSettings& settings);
    Result<void> make_kafka(const KafkaSettings& settings);
    [[nodiscard]] agents::ReadingsSink sink();
    [[nodiscard]] std::function<UtcTime()> clock();
    /// Notes every overload that goes over the bus. Io thread.
    Awaitable<void> watch_overloads();
    /// Every overload that was found has become an event. Io thread.
    [[nodiscard]] bool has_nothing_on_its_way();
    /// Waits until what the readings have led to is with the log and the store. Io thread.
    Awaitable<Result<void>> settled();
    /// The same, blocking, on a source's or the snapshots' thread.
    Result<void> settle();
    [[nodiscard]] std::string note() const;
    void refresh_metrics();
    void stop_all();

    ControlRoom& room_;
    std::filesystem::path file_;  // of the snapshot
    std::unique_ptr<bus::Subscription> overloads_;
    std::unique_ptr<agents::Checkpoints> checkpoints_;
    std::unique_ptr<agents::MqttSource> mqtt_;
    std::unique_ptr<agents::KafkaSource> kafka_;
    struct Unlogged {
        EventId event;
        SteadyTime since{};
    };
    std::vector<EventId> on_their_way_;  // io thread
    std::vector<Unlogged> unlogged_;     // raised, not found in the log yet; io thread
    std::int64_t seen_ = 0;              // overloads on the bus; io thread
    std::string mqtt_name_;
    std::string kafka_name_;
    std::atomic<bool> is_stopped_ = false;
    std::thread stopping_;
};

}  // namespace headroom::app
