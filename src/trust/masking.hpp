#pragma once

#include "trust/evidence.hpp"

#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace headroom::trust {

/// What was expected of a feeder for a slot, long enough before it that its readings could not bend it. kW of
/// all phases; NaN where nothing is known.
struct Outlook {
    double p05_kw = std::numeric_limits<double>::quiet_NaN();
    double p50_kw = std::numeric_limits<double>::quiet_NaN();
    double p95_kw = std::numeric_limits<double>::quiet_NaN();
    double limit_kw = std::numeric_limits<double>::quiet_NaN();
    bool is_relieved = false;  ///< relief runs, or ran just now: less load is what was asked for
};

struct MaskingRules {
    double near_share = 0.8;     ///< of the limit: from a P95 so large on, a low reading is worth a lie
    double drift = 1.0;          ///< of the sum, in deviations a slot
    double limit = 6.0;          ///< the sum from which it is no accident
    double clip = 4.0;           ///< a slot counts as at most so many deviations
    double floor_share = 0.05;   ///< of P50: the deviation is not believed to be smaller
    std::size_t neighbours = 2;  ///< fewer tell nothing of what all feeders have in common
    double common_min = 0.5;     ///< a common fall below this share is not believed to be load
    double common_max = 1.5;
};

/// Looks for readings that are too low just when the load is expected near the limit: whoever lowers them
/// then keeps relief from being bought. Expected is the forecast's P50 times what the neighbours of the same
/// substation have in common (the median of their reading over their P50: weather and holidays move all); the
/// shortfall in deviations is summed one-sided (CUSUM). Memory: a number a feeder.
class MaskingWatch {
  public:
    MaskingWatch(std::size_t feeders, MaskingRules rules);

    /// `kw` by feeder, all phases together; NaN where there is no reading. Nothing for a feeder that is not
    /// suspected.
    [[nodiscard]] std::vector<std::optional<Evidence>> take(std::span<const double> kw,
                                                            std::span<const Outlook> outlooks,
                                                            std::span<const std::string> names);

  private:
    struct Common {
        double factor = 1.0;
        std::size_t neighbours = 0;
    };
    [[nodiscard]] Common common(std::size_t but, std::span<const double> kw,
                                std::span<const Outlook> outlooks) const;
    MaskingRules rules_;
    std::vector<double> sums_;
};

}  // namespace headroom::trust
