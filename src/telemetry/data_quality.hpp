#pragma once

#include "core/time.hpp"
#include "telemetry/reading.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace headroom::telemetry {

/// Something about the data of a point or place that an engineer should know.
struct Finding {
    std::string point_id;
    std::string kind;    ///< balance, stuck, gap, duplicate, conflict, sign, quantity, limit
    std::string detail;  ///< a sentence with the numbers
};

/// Learns on which step a point's readings come: the middle one of the first steps seen.
class CadenceLearner {
  public:
    /// Readings in the order of time; those of one time count once.
    void take(UtcTime start);
    /// 0 before two times have been seen.
    [[nodiscard]] milliseconds cadence() const;

  private:
    std::array<std::int64_t, 15> steps_{};
    std::uint8_t count_ = 0;
    bool has_last_ = false;
    UtcTime last_{};
};

/// Whether a point had a reading for that time before, with the same value or another.
enum class Arrival : std::uint8_t { first, repeated, conflicting };

/// Follows the readings of a file, in the order of time, and tells afterwards what is odd about them: values
/// that stand still, gaps, second values for the same time, a feeder that reads negative throughout. Constant
/// memory per point.
class DataQuality {
  public:
    explicit DataQuality(const PointRegistry& registry) : registry_(registry) {}

    /// On which step the readings of `point` should come; without it gaps are not looked for.
    void expect_cadence(PointRef point, milliseconds cadence);
    /// `point` measures load, so that it should not be negative throughout.
    void expect_load(PointRef point);
    /// A second reading of a point for the same time is counted and passed over.
    Arrival take(const Reading& reading);

    /// What was found, by point in the order of the registry.
    [[nodiscard]] std::vector<Finding> findings() const;

    /// So many equal readings in a row, other than 0, stand still.
    static constexpr std::uint64_t stuck_min = 6;

  private:
    struct Run {
        UtcTime start{};
        UtcTime end{};
        std::uint64_t length = 0;
        double value = 0.0;
    };
    struct Point {
        milliseconds cadence{};
        double last_value = 0.0;
        UtcTime last_start{};
        std::uint64_t readings = 0, negative = 0, duplicates = 0, conflicts = 0;
        Run run, longest_run;
        std::uint64_t stuck_runs = 0;
        std::uint64_t gaps = 0, missing = 0;
        UtcTime gap_from{}, gap_to{};  // the longest
        bool is_load = false;
    };

    Point& point(PointRef ref);
    void add_point_findings(PointRef ref, std::vector<Finding>& out) const;

    const PointRegistry& registry_;
    std::vector<Point> points_;
};

}  // namespace headroom::telemetry
