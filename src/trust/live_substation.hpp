#pragma once

#include "trust/commissioning.hpp"
#include "trust/incident.hpp"
#include "trust/incident_kind.hpp"
#include "trust/masking.hpp"
#include "trust/substation_trust.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace headroom::trust {

struct LiveRules {
    std::size_t slots = 144;  ///< in a day
    /// The layers count by themselves: one of their alarms opens; an hour of peace closes, and an hour
    /// follows in which nothing opens.
    IncidentRules incident{.raise = 1, .among = 1, .clear = 6, .refractory = 6};
    IncidentRules silence{.raise = 3, .among = 3, .clear = 2, .refractory = 6};
    double silent_share = 0.5;   ///< of the meters: so many are no fault of a meter
    double repeat_share = 0.75;  ///< of the meters repeat to the last digit: the way repeats, not the meters
    std::size_t explain_after = 12;  ///< slots of an open balance after which a wrong connection is tried
    MaskingRules masking;
};

/// What happened to one incident of a substation in a slot.
struct LiveFinding {
    IncidentChange change = IncidentChange::none;  ///< `none`: it goes on, with this evidence
    IncidentKind kind = IncidentKind::tampering;
    /// A feeder's position; `feeders()` for the busbar; nothing when none can be told.
    std::optional<std::size_t> meter;
    Evidence evidence;                        ///< empty when closed
    std::optional<CommissioningFault> fault;  ///< with the correction that is proposed
};

/// All that can be seen at one radial substation, slot by slot: the layers of `SubstationTrust`, faults of
/// commissioning, masking near the limit, and what is the fault of the way and not of a meter. Pure; one call
/// a slot; bounded memory.
class LiveSubstation {
  public:
    LiveSubstation(std::vector<std::string> feeders, std::size_t phases, LiveRules rules);

    /// Readings of one slot, kW: `busbar_kw` by phase, `feeders_kw` by feeder, then phase; NaN where there is
    /// none. `outlooks` by feeder, or empty.
    [[nodiscard]] std::vector<LiveFinding> take(std::span<const double> busbar_kw,
                                                std::span<const double> feeders_kw,
                                                std::span<const Outlook> outlooks);

    /// Slots seen of those that are needed before the layers speak.
    [[nodiscard]] std::size_t seen() const { return seen_; }
    [[nodiscard]] std::size_t warm_up() const { return 2 * rules_.slots; }
    [[nodiscard]] std::size_t feeders() const { return names_.size(); }
    [[nodiscard]] const std::vector<CommissioningFault>& faults() const { return faults_; }
    [[nodiscard]] double accuracy_factor() const { return trust_.accuracy_factor(); }

  private:
    void look_at_connection(std::span<const double> busbar_kw, std::span<const double> feeders_kw,
                            std::vector<LiveFinding>& out);
    void look_at_meters(std::span<const double> busbar_kw, std::span<const double> feeders_kw,
                        std::vector<LiveFinding>& out);
    void explain_since(std::span<const double> busbar_kw, std::span<const double> feeders_kw,
                       std::vector<LiveFinding>& out);
    void look_at_way(std::span<const double> busbar_kw, std::span<const double> feeders_kw,
                     std::vector<LiveFinding>& out);
    void look_for_masking(std::span<const double> feeders_kw, std::span<const Outlook> outlooks,
                          std::vector<LiveFinding>& out);
    [[nodiscard]] std::optional<std::size_t> position_of(const std::string& meter) const;

    std::vector<std::string> names_;
    std::size_t phases_;
    LiveRules rules_;
    SubstationTrust trust_;
    Incident doubted_;
    Incident silent_;
    MaskingWatch masking_;
    std::vector<Incident> masked_;  // by feeder
    std::vector<BalanceSample> first_day_;
    std::vector<BalanceSample> since_;  // the balance broke
    std::vector<CommissioningFault> faults_;
    std::vector<double> last_;  // as they were given, the busbar last
    std::optional<std::size_t> accused_;
    double strongest_ = 0.0;  // of the open incident, over its threshold
    bool is_explained_ = false;
    bool is_first_day_ = true;
    std::size_t seen_ = 0;
};

}  // namespace headroom::trust
