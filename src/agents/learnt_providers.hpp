#pragma once

#include "agents/event_record.hpp"
#include "flex/event_plan.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace headroom::agents {

/// How long providers take to confirm, learnt as round-trip times are: a smoothed mean and a smoothed mean
/// deviation, told as mean and four deviations. Source: RFC 6298, 2.
class LearntLatencies {
  public:
    void add(const std::string& provider, milliseconds took);
    /// By provider, sorted.
    [[nodiscard]] std::vector<flex::ProviderLatency> all() const;

  private:
    struct Learnt {
        double mean_ms = 0.0;
        double deviation_ms = 0.0;
    };
    std::map<std::string, Learnt> learnt_;
};

/// Latencies as they follow from what events keep of their confirmations, oldest first.
[[nodiscard]] LearntLatencies latencies_of(const std::vector<const EventRecord*>& events);

/// Deliveries that a provider's own word of a DER's reliability counts for.
inline constexpr std::int64_t claim_counts_as = 10;

/// How reliably the DERs of `offers` deliver: the mean of what meters showed in settled events, each capped
/// at all of what was instructed and none where the DER did not follow, with the offer's own figure counted
/// as `claim_counts_as` deliveries before them (the mean of a beta distribution with that prior). In the
/// order of DERs; of those alone that were ever asked. Pure.
[[nodiscard]] std::vector<flex::LearntResponse> responses_of(const std::vector<const EventRecord*>& events,
                                                             const std::vector<flex::Offer>& offers);

}  // namespace headroom::agents
