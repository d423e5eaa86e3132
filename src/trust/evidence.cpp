#include "trust/evidence.hpp"

#include <array>
#include <cmath>
#include <cstddef>

namespace headroom::trust {

std::string_view to_string(Layer layer) {
    constexpr std::array<std::string_view, 8> words{"validation", "balance", "residual", "state",
                                                    "innovation", "replay",  "masking",  "univariate"};
    return words[static_cast<std::size_t>(layer)];
}

double confidence_of(double statistic, double threshold) {
    if (!(threshold > 0.0) || std::isnan(statistic)) {
        return 0.0;
    }
    const double ratio = statistic / threshold;
    return ratio <= 0.0 ? 0.0 : std::isinf(ratio) ? 1.0 : ratio * ratio / (1.0 + ratio * ratio);
}

}  // namespace headroom::trust
