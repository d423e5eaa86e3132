#include "telemetry/data_quality.hpp"

#include "grid/unit_of.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace headroom::telemetry {
namespace {

// A load that reads negative nearly always, over at least this many readings, has its sensor reversed.
constexpr std::uint64_t negative_percent = 95;
constexpr std::uint64_t negative_readings_min = 48;

bool is_flow(grid::Quantity quantity) {
    return quantity == grid::Quantity::p_kw || quantity == grid::Quantity::s_kva;
}

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
    return fmt::format("{} {}", count, count == 1 ? one : many);
}

}  // namespace

void CadenceLearner::take(UtcTime start) {
    if (has_last_ && start > last_ && count_ < steps_.size()) {
        steps_[count_] = (start - last_).count();
        ++count_;
    }
    last_ = start;
    has_last_ = true;
}

milliseconds CadenceLearner::cadence() const {
    if (count_ == 0) {
        return milliseconds{0};
    }
    std::array<std::int64_t, 15> sorted = steps_;
    std::sort(sorted.begin(), sorted.begin() + count_);
    return milliseconds{sorted[(count_ - 1U) / 2U]};
}

DataQuality::Point& DataQuality::point(PointRef ref) {
    HEADROOM_ASSERT(ref < registry_.size());
    if (ref >= points_.size()) {
        points_.resize(registry_.size());
    }
    return points_[ref];
}

void DataQuality::expect_cadence(PointRef ref, milliseconds cadence) {
    point(ref).cadence = cadence;
}

void DataQuality::expect_load(PointRef ref) {
    point(ref).is_load = true;
}

Arrival DataQuality::take(const Reading& reading) {
    Point& state = point(reading.point);
    if (state.readings > 0 && reading.interval_start == state.last_start) {
        const bool is_same = reading.value == state.last_value;
        (is_same ? state.duplicates : state.conflicts) += 1;
        return is_same ? Arrival::repeated : Arrival::conflicting;
    }
    if (state.readings > 0 && state.cadence > milliseconds{0}) {
        const milliseconds step = reading.interval_start - state.last_start;
        if (step * 2 > state.cadence * 3) {
            ++state.gaps;
            state.missing += static_cast<std::uint64_t>((step + state.cadence / 2) / state.cadence - 1);
            const UtcTime from = state.last_start + state.cadence;
            if (reading.interval_start - from > state.gap_to - state.gap_from) {
                state.gap_from = from;
                state.gap_to = reading.interval_start;
            }
        }
    }
    const bool stands_still = state.readings > 0 && reading.value == state.last_value && reading.value != 0.0;
    if (!stands_still) {
        state.run = {.start = reading.interval_start,
                     .end = reading.interval_end,
                     .length = 0,
                     .value = reading.value};
    }
    state.run.end = reading.interval_end;
    ++state.run.length;
    state.stuck_runs += state.run.length == stuck_min ? 1 : 0;
    if (state.run.length > state.longest_run.length) {
        state.longest_run = state.run;
    }
    ++state.readings;
    state.negative += reading.value < 0.0 ? 1 : 0;
    state.last_value = reading.value;
    state.last_start = reading.interval_start;
    return Arrival::first;
}

void DataQuality::add_point_findings(PointRef ref, std::vector<Finding>& out) const {
    const Point& state = points_[ref];
    const PointKey& key = registry_.key(ref);
    const std::string what = fmt::format("{} {}", grid::to_string(key.quantity), grid::to_string(key.phase));
    if (state.stuck_runs > 0 && is_flow(key.quantity)) {
        out.push_back(
            {key.point_id, "stuck",
             fmt::format("{}: {} readings in a row are {:g} {}, from {} to {}{}", what,
                         state.longest_run.length, state.longest_run.value, grid::unit_of(key.quantity),
                         format_utc(state.longest_run.start), format_utc(state.longest_run.end),
                         state.stuck_runs > 1 ? fmt::format("; {} such runs in all", state.stuck_runs)
                                              : std::string())});
    }
    if (state.gaps > 0) {
        out.push_back(
            {key.point_id, "gap",
             fmt::format("{}: {} missing in {}, the longest from {} to {}", what,
                         counted(state.missing, "reading", "readings"), counted(state.gaps, "gap", "gaps"),
                         format_utc(state.gap_from), format_utc(state.gap_to))});
    }
    if (state.duplicates > 0) {
        out.push_back(
            {key.point_id, "duplicate",
             fmt::format("{}: {} repeated", what, counted(state.duplicates, "reading is", "readings are"))});
    }
    if (state.conflicts > 0) {
        out.push_back({key.point_id, "conflict",
                       fmt::format("{}: {} another value for a time that has one; the first was kept", what,
                                   counted(state.conflicts, "reading gives", "readings give"))});
    }
    if (state.is_load && state.readings >= negative_readings_min &&
        state.negative * 100 >= state.readings * negative_percent) {
        out.push_back(
            {key.point_id, "sign",
             fmt::format("{}: negative in {} of {} readings; a reversed sensor, or generation that is "
                         "never below the load",
                         what, state.negative, state.readings)});
    }
}

std::vector<Finding> DataQuality::findings() const {
    std::vector<Finding> out;
    for (PointRef ref = 0; ref < points_.size(); ++ref) {
        add_point_findings(ref, out);
    }
    return out;
}

}  // namespace headroom::telemetry
