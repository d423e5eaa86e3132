#pragma once

#include "features/half_hours.hpp"
#include "features/reading_ring.hpp"
#include "forecast/forecaster.hpp"
#include "grid/network.hpp"
#include "monitor/monitor.hpp"
#include "trust/watch.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace headroom::monitor {

/// Half-hours that late readings may still change.
inline constexpr std::size_t open_periods = 6;
inline constexpr std::int32_t no_limit = -1;

/// Sum of what was measured in one half-hour.
struct PeriodSum {
    std::int64_t period = features::HalfHourRing::none;
    double kw_ms = 0.0;     // of interval readings
    double instants = 0.0;  // of instants
    std::uint32_t ms = 0;
    std::uint32_t instant_count = 0;
    bool is_dirty = false;

    void add(double kw, std::int64_t length_ms);
    /// NaN until intervals cover half of the half-hour, or an instant lies in it.
    [[nodiscard]] float mean() const;
};

/// What is kept of every point, beside its rings. A reading touches the first two cache lines and the one of
/// its half-hour.
struct alignas(64) Point {
    UtcTime newest_start = UtcTime::min();  // of the readings in order, usable or not
    UtcTime at{};                           // end of the newest usable reading
    std::int64_t newest_slot = 0;
    std::int64_t cadence_ms = 0;  // of the ring's grid; 0 before the second reading
    double newest_value = std::numeric_limits<double>::quiet_NaN();  // as it came
    double value = std::numeric_limits<double>::quiet_NaN();         // newest usable
    std::uint32_t readings = 0;
    std::uint16_t source = 0;
    telemetry::Quality quality = telemetry::Quality::measured;
    grid::Quantity quantity = grid::Quantity::p_kw;
    bool is_der = false;  // a device may stand still for good reasons
    alignas(64) trust::Watch watch;
    std::array<std::int32_t, 2> limits{no_limit, no_limit};  // by grid::Direction, into the engine's list
    std::array<PeriodSum, open_periods> periods{};
};

/// An event of a limit that is not over.
struct OpenEvent {
    EventId event;
    UtcTime start{};
    UtcTime end{};
};

/// A point and direction that somebody has set a limit to, with the events it is in.
struct alignas(64) Limited {
    // What every reading needs comes first.
    std::int64_t limit_w = 0;  // 0 while no limit applies
    std::int64_t clear_w = 0;
    std::int64_t below = 0;  // readings below the clear level in a row
    std::vector<risk::RecentLoad> recent;
    bool is_export = false;
    bool is_candidate = false;  // has been found over its limit in the batch at hand

    telemetry::PointRef point = telemetry::no_point;
    std::vector<const grid::Limit*> candidates;  // of all seasons and kinds
    grid::Limit limit;                           // the one that binds
    std::size_t group = 0;                       // limits of one asset and direction share it
    std::vector<OpenEvent> open;
    UtcTime forecast_due = UtcTime::min();
    forecast::LoadForecast forecast;
};

/// What was found in the batch at hand, before it is known what else was found on the feeder.
struct Candidate {
    RaisedOverload raised;
    std::size_t limited = 0;
};

class Monitor::Engine {
  public:
    Engine(const grid::Network& network, telemetry::PointRegistry& registry, MonitorOptions options);

    void warm(telemetry::PointRef point, const store::SeriesBlock& history);
    void train(UtcTime now);
    IngestCount ingest(std::span<const telemetry::Reading> readings, UtcTime now,
                       std::vector<std::uint32_t>* used);
    void tick(UtcTime now);

    std::vector<RaisedOverload> take_overloads();
    std::vector<EventId> take_cleared();
    std::vector<EventId> take_breached();
    std::vector<trust::Verdict> take_verdicts();
    std::vector<store::SeriesBlock> take_rollups();
    void adopt_open(const EventId& event, const grid::Limit& limit, UtcTime start, UtcTime end);

    [[nodiscard]] PointView view(telemetry::PointRef ref) const;
    [[nodiscard]] double period_mean_kw(telemetry::PointRef ref, UtcTime period) const;
    [[nodiscard]] const forecast::LoadForecast* forecast_of(telemetry::PointRef ref) const;

  private:
    // engine.cpp: points and readings
    void add_limits();
    void grow();
    [[nodiscard]] features::ReadingRing ring(telemetry::PointRef ref);
    bool take(const telemetry::Reading& reading, UtcTime now, IngestCount& count);
    void prefetch_rest(const telemetry::Reading& reading) const;
    bool take_in_order(Point& point, const telemetry::Reading& reading, IngestCount& count);
    bool take_late(Point& point, const telemetry::Reading& reading, IngestCount& count);
    void refuse_second(Point& point, const telemetry::Reading& reading, double known, IngestCount& count);
    void learn_cadence(Point& point, const telemetry::Reading& reading);
    void add_to_period(Point& point, const telemetry::Reading& reading);
    void close_periods(std::int64_t current);
    void doubt(trust::Verdict verdict);

    // engine_limits.cpp: limits, forecasts and events
    void choose_limits(UtcTime now);
    void look_now(std::size_t index, const telemetry::Reading& reading, UtcTime now);
    void look_ahead(std::size_t index, UtcTime now);
    [[nodiscard]] risk::RiskInput question(const Limited& limited, UtcTime now) const;
    void ask(std::size_t index, risk::RiskInput input);
    void raise_candidates();
    [[nodiscard]] bool is_covered(const Limited& limited, UtcTime start, UtcTime end) const;
    [[nodiscard]] bool is_told_by_a_phase(const Limited& limited, UtcTime start, UtcTime end) const;
    void end_windows(Limited& limited, UtcTime now);
    [[nodiscard]] double limit_kw(const Point& point) const;

    const grid::Network& network_;
    telemetry::PointRegistry& registry_;
    MonitorOptions options_;
    trust::WatchRules trust_rules_;
    std::size_t alarm_ = 0;  // position of the alarm quantile

    std::vector<Point> points_;
    std::vector<float> readings_;  // ring_size for each point
    std::vector<features::HalfHourRing> half_hours_;
    std::vector<Limited> limits_;
    std::vector<std::vector<std::size_t>> groups_;
    std::optional<grid::Season> season_;

    std::optional<forecast::ForecastModel> model_;
    forecast::Ahead ahead_;
    std::vector<float> scratch_;

    std::int64_t closed_ = features::HalfHourRing::none;
    bool any_dirty_ = false;
    std::vector<Candidate> candidates_;
    std::vector<RaisedOverload> raised_;
    std::vector<EventId> cleared_;
    std::vector<EventId> breached_;
    std::vector<trust::Verdict> verdicts_;
    std::vector<store::SeriesBlock> rollups_;
};

}  // namespace headroom::monitor
