#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "trust/commissioning.hpp"
#include "trust/evidence.hpp"
#include "trust/incident_kind.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace headroom::agents {

/// A meter's readings as they are to be taken: phase p is `factor[p]` times what the meter calls phase
/// `order[p]`. Where the factor is the same for all phases, the sum is multiplied by it too.
struct MeterCorrection {
    std::string id;
    std::string meter;  ///< feeder or substation
    trust::CommissioningKind kind = trust::CommissioningKind::unexplained;
    std::array<double, 3> factor{1.0, 1.0, 1.0};
    std::array<std::uint8_t, 3> order{0, 1, 2};
    std::string proposal;  ///< in words
    std::string incident;  ///< that it was proposed by; empty: an operator's own
    UtcTime applied_at{};
    std::string applied_by;
    std::string reason;

    [[nodiscard]] bool changes_anything() const;
    /// The mapping that takes it back.
    [[nodiscard]] MeterCorrection inverse() const;
};

/// Why readings of a place are not believed, from its first evidence to its end.
struct TrustIncident {
    std::string id;     ///< begins with the time, so that lists by id are lists by time
    std::string place;  ///< substation, or feeder that is looked at alone
    std::string meter;  ///< feeder or substation whose meter is accused; empty when none can be told
    trust::IncidentKind kind = trust::IncidentKind::tampering;
    trust::Evidence evidence;  ///< the strongest so far
    UtcTime opened_at{};       ///< slot of the first evidence
    UtcTime last_at{};         ///< slot of the newest
    std::optional<UtcTime> closed_at;
    std::string closed_by;        ///< "core" when the evidence ended, otherwise who decided
    std::string closed_because;   ///< in words
    bool is_distrusting = false;  ///< the meter's readings are kept apart while it is open
    std::optional<MeterCorrection> proposal;
    std::string event;  ///< whose delivery is in doubt; empty: no delivery is

    [[nodiscard]] bool is_open() const { return !closed_at.has_value(); }
};

/// For the audit log and the records: integers only, fractions in thousandths (`…_milli`, `factor_micro`).
[[nodiscard]] json::Value to_json(const MeterCorrection& correction);
[[nodiscard]] json::Value to_json(const TrustIncident& incident);
/// Errors: `corrupt` naming the member.
[[nodiscard]] Result<MeterCorrection> correction_from_json(const json::Value& value);
[[nodiscard]] Result<TrustIncident> incident_from_json(const json::Value& value);

/// "T-20261120T1210-1f3a9c02": of the slot, and of what tells incidents of one slot apart.
[[nodiscard]] std::string incident_id(UtcTime slot, const std::string& place, const std::string& meter,
                                      trust::IncidentKind kind);

}  // namespace headroom::agents
