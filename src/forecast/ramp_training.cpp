#include "forecast/ramp_training.hpp"

#include "core/time.hpp"
#include "forecast/ramp_rows.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

namespace headroom::forecast {
namespace {

Panel before(const Panel& panel, std::int64_t end_slot) {
    Panel out = panel;
    for (Panel::Series& series : out.series) {
        const std::int64_t kept =
            std::clamp<std::int64_t>(end_slot - series.load.first, 0, std::ssize(series.load.values));
        series.load.values.resize(static_cast<std::size_t>(kept));
    }
    return out;
}

/// `changes` are what was told, a minute; the truth is the change over the whole lead.
double pinball_of(const QuantileValues& changes, double minutes, double truth) {
    double sum = 0.0;
    for (std::size_t q = 0; q < quantile_count; ++q) {
        const double error = truth - changes[q] * minutes;
        sum += error >= 0.0 ? quantiles[q] * error : (quantiles[q] - 1.0) * error;
    }
    return sum / static_cast<double>(quantile_count);
}

const RampForecast::Lead* lead_of(const RampForecast& told, std::int64_t lead_s) {
    const auto found = std::ranges::find(told.leads, lead_s, &RampForecast::Lead::lead_s);
    return found == told.leads.end() ? nullptr : &*found;
}

RampTrial hold_ramp_trial(const Panel& panel, std::int64_t from_slot, const RampModel& challenger,
                          const RampModel* champion) {
    RampTrial trial{.from_s = from_slot * panel.step_s, .had_champion = champion != nullptr};
    for (std::size_t i = 0; i < panel.series.size(); ++i) {
        const GridSeries& load = panel.series[i].load;
        trial.to_s = std::max(trial.to_s, load.end() * panel.step_s);
        replay_rows(panel, i, {}, [&](std::int64_t slot, std::span<const float> row) {
            const double spread = ramp_spread(row);
            if (slot < from_slot || spread <= 0.0) {
                return;
            }
            const RampForecast one = ramp(challenger, row);
            const RampForecast other = champion != nullptr ? ramp(*champion, row) : RampForecast{};
            for (const RampForecast::Lead& lead : one.leads) {
                const double change = load.at(slot + lead.lead_s / panel.step_s) - load.at(slot);
                const RampForecast::Lead* theirs = lead_of(other, lead.lead_s);
                if (std::isnan(change) || (champion != nullptr && theirs == nullptr)) {
                    continue;
                }
                const double minutes = static_cast<double>(lead.lead_s) / 60.0;
                ++trial.forecasts;
                trial.pinball += pinball_of(lead.kw_min, minutes, change) / spread;
                trial.champion_pinball +=
                    pinball_of(theirs != nullptr ? theirs->kw_min : QuantileValues{}, minutes, change) /
                    spread;
                trial.error += std::abs(lead.kw_min[3] * minutes - change) / spread;
                trial.no_ramp_error += std::abs(change) / spread;
                trial.band_share +=
                    change >= lead.kw_min[1] * minutes && change <= lead.kw_min[5] * minutes ? 1.0 : 0.0;
            }
        });
    }
    const double count = std::max<double>(1.0, static_cast<double>(trial.forecasts));
    for (double* sum :
         {&trial.pinball, &trial.champion_pinball, &trial.error, &trial.no_ramp_error, &trial.band_share}) {
        *sum /= count;
    }
    return trial;
}

}  // namespace

Result<RampChallenge> train_ramp_challenger(const Panel& panel, std::int64_t held_from_s,
                                            const RampModel* champion, const RampOptions& options) {
    if (champion != nullptr && champion->cadence_s != panel.step_s) {
        return Error{Errc::conflict, "the ramp model that serves is of another distance of readings"};
    }
    if (champion != nullptr && champion->data_to_s >= held_from_s - panel.step_s) {
        return Error{Errc::conflict, "the ramp model that serves was learnt from readings up to " +
                                         format_utc(UtcTime{std::chrono::seconds{champion->data_to_s}}) +
                                         ", there are none newer to learn from and to compare it on"};
    }
    const std::int64_t from_slot = held_from_s / panel.step_s;
    Result<RampModel> model = train_ramp(before(panel, from_slot), {}, options);
    if (!model) {
        return model.error();
    }
    const RampTrial trial = hold_ramp_trial(panel, from_slot, *model, champion);
    return RampChallenge{.model = std::move(*model), .trial = trial};
}

}  // namespace headroom::forecast
