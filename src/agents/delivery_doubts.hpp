#pragma once

#include "core/time.hpp"
#include "settlement/statement.hpp"
#include "trust/evidence.hpp"
#include "trust/incident_kind.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace headroom::agents {

/// A delivery that is to be paid and looks as if its meter lied.
struct DeliveryDoubt {
    std::size_t line = 0;  ///< of the settlement's input
    trust::IncidentKind kind = trust::IncidentKind::baseline_inflation;
    trust::Evidence evidence;
};

/// One-minute means of a resource in [from, to), kW, import positive; NaN or nothing where there are none.
using MinuteMeans = std::function<std::vector<double>(const std::string& der, UtcTime from, UtcTime to)>;

/// Looks at every line that is about to be paid for turning down: at the hours that its baseline was moved by
/// (`trust::find_baseline_inflation`), and at its minutes (`trust::find_flat_delivery`) where there are any.
/// `known_at` is when the provider knew of the event. Days of a clock change are not looked at. Pure but for
/// `minutes`, which may be empty.
[[nodiscard]] std::vector<DeliveryDoubt> find_delivery_doubts(const settlement::SettlementInput& input,
                                                              const settlement::SettlementResult& result,
                                                              UtcTime known_at, const MinuteMeans& minutes);

}  // namespace headroom::agents
