#pragma once

#include "forecast/ramp.hpp"

#include <cstddef>
#include <cstdint>

namespace headroom::forecast {

/// How a new ramp model and the one that serves did on readings that neither has seen. Losses are in spreads
/// of the row.
struct RampTrial {
    std::int64_t from_s = 0;  ///< first origin
    std::int64_t to_s = 0;    ///< behind the last reading
    std::size_t forecasts = 0;
    bool had_champion = false;
    double pinball = 0.0;           ///< mean over the quantiles and leads: the challenger's
    double champion_pinball = 0.0;  ///< of who serves; without one of "no ramp, for certain"
    double error = 0.0;             ///< mean size of the challenger's median error
    double no_ramp_error = 0.0;     ///< the same of "no ramp"
    double band_share = 0.0;        ///< of truths between the challenger's P10 and P90
    /// Against a champion the whole distribution counts; a first model must also tell more than "no ramp" by
    /// its median alone, since any width beats certainty.
    [[nodiscard]] bool is_won() const {
        return forecasts > 0 && pinball < champion_pinball && (had_champion || error < no_ramp_error);
    }
};

struct RampChallenge {
    RampModel model;
    RampTrial trial;
};

/// Learns from what the panel has before `held_from_s` and holds the outcome against `champion` (nullptr:
/// "no ramp") on the readings from then on. Deterministic by the seed. Errors: `conflict` when the champion
/// has learnt from readings as new, and so may have seen what is held back, or is of another cadence; those
/// of `train_ramp`.
[[nodiscard]] Result<RampChallenge> train_ramp_challenger(const Panel& panel, std::int64_t held_from_s,
                                                          const RampModel* champion,
                                                          const RampOptions& options);

}  // namespace headroom::forecast
