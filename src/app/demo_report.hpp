#pragma once

#include "agents/event_record.hpp"
#include "agents/record_store.hpp"
#include "core/json.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace headroom::app {

/// Half-hourly mean loads of the feeders' phases in the world with and in the world without flexibility.
class PeakBook {
  public:
    struct Means {
        double with_kw_minutes = 0.0;
        double without_kw_minutes = 0.0;
        double minutes = 0.0;
    };
    /// One reading of a point of the world, [start, end).
    void add_with(std::uint32_t point, UtcTime start, UtcTime end, double kw);
    void add_without(std::uint32_t point, UtcTime start, UtcTime end, double kw);

    struct Peaks {
        double with_kw = 0.0;
        double without_kw = 0.0;
    };
    /// Largest half-hourly means of the point in [from, to); whole run when `to` is not later than `from`.
    [[nodiscard]] Peaks peaks(std::uint32_t point, UtcTime from, UtcTime to) const;

    [[nodiscard]] json::Value to_json() const;
    [[nodiscard]] static Result<PeakBook> from_json(const json::Value& value);

  private:
    std::map<std::uint32_t, std::map<UtcTime, Means>> points_;
};

/// What the report says beside the events.
struct DemoFacts {
    std::uint64_t seed = 0;
    int feeders = 0;
    json::Value story;  ///< {name, title} or null
    std::string counterfactual_method;
    json::Object audit;                                          ///< {size, root, verified}
    json::Object readings;                                       ///< {accepted, quarantined}
    std::vector<std::pair<std::string, double>> feeder_ratings;  ///< by feeder id, kW of all phases
    std::map<std::string, std::uint32_t> points;  ///< number of a point in the book, by `PointKey::text()`
};

/// The object of `headroom demo --once --json` (docs/formats/demo.md).
[[nodiscard]] json::Object demo_report(const std::vector<agents::EventRecord>& events,
                                       const std::map<std::string, std::string>& order_ids,
                                       const PeakBook& book, const DemoFacts& facts);

/// Whether every event was relieved, or its shortfall is stated and alarmed.
[[nodiscard]] bool is_accounted_for(const agents::EventRecord& record, const PeakBook& book,
                                    const DemoFacts& facts);

}  // namespace headroom::app
