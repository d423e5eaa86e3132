#include "monitor/snapshot_format.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace headroom::monitor {
namespace {

constexpr std::int64_t time_ms_max = 231LL * 366 * 86'400'000;

Error unreadable(const std::string& what) {
    return {Errc::corrupt,
            "the snapshot's " + what + " cannot be read; move the file away to start without it"};
}

/// No reading that was taken is larger.
constexpr double value_max = 1e6;

/// Not a number stands for unknown.
bool is_plausible(double value) {
    return !(std::abs(value) > value_max);
}

bool is_sound(const PeriodSum& sum) {
    return std::abs(sum.sum) <= value_max * 1.01 * static_cast<double>(sum.weight) + 1.0 &&
           (sum.period == features::no_period ||
            (sum.period >= 0 && sum.period <= time_ms_max / period_length.count()));
}

}  // namespace

bool is_time(std::int64_t ms) {
    return ms >= 0 && ms <= time_ms_max;
}

std::string write_header(const SnapshotHeader& header) {
    ByteWriter out;
    out.put(SnapshotLayout{});
    out.put(header.info.saved_at.time_since_epoch().count());
    out.put(static_cast<std::uint64_t>(header.info.points));
    out.text(header.info.note);
    out.put(static_cast<std::uint32_t>(header.info.positions.size()));
    for (const SourcePosition& position : header.info.positions) {
        out.text(position.source);
        out.text(position.partition);
        out.put(position.next_offset);
    }
    out.put(static_cast<std::uint32_t>(header.sources.size()));
    for (const std::string& source : header.sources) {
        out.text(source);
    }
    return std::move(out.bytes());
}

Result<SnapshotHeader> read_header(std::string_view payload) {
    ByteReader in(payload);
    const auto layout = in.get<SnapshotLayout>();
    if (in.is_whole() && layout != SnapshotLayout{}) {
        return Error{Errc::unsupported, "the snapshot was written by another version (format " +
                                            std::to_string(layout.version) + ", this one reads " +
                                            std::to_string(snapshot_version) +
                                            "); move the file away, or start the version that wrote it"};
    }
    SnapshotHeader header;
    header.info.saved_at = UtcTime{milliseconds{in.get<std::int64_t>()}};
    header.info.points = in.get<std::uint64_t>();
    header.info.note = in.text();
    const auto positions = in.get<std::uint32_t>();
    for (std::uint32_t i = 0; i < positions && in.is_whole() && i < positions_max; ++i) {
        SourcePosition position;
        position.source = in.text();
        position.partition = in.text();
        position.next_offset = in.get<std::int64_t>();
        header.info.positions.push_back(std::move(position));
    }
    const auto sources = in.get<std::uint32_t>();
    for (std::uint32_t i = 0; i < sources && in.is_whole() && i < telemetry::PointRegistry::sources_max;
         ++i) {
        header.sources.emplace_back(in.text());
    }
    const bool is_bounded =
        header.info.note.size() <= note_bytes_max && is_time(header.info.saved_at.time_since_epoch().count());
    if (!in.is_at_end() || !is_bounded) {
        return unreadable("header");
    }
    return header;
}

std::string write_model(const forecast::ForecastModel& model) {
    ByteWriter out;
    out.text(model.schema_hash);
    out.put(model.trained_at.time_since_epoch().count());
    out.put(static_cast<std::uint64_t>(model.points));
    out.put(static_cast<std::uint64_t>(model.rows));
    out.put(model.buckets);
    out.put(model.naive_errors);
    return std::move(out.bytes());
}

Result<forecast::ForecastModel> read_model(std::string_view payload) {
    ByteReader in(payload);
    forecast::ForecastModel model;
    model.schema_hash = in.text();
    model.trained_at = UtcTime{milliseconds{in.get<std::int64_t>()}};
    model.points = in.get<std::uint64_t>();
    model.rows = in.get<std::uint64_t>();
    model.buckets = in.get<decltype(model.buckets)>();
    model.naive_errors = in.get<decltype(model.naive_errors)>();
    bool is_finite = true;
    const auto look = [&](const auto& numbers) {
        for (const double number : numbers) {
            is_finite = is_finite && std::isfinite(number);
        }
    };
    for (const forecast::ForecastModel::Bucket& bucket : model.buckets) {
        look(bucket.weights);
        for (const forecast::QuantileValues& errors : bucket.errors) {
            look(errors);
        }
    }
    for (const forecast::QuantileValues& errors : model.naive_errors) {
        look(errors);
    }
    if (!in.is_at_end() || !is_finite) {
        return unreadable("model");
    }
    return model;
}

bool mend(PointRecord& record, std::size_t live_window) {
    HotPoint& hot = record.hot;
    const bool is_new = hot.readings == 0;
    if (is_new ? hot.newest_start != HotPoint::never : !is_time(hot.newest_start)) {
        return false;
    }
    if (!is_time(hot.at) || !is_plausible(hot.newest_value) || !is_plausible(hot.value) ||
        !(std::abs(hot.watch.last_value) <= value_max) || !(std::abs(hot.watch.usual_step) <= 2e6F) ||
        hot.recent_count > live_window || hot.quality > 2 || !is_sound(hot.sum) ||
        (hot.sum.period != features::no_period && hot.sum.period < std::int64_t{older_periods})) {
        return false;
    }
    if (hot.sum.period == features::no_period) {
        record.older = {};
    }
    for (std::int64_t back = 1; back <= std::int64_t{older_periods}; ++back) {
        if (!is_sound(record.older.at(std::max<std::int64_t>(hot.sum.period - back, 0)))) {
            return false;
        }
    }
    for (const float value : record.ring) {
        if (!is_plausible(static_cast<double>(value))) {
            return false;
        }
    }
    const std::int64_t slot = is_new || hot.cadence_ms == 0 ? 0 : hot.newest_start / hot.cadence_ms;
    hot.ring_at = static_cast<std::uint8_t>(slot % static_cast<std::int64_t>(features::ring_size));
    return true;
}

}  // namespace headroom::monitor
