#pragma once

#include <cstdint>

namespace headroom::trust {

struct IncidentRules {
    std::uint32_t raise = 2;       ///< suspicious readings …
    std::uint32_t among = 3;       ///< … among so many of the newest open an incident; at most 32
    std::uint32_t clear = 6;       ///< quiet readings in a row close it
    std::uint32_t refractory = 6;  ///< readings after that in which none is opened
};

/// What a reading did to the incident of its channel.
enum class IncidentChange : std::uint8_t { none, opened, closed };

/// Makes calm out of single suspicions: one incident is open or none, it opens on several suspicions close
/// together, stays open through short silences, and after it has closed there is peace for a while. Memory:
/// a few numbers for each channel.
class Incident {
  public:
    explicit Incident(IncidentRules rules);

    IncidentChange take(bool is_suspicious);
    [[nodiscard]] bool is_open() const { return is_open_; }
    /// Incidents opened so far.
    [[nodiscard]] std::uint64_t opened() const { return opened_; }

  private:
    IncidentRules rules_;
    std::uint32_t newest_ = 0;  // suspicions, a bit each, the newest lowest
    std::uint32_t quiet_ = 0;
    std::uint32_t peace_ = 0;  // readings left of it
    bool is_open_ = false;
    std::uint64_t opened_ = 0;
};

}  // namespace headroom::trust
