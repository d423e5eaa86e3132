#pragma once

#include "agents/audit_settlement.hpp"
#include "agents/dispatch.hpp"
#include "agents/flex_orchestration.hpp"
#include "agents/grid_monitoring.hpp"
#include "agents/journal.hpp"
#include "agents/market.hpp"
#include "agents/record_store.hpp"
#include "agents/retraining.hpp"
#include "agents/series_store.hpp"
#include "agents/sources/iec104_source.hpp"
#include "agents/week_ahead.hpp"
#include "api/session_door.hpp"
#include "app/contingency_parts.hpp"
#include "app/copilot_parts.hpp"
#include "app/scenario_wiring.hpp"
#include "app/series_parts.hpp"
#include "app/trust_wiring.hpp"
#include "audit/blob_store.hpp"
#include "audit/log.hpp"
#include "bus/bus.hpp"
#include "core/async.hpp"
#include "core/metrics.hpp"
#include "core/settings_iec104.hpp"
#include "desk/desk.hpp"
#include "desk/feeds.hpp"
#include "desk/identity/identity.hpp"
#include "desk/quality.hpp"
#include "desk/recent_minutes.hpp"
#include "desk/sources.hpp"
#include "grid/network.hpp"
#include "monitor/monitor.hpp"
#include "net/http_client.hpp"
#include "net/http_server.hpp"
#include "net/mqtt_client.hpp"
#include "store/data_dir.hpp"
#include "telemetry/reading.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace headroom::app {

/// Where the providers' keys come from, beside what is configured for each.
struct KeyRegistryOptions {
    std::filesystem::path file;  ///< asked first; empty: none
    std::string url;             ///< of a registry; empty: none
    bool is_dedi = false;        ///< of 2.0; otherwise POST /lookup of 1.x
    std::vector<std::string> networks;
};

struct ControlRoomOptions {
    std::filesystem::path data_dir;
    grid::Network network;
    std::string origin = "headroom.example/control-room/audit-1";
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;
    api::SessionDoorOptions door;
    net::ServerLimits limits;
    agents::MarketOptions market;  ///< callback_url is filled in once the port is known, unless given
    std::vector<agents::MarketPeer> peers;
    KeyRegistryOptions keys;
    agents::DispatchOptions dispatch;
    agents::OrchestrationOptions orchestration;
    monitor::MonitorOptions monitor;
    SeriesOptions series;
    agents::RetrainingOptions retraining;
    Iec104SourceSettings iec104;
    ScenarioWiring scenarios;
    LlmSettings llm;
    std::shared_ptr<const flex::RuleBook> rules;          ///< the operator's; nothing: none are set
    std::vector<grid::AuthorityEnvelope> envelopes = {};  ///< that go with the rules
    flex::WeekAheadRules week_ahead = {};                 ///< likewise
    std::string mqtt_host;  ///< empty: devices connect by WebSocket at /devices/v1
    std::uint16_t mqtt_port = 0;
    std::string mqtt_prefix = "headroom/v1";
    std::vector<std::string> allow_private;  ///< peers on private addresses, "host:port" or "host:*"
    desk::Mode mode;
    desk::WithoutSeries without;                        ///< of a simulated grid
    std::function<Result<desk::GridFile>()> read_grid;  ///< `network` as its file says now; may be empty
    DomainClock* clock = nullptr;                       ///< the system's when null
    InFlight* in_flight = nullptr;                      ///< shared with a simulated other side; own when null
    std::function<void(net::HttpServer&)> mount;        ///< further routes, such as simulated providers
};

/// Everything one process needs, put together: the composition root. Built in the order of the rooms,
/// destroyed in the reverse.
class ControlRoom {
  public:
    /// Opens the data directory, catches the records up with the log, binds the port. Nothing runs before
    /// `start`. Errors: as those of the parts; the message says the remedy where there is one.
    [[nodiscard]] static Result<std::unique_ptr<ControlRoom>> open(asio::io_context& context,
                                                                   ControlRoomOptions options);
    ~ControlRoom();
    ControlRoom(const ControlRoom&) = delete;
    ControlRoom& operator=(const ControlRoom&) = delete;

    /// Takes up what a former process left: outbox, instructions without answer, open events. Then decisions
    /// begin.
    Awaitable<Result<void>> start();
    /// Fills the monitor's rings from the series store and fits the forecasters. Blocking.
    Result<void> warm(UtcTime now);
    /// readyz 503, stop accepting, drain, seal and sign the log. Runs on the io thread; `finish` after the
    /// loop has ended.
    Awaitable<void> drain();
    Result<void> finish();

    /// Nothing is on its way anywhere: with no ready handler besides, only the clock can make something
    /// happen.
    [[nodiscard]] bool idle() const;

    [[nodiscard]] std::uint16_t port() const { return server_.port(); }
    [[nodiscard]] const std::string& control_path() const { return control_path_; }
    /// Devices can be reached: the broker or a gateway is there.
    [[nodiscard]] bool is_channel_connected() const { return channel_->is_connected(); }
    [[nodiscard]] bool is_stopping() const { return stopping_; }
    [[nodiscard]] const std::filesystem::path& data_dir() const { return options_.data_dir; }

    asio::io_context& context() { return context_; }
    DomainClock& clock() { return *clock_; }
    WallClock& wall() { return *wall_; }
    InFlight& in_flight() { return *in_flight_; }
    Metrics& metrics() { return metrics_; }
    /// Called on the io thread before metrics are shown.
    void on_refresh(std::function<void()> refresh) { refreshers_.push_back(std::move(refresh)); }
    net::HttpServer& server() { return server_; }
    const grid::Network& network() const { return options_.network; }
    /// HTTP requests answered so far.
    [[nodiscard]] std::uint64_t requests() const { return requests_; }
    telemetry::PointRegistry& registry() { return registry_; }
    monitor::Monitor& monitor() { return *monitor_; }
    bus::Bus& bus() { return *bus_; }
    agents::GridMonitoring& monitoring() { return *monitoring_; }
    agents::TrustMonitoring& trust() { return *trust_.monitoring; }
    /// Time has passed: forecasts, windows, and the next look at the quality of the data.
    void tick();
    agents::FlexOrchestration& orchestration() { return *orchestration_; }
    agents::AuditSettlement& settlement() { return *settlement_; }
    agents::Market& market() { return *market_; }
    agents::DispatchAgent& dispatch() { return *dispatch_; }
    agents::Journal& journal() { return *journal_; }
    agents::RecordStore& records() { return *records_; }
    agents::SeriesStore& series() { return *series_; }
    agents::Retraining& retraining() { return *retraining_; }
    agents::Contingency& contingency() { return *contingency_; }
    audit::Log& log() { return *log_; }
    desk::Desk& desk() { return *desk_; }
    desk::Feeds& feeds() { return *feeds_; }
    desk::identity::Identity& identity() { return *identity_; }

  private:
    ControlRoom(asio::io_context& context, ControlRoomOptions options);
    Result<void> open_stores();
    Result<void> open_log();
    Result<void> open_channel();
    Result<void> listen();
    Result<void> open_desk();
    void track_minutes();
    void adopt(grid::Network network);
    Result<void> open_sources();
    [[nodiscard]] std::vector<std::string> not_ready() const;
    void add_metrics();
    void tell_monitor(const audit::Entry& entry);
    void refresh_metrics();
    Result<void> open_door();
    Result<void> open_keys(const Ed25519KeyPair& own);
    void add_routes();

    asio::io_context& context_;
    ControlRoomOptions options_;
    std::unique_ptr<DomainClock> own_clock_;
    DomainClock* clock_ = nullptr;
    std::unique_ptr<WallClock> wall_;
    InFlight own_in_flight_;
    InFlight* in_flight_ = nullptr;
    Metrics metrics_;
    std::unique_ptr<store::DataDir> data_;
    std::unique_ptr<agents::RecordStore> records_;
    std::unique_ptr<agents::SeriesStore> series_;
    std::unique_ptr<audit::BlobStore> blobs_;
    std::unique_ptr<audit::Log> log_;
    std::unique_ptr<bus::Bus> bus_;
    std::unique_ptr<bus::Subscription> overloads_;  // until `start` reads them
    std::unique_ptr<agents::Journal> journal_;
    telemetry::PointRegistry registry_;
    std::unique_ptr<grid::Network> monitored_;  // what the monitor looks at since the grid was changed
    std::unique_ptr<monitor::Monitor> monitor_;
    std::unique_ptr<agents::GridMonitoring> monitoring_;
    std::unique_ptr<net::HttpClient> http_;
    std::unique_ptr<net::MqttClient> mqtt_;
    std::unique_ptr<dispatch::Channel> channel_;
    std::unique_ptr<agents::DispatchAgent> dispatch_;
    std::unique_ptr<agents::KeyResolver> keys_;
    std::unique_ptr<agents::Market> market_;
    std::unique_ptr<agents::Programmes> programmes_;
    std::unique_ptr<agents::FlexOrchestration> orchestration_;
    std::unique_ptr<agents::AuditSettlement> settlement_;
    desk::RecentMinutes minutes_;
    desk::Sources sources_;
    std::unique_ptr<desk::Quality> quality_;
    TrustParts trust_;
    std::unique_ptr<agents::Iec104Source> iec104_;
    std::unique_ptr<agents::Retraining> retraining_;
    std::unique_ptr<agents::WeekAhead> week_ahead_;
    CopilotParts copilot_;
    std::unique_ptr<ScenarioParts> scenarios_;
    std::unique_ptr<desk::Desk> desk_;
    std::shared_ptr<desk::Feeds> feeds_ = std::make_shared<desk::Feeds>();
    std::unique_ptr<desk::identity::Identity> identity_;
    net::HttpServer server_;
    api::StillIn still_in_;  // for connections that stay open
    std::string control_path_;
    std::uint64_t requests_ = 0;
    std::map<std::pair<const net::RouteInfo*, int>, Metrics::Histogram*> request_histograms_;
    std::vector<std::function<void()>> refreshers_;
    bool started_ = false;
    bool stopping_ = false;
    std::unique_ptr<agents::Contingency> contingency_;  // last: it goes before what it looks at
};

}  // namespace headroom::app
