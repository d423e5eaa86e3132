// The half-hourly past of a world: the live functions, averaged.
#include "sim/world.hpp"

#include <algorithm>

namespace headroom::sim {
namespace {

// Noise and profiles run straight between multiples of five minutes, so the minute in the middle of five is
// their mean. Vehicles come at any minute and are asked for each.
constexpr Minute five = 5;
constexpr Minute middle = 2;
constexpr Minute period_minutes = 30;
constexpr double weight_of_five = static_cast<double>(five) / static_cast<double>(period_minutes);
constexpr double weight_of_one = 1.0 / static_cast<double>(period_minutes);

/// A vehicle's session of the day that was asked for last.
struct KnownSession {
    std::int64_t local_day = -1;
    Session session;
};

/// Adds the minutes of one half-hour up to mean powers.
class PeriodMeans {
  public:
    explicit PeriodMeans(const WorldPlan& plan)
        : device_kw(plan.devices().size()),
          phase_kw(plan.feeders().size() * 3),
          plan_(plan),
          sessions_(plan.devices().size()) {}

    void take(Minute first) {
        std::fill(device_kw.begin(), device_kw.end(), 0.0);
        std::fill(phase_kw.begin(), phase_kw.end(), 0.0);
        for (Minute minute = first; minute < first + period_minutes; ++minute) {
            const Moment moment = plan_.moment(minute);
            add_vehicles(moment);
            if ((minute - first) % five == middle) {
                add_smooth(moment);
            }
        }
    }

    std::vector<double> device_kw;
    std::vector<double> phase_kw;  ///< of the customers

  private:
    void add_vehicles(const Moment& moment) {
        for (std::size_t d = 0; d < device_kw.size(); ++d) {
            const DeviceSpec& spec = plan_.devices()[d];
            if (spec.der_class != grid::DerClass::ev_charger) {
                continue;
            }
            KnownSession& known = sessions_[d];
            if (known.local_day != moment.local_day) {
                known = {moment.local_day, session_of(spec, plan_.random(), moment.local_day)};
            }
            device_kw[d] += charging_kw(spec, known.session, moment.local_minute) * weight_of_one;
        }
    }
    void add_smooth(const Moment& moment) {
        for (std::size_t d = 0; d < device_kw.size(); ++d) {
            const DeviceSpec& spec = plan_.devices()[d];
            if (spec.der_class != grid::DerClass::ev_charger) {
                device_kw[d] += natural_kw(spec, plan_.random(), moment) * weight_of_five;
            }
        }
        std::size_t point = 0;
        for (const FeederModel& feeder : plan_.feeders()) {
            for (const PhaseModel& phase : feeder.phases) {
                phase_kw[point++] += plan_.customers_kw(phase, moment) * weight_of_five;
            }
        }
    }

    const WorldPlan& plan_;
    std::vector<KnownSession> sessions_;
};

}  // namespace

std::vector<store::SeriesBlock> World::history() const {
    const auto periods = static_cast<std::size_t>(options().history_days) * 48;
    const UtcTime begin = options().start - minutes{1440} * options().history_days;
    std::vector<store::SeriesBlock> blocks(points_.size());
    for (std::size_t i = 0; i < points_.size(); ++i) {
        blocks[i].key = points_[i].text();
        blocks[i].start = begin;
        blocks[i].step = period_length;
        blocks[i].values.resize(periods);
    }
    PeriodMeans means(*plan_);
    for (std::size_t period = 0; period < periods; ++period) {
        means.take(to_minute(begin) + static_cast<Minute>(period) * period_minutes);
        std::size_t point = 0;
        std::vector<double> feeder_kw(plan_->feeders().size(), 0.0);
        for (std::size_t f = 0; f < plan_->feeders().size(); ++f) {
            for (const PhaseModel& phase : plan_->feeders()[f].phases) {
                double load = means.phase_kw[point];
                for (const auto& [device, share] : phase.devices) {
                    load += means.device_kw[device] * share;
                }
                feeder_kw[f] += load;
                blocks[point++].values[period] = static_cast<float>(load);
            }
        }
        for (const double kw : means.device_kw) {
            blocks[point++].values[period] = static_cast<float>(kw);
        }
        for (const HvFeederModel& hv : plan_->hv_feeders()) {
            double below_kw = 0.0;
            for (const std::size_t feeder : hv.feeders) {
                below_kw += feeder_kw[feeder];
            }
            blocks[point++].values[period] = static_cast<float>(hv.load_kw(below_kw));
        }
    }
    return blocks;
}

}  // namespace headroom::sim
