#pragma once

#include "app/commands.hpp"
#include "app/control_room.hpp"
#include "app/demo_report.hpp"
#include "app/virtual_time.hpp"
#include "core/async.hpp"
#include "desk/recent_minutes.hpp"
#include "net/broker_process.hpp"
#include "net/http_client.hpp"
#include "net/http_server.hpp"
#include "net/mqtt_client.hpp"
#include "sim/fleet.hpp"
#include "sim/fleet_mqtt.hpp"
#include "sim/fleet_websocket.hpp"
#include "sim/provider.hpp"
#include "sim/world.hpp"
#include "store/records.hpp"
#include "store/series.hpp"
#include "telemetry/reading.hpp"

#include <memory>
#include <optional>
#include <string>

namespace headroom::app {

/// The other side of a demo, labelled as simulated wherever it shows: the world with its meters, its twin
/// without flexibility, devices behind a gateway, and providers on a port of their own. Its memory lies in
/// `<data>/sim`, so a killed demo goes on.
class SimulatedGrid {
  public:
    /// Errors: those of the stores, the broker and the world's options.
    [[nodiscard]] static Result<std::unique_ptr<SimulatedGrid>> open(asio::io_context& context,
                                                                     const DemoCommand& command,
                                                                     const std::filesystem::path& data_dir);
    ~SimulatedGrid();
    SimulatedGrid(const SimulatedGrid&) = delete;
    SimulatedGrid& operator=(const SimulatedGrid&) = delete;

    /// What the control room is opened with: network, peers, broker, clock, authority to act.
    [[nodiscard]] ControlRoomOptions room_options() const;
    /// Connects devices and providers to the room, gives it the past on the first run, starts it, grants
    /// authority, and lives the recent past of a story up to its start.
    Result<void> connect(ControlRoom& room);
    /// Lives one meter interval: devices, meters, readings, decisions.
    Result<void> step(ControlRoom& room);

    [[nodiscard]] UtcTime now() const { return clock_.now(); }
    [[nodiscard]] UtcTime end() const { return end_; }
    [[nodiscard]] bool is_resumed() const { return is_resumed_; }
    [[nodiscard]] VirtualTime& time() { return *time_; }
    [[nodiscard]] const PeakBook& peaks() const { return peaks_; }
    [[nodiscard]] const sim::World& world() const { return *world_; }
    /// Counted over all runs on this data directory.
    [[nodiscard]] std::uint64_t accepted() const { return accepted_before_; }
    [[nodiscard]] std::uint64_t quarantined() const { return quarantined_before_; }

  private:
    /// So much of the twin's past is kept for the pages.
    static constexpr std::size_t minutes_without = 12 * 60;

    void keep_without(const std::vector<sim::SimReading>& readings);
    [[nodiscard]] std::optional<store::SeriesBlock> without(const telemetry::PointKey& point, UtcTime from,
                                                            UtcTime to) const;
    SimulatedGrid(asio::io_context& context, const DemoCommand& command, std::filesystem::path data_dir);
    Result<void> open_stores();
    Result<void> open_providers();
    Result<void> open_broker();
    Result<void> live_lead_in(ControlRoom& room);
    Result<void> live_one_interval(ControlRoom& room);
    Result<void> load_book();
    Result<void> save_book();
    Result<void> connect_devices(ControlRoom& room);
    Result<void> wait_until_true(const std::function<bool()>& condition, const std::string& what);
    [[nodiscard]] bool idle() const;

    asio::io_context& context_;
    DemoCommand command_;
    std::filesystem::path data_dir_;
    std::filesystem::path sim_dir_;
    std::unique_ptr<WallClock> wall_;
    std::unique_ptr<sim::World> world_;
    std::unique_ptr<sim::World> twin_;
    VirtualClock clock_;
    InFlight in_flight_;
    UtcTime start_{};
    UtcTime end_{};
    std::unique_ptr<store::Records> device_records_;
    std::unique_ptr<store::Records> provider_records_;
    std::unique_ptr<store::AheadFile> provider_ahead_;
    std::unique_ptr<sim::Fleet> fleet_;
    std::unique_ptr<net::HttpClient> http_;
    std::unique_ptr<sim::ProviderSim> providers_;
    net::HttpServer provider_server_;
    std::optional<net::BrokerProcess> broker_;
    std::string broker_host_;  ///< empty: devices come by WebSocket
    std::uint16_t broker_port_ = 0;
    std::unique_ptr<net::MqttClient> gateway_client_;
    std::unique_ptr<sim::FleetMqtt> fleet_mqtt_;
    std::unique_ptr<sim::FleetWebSocket> fleet_websocket_;
    std::unique_ptr<VirtualTime> time_;
    ControlRoom* room_ = nullptr;
    PeakBook peaks_;
    telemetry::PointRegistry twin_points_;  ///< by `World::points()`, in that order
    desk::RecentMinutes without_{minutes_without};
    std::vector<telemetry::PointRef> refs_;  ///< by `World::points()`
    std::uint16_t source_ = 0;
    std::uint64_t steps_ = 0;
    std::uint64_t accepted_before_ = 0;
    std::uint64_t quarantined_before_ = 0;
    bool is_resumed_ = false;
};

}  // namespace headroom::app
