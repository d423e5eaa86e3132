#pragma once

#include "core/result.hpp"
#include "trust/evidence.hpp"
#include "trust/innovation.hpp"
#include "trust/replay.hpp"
#include "trust/state_estimation.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace headroom::trust {

struct GridTrustRules {
    BadDataRules bad_data;
    InnovationRules innovation;
    std::size_t sigma_samples = 96;  ///< of the start, from which meter accuracy is learnt: two days
};

/// One sample of a network's measurements, judged.
struct GridVerdict {
    bool is_doubted = false;
    double score = 0.0;              ///< the strongest test's statistic over its threshold; > 1 is doubted
    std::vector<Evidence> evidence;  ///< strongest first; empty when nothing is doubted
    std::vector<double> believed;    ///< the state that stands in forecasts from here on
};

/// The layers for a network with redundant measurements: state estimation, state innovation and replay, in
/// one pass over samples at even distances. A sample whose bad meters can be told is repaired and goes on; a
/// sample whose state cannot be believed is replaced by the forecast.
class GridTrust {
  public:
    /// `meters` names the rows of `h`. Errors: those of `StateEstimator`, and `invalid` for other sizes.
    [[nodiscard]] static Result<GridTrust> make(Matrix h, double sigma, std::vector<std::string> meters,
                                                std::vector<std::string> states, GridTrustRules rules);

    /// Errors: `invalid` when the finite measurements do not determine the state; the sample then counts as
    /// one that is not believed.
    [[nodiscard]] Result<GridVerdict> judge(std::span<const double> z);

  private:
    GridTrust(StateEstimator estimator, std::vector<std::string> meters, std::vector<std::string> states,
              GridTrustRules rules);
    void add_bad_data(const StateVerdict& state, GridVerdict& verdict) const;
    void add_innovation(const Innovation& innovation, GridVerdict& verdict) const;
    void add_replay(const Replay& replay, GridVerdict& verdict) const;

    StateEstimator estimator_;
    std::vector<std::string> meters_;
    std::vector<std::string> states_;
    GridTrustRules rules_;
    InnovationWatch innovation_;
    ReplayWatch replay_;
};

}  // namespace headroom::trust
