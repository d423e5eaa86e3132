#pragma once

namespace headroom {

/// Standard normal value below which a share `quantile` of 0.001 … 0.999 lies. Source: Acklam's rational
/// approximation, relative error below 2e-9.
[[nodiscard]] double normal_quantile(double quantile);
/// The share of a standard normal below `z`.
[[nodiscard]] double normal_share(double z);

}  // namespace headroom
