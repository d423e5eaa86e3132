#pragma once

#include "core/units.hpp"
#include "flex/event_plan.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace headroom::flex {

// Inside of make_event_plan: who delivers and what the load comes to, drawn once and looked at often.

/// Of one: what turns parts per million into shares.
inline constexpr double parts_per_million = static_cast<double>(whole_ppm);

/// Who delivers in which draw. That follows from the DER alone, so that plans are told apart by what they
/// ask, not by luck; each DER is drawn when it is first looked at.
class DeliveryDraws {
  public:
    explicit DeliveryDraws(std::uint64_t seed) : seed_(seed) {}

    /// Bit by bit, 64 to a word, whether a DER of this reliability delivers: of `draws` draws at least, and
    /// 0 in the last word's beyond them. Valid until the next call.
    [[nodiscard]] const std::vector<std::uint64_t>& of(std::uint64_t key, double reliability,
                                                       std::size_t draws);

  private:
    std::uint64_t seed_;
    std::map<std::pair<std::uint64_t, double>, std::vector<std::uint64_t>> known_;
};

/// Relief that is there as a whole or not at all.
struct ChancePart {
    std::uint64_t key = 0;  ///< of the DER in draws: the same whoever else is in the plan
    double reliability = 0.0;
    std::vector<double> relief_w;  ///< as the limit sees it, by half-hour
};

/// Takes from `left_w`, [draw * slots + slot], what the parts deliver, one part after the other.
void take_deliveries(const std::vector<ChancePart>& parts, std::size_t slots, std::size_t draws,
                     DeliveryDraws& deliveries, std::vector<double>& left_w);
/// Draws in which no slot of `left_w` is above `most_w`.
[[nodiscard]] std::size_t count_within(const std::vector<double>& left_w, std::size_t slots, double most_w);

/// What is left above the limit where so much of it is rounding: each half-hour's powers are whole watts.
inline constexpr double chance_rounding_w = 1.0;

/// W above the limit after what is delivered, [draw * slots + slot].
struct DrawnLoads {
    std::size_t draws = 0;
    std::vector<double> left_w;
};

/// Loads and deliveries, drawn together. A draw's load lies on the same quantile in every half-hour: straight
/// between the quantiles, and beyond the outermost on the normal distribution through the outermost two. Each
/// DER delivers all or nothing for the whole window.
class ChanceDraws {
  public:
    /// Both outlive it. So much above the limit is rounding: W, or the unit in which powers are whole.
    ChanceDraws(const ChanceAsked& asked, DeliveryDraws& deliveries, double rounding_w = chance_rounding_w);

    /// The share of draws in which `parts` and what stands already keep the load within the limit throughout.
    [[nodiscard]] std::int64_t share_ppm(const std::vector<ChancePart>& parts);
    /// The draws that this share counts.
    [[nodiscard]] DrawnLoads drawn(const std::vector<ChancePart>& parts);
    /// Takes from `loads` what one more part delivers.
    void take(const ChancePart& part, DrawnLoads& loads);
    /// Bit by bit, whether the part's DER delivers in the draw. Valid until the next call of anything.
    [[nodiscard]] const std::vector<std::uint64_t>& there(const ChancePart& part, std::size_t draws) {
        return deliveries_.of(part.key, part.reliability, draws);
    }
    /// W above the limit in the half-hour, at the share of loads below it.
    [[nodiscard]] double over_w(std::size_t slot, double share) const;
    /// What has to be relieved by half-hour, in expectation, when load and `parts` together are `z` standard
    /// deviations worse than expected: both spreads are added as squares, since neither knows of the other.
    [[nodiscard]] std::vector<std::int64_t> target_w(double z, const std::vector<ChancePart>& parts) const;

  private:
    /// Loads above the limit, [draw * slots + slot].
    [[nodiscard]] const std::vector<double>& loads_w(std::size_t draws);

    const ChanceAsked& asked_;
    DeliveryDraws& deliveries_;
    double rounding_w_;
    std::vector<double> at_;  // quantiles
    std::vector<double> z_;   // their normal scores
    std::vector<ChancePart> standing_;
    std::map<std::size_t, std::vector<double>> loads_w_;  // by number of draws
};

}  // namespace headroom::flex
