#pragma once

#include "core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace headroom::telemetry {

/// What the readings of one site say about the sign of its active power.
struct SignRuling {
    bool is_turned = false;  ///< import was published as negative
    std::string detail;      ///< a sentence with the numbers; empty when there is nothing to tell
};

/// Decides from a site's readings whether its publisher counts import as negative. Some substations do, and
/// nothing in the file says so, but load and generation behave differently:
///
/// - the flow runs the negative way in at least two thirds of the readings;
/// - it runs harder that way from 16 to 20 o'clock than from 1 to 5 (London), as load does and nothing else
///   does reliably;
/// - around noon, from 11 to 15, it is at most one and a half times that of 16 to 20, or it would be solar;
/// - where MVA or amps are published too, they rise and fall with the size of the MW (correlation at least
///   0.8), so the channel measures a real flow.
///
/// All four together turn the sign. Sums only: bounded memory, the same answer for the same readings.
class SignSurvey {
  public:
    void take_power(UtcTime at, double kw);
    /// Apparent power or current, of which the sign does not count; paired with the power of the same time.
    void take_flow(UtcTime at, double size);
    [[nodiscard]] SignRuling decide() const;

  private:
    struct Mean {
        double sum = 0.0;
        std::uint64_t count = 0;
        void take(double value) {
            sum += value;
            ++count;
        }
        [[nodiscard]] double value() const { return count == 0 ? 0.0 : sum / static_cast<double>(count); }
    };
    void pair();
    /// Of |kW| and flow; nothing when there are too few pairs or one of them stands still.
    [[nodiscard]] std::optional<double> correlation() const;

    std::uint64_t count_ = 0;
    std::uint64_t negative_ = 0;
    Mean night_, noon_, evening_;
    // The newest of each, until their pair is complete.
    UtcTime power_at_{}, flow_at_{};
    double power_ = 0.0, flow_ = 0.0;
    bool has_power_ = false, has_flow_ = false;
    // Running means and co-moments (Welford).
    double pairs_ = 0.0, mean_x_ = 0.0, mean_y_ = 0.0, xx_ = 0.0, yy_ = 0.0, xy_ = 0.0;
};

}  // namespace headroom::telemetry
