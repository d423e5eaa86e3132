#include "agents/grid_monitoring.hpp"

#include "core/log.hpp"

#include <algorithm>
#include <cmath>

namespace headroom::agents {

monitor::IngestCount GridMonitoring::ingest(std::span<const telemetry::Reading> readings,
                                            SteadyTime received) {
    thread_local std::vector<std::uint32_t> used_positions;
    thread_local std::vector<telemetry::Reading> scratch;
    if (corrected_) {
        readings = corrected_(readings, scratch);
    }
    used_positions.clear();
    const UtcTime now = parts_.clock.now();
    const monitor::IngestCount count =
        parts_.monitor.ingest(readings, now, used_ ? &used_positions : nullptr);
    if (used_) {
        used_(readings, used_positions, count);
    }
    {
        const std::lock_guard lock(counting_);
        totals_.accepted += count.accepted;
        totals_.duplicates += count.duplicates;
        totals_.conflicts += count.conflicts;
        for (std::size_t i = 0; i < count.quarantined.size(); ++i) {
            totals_.quarantined[i] += count.quarantined[i];
        }
        newest_ = std::max(newest_, now);
    }
    hand_on_from_here(received);
    return count;
}

void GridMonitoring::tick() {
    parts_.monitor.tick(parts_.clock.now());
    hand_on_from_here(steady_now());
    parts_.series.tick(parts_.clock.now());
}

void GridMonitoring::count_refused(std::uint16_t source, const telemetry::DecodeReport& report) {
    {
        const std::lock_guard lock(counting_);
        for (std::size_t i = 0; i < report.quarantined.size(); ++i) {
            totals_.quarantined[i] += report.quarantined[i];
        }
    }
    if (refused_) {
        refused_(source, report);
    }
}

void GridMonitoring::count_quarantined(telemetry::Quarantine reason, std::uint64_t count) {
    const std::lock_guard lock(counting_);
    totals_.quarantined[static_cast<std::size_t>(reason)] += count;
}

monitor::IngestCount GridMonitoring::totals() const {
    const std::lock_guard lock(counting_);
    return totals_;
}

GridMonitoring::Findings GridMonitoring::take_findings() {
    static_cast<void>(parts_.monitor.take_cleared());
    return {.overloads = parts_.monitor.take_overloads(),
            .verdicts = parts_.monitor.take_verdicts(),
            .breached = parts_.monitor.take_breached(),
            .rollups = parts_.monitor.take_rollups()};
}

void GridMonitoring::hand_on_from_here(SteadyTime received) {
    if (std::this_thread::get_id() == home_) {
        return hand_on(take_findings(), received);
    }
    const std::lock_guard lock(handing_on_);
    Findings findings = take_findings();
    if (findings.empty()) {
        return;
    }
    asio::post(parts_.executor, [this, findings = std::move(findings), received]() mutable {
        hand_on(std::move(findings), received);
    });
}

void GridMonitoring::hand_on(Findings findings, SteadyTime received) {
    for (const monitor::RaisedOverload& raised : findings.overloads) {
        if (!is_raising_) {
            continue;
        }
        raised_ += 1;
        spawn(parts_.executor, [](bus::Bus& bus, bus::Message message) -> Awaitable<void> {
            const Result<void> published = co_await bus.publish(std::move(message));
            if (!published) {
                log::error("an overload could not be published", {{"error", published.error().message}});
            }
        }(parts_.bus, to_message(raised, received)));
    }
    for (const trust::Verdict& verdict : findings.verdicts) {
        doubts_[std::string(trust::to_string(verdict.doubt))] += 1;
    }
    if (doubted_ && !findings.verdicts.empty()) {
        doubted_(findings.verdicts);
    }
    for (const EventId& event : findings.breached) {
        if (breach_) {
            breach_(event);
        }
    }
    parts_.series.post(std::move(findings.rollups));
}

FlexOrchestration::Views GridMonitoring::views() const {
    FlexOrchestration::Views views;
    const auto newest = [this](std::string_view id, grid::Phase phase) -> std::optional<double> {
        const telemetry::PointRef point = parts_.registry.find(id, grid::Quantity::p_kw, phase);
        if (point == telemetry::no_point) {
            return std::nullopt;
        }
        const monitor::PointView view = parts_.monitor.view(point);
        return std::isfinite(view.load_kw) && !view.distrusted ? std::optional(view.load_kw) : std::nullopt;
    };
    views.der_load_kw = [newest](const std::string& der) { return newest(der, grid::Phase::sum); };
    views.limit_load_kw = [newest](const risk::Overload& overload) {
        return newest(overload.feeder, overload.limit.phase);
    };
    views.limit_period_mean_kw = [this](const risk::Overload& overload,
                                        UtcTime period) -> std::optional<double> {
        const telemetry::PointRef point =
            parts_.registry.find(overload.feeder, overload.limit.quantity, overload.limit.phase);
        if (point == telemetry::no_point) {
            return std::nullopt;
        }
        if (parts_.monitor.view(point).distrusted) {
            return std::nullopt;
        }
        const double mean_kw = parts_.monitor.period_mean_kw(point, period);
        return std::isfinite(mean_kw) ? std::optional(mean_kw) : std::nullopt;
    };
    views.stale_reason = [this](const std::string& feeder) -> std::optional<std::string> {
        bool any = false;
        for (const grid::Phase phase :
             {grid::Phase::l1, grid::Phase::l2, grid::Phase::l3, grid::Phase::sum}) {
            const telemetry::PointRef point = parts_.registry.find(feeder, grid::Quantity::p_kw, phase);
            if (point == telemetry::no_point) {
                continue;
            }
            const monitor::PointView view = parts_.monitor.view(point);
            if (view.readings == 0) {
                continue;
            }
            any = true;
            if (view.distrusted) {
                return "readings of " + feeder + " are not believed (" +
                       std::string(trust::to_string(*view.distrusted)) + ")";
            }
            if (view.quality != telemetry::Quality::measured) {
                return "the newest reading of " + feeder + " is " +
                       std::string(telemetry::to_string(view.quality));
            }
            if (parts_.clock.now() - view.at > fresh_for) {
                return "the newest reading of " + feeder + " is from " + format_utc(view.at);
            }
        }
        if (std::optional<std::string> doubt = in_doubt_ ? in_doubt_(feeder) : std::nullopt) {
            return doubt;
        }
        return any ? std::nullopt : std::optional<std::string>("feeder " + feeder + " has no readings");
    };
    return views;
}

AgentStatus GridMonitoring::status() const {
    const std::lock_guard lock(counting_);
    return {.name = "grid_monitoring",
            .status = totals_.accepted == 0 ? "initializing" : "active",
            .last_updated = newest_,
            .metrics = json::Object{{"accepted", totals_.accepted},
                                    {"duplicates", totals_.duplicates},
                                    {"conflicts", totals_.conflicts},
                                    {"overloads_raised", raised_}}};
}

bus::Message to_message(const monitor::RaisedOverload& raised, SteadyTime received) {
    const json::Object body{{"overload", risk::to_json(raised.overload)},
                            {"input", risk::to_json(raised.input)},
                            {"forecast_method", raised.forecast_method},
                            {"forecast_model", raised.forecast_model},
                            {"received_steady_ns", received.time_since_epoch().count()}};
    return {.topic = "overloads", .key = raised.overload.feeder, .body = json::write(body)};
}

Result<RaisedEvent> raised_event_of(const bus::Message& message) {
    const Result<json::Value> body = json::parse(message.body);
    if (!body) {
        return body.error();
    }
    const json::Value* overload = body->get("overload");
    const json::Value* input = body->get("input");
    if (overload == nullptr || input == nullptr) {
        return Error{Errc::invalid, "an overload message needs overload and input"};
    }
    Result<risk::Overload> parsed_overload = risk::overload_from_json(*overload);
    Result<risk::RiskInput> parsed_input = risk::risk_input_from_json(*input);
    if (!parsed_overload || !parsed_input) {
        return !parsed_overload ? parsed_overload.error() : parsed_input.error();
    }
    return RaisedEvent{
        .overload = std::move(*parsed_overload),
        .input = std::move(*parsed_input),
        .forecast_method = body->text("/forecast_method"),
        .forecast_model = body->text("/forecast_model"),
        .received = SteadyTime{std::chrono::steady_clock::duration{body->integer("/received_steady_ns")}}};
}

std::unique_ptr<bus::Subscription> subscribe_to_overloads(bus::Bus& bus) {
    return bus.subscribe("overloads", "flex_orchestration");
}

Awaitable<void> consume_overloads(std::unique_ptr<bus::Subscription> subscription,
                                  FlexOrchestration& orchestration) {
    for (;;) {
        Result<std::vector<bus::Message>> batch = co_await subscription->next(64);
        if (!batch || batch->empty()) {
            co_return;
        }
        for (const bus::Message& message : *batch) {
            Result<RaisedEvent> raised = raised_event_of(message);
            if (!raised) {
                log::error("an overload message could not be read", {{"error", raised.error().message}});
                continue;
            }
            const Result<void> started = co_await orchestration.raise(std::move(*raised));
            if (!started) {
                log::error("an event could not be started", {{"error", started.error().message}});
            }
        }
        const Result<void> done = co_await subscription->done(batch->back());
        if (!done) {
            co_return;
        }
    }
}

}  // namespace headroom::agents
