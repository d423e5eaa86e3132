#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace headroom::trust {

struct StayRules {
    std::size_t slots = 144;    ///< readings in a day
    std::size_t smooth = 3;     ///< readings that are averaged before they are compared
    std::size_t stay = 12;      ///< such averages that must all be high: two hours of 10 min
    std::size_t beside = 6;     ///< slots to either side of this one that the days before are looked at in
    std::size_t days = 7;       ///< days of a record before it is laid aside; it counts for as many more
    double tenths_max = 2.5;    ///< of its mean: what a phase stays above its record by counts no further
    double tenth_weight = 4.0;  ///< nats for each of them
    double day_weight = 3.0;    ///< nats for the logarithm of the days that the record stands
    double cost = 1.8;          ///< for there being many slots at which it may have begun
};

/// Has every phase of a feeder now stayed, for two hours, above what it ever stayed above at this time of
/// day?
///
/// A load that is switched on on all phases at once is rare and short: appliances end, and what is left of
/// them falls back between. An amount that is added to a meter stays, in the valleys too. So the lowest of
/// the last hours' readings is held, phase by phase, against the highest such lowest of the days before, and
/// the phase that is least above its record speaks for all. A record over n days is beaten by chance once in
/// n + 1, hence the logarithm of the days. Memory: two numbers for each slot of the day and phase.
class StayWatch {
  public:
    StayWatch(std::size_t phases, StayRules rules);

    /// Takes the readings of the next slot, kW by phase, NaN where there is none, and the phases' mean loads.
    /// `is_doubted`: they set no record.
    void take(std::span<const double> kw, std::span<const double> means_kw, bool is_doubted);

    /// Tenths of its mean by which the phase that is least above its record is above it; 0 when one is not,
    /// or while there is no record or no reading to compare.
    [[nodiscard]] double tenths() const { return tenths_; }
    /// What staying by so many tenths is worth, in nats: 0 for none.
    [[nodiscard]] double worth(double tenths) const;

  private:
    struct Record {
        float now, before;  // of this week, and of the one before it; −infinity where there is none
    };
    [[nodiscard]] double record_of(std::size_t phase) const;
    void enter(std::size_t slot);

    std::size_t phases_;
    StayRules rules_;
    std::vector<double> readings_;  // ring by `smooth`, then phase
    std::vector<double> averages_;  // ring by `stay`, then phase
    std::vector<double> lowest_;   // ring of what is not entered yet, by `beside` + 1, then phase; NaN: never
    std::vector<Record> records_;  // by slot, then phase
    double tenths_ = 0.0;
    std::size_t seen_ = 0;
};

}  // namespace headroom::trust
