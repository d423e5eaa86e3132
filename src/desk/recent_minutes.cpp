#include "desk/recent_minutes.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace headroom::desk {
namespace {

constexpr std::int64_t minute_ms = 60'000;
constexpr float unknown = std::numeric_limits<float>::quiet_NaN();

std::int64_t minute_of(UtcTime instant) {
    return std::chrono::floor<std::chrono::minutes>(instant).time_since_epoch().count();
}

UtcTime start_of_minute(std::int64_t minute) {
    return UtcTime{milliseconds{minute * minute_ms}};
}

}  // namespace

bool RecentMinutes::track(telemetry::PointRef point) {
    const std::lock_guard lock(mutex_);
    if (is_kept(point)) {
        return true;
    }
    if (points_.size() >= points_max) {
        return false;
    }
    if (slot_of_.size() <= point) {
        slot_of_.resize(point + 1UL, -1);
    }
    slot_of_[point] = static_cast<std::int32_t>(points_.size());
    points_.emplace_back();
    refs_.push_back(point);
    return true;
}

bool RecentMinutes::is_tracked(telemetry::PointRef point) const {
    const std::lock_guard lock(mutex_);
    return is_kept(point);
}

std::size_t RecentMinutes::bytes() const {
    const std::lock_guard lock(mutex_);
    return rings_ * minutes_ * sizeof(float);
}

std::size_t RecentMinutes::index(std::int64_t minute) const {
    const auto size = static_cast<std::int64_t>(minutes_);
    return static_cast<std::size_t>(((minute % size) + size) % size);
}

double RecentMinutes::running_mean(const Point& point) {
    if (point.ms > 0.0) {
        return point.kw_ms / point.ms;
    }
    return point.instants > 0 ? point.instants_kw / point.instants : std::numeric_limits<double>::quiet_NaN();
}

void RecentMinutes::hand_out(std::size_t points) {
    const std::lock_guard lock(mutex_);
    handed_out_ = points;
}

std::vector<RecentMinutes::Closed> RecentMinutes::take_closed() {
    const std::lock_guard lock(mutex_);
    return std::exchange(closed_, {});
}

std::uint64_t RecentMinutes::lost() const {
    const std::lock_guard lock(mutex_);
    return lost_;
}

void RecentMinutes::close(const Point& point, std::int64_t minute, float mean, float min, float max) {
    const auto place = static_cast<std::size_t>(&point - points_.data());
    if (place >= handed_out_ || std::isnan(mean)) {
        return;
    }
    if (closed_.size() == closed_max) {
        ++lost_;
        return;
    }
    closed_.push_back({refs_[place], start_of_minute(minute), mean, min, max});
}

/// Closes the minute that runs; minutes that were passed over are unknown.
void RecentMinutes::move_to(Point& point, std::int64_t minute) {
    const auto ended = static_cast<float>(running_mean(point));
    point.means[index(point.minute)] = ended;
    close(point, point.minute, ended, point.min, point.max);
    const std::int64_t last = std::min(minute, point.minute + static_cast<std::int64_t>(minutes_));
    for (std::int64_t passed = point.minute + 1; passed <= last; ++passed) {
        point.means[index(passed)] = unknown;
    }
    point.minute = minute;
    point.kw_ms = point.ms = point.instants_kw = 0.0;
    point.instants = 0;
}

void RecentMinutes::put(Point& point, std::int64_t minute, double kw, double ms) {
    if (point.means.empty()) {
        point.means.assign(minutes_, unknown);
        point.minute = minute;
        ++rings_;
    }
    if (minute > point.minute) {
        move_to(point, minute);
    }
    if (minute < point.minute) {
        float& mean = point.means[index(minute)];
        if (minute > point.minute - static_cast<std::int64_t>(minutes_) && std::isnan(mean)) {
            mean = static_cast<float>(kw);
            close(point, minute, mean, mean, mean);
        }
        return;
    }
    const bool is_first = point.ms <= 0.0 && point.instants == 0;
    point.min = is_first ? static_cast<float>(kw) : std::min(point.min, static_cast<float>(kw));
    point.max = is_first ? static_cast<float>(kw) : std::max(point.max, static_cast<float>(kw));
    if (ms > 0.0) {
        point.kw_ms += kw * ms;
        point.ms += ms;
    } else {
        point.instants_kw += kw;
        point.instants += 1;
    }
}

void RecentMinutes::take(telemetry::PointRef ref, double kw, UtcTime start, UtcTime end) {
    Point& point = points_[static_cast<std::size_t>(slot_of_[ref])];
    if (end <= start) {
        return put(point, minute_of(start), kw, 0.0);
    }
    const std::int64_t last = minute_of(end - milliseconds{1});
    const std::int64_t first = std::max(minute_of(start), last - static_cast<std::int64_t>(minutes_) + 1);
    for (std::int64_t minute = first; minute <= last; ++minute) {
        const milliseconds covered =
            std::min(end, start_of_minute(minute + 1)) - std::max(start, start_of_minute(minute));
        put(point, minute, kw, static_cast<double>(covered.count()));
    }
}

void RecentMinutes::add(telemetry::PointRef ref, double kw, UtcTime start, UtcTime end) {
    const std::lock_guard lock(mutex_);
    if (is_kept(ref)) {
        take(ref, kw, start, end);
    }
}

void RecentMinutes::add(std::span<const telemetry::Reading> readings, std::span<const std::uint32_t> used) {
    const std::lock_guard lock(mutex_);
    for (const std::uint32_t position : used) {
        const telemetry::Reading& reading = readings[position];
        if (is_kept(reading.point)) {
            take(reading.point, reading.value, reading.interval_start, reading.interval_end);
        }
    }
}

std::vector<double> RecentMinutes::means_kw(telemetry::PointRef ref, UtcTime from, UtcTime to) const {
    const std::int64_t first = minute_of(from);
    const std::int64_t last = minute_of(to);
    std::vector<double> means(static_cast<std::size_t>(std::max<std::int64_t>(0, last - first)),
                              std::numeric_limits<double>::quiet_NaN());
    const std::lock_guard lock(mutex_);
    if (!is_kept(ref)) {
        return means;
    }
    const Point& point = points_[static_cast<std::size_t>(slot_of_[ref])];
    if (point.means.empty()) {
        return means;
    }
    const std::int64_t oldest = point.minute - static_cast<std::int64_t>(minutes_) + 1;
    for (std::int64_t minute = std::max(first, oldest); minute < last && minute <= point.minute; ++minute) {
        means[static_cast<std::size_t>(minute - first)] =
            minute == point.minute ? running_mean(point) : static_cast<double>(point.means[index(minute)]);
    }
    return means;
}

}  // namespace headroom::desk
