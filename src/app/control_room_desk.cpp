// What the doors stand on: minutes, quality, trust, the co-pilot, scenarios and the desk itself.
#include "app/control_room.hpp"
#include "app/iec104_stations.hpp"
#include "app/quality_wiring.hpp"
#include "app/scenario_parts.hpp"

#include <utility>

namespace headroom::app {

/// Where readings come from besides the doors.
Result<void> ControlRoom::open_sources() {
    Result<std::vector<agents::Iec104Station>> stations =
        iec104_stations(options_.iec104, options_.network, registry_);
    if (!stations) {
        return stations.error();
    }
    if (!stations->empty()) {
        iec104_ = open_iec104(context_.get_executor(), *orchestration_, *monitoring_, registry_, *clock_,
                              *quality_, std::move(*stations));
    }
    return {};
}

/// Minutes are kept of feeders first and of resources as far as there is room.
void ControlRoom::track_minutes() {
    for (const bool is_feeder : {true, false}) {
        for (telemetry::PointRef point = 0; point < registry_.size(); ++point) {
            const telemetry::PointKey& key = registry_.key(point);
            if (key.quantity == grid::Quantity::p_kw &&
                (options_.network.feeder(key.point_id) != nullptr) == is_feeder) {
                static_cast<void>(minutes_.track(point));
            }
        }
    }
}

/// Everybody on the io thread looks elements up by id when needed and keeps none over a wait. The monitor's
/// threads may be in the middle of a batch: they get a copy of their own, before the former network goes.
void ControlRoom::adopt(grid::Network network) {
    auto monitored = std::make_unique<grid::Network>(network);
    monitor_->apply(*monitored);
    monitored_ = std::move(monitored);
    options_.network = std::move(network);
    quality_->rebuild();
    trust_.monitoring->rebuild();
    contingency_->rebuild();
    track_minutes();
}

Result<void> ControlRoom::open_desk() {
    track_minutes();
    monitoring_->on_used([this](std::span<const telemetry::Reading> readings,
                                std::span<const std::uint32_t> used, const monitor::IngestCount& count) {
        minutes_.add(readings, used);
        sources_.add(readings, used, count);
        quality_->add_batch(readings, used, count);
    });
    feed_series(*series_, options_.series,
                {context_.get_executor(), *clock_, *journal_, *monitor_, registry_, minutes_});
    quality_ = std::make_unique<desk::Quality>(
        desk::Quality::Parts{options_.network, registry_, *monitor_, *clock_});
    watch_quality(*monitoring_, *quality_);
    Result<TrustParts> trust = open_trust({*clock_, options_.network, registry_, *monitor_, *journal_,
                                           *series_, *monitoring_, *orchestration_, records_->direct()});
    if (!trust) {
        return trust.error();
    }
    trust_ = std::move(*trust);
    hold_doubtful_deliveries(*settlement_, *trust_.monitoring, registry_, minutes_);
    Result<CopilotParts> copilot =
        open_copilot(options_.data_dir, options_.llm, {context_.get_executor(), *http_, *journal_, *wall_});
    if (!copilot) {
        return copilot.error();
    }
    copilot_ = std::move(*copilot);
    Result<ScenarioParts> scenarios =
        open_scenarios({context_.get_executor(), *clock_, *wall_, *journal_, *series_, options_.network},
                       options_.data_dir, options_.scenarios);
    if (!scenarios) {
        return scenarios.error();
    }
    scenarios_ = std::make_unique<ScenarioParts>(std::move(*scenarios));
    contingency_ = open_contingency({context_.get_executor(), *clock_, *journal_, *orchestration_,
                                     options_.network, registry_, *monitor_, *monitoring_, *retraining_},
                                    options_.monitor.rules.alarm_quantile_ppm, options_.dispatch.guard,
                                    options_.rules.get(), !options_.peers.empty());
    on_refresh([this] { refresh_copilot_metrics(metrics_, *copilot_.copilot); });
    options_.mode.control_path = control_path_;
    desk_ = std::make_unique<desk::Desk>(
        desk::Parts{context_.get_executor(),
                    *clock_,
                    *wall_,
                    options_.network,
                    registry_,
                    *monitor_,
                    *monitoring_,
                    *orchestration_,
                    *settlement_,
                    *market_,
                    *dispatch_,
                    *journal_,
                    *series_,
                    minutes_,
                    sources_,
                    *quality_,
                    *trust_.monitoring,
                    *retraining_,
                    *programmes_,
                    options_.without,
                    static_cast<double>(options_.monitor.rules.alarm_quantile_ppm) / 1e6,
                    options_.read_grid,
                    [this](grid::Network network) { adopt(std::move(network)); },
                    copilot_.knowledge.get(),
                    copilot_.copilot.get(),
                    options_.rules,
                    contingency_.get()},
        options_.mode);
    return {};
}

}  // namespace headroom::app
