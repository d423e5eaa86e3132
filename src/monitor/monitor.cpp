#include "monitor/monitor.hpp"

#include "monitor/engine.hpp"

#include <utility>

namespace headroom::monitor {

Monitor::Monitor(const grid::Network& network, telemetry::PointRegistry& registry, MonitorOptions options)
    : engine_(std::make_unique<Engine>(network, registry, std::move(options))) {}
Monitor::~Monitor() = default;

void Monitor::warm(telemetry::PointRef point, const store::SeriesBlock& history) {
    engine_->warm(point, history);
}
void Monitor::train(UtcTime now) {
    engine_->train(now);
}
IngestCount Monitor::ingest(std::span<const telemetry::Reading> readings, UtcTime now,
                            std::vector<std::uint32_t>* used) {
    return engine_->ingest(readings, now, used);
}
void Monitor::tick(UtcTime now) {
    engine_->tick(now);
}
std::vector<RaisedOverload> Monitor::take_overloads() {
    return engine_->take_overloads();
}
std::vector<EventId> Monitor::take_cleared() {
    return engine_->take_cleared();
}
std::vector<EventId> Monitor::take_breached() {
    return engine_->take_breached();
}
std::vector<trust::Verdict> Monitor::take_verdicts() {
    return engine_->take_verdicts();
}
std::vector<store::SeriesBlock> Monitor::take_rollups() {
    return engine_->take_rollups();
}
void Monitor::adopt_open(const EventId& event, const grid::Limit& limit, UtcTime start, UtcTime end) {
    engine_->adopt_open(event, limit, start, end);
}
PointView Monitor::view(telemetry::PointRef point) const {
    return engine_->view(point);
}
double Monitor::period_mean_kw(telemetry::PointRef point, UtcTime period) const {
    return engine_->period_mean_kw(point, period);
}
const forecast::LoadForecast* Monitor::forecast(telemetry::PointRef point) const {
    return engine_->forecast_of(point);
}

}  // namespace headroom::monitor
