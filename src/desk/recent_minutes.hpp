#pragma once

#include "core/time.hpp"
#include "telemetry/reading.hpp"

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

namespace headroom::desk {

/// One-minute means of the last hours, for the pages' lines. In memory only: half-hours are what is kept.
///
/// Means are made from the readings themselves, weighted by their length, and not from samples of the newest
/// value. A reading longer than a minute stands in every minute it covers. What comes after its minute was
/// closed fills the minute when it is still unknown and changes nothing otherwise. A point that is tracked
/// costs its ring of 4-byte means once it has its first reading; any other costs 4 bytes, and its readings
/// one look at them. Any thread: one lock a batch.
class RecentMinutes {
  public:
    /// Points beyond so many are not kept; with `minutes_default` that bounds the rings to 30 MiB.
    static constexpr std::size_t points_max = 20'480;
    static constexpr std::size_t minutes_default = 360;

    explicit RecentMinutes(std::size_t minutes = minutes_default) : minutes_(minutes) {}

    /// Begins to keep a point; answers false when `points_max` are kept already.
    bool track(telemetry::PointRef point);
    [[nodiscard]] bool is_tracked(telemetry::PointRef point) const;

    void add(telemetry::PointRef point, double kw, UtcTime start, UtcTime end);
    /// The readings at these positions of a batch.
    void add(std::span<const telemetry::Reading> readings, std::span<const std::uint32_t> used);

    /// Means of the minutes in [from, to), both cut down to whole minutes; NaN where nothing is known. The
    /// minute that runs is its mean so far.
    [[nodiscard]] std::vector<double> means_kw(telemetry::PointRef point, UtcTime from, UtcTime to) const;
    [[nodiscard]] std::size_t minutes() const { return minutes_; }

    /// A minute that is over, with the extremes of the readings in it.
    struct Closed {
        telemetry::PointRef point = telemetry::no_point;
        UtcTime start{};
        float mean = 0.0F;
        float min = 0.0F;
        float max = 0.0F;
    };
    /// Minutes of so many of the points, those tracked first, are handed out when they are over.
    void hand_out(std::size_t points);
    /// So many wait to be taken; those that end behind them are lost, and counted.
    static constexpr std::size_t closed_max = 200'000;
    /// Those that have ended, or were filled late, since the last call.
    [[nodiscard]] std::vector<Closed> take_closed();
    [[nodiscard]] std::uint64_t lost() const;
    /// Bytes in the rings.
    [[nodiscard]] std::size_t bytes() const;

  private:
    struct Point {
        std::int64_t minute = 0;  // the one that runs; meaningless while `means` is empty
        double kw_ms = 0.0;       // of interval readings in it
        double ms = 0.0;
        double instants_kw = 0.0;
        std::uint32_t instants = 0;
        float min = 0.0F;  // of the readings in it
        float max = 0.0F;
        std::vector<float> means;  // by minute modulo the ring's size; the one that runs is not in it
    };

    [[nodiscard]] bool is_kept(telemetry::PointRef point) const {
        return point < slot_of_.size() && slot_of_[point] >= 0;
    }
    void take(telemetry::PointRef ref, double kw, UtcTime start, UtcTime end);
    void put(Point& point, std::int64_t minute, double kw, double ms);
    void move_to(Point& point, std::int64_t minute);
    [[nodiscard]] std::size_t index(std::int64_t minute) const;
    [[nodiscard]] static double running_mean(const Point& point);
    void close(const Point& point, std::int64_t minute, float mean, float min, float max);

    std::size_t minutes_;
    mutable std::mutex mutex_;  // of all below
    std::size_t rings_ = 0;
    std::vector<std::int32_t> slot_of_;  // by PointRef; -1 = not kept
    std::vector<Point> points_;
    std::vector<telemetry::PointRef> refs_;  // by position in `points_`
    std::size_t handed_out_ = 0;             // the first so many of `points_`
    std::vector<Closed> closed_;
    std::uint64_t lost_ = 0;
};

}  // namespace headroom::desk
