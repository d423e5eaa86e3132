#pragma once

#include "agents/trust_monitoring.hpp"
#include "desk/page.hpp"
#include "desk/trust_answers.hpp"
#include "trust/incident_kind.hpp"

#include <optional>
#include <string>

namespace headroom::desk {

struct IncidentQuery {
    std::string place = {};  ///< substation, feeder or accused meter; empty: all
    std::optional<trust::IncidentKind> kind = {};
    bool open_only = false;
    PageRequest page = {};
};

/// Counts, corrections in force, and a page of incidents. Errors: `invalid` for a cursor that is none.
[[nodiscard]] Result<TrustAnswer> trust_answer(const agents::TrustMonitoring& trust, UtcTime now,
                                               const IncidentQuery& query);
/// Places in the order of the network. Errors: as above.
[[nodiscard]] Result<Page<TrustPlaceAnswer>> trust_places(const agents::TrustMonitoring& trust,
                                                          const PageRequest& page);
/// Errors: `not_found`.
[[nodiscard]] Result<IncidentAnswer> trust_incident(const agents::TrustMonitoring& trust,
                                                    const std::string& id);

[[nodiscard]] CorrectionAnswer correction_answer(const agents::MeterCorrection& correction);
[[nodiscard]] IncidentAnswer incident_answer(const agents::TrustIncident& incident);

}  // namespace headroom::desk
