#include "app/demo_report.hpp"

#include "telemetry/reading.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace headroom::app {
namespace {

/// A half-hourly mean this close above a limit is within what the meters can tell (class 0.5).
constexpr double meter_tolerance = 1.005;

double kw_number(Watts power) {
    return static_cast<double>(power.value) / 1000.0;
}

double rounded(double value, double steps_per_unit) {
    return std::round(value * steps_per_unit) / steps_per_unit;
}

std::string point_of(const agents::EventRecord& record) {
    return telemetry::PointKey{record.overload.feeder, record.overload.limit.quantity,
                               record.overload.limit.phase}
        .text();
}

PeakBook::Peaks peaks_of(const std::string& point, const PeakBook& book, const DemoFacts& facts, UtcTime from,
                         UtcTime to) {
    const auto found = facts.points.find(point);
    return found == facts.points.end() ? PeakBook::Peaks{} : book.peaks(found->second, from, to);
}

PeakBook::Peaks peaks_of(const agents::EventRecord& record, const PeakBook& book, const DemoFacts& facts) {
    return peaks_of(point_of(record), book, facts, record.overload.start, record.overload.end);
}

json::Object clock_json(const agents::EventRecord& record) {
    json::Object clock;
    for (const agents::Moment& moment : record.clock) {
        clock.set(moment.name,
                  json::Object{{"at", format_utc(moment.at)},
                               {"wall_ms", moment.wall_us == -1
                                               ? json::Value()
                                               : json::Value(static_cast<double>(moment.wall_us) / 1000.0)}});
    }
    return clock;
}

json::Array orders_of(const agents::EventRecord& record,
                      const std::map<std::string, std::string>& order_ids) {
    json::Array orders;
    for (const agents::Assignment& assignment : record.assignments) {
        std::int64_t peak_w = 0;
        for (const std::int64_t power : assignment.power_w.values) {
            peak_w = std::max(peak_w, power);
        }
        json::Array instructions;
        for (const std::string& instruction : assignment.instructions) {
            instructions.emplace_back(instruction);
        }
        const auto order = order_ids.find(assignment.transaction);
        orders.emplace_back(
            json::Object{{"transaction_id", assignment.transaction},
                         {"order_id", order == order_ids.end() ? std::string() : order->second},
                         {"provider", assignment.provider},
                         {"der_id", assignment.der},
                         {"kw", static_cast<double>(peak_w) / 1000.0},
                         {"state", assignment.state},
                         {"instruction_ids", std::move(instructions)}});
    }
    return orders;
}

json::Object event_of(const agents::EventRecord& record, const std::map<std::string, std::string>& order_ids,
                      const PeakBook& book, const DemoFacts& facts) {
    const PeakBook::Peaks peaks = peaks_of(record, book, facts);
    const grid::Limit& limit = record.overload.limit;
    json::Object out{
        {"event_id", record.id().value},
        {"feeder_id", record.overload.feeder},
        {"limit", json::Object{{"quantity", std::string(grid::to_string(limit.quantity))},
                               {"phase", std::string(grid::to_string(limit.phase))},
                               {"direction", std::string(grid::to_string(limit.direction))},
                               {"kind", std::string(grid::to_string(limit.kind))},
                               {"value", limit.value},
                               {"unit", std::string(limit.unit())}}},
        {"cause", std::string(risk::to_string(record.overload.cause))},
        {"detected_at", format_utc(record.overload.detected_at)},
        {"start", format_utc(record.overload.start)},
        {"end", format_utc(record.overload.end)},
        {"required_kw", kw_number(record.required)},
        {"contracted_kw", kw_number(record.contracted)},
        {"delivered_kw", kw_number(record.delivered)},
        {"delivered_kwh", static_cast<double>(record.delivered_energy.value) / 1000.0},
        {"cost_gbp", static_cast<double>(record.cost.value) / 1e6},
        {"detection_to_dispatch_ms",
         record.detection_to_dispatch_us < 0
             ? json::Value()
             : json::Value(static_cast<double>(record.detection_to_dispatch_us) / 1000.0)},
        {"clock", clock_json(record)},
        {"peak_without_kw", rounded(peaks.without_kw, 1000.0)},
        {"counterfactual_method", facts.counterfactual_method},
        {"peak_with_kw", rounded(peaks.with_kw, 1000.0)},
        {"rating_kw", limit.value},
        {"shortfall_kw", std::max(kw_number(record.shortfall), 0.0)},
        {"outcome", record.outcome},
        {"note", record.note},
        {"alarmed", record.alarmed},
        {"statement_id", record.statement},
        {"statement_gbp", static_cast<double>(record.statement_pence) / 100.0},
        {"orders", orders_of(record, order_ids)},
    };
    return out;
}

/// Nearest rank of sorted values.
double percentile(const std::vector<double>& sorted, double share) {
    if (sorted.empty()) {
        return 0.0;
    }
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
    return sorted[std::min(sorted.size() - 1, rank == 0 ? 0 : rank - 1)];
}

}  // namespace

void PeakBook::add_with(std::uint32_t point, UtcTime start, UtcTime end, double kw_mean) {
    const double span = std::chrono::duration<double, std::ratio<60>>(end - start).count();
    Means& means = points_[point][floor_period(start)];
    means.with_kw_minutes += kw_mean * span;
    means.minutes += span;
}

void PeakBook::add_without(std::uint32_t point, UtcTime start, UtcTime end, double kw_mean) {
    const double span = std::chrono::duration<double, std::ratio<60>>(end - start).count();
    points_[point][floor_period(start)].without_kw_minutes += kw_mean * span;
}

PeakBook::Peaks PeakBook::peaks(std::uint32_t point, UtcTime from, UtcTime to) const {
    Peaks peaks;
    const auto found = points_.find(point);
    if (found == points_.end()) {
        return peaks;
    }
    for (const auto& [period, means] : found->second) {
        if (means.minutes > 0.0 && (to <= from || (period + period_length > from && period < to))) {
            peaks.with_kw = std::max(peaks.with_kw, means.with_kw_minutes / means.minutes);
            peaks.without_kw = std::max(peaks.without_kw, means.without_kw_minutes / means.minutes);
        }
    }
    return peaks;
}

json::Value PeakBook::to_json() const {
    json::Object out;
    for (const auto& [point, periods] : points_) {
        json::Array list;
        for (const auto& [period, means] : periods) {
            list.emplace_back(json::Array{format_utc(period), means.with_kw_minutes, means.without_kw_minutes,
                                          means.minutes});
        }
        out.set(std::to_string(point), std::move(list));
    }
    return out;
}

Result<PeakBook> PeakBook::from_json(const json::Value& value) {
    PeakBook book;
    if (value.as_object() == nullptr) {
        return Error{Errc::corrupt, "the demo's peaks are not an object"};
    }
    for (const auto& [key, list] : value.as_object()->members()) {
        const std::string_view point = key;
        std::uint32_t number = 0;
        const auto [end, fault] = std::from_chars(point.data(), point.data() + point.size(), number);
        if (list.as_array() == nullptr || fault != std::errc{} || end != point.data() + point.size()) {
            return Error{Errc::corrupt, "the peaks of " + key + " are not a list"};
        }
        for (const json::Value& item : *list.as_array()) {
            const Result<UtcTime> period = parse_utc(item.text("/0"));
            if (!period) {
                return period.error();
            }
            book.points_[number][*period] = {item.number("/1"), item.number("/2"), item.number("/3")};
        }
    }
    return book;
}

bool is_accounted_for(const agents::EventRecord& record, const PeakBook& book, const DemoFacts& facts) {
    if (record.outcome == "shortfall") {
        return record.shortfall.value > 0 && record.alarmed;
    }
    return record.outcome == "relieved" &&
           peaks_of(record, book, facts).with_kw <= record.overload.limit.value * meter_tolerance;
}

json::Object demo_report(const std::vector<agents::EventRecord>& events,
                         const std::map<std::string, std::string>& order_ids, const PeakBook& book,
                         const DemoFacts& facts) {
    json::Array list;
    std::vector<double> latencies;
    for (const agents::EventRecord& record : events) {
        list.emplace_back(event_of(record, order_ids, book, facts));
        if (record.detection_to_dispatch_us >= 0) {
            latencies.push_back(static_cast<double>(record.detection_to_dispatch_us) / 1000.0);
        }
    }
    std::sort(latencies.begin(), latencies.end());
    json::Array peaks;
    for (const auto& [feeder, rating_kw] : facts.feeder_ratings) {
        const std::string sum = telemetry::PointKey{feeder, grid::Quantity::p_kw, grid::Phase::sum}.text();
        if (facts.points.contains(sum)) {  // a high-voltage feeder: metered, and limited, as a whole
            const PeakBook::Peaks whole = peaks_of(sum, book, facts, {}, {});
            peaks.emplace_back(json::Object{{"feeder_id", feeder},
                                            {"phase", "sum"},
                                            {"rating_kw", rounded(rating_kw, 1000.0)},
                                            {"peak_without_kw", rounded(whole.without_kw, 1000.0)},
                                            {"peak_with_kw", rounded(whole.with_kw, 1000.0)}});
            continue;
        }
        // Of the phase that came closest to its third of the rating in the world without.
        PeakBook::Peaks worst;
        std::string phase_word;
        for (const grid::Phase phase : grid::live_phases) {
            const PeakBook::Peaks found = peaks_of(
                telemetry::PointKey{feeder, grid::Quantity::p_kw, phase}.text(), book, facts, {}, {});
            if (phase_word.empty() || found.without_kw > worst.without_kw) {
                worst = found;
                phase_word = grid::to_string(phase);
            }
        }
        peaks.emplace_back(json::Object{{"feeder_id", feeder},
                                        {"phase", phase_word},
                                        {"rating_kw", rounded(rating_kw / 3.0, 1000.0)},
                                        {"peak_without_kw", rounded(worst.without_kw, 1000.0)},
                                        {"peak_with_kw", rounded(worst.with_kw, 1000.0)}});
    }
    return json::Object{
        {"simulated", true},
        {"seed", facts.seed},
        {"feeders", facts.feeders},
        {"story", facts.story},
        {"events", std::move(list)},
        {"feeder_peaks", std::move(peaks)},
        {"detection_to_dispatch_ms", json::Object{{"p50", percentile(latencies, 0.5)},
                                                  {"p99", percentile(latencies, 0.99)},
                                                  {"max", latencies.empty() ? 0.0 : latencies.back()}}},
        {"audit", facts.audit},
        {"readings", facts.readings},
    };
}

}  // namespace headroom::app
