#include "app/replay_run.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace headroom::app {
namespace {

using telemetry::Arrival;
using telemetry::CsvPlace;
using telemetry::PointKey;
using telemetry::PointRef;
using telemetry::Reading;

constexpr std::uint64_t progress_every = 50'000;

monitor::MonitorOptions monitor_options() {
    monitor::MonitorOptions options;
    options.unknown_points_allowed = true;  // strangers have been turned away by the decoder
    options.forecast_every = hours{6};
    return options;
}

const grid::Limit* limit_at(const grid::Network& network, const PointKey& key) {
    const std::vector<const grid::Limit*> limits = network.limits_of(key.point_id);
    const auto found = std::find_if(limits.begin(), limits.end(), [&key](const grid::Limit* limit) {
        return limit->quantity == key.quantity && limit->phase == key.phase;
    });
    return found == limits.end() ? nullptr : *found;
}

}  // namespace

ReplayRun::ReplayRun(const grid::Network& network, telemetry::PointRegistry& registry,
                     const std::function<void(std::uint64_t)>& progress)
    : network_(network),
      registry_(registry),
      progress_(progress),
      quality_(registry),
      balance_(registry),
      monitor_(network, registry, monitor_options()) {}

void ReplayRun::prepare(const std::vector<CsvPlace>& places, const std::vector<milliseconds>& cadences) {
    for (PointRef point = 0; point < cadences.size(); ++point) {
        const PointKey& key = registry_.key(point);
        quality_.expect_cadence(point, cadences[point]);
        if (key.quantity != grid::Quantity::p_kw || network_.feeder(key.point_id) == nullptr) {
            continue;
        }
        quality_.expect_load(point);
        if (const grid::Limit* limit = limit_at(network_, key)) {
            overloads_.watch(point, *limit, cadences[point]);
        }
    }
    prepare_balance(places);
}

void ReplayRun::prepare_balance(const std::vector<CsvPlace>& places) {
    for (const grid::Phase phase : grid::live_phases) {
        const auto point_of = [this, phase](const std::string& id) {
            return registry_.find(id, grid::Quantity::p_kw, phase);
        };
        std::map<std::string, std::vector<PointRef>> feeders_of;
        for (const CsvPlace& place : places) {
            const PointRef point = point_of(place.id);
            if (!place.substation.empty() && point != telemetry::no_point) {
                feeders_of[place.substation].push_back(point);
            }
        }
        for (const auto& [substation, feeders] : feeders_of) {
            if (const PointRef busbar = point_of(substation); busbar != telemetry::no_point) {
                balance_.expect(busbar, feeders);
            }
        }
    }
}

void ReplayRun::take(const Reading& reading) {
    if (!batch_.empty() && reading.interval_end != batch_.front().interval_end) {
        flush();
    }
    batch_.push_back(reading);
    if (++taken_ % progress_every == 0 && progress_) {
        progress_(taken_);
    }
}

void ReplayRun::finish() {
    flush();
    drain();
    if (progress_) {
        progress_(taken_);
    }
}

void ReplayRun::flush() {
    if (batch_.empty()) {
        return;
    }
    const UtcTime now = batch_.front().interval_end;
    newest_ = now;
    power_.clear();
    fresh_.clear();
    for (const Reading& reading : batch_) {
        oldest_ = std::min(oldest_, reading.interval_start);
        const Arrival arrival = quality_.take(reading);
        if (registry_.key(reading.point).quantity != grid::Quantity::p_kw) {
            others_[static_cast<std::size_t>(arrival)] += 1;
            continue;
        }
        power_.push_back(reading);
        if (arrival == Arrival::first) {
            fresh_.push_back(reading);
            balance_.take(reading);
        }
    }
    batch_.clear();
    count(monitor_.ingest(power_, now));
    judge();
    look_ahead(now);
}

void ReplayRun::count(const monitor::IngestCount& ingested) {
    ingested_.accepted += ingested.accepted;
    ingested_.duplicates += ingested.duplicates;
    ingested_.conflicts += ingested.conflicts;
    for (std::size_t i = 0; i < ingested.quarantined.size(); ++i) {
        ingested_.quarantined[i] += ingested.quarantined[i];
    }
}

void ReplayRun::judge() {
    distrusted_.clear();
    for (const trust::Verdict& verdict : monitor_.take_verdicts()) {
        verdicts_[std::string(trust::to_string(verdict.doubt))] += 1;
        // A conflict speaks of the second value; the first stands.
        if (!verdict.usable && verdict.doubt != trust::Doubt::conflict) {
            distrusted_.push_back(verdict.point);
        }
    }
    for (const Reading& reading : fresh_) {
        if (std::find(distrusted_.begin(), distrusted_.end(), reading.point) == distrusted_.end()) {
            overloads_.take(reading);
        }
    }
}

void ReplayRun::look_ahead(UtcTime now) {
    const UtcTime period = floor_period(now);
    if (period <= ticked_) {
        return;
    }
    const auto day = std::chrono::floor<std::chrono::days>(now);
    if (day > trained_) {
        monitor_.train(now);
        trained_ = day;
    }
    monitor_.tick(now);
    ticked_ = period;
    drain();
}

void ReplayRun::drain() {
    for (const monitor::RaisedOverload& raised : monitor_.take_overloads()) {
        (raised.overload.cause == risk::Cause::live ? live_raised_ : forecast_raised_) += 1;
    }
    monitor_.take_cleared().clear();
    monitor_.take_rollups().clear();
}

void ReplayRun::write(const telemetry::DecodeReport& report, std::vector<telemetry::Finding> findings,
                      json::Object& out) {
    const json::Object receipt =
        telemetry::receipt_json(report, {.accepted = ingested_.accepted + others_[0],
                                         .duplicates = ingested_.duplicates + others_[1],
                                         .conflicts = ingested_.conflicts + others_[2],
                                         .quarantined = ingested_.quarantined});
    out.set("readings", report.received);
    for (const std::string_view member : {"accepted", "duplicates", "conflicts", "quarantined", "errors"}) {
        out.set(std::string(member), *receipt.find(member));
    }
    out.set("from", taken_ == 0 ? json::Value() : json::Value(format_utc(oldest_)));
    out.set("to", taken_ == 0 ? json::Value() : json::Value(format_utc(newest_)));
    json::Array overloads;
    for (const ReplayOverload& overload : overloads_.finish()) {
        overloads.emplace_back(overload_json(overload));
    }
    out.set("overloads", std::move(overloads));
    out.set("decisions", json::Object{{"live_raised", live_raised_}, {"forecast_raised", forecast_raised_}});
    json::Object verdicts;
    for (const auto& [doubt, times] : verdicts_) {
        verdicts.set(doubt, times);
    }
    out.set("verdicts", std::move(verdicts));

    for (const std::vector<telemetry::Finding>& found : {balance_.findings(), quality_.findings()}) {
        findings.insert(findings.end(), found.begin(), found.end());
    }
    json::Array list;
    for (const telemetry::Finding& finding : findings) {
        list.emplace_back(
            json::Object{{"point_id", finding.point_id}, {"kind", finding.kind}, {"detail", finding.detail}});
    }
    out.set("data_quality", std::move(list));
}

}  // namespace headroom::app
