#include "app/replay_overloads.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <tuple>

namespace headroom::app {
namespace {

double kw_of(std::int64_t w) {
    return static_cast<double>(w) / 1000.0;
}

}  // namespace

void ReplayOverloads::watch(telemetry::PointRef point, const grid::Limit& limit, milliseconds cadence) {
    const std::int64_t limit_w = to_watts(Kilowatts{limit.value}).value;
    HEADROOM_ASSERT(limit_w > 0);
    if (watches_.size() <= point) {
        watches_.resize(point + std::size_t{1});
    }
    // One reading begins an overload, two in a row within the limit end it.
    watches_[point] = Watch{.limit = limit,
                            .thresholds = {.limit_w = limit_w,
                                           .instant_w = limit_w,
                                           .clear_w = limit_w + 1,
                                           .persistence = 1,
                                           .window = 1,
                                           .clear_readings = 2},
                            .cadence = cadence,
                            .run = {}};
}

void ReplayOverloads::take(const telemetry::Reading& reading) {
    if (reading.point >= watches_.size() || !watches_[reading.point]) {
        return;
    }
    Watch& watch = *watches_[reading.point];
    const UtcTime start = reading.interval_start;
    const milliseconds length = reading.interval_end > start ? reading.interval_end - start : watch.cadence;
    if (watch.run.seen > 0 && start - watch.run.last_until > length) {
        keep(watch, watch.run.finish(watch.thresholds));
    }
    const std::int64_t import_w = to_watts(Kilowatts{reading.value}).value;
    const std::int64_t load_w = watch.limit.direction == grid::Direction::import_ ? import_w : -import_w;
    keep(watch, watch.run.take(watch.thresholds, start, start + length, load_w));
}

void ReplayOverloads::keep(const Watch& watch, const std::optional<risk::MeasuredOverload>& ended) {
    if (ended) {
        found_.push_back({.feeder = watch.limit.asset,
                          .phase = watch.limit.phase,
                          .direction = watch.limit.direction,
                          .limit_w = watch.thresholds.limit_w,
                          .measured = *ended});
    }
}

std::vector<ReplayOverload> ReplayOverloads::finish() {
    for (std::optional<Watch>& watch : watches_) {
        if (watch) {
            keep(*watch, watch->run.finish(watch->thresholds));
        }
    }
    std::sort(found_.begin(), found_.end(), [](const ReplayOverload& a, const ReplayOverload& b) {
        // The higher level and the greater energy first, the rest ascending.
        return std::make_tuple(b.measured.level, b.measured.energy_over, std::string_view(a.feeder), a.phase,
                               a.measured.start) < std::make_tuple(a.measured.level, a.measured.energy_over,
                                                                   std::string_view(b.feeder), b.phase,
                                                                   b.measured.start);
    });
    return std::move(found_);
}

json::Object overload_json(const ReplayOverload& overload) {
    return json::Object{{"feeder_id", overload.feeder},
                        {"phase", grid::to_string(overload.phase)},
                        {"direction", grid::to_string(overload.direction)},
                        {"start", format_utc(overload.measured.start)},
                        {"end", format_utc(overload.measured.end)},
                        {"limit_kw", kw_of(overload.limit_w)},
                        {"peak_kw", kw_of(overload.measured.peak_load.value)},
                        {"energy_kwh", kw_of(overload.measured.energy_over.value)},
                        {"level", risk::to_string(overload.measured.level)}};
}

}  // namespace headroom::app
