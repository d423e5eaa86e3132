#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace headroom::trust {

/// An earlier sample that the newest one repeats.
struct Replay {
    std::size_t samples_back = 0;
    double likeness = 0.0;  ///< cosine of the two residual vectors, 1 for a copy
};

/// Meters' noise never comes twice. The residuals of a state estimate are nothing but noise, so that two
/// samples whose residual vectors point the same way are one and the same measurement, whatever the load did
/// and whatever state was added to it (a replay, rounded or re-scaled or not).
///
/// In `degrees` dimensions the cosine of independent noise exceeds c about as often as
/// (1 − c²)^((degrees − 1)/2) / 2; the threshold makes a chance likeness within the whole memory rarer than
/// one in a million. Memory: `samples` residual vectors.
class ReplayWatch {
  public:
    ReplayWatch(std::size_t meters, std::size_t degrees, std::size_t samples);

    /// Compares with what was taken before.
    [[nodiscard]] std::optional<Replay> find(std::span<const double> residual) const;
    /// Remembers the residuals of the next sample in time. Residuals that bad data rule say nothing of the
    /// noise: the caller passes an empty span for those, and the sample is counted, not compared with.
    void take(std::span<const double> residual);

    /// Likeness from which it is a replay; above 1 (never) when too few meters are redundant to tell.
    [[nodiscard]] double threshold() const { return threshold_; }

  private:
    std::size_t meters_;
    double threshold_;
    std::vector<std::vector<double>> ring_;  // unit vectors; empty when not comparable
    std::size_t seen_ = 0;
};

}  // namespace headroom::trust
