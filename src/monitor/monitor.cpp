#include "monitor/monitor.hpp"

#include "monitor/engine.hpp"

#include <utility>

namespace headroom::monitor {

Monitor::Monitor(const grid::Network& network, telemetry::PointRegistry& registry, MonitorOptions options)
    : engine_(std::make_unique<Engine>(network, registry, std::move(options))) {}
Monitor::~Monitor() = default;

void Monitor::apply(const grid::Network& network) {
    const std::lock_guard lock(mutex_);
    engine_->apply(network);
}
Result<void> Monitor::infer_each(std::optional<forecast::StreamModel> model) {
    const std::lock_guard lock(mutex_);
    return engine_->infer_each(std::move(model));
}
std::vector<float> Monitor::stream_row(telemetry::PointRef point) const {
    const std::lock_guard lock(mutex_);
    return engine_->stream_row(point);
}
void Monitor::warm(telemetry::PointRef point, const store::SeriesBlock& history) {
    const std::lock_guard lock(mutex_);
    engine_->warm(point, history);
}
Result<void> Monitor::serve(std::shared_ptr<const forecast::LiveModel> model) {
    const std::lock_guard lock(mutex_);
    return engine_->serve(std::move(model));
}
void Monitor::inform(std::shared_ptr<const forecast::CovariateTable> table) {
    const std::lock_guard lock(mutex_);
    engine_->inform(std::move(table));
}
void Monitor::train(UtcTime now) {
    const std::lock_guard lock(mutex_);
    engine_->train(now);
}
IngestCount Monitor::ingest(std::span<const telemetry::Reading> readings, UtcTime now,
                            std::vector<std::uint32_t>* used) {
    const std::lock_guard lock(mutex_);
    return engine_->ingest(readings, now, used);
}
void Monitor::tick(UtcTime now) {
    const std::lock_guard lock(mutex_);
    engine_->tick(now);
}
void Monitor::expect_changes_only(std::uint16_t source) {
    const std::lock_guard lock(mutex_);
    engine_->expect_changes_only(source);
}
void Monitor::distrust(telemetry::PointRef point, UtcTime since, trust::IncidentKind kind) {
    const std::lock_guard lock(mutex_);
    engine_->distrust(point, since, kind);
}
void Monitor::believe(telemetry::PointRef point) {
    const std::lock_guard lock(mutex_);
    engine_->believe(point);
}
std::vector<RaisedOverload> Monitor::take_overloads() {
    const std::lock_guard lock(mutex_);
    return engine_->take_overloads();
}
std::vector<EventId> Monitor::take_cleared() {
    const std::lock_guard lock(mutex_);
    return engine_->take_cleared();
}
std::vector<EventId> Monitor::take_breached() {
    const std::lock_guard lock(mutex_);
    return engine_->take_breached();
}
std::vector<trust::Verdict> Monitor::take_verdicts() {
    const std::lock_guard lock(mutex_);
    return engine_->take_verdicts();
}
std::vector<store::SeriesBlock> Monitor::take_rollups() {
    const std::lock_guard lock(mutex_);
    return engine_->take_rollups();
}
void Monitor::adopt_open(const EventId& event, const grid::Limit& limit, UtcTime start, UtcTime end) {
    const std::lock_guard lock(mutex_);
    engine_->adopt_open(event, limit, start, end);
}
PointView Monitor::view(telemetry::PointRef point) const {
    const std::lock_guard lock(mutex_);
    return engine_->view(point);
}
void Monitor::views(std::span<const telemetry::PointRef> points, std::vector<PointView>& out) const {
    const std::lock_guard lock(mutex_);
    out.clear();
    out.reserve(points.size());
    for (const telemetry::PointRef point : points) {
        out.push_back(engine_->view(point));
    }
}
std::uint64_t Monitor::forecasts_made() const {
    const std::lock_guard lock(mutex_);
    return engine_->forecasts_made();
}

MonitorMemory Monitor::memory() const {
    const std::lock_guard lock(mutex_);
    return engine_->memory();
}
double Monitor::period_mean_kw(telemetry::PointRef point, UtcTime period) const {
    const std::lock_guard lock(mutex_);
    return engine_->period_mean_kw(point, period);
}
std::optional<forecast::LoadForecast> Monitor::forecast(telemetry::PointRef point) const {
    const std::lock_guard lock(mutex_);
    return engine_->forecast_of(point);
}
std::optional<forecast::LoadForecast> Monitor::forecast_ahead(telemetry::PointRef point, UtcTime now,
                                                              std::int64_t periods) const {
    const std::lock_guard lock(mutex_);
    return engine_->forecast_ahead(point, now, periods);
}

}  // namespace headroom::monitor
