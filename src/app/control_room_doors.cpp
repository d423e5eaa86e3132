// Routes and metrics of the room.
#include "api/outlook_door.hpp"
#include "api/routes.hpp"
#include "app/control_room.hpp"
#include "app/quality_wiring.hpp"
#include "app/scenario_parts.hpp"
#include "desk/outlook.hpp"

#include <limits>

namespace headroom::app {

void ControlRoom::add_metrics() {
    metrics_
        .gauge("headroom_build_info", "Version of this process; always 1.", {{"version", HEADROOM_VERSION}})
        .set(1.0);
    server_.observe([this](const net::RouteInfo* route, int status, double seconds) {
        Metrics::Histogram*& histogram = request_histograms_[{route, status}];
        if (histogram == nullptr) {
            histogram = &metrics_.histogram("http_server_request_duration_seconds",
                                            "Time from a request's header to the end of its answer.",
                                            {{"method", route != nullptr ? route->method : "other"},
                                             {"route", route != nullptr ? route->pattern : "none"},
                                             {"status", std::to_string(status)}});
        }
        histogram->observe(seconds);
        requests_ += 1;
    });
    journal_->on_entry([this](const audit::Entry& entry) {
        metrics_.counter("headroom_audit_entries_total", "Entries written to the audit log.").add();
        if (entry.type == "dispatch.order.ack" || entry.type == "dispatch.order.nack" ||
            entry.type == "dispatch.order.timeout") {
            metrics_
                .counter("headroom_dispatch_instructions_total", "Instructions by what became of them.",
                         {{"result", entry.type.substr(entry.type.rfind('.') + 1)}})
                .add();
        }
        if (entry.type == "alarm.raised" || entry.type == "guard.refused") {
            metrics_.counter("headroom_alarm_transitions_total", "Alarms raised.", {{"state", "raised"}})
                .add();
        }
    });
}

/// What is counted elsewhere is taken over when somebody asks.
void ControlRoom::refresh_metrics() {
    for (const auto& refresh : refreshers_) {
        refresh();
    }
    metrics_.gauge("headroom_feeders", "Feeders in the network.")
        .set(static_cast<double>(options_.network.feeders().size()));
    metrics_.gauge("headroom_http_connections", "Open connections, WebSockets included.")
        .set(static_cast<double>(server_.connections()));
    const json::Object status = desk_->status();
    metrics_.gauge("headroom_telemetry_age_seconds", "Age of the newest reading of any feeder, domain time.")
        .set(json::Value(status).number("/data_age_s", std::numeric_limits<double>::quiet_NaN()));
    for (const auto& [name, count] : status.find("counts")->as_object()->members()) {
        metrics_
            .gauge("headroom_feeders_by_headroom", "Feeders by the headroom of their tightest phase.",
                   {{"headroom", name.str()}})
            .set(count.as_double().value_or(0.0));
    }
    metrics_.gauge("headroom_events_open", "Events that are not over.")
        .set(static_cast<double>(orchestration_->open_events()));
    metrics_.gauge("headroom_audit_writable", "1 while the audit log takes entries.")
        .set(journal_->healthy() ? 1.0 : 0.0);
    const json::Value ahead{week_ahead_->status().metrics};
    metrics_.gauge("headroom_week_ahead_points", "Points of which an outlook was made in this round.")
        .set(static_cast<double>(ahead.integer("/points") - ahead.integer("/without_outlook")));
    metrics_.gauge("headroom_week_ahead_points_without", "Points of which none could be made in this round.")
        .set(static_cast<double>(ahead.integer("/without_outlook")));
    refresh_quality_metrics(metrics_, *quality_);
    refresh_trust_metrics(metrics_, *trust_.monitoring);
    const monitor::IngestCount totals = monitoring_->totals();
    const auto take_over = [this](std::string_view result, std::uint64_t total) {
        Metrics::Counter& counter =
            metrics_.counter("headroom_ingest_messages_total", "Readings by what became of them.",
                             {{"result", std::string(result)}});
        counter.add(total - counter.value());
    };
    add_series_metrics(metrics_, *series_, minutes_);
    take_over("accepted", totals.accepted);
    take_over("duplicate", totals.duplicates);
    take_over("conflict", totals.conflicts);
    for (std::size_t i = 0; i < totals.quarantined.size(); ++i) {
        take_over(telemetry::to_string(static_cast<telemetry::Quarantine>(i)), totals.quarantined[i]);
    }
}

std::vector<std::string> ControlRoom::not_ready() const {
    std::vector<std::string> reasons;
    if (!started_) {
        reasons.emplace_back("starting: what a former run left is being taken up");
    }
    if (stopping_) {
        reasons.emplace_back("stopping");
    }
    if (!journal_->healthy()) {
        reasons.emplace_back("the audit log takes no entries: nothing new is started (full or failed disk?)");
    }
    return reasons;
}

void ControlRoom::add_routes() {
    add_metrics();
    add_contingency_routes(
        server_, [this] { return contingency_.get(); },
        [this]() -> agents::RecordStore& { return *records_; }, *wall_);
    api::add_outlook(server_, [this] { return desk::OutlookDesk(*week_ahead_, registry_, *clock_); });
    api::add_routes(server_,
                    api::Door{.desk = [this]() -> desk::Desk& { return *desk_; },
                              .monitoring = [this]() -> agents::GridMonitoring& { return *monitoring_; },
                              .market = [this]() -> agents::Market& { return *market_; },
                              .scenarios = [this]() -> desk::Scenarios& { return *scenarios_->scenarios; },
                              .feeds = feeds_,
                              .registry = registry_,
                              .metrics = metrics_,
                              .clock = *clock_,
                              .wall = *wall_,
                              .records = [this]() -> agents::RecordStore& { return *records_; },
                              .still_in = still_in_,
                              .refresh_metrics = [this] { refresh_metrics(); },
                              .not_ready = [this] { return not_ready(); },
                              .is_stopping = [this] { return stopping_; }});
}

}  // namespace headroom::app
