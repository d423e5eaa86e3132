#pragma once

#include "agents/audit_settlement.hpp"
#include "agents/dispatch.hpp"
#include "agents/flex_orchestration.hpp"
#include "agents/grid_monitoring.hpp"
#include "agents/journal.hpp"
#include "agents/market.hpp"
#include "agents/programmes.hpp"
#include "agents/retraining.hpp"
#include "agents/series_store.hpp"
#include "agents/trust_monitoring.hpp"
#include "core/clock.hpp"
#include "desk/quality.hpp"
#include "desk/recent_minutes.hpp"
#include "desk/sources.hpp"
#include "grid/network.hpp"
#include "monitor/monitor.hpp"
#include "telemetry/reading.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace headroom::agents {
class Contingency;
class Copilot;
}  // namespace headroom::agents

namespace headroom::flex {
struct RuleBook;
}

namespace headroom::desk {

class KnowledgeDesk;

/// What the whole process is doing, for the header of every page.
struct Mode {
    bool simulated = false;
    std::uint64_t seed = 0;    ///< of the simulation
    double speed = 1.0;        ///< of the simulation's clock against the wall's, a ceiling
    std::string authority;     ///< shadow | propose | act
    std::string control_path;  ///< mqtt | websocket
    std::string story_name;    ///< of the simulated story; empty when none is told
    std::string story_title;
};

/// The load of a point had nobody been asked for anything, as one-minute means over [from, to) or a part of
/// it; nothing for a point that is not known. The simulator's twin knows it; a real grid does not.
using WithoutSeries = std::function<std::optional<store::SeriesBlock>(const telemetry::PointKey& point,
                                                                      UtcTime from, UtcTime to)>;

/// A grid file as it was read.
struct GridFile {
    std::string name;
    std::string text;
    std::string sha256;  ///< of the text
    grid::Network network;
};

/// What the desk looks at and acts through. All of it outlives the desk.
struct Parts {
    asio::any_io_executor executor;
    DomainClock& clock;
    WallClock& wall;
    const grid::Network& network;
    const telemetry::PointRegistry& registry;
    monitor::Monitor& monitor;
    agents::GridMonitoring& monitoring;
    agents::FlexOrchestration& orchestration;
    agents::AuditSettlement& settlement;
    agents::Market& market;
    agents::DispatchAgent& dispatch;
    agents::Journal& journal;
    agents::SeriesStore& series;
    const RecentMinutes& minutes;
    const Sources& sources;
    const Quality& quality;
    agents::TrustMonitoring& trust;
    agents::Retraining& retraining;
    agents::Programmes& programmes;
    WithoutSeries without;                          ///< may be empty
    double alarm_quantile = 0.9;                    ///< at which forecast overloads are raised
    std::function<Result<GridFile>()> read_grid;    ///< blocking, any thread; empty: the grid is from no file
    std::function<void(grid::Network)> adopt_grid;  ///< puts another in the place of `network`; io thread
    KnowledgeDesk* knowledge = nullptr;             ///< nothing: no rulebooks are kept
    agents::Copilot* copilot = nullptr;             ///< nothing: no model can be asked
    std::shared_ptr<const flex::RuleBook> rules;    ///< the operator's; nothing: none are set
    const agents::Contingency* contingency = nullptr;  ///< nothing: there is no shelf
};

}  // namespace headroom::desk
