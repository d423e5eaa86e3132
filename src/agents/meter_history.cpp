#include "agents/meter_history.hpp"

#include "core/units.hpp"

#include <cmath>
#include <optional>

namespace headroom::agents {

settlement::MeterHistory history_of(const std::string& der, const store::SeriesBlock& block) {
    settlement::MeterHistory history;
    history.der = der;
    history.start = block.start;
    history.wh.reserve(block.values.size());
    for (const float mean_kw : block.values) {
        if (std::isfinite(mean_kw)) {
            history.wh.emplace_back(
                to_watt_hours(Kilowatts{static_cast<double>(mean_kw)} * period_length).value);
        } else {
            history.wh.emplace_back(std::nullopt);
        }
    }
    return history;
}

}  // namespace headroom::agents
