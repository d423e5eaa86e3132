#include "trust/incident.hpp"

#include "core/result.hpp"

#include <bit>

namespace headroom::trust {

Incident::Incident(IncidentRules rules) : rules_(rules) {
    HEADROOM_ASSERT(rules.raise >= 1 && rules.raise <= rules.among && rules.among <= 32 && rules.clear >= 1);
}

IncidentChange Incident::take(bool is_suspicious) {
    newest_ = (newest_ << 1U) | (is_suspicious ? 1U : 0U);
    if (is_open_) {
        quiet_ = is_suspicious ? 0 : quiet_ + 1;
        if (quiet_ < rules_.clear) {
            return IncidentChange::none;
        }
        is_open_ = false;
        newest_ = 0;
        peace_ = rules_.refractory;
        return IncidentChange::closed;
    }
    if (peace_ > 0) {
        --peace_;
        newest_ = 0;
        return IncidentChange::none;
    }
    const std::uint32_t window = rules_.among == 32 ? ~0U : (1U << rules_.among) - 1U;
    if (static_cast<std::uint32_t>(std::popcount(newest_ & window)) < rules_.raise) {
        return IncidentChange::none;
    }
    is_open_ = true;
    quiet_ = 0;
    ++opened_;
    return IncidentChange::opened;
}

}  // namespace headroom::trust
