#include "monitor/shard.hpp"

#include "telemetry/validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace headroom::monitor {
namespace {

using telemetry::Quarantine;
using telemetry::Reading;

constexpr int second_cache = 2;  // of __builtin_prefetch

/// Distances on which meters report, in seconds; a learnt one within a twentieth of them is taken as that.
constexpr std::array<std::int64_t, 14> usual_cadences_s{1,  2,   5,   10,  15,  20,   30,
                                                        60, 120, 300, 600, 900, 1800, 3600};

std::int64_t snapped(std::int64_t distance_ms) {
    for (const std::int64_t usual_s : usual_cadences_s) {
        if (std::abs(distance_ms - usual_s * 1000) * 20 <= usual_s * 1000) {
            return usual_s * 1000;
        }
    }
    return std::max<std::int64_t>(distance_ms, 1000);
}

/// Plausible values by quantity, looked up once.
struct Ranges {
    std::array<telemetry::ValueRange, 8> by_quantity{};
    Ranges() {
        for (std::size_t i = 0; i < by_quantity.size(); ++i) {
            by_quantity[i] = telemetry::plausible_range(static_cast<grid::Quantity>(i));
        }
    }
};
const Ranges ranges;

std::int64_t ms_of(UtcTime time) {
    return time.time_since_epoch().count();
}
UtcTime time_of(std::int64_t ms) {
    return UtcTime{milliseconds{ms}};
}

}  // namespace

features::ReadingRing Shard::ring(std::uint32_t local, std::int64_t& newest_slot) {
    const HotPoint& point = hot(local);
    newest_slot = point.cadence_ms == 0 || point.readings == 0 ? 0 : point.newest_start / point.cadence_ms;
    return {ring_values(local), newest_slot};
}

/// Points come in no order: memory is asked for many readings ahead, and into the second cache, which can
/// wait for more lines at a time than the first.
void Shard::take(std::span<const Item> items, std::span<const Reading> readings, std::uint8_t* used) {
    constexpr std::size_t far = 40;
    constexpr std::size_t near = 20;
    const std::size_t count = items.size();
    const auto prefetch_hot = [this](std::uint32_t local) {
        const auto* point = reinterpret_cast<const std::byte*>(blocks_.at(local));
        __builtin_prefetch(point, 0, second_cache);
        __builtin_prefetch(point + 64, 0, second_cache);
    };
    for (std::size_t i = 0; i < std::min(far, count); ++i) {
        prefetch_hot(items[i].local);
    }
    for (std::size_t i = 0; i < count; ++i) {
        if (i + far < count) {
            prefetch_hot(items[i + far].local);
        }
        if (i + near < count) {
            prefetch_rest(items[i + near].local);
        }
        is_corrected_ = false;
        const bool is_used = take_one(items[i], readings[items[i].position]);
        if (is_used && used != nullptr) {
            used[items[i].position] = 1;
        }
        if (context_.stream_model && (is_used || is_corrected_)) {
            infer_later(items[i].local);
        }
    }
    infer();
}

/// What lies behind a point whose own lines are there.
void Shard::prefetch_rest(std::uint32_t local) const {
    const unsigned next = hot(local).ring_at + 1U;
    const float* values = blocks_.at(local)->ring.data();
    __builtin_prefetch(values + (next == features::ring_size ? 0 : next), 0, second_cache);
    if (context_.stream_model) {
        for (std::size_t i = 0; i < features::ring_size; i += 16) {
            __builtin_prefetch(values + i);
        }
    }
}

void Shard::quarantine(Quarantine reason) {
    found.count.quarantined[static_cast<std::size_t>(reason)] += 1;
}

/// Answers whether the reading was new and usable.
bool Shard::take_one(Item item, const Reading& reading) {
    HotPoint& point = hot(item.local);
    if (point.has(is_gone)) {
        quarantine(Quarantine::unknown_point);
        return false;
    }
    const telemetry::ValueRange range = ranges.by_quantity[point.quantity];
    if (!(reading.value >= range.min && reading.value <= range.max)) {
        quarantine(*telemetry::check_value(static_cast<grid::Quantity>(point.quantity), reading.value));
        return false;
    }
    if (!(reading.interval_start <= reading.interval_end && reading.interval_end <= context_.latest &&
          reading.interval_end - reading.interval_start <= telemetry::interval_max)) {
        quarantine(*telemetry::check_interval(reading.interval_start, reading.interval_end, context_.now,
                                              context_.options.future_tolerance));
        return false;
    }
    const std::int64_t start = ms_of(reading.interval_start);
    if (start > point.newest_start) {
        if (!take_in_order(item, point, reading)) {
            return false;
        }
        if (point.has(is_distrusted)) {
            keep_apart(item, point, reading);
            return true;
        }
        add_to_periods(item, point, reading);
        use(item, point, reading, false);
        return true;
    }
    if (start < point.newest_start - context_.options.late_after.count()) {
        quarantine(Quarantine::too_late);
        return false;
    }
    if (!take_late(item, point, reading)) {
        return false;
    }
    if (point.has(is_distrusted)) {
        return true;  // the forecast stands for its half-hour already
    }
    add_to_periods(item, point, reading);
    return true;
}

/// The newest usable reading of its point.
void Shard::use(Item item, HotPoint& point, const Reading& reading, bool is_correction) {
    point.value = reading.value;
    point.at = ms_of(reading.interval_end);
    if (const auto quality = static_cast<std::uint8_t>(static_cast<unsigned>(reading.quality) & 7U);
        point.quality != quality) {
        point.quality = quality & 7U;
    }
    if (point.source != reading.source) {
        point.source = reading.source;
    }
    if (point.has(has_import_limit) || point.has(has_cold_limit)) {
        look_now(item, point, reading, is_correction);
    }
}

/// A reading behind all others of its point. Answers whether it may be used.
bool Shard::take_in_order(Item item, HotPoint& point, const Reading& reading) {
    const std::int64_t start = ms_of(reading.interval_start);
    const std::int64_t length = ms_of(reading.interval_end) - start;
    const milliseconds distance{point.readings == 0 ? 0 : start - point.newest_start};
    const double limit =
        point.has(has_cold_limit) ? limit_kw(item.local) : static_cast<double>(point.limit_w) / 1000.0;
    // Flags and small numbers are written only when they differ, here and in `use`: they share words with
    // what is read next, which would have to wait for them.
    const trust::Watch before = point.watch;
    if (const bool sends_changes = context_.changes_only[reading.source];
        point.watch.sends_changes != sends_changes) {
        point.watch.sends_changes = sends_changes;
    }
    const trust::Judgement judged =
        trust::judge(point.watch, context_.trust_rules, distance, reading.value, limit);
    if (length > 0) {
        if (length != point.cadence_ms) {
            relearn_cadence(item.local, point, length, reading.interval_start);
        }
        point.set(has_interval_grid, true);
    } else if (point.watch.cadence_ms != before.cadence_ms || point.has(has_interval_grid)) {
        point.set(has_interval_grid, false);
        if (point.watch.cadence_ms > 0) {
            relearn_cadence(item.local, point, snapped(point.watch.cadence_ms), reading.interval_start);
        }
    }
    const bool is_device = point.has(is_der);
    const bool is_usable = judged.usable || (is_device && judged.doubt != trust::Doubt::range);
    if (judged.doubt != trust::Doubt::none && !is_device && found.verdicts.size() < verdicts_max) {
        doubt(item.position, ref(item.local), reading.interval_start, judged.doubt, judged.usable,
              trust::explain(judged, before, context_.trust_rules, distance, reading.value, limit));
    }
    if (point.cadence_ms > 0) {
        const float kept = point.has(is_distrusted) ? stand_in(item.local, start)
                           : is_usable              ? static_cast<float>(reading.value)
                                                    : features::unused_reading();
        write_ring(item.local, point, start, kept);
    }
    point.newest_start = start;
    point.newest_value = reading.value;
    point.newest_seq = point.source == reading.source ? std::max(point.newest_seq, reading.seq) : reading.seq;
    point.readings += 1;
    found.count.accepted += 1;
    return is_usable;
}

void Shard::write_ring(std::uint32_t local, HotPoint& point, std::int64_t start, float value) {
    const std::int64_t cadence = point.cadence_ms;
    if (point.readings > 0 && start - point.newest_start == cadence) {
        point.ring_at =
            static_cast<std::uint8_t>(point.ring_at + 1U == features::ring_size ? 0 : point.ring_at + 1U);
        ring_values(local)[point.ring_at] = value;
        return;
    }
    std::int64_t newest = (point.readings > 0 ? point.newest_start : start) / cadence;
    features::ReadingRing(ring_values(local), newest).write(start / cadence, value);
    point.ring_at = static_cast<std::uint8_t>(newest % static_cast<std::int64_t>(features::ring_size));
}

/// A reading at or before the newest of its point. Answers whether it is new and may be used.
bool Shard::take_late(Item item, HotPoint& point, const Reading& reading) {
    if (ms_of(reading.interval_start) == point.newest_start) {
        return take_second(item, point, reading, point.newest_value);
    }
    if (point.cadence_ms > 0) {
        std::int64_t newest = 0;
        features::ReadingRing past = ring(item.local, newest);
        const std::int64_t slot = ms_of(reading.interval_start) / point.cadence_ms;
        const float known = past.at(slot);
        if (!std::isnan(known) && point.has(is_distrusted)) {
            found.count.duplicates += 1;  // the slot may hold the forecast: nothing to compare with
            return false;
        }
        if (!std::isnan(known)) {
            return take_second(item, point, reading, static_cast<double>(known));
        }
        if (features::is_unused_reading(known)) {
            found.count.duplicates += 1;  // its value was doubted and is not kept
            return false;
        }
        if (!past.holds(slot) && !point.has(is_distrusted) && is_full(item.local, point, reading)) {
            found.count.duplicates += 1;
            return false;
        }
        // Behind the ring a reading still belongs to its half-hour.
        past.write(slot, point.has(is_distrusted) ? stand_in(item.local, ms_of(reading.interval_start))
                                                  : static_cast<float>(reading.value));
    }
    point.readings += 1;
    found.count.accepted += 1;
    if (found.verdicts.size() < verdicts_max) {
        doubt(item.position, ref(item.local), reading.interval_start, trust::Doubt::late, true,
              "came after the reading of " + format_utc(time_of(point.newest_start)));
    }
    return true;
}

/// The slot has a value: the first one stays, unless the source's number says that this one was made later.
/// `known` may have been through the ring's single precision. Answers false: it is nothing new.
bool Shard::take_second(Item item, HotPoint& point, const Reading& reading, double known) {
    if (reading.value == known || static_cast<float>(reading.value) == static_cast<float>(known)) {
        found.count.duplicates += 1;
        return false;
    }
    found.count.conflicts += 1;
    const bool is_correction = reading.seq > point.newest_seq && reading.source == point.source;
    if (!point.has(is_der) && found.verdicts.size() < verdicts_max) {
        doubt(item.position, ref(item.local), reading.interval_start, trust::Doubt::conflict, is_correction,
              fmt::format("a second value, {:g} after {:g}, for {}{}", reading.value, known,
                          format_utc(reading.interval_start),
                          is_correction ? "; it is newer and replaces it" : ""));
    }
    if (!is_correction) {
        return false;
    }
    point.newest_seq = reading.seq;
    const bool is_newest = ms_of(reading.interval_start) == point.newest_start;
    // A newest value that was doubted has not been used, and its correction is not either.
    if (is_newest && point.value != known) {
        point.newest_value = reading.value;
        return false;
    }
    if (point.cadence_ms > 0) {
        std::int64_t newest = 0;
        features::ReadingRing past = ring(item.local, newest);
        past.write(ms_of(reading.interval_start) / point.cadence_ms, static_cast<float>(reading.value));
    }
    is_corrected_ = true;
    correct_periods(item.local, point, reading, known);
    if (is_newest) {
        point.newest_value = reading.value;
        use(item, point, reading, true);
    }
    return false;
}

/// The ring's grid is the reading's interval, or the usual distance of instants. A coarser grid than before
/// makes the ring begin anew; on a finer one it is marked where readings were, so that one that is sent again
/// is not counted twice.
void Shard::relearn_cadence(std::uint32_t local, HotPoint& point, std::int64_t wanted_ms, UtcTime start) {
    const std::int64_t was_ms = point.cadence_ms;
    if (wanted_ms == was_ms) {
        return;
    }
    point.cadence_ms = static_cast<std::uint32_t>(wanted_ms);
    const bool is_first = point.readings == 0;
    const std::int64_t newest = is_first ? ms_of(start) : point.newest_start;
    constexpr auto ring_last = static_cast<std::int64_t>(features::ring_size) - 1;
    std::int64_t was_slot = was_ms == 0 ? 0 : newest / was_ms;
    std::array<float, features::ring_size> was_values;
    std::copy_n(ring_values(local).begin(), features::ring_size, was_values.begin());
    const features::ReadingRing before(was_values, was_slot);
    std::int64_t slot = newest / wanted_ms;
    features::ReadingRing anew(ring_values(local), slot);
    anew.restart(slot);
    point.ring_at = static_cast<std::uint8_t>(slot % static_cast<std::int64_t>(features::ring_size));
    if (is_first) {
        return;
    }
    for (std::int64_t back = ring_last; wanted_ms < was_ms && back >= 0; --back) {
        const float was = before.lag(back);
        if (std::isnan(was) && !features::is_unused_reading(was)) {
            continue;
        }
        // When exactly it was is not known: no value for the features, and no second reading either.
        const std::int64_t first = (was_slot - back) * was_ms / wanted_ms;
        for (std::int64_t at = std::max(first, slot - ring_last);
             at < slot && at * wanted_ms < (was_slot - back + 1) * was_ms; ++at) {
            anew.write(at, features::unused_reading());
        }
    }
    anew.write(slot, point.value == point.newest_value ? static_cast<float>(point.value)
                                                       : features::unused_reading());
}

void Shard::doubt(std::uint32_t position, telemetry::PointRef ref, UtcTime at, trust::Doubt doubt,
                  bool usable, std::string detail) {
    found.verdicts.push_back(
        {position, {.point = ref, .at = at, .doubt = doubt, .usable = usable, .detail = std::move(detail)}});
}

}  // namespace headroom::monitor
