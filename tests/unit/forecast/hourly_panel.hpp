#pragma once

#include "core/random.hpp"
#include "forecast/series_panel.hpp"

#include <cmath>
#include <cstdint>
#include <numbers>

namespace headroom::forecast {

/// Hourly loads of two series over `days` days, with a daily wave.
inline Panel hourly_panel(int days) {
    const Random random(8);
    Panel panel{.step_s = 3600, .series = {{"F0", {}}, {"F1", {}}}};
    for (std::size_t s = 0; s < 2; ++s) {
        panel.series[s].load.first = 473'352;  // 2024-01-01
        for (int i = 0; i < 24 * days; ++i) {
            const double angle = 2.0 * std::numbers::pi * (i % 24) / 24.0;
            panel.series[s].load.values.push_back(50.0 + 20.0 * std::sin(angle) +
                                                  random.normal(s, static_cast<std::uint64_t>(i)));
        }
    }
    return panel;
}

}  // namespace headroom::forecast
