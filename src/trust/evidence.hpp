#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace headroom::trust {

/// Which look at the readings found something, from the cheapest to the farthest.
enum class Layer : std::uint8_t {
    validation,
    balance,
    residual,
    state,
    innovation,
    replay,
    masking,
    univariate
};
inline constexpr std::size_t layers = 8;
[[nodiscard]] std::string_view to_string(Layer layer);

/// The resolution that readings come in, kW: nothing is made of less.
inline constexpr double resolution_kw = 0.01;

/// Why a meter is doubted.
struct Evidence {
    Layer layer = Layer::validation;
    std::string meter;        ///< the one that is accused; empty when nothing tells them apart
    double statistic = 0.0;   ///< of the layer's test
    double threshold = 0.0;   ///< above which it speaks
    double confidence = 0.0;  ///< 0…1, see `confidence_of`
    std::string detail;       ///< a sentence with the numbers
};

/// Grows from 0 at nothing over ½ at the threshold towards 1: s² / (s² + t²). A measure for sorting and
/// display, no probability. 0 for a threshold that is not above 0.
[[nodiscard]] double confidence_of(double statistic, double threshold);

}  // namespace headroom::trust
